"""An order's amounts anew: the taxes of every line, one line for each tax, and the totals of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..kernel import Emulation
from . import order_taxes, totals
from .order_records import ITEMS, Item, Order, texts_of
from .totals import Rate


def recalculated(here: Emulation, order: Order, items: Sequence[Item]) -> tuple[Order, list[Item]]:
    """The order and its lines with their amounts, stored. Lines of taxes keep their ids while their tax applies."""
    known: dict[str, Rate] = {}
    capped = iter(totals.fees_capped([i.line for i in items if i.kind in ("line_item", "fee", "shipping")]))
    priced: list[Item] = []
    for item in items:
        if item.kind not in ("line_item", "fee", "shipping"):
            continue
        rates = order_taxes.rates_of(here, order, item)
        known |= {str(r.id): r for r in rates}
        line = totals.line_taxed(next(capped), rates)
        priced.append(
            replace(
                item,
                total=line.total,
                taxes=texts_of(line.taxes),
                subtotal_taxes=texts_of(line.subtotal_taxes),
            )
        )
    lines = [i.line for i in priced]
    sums = totals.totalled(lines, prices_include_tax=order.prices_include_tax)
    order = replace(
        order,
        discount_total=sums.discount_total,
        discount_tax=sums.discount_tax,
        shipping_total=sums.shipping_total,
        shipping_tax=sums.shipping_tax,
        cart_tax=sums.cart_tax,
        total=sums.total,
    )
    tax_lines = _tax_lines(here, order, items, priced, known)
    everything = [*priced, *tax_lines, *(i for i in items if i.kind == "coupon")]
    here.store[Item].put_all(everything)
    here.store[Order].put(order)
    return order, everything


def _tax_lines(
    here: Emulation, order: Order, items: Sequence[Item], priced: Sequence[Item], known: dict[str, Rate]
) -> list[Item]:
    half_down = order.prices_include_tax
    cart = totals.tax_by_rate((i.line for i in priced if i.kind != "shipping"), half_down=half_down)
    shipping = totals.tax_by_rate((i.line for i in priced if i.kind == "shipping"), half_down=half_down)
    old = {str(i.detail["rate_id"]): i for i in items if i.kind == "tax"}
    needed = [rate for rate in known.values() if str(rate.id) in cart or str(rate.id) in shipping]
    gone = [i.id for rate, i in old.items() if rate not in {str(r.id) for r in needed}]
    if gone:
        here.store[Item].delete_where(ITEMS.c.id.in_(gone))
    return [
        replace(
            old.get(str(rate.id)) or Item(here.ids.next("item"), order.id, "tax"),
            name=rate.code,
            total=cart.get(str(rate.id), totals.ZERO),
            detail={
                "rate_id": rate.id,
                "label": rate.label,
                "compound": rate.compound,
                "percent": str(rate.percent),
                "shipping": str(shipping.get(str(rate.id), totals.ZERO)),
            },
        )
        for rate in needed
    ]
