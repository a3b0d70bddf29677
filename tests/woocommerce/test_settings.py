"""Settings: every group is read and written, and what is set counts elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop


def test_every_setting_that_is_listed_can_be_read_and_keeps_its_own_value(shop: Shop) -> None:
    groups = [g["id"] for g in shop.get("settings")]

    for group in groups:
        listing = shop.call("GET", f"settings/{group}")
        for setting in listing.json() if listing.ok else ():
            one = shop.get(f"settings/{group}/{setting['id']}")
            assert one["value"] == setting["value"]

    empty = [g for g in groups if not shop.call("GET", f"settings/{g}").ok]
    assert empty == ["integration", "site-visibility", "point-of-sale"]


@pytest.mark.parametrize(
    ("path", "sent", "kept"),
    [
        ("general/woocommerce_store_city", " Київ <script>x</script>", "Київ x"),
        ("general/woocommerce_store_city", None, ""),
        ("general/woocommerce_store_city", 7, "7"),
        ("general/woocommerce_enable_coupons", "no", "no"),
        ("general/woocommerce_enable_coupons", "", "yes"),
        ("general/woocommerce_default_country", "UA:UA30", "UA:UA30"),
        ("general/woocommerce_specific_allowed_countries", ["UA", "XX", "PL"], ["UA", "PL"]),
        ("general/woocommerce_specific_allowed_countries", [], []),
        ("products/woocommerce_weight_unit", "kg", "kg"),
        ("products/woocommerce_dimension_unit", "cm", "cm"),
        ("email_new_order/recipient", "boss@example.com", "boss@example.com"),
        ("email_customer_refunded_order/subject_partial", "Some of it", "Some of it"),
    ],
)
def test_a_setting_keeps_what_fits_it(shop: Shop, path: str, sent: Any, kept: Any) -> None:
    answered = shop.put(f"settings/{path}", {"value": sent})

    assert answered["value"] == kept
    assert shop.get(f"settings/{path}")["value"] == kept


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("general/woocommerce_currency", "ZZZ"),
        ("general/woocommerce_currency", None),
        ("general/woocommerce_default_country", "Ukraine"),
        ("general/woocommerce_calc_taxes", "maybe"),
        ("general/woocommerce_specific_allowed_countries", "UA"),
        ("products/woocommerce_weight_unit", "stone"),
        ("email_new_order/email_type", "pigeon"),
    ],
)
def test_a_setting_refuses_what_does_not_fit_it(shop: Shop, path: str, sent: Any) -> None:
    before = shop.get(f"settings/{path}")["value"]

    refused = shop.refusal("PUT", f"settings/{path}", {"value": sent})

    assert refused[:2] == (400, "rest_setting_value_invalid")
    assert shop.get(f"settings/{path}")["value"] == before


def test_the_emails_are_each_set_for_themselves(shop: Shop) -> None:
    shop.put("settings/email_new_order/subject", {"value": "New!"})

    assert shop.get("settings/email_failed_order/subject")["value"] == ""
    assert shop.get("settings/email_new_order/subject")["value"] == "New!"
