"""Money is exact: what lines, taxes and coupons come to, and laws that hold whatever they are."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.woocommerce.discounts import Offer, Piece, taken_off
from storelab.emulators.woocommerce.totals import (
    ZERO,
    Line,
    Rate,
    amount,
    bare,
    fees_capped,
    line_taxed,
    net_of,
    rounded,
    tax_by_rate,
    tax_of,
    taxed,
    taxes_within,
    text,
    totalled,
)

CALIFORNIA = Rate(1, Decimal("8.25"), "US-CA-CA TAX-1", "CA Tax")

money = st.decimals(min_value=0, max_value=100_000, places=2)
debts = st.decimals(min_value=-1_000, max_value=1_000, places=2)
percents = st.decimals(min_value=0, max_value=60, places=4)
rates = st.lists(
    st.builds(Rate, st.integers(1, 9), percents, compound=st.booleans(), shipping=st.booleans()),
    max_size=3,
    unique_by=lambda r: r.id,
)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    before = draw(money)
    kind = draw(st.sampled_from(["line_item", "fee", "shipping"]))
    if kind == "line_item":
        return Line(kind, before, min(before, draw(money)))
    return Line(kind, ZERO, draw(debts) if kind == "fee" else before)


def product(total: str, subtotal: str = "") -> Line:
    return line_taxed(Line("line_item", Decimal(subtotal or total), Decimal(total)), [CALIFORNIA])


def test_an_order_of_products_shipping_and_a_fee_is_taxed_line_by_line() -> None:
    shipping = line_taxed(Line("shipping", total=Decimal(10)), [CALIFORNIA])
    fee = line_taxed(Line("fee", total=Decimal(1)), [CALIFORNIA])

    sums = totalled([product("20.00"), product("25.55"), shipping, fee])

    assert (text(sums.cart_tax), text(sums.shipping_tax), text(sums.total)) == ("3.84", "0.83", "61.22")


def test_each_line_rounds_its_own_tax() -> None:
    sums = totalled([product("18.00", "20.00"), product("23.00", "25.55")])

    assert text(sums.cart_tax) == "3.39"  # 1.485 and 1.8975: together they would be 3.38
    assert (text(sums.discount_total), text(sums.discount_tax), text(sums.total)) == ("4.55", "0.38", "44.39")


def test_a_price_that_includes_tax_is_split_to_six_digits() -> None:
    net = net_of(Decimal(20), [CALIFORNIA])

    assert str(net) == "18.475751"
    assert float(net) / 2 == 9.2378755


def test_a_compound_tax_is_taken_on_the_tax_before_it() -> None:
    federal, provincial = Rate(1, Decimal(5)), Rate(2, Decimal("9.5"), compound=True)

    assert taxed(Decimal(100), [federal, provincial]) == {"1": Decimal("5.000000"), "2": Decimal("9.975000")}


def test_shipping_is_taxed_only_by_taxes_that_are_for_shipping() -> None:
    assert line_taxed(Line("shipping", total=Decimal(10)), [Rate(1, Decimal(20), shipping=False)]).taxes == {}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("9.99", "9.99"), (" 5 ", "5"), ("", "0"), (None, "0"), ("abc", "0"), ("NaN", "0"), ("1e400", "0"), (7, "7")],
)
def test_what_is_no_money_counts_as_nothing(sent: object, kept: str) -> None:
    assert amount(sent) == Decimal(kept)


@pytest.mark.parametrize(
    ("value", "shown"), [("5.00", "5"), ("0.50", "0.5"), ("4.555", "4.555"), ("0", "0"), ("100", "100")]
)
def test_the_discount_of_a_coupon_is_shown_without_zeros_at_its_end(value: str, shown: str) -> None:
    assert bare(Decimal(value)) == shown


def test_a_fee_below_zero_takes_off_no_more_than_there_is() -> None:
    capped = fees_capped([product("7.00"), Line("fee", total=Decimal(-10)), Line("fee", total=Decimal(-1))])

    assert [x.total for x in capped] == [Decimal("7.00"), Decimal(-7), Decimal(0)]


@given(st.lists(lines(), max_size=8), rates)
def test_the_total_is_what_its_parts_add_up_to(some: list[Line], taxes: list[Rate]) -> None:
    priced = [line_taxed(x, taxes) for x in fees_capped(some)]

    sums = totalled(priced)

    assert sums.total == sum((rounded(x.total) for x in priced), ZERO) + sums.total_tax
    assert sums.total_tax == sum(tax_by_rate(priced).values(), ZERO)
    assert sums.discount_total == sum(
        (rounded(x.subtotal) - rounded(x.total) for x in priced if x.kind == "line_item"), ZERO
    )


@given(st.lists(lines(), max_size=8))
def test_without_taxes_an_order_is_never_worth_less_than_nothing(some: list[Line]) -> None:
    assert totalled(fees_capped(some)).total >= 0


@given(money, rates)
def test_net_and_taxes_together_are_the_gross_amount_again(gross: Decimal, taxes: list[Rate]) -> None:
    assert net_of(gross, taxes) + tax_of(taxes_within(gross, taxes)) == gross


@given(money, rates)
def test_taking_taxes_out_undoes_putting_them_on(net: Decimal, taxes: list[Rate]) -> None:
    gross = net + tax_of(taxed(net, taxes))

    assert abs(net_of(gross, taxes) - net) < Decimal("0.00001")


@given(money, rates)
def test_taxing_twice_is_taxing_once(net: Decimal, taxes: list[Rate]) -> None:
    once = line_taxed(Line("line_item", net, net), taxes)

    assert line_taxed(once, taxes) == once


@given(debts, st.integers(0, 6))
def test_money_is_shown_with_as_many_digits_as_were_asked_for(value: Decimal, places: int) -> None:
    shown = text(value, places)

    assert len(shown.partition(".")[2]) == places
    assert abs(Decimal(shown) - value) <= Decimal(1).scaleb(-places) / 2
    assert not shown.startswith("-0.") or Decimal(shown) < 0


# ---------------------------------------------------------------------------------------------- coupons

RECORDED = [Piece(1, 20_00, 2), Piece(2, 25_55, 1)]


@pytest.mark.parametrize(
    ("offer", "taken"),
    [
        (Offer("percent", percent=Decimal(10)), {1: 2_00, 2: 2_55}),
        (Offer("fixed_cart", cents=5_00), {1: 3_33, 2: 1_67}),
        (Offer("fixed_product", cents=2_00), {1: 4_00, 2: 2_00}),
        (Offer("fixed_cart", cents=9999_00), {1: 20_00, 2: 25_55}),
    ],
    ids=["ten percent", "five off all", "two off each", "more than there is"],
)
def test_a_coupon_takes_off_what_the_real_store_took_off(offer: Offer, taken: dict[int, int]) -> None:
    assert taken_off([(offer, RECORDED)]) == [taken]


def test_a_second_coupon_counts_from_the_price_before_the_first() -> None:
    both = taken_off(
        [(Offer("percent", percent=Decimal(10)), RECORDED[:1]), (Offer("fixed_cart", cents=5_00), RECORDED[:1])]
    )

    assert both == [{1: 2_00}, {1: 5_00}]


def test_percents_are_reckoned_in_floating_point_so_that_the_cents_that_are_missing_go_to_the_first_line() -> None:
    lines = [Piece(1, 2_00, 2), Piece(2, 1_00, 1)]

    assert taken_off([(Offer("percent", percent=Decimal(29)), lines)]) == [{1: 59, 2: 28}]


def test_a_coupon_for_one_piece_leaves_the_others_alone() -> None:
    assert taken_off([(Offer("percent", percent=Decimal(50), most_pieces=1), [Piece(1, 30_00, 3)])]) == [{1: 5_00}]


pieces = st.lists(
    st.builds(Piece, st.integers(1, 50), st.integers(0, 100_000), st.integers(1, 20)),
    max_size=6,
    unique_by=lambda p: p.key,
)
offers = st.one_of(
    st.builds(Offer, st.just("percent"), percent=st.decimals(0, 100, places=2)),
    st.builds(Offer, st.sampled_from(["fixed_product", "fixed_cart"]), cents=st.integers(0, 200_000)),
)


@given(st.lists(offers, max_size=4), pieces)
def test_no_line_ever_costs_less_than_nothing(some: list[Offer], cart: list[Piece]) -> None:
    steps = taken_off([(offer, cart) for offer in some])

    for piece in cart:
        assert 0 <= sum(step.get(piece.key, 0) for step in steps) <= piece.cents


@given(st.integers(0, 200_000), pieces)
def test_an_amount_off_everything_is_given_to_the_last_cent_or_all_is_free(cents: int, cart: list[Piece]) -> None:
    [taken] = taken_off([(Offer("fixed_cart", cents=cents), cart)])

    assert sum(taken.values()) == min(cents, sum(p.cents for p in cart))


@given(st.decimals(0, 100, places=2), pieces)
def test_percents_of_the_lines_are_the_percent_of_all(percent: Decimal, cart: list[Piece]) -> None:
    [taken] = taken_off([(Offer("percent", percent=percent), cart)])

    exact = sum(p.cents for p in cart) * percent / 100
    assert abs(sum(taken.values()) - exact) <= Decimal("0.5")
