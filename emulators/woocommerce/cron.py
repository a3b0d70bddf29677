"""WP-Cron: what the store does by itself when its hour has come, and somebody comes by to set it off.

Here somebody has to: the move "run WP-Cron" or the store-side API. Sales that begin or end, and deliveries of webhooks,
do not wait for it. Guess: that orders of the block checkout are cancelled like those of the old one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ..kernel import Emulation
from . import coupons, dates, order_records, order_status, php, product, products, settings
from .coupons import Coupon
from .order_records import ORDERS, Order
from .product import PRODUCTS, Product

DRAFTS_LAST = timedelta(days=1)
TRASH_LASTS = timedelta(days=30)
_CHECKOUTS = ("checkout", "store-api")


def run(here: Emulation) -> dict[str, Any]:
    """Do what is due by the world's clock: cancel orders of the checkout that were not paid in time (their minutes are
    the setting woocommerce_hold_stock_minutes; order.updated for each), delete drafts of the checkout after a day and
    the trash after thirty, without a word to webhooks. Answers what was done."""
    product.catch_up(here)
    return {
        "cancelled_orders": _cancelled(here),
        "deleted_drafts": _deleted_drafts(here),
        "emptied_trash": _emptied_trash(here),
    }


def _cancelled(here: Emulation) -> list[int]:
    minutes = php.integer(settings.value(here, "woocommerce_hold_stock_minutes"))
    if not minutes:
        return []
    c = ORDERS.c
    before = here.clock.now - timedelta(minutes=minutes)
    where = [c.status == "pending", c.created_via.in_(_CHECKOUTS), c.modified_at <= before]
    unpaid = here.store[Order].all(*where, order=[c.id])
    for order in unpaid:
        note = "Unpaid order cancelled - time limit reached. Order status changed from Pending payment to Cancelled."
        order_status.told(here, "pending", order_status.moved(here, order, "cancelled", note=note))
    return [order.id for order in unpaid]


def _deleted_drafts(here: Emulation) -> list[int]:
    c = ORDERS.c
    old = [c.status == "checkout-draft", c.modified_at <= here.clock.now - DRAFTS_LAST]
    drafts = [order.id for order in here.store[Order].all(*old, order=[c.id])]
    for number in drafts:
        order_records.removed(here, number)
    return drafts


def _emptied_trash(here: Emulation) -> list[int]:
    before = dates.second(here) - TRASH_LASTS
    gone: list[int] = []
    for thrown in here.store[Product].all(PRODUCTS.c.status == "trash", PRODUCTS.c.modified <= before):
        products.removed(here, thrown)
        gone.append(thrown.id)
    for order in here.store[Order].all(ORDERS.c.status == "trash", ORDERS.c.modified_at <= before):
        order_records.removed(here, order.id)
        gone.append(order.id)
    for coupon in here.store[Coupon].all(coupons.C.status == coupons.TRASH, coupons.C.modified_at <= before):
        here.store[Coupon].delete(coupon.id)
        gone.append(coupon.id)
    return sorted(gone)


MOVES: dict[str, Callable[..., Any]] = {"run WP-Cron": run}
