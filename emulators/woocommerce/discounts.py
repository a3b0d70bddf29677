"""What coupons take off the lines of an order. Pure rules; amounts are whole cents.

A line may be discounted by several coupons, each counting from the price before all of them (or, where the shop
wants it, from what those before it left), and never below zero. Cents that do not divide go to the dearest pieces
first. Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_DOWN, Decimal

from ..kernel import dataclass


@dataclass(frozen=True)
class Piece:
    """One line to discount: `cents` is the price of all of it."""

    key: int
    cents: int
    quantity: int


@dataclass(frozen=True)
class Offer:
    """What a coupon gives: percent of each line, or an amount in cents off each piece or off all together."""

    kind: str  # percent, fixed_product, fixed_cart
    percent: Decimal = Decimal(0)
    cents: int = 0
    most_pieces: int = 0  # 0: all


Taken = dict[int, int]  # key of the line -> cents


def taken_off(offers: Sequence[tuple[Offer, Iterable[Piece]]], *, one_after_another: bool = False) -> list[Taken]:
    """For each offer, in order, what it takes off each line that it is for."""
    spent: Taken = {}
    results = []
    for offer, pieces in offers:
        lines = sorted((p for p in pieces if p.cents > 0 < p.quantity), key=lambda p: -Decimal(p.cents) / p.quantity)
        step = _Step(lines, spent, one_after_another)
        if offer.kind == "percent":
            _take_percent(step, offer)
        elif offer.kind == "fixed_product":
            _take_each(step, offer.cents, offer.most_pieces)
        else:
            _take_shared(step, offer.cents, offer.most_pieces)
        results.append(step.taken)
        for key, cents in step.taken.items():
            spent[key] = spent.get(key, 0) + cents
    return results


class _Step:
    """One coupon being applied."""

    def __init__(self, lines: Sequence[Piece], spent: Taken, one_after_another: bool) -> None:
        self.lines, self._spent, self._on_the_rest = lines, spent, one_after_another
        self.taken: Taken = {}

    def left(self, line: Piece) -> int:
        return line.cents - self._spent.get(line.key, 0) - self.taken.get(line.key, 0)

    def price(self, line: Piece) -> int:
        """What a percentage is taken of."""
        return self.left(line) if self._on_the_rest else line.cents

    def take(self, line: Piece, cents: int) -> int:
        got = max(0, min(cents, self.left(line)))
        if got:
            self.taken[line.key] = self.taken.get(line.key, 0) + got
        return got

    def take_cents(self, cents: int) -> None:
        """A cent from every piece, line by line, until there is enough."""
        for line in self.lines:
            cents -= self.take(line, min(cents, line.quantity))


def _take_percent(step: _Step, offer: Offer) -> None:
    """In floating point, as the store reckons: 29 % of 1.00 is 0.28 and something, and a cent is missing at the end."""
    left, share = offer.most_pieces, float(offer.percent) / 100
    total, whole = 0, 0.0
    for line in step.lines:
        pieces = min(line.quantity, left) if offer.most_pieces else line.quantity
        price = step.price(line) / line.quantity * pieces
        total += step.take(line, math.floor(price * share))
        whole += price
        left -= pieces
    missing = int(Decimal(f"{whole * share:.15g}").quantize(Decimal(1), ROUND_HALF_DOWN)) - total
    step.take_cents(missing)


def _take_each(step: _Step, cents: int, most_pieces: int = 0) -> int:
    left, total = most_pieces, 0
    for line in step.lines:
        pieces = min(line.quantity, left) if most_pieces else line.quantity
        each = min(Decimal(cents), Decimal(line.cents) / max(line.quantity, 1)) if most_pieces else cents
        total += step.take(line, int(each * pieces))
        left -= pieces
    return total


def _take_shared(step: _Step, cents: int, most_pieces: int = 0) -> None:
    """An amount off everything: the same from each piece, what is left over again and again, the last by cents."""
    while cents > 0:
        pieces = sum(line.quantity for line in step.lines if step.left(line) > 0)
        each = cents // pieces if pieces else 0
        if not each:
            break
        got = _take_each(step, each, most_pieces)
        if not got:
            return
        cents -= got
    step.take_cents(cents)
