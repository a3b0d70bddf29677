"""Orders as they are kept, and the arithmetic on them.

Source: KeyCRM API document v1.2.0, "order". Assumed: a line's discount is per unit, the order's discount applies to
the sum of its lines, and shipping, wrapping and taxes are added after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ..kernel import Table, dataclass
from ..quantities import Thousandths, money

ZERO = Decimal(0)


@dataclass(frozen=True)
class Order:
    """One order. The sums at the end are kept with it, so that a list of orders needs no second look."""

    id: int
    source_id: int
    status_id: int
    client_id: int
    ordered_at: datetime
    created_at: datetime
    updated_at: datetime
    status_changed_at: datetime
    source_uuid: str | None = None
    payment_status: str = "not_paid"
    tracking_code: str | None = None
    shipping_date: datetime | None = None
    parent_id: int | None = None
    manager_id: int | None = None
    closed_at: datetime | None = None
    promocode: str | None = None
    discount_percent: Decimal | None = None
    discount_amount: Decimal | None = None
    shipping_price: Decimal | None = None
    wrap_price: Decimal | None = None
    taxes: Decimal | None = None
    manager_comment: str | None = None
    buyer_comment: str | None = None
    gift_message: str | None = None
    is_gift: bool = False
    gift_wrap: bool = False
    shipping: dict[str, Any] = field(default_factory=dict)
    marketing: dict[str, Any] = field(default_factory=dict)
    custom_fields: dict[str, Any] = field(default_factory=dict)
    tags: tuple[int, ...] = ()
    files: tuple[int, ...] = ()
    products_total: Decimal = ZERO
    total_discount: Decimal = ZERO
    grand_total: Decimal = ZERO
    margin_sum: Decimal = ZERO
    expenses_sum: Decimal = ZERO
    payments_total: Decimal = ZERO
    has_reserves: bool = False


ORDERS = Table(
    Order,
    "keycrm_orders",
    columns=(
        "source_id",
        "status_id",
        "client_id",
        "ordered_at",
        "updated_at",
        "source_uuid",
        "payment_status",
        "tracking_code",
        "shipping_date",
    ),
    indexes=[("source_uuid",), ("ordered_at",), ("updated_at",), ("status_id",)],
)


@dataclass(frozen=True)
class Line:
    """One product of an order. `reserved` and `written_off` say what this line holds of its warehouse's stock."""

    id: int
    order_id: int
    name: str
    quantity: Thousandths
    sku: str | None = None
    offer_id: int | None = None
    warehouse_id: int | None = None
    price: Decimal = ZERO
    purchased_price: Decimal = ZERO
    discount_percent: Decimal | None = None
    discount_amount: Decimal | None = None
    unit_type: str | None = None
    comment: str = ""
    picture: str | None = None
    product_status_id: int | None = None
    properties: list[dict[str, str]] = field(default_factory=list)
    reserved: Thousandths = 0
    written_off: Thousandths = 0


LINES = Table(Line, "keycrm_order_lines", columns=("order_id",), indexes=[("order_id",)])


@dataclass(frozen=True)
class Payment:
    """Money for an order, or for a card of a pipeline. `status`: paid, not_paid or canceled."""

    id: int
    amount: Decimal
    created_at: datetime
    updated_at: datetime
    payment_date: datetime
    order_id: int | None = None
    card_id: int | None = None
    payment_method_id: int | None = None
    status: str = "paid"
    description: str | None = None
    transaction_uuid: str | None = None


PAYMENTS = Table(Payment, "keycrm_payments", columns=("order_id", "card_id"), indexes=[("order_id",), ("card_id",)])


@dataclass(frozen=True)
class Expense:
    """A cost of an order."""

    id: int
    order_id: int
    expense_type_id: int
    amount: Decimal
    created_at: datetime
    updated_at: datetime
    payment_date: datetime
    description: str | None = None


EXPENSES = Table(Expense, "keycrm_expenses", columns=("order_id",), indexes=[("order_id",)])


@dataclass(frozen=True)
class Sums:
    products_total: Decimal
    total_discount: Decimal
    grand_total: Decimal
    margin_sum: Decimal


def discounted(amount: Decimal, percent: Decimal | None, off: Decimal | None) -> Decimal:
    """The amount less a percentage and a sum of money, never below zero."""
    share = amount * (percent or ZERO) / 100
    return max(ZERO, (amount - share - (off or ZERO)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def price_sold(line: Line) -> Decimal:
    """What one unit is sold for."""
    return discounted(line.price, line.discount_percent, line.discount_amount)


def line_discount(line: Line) -> Decimal:
    return money((line.price - price_sold(line)) * line.quantity / 1000)


def summed(order: Order, lines: Iterable[Line]) -> Sums:
    """The totals of an order from its lines, discounts and extras."""
    all_lines = list(lines)
    gross = sum((line.price * line.quantity / 1000 for line in all_lines), ZERO)
    net = sum((price_sold(line) * line.quantity / 1000 for line in all_lines), ZERO)
    cost = sum((line.purchased_price * line.quantity / 1000 for line in all_lines), ZERO)
    products_total = money(net)
    after = discounted(products_total, order.discount_percent, order.discount_amount)
    extras = sum((x or ZERO for x in (order.shipping_price, order.wrap_price, order.taxes)), ZERO)
    return Sums(
        products_total=products_total,
        total_discount=money(gross - after),
        grand_total=money(after + extras),
        margin_sum=money(after - cost),
    )


def paid_total(payments: Sequence[Payment]) -> Decimal:
    return sum((payment.amount for payment in payments if payment.status == "paid"), ZERO)


def payment_state(paid: Decimal, total: Decimal) -> str:
    """not_paid, part_paid, paid or overpaid. An order that costs nothing is not paid until something is."""
    if paid <= 0:
        return "not_paid"
    if paid < total:
        return "part_paid"
    return "paid" if paid == total else "overpaid"
