"""An order as the API shows it. Whatever a page needs of other records is read once for all its orders.

Units: money is text with `dp` digits after the point, but the `price` of a line is a number.
Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from ..kernel import Emulation, dataclass
from . import currencies, dates, images, meta, php, prices, product_view, respond, texts, totals
from .order_records import (
    BILLING,
    SHIPPING,
    Item,
    Order,
    Refund,
    by_kind,
    items_by_order,
    refunds_by_order,
)
from .params import Params
from .product import Product

Json = dict[str, Any]
VERSION = "10.5.0"
EDITABLE = frozenset({"pending", "on-hold", "auto-draft"})
AWAITING_PAYMENT = frozenset({"pending", "failed", "checkout-draft"})


@dataclass
class View:
    """The products that the lines are about, and their parents and pictures."""

    here: Emulation
    items: Sequence[Item]
    dp: int = 2
    known: dict[int, Product] = field(default_factory=dict)

    @cached_property
    def products(self) -> dict[int, Product]:
        wanted = {i for item in self.items for i in (item.product_id, item.variation_id) if i} - self.known.keys()
        found = {**self.known, **self.here.store[Product].by_key(wanted)}
        parents = {p.parent_id for p in found.values() if p.is_variation} - found.keys()
        return {**found, **self.here.store[Product].by_key(parents)} if parents else found

    @cached_property
    def pictures(self) -> dict[int, images.Image]:
        return images.found(self.here, {i for p in self.products.values() for i in p.image_ids[:1]})

    def product(self, item: Item) -> Product | None:
        """The variation if there is one, else the product; None when it is gone or never was."""
        return self.products.get(item.variation_id) or self.products.get(item.product_id)

    def known_id(self, product_id: int, *, variation: bool) -> int:
        """0 for what is gone: a line is read with the products that there are.

        Source: set_product_id() and set_variation_id() of WC_Order_Item_Product, WooCommerce 10.
        """
        found = self.products.get(product_id)
        return product_id if found is not None and found.is_variation == variation else 0

    def money(self, amount: Decimal) -> str:
        return totals.text(amount, self.dp)


def digits(here: Emulation, params: Params) -> int:
    """How many digits were asked for (`dp`), else as many as the shop's prices have."""
    wanted = params.get("dp") if "dp" in params.sent else None
    return prices.decimals(here) if wanted is None else min(abs(php.integer(wanted)), 20)


def page(here: Emulation, orders: Sequence[Order], dp: int | None = None) -> list[Json]:
    """Without `dp` amounts have as many digits as the shop's prices."""
    items = items_by_order(here, [o.id for o in orders])
    refunds = refunds_by_order(here, [o.id for o in orders])
    places = prices.decimals(here) if dp is None else dp
    view = View(here, [i for some in items.values() for i in some if i.kind == "line_item"], places)
    return [_order(view, o, items[o.id], refunds[o.id]) for o in orders]


def rendered(here: Emulation, order: Order, dp: int | None = None) -> Json:
    return page(here, [order], dp)[0]


def _order(view: View, order: Order, items: Sequence[Item], refunds: Sequence[Refund]) -> Json:
    here, money = view.here, view.money
    lines = by_kind(items)
    return {
        "id": order.id,
        "parent_id": order.parent_id,
        "status": order.status,
        "currency": order.currency,
        "version": VERSION,
        "prices_include_tax": order.prices_include_tax,
        "date_created": dates.local(here, order.created_at),
        "date_modified": dates.local(here, order.modified_at),
        "discount_total": money(order.discount_total),
        "discount_tax": money(order.discount_tax),
        "shipping_total": money(order.shipping_total),
        "shipping_tax": money(order.shipping_tax),
        "cart_tax": money(order.cart_tax),
        "total": money(order.total),
        "total_tax": money(order.cart_tax + order.shipping_tax),
        "customer_id": order.customer_id,
        "order_key": order.order_key,
        "billing": {f: order.billing.get(f, "") for f in BILLING},
        "shipping": {f: order.shipping.get(f, "") for f in SHIPPING},
        "payment_method": order.payment_method,
        "payment_method_title": order.payment_method_title,
        "transaction_id": order.transaction_id,
        "customer_ip_address": "",
        "customer_user_agent": "",
        "created_via": order.created_via,
        "customer_note": order.customer_note,
        "date_completed": dates.local(here, order.completed_at),
        "date_paid": dates.local(here, order.paid_at),
        "cart_hash": "",
        "number": str(order.id),
        "meta_data": meta.by_key(order.meta_data),
        "line_items": [line_item(view, i) for i in lines["line_item"]],
        "tax_lines": [tax_line(view, i) for i in lines["tax"]],
        "shipping_lines": [shipping_line(view, i) for i in lines["shipping"]],
        "fee_lines": [fee_line(view, i) for i in lines["fee"]],
        "coupon_lines": [coupon_line(i) for i in lines["coupon"]],
        "refunds": [{"id": r.id, "reason": r.reason, "total": money(-r.amount)} for r in refunds],
        "payment_url": f"{here.root}/checkout/order-pay/{order.id}/?pay_for_order=true&key={order.order_key}",
        "is_editable": order.status in EDITABLE,
        "needs_payment": needs_payment(order),
        "needs_processing": needs_processing(view.product(i) for i in lines["line_item"]),
        "date_created_gmt": dates.gmt(order.created_at),
        "date_modified_gmt": dates.gmt(order.modified_at),
        "date_completed_gmt": dates.gmt(order.completed_at),
        "date_paid_gmt": dates.gmt(order.paid_at),
        "currency_symbol": currencies.symbol(order.currency),
        "_links": _links(here, order),
    }


def needs_payment(order: Order) -> bool:
    return order.status in AWAITING_PAYMENT and order.total > 0


def needs_processing(products: Iterable[Product | None]) -> bool:
    """Whether somebody has to do something: not when all there is can be downloaded."""
    return any(p is not None and not (p.virtual and p.downloadable) for p in products)


def _links(here: Emulation, order: Order) -> Json:
    templates = respond.url(here, f"orders/{order.id}/actions/email_templates")
    links: Json = respond.links(here, "orders", order.id, email_templates=[{"embeddable": True, "href": templates}])
    if order.customer_id:
        links["customer"] = [{"href": respond.url(here, f"customers/{order.customer_id}")}]
    if order.parent_id:
        links["up"] = [{"href": respond.url(here, f"orders/{order.parent_id}")}]
    return links


def line_item(view: View, item: Item) -> Json:
    product = view.product(item)
    line, (total_tax, subtotal_tax) = item.line, item.tax_sums
    return {
        "id": item.id,
        "name": item.name,
        "product_id": view.known_id(item.product_id, variation=False),
        "variation_id": view.known_id(item.variation_id, variation=True),
        "quantity": item.quantity,
        "tax_class": item.tax_class,
        "subtotal": view.money(item.subtotal),
        "subtotal_tax": view.money(subtotal_tax),
        "total": view.money(item.total),
        "total_tax": view.money(total_tax),
        "taxes": _taxes(view, line),
        "meta_data": _line_meta(view, item),
        "sku": _sku(view, product),
        "global_unique_id": product.global_unique_id if product else None,
        "price": _price(item),
        "image": _image(view, product),
        "parent_name": _parent_name(view, product),
    }


def _price(item: Item) -> int | float:
    price = float(item.total) / item.quantity if item.quantity else 0.0
    return int(price) if price.is_integer() else price


def _sku(view: View, product: Product | None) -> str | None:
    if product is None:
        return None
    parent = view.products.get(product.parent_id) if product.is_variation else None
    return product.sku or (parent.sku if parent else "")


def _image(view: View, product: Product | None) -> Json:
    if product is None:
        return {"id": 0, "src": ""}
    parent = view.products.get(product.parent_id) if product.is_variation else None
    wanted = product.image_ids[:1] or (parent.image_ids[:1] if parent else [])
    picture = view.pictures.get(wanted[0]) if wanted else None
    if picture is None:
        return {"id": 0 if product.is_variation else "", "src": ""}
    return {"id": str(picture.id), "src": images.rendered_small(view.here, picture)["src"]}


def _parent_name(view: View, product: Product | None) -> str | None:
    if product is None or not product.is_variation:
        return None
    parent = view.products.get(product.parent_id)
    return parent.name if parent else None


def _taxes(view: View, line: totals.Line) -> list[Json]:
    """Shipping and fees have no subtotal, and say so with an empty text."""
    before = line.subtotal_taxes
    return [
        {"id": int(r), "total": view.money(t), "subtotal": view.money(before[r]) if r in before else ""}
        for r, t in line.taxes.items()
    ]


def _line_meta(view: View, item: Item) -> list[Json]:
    """Custom fields of a line. Texts are read as those of an address ("%20" is a space), and shown as one line without
    markup. Source: WC_Order_Item::get_formatted_meta_data, WooCommerce 10."""
    product = view.product(item) if item.kind == "line_item" else None
    labels: Mapping[str, tuple[str, str]] = {}
    if product is not None and product.is_variation and item.meta_data:
        parent = view.products.get(product.parent_id)
        chosen = product_view.chosen_options(view.here, product, parent)
        labels = {a["slug"]: (a["name"], a["option"]) for a in chosen}
    out = []
    for entry in sorted(item.meta_data, key=lambda e: e["id"]):
        key, value = entry["key"], entry["value"]
        if not isinstance(value, str) or not value:
            out.append({"id": entry["id"], "key": key, "value": value, "display_key": key, "display_value": value})
            continue
        key, value = unquote(key), unquote(value)
        label, shown = labels.get(key, (key, value))
        if product is not None and value != product.options.get(key):
            shown = value
        out.append(
            {
                "id": entry["id"],
                "key": key,
                "value": value,
                "display_key": label if label.isidentifier() else texts.plain(label),
                "display_value": shown if shown.isalnum() else texts.plain(texts.allowed_html(shown)),
            }
        )
    return out


def shipping_line(view: View, item: Item) -> Json:
    line = item.line
    return {
        "id": item.id,
        "method_title": item.name,
        "method_id": item.detail.get("method_id", ""),
        "instance_id": item.detail.get("instance_id", ""),
        "total": view.money(item.total),
        "total_tax": view.money(item.tax_sums[0]),
        "taxes": _taxes(view, line),
        "tax_status": item.detail.get("tax_status", "taxable"),
        "meta_data": _line_meta(view, item),
    }


def fee_line(view: View, item: Item) -> Json:
    line = item.line
    return {
        "id": item.id,
        "name": item.name,
        "tax_class": item.tax_class,
        "tax_status": item.detail.get("tax_status", "taxable"),
        "amount": item.detail.get("amount", ""),
        "total": view.money(item.total),
        "total_tax": view.money(item.tax_sums[0]),
        "taxes": _taxes(view, line),
        "meta_data": _line_meta(view, item),
    }


def tax_line(view: View, item: Item) -> Json:
    detail = item.detail
    return {
        "id": item.id,
        "rate_code": item.name,
        "rate_id": detail["rate_id"],
        "label": detail["label"],
        "compound": detail["compound"],
        "tax_total": view.money(item.total),
        "shipping_tax_total": view.money(totals.amount(detail["shipping"])),
        "rate_percent": totals.number(totals.amount(detail["percent"])),
        "meta_data": _line_meta(view, item),
    }


def coupon_line(item: Item) -> Json:
    detail = item.detail
    return {
        "id": item.id,
        "code": item.name,
        "discount": totals.bare(item.total),
        "discount_tax": totals.bare(totals.amount(detail["tax"])),
        "meta_data": [{**e, "display_key": e["key"], "display_value": e["value"]} for e in item.meta_data],
        "discount_type": detail["type"],
        "nominal_amount": totals.number(totals.amount(detail["amount"])),
        "free_shipping": detail["free_shipping"],
    }
