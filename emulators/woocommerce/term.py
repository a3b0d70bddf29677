"""The record of a term (category, tag, brand, shipping class, value of an attribute), and what may be done to it.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Table, dataclass, replace
from . import php, settings, texts
from .errors import Untold, WooError
from .product import PRODUCT_TERMS, PRODUCTS, Product, ProductTerm, kept, remembered

DEFAULT_CATEGORY_ID = 15


@dataclass(frozen=True)
class Term:
    """`count` is never kept: it is the number of published products."""

    id: int
    taxonomy: str
    name: str
    name_key: str
    slug: str
    parent: int = 0
    description: str = ""
    display: str = "default"
    image_id: int = 0
    menu_order: int = 0
    is_default: bool = False


TERMS = Table(
    Term,
    "woo_terms",
    columns=("taxonomy", "name_key", "slug", "parent"),
    unique=[("taxonomy", "slug")],
    indexes=[("taxonomy", "name_key", "id")],
)
TABLES = (TERMS,)


@dataclass(frozen=True)
class Family:
    """One kind of terms and how it behaves. `shop_count` counts what customers see, children included."""

    taxonomy: str
    path: str
    hierarchical: bool = False
    shop_count: bool = False
    ordered: bool = False
    up: str = ""


CATEGORIES = Family("product_cat", "products/categories", hierarchical=True, shop_count=True)
BRANDS = Family("product_brand", "products/brands", hierarchical=True, shop_count=True)
TAGS = Family("product_tag", "products/tags", shop_count=True)
SHIPPING_CLASSES = Family("product_shipping_class", "products/shipping_classes")


def fresh(here: Emulation) -> None:
    """The one category that every store has."""
    here.ids.start("term", DEFAULT_CATEGORY_ID)
    category_id = here.ids.next("term")
    name = "Uncategorized"
    here.store[Term].put(
        Term(category_id, CATEGORIES.taxonomy, name, name.casefold(), "uncategorized", is_default=True)
    )


# -- finding


def all_by_id(here: Emulation) -> Mapping[int, Term]:
    return remembered(here, ("woo_terms",), "terms", lambda: {t.id: t for t in here.store[Term].all()})


def of(here: Emulation, taxonomy: str) -> list[Term]:
    return remembered(
        here,
        ("woo_terms",),
        ("terms of", taxonomy),
        lambda: [t for t in all_by_id(here).values() if t.taxonomy == taxonomy],
    )


def by_slug(here: Emulation, taxonomy: str, slug: str) -> Term | None:
    return next((t for t in of(here, taxonomy) if t.slug == slug), None)


def kept_name(name: object) -> str:
    """How a name is kept, and shown everywhere. Source: WooCommerce's issues 16250 and 40029."""
    return texts.escaped(texts.unslashed(texts.plain(name)))


def by_name(here: Emulation, taxonomy: str, name: str) -> Term | None:
    key = kept_name(name).casefold()
    return next((t for t in of(here, taxonomy) if t.name_key == key), None)


def shop_order(term: Term) -> tuple[int, str, int]:
    return term.menu_order, term.name_key, term.id


def in_order(values: Iterable[Term], order_by: str) -> list[Term]:
    """Values of a shared attribute in the order that it asks for; by their ids the store cannot order them.
    Source: wc_change_get_terms_defaults() of WooCommerce 10."""
    if order_by == "menu_order":
        return sorted(values, key=shop_order)
    return sorted(values, key=lambda t: (php.number(t.name) if order_by == "name_num" else 0.0, t.name_key, t.id))


def subtree(here: Emulation, term_id: int) -> set[int]:
    """The term and all below it."""
    children: dict[int, list[int]] = {}
    known = all_by_id(here)
    if term_id in known:
        for term in of(here, known[term_id].taxonomy):
            children.setdefault(term.parent, []).append(term.id)
    out, todo = set(), [term_id]
    while todo:
        one = todo.pop()
        if one not in out:
            out.add(one)
            todo += children.get(one, [])
    return out


def default_category(here: Emulation) -> int:
    def found() -> int:
        return next((t.id for t in of(here, CATEGORIES.taxonomy) if t.is_default), DEFAULT_CATEGORY_ID)

    return remembered(here, ("woo_terms",), "default category", found)


def counts(here: Emulation, family: Family) -> dict[int, tuple[int, int]]:
    """For each term in use: the products published with it, which it shows by itself, and the count in a list."""
    tables = ("woo_terms", "woo_products", "woo_product_terms", "woo_settings")
    return remembered(here, tables, ("counts", family.taxonomy), lambda: _counted(here, family))


def _counted(here: Emulation, family: Family) -> dict[int, tuple[int, int]]:
    links, products = PRODUCT_TERMS.c, PRODUCTS.c
    ids = [t.id for t in of(here, family.taxonomy)]
    join = PRODUCT_TERMS.sql.join(PRODUCTS.sql, products.id == links.product_id)
    published = [links.term_id.in_(ids), products.status == "publish"]

    def grouped(*more: Any) -> dict[int, int]:
        statement = sa.select(links.term_id, sa.func.count()).select_from(join).where(*published, *more)
        return {int(i): int(n) for i, n in here.store.execute(statement.group_by(links.term_id))}

    raw = grouped()
    if not family.shop_count:
        return {i: (n, n) for i, n in raw.items()}
    in_catalog: sa.ColumnElement[bool] = products.visibility.in_(("visible", "catalog"))
    if settings.value(here, "woocommerce_hide_out_of_stock_items") == "yes":
        in_catalog &= products.stock_status != "outofstock"
    shown = grouped(in_catalog)
    for parent in {t.parent for t in of(here, family.taxonomy) if t.parent} if family.hierarchical else ():
        below = links.term_id.in_(subtree(here, parent))
        statement = sa.select(sa.func.count(links.product_id.distinct())).select_from(join)
        shown[parent] = int(
            here.store.execute(statement.where(below, products.status == "publish", in_catalog)).scalar_one()
        )
    return {i: (raw.get(i, 0), shown.get(i, 0)) for i in raw.keys() | shown.keys()}


# -- rules


def unknown() -> WooError:
    return without_allow(WooError("woocommerce_rest_term_invalid", "Resource does not exist.", 404))


def without_allow(error: WooError) -> WooError:
    """Where the store finds nothing it does not say either what may be done there."""
    error.headers = (("Allow", ""),)
    return error


def added(here: Emulation, family: Family, params: Mapping[str, Any]) -> Term:
    """A new term. Errors: empty_term_name, missing_parent, term_exists, a parent where there are none."""
    _refuse_parent(family, params)
    name, parent = kept_name(params.get("name")), php.integer(params.get("parent"))
    if not name:
        raise WooError("empty_term_name", "A name is required for this term.")
    siblings = of(here, family.taxonomy)
    if family.hierarchical and parent and parent not in {t.id for t in siblings}:
        raise WooError("missing_parent", "Parent term does not exist.")
    wanted = texts.slug(php.text(params.get("slug")))
    twin = next((t for t in siblings if t.name_key == name.casefold() and t.parent == parent), None)
    if twin is not None and (not wanted or twin.slug == wanted or any(t.slug == wanted for t in siblings)):
        where = "with this parent" if family.hierarchical else "in this taxonomy"
        message = f"A term with the name provided already exists {where}."
        raise WooError("term_exists", message, resource_id=twin.id)
    term = Term(
        id=here.ids.next("term"),
        taxonomy=family.taxonomy,
        name=name,
        name_key=name.casefold(),
        slug=free_slug(siblings, wanted or texts.slug(name), parent if family.hierarchical else 0),
        parent=parent if family.hierarchical else 0,
        description=texts.allowed_html(params.get("description")).strip(),
        display=php.text(params.get("display")) or "default",
        menu_order=php.integer(params.get("menu_order")),
    )
    here.store[Term].put(term)
    return term


def free_slug(siblings: Sequence[Term], wanted: str, parent: int) -> str:
    taken = {t.slug for t in siblings}
    if wanted in taken and parent:
        wanted = f"{wanted}-{next(t.slug for t in siblings if t.id == parent)}"
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def _refuse_parent(family: Family, params: Mapping[str, Any]) -> None:
    if not family.hierarchical and params.get("parent") is not None:
        message = "Can not set resource parent, taxonomy is not hierarchical."
        raise WooError("woocommerce_rest_taxonomy_not_hierarchical", message)


def changed(here: Emulation, family: Family, term: Term, params: Mapping[str, Any]) -> Term:
    _refuse_parent(family, params)
    changes: dict[str, Any] = {}
    if params.get("name") is not None:
        name = kept_name(params["name"])
        if not name:
            raise Untold("empty_term_name", "A name is required for this term.")
        changes |= {"name": name, "name_key": name.casefold()}
    if family.hierarchical and params.get("parent") is not None:
        parent = php.integer(params["parent"])
        if parent > 0 and parent not in all_by_id(here):
            raise Untold("missing_parent", "Parent term does not exist.")
        changes["parent"] = 0 if parent in subtree(here, term.id) else parent
    if params.get("slug") is not None:
        changes["slug"] = _changed_slug(here, term, php.text(params["slug"]), changes)
    if params.get("description") is not None:
        changes["description"] = texts.allowed_html(params["description"]).strip()
    if params.get("display") is not None:
        changes["display"] = php.text(params["display"]) or "default"
    if params.get("menu_order") is not None:
        changes["menu_order"] = php.integer(params["menu_order"])
    return here.store[Term].put(replace(term, **changes))


def _changed_slug(here: Emulation, term: Term, sent: str, changes: Mapping[str, Any]) -> str:
    """The new slug of a term. Where none was given, or the parent is another, a taken one is made free.
    Source: wp_update_term() of WordPress."""
    slug = texts.slug(sent) or texts.slug(changes.get("name", term.name))
    others = [t for t in of(here, term.taxonomy) if t.id != term.id]
    if all(t.slug != slug for t in others):
        return slug
    parent = changes.get("parent", term.parent)
    if texts.slug(sent) and parent == term.parent:
        raise Untold("duplicate_term_slug", f"The slug &#8220;{slug}&#8221; is already in use by another term.")
    return free_slug(others, slug, parent)


def removed(here: Emulation, term: Term) -> None:
    """Gone: its children move up, its products lose it, and fall back to the default category."""
    terms = here.store[Term]
    terms.put_all([replace(t, parent=term.parent) for t in of(here, term.taxonomy) if t.parent == term.id])
    links = PRODUCT_TERMS.c
    carried = sa.select(links.product_id).where(links.term_id == term.id)
    for product in here.store[Product].all(PRODUCTS.c.id.in_(carried)):
        kept(here, _without(product, term.id, default_category(here)), product)
    here.store[ProductTerm].delete_where(links.term_id == term.id)
    terms.delete(term.id)


def _without(product: Product, term_id: int, default: int) -> Product:
    categories = [i for i in product.category_ids if i != term_id]
    return replace(
        product,
        category_ids=categories or ([] if product.is_variation else [default]),
        tag_ids=[i for i in product.tag_ids if i != term_id],
        brand_ids=[i for i in product.brand_ids if i != term_id],
        shipping_class_id=0 if product.shipping_class_id == term_id else product.shipping_class_id,
        attributes=[
            {**a, "options": [o for o in a["options"] if not a["id"] or o != term_id]} for a in product.attributes
        ],
    )


def assigned(here: Emulation, family: Family, sent: Any, *, creating: bool = False) -> list[int]:
    """Ids of the terms that a product was given. Unknown ones are dropped; `creating` makes those that have only
    a name."""
    out: list[int] = []
    known = all_by_id(here)
    for item in sent if isinstance(sent, list) else ():
        if not isinstance(item, Mapping):
            continue
        named = creating and bool(texts.plain(item.get("name")))  # where a name will do it outranks the id
        term = None if named else known.get(php.integer(item.get("id")))
        if named:
            name = texts.plain(item["name"])
            term = by_name(here, family.taxonomy, name) or added(here, family, {"name": name})
        if term is not None and term.taxonomy == family.taxonomy and term.id not in out:
            out.append(term.id)
    return out
