"""A believable catalogue, product by product: the same seed and number give the same one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import product as combinations
from random import Random
from typing import Any

from ..kernel import Emulation, dataclass
from . import texts
from .product import PRODUCTS, Product, ProductTerm, derived, synced
from .product_input import threshold
from .seed_shelves import Shelves, opening, picture_name, pictured, pictures, put_up
from .seed_words import COLOURS, Goods, Words, words
from .stock_rules import Stock, settled

KIND = "seeded product"  # the counter that knows how many there are
_STATUSES = (("publish", 0.96), ("draft", 0.98), ("pending", 0.99), ("private", 1.0))
_ENDINGS = ("00", "50", "90", "95", "99", "99", "99")
_VARIABLE = 0.35  # of the goods that come in sizes or colours


@dataclass(frozen=True)
class Plan:
    """What a product will be, before it has an id."""

    number: int
    goods: Goods
    thing: str
    name: str
    slug: str
    colour: str
    colours: tuple[str, ...]
    sizes: tuple[str, ...]
    dice: Random

    @property
    def sku(self) -> str:
        return f"{self.goods.code}-{self.number + 1:06d}"

    @property
    def choices(self) -> list[tuple[str, ...]]:
        axes = [axis for axis in (self.colours, self.sizes) if axis]
        return list(combinations(*axes)) if axes else []

    @property
    def variations(self) -> int:
        return (len(self.colours) or 1) * (len(self.sizes) or 1) if self.colours or self.sizes else 0

    @property
    def pictures(self) -> list[str]:
        return [picture_name(self.thing, colour) for colour in (self.colours or (self.colour,))]


def seeded_words(here: Emulation) -> Words:
    return words(here.ids.dice("words").getrandbits(48))


def added(here: Emulation, count: int, of: int) -> int:
    """The next products, stored; how many there are now. `of` says how many there will be: their dates spread over
    two years. Nobody is told."""
    first = here.ids.next(KIND, count) - 1
    vocabulary, shelves, opened = seeded_words(here), put_up(here), opening(here)
    pictured(here, opened)
    plans = [_planned(here, vocabulary, number) for number in range(first, first + count)]
    known = pictures(here, (p for plan in plans for p in plan.pictures), opened)
    shop = _Shop(vocabulary, shelves, known, _taken(here, plans), here.clock.now, threshold(here))
    post_id = here.ids.next("post", sum(1 + plan.variations for plan in plans))
    made: list[Product] = []
    for plan in plans:
        born = opened + timedelta(days=730) * (plan.number / max(of, first + count)) + _some(plan.dice, 300)
        family = shop.family(plan, post_id, min(born, shop.now))
        made += family
        post_id += len(family)
    here.store[Product].put_all(made)
    here.store[ProductTerm].put_all([ProductTerm(p.id, t) for p in made for t in sorted(p.term_ids())])
    return first + count


def _some(dice: Random, seconds: int) -> timedelta:
    return timedelta(seconds=dice.randrange(seconds))


def _planned(here: Emulation, vocabulary: Words, number: int) -> Plan:
    goods, thing, name = vocabulary.named(number)
    dice = here.ids.dice("product", number)
    colours: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    if goods.varies and dice.random() < _VARIABLE:
        if "Size" in goods.varies:
            sizes = goods.varies["Size"][dice.randrange(2) : dice.randrange(4, 7)]
        colours = tuple(dice.sample(list(COLOURS), dice.randrange(1, 4) if sizes else dice.randrange(2, 6)))
    return Plan(number, goods, thing, name, texts.slug(name), dice.choice(list(COLOURS)), colours, sizes, dice)


def _taken(here: Emulation, plans: Iterable[Plan]) -> frozenset[str]:
    """SKUs and slugs that somebody else's products have."""
    wanted = {plan.sku.casefold() for plan in plans} | {plan.slug for plan in plans}
    c = PRODUCTS.c
    found: set[str] = set()
    for column in (c.sku_key, c.slug):
        found.update(getattr(p, column.name) for p in here.store[Product].all(column.in_(sorted(wanted))))
    return frozenset(found)


@dataclass
class _Shop:
    """What all products of a chunk have in common."""

    vocabulary: Words
    shelves: Shelves
    known: dict[str, int]
    taken: frozenset[str]
    now: datetime
    threshold: int

    def family(self, plan: Plan, post_id: int, born: datetime) -> list[Product]:
        """A product and its variations, with ids from `post_id`."""
        dice, sentences = plan.dice, self.vocabulary.sentences
        own, department = self.shelves.categories[plan.goods.shelf]
        draw, grams = dice.random(), dice.randrange(*plan.goods.grams)
        told = dice.sample(sentences, 4)
        price = _price(plan)
        parent = Product(
            id=post_id,
            created=born.replace(microsecond=0),
            modified=(born + (self.now - born) * dice.random()).replace(microsecond=0),
            type="variable" if plan.variations else "simple",
            status=next(status for status, up_to in _STATUSES if draw < up_to),
            name=plan.name,
            slug=plan.slug if plan.slug not in self.taken else f"{plan.slug}-{plan.number + 1}",
            sku=plan.sku if plan.sku.casefold() not in self.taken else f"{plan.sku}-{post_id}",
            featured=dice.random() < 0.03,
            description=f"<p>{told[0]} {told[1]}</p>\n<p>{told[2]}</p>",
            short_description=f"<p>{told[3]}</p>",
            weight=f"{grams / 1000:g}",
            length=str(dice.randrange(5, 60)),
            width=str(dice.randrange(5, 40)),
            height=str(dice.randrange(1, 30)),
            category_ids=[own] if dice.random() < 0.7 else [own, department],
            tag_ids=sorted(dice.sample(list(self.shelves.tags.values()), dice.choice((0, 0, 1, 1, 2, 3)))),
            image_ids=[self.known[name] for name in plan.pictures],
            attributes=self._attributes(plan),
            **({} if plan.variations else self._sold(plan, post_id, price)),
        )
        children = [
            self._variation(plan, parent, post_id + n, choice, price) for n, choice in enumerate(plan.choices, 1)
        ]
        return [derived(synced(parent, children) if children else parent, self.now), *children]

    def _attributes(self, plan: Plan) -> list[dict[str, Any]]:
        out: list[dict[str, Any]] = []
        for name, values in (("Colour", plan.colours or (plan.colour,)), ("Size", plan.sizes)):
            if values:
                shared = self.shelves.shared[name]
                chosen = [shared.values[value][0] for value in values]
                out.append(_attribute(len(out), name, chosen, shared.attribute.id, plan.variations > 0))
        return [*out, _attribute(len(out), "Material", [plan.dice.choice(plan.goods.materials)], 0, False)]

    def _variation(self, plan: Plan, parent: Product, post_id: int, choice: Sequence[str], price: str) -> Product:
        axes = [name for name, values in (("Colour", plan.colours), ("Size", plan.sizes)) if values]
        values = [(self.shelves.shared[axis], word) for axis, word in zip(axes, choice, strict=True)]
        options = {shared.attribute.taxonomy: shared.values[word][1] for shared, word in values}
        variation = Product(
            id=post_id,
            created=parent.created,
            modified=parent.modified,
            type="variation",
            is_variation=True,
            parent_id=parent.id,
            name=f"{parent.name} - {', '.join(choice)}",
            slug="-".join([plan.slug, *options.values()]),
            sku="-".join([parent.sku, *(word.upper() for word in choice)]),
            menu_order=post_id - parent.id,
            tax_class="parent",
            image_ids=[self.known[picture_name(plan.thing, choice[0])]] if plan.colours else [],
            options=options,
            **self._sold(plan, post_id, price),
        )
        return derived(variation, self.now)

    def _sold(self, plan: Plan, post_id: int, price: str) -> dict[str, Any]:
        """Price, sale, code and stock."""
        dice = plan.dice
        counted = dice.random() < 0.85
        pieces = 0 if dice.random() < 0.06 else int(dice.triangular(1, 180, 12))
        backorders = "notify" if dice.random() < 0.04 else "no"
        status = "instock" if dice.random() < 0.93 else "outofstock"
        stock = settled(Stock(counted, pieces if counted else None, backorders, status=status), self.threshold)
        sale = f"{float(price) * dice.choice((0.6, 0.7, 0.75, 0.8, 0.9)):.2f}" if dice.random() < 0.14 else ""
        return {
            "regular_price": price,
            "sale_price": sale,
            "global_unique_id": _barcode(post_id) if dice.random() < 0.6 else "",
            "manage_stock": stock.managed,
            "stock_quantity": stock.quantity,
            "backorders": stock.backorders,
            "stock_status": stock.status,
        }


def _price(plan: Plan) -> str:
    low, high = plan.goods.prices
    return f"{int(plan.dice.triangular(low, high, low + (high - low) / 4))}.{plan.dice.choice(_ENDINGS)}"


def _attribute(position: int, name: str, options: list[Any], shared_id: int, variation: bool) -> dict[str, Any]:
    out = {"id": shared_id, "name": name, "position": position, "visible": True}
    return {**out, "variation": variation, "options": options}


def _barcode(number: int) -> str:
    """An EAN-13 of the range that every shop may use for itself."""
    digits = f"2{number:011d}"[:12]
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
