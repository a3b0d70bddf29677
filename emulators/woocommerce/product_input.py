"""What a request does to a product or variation: the fields one by one, in the store's order.

Only what was sent changes anything; null counts as not sent. In a batch nothing was checked before, so every value
is read the way PHP reads it. Errors are those of WooCommerce.
Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ..kernel import Emulation, replace
from . import dates, images, internal_meta, meta, php, prices, settings, taxes, term, texts
from .arguments import is_date_time
from .errors import WooError
from .product import Product
from .product_attributes import attributes_of, chosen_values
from .product_files import downloads_of
from .product_taken import refuse_taken_code, refuse_taken_sku
from .stock_rules import Stock, settled

STATUSES = ("publish", "future", "draft", "pending", "private", "trash", "auto-draft")
TAX_STATUSES = ("taxable", "shipping", "none")
STOCK_STATUSES = ("instock", "outofstock", "onbackorder")
VISIBILITIES = ("visible", "catalog", "search", "hidden")
BACKORDERS = ("no", "notify", "yes")
TYPES = ("simple", "grouped", "external", "variable")
Sent = Mapping[str, Any]


def _ids(value: Any) -> list[int]:
    return [i for i in php.ids(value) if i]


def _limit(value: Any) -> int:
    """How often, or how many days long, something can be downloaded; -1 is without end."""
    number = -1 if value == "" else php.integer(value)
    return number if number == -1 else abs(number)


def _elsewhere(value: Any) -> str:
    """The address of a product that is sold elsewhere; ampersands and quotes may come as in a page."""
    text = texts.address(value)
    for written, meant in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#039;", "'"), ("&amp;", "&")):
        text = text.replace(written, meant)
    return texts.address(text)


_PLAIN: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("featured", "featured", php.yes),
    ("description", "description", texts.allowed_html),
    ("short_description", "short_description", texts.allowed_html),
    ("virtual", "virtual", php.yes),
    ("downloadable", "downloadable", php.yes),
    ("download_limit", "download_limit", _limit),
    ("download_expiry", "download_expiry", _limit),
    ("button_text", "button_text", texts.plain),
    ("sold_individually", "sold_individually", php.yes),
    ("reviews_allowed", "reviews_allowed", php.yes),
    ("menu_order", "menu_order", php.integer),
    ("purchase_note", "purchase_note", texts.allowed_html),
    ("upsell_ids", "upsell_ids", _ids),
    ("cross_sell_ids", "cross_sell_ids", _ids),
    ("post_password", "post_password", texts.plain),
)
_OF_VARIATIONS = frozenset(("virtual", "downloadable", "download_limit", "download_expiry", "menu_order"))


def edited(here: Emulation, old: Product, sent: Sent, pictures: images.Fetched) -> Product:
    """A product after a request. Its date of change is the caller's to set."""
    kind = php.text(sent.get("type"))
    product = replace(old, type=kind) if kind in TYPES else old
    sent = {**sent, **internal_meta.PRODUCT.told(sent)}
    changes = _common(here, product, sent) | _created(here, sent)
    if product.type != "external":
        changes.pop("button_text", None)
    if sent.get("name") is not None:
        changes["name"] = texts.allowed_html(sent["name"]).strip()
    if sent.get("slug") is not None:
        changes["slug"] = texts.slug(php.text(sent["slug"]))
    visibility = php.text(sent.get("catalog_visibility"))
    if sent.get("catalog_visibility") is not None:
        if visibility.lower() not in VISIBILITIES:
            raise WooError("product_invalid_catalog_visibility", "Invalid catalog visibility option.")
        changes["visibility"] = visibility.lower()
    if product.type == "external" and sent.get("external_url") is not None:
        changes["external_url"] = _elsewhere(sent["external_url"])
    if sent.get("tax_class") is not None:
        changes["tax_class"] = _tax_class(here, sent["tax_class"])
    if sent.get("parent_id") is not None:
        changes["parent_id"] = abs(php.integer(sent["parent_id"]))
    if product.type == "grouped" and sent.get("grouped_products") is not None:
        changes["grouped_products"] = _ids(sent["grouped_products"])
    changes |= _classified(here, sent)
    if sent.get("attributes") is not None:
        changes["attributes"] = attributes_of(here, sent["attributes"], product.attributes)
    if product.variable and sent.get("default_attributes") is not None:
        known = changes.get("attributes", product.attributes)
        chosen = chosen_values(here, known, sent["default_attributes"])
        changes["default_attributes"] = {key: value for key, value in chosen.items() if value not in ("", "0")}
    if sent.get("images") is not None:
        changes["image_ids"] = images.assigned(here, sent["images"], pictures)
    product = replace(product, **changes)
    if product.variable:  # nothing can be bought of it but its variations
        product = replace(product, virtual=False, downloadable=False)
    if product.type in ("variable", "grouped"):
        product = replace(product, regular_price="", sale_price="", sale_starts=None, sale_ends=None)
    return _stocked(here, product, sent)


def edited_variation(here: Emulation, old: Product, parent: Product, sent: Sent, pictures: images.Fetched) -> Product:
    """A variation after a request."""
    sent = {**sent, **internal_meta.PRODUCT.told(sent)}
    changes = _common(here, old, {k: v for k, v in sent.items() if k not in _PRODUCTS_ONLY})
    if not changes.get("menu_order"):
        changes.pop("menu_order", None)  # back to 0 it cannot be brought
    if sent.get("tax_class") is not None:
        wanted = php.text(sent["tax_class"])
        changes["tax_class"] = wanted if wanted == "parent" else _tax_class(here, wanted)
    if sent.get("description") is not None:
        changes["description"] = texts.with_slashes(sent["description"])
    if sent.get("shipping_class") is not None:
        changes |= _classified(here, {"shipping_class": sent["shipping_class"]})
    if sent.get("attributes") is not None:
        changes["options"] = chosen_values(here, parent.attributes, sent["attributes"])
    if sent.get("image") is not None:
        changes["image_ids"] = images.assigned_one(here, sent["image"], pictures)
    return _stocked(here, replace(old, **changes), sent)


_PRODUCTS_ONLY = frozenset(name for name, _, _ in _PLAIN) - _OF_VARIATIONS


def _common(here: Emulation, product: Product, sent: Sent) -> dict[str, Any]:
    """What products and variations have alike, but for stock."""
    changes: dict[str, Any] = {field: read(sent[name]) for name, field, read in _PLAIN if sent.get(name) is not None}
    if sent.get("status") is not None:
        changes["status"] = _one_of(php.text(sent["status"]), STATUSES, "draft")
    if sent.get("tax_status") is not None:
        status = php.text(sent["tax_status"]).lower() or "taxable"
        if status not in TAX_STATUSES:
            raise WooError("product_invalid_tax_status", "Invalid product tax status.")
        changes["tax_status"] = status
    if sent.get("sku") is not None:
        sku = texts.plain(sent["sku"])
        if sku and texts.folded(sku) != product.sku_key:
            refuse_taken_sku(here, sku, product.id)
        changes["sku"] = sku
    if sent.get("global_unique_id") is not None:
        code = "".join(c for c in php.text(sent["global_unique_id"]) if c in "0123456789-")
        if code:
            refuse_taken_code(here, code, product.id)
        changes["global_unique_id"] = code
    point = prices.money(here).point
    for name in ("regular_price", "sale_price"):
        if sent.get(name) is not None:
            changes[name] = prices.cleaned(sent[name], point)
    changes |= _dates(here, sent) | _measured(sent, point)
    if product.variable or not changes.get("downloadable", product.downloadable):
        changes = {name: value for name, value in changes.items() if name not in ("download_limit", "download_expiry")}
    elif isinstance(sent.get("downloads"), list):
        changes["downloads"] = downloads_of(here, sent["downloads"])
    if sent.get("meta_data") is not None:
        changes["meta_data"] = meta.merged(here, product.meta_data, sent["meta_data"])
    return changes


def _measured(sent: Sent, point: str) -> dict[str, str]:
    """Weight and sides; what is said to be virtual has none."""
    if sent.get("virtual") is True:
        return dict.fromkeys(("weight", *_SIDES), "")
    sides = sent.get("dimensions")
    given = {side: sides.get(side) for side in _SIDES} if isinstance(sides, Mapping) else {}
    given["weight"] = sent.get("weight")
    return {name: prices.cleaned(value, point) for name, value in given.items() if value is not None}


_SIDES = ("length", "width", "height")


def _dates(here: Emulation, sent: Sent) -> dict[str, Any]:
    """When a sale begins and ends: in the site's zone, or in UTC where the field's name says so, which wins. An empty
    text takes a limit away, null says nothing."""
    changes: dict[str, Any] = {}
    for name, field in (("date_on_sale_from", "sale_starts"), ("date_on_sale_to", "sale_ends")):
        for wire, gmt in ((name, False), (f"{name}_gmt", True)):
            if (value := sent.get(wire)) is not None:
                at = php.integer(value) if php.is_numeric(value) and not gmt else value
                changes[field] = dates.parsed(here, at, gmt) if value not in ("", "0") else None
    return changes


def _created(here: Emulation, sent: Sent) -> dict[str, Any]:
    """Products can be dated; variations cannot. Without an offset it is UTC, in the field for the site's time too; the
    other has no ear for offsets. Source: rest_parse_date() of WordPress and the products' controller, WooCommerce 10.
    """
    changes: dict[str, Any] = {}
    for wire, gmt in (("date_created", False), ("date_created_gmt", True)):
        text = php.text(sent.get(wire))
        if is_date_time(text):
            text = re.sub(r"[+-]\d+:?\d+$", "", text) if gmt else text
            changes["created"] = dates.parsed(here, text, gmt=True)
    return changes


def _one_of(value: str, known: tuple[str, ...], otherwise: str) -> str:
    return value if value in known else otherwise


def _tax_class(here: Emulation, value: Any) -> str:
    """An unknown class is the standard one, which is written as nothing."""
    wanted = texts.slug(php.text(value))
    return wanted if wanted and wanted in {known.slug for known in taxes.all_classes(here)} else ""


def _classified(here: Emulation, sent: Sent) -> dict[str, Any]:
    """Categories, tags, brands and the shipping class."""
    changes: dict[str, Any] = {}
    if sent.get("categories") is not None:
        found = term.assigned(here, term.CATEGORIES, sent["categories"])
        changes["category_ids"] = found or [term.default_category(here)]
    if sent.get("tags") is not None:
        changes["tag_ids"] = term.assigned(here, term.TAGS, sent["tags"], creating=True)
    if brands := sent.get("brands"):  # an empty list says nothing, other than with categories and tags
        changes["brand_ids"] = term.assigned(here, term.BRANDS, _objects(brands))
    if sent.get("shipping_class") is not None:
        slug = texts.slug(php.text(sent["shipping_class"]))
        found_class = term.by_slug(here, term.SHIPPING_CLASSES.taxonomy, slug) if slug else None
        changes["shipping_class_id"] = found_class.id if found_class else 0
    return changes


def _objects(brands: Any) -> Any:
    """Brands also come as bare ids. Source: WC_Brands::rest_api_add_brands_to_product, WooCommerce 10."""
    if not isinstance(brands, list) or isinstance(brands[0], Mapping):
        return brands
    return [{"id": abs(php.integer(number))} for number in brands]


def _stocked(here: Emulation, product: Product, sent: Sent) -> Product:
    """Stock after a request: what was sent, then what the rules make of it."""
    if product.type == "external":
        _refuse_stock_elsewhere(here, sent)
    changes: dict[str, Any] = {}
    if sent.get("stock_status") is not None:
        changes["status"] = _one_of(php.text(sent["stock_status"]), STOCK_STATUSES, "instock")
    if not counting(here):
        return product if not changes or product.variable else replace(product, stock_status=changes["status"])
    managed = product.manage_stock
    if sent.get("manage_stock") is not None:
        wanted = sent["manage_stock"]
        managed = wanted != "parent" and php.boolean(wanted)
    if product.type in ("grouped", "external"):
        managed = False
    if product.type == "external":
        changes["status"] = "instock"
    if sent.get("backorders") is not None:
        changes["backorders"] = _one_of(php.text(sent["backorders"]), BACKORDERS, "no")
    if managed:
        if sent.get("stock_quantity") is not None:
            changes["quantity"] = php.integer(sent["stock_quantity"])
        elif sent.get("inventory_delta") is not None:
            changes["quantity"] = php.integer((product.stock_quantity or 0) + php.integer(sent["inventory_delta"]))
        if "low_stock_amount" in sent:
            low = sent["low_stock_amount"]
            changes["low_amount"] = None if low in (None, "") else abs(php.integer(low))
    return with_stock(product, settled(replace(stock_of(product), managed=managed, **changes), threshold(here)))


def _refuse_stock_elsewhere(here: Emulation, sent: Sent) -> None:
    """What is sold elsewhere has no stock here."""
    managed = "External products cannot be stock managed."
    if not counting(here):
        if sent.get("stock_status") not in (None, "instock"):
            raise WooError("product_external_invalid_stock_status", managed)
    elif php.boolean(sent.get("manage_stock")):
        raise WooError("product_external_invalid_manage_stock", managed)
    elif sent.get("backorders") not in (None, "no"):
        raise WooError("product_external_invalid_backorders", "External products cannot be backordered.")


@settings.derived
def counting(here: Emulation) -> bool:
    """Whether the shop manages stock at all."""
    return settings.value(here, "woocommerce_manage_stock") == "yes"


@settings.derived
def threshold(here: Emulation) -> int:
    """Up to how many pieces count as none."""
    return abs(php.integer(settings.value(here, "woocommerce_notify_no_stock_amount")))


def stock_of(product: Product) -> Stock:
    return Stock(
        product.manage_stock,
        product.stock_quantity,
        product.backorders,
        product.low_stock_amount,
        product.stock_status,
    )


def with_stock(product: Product, stock: Stock) -> Product:
    return replace(
        product,
        manage_stock=stock.managed,
        stock_quantity=stock.quantity,
        backorders=stock.backorders,
        low_stock_amount=stock.low_amount,
        stock_status=stock.status,
    )
