"""Moving an order to another status, and all that follows from it.

Every status can follow every other, backwards too. Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from datetime import datetime

from ..kernel import Emulation, replace
from . import auth, customers, dates, downloads, mails, meta, notes, order_coupons, order_stock, order_view, webhooks
from .order_records import (
    DRAFTS,
    STATUS_NAMES,
    STATUSES,
    Item,
    Order,
    Refund,
    items_of,
    still_refundable,
)
from .order_sales import recorded, unrecorded

PAID = frozenset({"processing", "completed"})
SELLING = frozenset({"processing", "completed", "on-hold"})
PAYABLE = frozenset({"pending", "on-hold", "failed", "cancelled"})
TRASH = "trash"


def known(status: object) -> str:
    """The status, or pending where no schema stopped what was sent (batch); a prefix is taken off."""
    name = status.removeprefix("wc-") if isinstance(status, str) else ""
    return name if name in STATUSES else "pending"


def dated(order: Order, status: str, *, at: datetime, busy: bool = True) -> Order:
    """In another status, with the dates that follow: paid once, completed every time.

    Where nobody has to do anything (`busy` false) an order is paid when it is completed, not when it is processed.
    """
    pays = status in PAID if busy else status == "completed"
    paid = at if pays and order.paid_at is None else order.paid_at
    completed = at if status == "completed" else order.completed_at
    return replace(order, status=status, paid_at=paid, completed_at=completed, modified_at=at)


def moved(
    here: Emulation, order: Order, status: str, *, note: str = "", author: str = notes.STORE, busy: bool = False
) -> Order:
    """The order in its new status, stored, with stock, sales, coupons, notes and actions seen to.

    Stock is taken once on the way to fulfilment, and given back by cancelled and pending only. `note` stands in
    for the usual one; `busy` says that somebody has to do something for the order, where that is known already.
    Webhooks about the order itself are the caller's to send.
    """
    if status == order.status:
        return order
    before = order.status
    busy = busy or status != "processing" or order.paid_at is not None or needs_processing(here, order)
    order = dated(order, status, at=dates.second(here), busy=busy)
    here.store[Order].put(order)
    order = _with_stock(here, order)
    if status in SELLING:
        order = recorded(here, order)
    elif status == "cancelled":
        order = unrecorded(here, order)
    order = order_coupons.counted(here, order)
    if status == "refunded":
        _refund_the_rest(here, order)
    here.store[Order].put(order)
    said = note or f"Order status changed from {_name(before)} to {_name(status)}."
    notes.added(here, order.id, said, author=author)
    downloads.granted(here, order)
    if status == "completed" and order.customer_id:
        customers.has_paid(here, order.customer_id)
    mails.sent(here, order, mails.of_change(before, status))
    webhooks.acted(here, f"woocommerce_order_status_{status}", order.id)
    webhooks.acted(here, f"woocommerce_order_status_{before}_to_{status}", order.id)
    webhooks.acted(here, "woocommerce_order_status_changed", order.id)
    return order


def paid(here: Emulation, order: Order) -> Order:
    """What a payment does: processing, or completed when there is nothing left to do."""
    if order.status not in PAYABLE:
        return order
    way = order.payment_method_title or order.payment_method
    note = f"Payment via {way} ({order.transaction_id})." if order.transaction_id else ""
    busy = needs_processing(here, order)
    order = moved(here, order, "processing" if busy else "completed", note=note, busy=busy)
    if order.customer_id:
        customers.has_paid(here, order.customer_id)
    webhooks.acted(here, "woocommerce_payment_complete", order.id)
    return order


def needs_processing(here: Emulation, order: Order) -> bool:
    items = items_of(here, order.id, "line_item")
    view = order_view.View(here, items)
    return order_view.needs_processing(view.product(i) for i in items)


def trashed(here: Emulation, order: Order) -> Order:
    """In the trash: stock stays where it is, sales are forgotten, coupons are free again."""
    order = unrecorded(here, order)
    now = dates.second(here)
    fields = meta.merged(
        here,
        order.meta_data,
        [
            {"key": "_wp_trash_meta_status", "value": f"wc-{order.status}"},
            {"key": "_wp_trash_meta_time", "value": str(int(now.timestamp()))},
        ],
    )
    order = replace(order, status=TRASH, meta_data=fields, modified_at=now)
    return here.store[Order].put(order_coupons.counted(here, order))


def restored(here: Emulation, order: Order) -> Order:
    """Out of the trash by the merchant's hand, in the status it had."""
    before = str(meta.value(order.meta_data, "_wp_trash_meta_status", "wc-pending")).removeprefix("wc-")
    fields = meta.without(meta.without(order.meta_data, "_wp_trash_meta_status"), "_wp_trash_meta_time")
    order = here.store[Order].put(replace(order, meta_data=fields))
    return moved(here, order, known(before))


def told(here: Emulation, before: str, order: Order) -> None:
    """The webhook of a changed order: a draft that becomes real is new, and one from the trash is nothing."""
    if before == TRASH:
        return
    new = before in DRAFTS and order.status not in DRAFTS
    webhooks.happened(here, "order.created" if new else "order.updated", order.id)


def _with_stock(here: Emulation, order: Order) -> Order:
    if order.status in order_stock.TAKING and not order.stock_reduced:
        after = order_stock.taken(here, order, items_of(here, order.id))
        order = replace(order, stock_reduced=True)
    elif order.status in order_stock.GIVING_BACK and order.stock_reduced:
        after = order_stock.given_back(here, order, items_of(here, order.id))
        order = replace(order, stock_reduced=False)
    else:
        return order
    here.store[Item].put_all(after)
    return order


def _refund_the_rest(here: Emulation, order: Order) -> None:
    rest = still_refundable(here, order)
    if rest <= 0:
        return
    here.store[Refund].add(
        Refund(
            here.ids.next("post"),
            order.id,
            created_at=dates.second(here),
            amount=rest,
            reason="Order fully refunded.",
            refunded_by=auth.user_id(here) or auth.ADMIN_ID,
            meta_data=meta.added(here, [], "_refund_type", "full"),
        )
    )
    notes.added(
        here,
        order.id,
        "Order status set to refunded. To return funds to the customer you will need to issue a refund through "
        "your payment gateway.",
    )


def _name(status: str) -> str:
    return STATUS_NAMES.get(status, status)
