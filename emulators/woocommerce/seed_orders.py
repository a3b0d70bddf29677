"""Months of believable orders, with lines, notes and refunds. They are history: stock is what it is now.

The same seed, number and catalogue give the same order. Amounts are in the store's currency, without taxes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, dataclass, replace
from . import settings
from .auth import ADMIN_ID
from .customers import CUSTOMERS, Customer
from .order_records import STATUS_NAMES, Item, Note, Order, Refund, searched
from .order_status import SELLING
from .order_stock import REDUCED
from .product import PRODUCTS, Product
from .seed_people import person, shipped
from .seed_products import seeded_words
from .seed_words import Words
from .totals import ZERO

KIND = "seeded order"
BLOCK = 250  # orders that choose among the same goods and people
_C = PRODUCTS.c
_WAYS = (
    ("stripe", "Credit card"), ("stripe", "Credit card"), ("paypal", "PayPal"), ("cod", "Cash on delivery"),
    ("bacs", "Direct bank transfer"),
)  # fmt: skip
_OLD = (("completed", 82), ("cancelled", 7), ("refunded", 3), ("failed", 4), ("processing", 4))
_RECENT = (
    ("processing", 46), ("completed", 28), ("on-hold", 10), ("pending", 7), ("cancelled", 4), ("failed", 4),
    ("checkout-draft", 1),
)  # fmt: skip
_PATHS = {
    "completed": ("pending", "processing", "completed"),
    "refunded": ("pending", "processing", "completed", "refunded"),
    "processing": ("pending", "processing"),
    "on-hold": ("pending", "on-hold"),
    "cancelled": ("pending", "cancelled"),
    "failed": ("pending", "failed"),
}
_REASONS = ("Did not fit", "Arrived damaged", "Ordered by mistake", "Changed my mind", "")
FREE_SHIPPING = Decimal(75)
SHIPPING = Decimal("5.90")


@dataclass
class _Made:
    """What a chunk of orders brings."""

    orders: list[Order] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    sold: Counter[int] = field(default_factory=Counter)
    payers: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class _Market:
    """What the orders of one block choose from."""

    goods: Sequence[Product]
    people: Sequence[Customer]


def added(here: Emulation, count: int, of: int, months: int) -> int:
    """The next orders, stored; how many there are now. `of` are to spread over so many months up to now."""
    first = here.ids.next(KIND, count) - 1
    maker = _Maker(here, seeded_words(here), settings.value(here, "woocommerce_currency") or "USD")
    span = timedelta(days=30.44 * months)
    market, block = _Market((), ()), -1
    for number in range(first, first + count):
        if number // BLOCK != block:
            block = number // BLOCK
            market = _market(here, here.ids.dice("market", block))
        age = span * (1 - (number + 0.5) / max(of, first + count))
        maker.order(market, number, here.clock.now - age)
    made = maker.made
    for record, records in ((Order, made.orders), (Item, made.items), (Note, made.notes), (Refund, made.refunds)):
        here.store[record].put_all(records)
    _counted(here, made)
    return first + count


def _market(here: Emulation, dice: Random) -> _Market:
    """Some of the goods, the shop's favourites always among them, and some of the people."""
    sold = (_C.type.in_(("simple", "variation")), _C.status == "publish", _C.priced.is_(True), _C.trashed.is_(False))
    low, high = here.store.execute(sa.select(sa.func.min(_C.id), sa.func.max(_C.id))).one()
    if low is None:
        return _Market((), ())
    goods = here.store[Product].all(*sold, order=[_C.id], limit=25)
    for _ in range(5):
        goods += here.store[Product].all(*sold, _C.id >= dice.randint(low, high), order=[_C.id], limit=25)
    c = CUSTOMERS.c
    most = here.store.execute(sa.select(sa.func.max(c.id))).scalar_one() or 1
    people: list[Customer] = []
    for _ in range(4):
        people += here.store[Customer].all(c.role == "customer", c.id >= dice.randint(1, most), order=[c.id], limit=25)
    return _Market(goods, people)


def _counted(here: Emulation, made: _Made) -> None:
    """Sales of products, and who has paid."""
    if made.sold:
        statement = (
            sa.update(PRODUCTS.sql)
            .where(_C.id == sa.bindparam("which"))
            .values(total_sales=_C.total_sales + sa.bindparam("more"))
        )
        here.store.execute(statement, [{"which": i, "more": n} for i, n in sorted(made.sold.items())])
        touched = here.store[Product].first(_C.id == min(made.sold))
        here.store[Product].put_all([touched] if touched else [])  # what is remembered of products is no longer true
    if made.payers:
        payers = here.store[Customer].all(CUSTOMERS.c.id.in_(sorted(made.payers)))
        here.store[Customer].put_all([replace(p, is_paying=True) for p in payers if not p.is_paying])


class _Numbers:
    """Ids taken in blocks: asking for one at a time costs more than making the order. What is left over is lost."""

    def __init__(self, here: Emulation) -> None:
        self._here = here
        self._blocks: dict[str, list[int]] = {}

    def next(self, kind: str) -> int:
        if not (block := self._blocks.get(kind)):
            first = self._here.ids.next(kind, 50)
            block = self._blocks[kind] = list(range(first + 49, first - 1, -1))
        return block.pop()


class _Maker:
    def __init__(self, here: Emulation, vocabulary: Words, currency: str) -> None:
        self.here, self.vocabulary, self.currency = here, vocabulary, currency
        self.made, self.ids = _Made(), _Numbers(here)

    def order(self, market: _Market, number: int, at: datetime) -> None:
        here, dice = self.here, self.here.ids.dice("order", number)
        at = at.replace(microsecond=0)
        buyer = dice.choice(market.people) if market.people and dice.random() < 0.72 else None
        billing = dict(buyer.billing) if buyer else person(self.vocabulary, dice, f".g{number + 1}")
        shipping = shipped(billing)
        recent = here.clock.now - at < timedelta(days=5)
        statuses = _RECENT if recent else _OLD
        status = dice.choices([s for s, _ in statuses], [w for _, w in statuses])[0]
        way, title = dice.choice(_WAYS)
        token = "".join(dice.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=13))
        order = Order(
            id=self.ids.next("post"),
            status=status,
            customer_id=buyer.id if buyer else 0,
            created_via="checkout",
            created_at=at,
            modified_at=at,
            haystack=searched(billing, shipping),
            currency=self.currency,
            order_key=f"wc_order_{token}",
            billing=billing,
            shipping=shipping,
            payment_method=way,
            payment_method_title=title,
            transaction_id=f"{way[:2]}_{token}" if way in ("stripe", "paypal") and status in SELLING else "",
            customer_note=dice.choice(self.vocabulary.sentences) if dice.random() < 0.06 else "",
            stock_reduced=status in SELLING,
            sales_recorded=status in SELLING,
        )
        lines = self._lines(order, market, dice)
        goods = sum((line.total for line in lines), ZERO)
        fee = ZERO if goods >= FREE_SHIPPING else SHIPPING
        self.made.items += [*lines, self._shipping(order, fee)]
        self._lived(replace(order, shipping_total=fee, total=goods + fee), lines, dice)

    def _lines(self, order: Order, market: _Market, dice: Random) -> list[Item]:
        lines = []
        for sold in dice.sample(market.goods, min(len(market.goods), dice.choice((1, 1, 1, 2, 2, 3, 4)))):
            quantity = dice.choice((1, 1, 1, 1, 2, 2, 3))
            total = Decimal(sold.price) * quantity
            fields = [{"key": key, "value": value} for key, value in sold.options.items()]
            if order.stock_reduced and sold.manage_stock:
                fields.append({"key": REDUCED, "value": str(quantity)})
            lines.append(
                Item(
                    self.ids.next("item"),
                    order.id,
                    product_id=sold.parent_id if sold.is_variation else sold.id,
                    variation_id=sold.id if sold.is_variation else 0,
                    name=sold.name,
                    quantity=quantity,
                    subtotal=total,
                    total=total,
                    meta_data=[{"id": self.ids.next("meta"), **entry} for entry in fields],
                )
            )
            if order.sales_recorded:
                self.made.sold[sold.parent_id if sold.is_variation else sold.id] += quantity
        return lines

    def _shipping(self, order: Order, fee: Decimal) -> Item:
        name, method = ("Flat rate", "flat_rate") if fee else ("Free shipping", "free_shipping")
        detail: dict[str, Any] = {"method_id": method, "instance_id": "1" if fee else "2"}
        return Item(self.ids.next("item"), order.id, "shipping", name=name, subtotal=ZERO, total=fee, detail=detail)

    def _lived(self, order: Order, lines: Sequence[Item], dice: Random) -> None:
        """The order with the dates, notes and refunds that its status tells of."""
        at, now = order.created_at or self.here.clock.now, self.here.clock.now
        path = _PATHS.get(order.status, ())
        for before, after in pairwise(path):
            hours = {"processing": 0.05, "on-hold": 0.05, "completed": 40, "refunded": 160}.get(after, 3)
            at = min(at + timedelta(hours=dice.uniform(hours / 3, hours)), now).replace(microsecond=0)
            paid = after == "processing"
            order = replace(
                order,
                modified_at=at,
                paid_at=at if paid else order.paid_at,
                completed_at=at if after == "completed" else order.completed_at,
            )
            text = f"Order status changed from {STATUS_NAMES[before]} to {STATUS_NAMES[after]}."
            if paid and order.transaction_id:
                text = f"Payment via {order.payment_method_title} ({order.transaction_id})."
            self._note(order, at, text)
            if after == "completed" and order.customer_id:
                self.made.payers.add(order.customer_id)
        if order.status == "refunded":
            self._refunded(order, order.total, (), dice)
        elif order.status == "completed" and lines and dice.random() < 0.02:
            line = dice.choice(lines)
            self._refunded(order, line.total, (line,), dice)
        if dice.random() < 0.05:
            self._note(order, at, dice.choice(self.vocabulary.sentences), for_customer=dice.random() < 0.4)
        self.made.orders.append(order)

    def _note(self, order: Order, at: datetime, text: str, for_customer: bool = False) -> None:
        self.made.notes.append(Note(self.ids.next("comment"), order.id, at, for_customer, text))

    def _refunded(self, order: Order, amount: Decimal, lines: Sequence[Item], dice: Random) -> None:
        ids = self.ids
        kind = "partial" if lines else "full"
        reason = dice.choice(_REASONS) if lines else "Order fully refunded."
        fields = [{"id": ids.next("meta"), "key": "_refund_type", "value": kind}]
        refund = Refund(ids.next("post"), order.id, order.modified_at, amount, reason, ADMIN_ID, fields)
        self.made.refunds.append(refund)
        for line in lines:
            about = [{"id": ids.next("meta"), "key": "_refunded_item_id", "value": str(line.id)}]
            self.made.items.append(
                replace(
                    line, id=ids.next("item"), order_id=refund.id, quantity=-line.quantity, subtotal=-line.total,
                    total=-line.total, meta_data=about,
                )
            )  # fmt: skip
