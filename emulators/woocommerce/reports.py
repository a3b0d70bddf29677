"""Reports: what was sold when, what sells best, and how many there are of everything.

The two reports of sales look for orders where WordPress keeps its posts. A store of 10.5.0 keeps them in tables of
their own, so that they find nothing: recorded, and a known defect of these reports. They find orders once the store
keeps copies there (move "change setting": `woocommerce_custom_orders_table_data_sync_enabled` to yes) or keeps them
there alone (`woocommerce_custom_orders_table_enabled` to no). What they then add up follows the public documentation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from ..kernel import Emulation, emulation
from . import auth, dates, report_period, respond, settings
from .coupons import Coupon
from .customers import CUSTOMERS, Customer
from .order_records import (
    ORDERS,
    REFUNDS,
    STATUS_NAMES,
    Item,
    Order,
    Refund,
    items_by_order,
)
from .params import Params
from .product import PRODUCTS, Product, remembered
from .report_period import Given, Period, Sum
from .reviews import REVIEWS, Review
from .totals import ZERO

_REPORTS = (
    ("sales", "List of sales reports."),
    ("top_sellers", "List of top sellers products."),
    ("orders/totals", "Orders totals."),
    ("products/totals", "Products totals."),
    ("customers/totals", "Customers totals."),
    ("coupons/totals", "Coupons totals."),
    ("reviews/totals", "Reviews totals."),
    ("categories/totals", "Categories totals."),
    ("tags/totals", "Tags totals."),
    ("attributes/totals", "Attributes totals."),
)
_WITHOUT_ROUTE = ("categories/totals", "tags/totals", "attributes/totals")  # listed, but not to be had
_PRODUCT_TYPES = (
    ("external", "External/Affiliate product"),
    ("grouped", "Grouped product"),
    ("simple", "Simple product"),
    ("variable", "Variable product"),
)
_COUPON_TYPES = (
    ("percent", "Percentage discount"),
    ("fixed_cart", "Fixed cart discount"),
    ("fixed_product", "Fixed product discount"),
)
_SOLD = ("completed", "processing", "on-hold")
_BEST = 12  # as many sellers are told
_AT_ONCE = 500  # orders whose lines are read together


def list_all(params: Params) -> list[dict[str, Any]]:
    here = emulation()
    auth.require("view", here)
    reports = []
    for slug, about in _REPORTS:
        links = respond.links(here, "reports", slug, allow=("GET",))
        if slug in _WITHOUT_ROUTE:
            links["self"] = [{"href": respond.url(here, f"reports/{slug}")}]
        reports.append({"slug": slug, "description": about, "_links": links})
    return reports


# ---------------------------------------------------------------------------------------------- sales


def read_sales(params: Params) -> list[dict[str, Any]]:
    """One report, in a list.

    Customers count on the day they came, until the midnight that begins the last day: today's do not count today.
    """
    here = emulation()
    auth.require("view", here)
    period = _asked(here, params)
    body = report_period.reported(period, _sold(here, period), _given_back(here, period))
    return [{**body, "_links": {"about": [{"href": respond.url(here, "reports")}]}}]


def list_top_sellers(params: Params) -> list[dict[str, Any]]:
    """The products that most pieces were sold of."""
    here = emulation()
    auth.require("view", here)
    pieces: Counter[int] = Counter()
    for _, lines in _orders(here, _asked(here, params), _SOLD):
        for line in lines:
            if line.kind == "line_item" and line.product_id:
                pieces[line.product_id] += line.quantity
    products = here.store[Product]
    best = [(products.get(number), quantity) for number, quantity in pieces.most_common(_BEST)]
    return [
        {
            "name": product.name,
            "product_id": product.id,
            "quantity": quantity,
            "_links": {
                "about": [{"href": respond.url(here, "reports")}],
                "product": [{"href": respond.url(here, f"products/{product.id}")}],
            },
        }
        for product, quantity in best
        if product is not None
    ]


def _asked(here: Emulation, params: Params) -> Period:
    today = dates.local_moment(here, here.clock.now).date()
    named = (params.get(name) or "" for name in ("period", "date_min", "date_max"))
    return report_period.chosen(today, *named)


def finds_orders(here: Emulation) -> bool:
    """Whether orders are where the reports of sales look for them."""
    apart = settings.value(here, "woocommerce_custom_orders_table_enabled") == "yes"
    return not apart or settings.value(here, "woocommerce_custom_orders_table_data_sync_enabled") == "yes"


def _bounds(here: Emulation, period: Period) -> tuple[datetime, datetime]:
    """The moments between which a period lies, the last one excluded."""
    zone = dates.zone(here)

    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), zone).astimezone(UTC)

    after = min(period.last, date.max - timedelta(days=2)) + timedelta(days=1)
    return midnight(period.first), midnight(after)


def _orders(here: Emulation, period: Period, statuses: tuple[str, ...]) -> Iterator[tuple[Order, list[Item]]]:
    """The orders of a period with their lines."""
    if not finds_orders(here):
        return
    start, end = _bounds(here, period)
    c = ORDERS.c
    orders = here.store[Order].all(c.status.in_(statuses), c.created_at >= start, c.created_at < end)
    for at in range(0, len(orders), _AT_ONCE):
        some = orders[at : at + _AT_ONCE]
        lines = items_by_order(here, [order.id for order in some])
        yield from ((order, lines[order.id]) for order in some)


def _sold(here: Emulation, period: Period) -> Iterator[tuple[date, Sum]]:
    for order, lines in _orders(here, period, (*_SOLD, "refunded")):
        if order.created_at is not None:
            yield (
                dates.local_moment(here, order.created_at).date(),
                Sum(
                    sales=order.total,
                    orders=1,
                    items=sum(line.quantity for line in lines if line.kind == "line_item"),
                    tax=order.cart_tax,
                    shipping=order.shipping_total,
                    shipping_tax=order.shipping_tax,
                    discount=order.discount_total,
                ),
            )
    c = CUSTOMERS.c
    start, end = _bounds(here, period)
    last_midnight = end - timedelta(days=1)
    for customer in here.store[Customer].all(
        c.role == "customer", c.created_at >= start, c.created_at <= last_midnight
    ):
        if customer.created_at is not None:
            yield dates.local_moment(here, customer.created_at).date(), Sum(customers=1)


def _given_back(here: Emulation, period: Period) -> Given:
    """What was given back in the period. An order that was given back wholly counts once, with all it came to."""
    whole = Given()
    if not finds_orders(here):
        return whole
    start, end = _bounds(here, period)
    refunds = here.store[Refund].all(REFUNDS.c.created_at >= start, REFUNDS.c.created_at < end)
    lines = items_by_order(here, [refund.id for refund in refunds])
    counted: set[int] = set()
    for refund in refunds:
        order = here.store[Order].get(refund.order_id)
        if order is None or order.id in counted:
            continue
        if order.status == "refunded":
            counted.add(order.id)
            whole += Given(order.total, order.cart_tax, order.shipping_total, order.shipping_tax)
        elif order.status in _SOLD:
            whole += _part(refund, lines[refund.id])
    return whole


def _part(refund: Refund, lines: list[Item]) -> Given:
    shipping = [line for line in lines if line.kind == "shipping"]
    others = [line for line in lines if line.kind in ("line_item", "fee")]
    return Given(
        refund.amount,
        -sum((_tax(line) for line in others), ZERO),
        -sum((line.total for line in shipping), ZERO),
        -sum((_tax(line) for line in shipping), ZERO),
    )


def _tax(line: Item) -> Decimal:
    return sum((Decimal(tax) for tax in line.taxes.values()), ZERO)


# ---------------------------------------------------------------------------------------------- how many


def count_orders(params: Params) -> list[dict[str, Any]]:
    here = emulation()
    auth.require("view", here)
    orders = here.store[Order]
    return [
        {"slug": slug, "name": name, "total": orders.count(ORDERS.c.status == slug, memo=("report", slug))}
        for slug, name in STATUS_NAMES.items()
    ]


def count_products(params: Params) -> list[dict[str, Any]]:
    """Published products by type."""
    here = emulation()
    auth.require("view", here)
    c = PRODUCTS.c
    published = (c.status == "publish", ~c.trashed, ~c.is_variation)
    return [
        {
            "slug": slug,
            "name": name,
            "total": here.store[Product].count(*published, c.type == slug, memo=("report", slug)),
        }
        for slug, name in _PRODUCT_TYPES
    ]


def count_customers(params: Params) -> list[dict[str, Any]]:
    here = emulation()
    auth.require("view", here)
    paying = remembered(here, (CUSTOMERS.name,), "customers who pay", partial(_paying, here))
    return [
        {"slug": "paying", "name": "Paying customer", "total": paying[True]},
        {"slug": "non_paying", "name": "Non-paying customer", "total": paying[False]},
    ]


def _paying(here: Emulation) -> Counter[bool]:
    return Counter(customer.is_paying for customer in here.store[Customer].all(CUSTOMERS.c.role == "customer"))


def count_coupons(params: Params) -> list[dict[str, Any]]:
    here = emulation()
    auth.require("view", here)
    types = Counter(coupon.discount_type for coupon in here.store[Coupon].all() if coupon.status == "publish")
    return [{"slug": slug, "name": name, "total": types[slug]} for slug, name in _COUPON_TYPES]


def count_reviews(params: Params) -> list[dict[str, Any]]:
    """Reviews that were not thrown away, by their rating."""
    here = emulation()
    auth.require("view", here)
    stars = remembered(here, (REVIEWS.name,), "reviews by rating", partial(_stars, here))
    return [{"slug": f"rated_{n}_out_of_5", "name": f"Rated {n} out of 5", "total": stars[n]} for n in range(1, 6)]


def _stars(here: Emulation) -> Counter[int]:
    shown = REVIEWS.c.status.in_(("approved", "hold"))
    return Counter(review.rating for review in here.store[Review].all(shown))
