"""Which taxes apply to the lines of an order: by the customer's address, the shop's when there is none.

Source: WooCommerce 10.5.0, recorded 2026-11-21: one tax, on products, shipping and fees; the class of shipping, pickup
at the shop, fees below zero and exemption after the same release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from ..kernel import Emulation
from . import meta, prices, product as products, settings, taxes
from .order_records import Item, Order
from .product import Product
from .totals import ZERO, Line, Rate, Rounding, Taxes, amount, line_taxed, reduction_taxed

PICKUP = frozenset({"local_pickup", "legacy_local_pickup", "pickup_location"})
_KINDS = ("line_item", "fee", "shipping")


class _Taxed(NamedTuple):
    """What decides about one line."""

    status: str
    tax_class: str


class Taxing:
    """How one order is taxed; each rate is looked up once."""

    def __init__(self, here: Emulation, order: Order, items: Sequence[Item]) -> None:
        self.here, self.order = here, order
        self.untaxed = not enabled(here) or meta.value(order.meta_data, "is_vat_exempt") == "yes"
        if self.untaxed:
            return
        self.place = location(here, order, items)
        self._found: dict[str, list[Rate]] = {}
        self._lines = {item.id: found for item, found in _looked_up(here, items)}
        goods = [self._lines[i.id] for i in items if i.kind == "line_item"]
        self.classes = list(dict.fromkeys(x.tax_class for x in goods if x.status in ("taxable", "shipping")))
        self.shipping_class = self._shipping_class()

    def rates(self, item: Item) -> list[Rate]:
        """The taxes on one line, none where nothing is taxed."""
        if self.untaxed or self._lines[item.id].status != "taxable":
            return []
        if item.kind == "shipping":
            return [] if self.shipping_class is None else self.of_class(self.shipping_class)
        return self.of_class(self._lines[item.id].tax_class)

    def of_class(self, tax_class: str) -> list[Rate]:
        if tax_class not in self._found:
            self._found[tax_class] = _rates(self.here, self.place, tax_class)
        return self._found[tax_class]

    def _shipping_class(self) -> str | None:
        """The class of shipping: its own, or that of what is shipped, the standard one first; None if nothing is."""
        wanted = settings.value(self.here, "woocommerce_shipping_tax_class")
        if wanted != "inherit":
            return wanted
        known = ["", *(c.slug for c in taxes.all_classes(self.here))]
        return next((c for c in known if c in self.classes), None)

    def costs(self, priced: Iterable[tuple[Item, Line]]) -> list[tuple[Decimal, list[Rate]]]:
        """What an order costs of each class, for a fee below zero to take its part of."""
        sums: dict[str | None, Decimal] = {}
        for item, line in priced:
            if line.total < 0:
                continue
            status, tax_class = self._lines[item.id]
            key = None if status != "taxable" else tax_class
            if key == "inherit":
                key = self.classes[0] if self.classes else None
            sums[key] = sums.get(key, ZERO) + line.total
        return [(cost, [] if key is None else self.of_class(key)) for key, cost in sums.items() if cost]

    def taxed(self, item: Item, line: Line, costs: Iterable[tuple[Decimal, Sequence[Rate]]]) -> Line:
        if item.kind == "fee" and line.total < 0 and not self.untaxed:
            less: Taxes = reduction_taxed(line.total, costs)
            return Line(line.kind, line.subtotal, line.total, less)
        return line_taxed(line, self.rates(item))

    def known(self) -> dict[str, Rate]:
        """Every rate that was looked up, by its id."""
        found = [] if self.untaxed else self._found.values()
        return {str(rate.id): rate for rates in found for rate in rates}


@settings.derived
def enabled(here: Emulation) -> bool:
    return settings.value(here, "woocommerce_calc_taxes") == "yes"


@settings.derived
def prices_include_tax(here: Emulation) -> bool:
    return enabled(here) and settings.value(here, "woocommerce_prices_include_tax") == "yes"


@settings.derived
def rounding(here: Emulation) -> Rounding:
    return Rounding(
        prices.decimals(here),
        half_down=settings.value(here, "woocommerce_prices_include_tax") == "yes",
        at_subtotal=settings.value(here, "woocommerce_tax_round_at_subtotal") == "yes",
    )


def tax_class(product: Product, parent: Product | None) -> str:
    """The class of a variation is its parent's unless it has one of its own."""
    if product.is_variation and product.tax_class == "parent":
        return parent.tax_class if parent else ""
    return product.tax_class


def base_rates(here: Emulation, product: Product) -> list[Rate]:
    """The taxes that a price entered with taxes holds: those at the shop's own address."""
    parent = products.found(here, product.parent_id) if product.is_variation else None
    if (parent or product).tax_status != "taxable":
        return []
    return _rates(here, base(here), tax_class(product, parent))


def _looked_up(here: Emulation, items: Sequence[Item]) -> list[tuple[Item, _Taxed]]:
    """How each line is taxed; of a variation its parent decides whether it is."""
    about = {i.product_id for i in items if i.kind == "line_item" and i.product_id}
    known = here.store[Product].by_key(about)
    found = []
    for item in items:
        if item.kind == "line_item":
            sold = known.get(item.product_id)
            found.append((item, _Taxed(sold.tax_status if sold else "taxable", item.tax_class)))
        elif item.kind in _KINDS:
            own = "inherit" if item.kind == "shipping" else item.tax_class
            found.append((item, _Taxed(str(item.detail.get("tax_status", "taxable")), own)))
    return found


def location(here: Emulation, order: Order, items: Sequence[Item] = ()) -> Mapping[str, str]:
    """Where the order is taxed: the shipping address, the billing address if that is empty, else the shop's.

    What is fetched at the shop is taxed there.
    """
    based_on = settings.value(here, "woocommerce_tax_based_on")
    if any(i.kind == "shipping" and i.detail.get("method_id") in PICKUP for i in items):
        based_on = "base"
    if based_on != "base":
        choices = [order.billing] if based_on == "billing" else [order.shipping, order.billing]
        for address in choices:
            if address.get("country"):
                return address
    return base(here)


def base(here: Emulation) -> Mapping[str, str]:
    country, _, state = settings.value(here, "woocommerce_default_country").partition(":")
    return {
        "country": country,
        "state": state,
        "postcode": settings.value(here, "woocommerce_store_postcode"),
        "city": settings.value(here, "woocommerce_store_city"),
    }


def _rates(here: Emulation, address: Mapping[str, str], tax_class: str) -> list[Rate]:
    found = taxes.rates_for(here, tax_class, *(address.get(k, "") for k in ("country", "state", "postcode", "city")))
    return [_known(r) for r in found]


def rate(here: Emulation, rate_id: int) -> Rate:
    """One tax as an order tells of it; a nameless one of nothing where it is gone."""
    found = here.store[taxes.TaxRate].get(rate_id)
    return _known(found) if found else Rate(rate_id, ZERO, "", "Tax")


def _known(r: taxes.TaxRate) -> Rate:
    return Rate(r.id, amount(r.rate), rate_code(r), r.name or "Tax", compound=r.compound, shipping=r.shipping)


def rate_code(rate: taxes.TaxRate) -> str:
    """ "US-CA-CA TAX-1" """
    parts = (rate.country, rate.state, rate.name or "TAX", str(rate.priority or ""))
    return "-".join(p for p in parts if p).upper()
