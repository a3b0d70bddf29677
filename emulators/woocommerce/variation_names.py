"""What variations are called, and what follows for them from a change of their product, of a shared attribute or of one
of its values. Source: WC_Product_Variation_Data_Store_CPT and WC_Post_Data::edited_term, WooCommerce 10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sqlalchemy as sa

from ..kernel import Emulation, replace
from . import product_view, texts
from .product import PRODUCT_TERMS, PRODUCTS, Product, kept, variations_of

Options = dict[str, str]


def titled(here: Emulation, variation: Product, parent: Product) -> Product:
    """A variation is called after its product and, while they are few, what it stands for: "Var - Red, S". By a short
    description that nobody sees it is found: "Color: Red, Size: S"."""
    options = product_view.chosen_options(here, variation, parent)
    several = len(options) > 1
    telling = options and len(options) < 3 and not (several and any("-" in o["slug"] for o in options))
    name = f"{parent.name} - {', '.join(o['option'] for o in options)}" if telling else parent.name
    told = ", ".join(f"{o['name']}: {o['option']}" for o in options)
    return replace(variation, name=name, short_description=told, slug=variation.slug or texts.slug(name))


def followed(here: Emulation, parent: Product, change: Callable[[Options], Options] = lambda options: options) -> None:
    """The variations of a product as they are called now, with a `change` of what they stand for; nobody is told."""
    for child in variations_of(here, parent.id, trashed=True):
        after = titled(here, replace(child, options=change(child.options)), parent)
        if after != child:
            kept(here, after, child)


def followed_by_all(here: Emulation, term_ids: Iterable[int], change: Callable[[Options], Options]) -> None:
    """The same for every product that has one of these values."""
    carrying = sa.select(PRODUCT_TERMS.c.product_id).where(PRODUCT_TERMS.c.term_id.in_(list(term_ids)))
    for product in here.store[Product].all(PRODUCTS.c.id.in_(carrying)):
        defaults = change(product.default_attributes)
        if defaults != product.default_attributes:
            kept(here, replace(product, default_attributes=defaults), product)
        followed(here, product, change)
