"""Products as versions 1 and 2 of the API show them: what is asked is what version 3 is asked, less is told.

Recorded of a simple product. Left out: whatever else these versions have; version 1 shows whole variations inside a
product, here they stay ids.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, Reply, emulation
from . import auth, dates, php, product_view, products, respond, search
from .params import Params

_IMAGE = ("id", "date_created", "date_created_gmt", "date_modified", "date_modified_gmt", "src", "name", "alt")
_START = (
    "id", "name", "slug", "permalink", "date_created", "date_created_gmt", "date_modified", "date_modified_gmt", "type",
    "status", "featured", "catalog_visibility", "description", "short_description", "sku", "price", "regular_price",
    "sale_price", "date_on_sale_from", "date_on_sale_from_gmt", "date_on_sale_to", "date_on_sale_to_gmt",
)  # fmt: skip
_MIDDLE = (
    "on_sale", "purchasable", "total_sales", "virtual", "downloadable", "downloads", "download_limit",
    "download_expiry", "download_type", "external_url", "button_text", "tax_status", "tax_class", "manage_stock",
    "stock_quantity", "in_stock", "backorders", "backorders_allowed", "backordered", "sold_individually", "weight",
    "dimensions", "shipping_required", "shipping_taxable", "shipping_class", "shipping_class_id", "reviews_allowed",
    "average_rating", "rating_count",
)  # fmt: skip
_RELATED = ("upsell_ids", "cross_sell_ids")
_END = (
    "parent_id", "purchase_note", "categories", "tags", "images", "attributes", "default_attributes", "variations",
    "grouped_products", "menu_order",
)  # fmt: skip
_VERSION_1 = (*_START, "price_html", *_MIDDLE, "related_ids", *_RELATED, *_END, "brands")
_VERSION_2 = (*_START, *_MIDDLE, *_RELATED, *_END, "price_html", "related_ids", "meta_data", "brands")


def list_v1(params: Params) -> Reply:
    return _listed(params, 1)


def list_v2(params: Params) -> Reply:
    return _listed(params, 2)


def read_v1(params: Params) -> dict[str, Any]:
    return _one(params, 1)


def read_v2(params: Params) -> dict[str, Any]:
    return _one(params, 2)


def _listed(params: Params, version: int) -> Reply:
    here = emulation()
    auth.require("view", here)
    if params.get("in_stock") is not None:
        params["stock_status"] = "instock" if params["in_stock"] else "outofstock"
    found, total = search.products(here, params)
    items = [told(here, body, version) for body in product_view.page(here, found, params["context"])]
    return respond.page(items, total, params, address=f"{here.root}/wp-json/wc/v{version}/products")


def _one(params: Params, version: int) -> dict[str, Any]:
    here = emulation()
    product = products.found(here, php.integer(params["id"]))
    if product is None:
        raise products.unknown()
    auth.require("view", here, single=True)
    return told(here, products.rendered(here, product, params["context"]), version)


def told(here: Emulation, body: dict[str, Any], version: int) -> dict[str, Any]:
    """The product of version 3 as an older version tells it."""
    out = {
        **body,
        "in_stock": body["stock_status"] != "outofstock",
        "images": [_image(image, at) for at, image in enumerate(body["images"] or [_placeholder(here)])],
        "attributes": [{k: v for k, v in attribute.items() if k != "slug"} for attribute in body["attributes"]],
    }
    if version == 1:
        out["download_type"] = "standard"
        for name in ("date_on_sale_from", "date_on_sale_to"):
            out[name] = out[name] or ""
        out["images"] = [{k: v for k, v in image.items() if not k.endswith("_gmt")} for image in out["images"]]
        names = [name for name in _VERSION_1 if not name.endswith("_gmt")]
    else:
        names = [name for name in _VERSION_2 if name != "download_type"]
    shown = {name: out[name] for name in names if name in out}
    return {**shown, "_links": _moved(body["_links"], version)}


def _image(image: dict[str, Any], at: int) -> dict[str, Any]:
    return {**{name: image[name] for name in _IMAGE}, "position": at}


def _placeholder(here: Emulation) -> dict[str, Any]:
    """What stands for a picture where there is none; it is as old as the answer."""
    now = dates.second(here)
    local, gmt = dates.local(here, now), dates.gmt(now)
    return {
        "id": 0,
        "date_created": local,
        "date_created_gmt": gmt,
        "date_modified": local,
        "date_modified_gmt": gmt,
        "src": f"{here.root}/wp-content/uploads/woocommerce-placeholder.webp",
        "name": "Placeholder",
        "alt": "Placeholder",
    }


def _moved(value: Any, version: int) -> Any:
    """Links into the other version."""
    if isinstance(value, dict):
        return {key: _moved(inner, version) for key, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, version) for inner in value]
    return value.replace("/wp-json/wc/v3/", f"/wp-json/wc/v{version}/") if isinstance(value, str) else value
