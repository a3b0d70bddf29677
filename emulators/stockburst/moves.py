"""What a person does in StockBurst, and what StockBurst's people do. Units: pieces; prices like "12.50"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ..kernel import Emulation, LabError
from ..kernel.emulator import Move
from . import work
from .account import LIFETIME, issue_code, set_active
from .by_hand import set_up
from .integrations import LIFE, Integration, Link, live, newest
from .inventory import Article, article as found_article, bring_to, move as moved, set_price

_PRICE = re.compile(r"\d{1,9}(\.\d{1,4})?")
_MOST = 10**9


# -- Business Settings, Integration, WooCommerce


def issue_setup_code(here: Emulation) -> dict[str, Any]:
    """Generate a setup code: it is shown now and never again, works once, and those before it not any more."""
    code, said = issue_code(here)
    minutes = int(LIFETIME.total_seconds() // 60)
    return {"setup_code": said, "expires_at": code.expires_at.isoformat(timespec="seconds"), "minutes": minutes}


def remove_integration(here: Emulation) -> dict[str, Any]:
    """Remove the newest integration. What was learned of the store stays on StockBurst's books; the store's webhooks
    are turned away from now on."""
    found = _present(here)
    here.store[Integration].put(
        replace(
            found, link=LIFE.after(found.link, "remove"), removed_at=here.clock.now, consumer_key="", consumer_secret=""
        )
    )
    work.end(here, found.id)
    return {"integration_id": found.id, "status": "removed"}


def revoke_token(here: Emulation) -> dict[str, Any]:
    """Revoke the site token of the newest integration: health signals are refused; the work in the store goes on."""
    found = _present(here)
    here.store[Integration].put(replace(found, token_revoked_at=here.clock.now))
    return {"integration_id": found.id}


def compare_now(here: Emulation) -> dict[str, Any]:
    """Read every connected store as a whole, now."""
    for one in live(here):
        here.later("compare", {"integration": one.id}, once=True)
    return {"stores": len(live(here))}


# -- the account


def suspend_account(here: Emulation) -> None:
    """The account is not active any more: nothing is connected, read or written."""
    set_active(here, False)


def reactivate_account(here: Emulation) -> None:
    """Active again: every connected store is read as a whole, to catch up."""
    set_active(here, True)
    for one in live(here):
        here.later("compare", {"integration": one.id}, once=True)


# -- the inventory


def adjust_stock(here: Emulation, sku: str, quantity: int) -> dict[str, Any]:
    """Set what there is of an article, after counting it; the stores follow."""
    _the_article(here, sku)
    bring_to(here, sku, _pieces(quantity), "adjustment")
    return _told(here, sku)


def change_price(here: Emulation, sku: str, price: str | float) -> dict[str, Any]:
    """Set the price of an article; the stores follow."""
    said = str(price)
    if not _PRICE.fullmatch(said):
        raise LabError(f"{said!r} is not a price; write it like 12.50")
    _the_article(here, sku)
    set_price(here, sku, said)
    return _told(here, sku)


def sell_elsewhere(here: Emulation, sku: str, quantity: int = 1, marketplace: str = "Takealot") -> dict[str, Any]:
    """An article is sold on a marketplace that StockBurst itself is linked to; the stores follow."""
    _the_article(here, sku)
    moved(here, sku, -_pieces(quantity), "marketplace", marketplace)
    return _told(here, sku)


def add_article(here: Emulation, sku: str, quantity: int = 0, price: str = "") -> dict[str, Any]:
    """An article that StockBurst has before any store lists it."""
    bring_to(here, sku, _pieces(quantity), "adjustment")
    if price:
        set_price(here, sku, price)
    return _told(here, sku)


def _told(here: Emulation, sku: str) -> dict[str, Any]:
    """The article; every connected store is written to soon."""
    for one in live(here):
        here.later("push", {"integration": one.id}, once=True)
    now = _the_article(here, sku)
    return {"sku": sku, "quantity": now.quantity, "price": now.price}


def _the_article(here: Emulation, sku: str) -> Article:
    found = found_article(here, sku)
    if found is None:
        there = ", ".join(a.sku for a in here.store[Article].all(limit=10)) or "none"
        raise LabError(f"StockBurst has no article {sku!r}; it has: {there}", status=404, code="unknown_article")
    return found


def _pieces(quantity: int) -> int:
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 0 <= quantity <= _MOST:
        raise LabError(f"{quantity!r} is not a number of pieces: 0 or more, and whole")
    return quantity


def _present(here: Emulation) -> Integration:
    found = newest(here)
    if found is None or found.link is Link.REMOVED:
        raise LabError("no store is connected", status=409, code="not_connected")
    return found


MOVES: dict[str, Move] = {
    "add article": add_article,
    "adjust stock": adjust_stock,
    "change price": change_price,
    "compare now": compare_now,
    "issue setup code": issue_setup_code,
    "reactivate account": reactivate_account,
    "remove integration": remove_integration,
    "revoke token": revoke_token,
    "sell elsewhere": sell_elsewhere,
    "set up by hand": set_up,
    "suspend account": suspend_account,
}
