"""How often a product was sold: counted once per order that is being fulfilled, taken back when it is cancelled.

Nobody is told: no date of change moves and no webhook is sent. Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from ..kernel import Emulation, replace
from .order_records import Order, items_of
from .product import Product


def recorded(here: Emulation, order: Order) -> Order:
    return order if order.sales_recorded else _counted(here, order, 1)


def unrecorded(here: Emulation, order: Order) -> Order:
    return _counted(here, order, -1) if order.sales_recorded else order


def _counted(here: Emulation, order: Order, sign: int) -> Order:
    products = here.store[Product]
    for item in items_of(here, order.id, "line_item"):
        sold = products.get(item.product_id) if item.product_id else None
        if sold is not None:
            products.change(sold, replace(sold, total_sales=sold.total_sales + sign * item.quantity))
    return replace(order, sales_recorded=sign > 0)
