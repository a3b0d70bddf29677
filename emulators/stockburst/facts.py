"""What StockBurst believes. Never a credential, and nothing that changes by itself as time goes by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..kernel import Emulation
from ..kernel.emulator import Fact
from . import account as accounts
from .account import CODES, SetupCode
from .incoming import TALLIES, Tally
from .integrations import INTEGRATIONS, Integration, newest
from .inventory import ARTICLES, LISTINGS, MOVEMENTS, Article, Listing, Movement
from .orders import CUSTOMERS, ORDERS, Customer, Order


def account(here: Emulation) -> dict[str, Any]:
    """The business account."""
    now = accounts.account(here)
    return {"name": now.name, "active": now.active}


def codes(here: Emulation) -> list[dict[str, Any]]:
    """The setup codes that were issued, without what they read."""
    return [
        {
            "number": code.id,
            "issued_at": _stamp(code.issued_at),
            "expires_at": _stamp(code.expires_at),
            "used": code.used_at is not None,
            "replaced": code.replaced_at is not None,
        }
        for code in here.store[SetupCode].all(order=[CODES.c.id])
    ]


def connection(here: Emulation) -> dict[str, Any]:
    """The integration that was made last, or that there is none."""
    found = newest(here)
    return _shown(found) if found else {"status": "none"}


def integrations(here: Emulation) -> dict[str, Any]:
    """All integrations by their store's address; of several of one store the newest."""
    return {i.store_url: _shown(i) for i in here.store[Integration].all(order=[INTEGRATIONS.c.number])}


def health(here: Emulation) -> dict[str, Any]:
    """The last health signal of the newest integration."""
    found = newest(here)
    return {"at": _stamp(found.health_at), **found.health} if found and found.health_at else {}


def webhooks(here: Emulation) -> dict[str, Any]:
    """The webhooks that the plugin registered, by topic."""
    found = newest(here)
    return {w["topic"]: {"id": w["id"], "status": w["status"]} for w in found.webhooks} if found else {}


def heard(here: Emulation) -> dict[str, int]:
    """How many webhooks were taken in, by topic."""
    counted: dict[str, int] = {}
    for tally in here.store[Tally].all(order=[TALLIES.c.topic]):
        counted[tally.topic] = counted.get(tally.topic, 0) + tally.count
    return counted


def stock(here: Emulation) -> dict[str, int]:
    """Pieces by SKU; what nobody counts is missing."""
    found = here.store[Article].all(order=[ARTICLES.c.sku])
    return {a.sku: a.quantity for a in found if a.quantity is not None}


def prices(here: Emulation) -> dict[str, str]:
    """Prices by SKU."""
    return {a.sku: a.price for a in here.store[Article].all(order=[ARTICLES.c.sku]) if a.price}


def movements(here: Emulation) -> list[dict[str, Any]]:
    """Every change of a quantity, oldest first; together they are the stock."""
    return [
        {"sku": m.sku, "quantity": m.quantity, "why": m.why, "note": m.note, "at": _stamp(m.at)}
        for m in here.store[Movement].all(order=[MOVEMENTS.c.id])
    ]


def listings(here: Emulation) -> dict[str, Any]:
    """What the stores list, by SKU or "#" and the store's number of it; stock and price as last read or written."""
    return {
        one.sku or f"#{one.item}": {
            "item": one.item,
            "parent": one.parent,
            "name": one.name,
            "status": one.status,
            "stock": one.stock,
            "price": one.price,
            "problem": one.problem,
            "gone": one.gone,
        }
        for one in _later_last(here, here.store[Listing].all(order=[LISTINGS.c.item.desc()]))
    }


def _later_last(here: Emulation, found: Sequence[Any]) -> list[Any]:
    """Of a store that was connected twice, what the later integration knows comes after what the earlier one knew."""
    numbers = {one.id: one.number for one in here.store[Integration].all()}
    return sorted(found, key=lambda one: numbers.get(one.integration, 0))


def orders(here: Emulation) -> dict[str, Any]:
    """Orders by their number in the store, as the newest integration knows them."""
    return {
        order.number: {
            "status": order.status,
            "total": order.total,
            "currency": order.currency,
            "lines": order.lines,
            "email": order.email,
            "name": order.name,
        }
        for order in _later_last(here, here.store[Order].all(order=[ORDERS.c.id]))
    }


def customers(here: Emulation) -> dict[str, Any]:
    """Customers by their e-mail address."""
    return {
        one.email: {"id": one.id, "name": one.name, "phone": one.phone}
        for one in _later_last(here, here.store[Customer].all(order=[CUSTOMERS.c.id]))
    }


def _shown(one: Integration) -> dict[str, Any]:
    return {
        "status": one.link.value,
        "integration_id": one.id,
        "store_url": one.store_url,
        "by_hand": one.by_hand,
        "token": "revoked" if one.token_revoked_at else "good" if one.token_digest else "none",
        "versions": one.versions,
        "problem": one.problem,
        "read": one.pulled_at is not None,
    }


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


FACTS: dict[str, Fact] = {
    "account": account,
    "codes": codes,
    "connection": connection,
    "customers": customers,
    "health": health,
    "heard": heard,
    "integrations": integrations,
    "listings": listings,
    "movements": movements,
    "orders": orders,
    "prices": prices,
    "stock": stock,
    "webhooks": webhooks,
}
