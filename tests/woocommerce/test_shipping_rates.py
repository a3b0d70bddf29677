"""Which ways to ship a customer is offered, and for how much."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.woocommerce.shipping_costs import Parcel, class_costs, cost, is_free
from storelab.emulators.woocommerce.shipping_rates import holds

from .shop import Shop

TWO = Parcel(2, Decimal("80.00"))


@pytest.mark.parametrize(
    ("formula", "comes_to"),
    [
        ("10", "10"),
        ("10.5 * [qty]", "21.0"),
        ("12,50", "12.50"),
        ("5 + 2 * [qty] - 1", "8"),
        ("(5 + 2) * [qty]", "14"),
        ("[cost] / 10", "8"),
        ('[fee percent="10" min_fee="20" max_fee=""]', "20"),
        ('1 + [fee percent="50" max_fee="30"]', "31"),
        ("-5", "0"),
        ("1 / 0", "0"),
        ("ten", "0"),
        ("(1", "0"),
        ("", "0"),
    ],
)
def test_a_formula_comes_to_an_amount(formula: str, comes_to: str) -> None:
    assert cost(formula, TWO) == Decimal(comes_to)


@given(st.text("0123456789.,+-*/()[]qtycos fe%", max_size=30))
def test_whatever_is_typed_costs_something_finite(formula: str) -> None:
    assert cost(formula, TWO) >= 0


def test_classes_add_up_or_only_the_dearest_counts() -> None:
    formulas = [("5", TWO), ("", TWO), ("[qty]", TWO)]

    assert class_costs(formulas, dearest_only=False) == 7
    assert class_costs(formulas, dearest_only=True) == 5
    assert class_costs([("", TWO)], dearest_only=True) is None


@pytest.mark.parametrize(
    ("requires", "free"),
    [("", "nothing enough coupon both"), ("coupon", "coupon both"), ("min_amount", "enough both"),
     ("either", "enough coupon both"), ("both", "both")],
)  # fmt: skip
def test_free_shipping_is_free_for_those_it_is_for(requires: str, free: str) -> None:
    cases = {"nothing": (False, False), "enough": (True, False), "coupon": (False, True), "both": (True, True)}

    found = [name for name, (enough, coupon) in cases.items() if is_free(requires, enough=enough, coupon=coupon)]

    assert found == free.split()


@pytest.mark.parametrize(
    ("places", "there"),
    [
        ([], True),
        ([("UA", "country")], True),
        ([("PL", "country"), ("UA:UA30", "state")], True),
        ([("EU", "continent")], True),
        ([("AS", "continent")], False),
        ([("UA", "country"), ("01*", "postcode")], True),
        ([("UA", "country"), ("79000...79999", "postcode")], False),
        ([("01001", "postcode")], True),
        ([("UA:UA46", "state")], False),
    ],
)
def test_a_zone_holds_the_addresses_of_its_places(places: list[tuple[str, str]], there: bool) -> None:
    locations = [{"code": code, "type": kind} for code, kind in places]

    assert holds(locations, "UA", "UA30", "01001") is there


def _offered(shop: Shop, **asked: Any) -> list[tuple[str, str]]:
    rates = shop.world.fact("woocommerce", "shipping rates", **{"lines": {"MUG": 2}, **asked})
    return [(rate["method"], rate["cost"]) for rate in rates]


@pytest.fixture
def zoned(shop: Shop) -> Shop:
    shop.product("MUG", "40.00")
    zone = shop.post("shipping/zones", {"name": "Ukraine"})
    shop.put(f"shipping/zones/{zone['id']}/locations", [{"code": "UA", "type": "country"}])
    methods = f"shipping/zones/{zone['id']}/methods"
    shop.post(methods, {"method_id": "flat_rate", "settings": {"cost": "10 * [qty]"}})
    shop.post(methods, {"method_id": "free_shipping", "settings": {"requires": "either", "min_amount": "100"}})
    shop.post("shipping/zones/0/methods", {"method_id": "flat_rate", "settings": {"cost": "99"}})
    return shop


def test_an_address_is_offered_what_its_zone_has(zoned: Shop) -> None:
    assert _offered(zoned, country="UA") == [("flat_rate", "20.00")]
    assert _offered(zoned, country="PL") == [("flat_rate", "99.00")]


def test_shipping_is_free_for_enough_or_for_a_coupon(zoned: Shop) -> None:
    zoned.post("coupons", {"code": "ship", "free_shipping": True})

    assert ("free_shipping", "0.00") in _offered(zoned, country="UA", lines={"MUG": 3})
    assert ("free_shipping", "0.00") in _offered(zoned, country="UA", coupon="ship")


def test_rates_may_hide_behind_free_shipping(zoned: Shop) -> None:
    zoned.put("settings/shipping/woocommerce_shipping_hide_rates_when_free", {"value": "yes"})

    assert _offered(zoned, country="UA", lines={"MUG": 3}) == [("free_shipping", "0.00")]
    assert _offered(zoned, country="UA") == [("flat_rate", "20.00")]


def test_what_needs_no_shipping_is_offered_none(zoned: Shop) -> None:
    zoned.product("SONG", virtual=True)

    assert _offered(zoned, country="UA", lines={"SONG": 1}) == []
