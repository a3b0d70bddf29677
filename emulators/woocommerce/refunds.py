"""Refunds: money given back for an order, for its lines or for nothing in particular.

Errors of the real store are odd here: most are a 500, and their `data` is a bare number.
Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..kernel import Emulation, Reply, emulation, replace
from . import (
    auth,
    dates,
    downloads,
    mails,
    meta,
    order_money,
    order_status,
    order_stock,
    order_taxes,
    order_view,
    php,
    refund_lines,
    respond,
    totals,
    webhooks,
)
from .errors import WooError, rendered
from .order_records import (
    ITEMS,
    REFUNDS,
    Item,
    Order,
    Refund,
    by_kind,
    items_by_order,
    items_of,
    refunds_by_order,
    still_refundable,
    texts_of,
)
from .params import Params
from .refund_lines import Asked
from .totals import ZERO

ALLOWED = ("GET", "DELETE")
GATEWAYS = frozenset({"bacs", "cheque", "cod"})  # none of them can send money back by itself
C = REFUNDS.c


class NotRefunded(WooError):
    def __init__(self, message: str) -> None:
        super().__init__("woocommerce_rest_cannot_create_order_refund", message, 500, bare=500)


def list_all(params: Params) -> Reply:
    """Of an order that there is not, there are none."""
    here = emulation()
    auth.require("view", here)
    return _page(here, params, [C.order_id == params["order_id"]], f"orders/{params['order_id']}/refunds")


def list_everywhere(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    return _page(here, params, [], "refunds", everywhere=True)


def _page(here: Emulation, params: Params, where: list[Any], path: str, *, everywhere: bool = False) -> Reply:
    for name, column, wanted in (
        ("include", C.id, True),
        ("exclude", C.id, False),
        ("parent", C.order_id, True),
        ("parent_exclude", C.order_id, False),
    ):
        if params.get(name):
            where.append(column.in_(params[name]) if wanted else column.not_in(params[name]))
    where += dates.bounds(here, params, C.created_at, C.created_at)
    column = C.id if params["orderby"] == "id" else C.created_at
    order = [column.asc(), C.id.asc()] if params["order"] == "asc" else [column.desc(), C.id.desc()]
    refunds = here.store[Refund]
    page = refunds.all(*where, order=order, limit=params["per_page"], offset=respond.offset(params))
    shown = rendered_page(here, page, params["dp"])
    if everywhere:
        shown = [_with_parent(body, refund) for body, refund in zip(shown, page, strict=True)]
    return respond.page(shown, refunds.count(*where) if page else 0, params, path)


def _with_parent(body: dict[str, Any], refund: Refund) -> dict[str, Any]:
    first, *rest = body.items()
    return dict([first, ("parent_id", refund.order_id), *rest])


def create(params: Params) -> Reply:
    """Give money back. Without `api_refund: false` the payment gateway has to, and none of a fresh shop can.

    `amount` defaults to what the lines add up to, where every line says how much; one that is no number is compared
    as PHP compares texts, so "" is less than nothing. Lines with a quantity come back into stock unless `api_restock`
    is false. When nothing is left to refund the order becomes refunded.
    """
    here = emulation()
    auth.require("create", here)
    order = here.store[Order].get(params["order_id"])
    if order is None:
        raise _unknown_order()
    named = refund_lines.named(params.get("line_items"))
    wanted = refund_lines.asked(named, items_of(here, order.id))
    sent = params.get("amount")
    told = php.text(refund_lines.added_up(named.values()) if sent is None else sent)
    left = php.text(totals.rounded(still_refundable(here, order)))
    amount = totals.amount(php.number(told))
    if php.is_less(told, "0"):
        message = "Refund amount must be greater than zero."
        raise WooError("woocommerce_rest_invalid_order_refund", message, 500, bare=400)
    if php.is_less(left, told):
        raise NotRefunded("Invalid refund amount.")
    if params.get("api_refund", True):
        known = order.payment_method in GATEWAYS
        way = "does not support automatic refunds" if known else "does not exist"
        raise NotRefunded(f"The payment gateway for this order {way}.")
    refund = given(
        here,
        order,
        wanted,
        amount,
        reason=str(params.get("reason") or ""),
        restock=bool(params.get("api_restock", True)),
        fields=params.get("meta_data"),
    )
    body = rendered_page(here, [refund], order_view.digits(here, params))[0]
    pattern = respond.url(here, rf"orders/(?P<order_id>[\d]+)/refunds/{refund.id}")  # as the real store has it
    return respond.one(body, 201, location=pattern)


def given(
    here: Emulation,
    order: Order,
    wanted: Sequence[Asked],
    amount: Decimal,
    *,
    reason: str = "",
    restock: bool = True,
    fields: Any = None,
) -> Refund:
    """The refund, stored, with all that follows from it: stock, files, the order's date and status, webhooks."""
    full = amount == still_refundable(here, order) and not _pieces_left(here, order, wanted)
    kind = meta.added(here, [], "_refund_type", "full" if full else "partial")
    refund = Refund(
        here.ids.next("post"),
        order.id,
        created_at=dates.second(here),
        amount=amount,
        reason=reason,
        refunded_by=auth.user_id(here) or auth.ADMIN_ID,
        meta_data=meta.merged(here, kind, fields),
    )
    here.store[Refund].add(refund)
    lines = [_refunded(here, refund, line) for line in wanted]
    here.store[Item].put_all([*lines, *_tax_lines(here, refund, lines)])
    downloads.revoked(here, order.id, {line.item.product_id for line in wanted if line.item.kind == "line_item"})
    if restock:
        _restock(here, order, wanted)
    order = here.store[Order].put(replace(order, modified_at=dates.second(here)))
    webhooks.acted(here, "woocommerce_order_refunded", order.id)
    if not full:
        mails.sent(here, order, "customer_refunded_order")
    if full and order.status != "refunded":
        order_status.moved(here, order, "refunded")
    webhooks.happened(here, "order.updated", order.id)
    return refund


def _pieces_left(here: Emulation, order: Order, wanted: Sequence[Asked]) -> bool:
    """Whether lines are given back of an order that holds something free, and others of its pieces are not yet."""
    sold = items_of(here, order.id, "line_item")
    if not wanted or all(item.total for item in sold):
        return False
    ids = [r.id for r in refunds_by_order(here, [order.id])[order.id]]
    before = [i for items in items_by_order(here, ids).values() for i in items if i.kind == "line_item"]
    left = abs(sum(i.quantity for i in sold) - sum(abs(i.quantity) for i in before))
    return left > sum(line.quantity for line in wanted)


def _refunded(here: Emulation, refund: Refund, line: Asked) -> Item:
    taxes = texts_of({rate: -tax for rate, tax in line.taxes.items()})
    return replace(
        line.item,
        id=here.ids.next("item"),
        order_id=refund.id,
        quantity=-line.quantity,
        subtotal=-line.net,
        total=-line.net,
        taxes=taxes,
        subtotal_taxes=taxes if line.item.kind == "line_item" else {},
        meta_data=meta.added(here, [], "_refunded_item_id", str(line.item.id)),
    )


def _tax_lines(here: Emulation, refund: Refund, lines: Sequence[Item]) -> list[Item]:
    """One for each tax that is given back, below zero."""
    how = order_taxes.rounding(here)
    goods = totals.tax_by_rate((i.line for i in lines if i.kind != "shipping"), how)
    shipping = totals.tax_by_rate((i.line for i in lines if i.kind == "shipping"), how)
    return [
        order_money.tax_line(
            Item(here.ids.next("item"), refund.id, "tax"),
            order_taxes.rate(here, php.integer(rate)),
            goods.get(rate, ZERO),
            shipping.get(rate, ZERO),
        )
        for rate in dict.fromkeys((*goods, *shipping))
    ]


def _restock(here: Emulation, order: Order, wanted: Sequence[Asked]) -> None:
    for line in wanted:
        item = here.store[Item].get(line.item.id)  # a line may be named twice
        if item is not None and item.kind == "line_item":
            here.store[Item].put(order_stock.restocked(here, order, item, line.quantity))


def read(params: Params) -> Reply:
    here = emulation()
    refund = _found(here, params)
    auth.require("view", here, single=True)
    _of_its_order(here, refund, params)
    return respond.one(rendered_page(here, [refund], order_view.digits(here, params))[0])


def delete(params: Params) -> Reply:
    """Gone at once, `force` or not, and also when it is that of another order, which is then refused. Stock and status
    stay as they are."""
    here = emulation()
    refund = _found(here, params)
    auth.require("delete", here)
    body = rendered_page(here, [refund], order_view.digits(here, params))[0]
    here.store[Item].delete_where(ITEMS.c.order_id == refund.id)
    here.store[Refund].delete(refund.id)
    try:
        _of_its_order(here, refund, params)
    except WooError as refused:
        return rendered(refused)
    return respond.one(body)


def _found(here: Emulation, params: Params) -> Refund:
    refund = here.store[Refund].get(params["id"])
    if refund is None:
        raise WooError("woocommerce_rest_shop_order_refund_invalid_id", "Invalid ID.", 404)
    return refund


def _of_its_order(here: Emulation, refund: Refund, params: Params) -> None:
    """Errors: 500, with the 404 that was meant as `data`. Source: prepare_object_for_response() of the refunds'
    controller, WooCommerce 10."""
    if here.store[Order].get(params["order_id"]) is None:
        raise _unknown_order()
    if refund.order_id != params["order_id"]:
        raise WooError("woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.", 500, bare=404)


def _unknown_order() -> WooError:
    return WooError("woocommerce_rest_invalid_order_id", "Invalid order ID.", 500, bare=404)


def rendered_page(here: Emulation, refunds: Sequence[Refund], dp: int) -> list[dict[str, Any]]:
    items = items_by_order(here, [r.id for r in refunds])
    view = order_view.View(here, [i for some in items.values() for i in some if i.kind == "line_item"], dp)
    return [_rendered(view, refund, by_kind(items[refund.id])) for refund in refunds]


def _rendered(view: order_view.View, refund: Refund, lines: Mapping[str, Sequence[Item]]) -> dict[str, Any]:
    here = view.here
    return {
        "id": refund.id,
        "date_created": dates.local(here, refund.created_at),
        "date_created_gmt": dates.gmt(refund.created_at),
        "amount": view.money(refund.amount),
        "reason": refund.reason,
        "refunded_by": refund.refunded_by,
        "refunded_payment": False,
        "meta_data": meta.by_key(refund.meta_data),
        "line_items": [order_view.line_item(view, i) for i in lines["line_item"]],
        "shipping_lines": [order_view.shipping_line(view, i) for i in lines["shipping"]],
        "tax_lines": [order_view.tax_line(view, i) for i in lines["tax"]],
        "fee_lines": [order_view.fee_line(view, i) for i in lines["fee"]],
        "_links": respond.links(
            here, f"orders/{refund.order_id}/refunds", refund.id, f"orders/{refund.order_id}", allow=ALLOWED
        ),
    }
