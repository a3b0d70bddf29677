"""What a way to ship costs: the little formulas of a flat rate, and when free shipping is free. Pure rules.

A formula is a sum like "10 * [qty] + [fee percent="5" min_fee="2"]". Source: WooCommerce 10.5.0's settings pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, DecimalException

from ..kernel import dataclass
from .totals import MOST, ZERO, amount

_FEE = re.compile(r"\[fee\b([^\]]*)\]")
_SETTING = re.compile(r"\b(\w++)\s*=\s*[\"']?([^\"'\s\]]*)[\"']?")
_TOKEN = re.compile(r"\s*(\d+\.?\d*|\.\d+|[-+*/()])")


@dataclass(frozen=True)
class Parcel:
    """What is sent: pieces, and what they cost after discounts."""

    pieces: int
    worth: Decimal


def cost(formula: str, parcel: Parcel) -> Decimal:
    """What the formula comes to; nothing for one that makes no sense, and never less than nothing."""
    text = formula.replace(",", ".").replace("[qty]", str(parcel.pieces)).replace("[cost]", f"({parcel.worth:f})")
    text = _FEE.sub(lambda found: f"({_fee(found[1], parcel.worth):f})", text)
    try:
        value = _Sum(text).value()
    except (DecimalException, ValueError, RecursionError):
        return ZERO
    return max(value, ZERO) if value.is_finite() and abs(value) < MOST else ZERO


def _fee(settings: str, worth: Decimal) -> Decimal:
    """A share of what is sent, within its limits."""
    said = dict(_SETTING.findall(settings))
    fee = worth * amount(said.get("percent")) / 100
    if least := amount(said.get("min_fee")):
        fee = max(fee, least)
    if most := amount(said.get("max_fee")):
        fee = min(fee, most)
    return fee


class _Sum:
    """Numbers, + - * / and brackets."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while rest := text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise ValueError(f"{rest!r} is no part of a sum")
            self._tokens.append(found[1])
            at = found.end()
        self._at = 0

    def value(self) -> Decimal:
        value = self._added()
        if self._at < len(self._tokens):
            raise ValueError("more than one sum")
        return value

    def _next(self, *wanted: str) -> str:
        if self._at < len(self._tokens) and self._tokens[self._at] in wanted:
            self._at += 1
            return self._tokens[self._at - 1]
        return ""

    def _added(self) -> Decimal:
        value = self._multiplied()
        while sign := self._next("+", "-"):
            more = self._multiplied()
            value = value + more if sign == "+" else value - more
        return value

    def _multiplied(self) -> Decimal:
        value = self._one()
        while sign := self._next("*", "/"):
            more = self._one()
            value = value * more if sign == "*" else value / more
        return value

    def _one(self) -> Decimal:
        if self._next("-"):
            return -self._one()
        if self._next("("):
            value = self._added()
            if not self._next(")"):
                raise ValueError("a bracket stays open")
            return value
        if self._at >= len(self._tokens):
            raise ValueError("a sum ends too early")
        self._at += 1
        return Decimal(self._tokens[self._at - 1])


def class_costs(formulas: Iterable[tuple[str, Parcel]], *, dearest_only: bool) -> Decimal | None:
    """What the shipping classes in a parcel add: all of them, or the dearest. None when none of them has a cost."""
    costs = [cost(formula, parcel) for formula, parcel in formulas if formula != ""]
    if not costs:
        return None
    return max(costs) if dearest_only else sum(costs, ZERO)


def is_free(requires: str, *, enough: bool, coupon: bool) -> bool:
    """Whether free shipping is offered. `enough`: the order is worth its minimum."""
    match requires:
        case "coupon":
            return coupon
        case "min_amount":
            return enough
        case "either":
            return enough or coupon
        case "both":
            return enough and coupon
    return True
