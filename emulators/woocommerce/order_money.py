"""An order's amounts anew: the taxes of every line, one line for each tax, and the totals of all."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ..kernel import Emulation, replace
from . import order_taxes, totals
from .order_records import ITEMS, TAX_SUMS, Item, Order, texts_of
from .totals import Line, Rate, Rounding


def recalculated(here: Emulation, order: Order, items: Sequence[Item]) -> tuple[Order, list[Item]]:
    """The order and its lines with their amounts, stored. Lines of taxes keep their ids while their tax applies."""
    how = order_taxes.rounding(here)
    taxing = order_taxes.Taxing(here, order, items)
    costly = [i for i in items if i.kind in ("line_item", "fee", "shipping")]
    capped = list(zip(costly, totals.fees_capped([i.line for i in costly]), strict=True))
    reduced = any(line.total < 0 for _, line in capped) and not taxing.untaxed
    costs = taxing.costs(capped) if reduced else []
    priced = [_priced(item, taxing.taxed(item, line, costs), how) for item, line in capped]
    sums = totals.totalled([i.line for i in priced], how)
    order = replace(
        order,
        discount_total=sums.discount_total,
        discount_tax=sums.discount_tax,
        shipping_total=sums.shipping_total,
        shipping_tax=sums.shipping_tax,
        cart_tax=sums.cart_tax,
        total=sums.total,
    )
    tax_lines = _tax_lines(here, order, items, priced, taxing.known(), how)
    everything = [*priced, *tax_lines, *(i for i in items if i.kind == "coupon")]
    here.store[Item].put_all(everything)
    here.store[Order].put(order)
    return order, everything


def _priced(item: Item, line: Line, how: Rounding) -> Item:
    """The item with its amounts. How its taxes were rounded is kept only where it matters: see `Item.tax_sums`."""
    detail = {k: v for k, v in item.detail.items() if k not in TAX_SUMS}
    for name, taxes in zip(TAX_SUMS, (line.taxes, line.subtotal_taxes), strict=True):
        if (together := how.taxes(taxes)) != totals.PLAIN.taxes(taxes):
            detail[name] = str(together)
    after, before = texts_of(line.taxes), texts_of(line.subtotal_taxes)
    return replace(item, total=line.total, taxes=after, subtotal_taxes=before, detail=detail)


def _tax_lines(
    here: Emulation,
    order: Order,
    items: Sequence[Item],
    priced: Sequence[Item],
    known: dict[str, Rate],
    how: Rounding,
) -> list[Item]:
    cart = totals.tax_by_rate((i.line for i in priced if i.kind != "shipping"), how)
    shipping = totals.tax_by_rate((i.line for i in priced if i.kind == "shipping"), how)
    old = {str(i.detail["rate_id"]): i for i in items if i.kind == "tax"}
    needed = [rate for rate in known.values() if str(rate.id) in cart or str(rate.id) in shipping]
    gone = [i.id for rate, i in old.items() if rate not in {str(r.id) for r in needed}]
    if gone:
        here.store[Item].delete_where(ITEMS.c.id.in_(gone))
    return [
        tax_line(
            old.get(str(rate.id)) or Item(here.ids.next("item"), order.id, "tax"),
            rate,
            cart.get(str(rate.id), totals.ZERO),
            shipping.get(str(rate.id), totals.ZERO),
        )
        for rate in needed
    ]


def tax_line(line: Item, rate: Rate, cart: Decimal, shipping: Decimal) -> Item:
    """What one tax comes to, on goods and fees and on shipping."""
    return replace(
        line,
        name=rate.code,
        total=cart,
        detail={
            "rate_id": rate.id,
            "label": rate.label,
            "compound": rate.compound,
            "percent": str(rate.percent),
            "shipping": str(shipping),
        },
    )
