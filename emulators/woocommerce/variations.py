"""Variations of a product over REST.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from ..kernel import Emulation, Reply, emulation, replace
from . import auth, dates, images, php, plugins, product_view, respond, search, shared_attributes, term, webhooks
from .errors import WooError, critical
from .params import Params
from .product import Product, catch_up, found, kept, parent_synced, removed, variations_of
from .product_input import edited_variation
from .product_taken import refuse_trashed_sku
from .products import trashed
from .terms import without_hints
from .variation_names import titled

LOCATION = r"products/(?P<product_id>[\d]+)/variations"  # the store leaves its route pattern in the Location
MOST_GENERATED = 50


def unknown(status: int = 404) -> WooError:
    return WooError("woocommerce_rest_product_variation_invalid_id", "Invalid ID.", status)


def shown(here: Emulation, variation: Product, context: str = "edit") -> dict[str, Any]:
    return product_view.variation_page(here, [variation], context)[0]


def created(here: Emulation, parent: Product, sent: Mapping[str, Any], pictures: images.Fetched) -> Product:
    at = dates.second(here)
    blank = Product(0, at, at, type="variation", is_variation=True, parent_id=parent.id, tax_class="parent")
    variation = edited_variation(here, blank, parent, sent, pictures)
    refuse_trashed_sku(here, variation.sku)
    variation = _kept(here, replace(variation, id=here.ids.next("post")), parent, None)
    webhooks.happened(here, "product.created", variation.id)
    return variation


def updated(
    here: Emulation, old: Product, parent: Product, sent: Mapping[str, Any], pictures: images.Fetched
) -> Product:
    variation = replace(edited_variation(here, old, parent, sent, pictures), modified=dates.second(here))
    variation = _kept(here, variation, parent, old)
    webhooks.happened(here, "product.updated", variation.id)
    return variation


def _kept(here: Emulation, variation: Product, parent: Product, old: Product | None) -> Product:
    if parent.manage_stock and not variation.manage_stock:
        variation = replace(variation, stock_status=parent.stock_status)
    variation = kept(here, titled(here, variation, parent), old)
    parent_synced(here, parent.id)
    return variation


def dropped(here: Emulation, variation: Product) -> None:
    removed(here, variation)
    parent_synced(here, variation.parent_id)


def _combinations(here: Emulation, parent: Product) -> list[dict[str, str]]:
    """Everything that a variation of this product can stand for."""
    choices: list[list[tuple[str, str]]] = []
    for attribute in parent.attributes:
        if attribute["variation"]:
            key = shared_attributes.key_of(here, attribute)
            choices.append([(key, v) for v in _values(here, attribute)])
    return [dict(combination) for combination in itertools.product(*choices)] if choices else []


def generated(here: Emulation, parent: Product, sent: Mapping[str, Any] | None = None) -> int:
    """Every combination of the parent's values that has no variation yet; how many were made. `sent`: what all of
    them get."""
    there = [c.options for c in variations_of(here, parent.id)]
    made = 0
    for options in _combinations(here, parent):
        if made >= MOST_GENERATED or any({k: v for k, v in t.items() if v} == options for t in there):
            continue
        at = dates.second(here)
        blank = Product(
            here.ids.next("post"), at, at, "variation", True, parent_id=parent.id, tax_class="parent", options=options
        )
        variation = _kept(here, edited_variation(here, blank, parent, sent or {}, {}), parent, None)
        webhooks.happened(here, "product.created", variation.id)
        made += 1
    return made


def unmatched_dropped(here: Emulation, parent: Product) -> int:
    """Variations that stand for nothing the product has, and all but the first of those that stand for the same, go
    for good; how many went.

    Source: WC_REST_Product_Variations_Controller::delete_unmatched_product_variations, WooCommerce 10.
    """
    free, gone = _combinations(here, parent), 0
    for variation in variations_of(here, parent.id):
        if variation.options in free:
            free.remove(variation.options)
        else:
            dropped(here, variation)
            gone += 1
    return gone


def _renumbered(here: Emulation, parent: Product) -> None:
    """Generating puts all variations in order, from 1."""
    ordered = sorted(variations_of(here, parent.id), key=lambda c: (c.menu_order, c.id))
    here.store[Product].put_all([replace(c, menu_order=n) for n, c in enumerate(ordered, 1)])


def _values(here: Emulation, attribute: Mapping[str, Any]) -> list[str]:
    if not attribute["id"]:
        return list(attribute["options"])
    known, shared = term.all_by_id(here), shared_attributes.all_by_id(here).get(attribute["id"])
    values = [known[i] for i in attribute["options"] if i in known]
    return [value.slug for value in term.in_order(values, shared.order_by if shared else "name")]


# -- handlers


def list_all(params: Params) -> Reply:
    """The variations of a product; of an unknown product there are none, which is no error."""
    here = emulation()
    auth.require("view", here)
    catch_up(here)
    parent_id = params["product_id"]
    listed, total = search.variations(here, params, parent_id)
    bodies = product_view.variation_page(here, listed, params["context"])
    return respond.page(bodies, total, params, f"products/{parent_id}/variations")


def list_everywhere(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    catch_up(here)
    listed, total = search.variations(here, params)
    bodies = product_view.variation_page(here, listed, params["context"], everywhere=True)
    return respond.page(bodies, total, params, "variations")


def _parent(here: Emulation, params: Params) -> Product | None:
    return found(here, php.integer(params.get("product_id")))


def _existing(here: Emulation, params: Params, missing: int = 404) -> tuple[Product, Product]:
    variation = found(here, php.integer(params.get("id")))
    parent = _parent(here, params)
    if variation is None:
        raise term.without_allow(unknown(missing))
    if not variation.is_variation or parent is None or variation.parent_id != parent.id:
        raise term.without_allow(unknown())
    return variation, parent


async def create(params: Params) -> Reply:
    here = emulation()
    auth.require("create", here)
    if params.get("id"):
        raise WooError("woocommerce_rest_product_variation_exists", "Cannot create existing product variation.")
    pictures = await images.fetched(here, params.get("image"))
    parent = _parent(here, params)
    if parent is None:
        here.explain(f"there is no product {params.get('product_id')}: the real store crashes here")
        raise term.without_allow(critical())
    variation = created(here, parent, params, pictures)
    return respond.one(shown(here, variation), 201, location=f"{LOCATION}/{variation.id}")


def read(params: Params) -> Reply:
    here = emulation()
    variation, _ = _existing(here, params)
    auth.require("view", here, single=True)
    return respond.one(shown(here, variation, params.get("context") or "view"))


async def update(params: Params) -> Reply:
    here = emulation()
    old, parent = _existing(here, params, missing=400)
    auth.require("edit", here, single=True)
    plugins.let_save(here, old.sku)
    pictures = await images.fetched(here, params.get("image"))
    if pictures:
        old, parent = _existing(here, params, missing=400)  # it may have gone while the picture was fetched
    return respond.one(shown(here, updated(here, old, parent, params, pictures)))


def delete(params: Params) -> Reply:
    here = emulation()
    variation, parent = _existing(here, params)
    auth.require("delete", here, single=True)
    body = shown(here, variation)
    if params.get("force"):
        dropped(here, variation)
        return respond.one(without_hints(body), allow=())
    if variation.status == "trash":
        message = "The product_variation has already been deleted."
        raise WooError("woocommerce_rest_already_trashed", message, 410)
    kept(here, trashed(here, variation, variation.status), variation)
    parent_synced(here, parent.id)
    webhooks.happened(here, "product.deleted", variation.id)
    webhooks.happened(here, "coupon.deleted", variation.id)
    return respond.one(body)


def generate(params: Params) -> Reply:
    here = emulation()
    auth.require("create", here)
    parent = _parent(here, params)
    if parent is None or parent.is_variation:
        raise WooError("woocommerce_rest_product_invalid_id", "Invalid product ID.", 404)
    values = params.get("default_values")
    made = generated(here, parent, values if isinstance(values, Mapping) else None) if parent.variable else None
    body = {"count": made}
    if params.get("delete"):
        body["deleted_count"] = unmatched_dropped(here, parent)
    _renumbered(here, parent)
    return Reply(200, body)
