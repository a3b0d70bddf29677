"""Coupons of an order: whether they may be used, what they take off its lines, and how often they were used.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..kernel import Emulation, replace
from . import auth, coupon_rules, coupons, meta, order_taxes, php, prices, settings, term, totals
from .coupon_rules import Basket, Sold
from .coupons import Coupon
from .customers import Customer
from .discounts import Offer, Piece, taken_off
from .errors import WooError
from .order_records import ITEMS, Item, Order, items_of
from .product import Product
from .totals import ZERO

COUNTING = frozenset({"pending", "processing", "on-hold", "completed"})
FREEING = frozenset({"cancelled", "failed", "trash"})


class Refused(WooError):
    """A coupon that may not be used. By then the rest of the order is stored, and stays."""

    def __init__(self, message: str, code: str = "woocommerce_rest_invalid_coupon") -> None:
        super().__init__(code, message)


def codes(here: Emulation, order: Order, items: Sequence[Item], sent: Any) -> list[str]:
    """The codes that were sent, in their order, each of which may be used. Errors: `Refused` for a coupon that may
    not, and for a line that is sent back with its id: coupons are always all taken off and put on again."""
    wanted: list[str] = []
    for line in sent if isinstance(sent, list) else ():
        if isinstance(line, Mapping) and line.get("id"):
            raise Refused("Coupon item ID is readonly.", "woocommerce_rest_coupon_item_id_readonly")
        code = line.get("code") if isinstance(line, Mapping) else None
        if not php.text(code).strip():
            raise Refused("Coupon code is required.")
        wanted.append(coupons.cleaned_code(code))
    had = {i.name for i in items if i.kind == "coupon"}
    basket = _basket(here, order, items) if wanted else coupon_rules.Basket()
    for code in wanted:
        coupon = coupons.by_code(here, code)
        if coupon is None and code in had:
            continue
        if coupon is None:
            raise Refused(f"Coupon {coupon_rules.quoted(code)} cannot be applied because it does not exist.")
        why = coupon_rules.refusals(
            coupon, basket, here.clock.now, lambda amount: _shown(here, amount), again=code in had
        )
        if message := next(why, ""):
            raise Refused(message)
    return wanted


def _basket(here: Emulation, order: Order, items: Sequence[Item]) -> Basket:
    """Where prices include taxes, what customers see includes them too."""
    sold = _sold(here, items)
    goods = [i for i in items if i.kind == "line_item"]
    worth = sum((i.subtotal for i in goods), ZERO)
    if order.prices_include_tax:
        worth += order.cart_tax + order.shipping_tax
    account = here.store[Customer].get(auth.user_id(here))
    emails = frozenset(e.lower() for e in (order.billing.get("email", ""), account.email if account else "") if e)
    return Basket([sold[i.id] for i in goods if i.product_id], worth, _user(order), emails)


def _sold(here: Emulation, items: Sequence[Item]) -> dict[int, Sold]:
    """What each line of products is about; of a variation the categories are its parent's."""
    products, names = _products(here, items), {t.id: t.name for t in term.of(here, "product_cat")}
    found: dict[int, Sold] = {}
    for item in items:
        if item.kind != "line_item":
            continue
        about = products.get(item.variation_id or item.product_id)
        parent = products.get(item.product_id)
        if about is None:
            found[item.id] = Sold()
            continue
        categories = [*about.category_ids, *(parent.category_ids if parent else ())]
        found[item.id] = Sold(
            about.name,
            frozenset(filter(None, (about.id, about.parent_id))),
            {number: names.get(number, "") for number in categories},
            about.on_sale,
        )
    return found


def _shown(here: Emulation, amount: Decimal) -> str:
    return prices.money(here).html(str(amount)).replace("&#36;", "&#036;")


def _products(here: Emulation, items: Sequence[Item]) -> dict[int, Product]:
    wanted = {i for item in items for i in (item.product_id, item.variation_id) if i}
    return here.store[Product].by_key(wanted)


def applied(here: Emulation, order: Order, items: Sequence[Item], wanted: Sequence[str]) -> list[Item]:
    """All lines, discounted anew by these coupons; lines of coupons that are no longer wanted are gone."""
    kept = [i for i in items if i.kind != "coupon" or i.name in wanted]
    gone = [i.id for i in items if i.kind == "coupon" and i.name not in wanted]
    if gone:
        here.store[Item].delete_where(ITEMS.c.id.in_(gone))
    lines = {i.id: replace(i, total=i.subtotal) for i in kept if i.kind == "line_item"}
    known = {c.code: c for code in wanted if (c := coupons.by_code(here, code)) is not None}
    sold = _sold(here, kept)
    inclusive = order.prices_include_tax
    unit = Decimal(1).scaleb(-prices.decimals(here))
    taxing, how = order_taxes.Taxing(here, order, kept), order_taxes.rounding(here)
    rates = {i: taxing.rates(line) for i, line in lines.items()}

    def pieces(coupon: Coupon) -> list[Piece]:
        chosen = [x for x in lines.values() if coupon_rules.takes_off(coupon, sold[x.id])]
        return [Piece(x.id, _cents(_price(x, inclusive), unit), max(x.quantity, 0)) for x in chosen]

    one_after_another = settings.value(here, "woocommerce_calc_discounts_sequentially") == "yes"
    steps = taken_off([(_offer(c, unit), pieces(c)) for c in known.values()], one_after_another=one_after_another)
    discounts: dict[str, tuple[Decimal, Decimal]] = {}
    for coupon, taken in zip(known.values(), steps, strict=True):
        net_sum, tax_sum = ZERO, ZERO
        for item_id, cents in taken.items():
            gross = cents * unit
            within = totals.taxes_within(gross, rates[item_id]) if inclusive else totals.taxed(gross, rates[item_id])
            tax = how.line_tax(totals.tax_of(within))  # what the coupon tells; the line itself is not rounded
            tax_sum += tax
            net_sum += gross - tax if inclusive else gross
            off = gross - totals.tax_of(within) if inclusive else gross
            lines[item_id] = replace(lines[item_id], total=max(lines[item_id].total - off, ZERO))
        discounts[coupon.code] = (net_sum, tax_sum)
    own = {i.name: i for i in kept if i.kind == "coupon"}
    coupon_lines = [_line(here, order, own.get(code), c, *discounts[code]) for code, c in known.items()]
    others = [lines.get(i.id, i) for i in kept if i.kind != "coupon"]
    return [*others, *coupon_lines]


def _price(item: Item, inclusive: bool) -> Decimal:
    return item.subtotal + totals.tax_of(item.line.subtotal_taxes) if inclusive else item.subtotal


def _cents(amount: Decimal, unit: Decimal) -> int:
    """In the smallest unit that the shop's prices have."""
    return int(totals.rounded(amount / unit, 0))


def _offer(coupon: Coupon, unit: Decimal) -> Offer:
    if coupon.discount_type == "percent":
        return Offer("percent", percent=coupon.amount, most_pieces=coupon.limit_usage_to_x_items)
    return Offer(coupon.discount_type, cents=_cents(coupon.amount, unit), most_pieces=coupon.limit_usage_to_x_items)


def _line(here: Emulation, order: Order, old: Item | None, coupon: Coupon, net: Decimal, tax: Decimal) -> Item:
    kind = None if coupon.discount_type == "fixed_cart" else coupon.discount_type  # the usual kind goes unsaid
    info = [coupon.id, coupon.code, kind, totals.number(coupon.amount)]
    if coupon.free_shipping:
        info.append(True)
    item = old or Item(here.ids.next("item"), order.id, "coupon", name=coupon.code)
    return replace(
        item,
        total=net,
        detail={
            "tax": str(tax),
            "type": coupon.discount_type,
            "amount": str(coupon.amount),
            "free_shipping": coupon.free_shipping,
        },
        meta_data=meta.added(here, item.meta_data, "coupon_info", json.dumps(info, separators=(",", ":"))),
    )


def counted(here: Emulation, order: Order) -> Order:
    """Uses counted once while the order counts, and given back when it is cancelled, failed or thrown away."""
    counts = order.status in COUNTING and not order.coupons_counted
    if not counts and not (order.status in FREEING and order.coupons_counted):
        return order
    for item in items_of(here, order.id, "coupon"):
        count(here, order, item.name, 1 if counts else -1)
    return replace(order, coupons_counted=counts)


def recounted(here: Emulation, order: Order, before: Sequence[str], after: Sequence[str]) -> None:
    """Uses of coupons that were added to or taken from an order that counts already."""
    if not order.coupons_counted:
        return
    for code in after:
        if code not in before:
            count(here, order, code, 1)
    for code in before:
        if code not in after:
            count(here, order, code, -1)


def count(here: Emulation, order: Order, code: str, by: int) -> None:
    coupon = coupons.by_code(here, code)
    if coupon is None:
        return
    user, used_by = _user(order), list(coupon.used_by)
    if user and by > 0:
        used_by.append(user)
    elif user in used_by:
        used_by.remove(user)
    here.store[Coupon].put(replace(coupon, usage_count=max(coupon.usage_count + by, 0), used_by=used_by))


def _user(order: Order) -> str:
    return str(order.customer_id) if order.customer_id else order.billing.get("email", "")
