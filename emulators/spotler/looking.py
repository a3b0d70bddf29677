"""What Connect does by itself: the first import, a look at the products every five minutes, and at its webhooks.

Source: Spotler Connect help: connector overview (products every five minutes; webhooks must not be disabled by hand),
onboarding presets (the first import looks back 7 days for orders, 10 years for products and contacts). Assumed: how
changes are found, that everything is compared once an hour, and that a webhook out of order is seen by the same look.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ..kernel import Emulation
from ..shop import Shop, ShopRefused, ShopSilent
from . import alerts, contacts, goods, orders, stock, webhooks
from .connector import POLL, Connector, State, changed, found, moved, shop_of
from .moments import asked, read as moment
from .presets import IN, LOOK_BACK
from .work import FIRST, Again, C as WORK, Failed, ask, ask_again, broken

OVERLAP = timedelta(minutes=10)  # looked at again, should the clocks differ
WHOLE = timedelta(hours=1)  # between two comparisons of everything: not every change moves a product's date
PATIENCE = 5  # looks that may go unanswered before somebody is told


async def first_import(here: Emulation, connector: Connector, ref: str) -> None:
    """Make the webhooks, then read what was there before. Done again from the start when it breaks off."""
    shop, begun = shop_of(here, connector), here.clock.now
    await webhooks.put_in_order(here, connector)
    await look_at_products(here, shop, connector, whole=True)
    if connector.carries("contacts", IN):
        await _import_contacts(here, shop, connector, begun - LOOK_BACK["contacts"])
    await import_orders(here, shop, connector, after=asked(begun - LOOK_BACK["orders"]))
    now = found(here, connector.id)
    if now.state is State.IMPORTING:
        now = moved(here, connector.id, "finish import", imported_at=here.clock.now, problem=None)
    if now.state is State.ACTIVE:
        changed(here, connector.id, polled_at=begun, compared_at=begun)
        show_stock(here, connector)


async def _import_contacts(here: Emulation, shop: Shop, connector: Connector, since: datetime) -> None:
    async for row in shop.every("/customers"):
        made = moment(row.get("date_created_gmt"))
        if made is None or made >= since:
            contacts.take(here, connector, row)


async def import_orders(here: Emulation, shop: Shop, connector: Connector, **since: str) -> None:
    """Orders since a time; one that cannot be taken in gets its alert, and stops no other."""
    async for row in shop.every("/orders", **since, dates_are_gmt=True):
        try:
            await orders.with_products(here, shop, connector, row)
            orders.take(here, connector, await orders.with_shipments(here, connector, row))
        except (Failed, Again):
            ask(here, connector.id, "import", "order", row["id"])


def show_stock(here: Emulation, connector: Connector) -> None:
    """Tell the shop every number that it was not told yet."""
    listings = here.store[goods.Listing].all(goods.L.connector == connector.id, goods.L.present)
    stock.moved(here, [one.master for one in listings if one.master])


# ---------------------------------------------------------------------------------------------- every five minutes


async def poll(here: Emulation, event: dict[str, Any]) -> None:
    """The job "poll". Also how a connector in error finds out that the shop opens again."""
    connector = here.store[Connector].get(event["connector"])
    if connector is None or connector.state not in (State.ACTIVE, State.ERROR):
        return
    try:
        await webhooks.look(here, connector)
        if connector.state is State.ERROR:
            connector = recovered(here, connector.id)
        await _look(here, connector)
    except ShopSilent as silent:
        _unanswered(here, connector.id, silent)
    except ShopRefused as refused:
        if refused.status in (401, 403):
            broken(here, connector, refused)
        else:
            _unanswered(here, connector.id, ShopSilent(str(refused)))
    else:
        alerts.settled(here, connector.id, "import", "connector", "poll")


async def _look(here: Emulation, connector: Connector) -> None:
    begun, shop = here.clock.now, shop_of(here, connector)
    whole = connector.compared_at is None or begun - connector.compared_at >= WHOLE
    await look_at_products(here, shop, connector, whole=whole)
    kept = found(here, connector.id)
    if kept.heard_until is not None and webhooks.all_well(kept):
        await import_orders(here, shop, kept, modified_after=asked(kept.heard_until - OVERLAP))
        if kept.carries("contacts", IN):
            await _import_contacts(here, shop, kept, kept.heard_until - LOOK_BACK["contacts"])
        changed(here, connector.id, heard_until=None)
    now = changed(here, connector.id, polled_at=begun, silent_polls=0)
    if whole:
        changed(here, connector.id, compared_at=begun)
    goods.match_again(here, now)
    show_stock(here, now)


async def look_at_products(here: Emulation, shop: Shop, connector: Connector, *, whole: bool) -> None:
    """Read what was changed since the last look (with some overlap), or everything."""
    since = None
    if not whole and connector.polled_at is not None:
        since = asked(connector.polled_at - OVERLAP)
    oldest = asked(here.clock.now - LOOK_BACK["products"])
    seen: set[int] = set()
    query = {"status": "any", "after": oldest, "modified_after": since, "dates_are_gmt": True, "_fields": goods.FIELDS}
    async for row in shop.every("/products", **query):
        seen.add(int(row["id"]))
        if not goods.stands_for_others(row):
            _took(here, connector, goods.take(here, connector, row))
            continue
        if row.get("type") == "variable":
            async for child in shop.every(f"/products/{row['id']}/variations", status="any"):
                seen.add(int(child["id"]))
                _took(here, connector, goods.take(here, connector, child, row))
    if whole:
        goods.missing(here, connector, seen)


def _took(here: Emulation, connector: Connector, listing: goods.Listing | None) -> None:
    if listing is not None:
        stock.put_right(here, connector, listing)


def _unanswered(here: Emulation, number: int, silent: ShopSilent) -> None:
    connector = changed(here, number, silent_polls=found(here, number).silent_polls + 1)
    if connector.silent_polls > PATIENCE:
        said = f"{connector.shop_url} does not answer: {silent}; looked {connector.silent_polls} times"
        alerts.raised(
            here, connector, "import", "connector", "poll", "shop_does_not_answer", said, connector.silent_polls
        )


def recovered(here: Emulation, number: int) -> Connector:
    """At work again: what waited is done, and what was missed is looked for."""
    again = "start import again" if found(here, number).imported_at is None else "recover"
    connector = moved(here, number, again, problem=None)
    alerts.settled(here, number, "import", "connector", "key")
    ask_again(here, WORK.connector == number)
    if connector.state is State.IMPORTING:
        ask(here, number, "import", FIRST, "import")
    return connector


def keep_looking(here: Emulation, number: int) -> None:
    here.later("poll", {"connector": number}, after=POLL, every=POLL, once=True)
