"""What only one product may have: its slug, its SKU and its code (GTIN, UPC, EAN, ISBN)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Statement
from . import texts
from .errors import WooError
from .product import C, remembered

_SKU: sa.BindParameter[str] = sa.bindparam("sku")
_SLUG: sa.BindParameter[str] = sa.bindparam("slug")
_CODE: sa.BindParameter[str] = sa.bindparam("code")
_OWN = sa.bindparam("own", type_=sa.BigInteger())
_OTHERS = sa.select(C.id).where(C.trashed.is_(False), C.id != _OWN).order_by(C.id).limit(1)
_SKU_HOLDERS = Statement(sa.select(C.id, C.trashed).where(C.sku_key == _SKU).order_by(C.trashed, C.id))
_CODE_OWNERS = Statement(_OTHERS.where(C.global_unique_id == _CODE))
_WITH_SLUG = Statement(sa.select(C.id).where(C.slug == _SLUG, C.is_variation.is_(False), C.id != _OWN).limit(1))

FEEDS = frozenset(("feed", "rdf", "rss", "rss2", "atom", "embed"))
"""Slugs that WordPress needs itself. Source: wp_unique_post_slug()."""


def free_slug(here: Emulation, wanted: str, own_id: int) -> str:
    """The slug, or the first of slug-2, slug-3 ... that no other product has."""
    if wanted and wanted not in FEEDS and not here.store.run(_WITH_SLUG, slug=_numbered(wanted, 1), own=own_id):
        return _numbered(wanted, 1)
    number, span = 2, 1
    while wanted:
        candidates = [_numbered(wanted, n) for n in range(number, number + span)]
        statement = sa.select(C.slug).where(C.slug.in_(candidates), C.is_variation.is_(False), C.id != own_id)
        taken = {row[0] for row in here.store.execute(statement)}
        free = next((slug for slug in candidates if slug not in taken), None)
        if free is not None:
            return free
        number, span = number + span, min(span * 8, 512)
    return ""


def _numbered(slug: str, number: int) -> str:
    suffix = f"-{number}" if number > 1 else ""
    return slug[: 200 - len(suffix)] + suffix


def refuse_taken_sku(here: Emulation, sku: str, own_id: int) -> None:
    """Errors: product_invalid_sku, naming the owner and a SKU that would be free."""
    owners = [number for number, trashed in _holders(here, sku) if not trashed and number != own_id]
    if not owners:
        return
    number = 1
    while not all(trashed for _, trashed in _holders(here, f"{sku}-{number}")):
        number += 1
    free = f"{sku}-{number}"
    raise WooError("product_invalid_sku", "Invalid or duplicated SKU.", resource_id=owners[0], unique_sku=free)


def _holders(here: Emulation, sku: str) -> Sequence[Sequence[Any]]:
    """Who has this SKU: numbers, and whether each is in the trash. For a new product it is asked twice."""
    key = texts.folded(sku)
    ask = partial(here.store.run, _SKU_HOLDERS, sku=key)
    return remembered(here, ("woo_products",), "holders of a SKU", ask, about=key)


def refuse_trashed_sku(here: Emulation, sku: str) -> None:
    """The SKU of a trashed product stays taken for new ones, and the store says so in other words."""
    if sku and any(trashed for _, trashed in _holders(here, sku)):
        raise WooError(
            "woocommerce_rest_product_not_created",
            f"The product with SKU ({sku}) you are trying to insert is already present in the lookup table",
        )


def refuse_taken_code(here: Emulation, code: str, own_id: int) -> None:
    owners = here.store.run(_CODE_OWNERS, code=code, own=own_id)
    if owners:
        message = "Invalid or duplicated GTIN, UPC, EAN or ISBN."
        raise WooError("product_invalid_global_unique_id", message, resource_id=int(owners[0][0]))
