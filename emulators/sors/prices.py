"""Prices as SORS has them: with four decimals, without and with VAT; amounts of dinars have two."""

from __future__ import annotations

from decimal import Decimal

from ..quantities import money

_HUNDRED = Decimal(100)


def decimals(value: float) -> int:
    """How many digits a number has behind its point."""
    return max(0, -int(Decimal(str(value)).normalize().as_tuple().exponent))


def with_vat(net: Decimal, rate: Decimal) -> Decimal:
    return money(net * (1 + rate / _HUNDRED))


def without_vat(gross: Decimal, rate: Decimal) -> Decimal:
    return money(gross / (1 + rate / _HUNDRED))
