"""Writing to the store: stock and price of what StockBurst has changed, and nothing else.

Before anything is written it is read again, so that what was sold meanwhile is not lost. A single item is written by
its own path, several together; of several each answer is looked at. WooCommerce has no conditional write: a sale
between the reading and the writing is overwritten, as in every connector of its kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from ..kernel import Emulation
from ..shop import Shop, ShopRefused
from . import listings
from .integrations import Integration
from .inventory import Listing, Wanted, article, wanted

AT_ONCE = 100  # rows in one batch: more WooCommerce does not take


async def push(here: Emulation, integration: Integration, shop: Shop, event: Mapping[str, Any]) -> None:
    """Bring the store to what StockBurst has. What it does not take is noted beside the listing."""
    for some in _groups(listings.pending(here, integration.id)):
        await _write(here, integration, shop, some[0].parent, some)


def _groups(pending: Sequence[Listing]) -> Iterator[list[Listing]]:
    """Of one parent each: products together, variations by their product."""
    for _, found in groupby(pending, key=lambda listing: listing.parent):
        rows = list(found)
        for start in range(0, len(rows), AT_ONCE):
            yield rows[start : start + AT_ONCE]


async def _write(here: Emulation, integration: Integration, shop: Shop, parent: int, some: Sequence[Listing]) -> None:
    path = f"/products/{parent}/variations" if parent else "/products"
    fresh = await _read_again(shop, path, [listing.item for listing in some])
    listings.take(here, integration, list(fresh.values()), parent)
    for listing in some:
        if listing.item not in fresh:
            listings.gone(here, integration.id, listing.item)
    items = {listing.item for listing in some}
    still = [one for one in listings.pending(here, integration.id) if one.item in items]
    if not still:
        return
    mark = f"{integration.number}.{here.ids.next('stockburst.write')}"
    wants = {one.item: wanted(one, article(here, one.sku)) for one in still}
    under_way = [replace(one, mark=mark, writing=wants[one.item].stock) for one in still]
    here.store[Listing].put_all(under_way)
    rows = [{"id": one.item, **row(wants[one.item], mark)} for one in under_way]
    answers = await sent(shop, path, rows)
    for one in under_way:
        now = here.store[Listing].get((one.integration, one.item))
        if now is not None:
            here.store[Listing].put(after(now, wants[one.item], answers.get(one.item, "no answer for this row")))


async def _read_again(shop: Shop, path: str, items: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """By number; what is missing is not there any more."""
    include = ",".join(map(str, items))
    query: dict[str, str | int] = {"include": include, "per_page": AT_ONCE, "orderby": "id", "order": "asc"}
    try:
        rows = await shop.rows(path, **query, _fields=listings.FIELDS)
    except ShopRefused as refused:
        if refused.status == 404:  # the product is gone, and its variations with it
            return {}
        raise
    return {int(found["id"]): found for found in rows}


async def sent(shop: Shop, path: str, rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Why each item was not taken: an empty text when it was."""
    if len(rows) == 1:
        item = int(rows[0]["id"])
        try:
            await shop.put(f"{path}/{item}", {name: value for name, value in rows[0].items() if name != "id"})
        except ShopRefused as refused:
            if refused.status in (401, 403):
                raise
            return {item: f"{refused.code}: {refused.message}"}
        return {item: ""}
    answer = await shop.post(f"{path}/batch", {"update": list(rows)})
    return {int(asked["id"]): error_in(said) for asked, said in zip(rows, answer.get("update", ()), strict=False)}


# -- rules


def row(want: Wanted, mark: str) -> dict[str, Any]:
    """What is sent of one item: only what StockBurst owns."""
    values: dict[str, Any] = {}
    if want.stock is not None:
        values["stock_quantity"] = want.stock
    if want.price is not None:
        values["regular_price"] = want.price
    return {**values, "meta_data": [{"key": listings.MARK, "value": mark}]}


def error_in(said: Mapping[str, Any]) -> str:
    """Why a row of a batch failed, or nothing: the answer as a whole is 200 either way."""
    error = said.get("error")
    return f"{error.get('code', 'error')}: {error.get('message', '')}" if isinstance(error, Mapping) else ""


def after(listing: Listing, want: Wanted, error: str) -> Listing:
    """What is known of the item once the store has answered."""
    if error:
        return replace(listing, writing=None, refused=str(want), problem=error[:200])
    return replace(
        listing,
        writing=None,
        refused="",
        problem="",
        stock=listing.stock if want.stock is None else want.stock,
        price=listing.price if want.price is None else want.price,
    )
