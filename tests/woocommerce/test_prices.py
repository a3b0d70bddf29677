"""Prices: what the store makes of what it is sent, which price counts, and how it is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.woocommerce.prices import Money, cleaned, next_change, number, on_sale, sale_kept

from .shop import Shop

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
amounts = st.decimals(min_value=0, max_value=10**9, places=2).map(str)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("19.99", "19.99"),
        ("12.3456", "12.3456"),
        ("0", "0"),
        ("-5", "-5"),
        ("  7 ", "7"),
        ("$5", "5"),
        ("1e3", "13"),
        ("1,234.50", "1234.50"),
        ("1.234,56", "1.23456"),
        ("19,99", "1999"),
        ("abc", ""),
        ("", ""),
        (5, "5"),
        (5.5, "5.5"),
        (None, ""),
        ("<b>3</b>", "3"),
    ],
)
def test_a_price_is_cleaned_and_never_rounded(sent: object, kept: str) -> None:
    assert cleaned(sent) == kept


@given(st.text())
def test_whatever_was_sent_a_price_is_digits_with_one_point_at_most(text: str) -> None:
    price = cleaned(text)

    assert set(price) <= set("0123456789.-")
    assert price.count(".") <= 1


@given(amounts)
def test_a_decimal_string_is_kept_to_the_last_digit(price: str) -> None:
    assert cleaned(price) == price


@given(st.text(alphabet="0123456789.-", max_size=60))
def test_every_cleaned_price_has_an_amount_and_can_be_shown(text: str) -> None:
    price = cleaned(text)

    assert number(price).is_finite()
    assert Money().digits(price)


@pytest.mark.parametrize(
    ("regular", "sale", "kept"),
    [("10", "5", "5"), ("10", "10", ""), ("10", "15", ""), ("", "15", ""), ("10", "", ""), ("9.99", "10", "")],
)
def test_a_sale_that_is_not_cheaper_is_dropped(regular: str, sale: str, kept: str) -> None:
    assert sale_kept(regular, sale) == kept


@pytest.mark.parametrize(
    ("starts", "ends", "now_on_sale"),
    [
        (None, None, True),
        (NOON - HOUR, None, True),
        (NOON, None, True),
        (NOON + HOUR, None, False),
        (None, NOON - HOUR, False),
        (None, NOON + HOUR, True),
        (NOON - HOUR, NOON + HOUR, True),
    ],
)
def test_a_sale_counts_between_its_dates(starts: datetime | None, ends: datetime | None, now_on_sale: bool) -> None:
    assert on_sale("10", "5", starts, ends, NOON) is now_on_sale


def test_the_price_changes_next_when_the_sale_starts_and_then_when_it_ends() -> None:
    starts, ends = NOON + HOUR, NOON + 2 * HOUR

    assert next_change("5", starts, ends, NOON) == starts
    assert next_change("5", starts, ends, starts + HOUR / 2) == ends
    assert next_change("5", starts, ends, ends + HOUR) is None
    assert next_change("", starts, ends, NOON) is None


@pytest.mark.parametrize(
    ("price", "shown"),
    [("1999", "1,999.00"), ("12.3456", "12.35"), ("0.005", "0.01"), ("-5", "0.00"), ("1234567.891", "1,234,567.89")],
)
def test_a_shown_amount_is_rounded_half_up_and_grouped(price: str, shown: str) -> None:
    assert Money().digits(price) == shown


@given(amounts)
def test_what_is_shown_is_within_half_a_cent_of_the_price(price: str) -> None:
    shown = Decimal(Money().digits(price).replace(",", ""))

    assert abs(shown - Decimal(price)) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("position", "shown"),
    [("left", "&euro;5,00"), ("right", "5,00&euro;"), ("left_space", "&euro;&nbsp;5,00"),
     ("right_space", "5,00&nbsp;&euro;")],
)  # fmt: skip
def test_the_currency_stands_where_the_shop_puts_it(position: str, shown: str) -> None:
    assert Money("&euro;", position, 2, ",", ".").text("5") == shown


def test_the_price_follows_the_clock_when_a_sale_starts_and_ends(shop: Shop) -> None:
    now = datetime.fromisoformat(shop.product("NOW")["date_created_gmt"]).replace(tzinfo=UTC)
    starts, ends = (f"{now + n * HOUR:%Y-%m-%dT%H:%M:%S}" for n in (1, 2))
    mug = shop.product(sale_price="6.00", date_on_sale_from_gmt=starts, date_on_sale_to_gmt=ends)

    before = shop.get(f"products/{mug['id']}")
    shop.world.clock(advance=3700)
    during = shop.get(f"products/{mug['id']}")
    shop.world.clock(advance=3700)
    after = shop.get(f"products/{mug['id']}")

    assert [(p["price"], p["on_sale"]) for p in (before, during, after)] == [
        ("10.00", False),
        ("6.00", True),
        ("10.00", False),
    ]


def test_a_variable_product_costs_what_its_variations_cost(shop: Shop) -> None:
    shirt = shop.post(
        "products",
        {
            "name": "Shirt",
            "type": "variable",
            "attributes": [{"name": "Size", "variation": True, "options": ["S", "M"]}],
        },
    )
    for size, price in (("S", "12"), ("M", "9.50")):
        shop.post(
            f"products/{shirt['id']}/variations",
            {"regular_price": price, "attributes": [{"name": "Size", "option": size}]},
        )

    shown = shop.get(f"products/{shirt['id']}")

    assert (shown["price"], shown["regular_price"]) == ("9.50", "")
    assert "Price range: &#36;9.50 through &#36;12.00" in shown["price_html"]
    assert [p["id"] for p in shop.get("products", min_price="11", max_price="13")] == [shirt["id"]]
