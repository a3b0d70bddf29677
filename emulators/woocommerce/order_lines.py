"""The lines that a client sends with an order: products, shipping, fees; added, changed and taken away.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..kernel import Emulation, dataclass, replace
from . import meta, order_taxes, php, prices, product, taxes, texts, totals
from .errors import WooError, critical
from .order_records import ITEMS, Item, Order
from .params import Params
from .product import Product
from .totals import ZERO

KINDS = {"line_items": "line_item", "shipping_lines": "shipping", "fee_lines": "fee"}
_NULL_REMOVES = ("product_id", "method_id", "method_title", "name", "code")


@dataclass(frozen=True)
class Written:
    """The lines after a request: all that there are, those that are new or changed, and those taken away."""

    items: list[Item]
    touched: list[Item]
    removed: list[Item]


def written(here: Emulation, order: Order, items: Sequence[Item], params: Params) -> Written:
    """Errors: 400 for a line that names no product, method or fee, or an id of another order; 500 where the
    real store crashes (a new line of quantity 0)."""
    kept = {item.id: item for item in items}
    touched: dict[int, Item] = {}
    removed: list[Item] = []
    for name, kind in KINDS.items():
        sent = params.get(name)
        for given in sent if isinstance(sent, list) else ():
            posted = given if isinstance(given, Mapping) else {}  # a list is an object that names nothing
            if _is_removal(posted):
                gone = kept.pop(_named(kept, posted).id)
                removed.append(gone)
                touched.pop(gone.id, None)
                continue
            old = _own(kept, posted, kind)
            item = _WRITERS[kind](here, order, old, posted)
            item = replace(item, meta_data=meta.merged(here, item.meta_data, posted.get("meta_data")))
            kept[item.id] = touched[item.id] = item
    return Written(list(kept.values()), list(touched.values()), removed)


def _own(kept: Mapping[int, Item], posted: Mapping[str, Any], kind: str) -> Item | None:
    if not posted.get("id"):
        return None
    old = kept.get(php.integer(posted["id"]))
    if old is None or old.kind != kind:
        raise _foreign()
    return old


def _named(kept: Mapping[int, Item], posted: Mapping[str, Any]) -> Item:
    """The line to take away, whichever kind it is among: PHP dies of one without an id."""
    if posted.get("id") is None:
        raise critical()
    old = kept.get(php.integer(posted["id"]))
    if old is None:
        raise _foreign()
    return old


def _foreign() -> WooError:
    return WooError("woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order.")


def _is_removal(posted: Mapping[str, Any]) -> bool:
    """A null where a line says what it is, or no pieces. Source: WC_REST_Orders_Controller, WooCommerce 10."""
    quantity = posted.get("quantity")
    return any(key in posted and posted[key] is None for key in _NULL_REMOVES) or (
        quantity is not None and not isinstance(quantity, bool | list | dict) and php.integer(quantity) == 0
    )


def _amount(sent: Any) -> Decimal:
    """Money as it is cleaned: "$5" is 5, "1,234.50" is 1234.50, and what is none is nothing."""
    return totals.amount(prices.cleaned(sent) or 0)


def _new(here: Emulation, order: Order, kind: str) -> Item:
    return ITEMS.blank(id=here.ids.next("item"), order_id=order.id, kind=kind)


def _line_item(here: Emulation, order: Order, old: Item | None, posted: Mapping[str, Any]) -> Item:
    wanted = _product_of(here, posted, new=old is None)
    item = old or _new(here, order, "line_item")
    quantity = php.integer(posted["quantity"]) if posted.get("quantity") is not None else item.quantity
    item = replace(item, quantity=quantity)
    if wanted is not None:
        item = _about(here, item, wanted)
        if old is None:
            price = price_without_tax(here, wanted, quantity)
            item = replace(item, subtotal=price, total=price)
    if posted.get("name") is not None:
        item = replace(item, name=texts.php_text(posted["name"]))
    if posted.get("total") is not None:
        total = _amount(posted["total"])
        item = replace(item, total=total, subtotal=max(item.subtotal, total))
    if posted.get("subtotal") is not None:
        item = replace(item, subtotal=_amount(posted["subtotal"]))
    return _classed(here, item, posted, "product")


def _product_of(here: Emulation, posted: Mapping[str, Any], *, new: bool) -> Product | None:
    """The product or variation a line is about: by SKU, else by variation, else by product.

    A reference to nothing is accepted, and the line stays empty; no reference at all is not.
    """
    sku, product_id, variation_id = (posted.get(k) for k in ("sku", "product_id", "variation_id"))
    if sku:
        return product.by_sku(here, str(sku))
    for reference in (variation_id, product_id):
        if reference not in _NOTHING:
            return product.found(here, php.integer(reference))
    if new:
        raise WooError("woocommerce_rest_required_product_reference", "Product ID or SKU is required.")
    return None


# What PHP finds empty. Whatever else is no number names a product, though none that there is.
_NOTHING: tuple[Any, ...] = (None, "", "0", 0, False, [], {})


def _about(here: Emulation, item: Item, wanted: Product) -> Item:
    """The line of this product. A variation that it had before stays with it, and is what the line is about as long as
    it is there. Source: WC_Order_Item_Product::set_product, WooCommerce 10.5; a later version takes it away."""
    if not wanted.is_variation:
        return replace(item, name=wanted.name, product_id=wanted.id, tax_class=wanted.tax_class)
    parent = product.found(here, wanted.parent_id)
    fields = item.meta_data
    for key, value in wanted.options.items():
        if value != "":
            fields = meta.added(here, fields, key, value)
    return replace(
        item,
        name=wanted.name,
        product_id=wanted.parent_id,
        variation_id=wanted.id,
        tax_class=order_taxes.tax_class(wanted, parent),
        meta_data=fields,
    )


def price_without_tax(here: Emulation, wanted: Product, quantity: int) -> Decimal:
    """What so many pieces cost now, net. Less than nothing costs nothing."""
    gross = prices.number(wanted.price) * max(quantity, 0)
    if not order_taxes.prices_include_tax(here):
        return gross
    return totals.net_of(gross, order_taxes.base_rates(here, wanted))


def _shipping(here: Emulation, order: Order, old: Item | None, posted: Mapping[str, Any]) -> Item:
    if old is None and not posted.get("method_id"):
        raise WooError("woocommerce_rest_invalid_shipping_item", "Shipping method ID is required.")
    item = old or _new(here, order, "shipping")
    detail = {k: texts.php_text(posted[k]) for k in ("method_id", "instance_id") if posted.get(k) is not None}
    item = replace(item, detail={"tax_status": "taxable", **item.detail, **detail})
    if posted.get("method_title") is not None:
        item = replace(item, name=texts.plain(posted["method_title"]))
    return _priced(item, posted)


def _fee(here: Emulation, order: Order, old: Item | None, posted: Mapping[str, Any]) -> Item:
    if old is None and not posted.get("name"):
        raise WooError("woocommerce_rest_invalid_fee_item", "Fee name is required.")
    item = old or _new(here, order, "fee")
    status = posted.get("tax_status")
    detail = {"tax_status": status} if status in ("taxable", "none") else {}
    item = replace(item, detail={"tax_status": "taxable", **item.detail, **detail})
    if posted.get("name") is not None:
        item = replace(item, name=texts.php_text(posted["name"]))
    item = _classed(here, item, posted, "fee")
    return _priced(item, posted)


def _classed(here: Emulation, item: Item, posted: Mapping[str, Any], kind: str) -> Item:
    """Errors: 400 for a tax class that there is not; the standard one has no name."""
    if posted.get("tax_class") is None:
        return item
    wanted = php.text(posted["tax_class"])
    if wanted and wanted not in {known.slug for known in taxes.all_classes(here)}:
        raise WooError(f"order_item_{kind}_invalid_tax_class", "Invalid tax class")
    return replace(item, tax_class=wanted)


def _priced(item: Item, posted: Mapping[str, Any]) -> Item:
    if posted.get("total") is None:
        return item
    total = _amount(posted["total"])
    return replace(item, total=total, subtotal=ZERO)


_WRITERS = {"line_item": _line_item, "shipping": _shipping, "fee": _fee}
