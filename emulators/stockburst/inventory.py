"""What StockBurst itself has: articles by SKU with their quantity and price, and the movements that add up to it.

The store and StockBurst change stock side by side. What the store has moved since it was last read is added to
StockBurst's quantity, and what StockBurst then has is written to the store: neither loses a sale of the other.
Units: whole pieces; prices as WooCommerce writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ..kernel import Emulation, Table, dataclass


@dataclass(frozen=True)
class Article:
    """`quantity` is None as long as nobody counts it: that is not zero."""

    sku: str
    quantity: int | None = None
    price: str = ""


ARTICLES = Table(Article, "stockburst_articles", key="sku")


@dataclass(frozen=True)
class Movement:
    """One change of a quantity. `why`: opening, store, adjustment, marketplace, renamed."""

    id: int
    sku: str
    quantity: int
    why: str
    at: datetime
    note: str = ""


MOVEMENTS = Table(Movement, "stockburst_movements", columns=("sku",))


@dataclass(frozen=True)
class Listing:
    """A product or variation of a connected store as it was when it was last read or written.

    `stock` is None where the store does not count it. `mark` names the write that is under way or was the last, and
    `writing` what it sets stock to: without an answer, the mark tells later whether it arrived. `refused` is a write
    that the store did not take (`wanted`): it is not tried again until the next compare.
    """

    integration: str
    item: int
    parent: int = 0
    sku: str = ""
    name: str = ""
    kind: str = "simple"
    status: str = "publish"
    stock: int | None = None
    price: str = ""
    mark: str = ""
    writing: int | None = None
    refused: str = ""
    problem: str = ""
    gone: bool = False


LISTINGS = Table(
    Listing,
    "stockburst_listings",
    key=("integration", "item"),
    columns=("parent", "sku", "gone"),
    indexes=[("integration", "parent"), ("sku",)],
)
C = LISTINGS.c


@dataclass(frozen=True)
class Wanted:
    """What is to be written of one listing. None: leave it alone."""

    stock: int | None = None
    price: str | None = None

    @property
    def nothing(self) -> bool:
        return self.stock is None and self.price is None

    def __str__(self) -> str:
        return f"{self.stock}|{self.price}"


# -- rules


def moved_in_store(old: Listing | None, seen: Listing) -> int:
    """By how many pieces the store's stock has moved since StockBurst last knew it, its own writes left out.

    After a write without an answer, the mark in the store says whether it arrived: then what moved is counted from
    what was written.
    """
    if old is None or old.stock is None or seen.stock is None or old.gone:
        return 0
    arrived = old.writing is not None and bool(old.mark) and seen.mark == old.mark
    base = old.writing if arrived and old.writing is not None else old.stock
    return seen.stock - base


def first_seen(old: Listing | None, seen: Listing) -> bool:
    """Whether nothing is known yet of what this item had: it is new, came back, has another SKU, or is counted only
    now."""
    return old is None or old.gone or old.sku != seen.sku or (old.stock is None and seen.stock is not None)


def priced(article: Article, old: Listing | None, seen: Listing) -> str:
    """StockBurst's price after this was seen: the store's, where it is new or was changed there, unless StockBurst's
    own was changed too and is still to be written."""
    if not seen.price or seen.kind in ("variable", "grouped"):
        return article.price
    if old is None or not article.price or old.sku != seen.sku:
        return seen.price
    return seen.price if seen.price != old.price and article.price == old.price else article.price


def wanted(listing: Listing, article: Article | None) -> Wanted:
    """What the store does not have yet. Stock is never written below zero, and where the store has sold below zero by
    itself it is left at that."""
    if article is None or listing.gone or listing.problem.startswith("twin"):
        return Wanted()
    stock = price = None
    if listing.stock is not None and article.quantity is not None and listing.stock != article.quantity:
        target = max(0, article.quantity)
        stock = target if target != listing.stock else None
    if article.price and article.price != listing.price and listing.kind not in ("variable", "grouped", "external"):
        price = article.price
    return Wanted(stock, price)


# -- in the store


def article(here: Emulation, sku: str) -> Article | None:
    return here.store[Article].get(sku) if sku else None


class Stock:
    """Some articles, and changes to them that are entered together. A quantity is changed by a movement only."""

    def __init__(self, here: Emulation, skus: Sequence[str]) -> None:
        self._here = here
        self._articles = {a.sku: a for a in here.store[Article].all(ARTICLES.c.sku.in_(skus))}
        self._before = dict(self._articles)
        self._movements: list[Movement] = []

    def article(self, sku: str) -> Article:
        return self._articles.get(sku) or Article(sku)

    def move(self, sku: str, quantity: int, why: str, note: str = "") -> Article:
        old = self.article(sku)
        if quantity:
            self._movements.append(Movement(0, sku, quantity, why, self._here.clock.now, note))
        new = self._articles[sku] = replace(old, quantity=(old.quantity or 0) + quantity)
        return new

    def bring_to(self, sku: str, quantity: int, why: str, note: str = "") -> Article:
        """Move whatever it takes to have this many."""
        return self.move(sku, quantity - (self.article(sku).quantity or 0), why, note)

    def set_price(self, sku: str, price: str) -> Article:
        new = self._articles[sku] = replace(self.article(sku), price=price)
        return new

    def enter(self) -> None:
        changed = [a for sku, a in self._articles.items() if a != self._before.get(sku)]
        self._here.store[Article].put_all(changed)
        if self._movements:
            first = self._here.ids.next("stockburst.movement", len(self._movements))
            numbered = [replace(one, id=first + n) for n, one in enumerate(self._movements)]
            self._here.store[Movement].put_all(numbered)
        self._before, self._movements = dict(self._articles), []


def move(here: Emulation, sku: str, quantity: int, why: str, note: str = "") -> Article:
    """One movement, entered at once."""
    stock = Stock(here, [sku])
    now = stock.move(sku, quantity, why, note)
    stock.enter()
    return now


def bring_to(here: Emulation, sku: str, quantity: int, why: str, note: str = "") -> Article:
    """Move whatever it takes to have this many."""
    stock = Stock(here, [sku])
    now = stock.bring_to(sku, quantity, why, note)
    stock.enter()
    return now


def set_price(here: Emulation, sku: str, price: str) -> Article:
    return here.store[Article].put(replace(here.store[Article].get(sku) or Article(sku), price=price))
