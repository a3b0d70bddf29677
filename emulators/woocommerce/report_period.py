"""Which days a report is about, and what it adds up. Pure rules; days are those of the store's own calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ..kernel import dataclass
from .totals import CENT, ZERO

_EPOCH = date(1970, 1, 1)
_TOLD_BY_MONTHS = 4  # months; from there on days would be too many


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included, told by days or by months."""

    first: date
    last: date
    by: str = "day"

    @property
    def keys(self) -> list[str]:
        """The names of its days or months, one at least."""
        if self.by == "day":
            days = max(0, (self.last - self.first).days)
            return [(self.first + timedelta(days=n)).isoformat() for n in range(days + 1)]
        months = max(0, _month(self.last) - _month(self.first))
        return [_named(_month(self.first) + n) for n in range(months + 1)]

    def key(self, day: date) -> str:
        return day.isoformat() if self.by == "day" else _named(_month(day))


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _named(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def chosen(today: date, name: str = "", date_min: str = "", date_max: str = "") -> Period:
    """The period of this name (week, month, last_month, year), else of these dates, else today.

    A week is the last seven days. Dates look back twenty years at most; a missing end is today.
    """
    if name == "week":
        return Period(today - timedelta(days=6), today)
    if name == "month":
        return Period(today.replace(day=1), today)
    if name == "last_month":
        last = today.replace(day=1) - timedelta(days=1)
        return Period(last.replace(day=1), last)
    if name == "year":
        return Period(today.replace(month=1, day=1), today, "month")
    if not date_min and not date_max:
        return Period(today, today)
    first = max(_years_before(today, 20), _day(date_min) or _EPOCH)
    last = (_day(date_max) or _EPOCH) if date_max else today
    whole_months = _month(last) - _month(first) - (last.day < first.day)
    return Period(first, last, "month" if whole_months >= _TOLD_BY_MONTHS else "day")


@dataclass(frozen=True)
class Sum:
    """What was sold on one day, or altogether."""

    sales: Decimal = ZERO
    orders: int = 0
    items: int = 0
    tax: Decimal = ZERO
    shipping: Decimal = ZERO
    shipping_tax: Decimal = ZERO
    discount: Decimal = ZERO
    customers: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(
            self.sales + other.sales,
            self.orders + other.orders,
            self.items + other.items,
            self.tax + other.tax,
            self.shipping + other.shipping,
            self.shipping_tax + other.shipping_tax,
            self.discount + other.discount,
            self.customers + other.customers,
        )


@dataclass(frozen=True)
class Given:
    """Money given back in the period."""

    amount: Decimal = ZERO
    tax: Decimal = ZERO
    shipping: Decimal = ZERO
    shipping_tax: Decimal = ZERO

    def __add__(self, other: Given) -> Given:
        return Given(
            self.amount + other.amount,
            self.tax + other.tax,
            self.shipping + other.shipping,
            self.shipping_tax + other.shipping_tax,
        )


def reported(period: Period, sold: Iterable[tuple[date, Sum]], given: Given) -> dict[str, Any]:
    """The report as the API shows it: every day or month of the period, and all of it less what was given back."""
    totals = dict.fromkeys(period.keys, Sum())
    whole = Sum()
    for day, one in sold:
        if (key := period.key(day)) in totals:
            totals[key] += one
            whole += one
    whole = replace(
        whole,
        sales=whole.sales - given.amount,
        tax=whole.tax - given.tax,
        shipping=whole.shipping - given.shipping,
        shipping_tax=whole.shipping_tax - given.shipping_tax,
    )
    net = whole.sales - whole.shipping - max(ZERO, whole.tax) - max(ZERO, whole.shipping_tax)
    return {
        "total_sales": _money(whole.sales),
        "net_sales": _money(net),
        "average_sales": _money(net / len(totals)),
        "total_orders": whole.orders,
        "total_items": whole.items,
        "total_tax": _money(whole.tax + whole.shipping_tax),
        "total_shipping": _money(whole.shipping),
        "total_refunds": _number(given.amount),
        "total_discount": _money(whole.discount),
        "totals_grouped_by": period.by,
        "totals": {key: _shown(one) for key, one in totals.items()},
        "total_customers": whole.customers,
    }


def _shown(one: Sum) -> dict[str, Any]:
    return {
        "sales": _money(one.sales),
        "orders": one.orders,
        "items": one.items,
        "tax": _money(one.tax + one.shipping_tax),
        "shipping": _money(one.shipping),
        "discount": _money(one.discount),
        "customers": one.customers,
    }


def _money(amount: Decimal) -> str:
    return f"{amount.quantize(CENT):f}"


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)
