"""Which taxes apply to a line of an order: by the customer's address, the shop's when there is none.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..kernel import Emulation
from . import product as products
from . import settings, taxes
from .order_records import Item, Order
from .product import Product
from .totals import Rate, amount


def enabled(here: Emulation) -> bool:
    return settings.value(here, "woocommerce_calc_taxes") == "yes"


def prices_include_tax(here: Emulation) -> bool:
    return enabled(here) and settings.value(here, "woocommerce_prices_include_tax") == "yes"


def tax_class(product: Product, parent: Product | None) -> str:
    """The class of a variation is its parent's unless it has one of its own."""
    if product.is_variation and product.tax_class == "parent":
        return parent.tax_class if parent else ""
    return product.tax_class


def rates_of(here: Emulation, order: Order, item: Item) -> list[Rate]:
    """The taxes on one line, none where nothing is taxed."""
    if not enabled(here) or not _taxable(here, item):
        return []
    return _rates(here, location(here, order), item.tax_class)


def base_rates(here: Emulation, product: Product) -> list[Rate]:
    """The taxes that a price entered with taxes holds: those at the shop's own address."""
    if product.tax_status != "taxable":
        return []
    parent = products.found(here, product.parent_id) if product.is_variation else None
    return _rates(here, _base(here), tax_class(product, parent))


def _taxable(here: Emulation, item: Item) -> bool:
    if item.kind in ("fee", "shipping"):
        return bool(item.detail.get("tax_status", "taxable") == "taxable")
    product = products.found(here, item.variation_id or item.product_id) if item.product_id else None
    return product is None or product.tax_status == "taxable"


def location(here: Emulation, order: Order) -> Mapping[str, str]:
    """Where the order is taxed: the shipping address, the billing address if that is empty, else the shop's."""
    based_on = settings.value(here, "woocommerce_tax_based_on")
    if based_on != "base":
        choices = [order.billing] if based_on == "billing" else [order.shipping, order.billing]
        for address in choices:
            if address.get("country"):
                return address
    return _base(here)


def _base(here: Emulation) -> Mapping[str, str]:
    country, _, state = settings.value(here, "woocommerce_default_country").partition(":")
    return {
        "country": country,
        "state": state,
        "postcode": settings.value(here, "woocommerce_store_postcode"),
        "city": settings.value(here, "woocommerce_store_city"),
    }


def _rates(here: Emulation, address: Mapping[str, str], tax_class: str) -> list[Rate]:
    found = taxes.rates_for(here, tax_class, *(address.get(k, "") for k in ("country", "state", "postcode", "city")))
    return [
        Rate(r.id, amount(r.rate), rate_code(r), r.name or "Tax", compound=r.compound, shipping=r.shipping)
        for r in found
    ]


def rate_code(rate: taxes.TaxRate) -> str:
    """ "US-CA-CA TAX-1" """
    parts = (rate.country, rate.state, rate.name or "TAX", str(rate.priority or ""))
    return "-".join(p for p in parts if p).upper()
