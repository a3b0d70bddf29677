"""The lines that a refund names, in the two forms the real store knows: a list, or an object by the line's id.

Nothing about them is checked there. Source: WooCommerce 10.5.0, the list recorded 2026-11-21; the rest is after the
same release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from . import php, totals
from .order_records import Item
from .totals import ZERO

_KINDS = ("line_item", "fee", "shipping")


class Asked:
    """One line to refund: how many pieces, how much net, and the taxes by rate."""

    def __init__(self, item: Item, quantity: int, net: Decimal, taxes: Mapping[str, Decimal]) -> None:
        self.item, self.quantity, self.net, self.taxes = item, quantity, net, dict(taxes)

    @property
    def amount(self) -> Decimal:
        return self.net + totals.tax_of(self.taxes)


def named(sent: Any) -> dict[int, Mapping[str, Any]]:
    """The lines by id: `qty`, `refund_total` and `refund_tax` (by rate). Of one named twice the last word counts.

    A list in which any line has no id names none that an order knows: its ids are below zero.
    """
    if isinstance(sent, Mapping):
        return {php.integer(id): _object(line) for id, line in sent.items()}
    lines = sent if isinstance(sent, list) else []
    if any(_object(line).get("id") is None for line in lines):
        return {-1 - place: _object(line) for place, line in enumerate(lines)}
    return {
        php.integer(line["id"]): {
            "qty": line.get("qty") if line.get("qty") is not None else line.get("quantity"),
            "refund_total": line.get("refund_total"),
            "refund_tax": _by_rate(line.get("refund_tax")),
        }
        for line in lines
    }


def asked(lines: Mapping[int, Mapping[str, Any]], items: Iterable[Item]) -> list[Asked]:
    """Those that the order has, as it shows them; others, and those that name nothing to refund, are ignored."""
    known = [i for i in items if i.kind in _KINDS and i.id in lines]
    found = []
    for item in sorted(known, key=lambda i: (_KINDS.index(i.kind), i.id)):
        line = lines[item.id]
        taxes = {str(php.integer(r)): totals.amount(t) for r, t in _taxes(line).items() if php.is_numeric(t)}
        one = Asked(item, php.integer(line.get("qty")), totals.amount(line.get("refund_total")), taxes)
        if one.quantity or one.net or one.taxes:
            found.append(one)
    return found


def added_up(lines: Iterable[Mapping[str, Any]]) -> Decimal:
    """What they come to, known to the order or not; nothing where one does not say how much."""
    amounts = [amount for line in lines for amount in (line.get("refund_total"), *_taxes(line).values())]
    return sum(map(totals.amount, amounts), ZERO) if all(map(php.is_numeric, amounts)) else ZERO


def _by_rate(taxes: Any) -> Any:
    """A list of taxes by their rates, if all is there; anything else as it came."""
    if not isinstance(taxes, list) or any(
        None in (_object(t).get("id"), _object(t).get("refund_total")) for t in taxes
    ):
        return taxes
    return {str(t["id"]): t["refund_total"] for t in taxes}


def _taxes(line: Mapping[str, Any]) -> Mapping[str, Any]:
    taxes = line.get("refund_tax")
    if isinstance(taxes, Sequence) and not isinstance(taxes, str):
        return {str(place): tax for place, tax in enumerate(taxes)}
    return _object(taxes)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
