"""Shared attributes of products and their values (terms of the taxonomy "pa_<slug>").

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kernel import Emulation, Reply, Table, dataclass, emulation, replace
from . import auth, php, respond, term, terms, texts
from .errors import WooError
from .params import Params
from .product import remembered

SLUG_LIMIT = 28
RESERVED = frozenset(
    (
        "attachment", "attachment_id", "author", "author_name", "calendar", "cat", "category", "category__and",
        "category__in", "category__not_in", "category_name", "comments_per_page", "comments_popup", "cpage", "day",
        "debug", "error", "exact", "feed", "hour", "link_category", "m", "minute", "monthnum", "more", "name",
        "nav_menu", "nopaging", "offset", "order", "orderby", "p", "page", "page_id", "paged", "pagename", "pb", "perm",
        "post", "post__in", "post__not_in", "post_format", "post_mime_type", "post_status", "post_tag", "post_type",
        "posts", "posts_per_archive_page", "posts_per_page", "preview", "robots", "s", "search", "second", "sentence",
        "showposts", "static", "subpost", "subpost_id", "tag", "tag__and", "tag__in", "tag__not_in", "tag_id",
        "tag_slug__and", "tag_slug__in", "taxonomy", "tb", "term", "type", "w", "withcomments", "withoutcomments",
        "year",
    )
)  # fmt: skip
_CANNOT_CREATE = "woocommerce_rest_cannot_create"


@dataclass(frozen=True)
class Attribute:
    """`slug` is kept without the "pa_" that the API shows."""

    id: int
    name: str
    slug: str
    type: str = "select"
    order_by: str = "menu_order"
    has_archives: bool = False

    @property
    def taxonomy(self) -> str:
        return f"pa_{self.slug}"


ATTRIBUTES = Table(Attribute, "woo_attributes", columns=("slug",), indexes=[("slug",)])
TABLES = (ATTRIBUTES,)


def all_by_id(here: Emulation) -> Mapping[int, Attribute]:
    def ask() -> dict[int, Attribute]:
        return {a.id: a for a in here.store[Attribute].all(order=[ATTRIBUTES.c.id])}

    return remembered(here, ("woo_attributes",), "attributes", ask)


def by_key(here: Emulation, key: str) -> Attribute | None:
    """The shared attribute of the taxonomy "pa_..."."""
    return next((a for a in all_by_id(here).values() if a.taxonomy == key), None) if key[:3] == "pa_" else None


def key_of(here: Emulation, attribute: Mapping[str, Any]) -> str:
    """The key under which variations choose a value of this product's attribute."""
    shared = all_by_id(here).get(attribute["id"]) if attribute["id"] else None
    return shared.taxonomy if shared else texts.slug(attribute["name"])


def unknown(message: str = "Resource does not exist.") -> WooError:
    return term.without_allow(WooError("woocommerce_rest_taxonomy_invalid", message, 404))


def checked_slug(slug: str, taken: bool) -> str:
    """Errors: too long, reserved, in use."""
    if len(slug) > SLUG_LIMIT:
        problem = f"is too long ({SLUG_LIMIT} characters max). Shorten it, please."
    elif slug in RESERVED:
        problem = "is not allowed because it is a reserved term. Change it, please."
    elif taken:
        problem = "is already in use. Change it, please."
    else:
        return slug
    raise WooError(_CANNOT_CREATE, f'Slug "{slug}" {problem}')


def written(params: Mapping[str, Any], attribute: Attribute, *, taken: frozenset[str]) -> Attribute:
    """The attribute after a request. `taken` are the slugs of the others."""
    name = texts.plain(params["name"]) if params.get("name") is not None else attribute.name
    if not name:
        raise WooError(_CANNOT_CREATE, "Please, provide an attribute name.")
    slug = attribute.slug
    if not slug or params.get("slug"):
        slug = texts.slug(php.text(params.get("slug")) or name).removeprefix("pa_")
        slug = checked_slug(slug, slug in taken and slug != attribute.slug)
    archives = params.get("has_archives")
    return replace(
        attribute,
        name=name,
        slug=slug,
        type=php.text(params.get("type")) or attribute.type,
        order_by=php.text(params.get("order_by")) or attribute.order_by,
        has_archives=attribute.has_archives if archives is None else php.boolean(archives),
    )


def rendered(here: Emulation, attribute: Attribute, *, gone: bool = False) -> dict[str, Any]:
    body = {
        "id": attribute.id,
        "name": attribute.name,
        "slug": attribute.taxonomy,
        "type": attribute.type,
        "order_by": attribute.order_by,
        "has_archives": attribute.has_archives,
        "_links": respond.links(here, "products/attributes", attribute.id),
    }
    return terms.without_hints(body) if gone else body


def _existing(here: Emulation, params: Params) -> Attribute:
    attribute = all_by_id(here).get(php.integer(params.get("id")))
    if attribute is None:
        raise unknown()
    return attribute


def list_all(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    bodies = [rendered(here, a) for a in sorted(all_by_id(here).values(), key=lambda a: a.slug)]
    return Reply(200, bodies, (("X-WP-Total", str(len(bodies))), ("X-WP-TotalPages", "1")))  # one page, also of none


def slugs(here: Emulation) -> frozenset[str]:
    return frozenset(a.slug for a in all_by_id(here).values())


def create(params: Params) -> Reply:
    return created(params, slugs(emulation()))


def created(params: Params, taken: frozenset[str]) -> Reply:
    """A new attribute. Within one batch the store does not see those it has just made: their slugs repeat."""
    here = emulation()
    auth.require("create", here)
    attribute = written(params, Attribute(0, "", ""), taken=taken)
    attribute = here.store[Attribute].put(replace(attribute, id=here.ids.next("attribute")))
    return respond.one(rendered(here, attribute), 201, location=f"products/attributes/{attribute.id}")


def read(params: Params) -> Reply:
    here = emulation()
    attribute = _existing(here, params)
    auth.require("view", here, single=True)
    return respond.one(rendered(here, attribute))


def update(params: Params) -> Reply:
    here = emulation()
    old = _existing(here, params)
    auth.require("edit", here, single=True)
    taken = frozenset(a.slug for a in all_by_id(here).values() if a.id != old.id)
    new = here.store[Attribute].put(written(params, old, taken=taken))
    if new.slug != old.slug:
        _retitle_terms(here, old.taxonomy, new.taxonomy)
    return respond.one(rendered(here, new))


def delete(params: Params) -> Reply:
    here = emulation()
    attribute = _existing(here, params)
    auth.require("delete", here, single=True)
    if not params.get("force"):
        message = "Resource does not support trashing."
        raise WooError("woocommerce_rest_trash_not_supported", message, 501)
    for value in term.of(here, attribute.taxonomy):
        term.removed(here, value)
    here.store[Attribute].delete(attribute.id)
    return respond.one(rendered(here, attribute, gone=True), allow=())


def _retitle_terms(here: Emulation, old: str, new: str) -> None:
    here.store[term.Term].put_all([replace(t, taxonomy=new) for t in term.of(here, old)])


# -- values


def family(attribute: Attribute) -> term.Family:
    return term.Family(attribute.taxonomy, f"products/attributes/{attribute.id}/terms", ordered=True)


def _family(params: Params) -> term.Family:
    attribute = all_by_id(emulation()).get(php.integer(params.get("attribute_id")))
    if attribute is None:
        raise unknown("Taxonomy does not exist.")
    return family(attribute)


def list_terms(params: Params) -> Reply:
    return terms.shown_list(_family(params), params)


async def create_term(params: Params) -> Reply:
    return await terms.made(_family(params), params)


def read_term(params: Params) -> Reply:
    return terms.shown(_family(params), params)


async def update_term(params: Params) -> Reply:
    return await terms.edited(_family(params), params)


def delete_term(params: Params) -> Reply:
    return terms.dropped(_family(params), params)
