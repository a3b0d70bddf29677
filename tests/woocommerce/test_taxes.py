"""Taxes as a store takes them: which rates count where, on what, and how they are rounded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.woocommerce.taxes import TaxRate, chosen, in_postcode
from storelab.emulators.woocommerce.totals import (
    ZERO,
    Line,
    Rate,
    Rounding,
    fees_capped,
    line_taxed,
    net_of,
    reduction_taxed,
    rounded,
    tax_of,
    taxed,
    totalled,
)

from .shop import Shop

KYIV = {"country": "UA", "state": "UA30", "postcode": "01001", "city": "Kyiv"}
money = st.decimals(0, 10_000, places=2)
rates = st.lists(
    st.builds(Rate, st.integers(1, 10**6), st.decimals(0, 40, places=4), compound=st.booleans()),
    max_size=3,
    unique_by=lambda r: r.id,
)
ways = st.builds(Rounding, st.integers(0, 4), st.booleans(), st.booleans())
lines = st.builds(
    Line, st.sampled_from(["line_item", "shipping", "fee"]), subtotal=st.decimals(0, 999, places=2), total=money
)

# ---------------------------------------------------------------------------------------------- laws


@given(st.lists(lines, max_size=6), rates, ways)
def test_parts_and_total_agree_however_the_store_rounds(some: list[Line], taxes: list[Rate], how: Rounding) -> None:
    priced = [line_taxed(x, taxes) for x in fees_capped(some)]

    sums = totalled(priced, how)

    parts = sum((x.total for x in priced), ZERO) + sum((how.taxes(x.taxes) for x in priced), ZERO)
    most_off = Decimal(1).scaleb(-how.places) * (len(priced) + 1)
    assert abs(sums.total - parts) <= most_off
    assert sums.total == how.amount(sums.total)
    if not how.at_subtotal:
        assert sums.total_tax == sum((how.taxes(x.taxes) for x in priced), ZERO)


@given(st.lists(money, min_size=1, max_size=8), rates)
def test_rounding_the_sum_is_never_further_off_than_half_a_cent(prices: list[Decimal], taxes: list[Rate]) -> None:
    goods = [line_taxed(Line(total=p, subtotal=p), taxes) for p in prices]

    sums = totalled(goods, Rounding(at_subtotal=True))

    exact = sum(prices, ZERO) + sum((tax_of(x.taxes) for x in goods), ZERO)
    assert abs(sums.total - exact) <= Decimal("0.005")


@given(money, rates)
def test_a_gross_price_costs_the_same_as_its_net_price(gross: Decimal, taxes: list[Rate]) -> None:
    net = net_of(gross, taxes)

    line = line_taxed(Line(total=net, subtotal=net), taxes)
    sums = totalled([line], Rounding(half_down=True))

    assert abs(sums.total - gross) <= Decimal("0.01") * (1 + len(taxes))


@given(st.decimals(-500, -1, places=2), st.lists(st.tuples(money, rates), max_size=3))
def test_a_reduction_takes_off_no_more_tax_than_there_is_on_as_much(
    fee: Decimal, costs: list[tuple[Decimal, list[Rate]]]
) -> None:
    less = reduction_taxed(fee, costs)

    highest = max((tax_of(taxed(-fee, taxes)) for _, taxes in costs), default=ZERO)
    assert -highest - Decimal("0.0001") <= tax_of(less) <= 0


@pytest.mark.parametrize(
    ("how", "tax"),
    [(Rounding(), "0.13"), (Rounding(half_down=True), "0.12"), (Rounding(0), "0"), (Rounding(3), "0.125")],
)
def test_half_a_cent_goes_where_the_store_sends_it(how: Rounding, tax: str) -> None:
    assert str(totalled([line_taxed(Line(total=Decimal("1.25")), [Rate(1, Decimal(10))])], how).total_tax) == tax


def test_two_taxes_of_a_line_are_rounded_each_for_itself() -> None:
    line = line_taxed(Line(total=Decimal("1.25")), [Rate(1, Decimal(10)), Rate(2, Decimal(10))])

    assert Rounding().taxes(line.taxes) == Decimal("0.26")
    assert Rounding(at_subtotal=True).taxes(line.taxes) == Decimal("0.25")


# ---------------------------------------------------------------------------------------------- which rates


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        ([TaxRate(1), TaxRate(2, country="UA")], [2]),
        ([TaxRate(1, country="UA"), TaxRate(2, country="UA", state="UA30")], [2]),
        ([TaxRate(1, country="UA", postcodes=("01*",)), TaxRate(2, country="UA", postcodes=("01001", "02000"))], [2]),
        ([TaxRate(1, country="UA"), TaxRate(2, country="UA", cities=("KYIV",))], [2]),
        ([TaxRate(1, country="UA", cities=("LVIV",)), TaxRate(2, country="PL")], []),
        ([TaxRate(1, country="UA", order=2), TaxRate(2, country="UA", order=1)], [1]),
        ([TaxRate(1, country="UA"), TaxRate(2, country="UA", priority=2)], [1, 2]),
        ([TaxRate(1, country="UA", postcodes=("01000...01010",)), TaxRate(2)], [1]),
    ],
)
def test_of_each_priority_the_closest_rate_counts(kept: list[TaxRate], found: list[int]) -> None:
    assert [r.id for r in chosen(kept, **KYIV)] == found


# ---------------------------------------------------------------------------------------------- a whole store


@pytest.fixture
def taxing(shop: Shop) -> Shop:
    shop.put("settings/general/woocommerce_calc_taxes", {"value": "yes"})
    shop.put("settings/general/woocommerce_default_country", {"value": "UA:UA30"})
    return shop


@pytest.mark.parametrize(
    ("pattern", "postcode", "fits"),
    [
        ("94*", "94103", True),
        ("94*", "9", False),
        ("*03", "94 103", True),
        ("9*1*3", "94103", True),
        ("9*3*1", "94103", False),
        ("a*", "AB1", True),
        ("ab*b", "ab", False),
        ("90000...96000", "94103", True),
        ("²...9", "5", False),  # as texts: "²" is no decimal digit
        ("1..." + "9" * 5000, "5", True),
        ("*a" * 30 + "*b", "a" * 100_000, False),  # tried by an engine for patterns it would take for ever
    ],
)
def test_which_postcodes_a_pattern_means(pattern: str, postcode: str, fits: bool) -> None:
    assert in_postcode(pattern, postcode) is fits


def _order(shop: Shop, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return shop.post("orders", {"line_items": list(lines), "billing": KYIV, **more})


def _amounts(order: dict[str, Any]) -> tuple[str, str, str]:
    return order["cart_tax"], order["shipping_tax"], order["total"]


def test_an_order_lists_what_each_tax_brought(taxing: Shop) -> None:
    taxing.post("taxes", {"country": "UA", "rate": "20", "name": "ПДВ"})
    taxing.post(
        "taxes", {"country": "UA", "rate": "10", "name": "Extra", "priority": 2, "compound": True, "shipping": False}
    )
    mug = taxing.product(price="100.00")

    order = _order(taxing, {"product_id": mug["id"]}, shipping_lines=[{"method_id": "flat_rate", "total": "50.00"}])

    told = [(t["label"], t["compound"], t["tax_total"], t["shipping_tax_total"]) for t in order["tax_lines"]]
    assert told == [("ПДВ", False, "20.00", "10.00"), ("Extra", True, "12.00", "0.00")]
    assert _amounts(order) == ("32.00", "10.00", "192.00")
    assert [t["total"] for t in order["line_items"][0]["taxes"]] == ["20.00", "12.00"]


def test_prices_that_include_tax_add_up_to_themselves(taxing: Shop) -> None:
    taxing.put("settings/tax/woocommerce_prices_include_tax", {"value": "yes"})
    taxing.post("taxes", {"country": "UA", "rate": "20"})
    mug = taxing.product(price="99.99")

    order = _order(taxing, {"product_id": mug["id"], "quantity": 3})

    assert order["prices_include_tax"] is True
    assert _amounts(order) == ("49.99", "0.00", "299.97")


def test_tax_may_be_rounded_in_the_sum_only(taxing: Shop) -> None:
    taxing.post("taxes", {"country": "UA", "rate": "10"})
    mug = taxing.product(price="1.25")
    lines = [{"product_id": mug["id"]}] * 2

    each = _order(taxing, *lines)
    taxing.put("settings/tax/woocommerce_tax_round_at_subtotal", {"value": "yes"})
    together = _order(taxing, *lines)

    assert (each["cart_tax"], each["total"]) == ("0.26", "2.76")
    assert (together["cart_tax"], together["total"]) == ("0.25", "2.75")
    assert taxing.get(f"orders/{together['id']}", dp=3)["line_items"][0]["total_tax"] == "0.125"


@pytest.mark.parametrize(("based_on", "tax"), [("shipping", "8.00"), ("billing", "20.00"), ("base", "20.00")])
def test_the_address_that_counts_is_the_shops_choice(taxing: Shop, based_on: str, tax: str) -> None:
    taxing.put("settings/tax/woocommerce_tax_based_on", {"value": based_on})
    taxing.post("taxes", {"country": "UA", "rate": "20"})
    taxing.post("taxes", {"country": "PL", "rate": "8"})
    mug = taxing.product(price="100.00")

    order = _order(taxing, {"product_id": mug["id"]}, shipping={"country": "PL"})

    assert order["cart_tax"] == tax


def test_what_is_fetched_at_the_shop_is_taxed_there(taxing: Shop) -> None:
    taxing.post("taxes", {"country": "UA", "rate": "20"})
    mug = taxing.product(price="100.00")
    pickup = [{"method_id": "local_pickup", "total": "10.00"}]

    order = _order(taxing, {"product_id": mug["id"]}, shipping={"country": "PL"}, shipping_lines=pickup)

    assert _amounts(order) == ("20.00", "2.00", "132.00")


def test_shipping_is_taxed_as_what_is_shipped(taxing: Shop) -> None:
    taxing.post("taxes", {"country": "UA", "rate": "20"})
    taxing.post("taxes", {"country": "UA", "rate": "7", "class": "reduced-rate"})
    book = taxing.product("BOOK", "100.00", tax_class="reduced-rate")
    shipping = [{"method_id": "flat_rate", "total": "100.00"}]

    inherited = _order(taxing, {"product_id": book["id"]}, shipping_lines=shipping)
    taxing.put("settings/tax/woocommerce_shipping_tax_class", {"value": ""})
    standard = _order(taxing, {"product_id": book["id"]}, shipping_lines=shipping)

    assert _amounts(inherited)[:2] == ("7.00", "7.00")
    assert _amounts(standard)[:2] == ("7.00", "20.00")


def test_a_fee_below_zero_takes_its_share_of_the_tax_off(taxing: Shop) -> None:
    taxing.post("taxes", {"country": "UA", "rate": "20"})
    mug, gift = taxing.product(price="75.00"), taxing.product("GIFT", "25.00", tax_status="none")

    order = _order(
        taxing, {"product_id": mug["id"]}, {"product_id": gift["id"]}, fee_lines=[{"name": "Less", "total": "-10.00"}]
    )

    assert order["fee_lines"][0]["total_tax"] == "-1.50"
    assert _amounts(order)[0] == "13.50"


def test_who_is_exempt_pays_no_tax(taxing: Shop) -> None:
    taxing.post("taxes", {"country": "UA", "rate": "20"})
    mug = taxing.product(price="100.00")

    order = _order(taxing, {"product_id": mug["id"]}, meta_data=[{"key": "is_vat_exempt", "value": "yes"}])

    assert _amounts(order) == ("0.00", "0.00", "100.00")
    assert order["tax_lines"] == []


def test_a_store_without_decimals_rounds_to_whole_units(taxing: Shop) -> None:
    taxing.put("settings/general/woocommerce_price_num_decimals", {"value": "0"})
    taxing.post("taxes", {"country": "UA", "rate": "8"})
    mug = taxing.product(price="119")

    order = _order(taxing, {"product_id": mug["id"]})

    assert _amounts(order) == ("10", "0", "129")


def test_a_tax_class_is_made_used_and_deleted_with_its_rates(taxing: Shop) -> None:
    made = taxing.post("taxes/classes", {"name": "Luxury goods"})
    taxing.post("taxes", {"country": "UA", "rate": "50", "class": made["slug"]})
    ring = taxing.product("RING", "100.00", tax_class="luxury-goods")

    order = _order(taxing, {"product_id": ring["id"]})
    taxing.delete("taxes/classes/luxury-goods", force=True)

    assert (made["slug"], ring["tax_class"], order["cart_tax"]) == ("luxury-goods", "luxury-goods", "50.00")
    assert taxing.get("taxes") == []
    assert taxing.refusal("POST", "taxes", {"class": "luxury-goods"}) == (
        400,
        "rest_invalid_param",
        "Invalid parameter(s): class",
    )


def test_stars_for_a_place_mean_every_place(taxing: Shop) -> None:
    everywhere = taxing.post("taxes", {"country": "*", "state": "*", "postcode": "*", "city": "*", "rate": "5.5"})
    some = taxing.post("taxes", {"country": "ua", "postcodes": ["*", "01*"], "cities": ["Kyiv", "*"], "name": ""})
    taxing.delete(f"taxes/{some['id']}", force=True)

    order = _order(taxing, {"product_id": taxing.product(price="100.00")["id"]})

    assert [everywhere[n] for n in ("country", "state", "postcode", "city", "postcodes", "cities")] == [""] * 4 + [
        [],
        [],
    ]
    assert (some["country"], some["postcodes"], some["cities"], some["name"]) == ("UA", ["01*"], ["KYIV"], "Tax")
    assert _amounts(order) == ("5.50", "0.00", "105.50")


def test_a_class_that_is_not_there_is_refused(taxing: Shop) -> None:
    mug = taxing.product()

    wrong = taxing.refusal("POST", "orders", {"line_items": [{"product_id": mug["id"], "tax_class": "luxury"}]})
    gone = taxing.refusal("DELETE", "taxes/classes/luxury", force=True)

    assert wrong == (400, "order_item_product_invalid_tax_class", "Invalid tax class")
    assert gone[:2] == (400, "woocommerce_rest_invalid_tax_class")


def test_money_is_rounded_half_up_away_from_zero() -> None:
    assert [str(rounded(Decimal(x))) for x in ("0.005", "-0.005", "1.004999")] == ["0.01", "-0.01", "1.00"]
