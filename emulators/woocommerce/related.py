"""Which other products a product is shown with."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..kernel import Emulation
from .product import NEWEST, Product, newest_of

MOST = NEWEST - 1  # without the product itself


def picked(here: Emulation, product: Product) -> list[int]:
    """Up to five other products that share a category or a tag; the store itself picks them at random."""
    if product.is_variation:
        return []
    return sharing(here, (*product.category_ids, *product.tag_ids), {product.id})


def sharing(here: Emulation, term_ids: Iterable[int], without: Collection[int], limit: int = MOST) -> list[int]:
    """Products of these categories and tags, the newest of each first."""
    out: list[int] = []
    for term_id in term_ids:
        out += [i for i in newest_of(here, term_id) if i not in without and i not in out]
    return out[: max(0, min(limit, MOST))]
