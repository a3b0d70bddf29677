"""Products over REST: list, create, read, update, delete, duplicate.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Reply, emulation, replace
from . import (
    auth,
    dates,
    images,
    meta,
    pages,
    php,
    plugins,
    prices,
    product_data,
    product_view,
    respond,
    search,
    shown,
    term,
    texts,
    variation_names,
    webhooks,
)
from .errors import WooError
from .params import Params
from .product import (
    PRODUCTS,
    C,
    Product,
    by_sku,
    catch_up,
    found,
    kept,
    removed,
    synced,
    variations_of,
)
from .product_input import edited
from .product_taken import free_slug, refuse_trashed_sku
from .product_view import rendered

__all__ = ["Product", "by_sku", "found", "payload", "removed", "rendered", "restored"]

WITHOUT_SLUG = frozenset({"draft", "pending", "auto-draft"})
TRASHED_STATUS, TRASHED_TIME, WANTED_SLUG = "_wp_trash_meta_status", "_wp_trash_meta_time", "_wp_desired_post_slug"


def unknown(status: int = 404) -> WooError:
    """Reading and deleting say 404, changing says 400."""
    return WooError("woocommerce_rest_product_invalid_id", "Invalid ID.", status)


def payload(here: Emulation, product_id: int) -> dict[str, Any]:
    """What a webhook tells of a product or variation."""
    product = found(here, product_id)
    if product is None:
        raise unknown()
    return rendered(here, product)


# -- rules and what they do to the store


def created(here: Emulation, sent: Mapping[str, Any], pictures: images.Fetched) -> Product:
    """A new product. Errors: product_exists, what `edited` refuses, a SKU that a trashed product holds."""
    if sent.get("id"):
        raise WooError("woocommerce_rest_product_exists", "Cannot create existing product.")
    at = dates.second(here)
    blank = PRODUCTS.blank(id=0, created=at, modified=at, category_ids=[term.default_category(here)])
    product = _grouped(here, edited(here, blank, sent, pictures), blank)
    if product.variable:
        product = synced(product, [])
    refuse_trashed_sku(here, product.sku)
    product = replace(product, id=here.ids.next("post"), name=product.name or "Product")
    product = kept(here, _published(here, product, at))
    webhooks.happened(here, "product.created", product.id)
    return product


def updated(here: Emulation, old: Product, sent: Mapping[str, Any], pictures: images.Fetched) -> Product:
    """A product after a request; its date of change moves even when nothing else does."""
    at = dates.second(here)
    product = _grouped(here, replace(edited(here, old, sent, pictures), modified=at), old)
    if not product.name:
        product = replace(product, name="Product")
    if old.status == "trash" and product.status != "trash":
        product = _out_of_trash(product)
    elif product.status == "trash" and old.status != "trash":
        product = trashed(here, product, old.status)
    product = _published(here, product, at, old)
    if old.variable and not product.variable:
        for child in variations_of(here, old.id, trashed=True):
            removed(here, child)
        product = replace(product, children=[], price_range=[])
    if product.variable:
        if product.manage_stock:
            _children_follow(here, product)
        product = synced(product, variations_of(here, product.id))
    product = kept(here, product, old)
    if product.variable and (product.name, product.attributes) != (old.name, old.attributes):
        variation_names.followed(here, product)
    webhooks.happened(here, "product.updated", product.id)
    return product


def _published(here: Emulation, product: Product, at: datetime, old: Product | None = None) -> Product:
    """With the slug and the status that the store gives it: a date to come makes it wait, drafts have no slug."""
    status = product.status
    if status == "future" and product.created <= at:
        status = "publish"
    elif status == "publish" and product.created > at:
        status = "future"
    slug = product.slug
    if status not in WITHOUT_SLUG and status != "trash":
        wanted = slug or texts.slug(product.name)
        if old is None or wanted != old.slug:
            slug = free_slug(here, wanted, product.id) or str(product.id)
    name = product.name if status != "auto-draft" else "AUTO-DRAFT"
    return replace(product, status=status, slug=slug, name=name)


def _grouped(here: Emulation, product: Product, old: Product) -> Product:
    """A group costs what its cheapest member costs that is not free, at the time when they were chosen.
    Source: WC_Product_Grouped_Data_Store_CPT, WooCommerce 10."""
    if product.type != "grouped" or (old.type == "grouped" and old.grouped_products == product.grouped_products):
        return product
    members = here.store[Product].all(C.id.in_(product.grouped_products)) if product.grouped_products else []
    asked = sorted((m.price for m in members if m.price not in ("", "0")), key=prices.number)
    lowest, highest = (asked[0], asked[-1]) if asked else ("", "")
    return replace(
        product,
        price=lowest,
        priced=bool(asked),
        price_from=float(prices.number(lowest)),
        price_to=float(prices.number(highest)),
        on_sale=any(m.on_sale for m in members),
    )


def _children_follow(here: Emulation, parent: Product) -> None:
    """Variations that do not count for themselves have the status of what their parent counts."""
    followers = [c for c in variations_of(here, parent.id) if not c.manage_stock]
    here.store[Product].put_all([replace(c, stock_status=parent.stock_status) for c in followers])


def trashed(here: Emulation, product: Product, status: str) -> Product:
    """In the trash: the slug is freed and remembered, in fields that everybody can see."""
    entries = [(TRASHED_STATUS, status), (TRASHED_TIME, str(int(here.clock.now.timestamp())))]
    if product.slug:
        entries.append((WANTED_SLUG, product.slug))
    new = [{"id": here.ids.next("meta"), "key": key, "value": value} for key, value in entries]
    slug = f"{product.slug}__trashed" if product.slug else ""
    return replace(
        product,
        status="trash",
        slug=slug,
        meta_data=[*product.meta_data, *new],
        modified=dates.second(here),
    )


def _out_of_trash(product: Product) -> Product:
    slug = meta.value(product.meta_data, WANTED_SLUG) or product.slug.removesuffix("__trashed")
    return replace(product, slug=slug, meta_data=meta.without(product.meta_data, WANTED_SLUG))


def restored(here: Emulation, product: Product) -> Product:
    """Out of the trash with its variations, each in the status it had, as the back office does it."""
    after = updated(here, product, {"status": _status_before(product)}, {})
    for child in variations_of(here, product.id, trashed=True):
        if child.status == "trash":
            kept(here, replace(_out_of_trash(child), status=_status_before(child)), child)
    if after.variable:
        after = kept(here, synced(after, variations_of(here, after.id)), after)
    return after


def _status_before(product: Product) -> str:
    return str(meta.value(product.meta_data, TRASHED_STATUS) or "publish")


def put_to_trash(here: Emulation, product: Product) -> Product:
    """A product goes to the trash with its variations; the store tells of a product and, oddly, of a coupon."""
    for child in variations_of(here, product.id):
        kept(here, trashed(here, child, child.status), child)
    after = kept(here, trashed(here, product, product.status), product)
    webhooks.happened(here, "product.deleted", product.id)
    webhooks.happened(here, "coupon.deleted", product.id)
    return after


# -- handlers


def list_all(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    catch_up(here)
    items, total = pages.remembered(here, "products", params, partial(_page, here, params))
    return respond.page(items, total, params, "products")


def _page(here: Emulation, params: Params) -> pages.Page:
    rows, total = search.product_rows(here, params)
    if _as_ever(params):
        return shown.page(here, rows), total
    products = [here.store[Product].read(row) for row in rows]
    return meta.limited(product_view.page(here, products, params["context"]), params), total


def _as_ever(params: Params) -> bool:
    """Whether products are wanted in the form that is written once for all readers."""
    return params.get("context", "view") == "view" and not {"include_meta", "exclude_meta"} & params.sent


async def create(params: Params) -> Reply:
    here = emulation()
    auth.require("create", here)
    pictures = await images.fetched(here, params.get("images"))
    product = created(here, params, pictures)
    return respond.one(rendered(here, product, "edit"), 201, location=f"products/{product.id}")


def read(params: Params) -> Reply:
    here = emulation()
    catch_up(here)
    rows = here.store[Product].rows(C.id == php.integer(params["id"]))
    if not rows:
        raise unknown()
    auth.require("view", here, single=True)
    if _as_ever(params):
        return respond.one(shown.one(here, rows[0]))
    body = rendered(here, here.store[Product].read(rows[0]), params.get("context") or "view")
    return respond.one(meta.limited([body], params)[0])


def _changeable(here: Emulation, params: Params, missing: int) -> Product:
    product = found(here, php.integer(params.get("id")))
    if product is None:
        raise unknown(missing)
    if product.is_variation:
        raise WooError(
            "woocommerce_rest_invalid_product_id",
            "To manipulate product variations you should use the "
            "/products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.",
            404,
        )
    return product


async def update(params: Params) -> Reply:
    here = emulation()
    old = _changeable(here, params, missing=400)
    auth.require("edit", here, single=True)
    plugins.let_save(here, old.sku)
    pictures = await images.fetched(here, params.get("images"))
    if pictures:
        old = _changeable(here, params, missing=400)  # it may have gone while the pictures were fetched
    return respond.one(rendered(here, updated(here, old, params, pictures), "edit"))


def delete(params: Params) -> Reply:
    here = emulation()
    product = _changeable(here, params, missing=404)
    auth.require("delete", here, single=True)
    body = rendered(here, product, "edit")
    if params.get("force"):
        removed(here, product)
    elif product.status == "trash":
        message = "The product has already been deleted."
        raise WooError("woocommerce_rest_already_trashed", message, 410)
    else:
        put_to_trash(here, product)
    return respond.one(body)


def duplicate(params: Params) -> Reply:
    """A draft copy, with what was sent changed before (but for pictures). The answer is the record itself, not the form
    of every other answer."""
    here = emulation()
    auth.require("create", here)
    old = found(here, php.integer(params["id"]))
    if old is None:
        raise WooError("woocommerce_rest_product_invalid_id", "Invalid product ID.", 404)
    if old.is_variation:
        return Reply(200, product_data.of_nothing())
    changes = {name: params[name] for name in params.sent if name not in ("id", "images")}
    copy = copied(here, edited(here, old, changes, {}))
    children = variations_of(here, old.id) if old.variable else []
    for child in children:
        kept(here, replace(_copy_of(here, child), parent_id=copy.id, status=child.status))
    if children:
        copy = kept(here, synced(copy, variations_of(here, copy.id)), copy)
    webhooks.happened(here, "product.created", copy.id)
    return Reply(200, product_data.written_out(copy, old.modified))


def copied(here: Emulation, old: Product) -> Product:
    copy = replace(_copy_of(here, old), name=f"{old.name} (Copy)", status="draft", children=[])
    return kept(here, copy)


def _next_sku(here: Emulation, sku: str) -> str:
    """The SKU without its last number, and with the number after the highest that any SKU which begins so ends with.
    Source: WC_Admin_Duplicate_Product::generate_unique_sku, WooCommerce 10.5."""
    root = re.sub(r"-[0-9]+$", "", sku)
    if not root:
        return sku
    alike = here.store.execute(sa.select(C.sku).where(C.sku_key.startswith(texts.folded(root), autoescape=True)))
    ends = [other.rpartition("-")[2] if "-" in other else other[1:] for (other,) in alike]
    return f"{root}-{max((php.integer(end) for end in ends), default=0) + 1}"


def _copy_of(here: Emulation, old: Product) -> Product:
    at = dates.second(here)
    return replace(
        old,
        id=here.ids.next("post"),
        created=at,
        modified=at,
        slug="" if not old.is_variation else old.slug,
        sku=_next_sku(here, old.sku),
        global_unique_id="",
        total_sales=0,
        rating=0.0,
        rating_counts={},
        meta_data=[{**m, "id": here.ids.next("meta")} for m in old.meta_data],
    )
