"""Stock as a rule: what a product may hold, and what its status then is. Knows no store.

Units: pieces; below zero means oversold. Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..kernel import dataclass, replace
from .php import integer as whole

__all__ = ["Stock", "moved", "settled", "status_of", "summed", "whole"]

IN_STOCK, OUT_OF_STOCK, ON_BACKORDER = "instock", "outofstock", "onbackorder"


@dataclass(frozen=True)
class Stock:
    managed: bool = False
    quantity: int | None = None
    backorders: str = "no"
    low_amount: int | None = None
    status: str = IN_STOCK


def status_of(quantity: int | None, backorders: str, threshold: int = 0) -> str:
    """The status that a counted quantity has. Up to `threshold` pieces count as none."""
    if (quantity or 0) > threshold:
        return IN_STOCK
    return OUT_OF_STOCK if backorders == "no" else ON_BACKORDER


def settled(stock: Stock, threshold: int = 0) -> Stock:
    """As the store keeps it: without counting there is no quantity, with counting the status follows from it."""
    if not stock.managed:
        return replace(stock, quantity=None, backorders="no", low_amount=None)
    return replace(stock, status=status_of(stock.quantity, stock.backorders, threshold))


def moved(stock: Stock, delta: int, threshold: int = 0) -> Stock:
    """After so many pieces came (or went, below zero). Nothing moves where nothing is counted."""
    if not stock.managed:
        return stock
    return settled(replace(stock, quantity=whole((stock.quantity or 0) + delta)), threshold)


def summed(statuses: Iterable[str]) -> str:
    """The status of a product whose variations count for themselves."""
    found = set(statuses)
    if IN_STOCK in found:
        return IN_STOCK
    return ON_BACKORDER if ON_BACKORDER in found else OUT_OF_STOCK
