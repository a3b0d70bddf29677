"""What a price tag says: with taxes or without, as the shop wants it."""

from __future__ import annotations

import html
import re

import pytest

from .shop import Shop


@pytest.fixture
def taxing(shop: Shop) -> Shop:
    shop.put("settings/general/woocommerce_calc_taxes", {"value": "yes"})
    shop.put("settings/general/woocommerce_default_country", {"value": "UA:UA30"})
    shop.post("taxes", {"country": "UA", "rate": "20"})
    return shop


def _tag(shop: Shop, product: int) -> str:
    shown = re.sub(r"<[^>]+>", "", shop.get(f"products/{product}")["price_html"])
    return html.unescape(shown)


@pytest.mark.parametrize(
    ("entered_gross", "shown", "tag"),
    [("no", "excl", "$99.99"), ("no", "incl", "$119.99"), ("yes", "incl", "$99.99"), ("yes", "excl", "$83.33")],
)
def test_a_price_is_shown_with_taxes_or_without(taxing: Shop, entered_gross: str, shown: str, tag: str) -> None:
    taxing.put("settings/tax/woocommerce_prices_include_tax", {"value": entered_gross})
    taxing.put("settings/tax/woocommerce_tax_display_shop", {"value": shown})
    mug = taxing.product(price="99.99")

    assert _tag(taxing, mug["id"]) == tag
    assert taxing.get(f"products/{mug['id']}")["price"] == "99.99"


def test_what_is_not_taxed_is_shown_as_it_is(taxing: Shop) -> None:
    taxing.put("settings/tax/woocommerce_tax_display_shop", {"value": "incl"})
    gift = taxing.product(price="10.00", tax_status="none")

    assert _tag(taxing, gift["id"]) == "$10.00"


def test_the_words_behind_a_price_may_name_both_prices(taxing: Shop) -> None:
    taxing.put("settings/tax/woocommerce_price_display_suffix", {"value": "({price_including_tax} з ПДВ)"})
    mug = taxing.product(price="10.00")

    assert _tag(taxing, mug["id"]) == "$10.00 ($12.00 з ПДВ)"


def test_a_new_rate_is_on_the_tag_at_once(taxing: Shop) -> None:
    taxing.put("settings/tax/woocommerce_tax_display_shop", {"value": "incl"})
    mug = taxing.product(price="10.00")

    before = taxing.get("products")[0]["price_html"]
    taxing.post("taxes", {"country": "UA", "rate": "10", "priority": 2})

    assert "12.00" in before
    assert "13.00" in taxing.get("products")[0]["price_html"]
    assert _tag(taxing, mug["id"]) == "$13.00"


@pytest.mark.parametrize(
    ("setting", "value", "tag"),
    [
        ("general/woocommerce_currency", "UAH", "₴1,234.50"),
        ("general/woocommerce_currency_pos", "right_space", "1,234.50\xa0$"),
        ("general/woocommerce_price_thousand_sep", ".", "$1.234.50"),
        ("general/woocommerce_price_num_decimals", "0", "$1,235"),
    ],
)
def test_a_price_is_written_as_the_shop_writes_prices(shop: Shop, setting: str, value: str, tag: str) -> None:
    mug = shop.product(price="1234.50")

    shop.put(f"settings/{setting}", {"value": value})

    assert _tag(shop, mug["id"]) == tag
