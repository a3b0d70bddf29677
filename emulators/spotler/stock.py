"""Stock: what the warehouse has, what is set aside for orders, and what the shops are told.

Source: Spotler Connect help: connector overview (stock goes to WooCommerce in real time; what is changed there is not
read back by default). Assumed: pieces set aside for open orders are not offered; a shop counts its own orders by
itself, so nothing is written for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Statement, Table, dataclass, emulation
from . import goods, plugin
from .connector import Connector, carrying, found, shop_of
from .errors import Conflict, Invalid
from .goods import Listing, Master
from .presets import OUT, only_source_of_stock
from .rule_book import judged
from .work import Failed, ask

MOST = 1_000_000_000  # pieces


@dataclass(frozen=True)
class Level:
    """Pieces of a master product on the shelves of the warehouse. No level is not zero: the warehouse does not know
    the product."""

    master: int
    on_hand: int = 0


@dataclass(frozen=True)
class Holding:
    """Pieces set aside. `owner`: "4/12" is order 12 of connector 4, "platform 3/BOL-1" an order of a platform."""

    key: str  # "owner:master"
    owner: str
    master: int
    pieces: int


LEVELS = Table(Level, "spotler_levels", key="master")
HOLDINGS = Table(Holding, "spotler_holdings", key="key", columns=("owner", "master", "pieces"), indexes=[("owner",)])
TABLES = (LEVELS, HOLDINGS)
H = HOLDINGS.c
_HELD = Statement(
    sa.select(sa.func.coalesce(sa.func.sum(H.pieces), 0)).where(
        H.master == sa.bindparam("master", type_=sa.BigInteger())
    )
)


def held(here: Emulation, master: int) -> int:
    ((pieces,),) = here.store.run(_HELD, master=master)
    return int(pieces)


def available(here: Emulation, master: int) -> int | None:
    """Pieces that may be sold; below zero when more are promised than there are. None: the warehouse has no level."""
    level = here.store[Level].get(master)
    return None if level is None else level.on_hand - held(here, master)


def hold(here: Emulation, owner: str, pieces: Mapping[int, int]) -> dict[int, int]:
    """Set these pieces aside, by master product, in place of what was. The difference for each: what is held now less
    what was held."""
    before = {one.master: one.pieces for one in here.store[Holding].all(H.owner == owner)}
    here.store[Holding].delete_where(H.owner == owner)
    here.store[Holding].put_all([Holding(f"{owner}:{m}", owner, m, n) for m, n in pieces.items() if n])
    return {m: n for m in before.keys() | pieces.keys() if (n := pieces.get(m, 0) - before.get(m, 0))}


def brought_to(here: Emulation, master: Master, on_hand: int) -> None:
    here.store[Level].put(Level(master.id, on_hand))
    moved(here, [master.id])


def moved(here: Emulation, masters: Iterable[int]) -> None:
    """Stock has changed: every shop that shows another number is told the new one."""
    at_work = {c.id: c for c in carrying(here, "stock", OUT)}
    for number in sorted(set(masters)):
        wanted = available(here, number)
        if wanted is None:
            continue
        for listing in here.store[Listing].all(goods.L.master == number, goods.L.present, order=[goods.L.key]):
            known = listing.expected is not None and max(0, listing.expected) == max(0, wanted)
            if listing.connector in at_work and not known:
                ask(here, listing.connector, "export", "stock", listing.label)


def counted_along(here: Emulation, connector: int, changes: Mapping[int, int]) -> None:
    """The shop has changed its own number by as much as was set aside (or let go): it shows what it should."""
    for master, pieces in changes.items():
        listing = _of_master(here, connector, master)
        if listing is not None and listing.expected is not None:
            here.store[Listing].put(replace(listing, expected=listing.expected - pieces))


def _of_master(here: Emulation, connector: int, master: int) -> Listing | None:
    return here.store[Listing].first(goods.L.connector == connector, goods.L.master == master, goods.L.present)


async def export(here: Emulation, connector: Connector, label: str) -> None:
    """Write the absolute number to the product or variation, unless the plugin says that the shop shows it already:
    nothing else of it is touched.

    Raises `Failed` where the shop does not count this product, since the number would be ignored.
    """
    listing = here.store[Listing].first(goods.L.connector == connector.id, goods.L.label == label, goods.L.present)
    wanted = available(here, listing.master) if listing is not None else None
    if listing is None or wanted is None or not connector.carries("stock", OUT):
        return
    values = {"sku": listing.values["sku"], "quantity": max(0, wanted)}
    about = f"stock of {label} to {connector.name}"
    outcome = judged(here, "stock", "export", connector.id, values, zone=connector.timezone, about=about)
    if outcome.blocked_by is not None:
        return
    quantity = max(0, round(outcome.values["quantity"]))
    path = f"/products/{listing.parent}/variations/{listing.item}" if listing.parent else f"/products/{listing.item}"
    if await plugin.shown_stock(here, connector, listing.item) != quantity:
        answer = await shop_of(here, connector).put(path, {"stock_quantity": quantity})
        if answer.get("manage_stock") is not True:
            said = "the shop does not count its pieces itself: switch stock management on for it"
            raise Failed("stock_not_managed", f"Stock of {label} was not taken: {said}.")
    now = here.store[Listing].get(listing.key)
    if now is not None:
        here.store[Listing].put(replace(now, expected=wanted, quantity=quantity, managed=True))
        moved(here, [listing.master])  # it may have changed again while the number was on its way


def put_right(here: Emulation, connector: Connector, listing: Listing) -> None:
    """In a preset where the warehouse is the only source of stock, another number in the shop is written over."""
    if not only_source_of_stock(connector.preset) or listing.expected is None or not listing.managed:
        return
    if listing.quantity != max(0, listing.expected):
        here.store[Listing].put(replace(listing, expected=None))
        moved(here, [listing.master])


# ---------------------------------------------------------------------------------------------- over the API


def list_all(connector_id: int) -> dict[str, Any]:
    """What the shop should show of each product that the warehouse knows."""
    here = emulation()
    connector = found(here, connector_id)
    listings = here.store[Listing].all(goods.L.connector == connector.id, order=[goods.L.item])
    return {"data": [row for one in listings if (row := _row(here, one)) is not None]}


def _row(here: Emulation, listing: Listing) -> dict[str, Any] | None:
    level = here.store[Level].get(listing.master)
    if level is None:
        return None
    reserved = held(here, listing.master)
    return {
        "sku": listing.values["sku"] or None,
        "barcode": listing.values["barcode"] or None,
        "on_hand": level.on_hand,
        "reserved": reserved,
        "available": level.on_hand - reserved,
        "in_shop": listing.expected,
    }


def set_levels(connector_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The warehouse reports absolute quantities. Errors: 409 where the preset moves no stock, 422 for a SKU or barcode
    that no master product has; then nothing is taken."""
    here = emulation()
    connector = found(here, connector_id)
    if not connector.is_alive:
        raise Conflict("This connector was removed.", code="connector_removed")
    if not connector.carries("stock", OUT):
        raise Conflict(f"The preset {connector.preset.value} moves no stock.", code="not_in_preset")
    masters: list[tuple[Master, int]] = []
    errors = {}
    for n, item in enumerate(body["items"]):
        master = goods.by_label(here, item.get("sku") or item.get("barcode") or "")
        if master is None:
            errors[f"items.{n}"] = "no master product has this SKU or barcode"
        else:
            masters.append((master, item["quantity"]))
    if errors:
        raise Invalid(errors)
    for master, quantity in masters:
        brought_to(here, master, quantity)
    return {"accepted": len(masters)}, 202
