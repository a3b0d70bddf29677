"""Orders as live answers have them: the form of the observed profile, made of the documented one.

Source, all in public repositories and read 2026-12-01: an answer to POST /order of November 2024, answers of August
2026 to GET /order among a client's tests, and the records of a client that is verified against live calls. Left out:
what they show of a buyer's other orders, of addresses kept for parcels and of their text, since nobody says how that
comes about.
"""

from __future__ import annotations

from typing import Any

from ..quantities import number
from .buyers import Buyer
from .dates import microseconds
from .order import Line, Order
from .references import Status

# All that live orders have, in their order; the associations follow.
FIELDS = (
    "id",
    "source_uuid",
    "global_source_uuid",
    "status_on_source",
    "source_id",
    "client_id",
    "grand_total",
    "total_discount",
    "margin_sum",
    "expenses_sum",
    "discount_amount",
    "discount_percent",
    "shipping_price",
    "taxes",
    "register_id",
    "fiscal_result",
    "fiscal_status",
    "shipping_type_id",
    "status_group_id",
    "status_id",
    "closed_from",
    "status_expired_at",
    "status_changed_at",
    "parent_id",
    "manager_comment",
    "client_comment",
    "discount_data",
    "is_gift",
    "promocode",
    "wrap_price",
    "gift_wrap",
    "payment_status",
    "gift_message",
    "last_synced_at",
    "created_at",
    "updated_at",
    "closed_at",
    "ordered_at",
    "source_updated_at",
    "deleted_at",
    "payments_total",
    "products_total",
    "is_expired",
    "has_reserves",
    "buyer_comment",
)
EMPTY: dict[str, Any] = {
    "global_source_uuid": None,
    "status_on_source": None,
    "register_id": None,
    "fiscal_result": [],
    "fiscal_status": None,
    "shipping_type_id": None,
    "closed_from": None,
    "status_expired_at": None,
    "source_updated_at": None,
    "deleted_at": None,
    "is_expired": False,
}
ON_CREATION = frozenset({"products", "buyer", "shipping", "payments"})  # a new order is answered with these


def of_order(documented: dict[str, Any], order: Order) -> dict[str, Any]:
    """Times to the microsecond, but for that of the close; the buyer's comment has two names."""
    values = EMPTY | documented
    values |= {
        "client_id": order.client_id,
        "margin_sum": number(order.margin_sum),
        "discount_amount": number(order.discount_amount),
        "discount_percent": number(order.discount_percent),
        "client_comment": order.buyer_comment,
        "discount_data": [],
        **on_top(order),
        "gift_wrap": order.gift_wrap,
        "payments_total": number(order.payments_total),
        "products_total": number(order.products_total),
        "has_reserves": order.has_reserves,
        **times(order),
    }
    return {name: values[name] for name in FIELDS}


def on_top(order: Order) -> dict[str, str | None]:
    """What is paid beside the goods is told as text."""
    amounts = {"shipping_price": order.shipping_price, "wrap_price": order.wrap_price, "taxes": order.taxes}
    return {name: None if value is None else f"{value:.2f}" for name, value in amounts.items()}


def times(order: Order) -> dict[str, Any]:
    return {
        "status_changed_at": microseconds(order.status_changed_at),
        "created_at": microseconds(order.created_at),
        "updated_at": microseconds(order.updated_at),
        "ordered_at": microseconds(order.ordered_at),
    }


def of_line(documented: dict[str, Any], line: Line, order: Order, default_warehouse: int) -> dict[str, Any]:
    """A line has the times of its order, and its status tells what it holds of the stock (assumed)."""
    picture, warehouse = documented["picture"], documented["warehouse"]
    return documented | {
        "variation_id": None,
        "publication_source_uuid": None,
        "discount_amount": documented["discount_amount"] or 0,
        "discount_percent": documented["discount_percent"] or 0,
        "individual_discount": 0,
        "loyalty_discount": 0,
        "stock_status": "fulfilled" if line.written_off else "reserved" if line.reserved else None,
        "picture": {"thumbnail": picture} if picture else [],
        "comment": documented["comment"] or None,
        "created_at": microseconds(order.created_at),
        "updated_at": microseconds(order.created_at),
        "warehouse": warehouse
        and {**warehouse, "is_default": warehouse["id"] == default_warehouse, "deleted_at": None},
    }


def of_buyer(documented: dict[str, Any], buyer: Buyer, currency: str) -> dict[str, Any]:
    return documented | {
        "birthday": buyer.birthday,
        "note": buyer.note,
        "picture": None,
        "image": None,
        "discount": number(buyer.discount) or 0,
        "currency": currency,
        "deleted_at": None,
        "created_at": microseconds(buyer.created_at),
        "updated_at": microseconds(buyer.updated_at),
    }


def of_status(documented: dict[str, Any], status: Status) -> dict[str, Any]:
    made = microseconds(status.created_at)
    return documented | {"created_at": made, "updated_at": made}


def of_money(documented: dict[str, Any], currency: str, *, is_expense: bool) -> dict[str, Any]:
    """Payments and expenses are of one form."""
    nothing = ("payment_method_id", "expense_type_id", "transaction_uuid", "invoice_url", "register_id", "bill_id")
    more = ("bill_type", "related_payment_id", "fiscal_status")
    return {**dict.fromkeys((*nothing, *more)), **documented} | {
        "source_currency": currency,
        "actual_amount": documented["amount"],
        "actual_currency": currency,
        "is_expense": is_expense,
        "fiscal_result": [],
    }


def of_shipping(documented: dict[str, Any], order: Order) -> dict[str, Any] | None:
    """Nothing for an order of which no shipping was told."""
    if not order.shipping and order.tracking_code is None and order.shipping_date is None:
        return None
    reference = order.shipping.get("warehouse_ref")
    nothing = ("last_history_id", "return_tracking_code", "tracking_code_send_at", "shipping_preferred_method")
    return {**documented, **dict.fromkeys((*nothing, "shipping_address", "shipping_price", "deleted_at"))} | {
        "shipment_payload": [],
        "address_payload": {"warehouse_ref": reference} if reference else [],
        "is_warehouse": bool(reference),
        "shipping_secondary_line": documented["shipping_secondary_line"] or None,
        "shipping_date_actual_has_owner": False,
        "was_shipped": False,
        "created_at": microseconds(order.created_at),
        "updated_at": microseconds(order.updated_at),
    }
