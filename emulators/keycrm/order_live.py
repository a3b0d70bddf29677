"""Orders as live answers have them: the form of the observed profile, made of the documented one.

Source: an answer to POST /order of November 2024, and the records of a client that is verified against live calls of
GET /order; both in public repositories, read 2026-12-01. Left out: what they show of a buyer's other orders and of the
way of a parcel, since nobody says when that is counted.
"""

from __future__ import annotations

from typing import Any

from ..quantities import number
from .buyers import Buyer
from .dates import microseconds
from .order import Order

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
        "gift_wrap": order.gift_wrap,
        "payments_total": number(order.payments_total),
        "products_total": number(order.products_total),
        "has_reserves": order.has_reserves,
        **times(order),
    }
    return {name: values[name] for name in FIELDS}


def times(order: Order) -> dict[str, Any]:
    return {
        "status_changed_at": microseconds(order.status_changed_at),
        "created_at": microseconds(order.created_at),
        "updated_at": microseconds(order.updated_at),
        "ordered_at": microseconds(order.ordered_at),
    }


def of_line(documented: dict[str, Any], order: Order) -> dict[str, Any]:
    """A line has the times of its order (assumed)."""
    picture = documented["picture"]
    return documented | {
        "variation_id": None,
        "publication_source_uuid": None,
        "discount_amount": documented["discount_amount"] or 0,
        "discount_percent": documented["discount_percent"] or 0,
        "individual_discount": 0,
        "loyalty_discount": 0,
        "stock_status": None,
        "picture": {"thumbnail": picture} if picture else [],
        "comment": documented["comment"] or None,
        "created_at": microseconds(order.created_at),
        "updated_at": microseconds(order.created_at),
    }


def of_buyer(documented: dict[str, Any], buyer: Buyer) -> dict[str, Any]:
    return documented | {
        "birthday": buyer.birthday,
        "note": buyer.note,
        "picture": None,
        "image": None,
        "discount": number(buyer.discount) or 0,
        "deleted_at": None,
        "created_at": microseconds(buyer.created_at),
        "updated_at": microseconds(buyer.updated_at),
    }


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
    return documented | {"address_payload": {"warehouse_ref": reference} if reference else []}
