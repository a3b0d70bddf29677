"""Numbers as SORS has them: quantities with up to three decimals, prices with four, amounts of dinars with two.

A quantity is kept as a whole number of thousandths, so that it can be added up exactly; an answer shows 12 and 0.375,
never 12.0.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

Thousandths = int

_PARA = Decimal("0.01")
_HUNDRED = Decimal(100)


def decimals(value: float) -> int:
    """How many digits a number has behind its point."""
    return max(0, -int(Decimal(str(value)).normalize().as_tuple().exponent))


def thousandths(value: float | Decimal | str) -> Thousandths:
    """A quantity as it came, rounded half up to three decimals. Units: thousandths of a piece, metre or kilogram."""
    with localcontext() as context:
        context.prec = 60
        return int(Decimal(str(value)).scaleb(3).quantize(Decimal(1), ROUND_HALF_UP))


def rendered(quantity: Thousandths) -> int | float:
    whole, rest = divmod(quantity, 1000)
    return quantity / 1000 if rest else whole


def money(value: float | Decimal | str) -> Decimal:
    """An amount as it came, rounded half up to two decimals. Units: dinars."""
    with localcontext() as context:
        context.prec = 60
        return Decimal(str(value)).quantize(_PARA, ROUND_HALF_UP)


def with_vat(net: Decimal, rate: Decimal) -> Decimal:
    return money(net * (1 + rate / _HUNDRED))


def without_vat(gross: Decimal, rate: Decimal) -> Decimal:
    return money(gross / (1 + rate / _HUNDRED))


def number(value: Decimal) -> int | float:
    """A decimal as a JSON number."""
    return int(value) if value == value.to_integral_value() else float(value)
