"""A believable store in the vocabulary of the laboratory: filled in pieces, so that nobody waits for long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kernel import Emulation, LabError
from . import seed_import, seed_orders, seed_people, seed_products

PRODUCTS, CUSTOMERS, ORDERS = 500, 1_000, 250  # made in one go
MOST = 2_000_000


def seed_products_(here: Emulation, of: int, most: int = PRODUCTS) -> dict[str, int]:
    """Some more believable products, until there are `of`: `most` of them now. Say it again until {"left"} is 0."""
    return _more(here, seed_products.KIND, of, most, lambda count: seed_products.added(here, count, of))


def seed_customers(here: Emulation, of: int, most: int = CUSTOMERS) -> dict[str, int]:
    """Some more believable customers, until there are `of`."""
    return _more(here, seed_people.KIND, of, most, lambda count: seed_people.added(here, count, of))


def seed_orders_(here: Emulation, of: int, months: int = 6, most: int = ORDERS) -> dict[str, int]:
    """Some more believable orders of the last `months`, until there are `of`. Stock stays as it is."""
    if not 0 < months <= 240:
        raise LabError("orders go back 1 to 240 months")
    return _more(here, seed_orders.KIND, of, most, lambda count: seed_orders.added(here, count, of, months))


def _more(here: Emulation, kind: str, of: int, most: int, added: Callable[[int], int]) -> dict[str, int]:
    if not 0 <= of <= MOST or most < 1:
        raise LabError(f"between 0 and {MOST} can be made, at least 1 at a time")
    have = here.ids.taken(kind)
    count = min(of - have, most)
    now = added(count) if count > 0 else have
    return {"made": max(count, 0), "have": now, "left": max(of - now, 0)}


def a_believable_store(
    here: Emulation, products: int = 20, customers: int = 10, orders: int = 30, months: int = 6
) -> dict[str, int]:
    """So many products with variations, categories and pictures, customers, and orders of the last months."""
    counts = {}
    for what, fill, of in (
        ("products", seed_products_, products),
        ("customers", seed_customers, customers),
        ("orders", lambda here, of: seed_orders_(here, of, months), orders),
    ):
        told = fill(here, of)
        while told["left"]:
            told = fill(here, of)
        counts[what] = told["have"]
    return counts


STATES: dict[str, Callable[..., Any]] = {"a believable store": a_believable_store}
MOVES: dict[str, Callable[..., Any]] = {
    "seed products": seed_products_,
    "seed customers": seed_customers,
    "seed orders": seed_orders_,
    "import products": seed_import.imported,
    "relate products": seed_import.related,
}
