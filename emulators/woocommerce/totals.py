"""The money of an order: taxes of a line, totals of all. Pure rules on exact numbers.

Units: amounts are in the order's currency. The store keeps six digits after the point and shows two; taxes are
rounded line by line, so that what a customer sees adds up. Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation

ZERO = Decimal(0)
KEPT = Decimal("0.000001")
CENT = Decimal("0.01")
_WIDE = Context(prec=400)  # for what clients send: the largest float has 309 digits
MOST = Decimal(10) ** 20  # what is larger is no amount of money

Taxes = dict[str, Decimal]  # id of the rate, as text -> amount


@dataclass(frozen=True)
class Rate:
    """A tax that applies. `percent` 8.25 is 8.25 %; a compound tax is also taken on the taxes before it."""

    id: int
    percent: Decimal
    code: str = ""
    label: str = ""
    compound: bool = False
    shipping: bool = True


@dataclass(frozen=True)
class Line:
    """What has a price in an order: products, fees ("fee") and shipping ("shipping").

    `subtotal` is before discounts. `taxes` and `subtotal_taxes` are kept with six digits.
    """

    kind: str = "line_item"
    subtotal: Decimal = ZERO
    total: Decimal = ZERO
    taxes: Taxes = field(default_factory=dict)
    subtotal_taxes: Taxes = field(default_factory=dict)


@dataclass(frozen=True)
class Totals:
    discount_total: Decimal = ZERO
    discount_tax: Decimal = ZERO
    shipping_total: Decimal = ZERO
    shipping_tax: Decimal = ZERO
    cart_tax: Decimal = ZERO
    total: Decimal = ZERO

    @property
    def total_tax(self) -> Decimal:
        return self.cart_tax + self.shipping_tax


def amount(value: object) -> Decimal:
    """What was sent, as money; 0 for what is none."""
    try:
        number = Decimal(str(value).strip()) if value not in (None, "") else ZERO
    except InvalidOperation:
        return ZERO
    return number if number.is_finite() and abs(number) < MOST else ZERO


def rounded(value: Decimal, places: int = 2, *, half_down: bool = False) -> Decimal:
    """Half a cent goes away from zero; with `half_down` (taxes of prices that include them) towards it."""
    step = Decimal(1).scaleb(-places)
    whole = value.quantize(step, ROUND_HALF_DOWN if half_down else ROUND_HALF_UP, _WIDE)
    return whole if whole else abs(whole)  # never "-0.00"


def text(value: Decimal, places: int = 2) -> str:
    return f"{rounded(value, places):f}"


def bare(value: Decimal) -> str:
    """Without zeros at the end: "5", "0.5"."""
    shortened = f"{rounded(value):f}"
    return shortened.rstrip("0").rstrip(".") if "." in shortened else shortened


def number(value: Decimal) -> int | float:
    """As JSON writes a number: 10, 7.5."""
    return int(value) if value == value.to_integral_value() else float(value)


def taxed(net: Decimal, rates: Iterable[Rate]) -> Taxes:
    """The taxes on top of a net amount."""
    taxes: Taxes = {}
    rates = list(rates)
    for rate in (r for r in rates if not r.compound):
        taxes[str(rate.id)] = (net * rate.percent / 100).quantize(KEPT, ROUND_HALF_UP)
    base = net + sum(taxes.values(), ZERO)
    for rate in (r for r in rates if r.compound):
        taxes[str(rate.id)] = (base * rate.percent / 100).quantize(KEPT, ROUND_HALF_UP)
        base += taxes[str(rate.id)]
    return taxes


def taxes_within(gross: Decimal, rates: Iterable[Rate]) -> Taxes:
    """The taxes that a gross amount already holds. Net and taxes together are the gross amount again."""
    rates = list(rates)
    taxes: Taxes = {}
    rest = gross
    for rate in reversed([r for r in rates if r.compound]):
        net = rest * 100 / (100 + rate.percent)
        taxes[str(rate.id)] = (rest - net).quantize(KEPT, ROUND_HALF_UP)
        rest -= taxes[str(rate.id)]
    simple = [r for r in rates if not r.compound]
    whole = sum((r.percent for r in simple), ZERO)
    for rate in simple:
        taxes[str(rate.id)] = (rest * rate.percent / (100 + whole)).quantize(KEPT, ROUND_HALF_UP)
    return taxes


def net_of(gross: Decimal, rates: Iterable[Rate]) -> Decimal:
    return gross - sum(taxes_within(gross, rates).values(), ZERO)


def line_taxed(line: Line, rates: Iterable[Rate]) -> Line:
    """The line with its taxes. Nothing is taxed twice: what was there is replaced."""
    rates = [r for r in rates if line.kind != "shipping" or r.shipping]
    subtotal_taxes = taxed(line.subtotal, rates) if line.kind == "line_item" else {}
    return replace(line, taxes=taxed(line.total, rates), subtotal_taxes=subtotal_taxes)


def tax_of(taxes: Mapping[str, Decimal]) -> Decimal:
    return sum(taxes.values(), ZERO)


def totalled(lines: Sequence[Line], *, prices_include_tax: bool = False) -> Totals:
    """The totals of an order. A fee below zero takes off no more than there is."""
    goods = [x for x in lines if x.kind == "line_item"]
    fees = [x for x in lines if x.kind == "fee"]
    shipping = [x for x in lines if x.kind == "shipping"]
    by_kind = {kind: tax_by_rate(some, half_down=prices_include_tax) for kind, some in (
        ("cart", [*goods, *fees]), ("shipping", shipping)
    )}  # fmt: skip
    cart_tax, shipping_tax = (sum(by_kind[k].values(), ZERO) for k in ("cart", "shipping"))
    before = sum((rounded(x.subtotal) for x in goods), ZERO)
    after = sum((rounded(x.total) for x in goods), ZERO)
    shipping_total = sum((rounded(x.total) for x in shipping), ZERO)
    fee_total = sum((rounded(x.total) for x in fees), ZERO)
    untaxed = sum((tax_of(x.subtotal_taxes) - tax_of(x.taxes) for x in goods), ZERO)
    return Totals(
        discount_total=before - after,
        discount_tax=rounded(untaxed),
        shipping_total=shipping_total,
        shipping_tax=shipping_tax,
        cart_tax=cart_tax,
        total=rounded(after + fee_total + shipping_total + cart_tax + shipping_tax),
    )


def tax_by_rate(lines: Iterable[Line], *, half_down: bool = False) -> Taxes:
    """What each rate brings, every line rounded for itself."""
    sums: Taxes = {}
    for line in lines:
        for rate, tax in line.taxes.items():
            sums[rate] = sums.get(rate, ZERO) + rounded(tax, half_down=half_down)
    return sums


def fees_capped(lines: Sequence[Line]) -> list[Line]:
    """With fees below zero made smaller where they would take off more than the order is worth."""
    left = sum((x.total for x in lines if x.kind != "fee" or x.total > 0), ZERO)
    out: list[Line] = []
    for line in lines:
        if line.kind == "fee" and line.total < 0:
            taken = min(-line.total, max(left, ZERO))
            left -= taken
            out.append(line if taken == -line.total else replace(line, total=-taken))
        else:
            out.append(line)
    return out
