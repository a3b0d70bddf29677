"""Prices as the shop shows them: with taxes or without, whatever they were entered with, and what stands behind them.

Source: WooCommerce 10.5.0; with taxes off, as recorded 2026-11-21, a price is shown as it is. The rest follows the
same release. Of a product with variations the tax class is its own, also for the price of a variation.
"""

from __future__ import annotations

from decimal import Decimal

from ..kernel import Emulation
from . import order_taxes, prices, settings, totals
from .product import Product
from .totals import Rate


class PriceTags:
    """How one shop shows its prices; each rate is looked up once."""

    def __init__(self, here: Emulation) -> None:
        self.here = here
        self.plain = not order_taxes.enabled(here)
        if self.plain:
            return
        self._entered_gross = order_taxes.prices_include_tax(here)
        self._shown_gross = settings.value(here, "woocommerce_tax_display_shop") == "incl"
        self._suffix = settings.value(here, "woocommerce_price_display_suffix")
        self._rounding = order_taxes.rounding(here)
        self._money = prices.money(here)
        at_base = settings.value(here, "woocommerce_default_customer_address") == "base"
        at_base = at_base or settings.value(here, "woocommerce_tax_based_on") == "base"
        self._place_known = at_base or self._entered_gross
        self._rates: dict[str, list[Rate]] = {}

    def shown(self, product: Product, price: str) -> str:
        """The price to show for what was entered."""
        if self.plain or self._shown_gross == self._entered_gross or price == "" or product.tax_status != "taxable":
            return price
        return str(self._gross(product, price) if self._shown_gross else self._net(product, price))

    def suffix(self, product: Product) -> str:
        """What stands behind the price; it may name both prices."""
        if self.plain or not self._suffix or product.tax_status != "taxable":
            return ""
        price = product.price or "0"
        gross = price if self._entered_gross else str(self._gross(product, price))
        net = str(self._net(product, price)) if self._entered_gross else price
        text = self._suffix.replace("{price_including_tax}", self._money.html(gross))
        text = text.replace("{price_excluding_tax}", self._money.html(net))
        return f' <small class="woocommerce-price-suffix">{text}</small>'

    def _of(self, product: Product) -> list[Rate]:
        if product.tax_class not in self._rates:
            self._rates[product.tax_class] = order_taxes.base_rates(self.here, product)
        return self._rates[product.tax_class]

    def _gross(self, product: Product, price: str) -> Decimal:
        net = prices.number(price)
        taxes = totals.taxed(net, self._of(product)) if self._place_known else {}
        return self._rounding.amount(net + self._rounding.taxes(taxes))

    def _net(self, product: Product, price: str) -> Decimal:
        return totals.net_of(prices.number(price), self._of(product))
