"""What an order does to stock: takes it when it is to be fulfilled, gives it back when it is not.

A line remembers in `_reduced_stock` how many pieces were taken for it, so that nothing is taken or given back
twice. Refunds of more pieces than it has take the number below zero, and what is given back then is taken. Units:
pieces. Source: WooCommerce 10.5.0, recorded 2026-11-21; below zero, its wc_restock_refunded_items().
"""

from __future__ import annotations

from collections.abc import Sequence

from ..kernel import Emulation, replace
from . import meta, notes, php, product, settings, stock, webhooks
from .order_records import Item, Order

REDUCED = "_reduced_stock"
RESTOCKED = "_restock_refunded_items"
TAKING = frozenset({"processing", "on-hold", "completed"})
GIVING_BACK = frozenset({"cancelled", "pending"})  # failed, refunded and trash give nothing back


def taken(here: Emulation, order: Order, items: Sequence[Item]) -> list[Item]:
    """The lines after stock was taken for those that have none yet."""
    moves: list[tuple[str, int, int]] = []
    out = []
    for item in items:
        if item.kind == "line_item" and not pieces(item, REDUCED):
            item, move = _moved(here, item, -item.quantity)
            moves += [move] if move else []
        out.append(item)
    _noted(here, order, "Stock levels reduced", moves)
    return out


def given_back(here: Emulation, order: Order, items: Sequence[Item]) -> list[Item]:
    """The lines after their stock went back to the shelf."""
    moves: list[tuple[str, int, int]] = []
    out = []
    for item in items:
        if item.kind == "line_item" and (had := pieces(item, REDUCED)):
            item, move = _moved(here, item, had)
            if move is not None:
                item = replace(item, meta_data=meta.without(item.meta_data, REDUCED))
                moves.append(move)
        out.append(item)
    _noted(here, order, "Stock levels increased", moves)
    return out


def adjusted(here: Emulation, order: Order, item: Item, quantity: int | None = None) -> Item:
    """The line after its quantity was changed (or the line removed: 0) in an order that holds stock."""
    if item.kind != "line_item" or order.status not in TAKING:
        return item
    wanted = item.quantity if quantity is None else quantity
    had = pieces(item, REDUCED)
    difference = wanted - (pieces(item, RESTOCKED) if quantity is None else 0) - had
    if not difference or (quantity == 0 and not had):
        return item
    item, move = _moved(here, item, -difference)
    _noted(here, order, "Adjusted stock", [move] if move else [])
    return item


def restocked(here: Emulation, order: Order, item: Item, quantity: int) -> Item:
    """The line after so many of its pieces were refunded and came back, which they do while it holds any."""
    if quantity <= 0 or not pieces(item, REDUCED):
        return item
    item, move = _moved(here, item, quantity)
    if move is None:
        return item
    _, old, new = move
    notes.added(here, order.id, f"Item #{item.variation_id or item.product_id} stock increased from {old} to {new}.")
    back = pieces(item, RESTOCKED) + quantity
    return replace(item, meta_data=meta.added(here, item.meta_data, RESTOCKED, str(back)))


def _moved(here: Emulation, item: Item, delta: int) -> tuple[Item, tuple[str, int, int] | None]:
    """Move the stock of the line's product, and write down how much the line holds now."""
    product_id = item.variation_id or item.product_id
    move = stock.changed_by(here, product_id, delta) if product_id and delta else None
    if move is None:
        return item, None
    if delta < 0:
        _warned(here, product_id, move[2])
    holds = str(pieces(item, REDUCED) - delta)
    return replace(item, meta_data=meta.added(here, item.meta_data, REDUCED, holds)), move


def _warned(here: Emulation, product_id: int, left: int) -> None:
    """The actions of low and no stock. Their argument is an object, which arrives as an empty list."""
    wanted = product.found(here, product_id)
    low = wanted.low_stock_amount if wanted else None
    if low is None:
        low = php.integer(settings.value(here, "woocommerce_notify_low_stock_amount") or 2)
    if left <= php.integer(settings.value(here, "woocommerce_notify_no_stock_amount")):
        webhooks.acted(here, "woocommerce_no_stock", [])
    elif left <= low:
        webhooks.acted(here, "woocommerce_low_stock", [])


def pieces(item: Item, key: str) -> int:
    return php.integer(meta.value(item.meta_data, key, 0))


def _noted(here: Emulation, order: Order, what: str, moves: Sequence[tuple[str, int, int]]) -> None:
    if moves:
        told = ", ".join(f"{name} ({old}&rarr;{new})" for name, old, new in moves)
        notes.added(here, order.id, f"{what}: {told}")
