"""Orders as the API and the triggers show them.

Source: KeyCRM API document v1.2.0 (fields, associations); what the observed profile shows instead is in order_live.
The context of a trigger is what public clients read; its times and the fields without a value are those of the
vendor's example as a public receiver's test has it, read 2026-12-01.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ..kernel import Emulation
from ..quantities import number, rendered
from . import order_live
from .account import account, observed
from .buyers import BUYERS, Buyer, brief
from .catalogue import OFFERS, Offer, shown as shown_offers
from .custom_fields import shown as shown_fields
from .dates import microseconds, rendered as time_text, stamp
from .order import EXPENSES, LINES, PAYMENTS, Expense, Line, Order, Payment, line_discount, price_sold
from .references import REFERENCES, Reference, Status, render as render_reference, render_status
from .stock import Warehouse
from .users import shown as shown_user

T = TypeVar("T")

SHIPPING_TEXTS = (
    "shipping_address_city",
    "shipping_address_country",
    "shipping_address_region",
    "shipping_address_zip",
    "shipping_receive_point",
    "recipient_full_name",
    "recipient_phone",
)


def shown(here: Emulation, found: Sequence[Order], names: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """Orders with the associations asked for; each association is read once for all of them."""
    seen, settings = observed(here), account(here)
    currency = settings.currency
    statuses = {status.id: status for status in here.store[Status].all()}
    answer = [render(order, statuses[order.status_id]) for order in found]
    if seen:
        answer = [order_live.of_order(one, order) for one, order in zip(answer, found, strict=True)]
    ids = [order.id for order in found]
    if "buyer" in names:
        clients = here.store[Buyer].all(BUYERS.c.id.in_([order.client_id for order in found]))
        by_id = {b.id: order_live.of_buyer(brief(b), b, currency) if seen else brief(b) for b in clients}
        for order, one in zip(found, answer, strict=True):
            one["buyer"] = by_id.get(order.client_id)
    if "products" in names:
        lines = here.store[Line].all(LINES.c.order_id.in_(ids), order=[LINES.c.id])
        shown_lines = _lines(here, lines, with_offers="products.offer" in names)
        if seen:
            by_order, default = {order.id: order for order in found}, settings.warehouse_id
            shown_lines = [
                order_live.of_line(one, line, by_order[line.order_id], default)
                for one, line in zip(shown_lines, lines, strict=True)
            ]
        _attach(answer, ids, "products", [(line.order_id, x) for line, x in zip(lines, shown_lines, strict=True)])
    if "payments" in names:
        payments = here.store[Payment].all(PAYMENTS.c.order_id.in_(ids), order=[PAYMENTS.c.id])
        rows = [(p.order_id or 0, render_payment(p, seen=seen, currency=currency)) for p in payments]
        _attach(answer, ids, "payments", rows)
    if "expenses" in names:
        expenses = here.store[Expense].all(EXPENSES.c.order_id.in_(ids), order=[EXPENSES.c.id])
        costs = [(e.order_id, render_expense(e, seen=seen, currency=currency)) for e in expenses]
        _attach(answer, ids, "expenses", costs)
    if "tags" in names:
        tags = {t.id: render_reference(t) for t in here.store[Reference].all(REFERENCES.c.kind == "tag")}
        for order, one in zip(found, answer, strict=True):
            one["tags"] = [tags[tag] for tag in order.tags if tag in tags]
    for order, one in zip(found, answer, strict=True):
        one |= _simple(here, order, statuses[order.status_id], names, seen=seen)
    return answer


def _simple(here: Emulation, order: Order, status: Status, names: frozenset[str], *, seen: bool) -> dict[str, Any]:
    """The associations that need no look into another table, or a small one."""
    one: dict[str, Any] = {}
    if "manager" in names:
        one["manager"] = shown_user(here, order.manager_id)
    if "status" in names:
        one["status"] = order_live.of_status(render_status(status), status) if seen else render_status(status)
    if "marketing" in names:
        keys = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
        one["marketing"] = {key: order.marketing.get(key) for key in keys}
    if "shipping" in names:
        shipping = render_shipping(here, order, names)
        one["shipping"] = order_live.of_shipping(shipping, order) if seen else shipping
    if "custom_fields" in names:
        one["custom_fields"] = shown_fields(here, order.custom_fields)
    if "assigned" in names:
        manager = shown_user(here, order.manager_id)
        one["assigned"] = [manager] if manager else []
    return one


def _attach(
    answer: list[dict[str, Any]], ids: list[int], name: str, rows: Iterable[tuple[int, dict[str, Any]]]
) -> None:
    grouped: dict[int, list[dict[str, Any]]] = {order_id: [] for order_id in ids}
    for order_id, row in rows:
        grouped[order_id].append(row)
    for order_id, one in zip(ids, answer, strict=True):
        one[name] = grouped[order_id]


def render(order: Order, status: Status) -> dict[str, Any]:
    return {
        "id": order.id,
        "parent_id": order.parent_id,
        "source_uuid": order.source_uuid,
        "source_id": order.source_id,
        "status_id": order.status_id,
        "status_group_id": status.group_id,
        "grand_total": number(order.grand_total),
        "promocode": order.promocode,
        "total_discount": number(order.total_discount),
        "expenses_sum": number(order.expenses_sum),
        "shipping_price": number(order.shipping_price),
        "wrap_price": number(order.wrap_price),
        "taxes": number(order.taxes),
        "manager_comment": order.manager_comment,
        "buyer_comment": order.buyer_comment,
        "gift_message": order.gift_message,
        "is_gift": order.is_gift,
        "payment_status": order.payment_status,
        "last_synced_at": None,
        "created_at": stamp(order.created_at),
        "updated_at": stamp(order.updated_at),
        "ordered_at": stamp(order.ordered_at),
        "closed_at": time_text(order.closed_at),
    }


def _lines(here: Emulation, lines: Sequence[Line], *, with_offers: bool) -> list[dict[str, Any]]:
    warehouses = {w.id: w for w in here.store[Warehouse].all()}
    offers: dict[int, dict[str, Any]] = {}
    if with_offers:
        ids = list({line.offer_id for line in lines if line.offer_id is not None})
        offers = {one["id"]: one for one in shown_offers(here, here.store[Offer].all(OFFERS.c.id.in_(ids)))}
    answer = []
    for line in lines:
        one = render_line(line, warehouses.get(line.warehouse_id or 0))
        if with_offers:
            one["offer"] = offers.get(line.offer_id or 0)
        answer.append(one)
    return answer


def render_line(line: Line, warehouse: Warehouse | None) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "sku": line.sku,
        "price": number(line.price),
        "price_sold": number(price_sold(line)),
        "purchased_price": number(line.purchased_price),
        "discount_percent": number(line.discount_percent),
        "discount_amount": number(line.discount_amount),
        "total_discount": number(line_discount(line)),
        "quantity": rendered(line.quantity),
        "unit_type": line.unit_type,
        "upsale": False,
        "comment": line.comment,
        "product_status_id": line.product_status_id,
        "picture": line.picture,
        "properties": line.properties,
        "shipment_type": "warehouse",
        "warehouse": None
        if warehouse is None
        else {
            "id": warehouse.id,
            "name": warehouse.name,
            "description": warehouse.description,
            "is_active": warehouse.is_active,
        },
    }


def render_payment(payment: Payment, *, seen: bool, currency: str) -> dict[str, Any]:
    one = {
        "id": payment.id,
        "destination_id": payment.order_id or payment.card_id,
        "payment_method_id": payment.payment_method_id,
        "amount": number(payment.amount),
        "actual_currency": currency,
        "transaction_uuid": payment.transaction_uuid,
        "description": payment.description,
        "status": payment.status,
        "fiscal_result": None,
        "payment_date": stamp(payment.payment_date),
        "created_at": stamp(payment.created_at),
        "updated_at": stamp(payment.updated_at),
    }
    return order_live.of_money(one, currency, is_expense=False) if seen else one


def render_expense(expense: Expense, *, seen: bool, currency: str) -> dict[str, Any]:
    one = {
        "id": expense.id,
        "destination_id": expense.order_id,
        "expense_type_id": expense.expense_type_id,
        "amount": number(expense.amount),
        "description": expense.description,
        "payment_date": stamp(expense.payment_date),
        "created_at": stamp(expense.created_at),
        "updated_at": stamp(expense.updated_at),
    }
    return order_live.of_money(one, currency, is_expense=True) if seen else one


def render_shipping(here: Emulation, order: Order, names: frozenset[str]) -> dict[str, Any]:
    sent: Mapping[str, Any] = order.shipping
    service_id = sent.get("delivery_service_id")
    one: dict[str, Any] = {
        "delivery_service_id": service_id,
        "tracking_code": order.tracking_code,
        "shipping_status": sent.get("shipping_status"),
        **{key: sent.get(key) for key in SHIPPING_TEXTS},
        "shipping_address_country_code": sent.get("shipping_address_country_code"),
        "shipping_secondary_line": sent.get("shipping_secondary_line") or "",
        "shipping_date_actual": microseconds(order.shipping_date),
    }
    if "shipping.deliveryService" in names:
        service = here.store[Reference].get(("delivery_service", service_id)) if service_id else None
        one["delivery_service"] = None if service is None else render_reference(service)
    if "shipping.lastHistory" in names:
        one["last_history"] = None
    return one


def context(order: Order, status: Status) -> dict[str, Any]:
    """The order as a trigger's webhook tells of it: other names than the API uses, some amounts as text."""
    values = order_live.EMPTY | {
        "id": order.id,
        "parent_id": order.parent_id,
        "source_id": order.source_id,
        "source_uuid": order.source_uuid,
        "client_id": order.client_id,
        "status_id": order.status_id,
        "status_group_id": status.group_id,
        "grand_total": number(order.grand_total),
        "total_discount": number(order.total_discount),
        "margin_sum": number(order.margin_sum),
        "discount_amount": number(order.discount_amount),
        "discount_percent": number(order.discount_percent),
        "expenses_sum": number(order.expenses_sum),
        "payments_total": number(order.payments_total),
        **order_live.on_top(order),
        "manager_comment": order.manager_comment,
        "client_comment": order.buyer_comment,
        "gift_message": order.gift_message,
        "promocode": order.promocode,
        "is_gift": order.is_gift,
        "gift_wrap": order.gift_wrap,
        "has_reserves": order.has_reserves,
        "payment_status": order.payment_status,
        "last_synced_at": None,
        **order_live.times(order),
        "closed_at": time_text(order.closed_at),
    }
    return {name: values[name] for name in order_live.FIELDS if name in values} | {"manager_id": order.manager_id}
