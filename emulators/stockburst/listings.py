"""What was read of a store's products goes into the books here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..kernel import Emulation
from .integrations import Integration, live
from .inventory import LISTINGS, Article, Listing, Stock, article, first_seen, moved_in_store, priced, wanted

MARK = "_stockburst_write"  # StockBurst's own entry among a product's meta data: which write of its was the last
FIELDS = "id,parent_id,type,name,status,sku,manage_stock,stock_quantity,regular_price,meta_data"
C = LISTINGS.c


def seen_in(row: Mapping[str, Any], integration: str, parent: int = 0) -> Listing:
    """A product or variation as the store's API answers it."""
    counted = row.get("manage_stock") is True and isinstance(row.get("stock_quantity"), int | float)
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


def take(
    here: Emulation, integration: Integration, rows: Sequence[Mapping[str, Any]], parent: int = 0
) -> list[Listing]:
    """Keep what was read of products, or of variations of one `parent`, and move StockBurst's own stock and price
    along with it. A page at a time: one question for all of them, and one entry."""
    seen = {one.item: one for one in (seen_in(row, integration.id, parent) for row in rows)}
    known = _Known(here, integration, list(seen.values()))
    kept = []
    for one in seen.values():
        old = known.listings.get(one.item)
        twin = known.twin(one) if one.sku else None
        if twin:
            one = replace(one, problem=f"twin: item {twin.item} has the SKU {one.sku} already and is the one followed")
        elif one.sku:
            _follow(here, known, old, one)
        now = replace(
            one,
            mark=old.mark if old and not one.mark else one.mark,
            refused=old.refused if old else "",
            problem=one.problem or (old.problem if old and old.refused else ""),
        )
        known.by_sku.setdefault(now.sku, {})[now.item] = now
        kept.append(now)
    known.stock.enter()
    here.store[Listing].put_all(kept)
    return kept


class _Known:
    """What StockBurst knew of these items before."""

    def __init__(self, here: Emulation, integration: Integration, seen: Sequence[Listing]) -> None:
        mine = C.integration == integration.id
        store = here.store[Listing]
        self.listings = {one.item: one for one in store.all(mine, C.item.in_([one.item for one in seen]))}
        skus = sorted({*(one.sku for one in seen), *(old.sku for old in self.listings.values())} - {""})
        self.stock = Stock(here, skus)
        self.by_sku: dict[str, dict[int, Listing]] = {}
        for one in store.all(mine, C.sku.in_(skus), C.gone.is_(False)):
            self.by_sku.setdefault(one.sku, {})[one.item] = one
        others = [other.id for other in live(here) if other.id != integration.id]
        elsewhere = store.all(C.sku.in_(skus), C.gone.is_(False), C.integration.in_(others)) if others else []
        self.elsewhere = {one.sku for one in elsewhere}  # other connected stores have these articles too

    def twin(self, one: Listing) -> Listing | None:
        """Another item of this store with the same SKU, which was there first. A variation without a SKU of its own
        shows its product's."""
        same = self.by_sku.get(one.sku, {})
        return next((same[n] for n in sorted(same) if n < one.item and not same[n].problem), None)

    def others(self, old: Listing) -> bool:
        return any(item != old.item for item in self.by_sku.get(old.sku, {}))


def _follow(here: Emulation, known: _Known, old: Listing | None, seen: Listing) -> None:
    stock = known.stock
    if first_seen(old, seen):
        if old is not None and old.sku and old.sku != seen.sku and not old.gone and not known.others(old):
            stock.bring_to(old.sku, 0, "renamed", f"store item {old.item} has another SKU")
        counted = stock.article(seen.sku).quantity is not None
        if seen.stock is not None and not (counted and seen.sku in known.elsewhere):
            stock.bring_to(seen.sku, seen.stock, "opening", f"as store item {seen.item} has it")
    elif moved := moved_in_store(old, seen):
        stock.move(seen.sku, moved, "store", f"store item {seen.item}")
    stock.set_price(seen.sku, priced(stock.article(seen.sku), old if old and not old.gone else None, seen))


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
