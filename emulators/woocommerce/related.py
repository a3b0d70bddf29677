"""Which other products a product is shown with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial

import sqlalchemy as sa

from ..kernel import Emulation, Statement
from .product import PRODUCT_TERMS, PRODUCTS, C, Product, remembered

MOST = 5
_T = PRODUCT_TERMS.c
_NEWEST_OF = Statement(
    sa.select(_T.product_id)
    .join(PRODUCTS.sql, C.id == _T.product_id)
    .where(_T.term_id == sa.bindparam("term", type_=sa.BigInteger()), C.status == "publish")
    .order_by(_T.product_id.desc())
    .limit(MOST + 1)
)


def picked(here: Emulation, product: Product) -> list[int]:
    """Up to five other products that share a category or a tag; the store itself picks them at random."""
    if product.is_variation:
        return []
    return sharing(here, (*product.category_ids, *product.tag_ids), {product.id})


def sharing(here: Emulation, term_ids: Iterable[int], without: Collection[int], limit: int = MOST) -> list[int]:
    """Products of these categories and tags, the newest of each first."""
    out: list[int] = []
    for term_id in term_ids:
        ids = remembered(here, ("woo_product_terms",), ("newest of", term_id), partial(_newest_of, here, term_id))
        out += [i for i in ids if i not in without and i not in out]
    return out[: max(0, min(limit, MOST))]


def _newest_of(here: Emulation, term_id: int) -> list[int]:
    return [int(row[0]) for row in here.store.run(_NEWEST_OF, term=term_id)]
