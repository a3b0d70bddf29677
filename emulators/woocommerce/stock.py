"""Stock as it moves: by orders, refunds and people.

Units: pieces; below zero means oversold.
"""

from __future__ import annotations

from ..kernel import Emulation, replace
from . import dates, webhooks
from .product import PRODUCTS, Product, catch_up, found, kept, parent_synced
from .product_input import counting, stock_of, threshold, with_stock
from .stock_rules import moved


def keeper(here: Emulation, product: Product) -> Product | None:
    """What counts the pieces of a product: itself, for a variation perhaps its parent; None when nobody counts.

    A shop that does not manage stock counts nothing, whatever its products say.
    """
    if not counting(here):
        return None
    if product.manage_stock:
        return product
    parent = found(here, product.parent_id) if product.is_variation else None
    return parent if parent is not None and parent.manage_stock else None


def changed_by(here: Emulation, product_id: int, delta: int) -> tuple[str, int, int] | None:
    """Move the stock of a product or variation; (name, old, new) of what counts it, None when nobody does."""
    product = found(here, product_id)
    counted = keeper(here, product) if product is not None else None
    counted = here.store[Product].get(counted.id, lock=True) if counted is not None else None
    if counted is None:
        return None
    old = counted.stock_quantity or 0
    after = put(here, counted, with_stock(counted, moved(stock_of(counted), delta, threshold(here))))
    return counted.name, old, after.stock_quantity or 0


def set_to(here: Emulation, product_id: int, quantity: int) -> tuple[str, int, int] | None:
    """Make the stock this many pieces, like `changed_by`."""
    product = found(here, product_id)
    counted = keeper(here, product) if product is not None else None
    if counted is None:
        return None
    return changed_by(here, counted.id, quantity - (counted.stock_quantity or 0))


def put(here: Emulation, old: Product, new: Product) -> Product:
    """Keep a product whose stock changed, and tell: dates, the parent, variations that follow, webhooks."""
    new = kept(here, replace(new, modified=dates.second(here)), old)
    if new.is_variation:
        parent_synced(here, new.parent_id)
    elif new.variable:
        followers = [c for c in here.store[Product].all(PRODUCTS.c.parent_id == new.id) if not c.manage_stock]
        here.store[Product].put_all([replace(c, stock_status=new.stock_status) for c in followers])
    webhooks.happened(here, "product.updated", new.id)
    return new


def by_key(here: Emulation) -> dict[str, int]:
    """The pieces of everything that counts its own, by SKU; by id ("#36") where there is no SKU."""
    catch_up(here)
    c = PRODUCTS.c
    products = here.store[Product].all(c.manage_stock.is_(True), c.trashed.is_(False), order=[c.id])
    return {p.sku or f"#{p.id}": p.stock_quantity or 0 for p in products}
