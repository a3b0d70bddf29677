"""What a request does to a product or variation: the fields one by one, in the store's order.

Only what was sent changes anything; null counts as not sent. In a batch nothing was checked before, so every value
is read the way PHP reads it. Errors are those of WooCommerce.
Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..kernel import Emulation, replace
from . import attributes, dates, images, internal_meta, meta, php, prices, settings, taxes, term, texts
from .errors import WooError
from .product import Product, refuse_taken_code, refuse_taken_sku
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


_PLAIN: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("featured", "featured", php.boolean),
    ("description", "description", texts.allowed_html),
    ("short_description", "short_description", texts.allowed_html),
    ("virtual", "virtual", php.boolean),
    ("downloadable", "downloadable", php.boolean),
    ("download_limit", "download_limit", php.integer),
    ("download_expiry", "download_expiry", php.integer),
    ("button_text", "button_text", texts.plain),
    ("sold_individually", "sold_individually", php.boolean),
    ("weight", "weight", prices.cleaned),
    ("reviews_allowed", "reviews_allowed", php.boolean),
    ("menu_order", "menu_order", php.integer),
    ("purchase_note", "purchase_note", texts.allowed_html),
    ("upsell_ids", "upsell_ids", _ids),
    ("cross_sell_ids", "cross_sell_ids", _ids),
    ("post_password", "post_password", texts.plain),
)
_OF_VARIATIONS = frozenset(
    ("description", "virtual", "downloadable", "download_limit", "download_expiry", "weight", "menu_order")
)


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
        changes["external_url"] = php.text(sent["external_url"]).strip()
    if sent.get("tax_class") is not None:
        changes["tax_class"] = _tax_class(here, sent["tax_class"], product.tax_class)
    if sent.get("parent_id") is not None:
        changes["parent_id"] = php.integer(sent["parent_id"])
    if product.type == "grouped" and sent.get("grouped_products") is not None:
        changes["grouped_products"] = _ids(sent["grouped_products"])
    changes |= _classified(here, sent)
    if sent.get("attributes") is not None:
        changes["attributes"] = attributes_of(here, sent["attributes"])
    if product.variable and sent.get("default_attributes") is not None:
        known = changes.get("attributes", product.attributes)
        changes["default_attributes"] = chosen_values(here, known, sent["default_attributes"])
    if sent.get("images") is not None:
        changes["image_ids"] = images.assigned(here, sent["images"], pictures)
    product = replace(product, **changes)
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
        changes["tax_class"] = wanted if wanted == "parent" else _tax_class(here, wanted, old.tax_class)
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
        if sku and sku.casefold() != product.sku_key:
            refuse_taken_sku(here, sku, product.id)
        changes["sku"] = sku
    if sent.get("global_unique_id") is not None:
        code = "".join(c for c in php.text(sent["global_unique_id"]) if c in "0123456789-")
        if code:
            refuse_taken_code(here, code, product.id)
        changes["global_unique_id"] = code
    for name in ("regular_price", "sale_price"):
        if sent.get(name) is not None:
            changes[name] = prices.cleaned(sent[name])
    changes |= _dates(here, sent)
    sides = sent.get("dimensions")
    if isinstance(sides, Mapping):
        for side in ("length", "width", "height"):
            if sides.get(side) is not None:
                changes[side] = prices.cleaned(sides[side])
    if not changes.get("downloadable", product.downloadable):
        changes = {name: value for name, value in changes.items() if name not in ("download_limit", "download_expiry")}
    elif isinstance(sent.get("downloads"), list):
        changes["downloads"] = downloads_of(here, sent["downloads"])
    if sent.get("meta_data") is not None:
        changes["meta_data"] = meta.merged(here, product.meta_data, sent["meta_data"])
    return changes


def _dates(here: Emulation, sent: Sent) -> dict[str, Any]:
    """When a sale begins and ends: in the site's zone, or in UTC where the field's name says so, which wins. An empty
    text takes a limit away, null says nothing."""
    changes: dict[str, Any] = {}
    for name, field in (("date_on_sale_from", "sale_starts"), ("date_on_sale_to", "sale_ends")):
        for wire, gmt in ((name, False), (f"{name}_gmt", True)):
            if sent.get(wire) is not None:
                changes[field] = dates.parsed(here, sent[wire], gmt) if sent[wire] else None
    return changes


def _created(here: Emulation, sent: Sent) -> dict[str, Any]:
    """Products can be dated; variations cannot."""
    changes: dict[str, Any] = {}
    for wire, gmt in (("date_created", False), ("date_created_gmt", True)):
        if sent.get(wire) and (moment := dates.parsed(here, sent[wire], gmt)):
            changes["created"] = moment
    return changes


def _one_of(value: str, known: tuple[str, ...], otherwise: str) -> str:
    return value if value in known else otherwise


def _tax_class(here: Emulation, value: Any, old: str) -> str:
    """An unknown class is ignored; "standard" is written as nothing."""
    wanted = texts.slug(php.text(value))
    if wanted in ("", "standard"):
        return ""
    return wanted if wanted in {known.slug for known in taxes.all_classes(here)} else old


def _classified(here: Emulation, sent: Sent) -> dict[str, Any]:
    """Categories, tags, brands and the shipping class."""
    changes: dict[str, Any] = {}
    if sent.get("categories") is not None:
        found = term.assigned(here, term.CATEGORIES, sent["categories"])
        changes["category_ids"] = found or [term.default_category(here)]
    if sent.get("tags") is not None:
        changes["tag_ids"] = term.assigned(here, term.TAGS, sent["tags"], creating=True)
    if sent.get("brands") is not None:
        changes["brand_ids"] = term.assigned(here, term.BRANDS, sent["brands"])
    if sent.get("shipping_class") is not None:
        slug = texts.slug(php.text(sent["shipping_class"]))
        found_class = term.by_slug(here, term.SHIPPING_CLASSES.taxonomy, slug) if slug else None
        changes["shipping_class_id"] = found_class.id if found_class else 0
    return changes


def downloads_of(here: Emulation, sent: list[Any]) -> list[dict[str, Any]]:
    out = []
    for item in sent:
        if not isinstance(item, Mapping) or not item.get("file"):
            continue
        file, h = php.text(item["file"]), here.ids.hex(32)
        download_id = php.text(item.get("id")) or f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"
        name = texts.plain(item.get("name")) or file.rpartition("/")[2]
        out.append({"id": download_id, "name": name, "file": file})
    return out


def attributes_of(here: Emulation, sent: Any) -> list[dict[str, Any]]:
    """A product's attributes as kept: unknown shared ones are dropped, values of shared ones made when new."""
    out: dict[str, dict[str, Any]] = {}
    for item in sent if isinstance(sent, list) else ():
        if not isinstance(item, Mapping):
            continue
        shared = attributes.all_by_id(here).get(php.integer(item.get("id")))
        name = shared.name if shared else texts.plain(item.get("name"))
        if (item.get("id") and shared is None) or not name:
            continue
        values = item.get("options")
        options = values if isinstance(values, list) else php.text(values).split("|")
        if shared:
            words = list(dict.fromkeys(w for w in (texts.plain(o) for o in options) if w))
            if not words:
                continue
        elif values is None:
            continue
        else:  # they are kept in one text, parted by this character
            words = [w.strip() for option in options for w in php.text(option).split("|") if w.strip()]
        out[shared.taxonomy if shared else texts.slug(name)] = {
            "id": shared.id if shared else 0,
            "name": name,
            "position": abs(php.integer(item.get("position"))),
            "visible": php.boolean(item.get("visible")),
            "variation": php.boolean(item.get("variation")),
            "options": [_value_id(here, shared, word) for word in words] if shared else words,
        }
    return sorted(out.values(), key=lambda a: a["position"])


def _value_id(here: Emulation, shared: attributes.Attribute, word: str) -> int:
    found = term.by_name(here, shared.taxonomy, word) or term.by_slug(here, shared.taxonomy, word)
    return (found or term.added(here, attributes.family(shared), {"name": word})).id


def chosen_values(here: Emulation, known: list[dict[str, Any]], sent: Any) -> dict[str, str]:
    """The values that a variation stands for, by the keys of the parent's attributes made for variations."""
    own = {attributes.key_of(here, a): a for a in known if a["variation"]}
    out: dict[str, str] = {}
    for item in sent if isinstance(sent, list) else ():
        if not isinstance(item, Mapping):
            continue
        shared = attributes.all_by_id(here).get(php.integer(item.get("id")))
        key = shared.taxonomy if shared else "" if item.get("id") else texts.slug(php.text(item.get("name")))
        key = key if key in own else f"pa_{key}"  # the name of a shared attribute will do as well
        if key not in own:
            continue
        value = texts.plain(item.get("option"))
        if own[key]["id"]:
            found = term.by_name(here, key, value)
            value = found.slug if found else texts.slug(value)
        out[key] = value
    return {key: out[key] for key in own if key in out}


def _stocked(here: Emulation, product: Product, sent: Sent) -> Product:
    """Stock after a request: what was sent, then what the rules make of it."""
    if product.type == "external" and php.boolean(sent.get("manage_stock")):
        message = "External products cannot be stock managed."
        raise WooError("product_external_invalid_manage_stock", message)
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
