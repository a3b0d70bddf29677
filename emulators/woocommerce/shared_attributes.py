"""The record of a shared attribute of products, and how it is found. Its values are terms of the taxonomy "pa_<slug>".

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kernel import Emulation, Table, dataclass
from . import term, texts
from .product import remembered


@dataclass(frozen=True)
class Attribute:
    """`slug` is kept without the "pa_" that the API shows, with letters of other scripts as they are."""

    id: int
    name: str
    slug: str
    type: str = "select"
    order_by: str = "menu_order"
    has_archives: bool = False

    @property
    def taxonomy(self) -> str:
        return f"pa_{self.slug}"

    @property
    def key(self) -> str:
        """Under which a product has it, and a variation its value: where the slug is not plain ASCII, another word
        than `taxonomy`, which the store itself mistakes for it (see `product_attributes.chosen_values`)."""
        return texts.slug(self.taxonomy)


ATTRIBUTES = Table(Attribute, "woo_attributes", columns=("slug",), indexes=[("slug",)])
TABLES = (ATTRIBUTES,)


def all_by_id(here: Emulation) -> Mapping[int, Attribute]:
    def ask() -> dict[int, Attribute]:
        return {a.id: a for a in here.store[Attribute].all(order=[ATTRIBUTES.c.id])}

    return remembered(here, ("woo_attributes",), "attributes", ask)


def by_key(here: Emulation, key: str) -> Attribute | None:
    """The shared attribute of the taxonomy or key "pa_..."."""
    if key[:3] != "pa_":
        return None
    return next((a for a in all_by_id(here).values() if key in (a.key, a.taxonomy)), None)


def key_of(here: Emulation, attribute: Mapping[str, Any]) -> str:
    """The key under which variations choose a value of this product's attribute; that of a shared one stays when it is
    gone."""
    if not attribute["id"]:
        return texts.slug(attribute["name"])
    shared = all_by_id(here).get(attribute["id"])
    return shared.key if shared else f"pa_{texts.slug(attribute['name'])}"


def slugs(here: Emulation) -> frozenset[str]:
    return frozenset(a.slug for a in all_by_id(here).values())


def family(attribute: Attribute) -> term.Family:
    return term.Family(attribute.taxonomy, f"products/attributes/{attribute.id}/terms", ordered=True)
