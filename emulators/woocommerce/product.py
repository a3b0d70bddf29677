"""The record of a product or variation, how it is kept and found, and what follows from it.

One table holds products and variations, as the store does. What lists filter or sort by are columns; what a
list shows of other records (prices and ids of the variations) is kept with the parent when they change, so that
a page costs the same however many products there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from datetime import datetime
from functools import partial
from typing import Annotated, Any, TypedDict, TypeVar

import sqlalchemy as sa

from ..kernel import Emulation, Statement, Table, dataclass, replace
from . import meta, prices, stock_rules, texts

T = TypeVar("T")


class Download(TypedDict):
    id: str
    name: str
    file: str


class Attribute(TypedDict):
    id: int
    name: str
    position: int
    visible: bool
    variation: bool
    options: list[int] | list[str]


@dataclass(frozen=True)
class Product:
    """A product or a variation.

    `tax_class` "parent" and empty weights of variations mean the parent's. Attributes of products are
    {"id", "name", "position", "visible", "variation", "options"}, options of a shared attribute (id > 0) being
    term ids; those of variations map the attribute's key ("pa_color", "size") to a term's slug or a text.
    Prices are kept as text; `price`, `on_sale` and the columns beside them follow from the others.
    """

    id: int
    created: datetime
    modified: datetime
    type: str = "simple"
    is_variation: bool = False
    trashed: bool = False
    parent_id: int = 0
    status: str = "publish"
    name: str = ""
    name_key: str = ""
    words: str = ""
    slug: str = ""
    sku: str = ""
    sku_key: str = ""
    global_unique_id: str = ""
    menu_order: int = 0
    featured: bool = False
    visibility: str = "visible"
    virtual: bool = False
    downloadable: bool = False
    on_sale: bool = False
    priced: bool = False
    price_from: float = 0.0
    price_to: float = 0.0
    due_at: datetime | None = None
    manage_stock: bool = False
    stock_quantity: int | None = None
    stock_status: str = "instock"
    total_sales: int = 0
    rating: float = 0.0

    description: str = ""
    short_description: str = ""
    price: str = ""
    regular_price: str = ""
    sale_price: str = ""
    sale_starts: datetime | None = None
    sale_ends: datetime | None = None
    price_range: list[str] = field(default_factory=list)
    backorders: str = "no"
    low_stock_amount: int | None = None
    sold_individually: bool = False
    downloads: Annotated[list[dict[str, Any]], list[Download]] = field(default_factory=list)
    download_limit: int = -1
    download_expiry: int = -1
    external_url: str = ""
    button_text: str = ""
    tax_status: str = "taxable"
    tax_class: str = ""
    weight: str = ""
    length: str = ""
    width: str = ""
    height: str = ""
    shipping_class_id: int = 0
    reviews_allowed: bool = True
    rating_counts: dict[str, int] = field(default_factory=dict)
    upsell_ids: list[int] = field(default_factory=list)
    cross_sell_ids: list[int] = field(default_factory=list)
    grouped_products: list[int] = field(default_factory=list)
    purchase_note: str = ""
    category_ids: list[int] = field(default_factory=list)
    brand_ids: list[int] = field(default_factory=list)
    tag_ids: list[int] = field(default_factory=list)
    image_ids: list[int] = field(default_factory=list)
    attributes: Annotated[list[dict[str, Any]], list[Attribute]] = field(default_factory=list)
    default_attributes: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    children: list[int] = field(default_factory=list)
    meta_data: meta.Kept = field(default_factory=list)
    post_password: str = ""

    @property
    def variable(self) -> bool:
        return self.type == "variable"

    def term_ids(self) -> set[int]:
        ids = {*self.category_ids, *self.tag_ids, *self.brand_ids}
        if self.shipping_class_id:
            ids.add(self.shipping_class_id)
        for attribute in self.attributes:
            if attribute["id"]:
                ids.update(attribute["options"])
        return ids


PRODUCTS = Table(
    Product,
    "woo_products",
    columns=(
        "created", "modified", "type", "is_variation", "trashed", "parent_id", "status", "name", "name_key", "words",
        "slug", "sku", "sku_key", "global_unique_id", "menu_order", "featured", "visibility", "virtual",
        "downloadable", "on_sale", "priced", "price_from", "price_to", "due_at", "manage_stock", "stock_quantity",
        "stock_status", "total_sales", "rating",
    ),
    indexes=[
        ("is_variation", "trashed", "created", "id", "modified"),
        ("is_variation", "trashed", "modified", "id", "created"),
        ("is_variation", "trashed", "name_key", "id"),
        ("is_variation", "trashed", "price_from", "id"),
        ("is_variation", "trashed", "price_to", "id"),
        ("is_variation", "trashed", "slug", "id"),
        ("is_variation", "trashed", "total_sales", "id"),
        ("is_variation", "trashed", "rating", "id"),
        ("is_variation", "trashed", "menu_order", "name_key", "id", "sku_key"),
        ("is_variation", "trashed", "id"),
        (
            "is_variation", "trashed", "status", "type", "stock_status", "on_sale", "featured", "virtual",
            "downloadable", "parent_id", "priced", "price_from", "price_to", "created", "modified", "id",
        ),  # whatever is filtered by these is counted in the index alone
        ("sku_key", "trashed", "id"),
        ("slug", "is_variation", "id"),  # with less in these two, SQLite takes another and reads all that is in it
        ("parent_id", "is_variation", "trashed", "id"),
        ("global_unique_id",),
        ("due_at",),
    ],
)  # fmt: skip


@dataclass(frozen=True)
class ProductTerm:
    """A product carries a term: category, tag, brand, shipping class or a value of a shared attribute."""

    product_id: int
    term_id: int


PRODUCT_TERMS = Table(
    ProductTerm,
    "woo_product_terms",
    key=("product_id", "term_id"),
    indexes=[("term_id", "product_id")],
)

TABLES = (PRODUCTS, PRODUCT_TERMS)
C = PRODUCTS.c
UNSET_STATUSES = frozenset({"trash", "auto-draft"})


def now(here: Emulation) -> datetime:
    """The store counts whole seconds."""
    return here.clock.now.replace(microsecond=0)


def remembered(
    here: Emulation, tables: Iterable[str], question: Any, answer: Callable[[], T], *, about: Any = None
) -> T:
    """The answer to a question about these tables, kept until one of them changes, or it is asked about another
    thing."""
    memos, versions = here.store.memos, here.store.versions
    if memos is None:
        return answer()
    slot = ("woocommerce", question)
    version = [about, *[versions.get(name, 0) for name in tables]]
    kept = memos.get(slot)
    if kept is not None and kept[0] == version:
        return kept[1]  # type: ignore[no-any-return]
    value = answer()
    memos[slot] = (version, value)
    return value


def carried_over(here: Emulation, table: str, question: Any, change: Callable[[T], T] = lambda answer: answer) -> None:
    """What was remembered of a table up to its last change is, changed like this, also the answer after it."""
    memos, version = here.store.memos, here.store.versions.get(table, 0)
    slot = ("woocommerce", question)
    kept = memos.get(slot) if memos is not None else None
    if memos is not None and kept is not None and kept[0] == [None, version - 1]:
        memos[slot] = ([None, version], change(kept[1]))


# -- what follows from what


def _searched(product: Product) -> tuple[str, ...]:
    """What a search looks through; WordPress keeps the description of a variation where it does not look."""
    return product.name, product.short_description, "" if product.is_variation else product.description


def derived(product: Product, at: datetime) -> Product:
    """With the price that counts at this time and the columns that lists search by.

    Parents keep what `synced` found in their variations.
    """
    changes: dict[str, Any] = {
        "is_variation": product.type == "variation",
        "trashed": product.status in UNSET_STATUSES,
        "name_key": texts.folded(product.name),
        "words": texts.folded("\n".join(filter(None, _searched(product)))),
        "sku_key": texts.folded(product.sku),
    }
    due = product.created if product.status == "future" else None
    if not product.variable and product.type != "grouped":
        starts, ends = product.sale_starts, product.sale_ends
        sale = prices.sale_kept(product.regular_price, product.sale_price)
        on_sale = prices.on_sale(product.regular_price, sale, starts, ends, at)
        price = sale if on_sale else product.regular_price
        amount = float(prices.number(price))
        changes |= {"sale_price": sale, "on_sale": on_sale, "price": price, "priced": price != ""}
        changes |= {"price_from": amount, "price_to": amount}
        due = min((t for t in (due, prices.next_change(sale, starts, ends, at)) if t), default=None)
    changes["due_at"] = due
    return replace(product, **changes)


def synced(parent: Product, children: Sequence[Product]) -> Product:
    """A variable product after its variations: the lowest price, any sale, and stock unless it manages its own."""
    shown = [c for c in children if c.status == "publish" and c.price != ""]
    by_price = sorted(shown, key=lambda c: prices.number(c.price))
    by_regular = sorted(shown, key=lambda c: prices.number(c.regular_price))
    price_range: list[str] = []
    if shown:
        price_range = [by_price[0].price, by_price[-1].price]
        price_range += [by_regular[0].regular_price, by_regular[-1].regular_price]
    return replace(
        parent,
        regular_price="",
        sale_price="",
        price=price_range[0] if shown else "",
        priced=bool(shown),
        price_from=float(prices.number(price_range[0])) if shown else 0.0,
        price_to=float(prices.number(price_range[1])) if shown else 0.0,
        price_range=price_range,
        on_sale=any(c.on_sale for c in shown),
        children=[c.id for c in sorted(children, key=lambda c: (c.menu_order, c.id)) if c.status in _LISTED],
        stock_status=parent.stock_status
        if parent.manage_stock
        else stock_rules.summed(c.stock_status for c in children if c.status in _LISTED),
    )


_LISTED = frozenset({"publish", "private"})


# -- finding and keeping

_WITH_SKU = Statement(
    PRODUCTS.select.where(C.sku_key == sa.bindparam("sku"), C.trashed.is_(False)).order_by(C.id).limit(1)
)
_FIRST_DUE = Statement(sa.select(sa.func.min(C.due_at, type_=C.due_at.type)))


def found(here: Emulation, product_id: int) -> Product | None:
    """A product or variation by id, in any status."""
    catch_up(here)
    return here.store[Product].get(product_id)


def by_sku(here: Emulation, sku: str) -> Product | None:
    """The product or variation with this SKU, whatever its case; trashed ones do not count."""
    if not sku:
        return None
    catch_up(here)
    return next(iter(here.store[Product].ask(_WITH_SKU, sku=texts.folded(sku))), None)


def variations_of(here: Emulation, parent_id: int, *, trashed: bool = False) -> list[Product]:
    where = [C.parent_id == parent_id, C.is_variation.is_(True)]
    if not trashed:
        where.append(C.trashed.is_(False))
    return here.store[Product].all(*where, order=[C.id])


def kept(here: Emulation, product: Product, old: Product | None = None) -> Product:
    """Stored, with all that follows from it, and with its terms.  `old` is what was stored before."""
    product = derived(product, here.clock.now)
    if old is None:
        here.store[Product].put(product)
    else:
        here.store[Product].change(old, product)
    if product.due_at is None and (old is None or old.due_at is None):
        carried_over(here, "woo_products", "first due")
    before, after = old.term_ids() if old else set(), product.term_ids()
    terms = here.store[ProductTerm]
    if gone := before - after:
        terms.delete_where(PRODUCT_TERMS.c.product_id == product.id, PRODUCT_TERMS.c.term_id.in_(gone))
    if old is not None and old.status != product.status:
        before = set()  # they are written again: which products of a term are the newest is asked anew then
    terms.put_all([ProductTerm(product.id, term) for term in sorted(after - before)])
    if old is None and product.status == "publish":
        for term in after:
            carried_over(here, "woo_product_terms", ("newest of", term), partial(_with_newer, product.id))
    return product


NEWEST = 6  # products of a term that are remembered
_T = PRODUCT_TERMS.c
_NEWEST_OF = Statement(
    sa.select(_T.product_id)
    .join(PRODUCTS.sql, C.id == _T.product_id)
    .where(_T.term_id == sa.bindparam("term", type_=sa.BigInteger()), C.status == "publish")
    .order_by(_T.product_id.desc())
    .limit(NEWEST)
)


def newest_of(here: Emulation, term: int) -> list[int]:
    """The newest products that carry a term, the newest first."""

    def asked() -> list[int]:
        return [int(row[0]) for row in here.store.run(_NEWEST_OF, term=term)]

    return remembered(here, ("woo_product_terms",), ("newest of", term), asked)


def _with_newer(number: int, known: list[int]) -> list[int]:
    return sorted({number, *known}, reverse=True)[:NEWEST]


def parent_synced(here: Emulation, parent_id: int, *, touched: bool = True) -> Product | None:
    """The parent after one of its variations changed; `touched` moves its date of change."""
    parent = here.store[Product].get(parent_id)
    if parent is None:
        return None
    after = synced(parent, variations_of(here, parent_id)) if parent.variable else parent
    if touched:
        after = replace(after, modified=now(here))
    if after != parent:
        after = kept(here, after, parent)
    return after


def removed(here: Emulation, product: Product) -> None:
    """Gone for good, with its variations."""
    for child in variations_of(here, product.id, trashed=True):
        here.store[Product].delete(child.id)
    here.store[ProductTerm].delete_where(PRODUCT_TERMS.c.product_id == product.id)
    here.store[Product].delete(product.id)


# -- what time does


def catch_up(here: Emulation) -> None:
    """Carry out what fell due by the clock: sales that began or ended, products whose date of publishing came."""
    first_due = remembered(here, ("woo_products",), "first due", lambda: _first_due(here))
    if first_due is None or first_due > here.clock.now:
        return
    at = here.clock.now
    parents: set[int] = set()
    for product in here.store[Product].all(C.due_at <= at, order=[C.due_at, C.id]):
        status = "publish" if product.status == "future" and product.created <= at else product.status
        kept(here, replace(product, status=status, due_at=None), product)
        if product.is_variation:
            parents.add(product.parent_id)
    for parent_id in sorted(parents):
        parent_synced(here, parent_id, touched=False)


def _first_due(here: Emulation) -> datetime | None:
    ((due,),) = here.store.run(_FIRST_DUE)
    return due  # type: ignore[no-any-return]
