"""What was read of a store's products goes into the books here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..kernel import Emulation
from .integrations import Integration, live
from .inventory import (
    LISTINGS,
    Article,
    Listing,
    article,
    bring_to,
    first_seen,
    move,
    moved_in_store,
    priced,
    set_price,
    wanted,
)

MARK = "_stockburst_write"  # StockBurst's own entry among a product's meta data: which write of its was the last
FIELDS = "id,parent_id,type,name,status,sku,manage_stock,stock_quantity,regular_price,meta_data"
C = LISTINGS.c


def seen_in(row: Mapping[str, Any], integration: str, parent: int = 0) -> Listing:
    """A product or variation as the store's API answers it."""
    counted = row.get("manage_stock") is True and row.get("stock_quantity") is not None
    return Listing(
        integration,
        int(row["id"]),
        parent=parent or int(row.get("parent_id") or 0) * (row.get("type") == "variation"),
        sku=str(row.get("sku") or "").strip(),
        name=str(row.get("name") or "")[:200],
        kind="variation" if parent else str(row.get("type") or "simple"),
        status=str(row.get("status") or ""),
        stock=int(row["stock_quantity"]) if counted else None,
        price=str(row.get("regular_price") or ""),
        mark=mark_in(row),
    )


def mark_in(row: Mapping[str, Any]) -> str:
    return next((str(m.get("value", "")) for m in row.get("meta_data") or () if m.get("key") == MARK), "")


def take(here: Emulation, integration: Integration, row: Mapping[str, Any], parent: int = 0) -> Listing:
    """Keep what was read of one product or variation, and move StockBurst's own stock and price along with it."""
    seen = seen_in(row, integration.id, parent)
    old = here.store[Listing].get((integration.id, seen.item))
    if seen.sku and (twin := _twin(here, seen)):
        seen = replace(seen, problem=f"twin: item {twin.item} has the SKU {seen.sku} already and is the one followed")
    elif seen.sku:
        _follow(here, integration, old, seen)
    kept = replace(
        seen,
        mark=old.mark if old and not seen.mark else seen.mark,
        refused=old.refused if old else "",
        problem=seen.problem or (old.problem if old and old.refused else ""),
    )
    return here.store[Listing].put(kept)


def _follow(here: Emulation, integration: Integration, old: Listing | None, seen: Listing) -> None:
    known = article(here, seen.sku)
    if first_seen(old, seen):
        if old is not None and old.sku and old.sku != seen.sku and not old.gone:
            _left(here, old)
        if seen.stock is not None and not _counted_elsewhere(here, integration, known, seen.sku):
            bring_to(here, seen.sku, seen.stock, "opening", f"as store item {seen.item} has it")
    elif moved := moved_in_store(old, seen):
        move(here, seen.sku, moved, "store", f"store item {seen.item}")
    now = article(here, seen.sku) or Article(seen.sku)
    set_price(here, seen.sku, priced(now, old if old and not old.gone else None, seen))


def _left(here: Emulation, old: Listing) -> None:
    """The item has another SKU now: its pieces are not under the former one any more."""
    former = article(here, old.sku)
    others = here.store[Listing].all(C.sku == old.sku, C.gone.is_(False))
    if former is not None and former.quantity and not [o for o in others if o.item != old.item]:
        bring_to(here, old.sku, 0, "renamed", f"store item {old.item} has another SKU")


def _counted_elsewhere(here: Emulation, integration: Integration, known: Article | None, sku: str) -> bool:
    """Another connected store has this article: then StockBurst's own quantity leads, and is written here."""
    if known is None or known.quantity is None:
        return False
    others = [i.id for i in live(here) if i.id != integration.id]
    return bool(others) and here.store[Listing].count(C.sku == sku, C.gone.is_(False), C.integration.in_(others)) > 0


def _twin(here: Emulation, seen: Listing) -> Listing | None:
    """Another item of this store with the same SKU, which was there first. A variation without a SKU of its own shows
    its product's."""
    same = here.store[Listing].all(
        C.integration == seen.integration, C.sku == seen.sku, C.gone.is_(False), C.item < seen.item, order=[C.item]
    )
    return next((one for one in same if not one.problem), None)


def gone(here: Emulation, integration: str, item: int) -> None:
    """The store has it no more, nor its variations. What StockBurst has of it stays on its books."""
    for listing in here.store[Listing].all(C.integration == integration, (C.item == item) | (C.parent == item)):
        if not listing.gone:
            here.store[Listing].put(replace(listing, gone=True, writing=None))


def pending(here: Emulation, integration: str, product: int | None = None) -> list[Listing]:
    """Listings with something to write that the store did not refuse already: all, or of one product."""
    where = [C.integration == integration, C.gone.is_(False), C.sku != ""]
    if product is None:
        articles = {a.sku: a for a in here.store[Article].all()}
    else:
        where.append((C.item == product) | (C.parent == product))
        articles = {}
    found = here.store[Listing].all(*where, order=[C.parent, C.item])
    listed = [(one, wanted(one, articles.get(one.sku) or article(here, one.sku))) for one in found]
    return [one for one, want in listed if not want.nothing and str(want) != one.refused]
