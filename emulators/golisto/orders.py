"""Telling the store of a sale: one order for each, found again by its mark before it is made, so that an answer that
got lost makes no second one; then whatever the sale comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..kernel import Emulation
from ..shop import Shop, ShopRefused, ShopSilent
from . import catalogue, permission, sales
from .permission import Stopped
from .sales import Line, Sale, SaleStatus

OVERLAP = timedelta(hours=1)  # by which the clocks of store and Golisto may differ
FOUND_FIELDS = "id,status,meta_data"


def queue(here: Emulation, sale: Sale) -> None:
    here.later("tell store", {"sale": sale.id}, once=True)


async def tell(here: Emulation, event: Mapping[str, Any]) -> None:
    """Bring the order to how the sale stands now; twice is harmless."""
    id_, tries = event["sale"], event.get("try", 1)
    sale = here.store[Sale].get(id_)
    if sale is None or sale.told:
        return
    try:
        shop = permission.shop(here, permission.the(here, sale.site))
        found = await _found(here, shop, sale)
        sale = _now(here, sale)
        if found is None and sale.status is SaleStatus.CANCELLED:
            _told(here, sale, sale)  # there never was an order
            return
        permission.the(here, sale.site)
        if found is None:
            made = permission.an_object(await shop.post("/orders", sales.new_order(sale)), "id")
            _in_store(here, sale, int(made["id"]))
            found = made
        elif not sale.order:
            _in_store(here, sale, int(found["id"]))
        await _brought_up(here, shop, _now(here, sale), found)
    except Stopped:
        return
    except (ShopRefused, ShopSilent) as failed:
        here.store[Sale].put(replace(_now(here, sale), trouble=str(failed)))
        after = permission.pause(failed, tries)
        if after is not None:
            here.later("tell store", {"sale": id_, "try": tries + 1}, after=after)


async def _found(here: Emulation, shop: Shop, sale: Sale) -> Mapping[str, Any] | None:
    """The store's order of this sale, if there is one: by its number, else among the orders since the sale."""
    if sale.order:
        return permission.an_object(await shop.get(f"/orders/{sale.order}", _fields=FOUND_FIELDS), "id")
    since = (sale.at - OVERLAP).strftime("%Y-%m-%dT%H:%M:%S")
    async for row in shop.every("/orders", after=since, dates_are_gmt=True, _fields=FOUND_FIELDS):
        if sales.is_of(row, sale):
            return row
    return None


async def _brought_up(here: Emulation, shop: Shop, sale: Sale, found: Mapping[str, Any]) -> None:
    permission.the(here, sale.site)
    body = sales.changed_order(sale, str(found.get("status") or ""))
    if "status" in body or not carries(found, body["meta_data"]):
        await shop.put(f"/orders/{sale.order}", body)
    _told(here, sale, _now(here, sale))
    for product in {line.product for line in sale.all_lines()}:
        here.later("read product", {"site": sale.site, "product": product}, once=True)


def carries(row: Mapping[str, Any], metadata: list[dict[str, str]]) -> bool:
    """Whether the order has all of this already."""
    there = {m.get("key"): m.get("value") for m in row.get("meta_data") or () if isinstance(m, Mapping)}
    return all(there.get(entry["key"]) == entry["value"] for entry in metadata)


def _now(here: Emulation, sale: Sale) -> Sale:
    """The sale as it is after an answer was waited for."""
    found = here.store[Sale].get(sale.id)
    if found is None:
        raise Stopped
    return found


def _in_store(here: Emulation, sale: Sale, order: int) -> None:
    """The order is there, and its pieces are gone from the store's stock."""
    here.store[Sale].put(replace(_now(here, sale), order=order))
    for line in sale.all_lines():
        _taken(here, sale.site, line)


def _taken(here: Emulation, site: str, line: Line) -> None:
    listing = here.store[catalogue.Listing].get((site, line.product, line.variation))
    if listing and listing.stock is not None:
        here.store[catalogue.Listing].put(replace(listing, stock=max(0, listing.stock - line.quantity)))


def _told(here: Emulation, told: Sale, now: Sale) -> None:
    """The store knows what it was told; if more has happened meanwhile, it is told that next."""
    same = (told.status, told.shipment, told.payout) == (now.status, now.shipment, now.payout)
    here.store[Sale].put(replace(now, told=same, trouble=""))
    if not same:
        queue(here, now)
