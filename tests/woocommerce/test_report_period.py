"""Which days a report is about, and what it adds up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from storelab.emulators.woocommerce.report_period import Given, Period, Sum, chosen, reported

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("asked", "period"),
    [
        ((), Period(TODAY, TODAY)),
        (("week",), Period(date(2026, 3, 25), TODAY)),
        (("month",), Period(date(2026, 3, 1), TODAY)),
        (("last_month",), Period(date(2026, 2, 1), date(2026, 2, 28))),
        (("year",), Period(date(2026, 1, 1), TODAY, "month")),
        (("week", "2020-01-01", "2020-01-02"), Period(date(2026, 3, 25), TODAY)),
        (("", "2026-03-01", "2026-03-05"), Period(date(2026, 3, 1), date(2026, 3, 5))),
        (("", "2026-03-30"), Period(date(2026, 3, 30), TODAY)),
        (("", "2025-11-30", "2026-03-29"), Period(date(2025, 11, 30), date(2026, 3, 29))),
        (("", "2025-11-30", "2026-03-30"), Period(date(2025, 11, 30), date(2026, 3, 30), "month")),
        (("", "1999-01-01", "2026-03-30"), Period(date(2006, 3, 31), date(2026, 3, 30), "month")),
        (("", "2026-02-31", "2026-03-30"), Period(date(2006, 3, 31), date(2026, 3, 30), "month")),
    ],
    ids=["nothing", "week", "month", "last month", "year", "name first", "dates", "open end", "months short of four",
         "four months", "twenty years at most", "no such day"],
)  # fmt: skip
def test_the_period_that_is_meant(asked: tuple[str, ...], period: Period) -> None:
    assert chosen(TODAY, *asked) == period


def test_a_period_names_its_days_or_its_months() -> None:
    assert Period(date(2026, 2, 27), date(2026, 3, 1)).keys == ["2026-02-27", "2026-02-28", "2026-03-01"]
    assert Period(date(2025, 12, 31), date(2026, 2, 1), "month").keys == ["2025-12", "2026-01", "2026-02"]
    assert Period(TODAY, date(2026, 1, 1)).keys == ["2026-03-31"]


def test_what_was_given_back_is_taken_from_the_whole_and_not_from_the_days() -> None:
    sold = [(TODAY, Sum(Decimal("12.10"), 1, 2, Decimal("1.00"), Decimal("3.00"), Decimal("0.10")))]
    given = Given(Decimal("5.5"), Decimal("0.5"))

    report = reported(Period(date(2026, 3, 30), TODAY), sold, given)

    assert (report["total_sales"], report["total_refunds"], report["total_tax"]) == ("6.60", 5.5, "0.60")
    assert report["net_sales"] == "3.00"  # without 3.00 of shipping, 0.50 of tax and 0.10 of tax on shipping
    assert report["average_sales"] == "1.50"
    assert report["totals"]["2026-03-31"]["sales"] == "12.10"
    assert report["totals"]["2026-03-30"]["orders"] == 0
