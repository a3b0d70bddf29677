"""Whether a coupon may be used for an order, and for which of its lines. Pure rules.

Which coupons go with which others is a question of the shop's cart: over REST nobody asks it.
Source: WooCommerce 10.5.0, recorded 2026-11-21: unknown, used up, expired, too little spent; the other refusals after
the same release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from decimal import Decimal

from ..kernel import dataclass
from . import stars, texts
from .coupons import Coupon
from .totals import ZERO


@dataclass(frozen=True)
class Sold:
    """What a line is about. `ids`: the product and, of a variation, its parent; categories by id, with their names."""

    name: str = ""
    ids: frozenset[int] = frozenset()
    categories: Mapping[int, str] = field(default_factory=dict)
    on_sale: bool = False


@dataclass(frozen=True)
class Basket:
    """What the rules ask of an order. `worth`: what customers see before discounts. `user`: who uses the coupon, an
    account's id or an address; `emails`: the addresses that may open a coupon kept for some."""

    sold: Sequence[Sold] = ()
    worth: Decimal = ZERO
    user: str = ""
    emails: frozenset[str] = frozenset()


def refusals(
    coupon: Coupon, basket: Basket, now: datetime, shown: Callable[[Decimal], str], *, again: bool = False
) -> Iterator[str]:
    """Why the coupon may not be used, the store's first reason first. `again`: it is on the order already, so that
    its own use does not count."""
    name = quoted(coupon.code)
    if not again:
        used = basket.user and coupon.used_by.count(basket.user) >= coupon.usage_limit_per_user > 0
        if 0 < coupon.usage_limit <= coupon.usage_count or used:
            yield f"Usage limit for coupon {name} has been reached."
    if coupon.expires_at is not None and coupon.expires_at < now:
        yield f"Coupon {name} has expired."
    if coupon.minimum_amount > max(basket.worth, ZERO):
        yield f"The minimum spend for coupon {name} is {shown(coupon.minimum_amount)}."
    if ZERO < coupon.maximum_amount < basket.worth:
        yield f"The maximum spend for coupon {name} is {shown(coupon.maximum_amount)}."
    yield from _of_products(coupon, basket.sold, name)
    if coupon.email_restrictions and not any(
        fits_address(email, pattern) for email in basket.emails for pattern in coupon.email_restrictions
    ):
        yield f"Please enter a valid email at checkout to use coupon code {name}."


def _of_products(coupon: Coupon, sold: Sequence[Sold], name: str) -> Iterator[str]:
    not_these = f"Sorry, coupon {name} is not applicable to selected products."
    if coupon.product_ids and not any(x.ids & set(coupon.product_ids) for x in sold):
        yield not_these
    wanted = [x for x in sold if not (coupon.exclude_sale_items and x.on_sale)]
    if coupon.product_categories and not any(x.categories.keys() & set(coupon.product_categories) for x in wanted):
        yield not_these
    if by_product(coupon):
        if sold and not any(fits(coupon, x) for x in sold):
            yield not_these
        return
    if coupon.exclude_sale_items and any(x.on_sale for x in sold):
        yield f"Sorry, coupon {name} is not valid for sale items."
    if names := [x.name for x in sold if x.ids & set(coupon.excluded_product_ids)]:
        yield f"Sorry, coupon {name} is not applicable to the products: {', '.join(names)}."
    barred = set(coupon.excluded_product_categories)
    if names := [label for x in sold for number, label in x.categories.items() if number in barred]:
        yield f"Sorry, coupon {name} is not applicable to the categories: {', '.join(dict.fromkeys(names))}."


def by_product(coupon: Coupon) -> bool:
    """Whether it takes something off each product that it is for, and not off the whole."""
    return coupon.discount_type != "fixed_cart"


def takes_off(coupon: Coupon, sold: Sold) -> bool:
    """Whether a line about this gets a part of the discount: of the whole, every line does."""
    return not by_product(coupon) or fits(coupon, sold)


def fits(coupon: Coupon, sold: Sold) -> bool:
    """One of its products or of its categories, all if it names none; none of those it excludes."""
    categories = sold.categories.keys()
    named = coupon.product_ids or coupon.product_categories
    if named and not (sold.ids & set(coupon.product_ids) or categories & set(coupon.product_categories)):
        return False
    if sold.ids & set(coupon.excluded_product_ids) or categories & set(coupon.excluded_product_categories):
        return False
    return not (coupon.exclude_sale_items and sold.on_sale)


def fits_address(email: str, pattern: str) -> bool:
    """ "*@example.com" is everybody there; case does not count."""
    return stars.fits(email.lower(), pattern.lower())


def quoted(code: str) -> str:
    return f"&quot;{texts.one_line(code)}&quot;"
