"""What the product editor asks for: products that go with others, names of custom fields, a free slug, layouts."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..kernel import Emulation, Reply, emulation
from . import auth, php, product_view, products, related, respond, search, term, texts
from .errors import WooError
from .params import Params
from .product import PRODUCTS, Product, remembered


def list_related(params: Params) -> dict[str, list[int]]:
    """Products that share a category or a tag with this one."""
    here = emulation()
    product = products.found(here, php.integer(params["id"]))
    if product is None:
        raise products.unknown()
    auth.require("view", here, single=True)
    return {"related_ids": related.picked(here, product)}


def list_products(params: Params) -> Reply:
    """Products of these categories and tags: a list like any other, of `limit` products at most."""
    here = emulation()
    auth.require("view", here)
    terms = [n for n in (*params["categories"], *params["tags"]) if 0 < n <= php.INT_MAX]
    ids = related.sharing(here, terms, set(params["exclude"]), params["limit"])
    if not ids:
        return respond.one([])
    asked = Params({**params, "include": ids}, params.sent, params.query, checked=True)
    if params.get("in_stock") is not None:
        asked["stock_status"] = "instock" if params["in_stock"] else "outofstock"
    found, total = search.products(here, asked)
    items = product_view.page(here, found, params["context"])
    return respond.page(items, total, params, "products/suggested-products")


def list_custom_fields(params: Params) -> Reply:
    """The names of the custom fields that products have, hidden ones left out."""
    here = emulation()
    auth.require("view", here)
    names = remembered(here, (PRODUCTS.name,), "names of custom fields", partial(_custom_fields, here))
    wanted = php.text(params.get("search")).casefold()
    found = [name for name in names if wanted in name.casefold()]
    if params["order"] == "desc":
        found.reverse()
    start = respond.offset(params)
    page = found[start : start + params["per_page"]]
    return respond.page(page, len(found), params, "products/custom-fields/names")


def _custom_fields(here: Emulation) -> list[str]:
    keys = {
        str(entry["key"])
        for product in here.store[Product].all(PRODUCTS.c.is_variation.is_(False))
        for entry in product.meta_data
    }
    return sorted((key for key in keys if not key.startswith("_")), key=str.casefold)


def read_slug(params: Params) -> Reply:
    """A slug for a shipping class of this name that no other class has."""
    here = emulation()
    auth.require("view", here)
    classes = term.of(here, "product_shipping_class")
    return respond.one(term.free_slug(classes, texts.slug(php.text(params.get("name"))), 0))


def list_layouts(params: Params) -> list[dict[str, Any]]:
    """The layouts of the block editor for products: none, as long as nobody turns that editor on."""
    auth.require("view", emulation())
    return []


def read_layout(params: Params) -> dict[str, Any]:
    auth.require("view", emulation(), single=True)
    raise WooError("woocommerce_rest_layout_template_invalid_id", "Invalid layout template ID.", 404)
