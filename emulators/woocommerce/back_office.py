"""What a merchant does in wp-admin: orders that are edited, many things at once, trash that is emptied.

Editing one product and moving its stock is in `catalogue`; statuses, refunds and the trash of orders in `order_moves`.
Webhooks are those of WooCommerce 10.5.0, recorded 2026-11-21; for what was recorded over REST only, they are a guess
that wp-admin saves the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from ..kernel import Emulation, LabError
from . import auth, catalogue, coupons, notes, order_moves, order_records, orders, prices, products, totals
from .coupons import Coupon
from .errors import WooError
from .order_records import ORDERS, Order, items_of
from .params import Params
from .product import PRODUCTS, Product, by_sku

EDITABLE = ("pending", "on-hold", "auto-draft")


def create_order(here: Emulation, lines: Mapping[str, int], status: str = "pending", email: str = "") -> dict[str, Any]:
    """The merchant writes an order by hand (`lines`: pieces by SKU), as one does for who calls by telephone."""
    if status not in order_records.STATUSES:
        raise LabError(f"{status!r} is no status of an order; there are {', '.join(order_records.STATUSES)}")
    params = Params.unchecked(
        {
            "line_items": _bought(here, lines),
            "billing": {"email": email} if email else {},
            "created_via": "admin",
            "status": status,
        }
    )
    return order_moves.told(orders.finished(here, orders.begun(here, params), params))


def edit_order(
    here: Emulation,
    order: int,
    status: str | None = None,
    add: Mapping[str, int] | None = None,
    remove: Sequence[str] = (),
    billing: Mapping[str, str] | None = None,
    shipping: Mapping[str, str] | None = None,
    note: str | None = None,
    fields: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The merchant saves the order's screen: order.updated once. `add` (pieces by SKU) and `remove` (SKUs) change its
    lines, which only an order that is pending or on-hold allows, and its stock with them; `note` is what the customer
    wrote; `fields` are custom fields (null takes one away)."""
    old = order_moves.wanted(here, order)
    if (add or remove) and old.status not in EDITABLE:
        raise LabError(f"order {order} is {old.status}, and this order is no longer editable")
    sent: dict[str, Any] = {
        "status": status,
        "billing": billing,
        "shipping": shipping,
        "customer_note": note,
        "meta_data": [{"key": k, "value": v} for k, v in fields.items()] if fields else None,
        "line_items": [*_removed(here, old, remove), *_bought(here, add or {})] or None,
    }
    if status is not None and status not in order_records.STATUSES:
        raise LabError(f"{status!r} is no status of an order; there are {', '.join(order_records.STATUSES)}")
    params = Params.unchecked({k: v for k, v in sent.items() if v is not None})
    try:
        return order_moves.told(orders.changed(here, old, params))
    except WooError as refused:
        raise LabError(refused.message, code=refused.code) from None


def _bought(here: Emulation, lines: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {**order_moves.reference(here, sku), "quantity": order_moves.pieces(sku, count)} for sku, count in lines.items()
    ]


def _removed(here: Emulation, order: Order, skus: Sequence[str]) -> list[dict[str, Any]]:
    lines = items_of(here, order.id, "line_item")
    gone = []
    for sku in skus:
        sold = by_sku(here, sku)
        line = next((i for i in lines if sold and (i.variation_id or i.product_id) == sold.id), None)
        if line is None:
            raise LabError(f"order {order.id} has no line of {sku!r}")
        gone.append({"id": line.id, "product_id": None})
    return gone


def add_note(here: Emulation, order: int, note: str, for_customer: bool = False) -> dict[str, Any]:
    """The merchant writes a note beside the order, for colleagues or, by mail, for the customer. No webhook hears."""
    order_moves.wanted(here, order)
    written = notes.added(here, order, note, for_customer=for_customer, author=auth.ADMIN)
    return {"id": written.id, "order": order}


def bulk_orders(here: Emulation, order_ids: Sequence[int], status: str) -> list[dict[str, Any]]:
    """The merchant marks orders in the list and changes their status, each as if it were alone."""
    return [order_moves.change_status(here, number, status) for number in order_ids]


def bulk_products(
    here: Emulation,
    skus: Sequence[str],
    price: str | None = None,
    sale_price: str | None = None,
    stock: int | None = None,
    status: str | None = None,
) -> list[dict[str, Any]]:
    """The merchant marks products in the list and edits them at once: each is saved, so product.updated for each.

    `price` and `sale_price` are a price ("12.00"), a change ("+1.50", "-1.50") or a share ("+10%", "-10%") of the
    regular price; `stock` is what is counted of each from now on.
    """
    told = []
    for sku in skus:
        product = catalogue.wanted(here, sku)
        regular = _changed(product.regular_price, price)
        sent: dict[str, Any] = {
            "regular_price": regular,
            "sale_price": _changed(regular or product.regular_price, sale_price),
            "status": status,
            **({} if stock is None else {"manage_stock": True, "stock_quantity": stock}),
        }
        after = catalogue.saved(here, product, {k: v for k, v in sent.items() if v is not None})
        told.append({"id": after.id, "sku": after.sku, "price": after.price, "stock": after.stock_quantity})
    return told


def _changed(price: str, change: str | None) -> str | None:
    """A price after a change; never below nothing."""
    if change is None or change == "":
        return change
    share = change.endswith("%")
    try:
        amount = Decimal(change.rstrip("%"))
    except InvalidOperation:
        raise LabError(f"{change!r} is no price, and no change of one like +1.50 or -10%") from None
    if change[0] not in "+-":
        if share or amount < 0:
            raise LabError(f"{change!r} is no price; a share has to say up or down, like +10%")
        return change
    old = prices.number(price)
    new = old + (old * amount / 100 if share else amount)
    return str(totals.rounded(max(new, totals.ZERO)))


def trash_coupon(here: Emulation, code: str) -> dict[str, Any]:
    """The merchant throws a coupon away: coupon.deleted, and product.deleted with its id."""
    coupon = coupons.by_code(here, code)
    if coupon is None:
        raise LabError(f"there is no coupon {code!r}", status=404, code="unknown_coupon")
    return {"id": coupons.trashed(here, coupon).id}


def restore_coupon(here: Emulation, code: str) -> dict[str, Any]:
    """The merchant takes it out of the trash: coupon.restored, and product.restored with an error in its body."""
    c = coupons.C
    where = [c.code == coupons.cleaned_code(code), c.status == coupons.TRASH]
    coupon = here.store[Coupon].first(*where, order=[c.id.desc()])
    if coupon is None:
        raise LabError(f"no coupon {code!r} is in the trash", status=404, code="unknown_coupon")
    return {"id": coupons.restored(here, coupon).id}


def empty_trash(here: Emulation) -> dict[str, list[int]]:
    """The merchant empties the trash of products, orders and coupons. No webhook hears of it."""
    gone: dict[str, list[int]] = {"products": [], "orders": [], "coupons": []}
    for product in here.store[Product].all(PRODUCTS.c.status == "trash", order=[PRODUCTS.c.id]):
        products.removed(here, product)
        gone["products"].append(product.id)
    for order in here.store[Order].all(ORDERS.c.status == "trash", order=[ORDERS.c.id]):
        order_records.removed(here, order.id)
        gone["orders"].append(order.id)
    for coupon in here.store[Coupon].all(coupons.C.status == coupons.TRASH, order=[coupons.C.id]):
        here.store[Coupon].delete(coupon.id)
        gone["coupons"].append(coupon.id)
    return gone


MOVES: dict[str, Callable[..., Any]] = {
    "create order": create_order,
    "edit order": edit_order,
    "add order note": add_note,
    "bulk change order status": bulk_orders,
    "bulk edit products": bulk_products,
    "trash coupon": trash_coupon,
    "restore coupon": restore_coupon,
    "empty trash": empty_trash,
}
