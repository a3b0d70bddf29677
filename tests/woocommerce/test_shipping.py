"""Shipping zones with their places and methods, and payment gateways."""

from __future__ import annotations

import pytest

from .shop import Shop


def test_a_zone_lives_from_its_making_to_its_end(shop: Shop) -> None:
    zone = shop.post("shipping/zones", {"name": "Ukraine", "order": 2})

    shop.put(f"shipping/zones/{zone['id']}", {"name": "Україна"})
    listed = shop.get("shipping/zones")
    shop.delete(f"shipping/zones/{zone['id']}", force=True)

    assert [(z["id"], z["name"], z["order"]) for z in listed] == [
        (0, "Locations not covered by your other zones", 0),
        (zone["id"], "Україна", 2),
    ]
    assert shop.refusal("GET", f"shipping/zones/{zone['id']}")[:2] == (404, "woocommerce_rest_shipping_zone_invalid")


def test_everywhere_else_keeps_its_name_and_its_places(shop: Shop) -> None:
    assert shop.refusal("PUT", "shipping/zones/0", {"name": "Mars"})[0] == 403
    assert shop.refusal("PUT", "shipping/zones/0/locations", [{"code": "UA"}])[0] == 403

    shop.delete("shipping/zones/0", force=True)

    assert shop.get("shipping/zones/0")["id"] == 0


def test_places_without_a_code_or_of_unknown_kind_are_left_out(shop: Shop) -> None:
    zone = shop.post("shipping/zones", {"name": "UA"})
    sent = [{"code": "UA"}, {"code": "79*", "type": "postcode"}, {"type": "state"}, {"code": "ZZ", "type": "planet"}, 7]

    kept = shop.put(f"shipping/zones/{zone['id']}/locations", sent)

    assert [(place["code"], place["type"]) for place in kept] == [("UA", "country"), ("79*", "postcode")]
    assert shop.get(f"shipping/zones/{zone['id']}/locations") == kept


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("flat_rate", {"title": "Nova Poshta", "cost": "10 * [qty]", "tax_status": "none"}),
        ("free_shipping", {"requires": "min_amount", "min_amount": "1000", "ignore_discounts": "yes"}),
        ("local_pickup", {"title": "Come by", "cost": "5"}),
    ],
)
def test_a_method_keeps_the_settings_it_was_given(shop: Shop, method: str, settings: dict[str, str]) -> None:
    zone = shop.post("shipping/zones", {"name": "UA"})
    path = f"shipping/zones/{zone['id']}/methods"

    made = shop.post(path, {"method_id": method})
    shop.put(f"{path}/{made['instance_id']}", {"settings": settings, "enabled": False})
    read = shop.get(f"{path}/{made['instance_id']}")

    assert {k: read["settings"][k]["value"] for k in settings} == settings
    assert read["enabled"] is False
    assert read["title"] == settings.get("title", made["title"])


def test_methods_stand_in_the_order_they_were_added_until_told_otherwise(shop: Shop) -> None:
    methods = [shop.post("shipping/zones/0/methods", {"method_id": m}) for m in ("flat_rate", "local_pickup")]

    shop.put(f"shipping/zones/0/methods/{methods[0]['id']}", {"order": 9})

    assert [m["order"] for m in methods] == [1, 2]
    assert [m["method_id"] for m in shop.get("shipping/zones/0/methods")] == ["local_pickup", "flat_rate"]


def test_a_setting_that_is_not_on_the_list_changes_nothing(shop: Shop) -> None:
    made = shop.post("shipping/zones/0/methods", {"method_id": "free_shipping"})
    wrong = {"settings": {"title": "Gift", "requires": "a smile"}}

    refused = shop.refusal("PUT", f"shipping/zones/0/methods/{made['id']}", wrong)

    assert refused[:2] == (400, "rest_setting_value_invalid")
    assert shop.get(f"shipping/zones/0/methods/{made['id']}")["title"] == "Free shipping"


def test_a_method_belongs_to_its_zone(shop: Shop) -> None:
    zone = shop.post("shipping/zones", {"name": "UA"})
    made = shop.post("shipping/zones/0/methods", {"method_id": "flat_rate"})

    status, code, _ = shop.refusal("GET", f"shipping/zones/{zone['id']}/methods/{made['id']}")

    assert (status, code) == (404, "woocommerce_rest_shipping_zone_method_invalid")


def test_flat_rates_cost_more_for_each_shipping_class(shop: Shop) -> None:
    heavy = shop.post("products/shipping_classes", {"name": "Heavy"})

    made = shop.post("shipping/zones/0/methods", {"method_id": "flat_rate"})

    assert list(made["settings"]) == [
        "title", "tax_status", "cost", "class_costs", f"class_cost_{heavy['id']}", "no_class_cost", "type",
    ]  # fmt: skip


def test_a_zone_that_goes_takes_its_methods_along(shop: Shop) -> None:
    zone = shop.post("shipping/zones", {"name": "UA"})
    shop.post(f"shipping/zones/{zone['id']}/methods", {"method_id": "flat_rate"})

    shop.delete(f"shipping/zones/{zone['id']}", force=True)

    ways = shop.get("payment_gateways/cod")["settings"]["enable_for_methods"]["options"]
    assert list(ways["Flat rate"]) == ["flat_rate"]


def test_a_store_that_ships_nowhere_has_no_zones(shop: Shop) -> None:
    shop.put("settings/general/woocommerce_ship_to_countries", {"value": "disabled"})

    assert shop.refusal("GET", "shipping/zones") == (404, "rest_no_route", "Shipping is disabled.")


def test_a_gateway_keeps_what_the_shopkeeper_changed(shop: Shop) -> None:
    change = {"enabled": True, "order": 1, "title": "Wire", "settings": {"instructions": "IBAN UA00"}}

    shop.put("payment_gateways/cheque", change)
    first = shop.get("payment_gateways")[0]

    assert (first["id"], first["enabled"], first["order"], first["title"]) == ("cheque", True, 1, "Wire")
    assert first["settings"]["title"]["value"] == "Wire"
    assert first["settings"]["instructions"]["value"] == "IBAN UA00"


def test_cash_on_delivery_can_be_kept_to_some_ways_of_shipping(shop: Shop) -> None:
    made = shop.post("shipping/zones/0/methods", {"method_id": "flat_rate"})
    wanted = ["free_shipping", f"flat_rate:{made['id']}", "drone"]

    after = shop.put("payment_gateways/cod", {"settings": {"enable_for_methods": wanted}})

    assert after["settings"]["enable_for_methods"]["value"] == wanted[:2]
