"""Taxes, gateways, settings, customers and coupons, beyond what was recorded."""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop

# ---------------------------------------------------------------------------------------------- taxes


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"state": "c a"}, {"state": "CA"}),
        ({"rate": ""}, {"rate": "0.0000"}),
        ({"priority": -3}, {"priority": 3}),
        ({"postcodes": ["1000…1999", "1000…1999"]}, {"postcodes": ["1000...1999"] * 2}),
        ({"postcodes": [], "cities": []}, {"postcodes": ["90*"], "cities": ["LA"]}),
        ({"postcode": "", "city": ""}, {"postcodes": ["90*"], "cities": ["LA"]}),
    ],
    ids=["state", "no rate", "priority", "ranges", "no places", "no place"],
)
def test_a_rate_is_kept_as_the_store_reads_it(shop: Shop, sent: dict[str, Any], kept: dict[str, Any]) -> None:
    rate = shop.post("taxes", {"country": "US", "rate": "8", "postcodes": ["90*"], "cities": ["la"]})

    changed = shop.put(f"taxes/{rate['id']}", sent)

    assert {name: changed[name] for name in kept} == kept


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "tax_class_invalid_name"),
        ("Reduced rate", "tax_class_exists"),
        ("reduced RATE", "tax_class_slug_exists"),
        ("!!!", "tax_class_slug_invalid"),
    ],
)
def test_a_class_needs_a_name_and_a_slug_of_its_own(shop: Shop, name: str, code: str) -> None:
    assert shop.refusal("POST", "taxes/classes", {"name": name})[:2] == (400, f"woocommerce_rest_{code}")


def test_classes_are_listed_by_name_and_found_by_it_too(shop: Shop) -> None:
    shop.post("taxes/classes", {"name": "Books"})

    assert [c["slug"] for c in shop.get("taxes/classes")] == ["standard", "books", "reduced-rate", "zero-rate"]
    assert [c["slug"] for c in shop.get("taxes/classes/Reduced Rate")] == ["reduced-rate"]
    assert shop.refusal("DELETE", "taxes/classes/none", force=True)[:2] == (400, "woocommerce_rest_invalid_tax_class")


# ---------------------------------------------------------------------------------------------- gateways and settings


def test_what_a_gateway_is_told_as_a_setting_shows_with_the_next_answer(shop: Shop) -> None:
    sent = {"title": "Wire", "description": "Soon.", "enabled": "yes"}
    at_once = shop.put("payment_gateways/bacs", {"settings": sent})
    later = shop.get("payment_gateways/bacs")

    assert (at_once["title"], at_once["enabled"]) == ("Direct bank transfer", False)
    assert at_once["settings"]["title"]["value"] == "Wire"
    assert (later["title"], later["description"], later["enabled"]) == ("Wire", "Soon.", True)


def test_a_choice_of_no_ways_to_ship_is_an_empty_text(shop: Shop) -> None:
    changed = shop.put("payment_gateways/cod", {"settings": {"enable_for_methods": []}})

    assert changed["settings"]["enable_for_methods"]["value"] == ""


@pytest.mark.parametrize(
    ("setting", "sent", "told", "kept"),
    [
        ("general/woocommerce_calc_taxes", True, True, "no"),
        ("general/woocommerce_calc_taxes", "yes", "yes", "yes"),
        ("general/woocommerce_store_address", "<b>1</b> Main%20", "<b>1</b> Main%20", "1 Main"),
        ("account/woocommerce_checkout_privacy_policy_text", "<b>Read</b>", "<b>Read</b>", "<b>Read</b>"),
    ],
    ids=["true", "yes", "text", "long text"],
)
def test_a_setting_is_told_as_it_was_accepted_and_kept_as_the_admin_page_keeps_it(
    shop: Shop, setting: str, sent: Any, told: Any, kept: Any
) -> None:
    changed = shop.put(f"settings/{setting}", {"value": sent})

    assert (changed["value"], shop.get(f"settings/{setting}")["value"]) == (told, kept)


def test_a_list_as_a_text_kills_the_store(shop: Shop) -> None:
    answer = shop.call("PUT", "settings/general/woocommerce_store_city", {"value": ["a"]})

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_server_error")


def test_a_batch_of_settings_only_updates_once_it_has_something_to_update(shop: Shop) -> None:
    update = [{"id": "woocommerce_store_city", "value": "Rome"}]

    both = shop.post("settings/general/batch", {"create": [{}], "update": update, "delete": [1]})

    assert [*both] == ["update"]


# ---------------------------------------------------------------------------------------------- customers


def test_customers_are_listed_and_found_by_what_they_are_called(shop: Shop) -> None:
    zed = shop.post("customers", {"email": "zed@example.com", "first_name": "Adam", "last_name": "Stone"})
    bob = shop.post("customers", {"email": "bob@example.com"})
    shop.put(f"customers/{zed['id']}", {"first_name": "Zoe"})

    def ids(**asked: str) -> list[int]:
        return [c["id"] for c in shop.get("customers", **asked)]

    assert ids() == [zed["id"], bob["id"]]
    assert (ids(search="stone"), ids(search="Adam S"), ids(search="Zoe")) == ([zed["id"]], [zed["id"]], [])


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PUT", "customers/{id}", {"email": "JANE@example.com"}, "woocommerce_rest_customer_invalid_email"),
        ("POST", "customers", {"email": "x@example.com", "username": "JANE"}, "registration-error-username-exists"),
        ("POST", "customers", {"email": "x@example.com", "username": "  jane "}, "registration-error-username-exists"),
    ],
    ids=["own address", "capitals", "spaces"],
)
def test_names_and_addresses_are_taken_in_any_letters(
    shop: Shop, method: str, path: str, body: dict[str, Any], code: str
) -> None:
    jane = shop.post("customers", {"email": "jane@example.com"})

    assert shop.refusal(method, path.format(id=jane["id"]), body)[:2] == (400, code)


def test_a_shop_that_makes_no_passwords_wants_one(shop: Shop) -> None:
    shop.put("settings/account/woocommerce_registration_generate_password", {"value": "no"})
    sent = {"email": "jane@example.com"}

    assert shop.refusal("POST", "customers", sent)[1:] == (
        "rest_missing_callback_param", "Missing parameter(s): password",
    )  # fmt: skip
    assert shop.refusal("POST", "customers", {**sent, "password": ""})[1] == "registration-error-missing-password"
    assert shop.post("customers", {**sent, "password": "x"})["username"] == "jane"


@pytest.mark.parametrize(("text", "found"), [("spring ten", True), ("ten -spring", False), ("TEN", True), ("x", False)])
def test_coupons_are_searched_word_by_word(shop: Shop, text: str, found: bool) -> None:
    shop.post("coupons", {"code": "ten", "description": "For spring"})

    assert bool(shop.get("coupons", search=text)) is found


@pytest.mark.parametrize(("sent", "kept"), [("internal", "internal"), ("future", "publish"), ("x" * 30, "x" * 20)])
def test_a_coupon_has_the_status_it_was_given_known_or_not(shop: Shop, sent: str, kept: str) -> None:
    assert shop.post("coupons", {"code": "ten", "status": sent})["status"] == kept


# ---------------------------------------------------------------------------------------------- shipping zones


def test_a_zone_without_a_name_is_called_by_its_places_wide_ones_first(shop: Shop) -> None:
    zone = shop.post("shipping/zones", {"name": "West", "order": -2})
    codes = {"90210": "postcode", "US:CA": "state", "US": "country", "EU": "continent"}
    shop.put(f"shipping/zones/{zone['id']}/locations", [{"code": c, "type": t} for c, t in codes.items()])

    named = shop.put(f"shipping/zones/{zone['id']}", {"name": ""})
    codes |= {f"{number:05}": "postcode" for number in range(8)}
    shop.put(f"shipping/zones/{zone['id']}/locations", [{"code": c, "type": t} for c, t in codes.items()])
    many = shop.put(f"shipping/zones/{zone['id']}", {"name": ""})["name"]

    assert (named["name"], named["order"]) == ("Europe, United States (US), California, 90210", 2)
    assert many.endswith("00005 and 2 other regions")
