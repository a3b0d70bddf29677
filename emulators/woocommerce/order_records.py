"""Orders, their lines, refunds and notes, as they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Statement, Table, dataclass
from . import meta, php, totals
from .errors import WooError
from .totals import ZERO

PENDING = "pending"
STATUS_NAMES = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    "checkout-draft": "Draft",
}
STATUSES = (*STATUS_NAMES, "auto-draft")
HIDDEN = ("auto-draft", "trash")  # what `status=any` does not show; drafts of the checkout it does
DRAFTS = ("auto-draft", "checkout-draft")
KINDS = ("line_item", "tax", "shipping", "fee", "coupon")
TAX_SUMS = ("total_tax", "subtotal_tax")
BILLING = (
    "first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country", "email",
    "phone",
)  # fmt: skip
SHIPPING = tuple(f for f in BILLING if f != "email")


@dataclass(frozen=True)
class Order:
    """An order without its lines. Amounts are what its lines add up to, kept when they change.

    `haystack` is what a search looks through. `stock_reduced`, `sales_recorded` and `coupons_counted` say what was
    already done for this order, so that it is done once.
    """

    id: int
    status: str = PENDING
    customer_id: int = 0
    parent_id: int = 0
    created_via: str = "rest-api"
    created_at: datetime | None = None
    modified_at: datetime | None = None
    haystack: str = ""

    currency: str = "USD"
    prices_include_tax: bool = False
    order_key: str = ""
    billing: dict[str, str] = field(default_factory=dict)
    shipping: dict[str, str] = field(default_factory=dict)
    payment_method: str = ""
    payment_method_title: str = ""
    transaction_id: str = ""
    customer_note: str = ""
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    discount_total: Decimal = ZERO
    discount_tax: Decimal = ZERO
    shipping_total: Decimal = ZERO
    shipping_tax: Decimal = ZERO
    cart_tax: Decimal = ZERO
    total: Decimal = ZERO
    meta_data: meta.Kept = field(default_factory=list)
    stock_reduced: bool = False
    sales_recorded: bool = False
    coupons_counted: bool = False


ORDERS = Table(
    Order,
    "woo_orders",
    columns=(
        "status",
        "customer_id",
        "parent_id",
        "created_via",
        "created_at",
        "modified_at",
        "haystack",
    ),
    indexes=[
        ("status", "created_at", "id"),
        ("status", "modified_at", "id"),
        ("customer_id", "created_at", "id", "status"),
        ("created_at", "id", "status", "modified_at"),
        ("modified_at", "id", "status", "created_at"),
        ("created_via", "created_at", "id", "status"),
        ("parent_id", "id"),
    ],
)


@dataclass(frozen=True)
class Item:
    """One line of an order or of a refund (`order_id` is then the refund's).

    `kind`: line_item, tax, shipping, fee or coupon. `detail` holds what only this kind has. Taxes are by the id of
    the rate, as text; amounts in `taxes` and `subtotal_taxes` are decimals as text with six digits.
    """

    id: int
    order_id: int
    kind: str = "line_item"
    product_id: int = 0
    variation_id: int = 0
    name: str = ""
    quantity: int = 1
    tax_class: str = ""
    subtotal: Decimal = ZERO
    total: Decimal = ZERO
    subtotal_taxes: dict[str, str] = field(default_factory=dict)
    taxes: dict[str, str] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    meta_data: meta.Kept = field(default_factory=list)

    @property
    def tax_sums(self) -> tuple[Decimal, Decimal]:
        """The line's taxes together, after and before discounts, as they were rounded when they were taken."""
        sums = (totals.PLAIN.taxes(taxes) for taxes in (self.line.taxes, self.line.subtotal_taxes))
        after, before = (
            Decimal(self.detail[name]) if name in self.detail else together
            for name, together in zip(TAX_SUMS, sums, strict=True)
        )
        return after, before

    @property
    def line(self) -> totals.Line:
        return totals.Line(
            self.kind,
            self.subtotal,
            self.total,
            {k: Decimal(v) for k, v in self.taxes.items()},
            {k: Decimal(v) for k, v in self.subtotal_taxes.items()},
        )


ITEMS = Table(
    Item,
    "woo_order_items",
    columns=("order_id", "kind", "product_id", "variation_id", "name"),
    indexes=[("order_id", "id"), ("product_id",), ("variation_id",)],
)


@dataclass(frozen=True)
class Refund:
    """Money given back for an order. `amount` is above zero; its lines have quantities and totals below."""

    id: int
    order_id: int
    created_at: datetime | None = None
    amount: Decimal = ZERO
    reason: str = ""
    refunded_by: int = 0
    meta_data: meta.Kept = field(default_factory=list)


REFUNDS = Table(
    Refund, "woo_refunds", columns=("order_id", "created_at"), indexes=[("order_id", "id"), ("created_at", "id")]
)


@dataclass(frozen=True)
class Note:
    id: int
    order_id: int
    created_at: datetime | None = None
    customer_note: bool = False
    note: str = ""
    author: str = "WooCommerce"


NOTES = Table(Note, "woo_order_notes", columns=("order_id", "created_at"), indexes=[("order_id", "created_at")])

TABLES = (ORDERS, ITEMS, REFUNDS, NOTES)


class UnknownOrder(WooError):
    """Reading and deleting say 404, changing says 400."""

    def __init__(self, status: int = 404, message: str = "Invalid ID.") -> None:
        super().__init__("woocommerce_rest_shop_order_invalid_id", message, status)


def found(here: Emulation, order_id: Any, *, status: int = 404) -> Order:
    order = here.store[Order].get(php.integer(order_id))
    if order is None:
        raise UnknownOrder(status)
    return order


_ORDERS: sa.BindParameter[int] = sa.bindparam("orders", expanding=True)
_ITEMS_OF = Statement(ITEMS.select.where(ITEMS.c.order_id.in_(_ORDERS)).order_by(ITEMS.c.id))
_REFUNDS_OF = Statement(
    REFUNDS.select.where(REFUNDS.c.order_id.in_(_ORDERS)).order_by(REFUNDS.c.created_at.desc(), REFUNDS.c.id)
)


def items_of(here: Emulation, order_id: int, kind: str = "") -> list[Item]:
    items = here.store[Item].ask(_ITEMS_OF, orders=[order_id])
    return [item for item in items if item.kind == kind] if kind else items


def items_by_order(here: Emulation, order_ids: Sequence[int]) -> dict[int, list[Item]]:
    """The lines of many orders or refunds, in one query."""
    grouped: dict[int, list[Item]] = {i: [] for i in order_ids}
    if order_ids:
        for item in here.store[Item].ask(_ITEMS_OF, orders=list(order_ids)):
            grouped[item.order_id].append(item)
    return grouped


def refunds_by_order(here: Emulation, order_ids: Sequence[int]) -> dict[int, list[Refund]]:
    """Newest first, in one query."""
    grouped: dict[int, list[Refund]] = {i: [] for i in order_ids}
    if order_ids:
        for refund in here.store[Refund].ask(_REFUNDS_OF, orders=list(order_ids)):
            grouped[refund.order_id].append(refund)
    return grouped


def still_refundable(here: Emulation, order: Order) -> Decimal:
    given = sum((r.amount for r in refunds_by_order(here, [order.id])[order.id]), ZERO)
    return totals.rounded(order.total) - given


def removed(here: Emulation, order_id: int) -> None:
    """An order with everything that hangs on it."""
    refunds = [r.id for r in refunds_by_order(here, [order_id])[order_id]]
    here.store[Item].delete_where(ITEMS.c.order_id.in_([order_id, *refunds]))
    here.store[Refund].delete_where(REFUNDS.c.order_id == order_id)
    here.store[Note].delete_where(NOTES.c.order_id == order_id)
    here.store[Order].delete(order_id)


def searched(billing: Mapping[str, str], shipping: Mapping[str, str], transaction_id: str = "") -> str:
    """What a search finds an order by, beside its number and the names of its lines: each address as one line of
    text, and the payment. Source: OrdersTableSearchQuery of WooCommerce 10."""
    lines = (
        " ".join(address.get(f, "") for f in fields) for address, fields in ((billing, BILLING), (shipping, SHIPPING))
    )
    return "\n".join(line for line in (*lines, transaction_id) if line.strip()).casefold()


def texts_of(taxes: Mapping[str, Decimal]) -> dict[str, str]:
    return {rate: str(tax) for rate, tax in taxes.items()}


def with_product(product_id: int) -> Any:
    """Orders that hold this product; a variation is found by its product only."""
    lines = sa.select(ITEMS.c.order_id).where(ITEMS.c.kind == "line_item", ITEMS.c.product_id == product_id)
    return ORDERS.c.id.in_(lines)


_ADDRESSED = ORDERS.sql.alias().c


def matching(here: Emulation, search: str) -> Any:
    """Orders whose number is this, or whose addresses, payment or lines of any kind hold it; in a large store those
    are looked at that may."""
    lines = sa.select(ITEMS.c.order_id).where(ITEMS.c.name.icontains(search, autoescape=True))
    address = search.casefold()
    in_lines, in_addresses = (
        here.store.may_hold(ITEMS.c.name, [search]),
        here.store.may_hold(ORDERS.c.haystack, [address]),
    )
    if in_lines is not None:
        lines = lines.where(ITEMS.c.id.in_(in_lines))
    addressed = ORDERS.c.haystack.contains(address, autoescape=True)
    if in_addresses is not None:
        holding = _ADDRESSED.haystack.contains(address, autoescape=True)
        addressed = ORDERS.c.id.in_(sa.select(_ADDRESSED.id).where(_ADDRESSED.id.in_(in_addresses), holding))
    found = addressed | ORDERS.c.id.in_(lines)
    return found | (ORDERS.c.id == int(search)) if search.isascii() and search.isdigit() and len(search) < 19 else found


def by_kind(items: Iterable[Item]) -> dict[str, list[Item]]:
    grouped: dict[str, list[Item]] = {kind: [] for kind in KINDS}
    for item in items:
        grouped[item.kind].append(item)
    return grouped
