"""Named situations of a StockBurst account. A situation is quiet: nothing is read, written or sent because of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..kernel import Emulation, LabError
from ..kernel.emulator import State
from .account import (
    CODES,
    LIFETIME,
    LOCKED_FOR,
    Account,
    Guesser,
    SetupCode,
    digest,
    issue_code,
    plain,
    set_active,
)
from .incoming import Tally
from .integrations import (
    BASE,
    INTEGRATIONS,
    Integration,
    Link,
    delivery_url,
    issue_token,
    keep,
    live_one,
    newest,
    token_of,
)
from .inventory import Article, Listing, Movement, bring_to, set_price
from .orders import Customer, Order

STORE = "http://127.0.0.1:9/shop"
KEY, SECRET = "ck_" + "1" * 40, "cs_" + "2" * 40
CODE = "SB-2345-6789"


def an_empty_account(here: Emulation) -> None:
    """Active, with nothing in it."""
    for record in (SetupCode, Guesser, Integration, Article, Movement, Listing, Order, Customer, Tally):
        here.store[record].delete_where()
    here.store[Account].put(Account())


def an_open_setup_code(here: Emulation, code: str = CODE) -> dict[str, Any]:
    """This setup code may be used for the next fifteen minutes; it is the newest."""
    if not plain(code):
        raise LabError("a setup code has letters or digits")
    known = here.store[SetupCode].first(CODES.c.digest == digest(plain(code)), order=[CODES.c.id.desc()])
    if known is None:
        known, _ = issue_code(here, code)
    now = here.clock.now
    here.store[SetupCode].put(replace(known, issued_at=now, expires_at=now + LIFETIME, used_at=None, replaced_at=None))
    return {"setup_code": plain(code)}


def a_used_setup_code(here: Emulation, code: str = CODE) -> dict[str, Any]:
    """This setup code has connected a store already."""
    made = an_open_setup_code(here, code)
    _changed(here, code, used_at=here.clock.now)
    return made


def an_expired_setup_code(here: Emulation, code: str = CODE) -> dict[str, Any]:
    """This setup code was issued an hour ago and never used."""
    made = an_open_setup_code(here, code)
    issued = here.clock.now - timedelta(hours=1)
    _changed(here, code, issued_at=issued, expires_at=issued + LIFETIME)
    return made


def _changed(here: Emulation, code: str, **values: Any) -> None:
    known = here.store[SetupCode].first(CODES.c.digest == digest(plain(code)), order=[CODES.c.id.desc()])
    assert known is not None
    here.store[SetupCode].put(replace(known, **values))


def too_many_wrong_codes(here: Emulation, caller: str = "127.0.0.1") -> None:
    """Five setup codes in a row from here were wrong: no more is looked at for a while."""
    now = here.clock.now
    here.store[Guesser].put(Guesser(caller, 0, now, now + LOCKED_FOR))


def an_inactive_account(here: Emulation) -> None:
    """The account was suspended."""
    set_active(here, False)


def a_connected_store(
    here: Emulation, store_url: str = STORE, consumer_key: str = KEY, consumer_secret: str = SECRET, secret: str = ""
) -> dict[str, Any]:
    """This store is connected by the plugin, and was not read yet. `secret` is what its webhooks are signed with (drawn
    when left out). Answers what the plugin was told."""
    found = live_one(here, store_url)
    if found is None or not found.token_digest or found.token_revoked_at:
        found, _ = issue_token(here, keep(here, store_url, consumer_key, consumer_secret))
    found = here.store[Integration].put(
        replace(
            found,
            link=Link.CONNECTED,
            consumer_key=consumer_key,
            consumer_secret=consumer_secret,
            secret=secret or found.secret,
        )
    )
    return {
        "integration_id": found.id,
        "site_token": token_of(here, found),
        "source": store_url,
        "secret": found.secret,
        "delivery_url": delivery_url(here, found),
        "health_url": f"{here.root}{BASE}/health",
    }


def a_removed_integration(here: Emulation, store_url: str = STORE) -> dict[str, Any]:
    """A store was connected, and removed again in StockBurst."""
    found = next((i for i in here.store[Integration].all(order=[INTEGRATIONS.c.number.desc()])
                  if i.store_url == store_url and i.link is Link.REMOVED), None)  # fmt: skip
    if found is None:
        a_connected_store(here, store_url)
        connected = live_one(here, store_url)
        assert connected is not None
        found = here.store[Integration].put(replace(connected, link=Link.REMOVED, removed_at=here.clock.now))
    return {
        "integration_id": found.id,
        "site_token": token_of(here, found),
        "secret": found.secret,
        "delivery_url": delivery_url(here, found),
    }


def a_revoked_token(here: Emulation, store_url: str = STORE) -> dict[str, Any]:
    """A store is connected, and its site token was revoked."""
    found = live_one(here, store_url)
    if found is None:
        a_connected_store(here, store_url)
        found = newest(here)
    assert found is not None
    if found.token_revoked_at is None:
        found = here.store[Integration].put(replace(found, token_revoked_at=here.clock.now))
    return {"integration_id": found.id, "site_token": token_of(here, found)}


def an_article(here: Emulation, sku: str = "MUG", quantity: int = 10, price: str = "9.50") -> dict[str, Any]:
    """StockBurst has this article, listed nowhere yet."""
    now = bring_to(here, sku, quantity, "opening")
    set_price(here, sku, price)
    return {"sku": now.sku, "quantity": quantity}


def a_listed_article(
    here: Emulation, sku: str = "MUG", quantity: int = 10, price: str = "9.50", item: int = 11, parent: int = 0
) -> dict[str, Any]:
    """The newest connected store (one is connected if there is none) lists this article, with this stock and price, as
    product `item`, or as that variation of `parent`."""
    if newest(here) is None:
        a_connected_store(here)
    integration = newest(here)
    assert integration is not None
    an_article(here, sku, quantity, price)
    kind = "variation" if parent else "simple"
    listing = Listing(integration.id, item, parent, sku, name=sku, kind=kind, stock=quantity, price=price)
    here.store[Listing].put(listing)
    return {"sku": sku, "item": item}


STATES: dict[str, State] = {
    "a listed article": a_listed_article,
    "a connected store": a_connected_store,
    "a removed integration": a_removed_integration,
    "a revoked token": a_revoked_token,
    "a used setup code": a_used_setup_code,
    "an article": an_article,
    "an empty account": an_empty_account,
    "an expired setup code": an_expired_setup_code,
    "an inactive account": an_inactive_account,
    "an open setup code": an_open_setup_code,
    "too many wrong codes": too_many_wrong_codes,
}
