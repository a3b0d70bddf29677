"""Terms: categories, tags, brands and shipping classes, as the API lists, shows and changes them.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ..kernel import Emulation, Reply, emulation, replace
from . import auth, images, php, respond, texts
from .errors import WooError
from .params import Params
from .product import Product
from .term import (
    BRANDS,
    CATEGORIES,
    SHIPPING_CLASSES,
    TAGS,
    Family,
    Term,
    added,
    all_by_id,
    changed,
    counts,
    of,
    removed,
    unknown,
)

# -- showing


def rendered(here: Emulation, family: Family, term: Term, *, gone: bool = False, count: int | None = None) -> Any:
    if count is None:
        count = 0 if gone else counts(here, family).get(term.id, (0, 0))[0]
    body: dict[str, Any] = {"id": term.id, "name": term.name, "slug": term.slug}
    if family.hierarchical:
        image = images.found(here, [term.image_id]).get(term.image_id) if term.image_id else None
        body |= {"parent": term.parent, "description": term.description, "display": term.display}
        body |= {"image": images.rendered_small(here, image) if image else None, "menu_order": term.menu_order}
    else:
        body["description"] = term.description
        if family.ordered:
            body["menu_order"] = term.menu_order
    body["count"] = count
    up = f"{family.path}/{term.parent}" if term.parent else None
    body["_links"] = respond.links(here, family.path, term.id, up=up)
    return without_hints(body) if gone else body


def without_hints(body: dict[str, Any]) -> dict[str, Any]:
    """What is gone does not say what may be done with it."""
    body["_links"]["self"] = [{"href": respond.self_url(body)}]
    return body


def listed(here: Emulation, family: Family, params: Params) -> Reply:
    known, numbers = of(here, family.taxonomy), counts(here, family)
    chosen = _filtered(here, family, known, numbers, params)
    _sort(chosen, numbers, params)
    start = respond.start(params)
    page = chosen[start : start + params["per_page"]]
    bodies = [rendered(here, family, t, count=numbers.get(t.id, (0, 0))[1]) for t in page]
    return respond.page(bodies, len(chosen), params, family.path, begins=start)


def _filtered(
    here: Emulation, family: Family, known: Iterable[Term], numbers: Mapping[int, tuple[int, int]], params: Params
) -> list[Term]:
    chosen = list(known)
    if include := params.get("include"):
        chosen = [t for t in chosen if t.id in include]
    elif exclude := params.get("exclude"):
        chosen = [t for t in chosen if t.id not in exclude]
    if params.get("hide_empty"):
        chosen = [t for t in chosen if any(numbers.get(t.id, (0, 0)))]
    if family.hierarchical and params.get("parent") is not None:
        chosen = [t for t in chosen if t.parent == params["parent"]]
    if slug := params.get("slug"):
        slugs = {texts.slug(s) for s in php.text(slug).split(",")}
        chosen = [t for t in chosen if t.slug in slugs]
    if search := params.get("search"):
        words = texts.folded(search)
        chosen = [t for t in chosen if words in texts.folded(t.name) or words in t.slug]
    if params.get("product"):
        product = here.store[Product].get(params["product"])
        own = product.term_ids() if product else set()
        chosen = [t for t in chosen if t.id in own]
    return chosen


def _sort(chosen: list[Term], numbers: Mapping[int, tuple[int, int]], params: Params) -> None:
    include = params.get("include") or []
    keys: dict[str, Any] = {
        "id": lambda t: (t.id,),
        "slug": lambda t: (t.slug, t.id),
        "description": lambda t: (t.description.casefold(), t.name_key),
        "count": lambda t: (numbers.get(t.id, (0, 0))[0], t.name_key),
        "term_group": lambda t: (0, t.id),
    }
    if params["orderby"] == "include" and include:
        chosen.sort(key=lambda t: include.index(t.id), reverse=params["order"] == "desc")
        return
    key = keys.get(params["orderby"], lambda t: (t.name_key, t.id))
    chosen.sort(key=key, reverse=params["order"] == "desc")


# -- handlers


def in_family(here: Emulation, family: Family, term_id: Any) -> Term:
    term = all_by_id(here).get(php.integer(term_id))
    if term is None or term.taxonomy != family.taxonomy:
        raise unknown()
    return term


def shown_list(family: Family, params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    return listed(here, family, params)


def shown(family: Family, params: Params) -> Reply:
    here = emulation()
    term = in_family(here, family, params["id"])
    auth.require("view", here, single=True)
    return respond.one(rendered(here, family, term))


async def made(family: Family, params: Params) -> Reply:
    here = emulation()
    auth.require("create", here)
    picture = await images.fetched(here, params.get("image"))
    term = _pictured(here, added(here, family, params), params, picture)
    body = rendered(here, family, term)
    return respond.one(body, 201, location=f"{family.path}/{term.id}")


async def edited(family: Family, params: Params) -> Reply:
    here = emulation()
    term = in_family(here, family, params.get("id"))
    auth.require("edit", here, single=True)
    picture = await images.fetched(here, params.get("image"))
    term = in_family(here, family, term.id)  # it may have gone while the picture was fetched
    term = _pictured(here, changed(here, family, term, params), params, picture)
    return respond.one(rendered(here, family, term))


def dropped(family: Family, params: Params) -> Reply:
    here = emulation()
    term = in_family(here, family, params.get("id"))
    auth.require("delete", here, single=True)
    if not params.get("force"):
        message = "Resource does not support trashing."
        raise WooError("woocommerce_rest_trash_not_supported", message, 501)
    if term.is_default:
        message = "Default product category cannot be deleted."
        raise WooError("woocommerce_rest_cannot_delete", message, 500)
    count = counts(here, family).get(term.id, (0, 0))[0]
    removed(here, term)
    return respond.one(rendered(here, family, term, gone=True, count=count), allow=())


def _pictured(here: Emulation, term: Term, params: Mapping[str, Any], picture: images.Fetched) -> Term:
    sent = params.get("image")
    if not isinstance(sent, Mapping):
        return term
    return here.store[Term].put(replace(term, image_id=images.assigned_to_term(here, sent, picture)))


list_categories = partial(shown_list, CATEGORIES)
create_category = partial(made, CATEGORIES)
read_category = partial(shown, CATEGORIES)
update_category = partial(edited, CATEGORIES)
delete_category = partial(dropped, CATEGORIES)

list_tags = partial(shown_list, TAGS)
create_tag = partial(made, TAGS)
read_tag = partial(shown, TAGS)
update_tag = partial(edited, TAGS)
delete_tag = partial(dropped, TAGS)

list_shipping_classes = partial(shown_list, SHIPPING_CLASSES)
create_shipping_class = partial(made, SHIPPING_CLASSES)
read_shipping_class = partial(shown, SHIPPING_CLASSES)
update_shipping_class = partial(edited, SHIPPING_CLASSES)
delete_shipping_class = partial(dropped, SHIPPING_CLASSES)

list_brands = partial(shown_list, BRANDS)
create_brand = partial(made, BRANDS)
read_brand = partial(shown, BRANDS)
update_brand = partial(edited, BRANDS)
delete_brand = partial(dropped, BRANDS)
