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


def test_copies_of_emails_can_be_set_once_email_improvements_are_on(shop: Shop) -> None:
    def copies() -> list[tuple[str, str]]:
        settings = shop.get("settings/email_customer_note")
        return [(s["id"], s["label"]) for s in settings if s["id"] in ("cc", "bcc")]

    before = copies()
    refused = shop.refusal("PUT", "settings/email_customer_note/cc", {"value": "boss@example.com"})
    shop.put("settings/advanced/woocommerce_feature_email_improvements_enabled", {"value": "yes"})
    kept = shop.put("settings/email_customer_note/cc", {"value": "boss@example.com"})

    assert (before, copies()) == ([], [("cc", "Cc(s)"), ("bcc", "Bcc(s)")])
    assert refused[:2] == (404, "rest_setting_setting_invalid")
    assert kept["value"] == "boss@example.com"


def test_the_forms_of_an_email_and_its_texts_are_called_as_in_the_store(shop: Shop) -> None:
    refunded = {s["id"]: s for s in shop.get("settings/email_customer_refunded_order")}

    assert refunded["email_type"]["options"] == {"plain": "Plain text", "html": "HTML", "multipart": "Multipart"}
    assert refunded["heading_full"]["label"] == "Full refund email heading"
    assert refunded["subject_partial"]["label"] == "Partial refund subject"


def test_a_shop_that_manages_no_stock_counts_nothing(shop: Shop) -> None:
    mug = shop.product(stock=5)
    shop.put("settings/products/woocommerce_manage_stock", {"value": "no"})

    shop.post("orders", {"set_paid": True, "line_items": [{"product_id": mug["id"], "quantity": 2}]})
    ignored = shop.put(f"products/{mug['id']}", {"stock_quantity": 1, "stock_status": "onbackorder"})
    shop.put("settings/products/woocommerce_manage_stock", {"value": "yes"})
    after = shop.get(f"products/{mug['id']}")

    assert (ignored["manage_stock"], ignored["stock_status"]) == (False, "onbackorder")
    assert (after["manage_stock"], after["stock_quantity"]) == (True, 5)


def test_an_order_is_in_the_currency_the_shop_had_then(shop: Shop) -> None:
    mug = shop.product()

    shop.put("settings/general/woocommerce_currency", {"value": "UAH"})
    order = shop.post("orders", {"line_items": [{"product_id": mug["id"]}]})
    shop.put("settings/general/woocommerce_currency", {"value": "EUR"})

    assert shop.get(f"orders/{order['id']}")["currency_symbol"] == "₴"
    assert shop.get("data/currencies/current")["code"] == "EUR"


@pytest.mark.parametrize("decimals", ["999999999999999999", "-3", "x"])
def test_no_number_of_decimals_breaks_the_shop(shop: Shop, decimals: str) -> None:
    shop.put("settings/general/woocommerce_price_num_decimals", {"value": decimals})

    mug = shop.product()
    order = shop.post("orders", {"line_items": [{"product_id": mug["id"]}]})

    assert float(order["total"]) == 10


def test_times_follow_the_stores_zone_and_gmt_does_not(shop: Shop) -> None:
    shop.world.clock(freeze="2026-07-01T22:30:00Z")
    shop.world.do("woocommerce", "change setting", name="timezone_string", value="Europe/Kyiv")

    order = shop.post("orders")
    late = shop.post("coupons", {"code": "late", "date_expires": "2026-07-02T01:30:00"})

    assert (order["date_created"], order["date_created_gmt"]) == ("2026-07-02T01:30:00", "2026-07-01T22:30:00")
    assert late["date_expires_gmt"] == "2026-07-01T22:30:00"


def test_shipping_can_be_of_any_tax_class_there_is(shop: Shop) -> None:
    shop.post("taxes/classes", {"name": "Parcels"})

    kept = shop.put("settings/tax/woocommerce_shipping_tax_class", {"value": "parcels"})

    assert kept["value"] == "parcels"
    assert kept["options"]["parcels"] == "Parcels"
