"""Shared attributes of products and their values (terms of the taxonomy "pa_<slug>").

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..kernel import Emulation, Reply, emulation, replace
from . import auth, php, respond, term, terms, texts, variation_names
from .errors import WooError
from .params import Params
from .shared_attributes import Attribute, all_by_id, family, slugs

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
_CANNOT_CREATE, _CANNOT_EDIT = "woocommerce_rest_cannot_create", "woocommerce_rest_cannot_edit"
TYPES = ("select",)
ORDERS = ("menu_order", "name", "name_num", "id")


def unknown(message: str = "Resource does not exist.") -> WooError:
    return term.without_allow(WooError("woocommerce_rest_taxonomy_invalid", message, 404))


def checked_slug(slug: str, taken: bool, code: str) -> str:
    """Errors: too long (in bytes), reserved, in use."""
    if len(slug.encode()) > SLUG_LIMIT:
        problem = f"is too long ({SLUG_LIMIT} characters max). Shorten it, please."
    elif slug in RESERVED:
        problem = "is not allowed because it is a reserved term. Change it, please."
    elif taken:
        problem = "is already in use. Change it, please."
    else:
        return slug
    raise WooError(code, f'Slug "{slug}" {problem}')


def written(params: Mapping[str, Any], attribute: Attribute, *, taken: frozenset[str]) -> Attribute:
    """The attribute after a request. `taken` are the slugs of the others. Without a slug it gets that of its name, also
    when only something else is changed. Source: update_item() of the controller and wc_update_attribute(),
    WooCommerce 10."""
    code = _CANNOT_EDIT if attribute.id else _CANNOT_CREATE
    name = texts.plain(params.get("name")) or attribute.name
    if not name:
        raise WooError(code, "Please, provide an attribute name.")
    slug = texts.taxonomy(php.text(params.get("slug"))) or texts.taxonomy(name)
    if not attribute.id and params.get("generate_slug") == "true":
        slug = _numbered(texts.taxonomy(name), taken)
    slug = slug.removeprefix("pa_")
    slug = checked_slug(slug, slug in taken and slug != attribute.slug, code)
    archives = params.get("has_archives")
    return replace(
        attribute,
        name=name,
        slug=slug,
        type=_one_of(params.get("type"), TYPES, attribute.type),
        order_by=_one_of(params.get("order_by"), ORDERS, attribute.order_by),
        has_archives=attribute.has_archives if archives is None else php.boolean(archives),
    )


def _one_of(sent: Any, known: tuple[str, ...], otherwise: str) -> str:
    """What is unknown, where nothing was checked, is as if nothing ever had been said."""
    if sent is None:
        return otherwise
    return php.text(sent) if php.text(sent) in known else known[0]


def _numbered(slug: str, taken: Iterable[str]) -> str:
    """The slug, with the number after that of the newest that begins like it."""
    same = [other for other in taken if other.startswith(slug)]
    return f"{slug}-{max(php.integer(other.rpartition('-')[2]) for other in same) + 1}" if same else slug


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


def create(params: Params) -> Reply:
    return created(params, slugs(emulation()))


def created(params: Params, taken: frozenset[str]) -> Reply:
    """A new attribute. Within one batch the store does not see those it has just made: their slugs repeat."""
    here = emulation()
    auth.require("create", here, of="attributes")
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
    auth.require("edit", here, single=True, of="attributes")
    taken = frozenset(a.slug for a in all_by_id(here).values() if a.id != old.id)
    new = here.store[Attribute].put(written(params, old, taken=taken))
    if new.slug != old.slug:
        _moved(here, old, new)
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


def _moved(here: Emulation, old: Attribute, new: Attribute) -> None:
    """Its values, and whoever has chosen one, with its new slug."""
    values = term.of(here, old.taxonomy)
    here.store[term.Term].put_all([replace(t, taxonomy=new.taxonomy) for t in values])

    def change(options: dict[str, str]) -> dict[str, str]:
        return {new.key if key == old.key else key: value for key, value in options.items()}

    variation_names.followed_by_all(here, [t.id for t in values], change)


# -- values


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
    """A value after a request: variations that stand for it follow."""
    here, known = emulation(), _family(params)
    old = term.all_by_id(here).get(php.integer(params.get("id")))
    reply = await terms.edited(known, params)
    new = term.all_by_id(here)[old.id] if old is not None else None
    if old is not None and new is not None and (new.name, new.slug) != (old.name, old.slug):
        key = texts.slug(known.taxonomy)

        def change(options: dict[str, str]) -> dict[str, str]:
            return {**options, key: new.slug} if options.get(key) == old.slug else options

        variation_names.followed_by_all(here, [new.id], change)
    return reply


def delete_term(params: Params) -> Reply:
    return terms.dropped(_family(params), params)
