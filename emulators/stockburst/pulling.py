"""Reading the store: all of it when it is connected and once a day, and single things when a webhook tells of them.

A webhook is only a hint: it may be late, come twice, or show what is not so any more. So the thing is read again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..kernel import Emulation
from ..shop import PAGE, Shop, ShopRefused
from . import listings, orders
from .integrations import Integration, change
from .inventory import LISTINGS, Listing
from .orders import CUSTOMERS, Customer

FIRST_LOOK = timedelta(days=7)  # how old orders may be that are read when a store is connected
OVERLAP = timedelta(hours=1)  # orders are read again that far before the last time: clocks differ, requests take time


async def pull(here: Emulation, integration: Integration, shop: Shop, event: Mapping[str, Any]) -> None:
    """Read everything: products, variations, orders since the last time, customers. What is not there any more is
    gone; that is said only after a reading that came to its end."""
    begun = here.clock.now
    seen = await _products(here, integration, shop)
    for listing in here.store[Listing].all(LISTINGS.c.integration == integration.id, LISTINGS.c.gone.is_(False)):
        if listing.item not in seen:
            listings.gone(here, integration.id, listing.item)
    since = (integration.pulled_at - OVERLAP) if integration.pulled_at else begun - FIRST_LOOK
    stamp = since.strftime("%Y-%m-%dT%H:%M:%S")
    async for row in shop.every("/orders", modified_after=stamp, dates_are_gmt="true"):
        orders.take(here, integration.id, row)  # the products were read just now
    there = set()
    async for row in shop.every("/customers"):
        orders.take_customer(here, integration.id, row)
        there.add(int(row["id"]))
    for customer in here.store[Customer].all(CUSTOMERS.c.integration == integration.id):
        if customer.id not in there:
            orders.lose_customer(here, integration.id, customer.id)
    for listing in here.store[Listing].all(LISTINGS.c.integration == integration.id):
        if listing.refused:  # another day, another try
            here.store[Listing].put(replace(listing, refused=""))
    change(here, integration.id, pulled_at=begun)
    here.later("push", {"integration": integration.id}, once=True)


async def _products(here: Emulation, integration: Integration, shop: Shop) -> set[int]:
    """The numbers of all products and variations there are."""
    seen: set[int] = set()
    parents: list[int] = []
    async for rows in _some(shop.every("/products", _fields=listings.FIELDS)):
        kept = listings.take(here, integration, rows)
        seen |= {one.item for one in kept}
        parents += [one.item for one in kept if one.kind == "variable"]
    for parent in parents:
        seen |= await _variations(here, integration, shop, parent)
    return seen


async def _some(rows: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[list[Mapping[str, Any]]]:
    """As many rows at once as a page has."""
    some: list[Mapping[str, Any]] = []
    async for row in rows:
        some.append(row)
        if len(some) == PAGE:
            yield some
            some = []
    if some:
        yield some


async def _variations(here: Emulation, integration: Integration, shop: Shop, parent: int) -> set[int]:
    seen: set[int] = set()
    async for rows in _some(shop.every(f"/products/{parent}/variations", _fields=listings.FIELDS)):
        seen |= {one.item for one in listings.take(here, integration, rows, parent)}
    return seen


async def read_product(here: Emulation, integration: Integration, shop: Shop, event: Mapping[str, Any]) -> None:
    """One product, with its variations if it has any; or one variation, where the hint names it."""
    product, variation = int(event["product"]), int(event.get("variation") or 0)
    path = f"/products/{product}/variations/{variation}" if variation else f"/products/{product}"
    row = await _found(shop, path)
    if row is None or row.get("status") == "trash":
        listings.gone(here, integration.id, variation or product)
        return
    (kept,) = listings.take(here, integration, [row], product if variation else 0)
    if kept.kind == "variable":
        seen = await _variations(here, integration, shop, product)
        known = LISTINGS.c.integration == integration.id, LISTINGS.c.parent == product, LISTINGS.c.gone.is_(False)
        for listing in here.store[Listing].all(*known):
            if listing.item not in seen:
                listings.gone(here, integration.id, listing.item)
    if listings.pending(here, integration.id, product):
        here.later("push", {"integration": integration.id}, once=True)


async def read_order(here: Emulation, integration: Integration, shop: Shop, event: Mapping[str, Any]) -> None:
    """One order; and then the products whose stock it has moved."""
    row = await _found(shop, f"/orders/{int(event['order'])}")
    if row is None or row.get("status") == "trash":
        items = orders.lost(here, integration.id, int(event["order"]))
    else:
        items = orders.take(here, integration.id, row)
    for product, variation in items:
        which = {"product": product, "variation": variation} if variation else {"product": product}
        here.later("read product", {"integration": integration.id, **which}, once=True)


async def read_customer(here: Emulation, integration: Integration, shop: Shop, event: Mapping[str, Any]) -> None:
    """One customer. People who run the store are users too, and none of StockBurst's business."""
    row = await _found(shop, f"/customers/{int(event['customer'])}")
    if row is None or row.get("role") != "customer":
        orders.lose_customer(here, integration.id, int(event["customer"]))
    else:
        orders.take_customer(here, integration.id, row)


async def _found(shop: Shop, path: str) -> Mapping[str, Any] | None:
    try:
        row: Mapping[str, Any] = await shop.get(path)
    except ShopRefused as refused:
        if refused.status in (404, 410):
            return None
        raise
    return row
