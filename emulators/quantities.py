"""Quantities with up to three places and amounts with two, as several backends count.

A quantity is kept as a whole number of thousandths, so that the database can add it up exactly; an answer shows 12 and
0.375, never 12.0.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import overload

Thousandths = int

_CENT = Decimal("0.01")


def thousandths(value: float | Decimal | str) -> Thousandths:
    """A quantity as it came, rounded half up to three places. Units: thousandths of a piece, metre or kilogram."""
    with localcontext() as context:
        context.prec = 60
        return int(Decimal(str(value)).scaleb(3).quantize(Decimal(1), ROUND_HALF_UP))


def rendered(quantity: Thousandths) -> int | float:
    whole, rest = divmod(quantity, 1000)
    return quantity / 1000 if rest else whole


def money(value: float | Decimal | str) -> Decimal:
    """An amount as it came, rounded half up to two places."""
    with localcontext() as context:
        context.prec = 60
        return Decimal(str(value)).quantize(_CENT, ROUND_HALF_UP)


@overload
def number(value: Decimal) -> int | float: ...
@overload
def number(value: Decimal | None) -> int | float | None: ...
def number(value: Decimal | None) -> int | float | None:
    """A decimal as a JSON number: 10, 7.5."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
