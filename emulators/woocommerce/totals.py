"""The money of an order: taxes of a line, totals of all. Pure rules on exact numbers.

Units: amounts are in the order's currency. The store keeps six digits after the point and shows as many as its
currency has (two, usually). Taxes are rounded line by line, so that what a customer sees adds up, unless the store
was told to round the sum. Source: WooCommerce 10.5.0, recorded 2026-11-21; rounding of the sum, and other digits than
two, after the same release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation

from ..kernel import dataclass

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
class Rounding:
    """How a store rounds. `places`: digits of its currency; `half_down`: half a cent of tax goes towards zero, as
    where prices include taxes; `at_subtotal`: only sums are rounded, not the lines."""

    places: int = 2
    half_down: bool = False
    at_subtotal: bool = False

    def amount(self, value: Decimal) -> Decimal:
        return rounded(value, self.places)

    def line(self, value: Decimal) -> Decimal:
        return value if self.at_subtotal else rounded(value, self.places)

    def line_tax(self, value: Decimal) -> Decimal:
        return value if self.at_subtotal else self.tax(value)

    def tax(self, value: Decimal) -> Decimal:
        return rounded(value, self.places, half_down=self.half_down)

    def taxes(self, by_rate: Mapping[str, Decimal]) -> Decimal:
        """The taxes of one line together."""
        return sum(map(self.line_tax, by_rate.values()), ZERO)


PLAIN = Rounding()


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
    shortened = f"{rounded(value, 6):f}"
    return shortened.rstrip("0").rstrip(".") if "." in shortened else shortened


def number(value: Decimal) -> int | float:
    """As JSON writes a number: 10, 7.5."""
    return int(value) if value == value.to_integral_value() else float(value)


def taxed(net: Decimal, rates: Iterable[Rate]) -> Taxes:
    """The taxes on top of a net amount."""
    taxes: Taxes = {}
    rates = list(rates)
    for rate in (r for r in rates if not r.compound):
        taxes[str(rate.id)] = net * rate.percent / 100
    base = net + sum(taxes.values(), ZERO)
    for rate in (r for r in rates if r.compound):
        taxes[str(rate.id)] = base * rate.percent / 100
        base += taxes[str(rate.id)]
    return {rate: tax.quantize(KEPT, ROUND_HALF_UP) for rate, tax in taxes.items()}


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


def totalled(lines: Sequence[Line], how: Rounding = PLAIN) -> Totals:
    """The totals of an order. Fees are not rounded before they are added up."""
    goods = [x for x in lines if x.kind == "line_item"]
    fees = [x for x in lines if x.kind == "fee"]
    shipping = [x for x in lines if x.kind == "shipping"]
    cart_tax, shipping_tax = (tax_of(tax_by_rate(some, how)) for some in ([*goods, *fees], shipping))
    before = sum((how.line(x.subtotal) for x in goods), ZERO)
    after = sum((how.line(x.total) for x in goods), ZERO)
    shipping_total = sum((how.amount(x.total) for x in shipping), ZERO)
    fee_total = sum((x.total for x in fees), ZERO)
    untaxed = sum((tax_of(x.subtotal_taxes) - tax_of(x.taxes) for x in goods), ZERO)
    return Totals(
        discount_total=how.amount(before - after),
        discount_tax=how.tax(untaxed),
        shipping_total=shipping_total,
        shipping_tax=shipping_tax,
        cart_tax=cart_tax,
        total=how.amount(after + fee_total + shipping_total + cart_tax + shipping_tax),
    )


def tax_by_rate(lines: Iterable[Line], how: Rounding = PLAIN) -> Taxes:
    """What each rate brings, every line rounded for itself unless only the sum is."""
    return added({rate: how.line_tax(tax) for rate, tax in line.taxes.items()} for line in lines)


def added(many: Iterable[Taxes]) -> Taxes:
    sums: Taxes = {}
    for taxes in many:
        for rate, tax in taxes.items():
            sums[rate] = sums.get(rate, ZERO) + tax
    return sums


def reduction_taxed(fee: Decimal, costs: Iterable[tuple[Decimal, Sequence[Rate]]]) -> Taxes:
    """The taxes that a fee below zero takes off: it is shared by all that costs something, each taxed its own way.

    `costs`: what there is of each kind, and its rates (none where it is not taxed).
    """
    costs = list(costs)
    whole = sum((cost for cost, _ in costs), ZERO)
    return added(taxed(fee * cost / whole, rates) for cost, rates in costs) if whole else {}


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
