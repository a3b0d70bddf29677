"""Prices: how they are cleaned, which one counts now, and how a shop shows them.

Units: prices are decimal strings in the store's currency, kept with the digits they came with.
Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache

from ..kernel import Emulation, dataclass
from . import currencies, php, settings, texts

MOST_DECIMALS = 20
_EXTRA_DOTS = re.compile(r"\.(?![^.]+$)")
_NOT_NUMERIC = re.compile(r"[^0-9.\-]")
_SHORT_ENTITY = re.compile(r"&#0*(\d{1,2});")


def cleaned(value: object, point: str = ".") -> str:
    """A decimal string from whatever a client sent: "$5" -> "5", "1,234.50" -> "1234.50", "abc" -> "". `point` is the
    shop's own sign before the cents, which is read as well."""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    text = texts.plain(php.text(value).replace(point, "."))
    return _NOT_NUMERIC.sub("", _EXTRA_DOTS.sub("", text))


def number(price: str) -> Decimal:
    """The amount; 0 for an empty or unreadable price."""
    try:
        return Decimal(price) if price else Decimal(0)
    except InvalidOperation:
        found = re.match(r"-?\d*\.?\d+", price)  # what PHP reads of "5-3"
        return Decimal(found[0]) if found else Decimal(0)


def sale_kept(regular: str, sale: str) -> str:
    """The sale price, or "" when it is not lower than the regular price."""
    return sale if sale and regular and number(sale) < number(regular) else ""


def on_sale(regular: str, sale: str, starts: datetime | None, ends: datetime | None, now: datetime) -> bool:
    if not sale or number(regular) <= number(sale):
        return False
    return not (starts is not None and starts > now) and not (ends is not None and ends < now)


def next_change(sale: str, starts: datetime | None, ends: datetime | None, now: datetime) -> datetime | None:
    """When the price that counts changes by itself: the sale starts, or is over."""
    return min((t for t in (starts, ends) if sale and t is not None and t >= now), default=None)


@dataclass(frozen=True)
class Money:
    """How this shop writes an amount."""

    symbol: str = "&#36;"
    position: str = "left"
    decimals: int = 2
    point: str = "."
    thousands: str = ","

    def digits(self, price: str) -> str:
        whole, _, fraction = _rounded(price, self.decimals).partition(".")
        return whole.replace(",", self.thousands) + (self.point + fraction if fraction else "")

    def placed(self, symbol: str, digits: str) -> str:
        match self.position:
            case "right":
                return digits + symbol
            case "left_space":
                return f"{symbol}&nbsp;{digits}"
            case "right_space":
                return f"{digits}&nbsp;{symbol}"
        return symbol + digits

    def html(self, price: str, *, hidden: bool = False) -> str:
        symbol = f'<span class="woocommerce-Price-currencySymbol">{self.symbol}</span>'
        aria = ' aria-hidden="true"' if hidden else ""
        inside = self.placed(symbol, self.digits(price))
        return f'<span class="woocommerce-Price-amount amount"{aria}><bdi>{inside}</bdi></span>'

    def text(self, price: str) -> str:
        return self.placed(self.symbol, self.digits(price))

    def sale_html(self, regular: str, sale: str) -> str:
        was, now = (_SHORT_ENTITY.sub(_padded, self.text(p)) for p in (regular, sale))
        return (
            f'<del aria-hidden="true">{self.html(regular)}</del> '
            f'<span class="screen-reader-text">Original price was: {was}.</span>'
            f'<ins aria-hidden="true">{self.html(sale)}</ins>'
            f'<span class="screen-reader-text">Current price is: {now}.</span>'
        )

    def range_html(self, lowest: str, highest: str) -> str:
        return (
            f'{self.html(lowest, hidden=True)} <span aria-hidden="true">&ndash;</span> '
            f"{self.html(highest, hidden=True)}"
            f'<span class="screen-reader-text">Price range: {self.text(lowest)} through {self.text(highest)}</span>'
        )


@lru_cache(maxsize=1024)
def _rounded(price: str, decimals: int) -> str:
    """The amount with so many digits after the point, nothing below zero: "1,234.50"."""
    exact = Context(prec=len(price) + decimals + 28, rounding=ROUND_HALF_UP)
    return f"{max(number(price), Decimal(0)).quantize(Decimal(1).scaleb(-decimals), context=exact):,f}"


def _padded(found: re.Match[str]) -> str:
    return f"&#{int(found[1]):03d};"


@settings.derived
def decimals(here: Emulation) -> int:
    """How many digits the shop's prices have; more than twenty nobody can want."""
    return min(abs(php.integer(settings.value(here, "woocommerce_price_num_decimals"))), MOST_DECIMALS)


@settings.derived
def money(here: Emulation) -> Money:
    currency = settings.value(here, "woocommerce_currency") or "USD"
    return Money(
        symbol=currencies.SYMBOLS.get(currency, currency),
        position=settings.value(here, "woocommerce_currency_pos") or "left",
        decimals=decimals(here),
        point=settings.value(here, "woocommerce_price_decimal_sep") or ".",
        thousands=settings.value(here, "woocommerce_price_thousand_sep"),
    )
