"""Lists of products and variations: which ones are meant, in which order, and how many there are.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation
from . import dates, pages, php, respond, settings, shared_attributes, term, texts
from .params import Params
from .product import PRODUCT_TERMS, PRODUCTS, Product, remembered

C = PRODUCTS.c
Conditions = list[Any]

_WORDS = re.compile(r'".*?(?:"|$)|[^\s",+]+')
_STOP_WORDS = frozenset(
    (
        "about", "an", "are", "as", "at", "be", "by", "com", "for", "from", "how", "in", "is", "it", "of", "on", "or",
        "that", "the", "this", "to", "was", "what", "when", "where", "who", "will", "with", "www",
    )
)  # fmt: skip
_ESCAPE = "\\"
MOST_WORDS = 9
FEW = 3_000
SHUFFLED = "equal_dates_shuffled"
_COLUMNS = {"date": C.created, "modified": C.modified, "title": C.name_key, "slug": C.slug, "id": C.id}
_INNER = PRODUCTS.sql.alias().c
_NO_VARIATION, _NOT_TRASHED = C.is_variation.is_(False), C.trashed.is_(False)
_UNCOUNTED = frozenset(
    ("page", "per_page", "offset", "order", "orderby", "context", "include_meta", "exclude_meta", "product_id")
)


Rows = Sequence[Sequence[Any]]


def products(here: Emulation, params: Params) -> tuple[list[Product], int]:
    """One page, and how many there are in all."""
    rows, total = product_rows(here, params)
    return [here.store[Product].read(row) for row in rows], total


def product_rows(here: Emulation, params: Params) -> tuple[Rows, int]:
    """One page as the database has it, and how many there are in all."""
    where = _by_kind(here, params)
    where += _shared(here, params)
    where += _by_terms(here, params)
    if kind := params.get("type"):
        where.append(C.type == kind)
    if kinds := params.get("include_types"):
        where.append(C.type.in_(kinds))
    if kinds := params.get("exclude_types"):
        where.append(C.type.not_in(kinds))
    if params.get("featured") is not None:
        where.append(C.featured.is_(params["featured"]))
    where += _searched(here, params)
    return _page(here, where, params, "products")


def variations(here: Emulation, params: Params, parent_id: int | None = None) -> tuple[list[Product], int]:
    where: Conditions = [C.is_variation.is_(True)]
    if parent_id is not None:
        where.append(C.parent_id == parent_id)
    where += _shared(here, params)
    if skus := _skus(params.get("sku")):
        where.append(C.sku_key.in_(skus))
    if params.get("search"):
        where += _in_words(here, params["search"])
    for wanted in params.get("attributes") or ():
        if isinstance(wanted, Mapping) and wanted.get("attribute") is not None and wanted.get("term") is not None:
            key, value = (php.text(wanted[name]) for name in ("attribute", "term"))
            where.append(C.id.in_(_standing_for(here, key, texts.folded(value))))
    if params.get("has_price") is not None:
        where.append(C.priced.is_(params["has_price"]))
    rows, total = _page(here, where, params, ("variations", parent_id))
    return [here.store[Product].read(row) for row in rows], total


def _standing_for(here: Emulation, key: str, value: str) -> list[int]:
    """Variations by the key of an attribute and what they have chosen there."""

    def found() -> list[int]:
        chosen = here.store[Product].all(C.is_variation.is_(True))
        return [v.id for v in chosen if key in v.options and texts.folded(v.options[key]) == value]

    return remembered(here, (PRODUCTS.name,), ("standing for", key, value), found)


def _by_kind(here: Emulation, params: Params) -> Conditions:
    """Variations are found only by what names one of them: a SKU, a GTIN, a search in chosen fields."""
    if _search_in_fields(params) or php.text(params.get("search_name_or_sku")).strip():
        return []
    if partial := php.text(params.get("search_sku")):
        pattern = _pattern(partial)
        return _looked_at(here, C.sku_key, [texts.folded(partial)], lambda c: [c.like(pattern, escape=_ESCAPE)])
    if skus := _skus(params.get("sku")):
        return [C.sku_key.in_(skus)]
    return [] if _listed(params.get("global_unique_id")) else [_NO_VARIATION]


def _search_in_fields(params: Params) -> bool:
    return bool(params.get("search_fields")) and bool(php.text(params.get("search")).strip())


def _listed(value: Any) -> list[str]:
    return [texts.folded(word.strip()) for word in _parts(value) if word.strip()]


def _parts(value: Any) -> list[str]:
    return php.text(value).replace("\0", "").split(",")


def _skus(value: Any) -> list[str]:
    """A space after a comma is part of a SKU, and one at its end makes no difference to the database."""
    return [texts.folded(word.rstrip()) for word in _parts(value) if word.strip()]


def _shared(here: Emulation, params: Params) -> Conditions:
    """The filters that products and variations have alike."""
    where = _by_status(params) + _by_id_and_sale(params)
    if parents := params.get("parent"):
        where.append(C.parent_id.in_(parents))
    if parents := params.get("parent_exclude"):
        where.append(C.parent_id.not_in(parents))
    if slug := params.get("slug"):
        where.append(C.slug == texts.slug(php.text(slug)))
    for flag, column in (("virtual", C.virtual), ("downloadable", C.downloadable)):
        if params.get(flag) is not None:
            where.append(column.is_(params[flag]))
    if status := params.get("stock_status"):
        where.append(C.stock_status == status)
    if codes := _listed(params.get("global_unique_id")):
        where.append(C.global_unique_id.in_(codes))
    if wanted := php.text(params.get("tax_class")):
        where.append(C.id.in_(_taxed(here, "" if wanted == "standard" else wanted)))
    where += _by_price(params)
    return where + dates.bounds(here, params, C.created, C.modified)


def _by_id_and_sale(params: Params) -> Conditions:
    """What is on sale is a list of ids to the real store, laid under the one that was asked for, place by place: the
    list asked for comes first and hides as many of the other as it is long. Only without a list of what to include does
    it look at what to exclude (https://developer.wordpress.org/reference/functions/wp_query/, `post__in`)."""
    include, exclude = params.get("include") or [], params.get("exclude") or []
    on_sale = params.get("on_sale")
    if on_sale and include:
        return [sa.or_(C.id.in_(include), C.id.in_(_lowered(after=len(include))))]
    if on_sale:
        return [_is_lowered(C)]
    if include:
        return [C.id.in_(include)]
    if on_sale is False and exclude:
        return [C.id.not_in(exclude), C.id.not_in(_lowered(after=len(exclude)))]
    if on_sale is False:
        return [sa.not_(_is_lowered(C))]
    return [C.id.not_in(exclude)] if exclude else []


def _is_lowered(columns: Any) -> sa.ColumnElement[bool]:
    """A group or a draft says so of itself, and is not listed."""
    return sa.and_(columns.on_sale.is_(True), columns.type != "grouped", columns.status == "publish")


def _lowered(after: int) -> sa.Select[Any]:
    return sa.select(_INNER.id).where(_is_lowered(_INNER)).order_by(_INNER.id).offset(after)


def _taxed(here: Emulation, tax_class: str) -> list[int]:
    """Products and variations of a tax class; each of them is read once, and again only when one has changed."""

    def found() -> list[int]:
        return [p.id for p in here.store[Product].all() if p.tax_class == tax_class]

    return remembered(here, (PRODUCTS.name,), ("taxed", tax_class), found)


def _by_price(params: Params) -> Conditions:
    """Products that have a price between these; of several prices (of variations, or a group's lowest and highest) one
    has to be. Without either bound, or with "0" for both, nothing is asked."""
    low, high = (php.text(params.get(name)) for name in ("min_price", "max_price"))
    if low in ("", "0") and high in ("", "0"):
        return []
    least = php.number(low)
    where: Conditions = [C.priced.is_(True), C.price_to + 0.0 >= least]
    if params.get("max_price") is not None:
        most = php.number(high)
        between = sa.select(_INNER.parent_id).where(
            _INNER.is_variation.is_(True), _INNER.status == "publish", _INNER.price_from.between(least, most)
        )
        has_one = sa.or_(
            C.type.not_in(("variable", "grouped")), C.price_from >= least, C.price_to <= most, C.id.in_(between)
        )
        where += [C.price_from + 0.0 <= most, has_one]
    return where


def _by_status(params: Params) -> Conditions:
    """Everything but the trash, unless a status is asked for; lists outrank the single one. What is excluded is left
    out of that."""
    wanted = params.get("include_status") or [params.get("status") or "any"]
    where: Conditions = [_NOT_TRASHED] if "any" in wanted or "trash" not in wanted else []
    if "any" not in wanted:
        where.append(C.status.in_(wanted))
    if excluded := params.get("exclude_status"):
        where.append(C.status.not_in(excluded))
    return where


def _by_terms(here: Emulation, params: Params) -> Conditions:
    where: Conditions = []
    for name, family in (
        ("category", term.CATEGORIES),
        ("brand", term.BRANDS),
        ("tag", term.TAGS),
        ("shipping_class", term.SHIPPING_CLASSES),
    ):
        if params.get(name) not in (None, ""):
            wanted: set[int] = set()
            for term_id in php.ids(params[name]):
                wanted |= term.subtree(here, term_id) if family.hierarchical else {term_id}
            known = term.all_by_id(here)
            where.append(_carrying(i for i in wanted if i in known and known[i].taxonomy == family.taxonomy))
    shared = shared_attributes.by_key(here, php.text(params.get("attribute")))
    if shared is not None and params.get("attribute_term") not in (None, ""):
        where.append(_carrying(php.ids(params["attribute_term"])))
    return where


def _carrying(term_ids: Iterable[int]) -> Any:
    links = PRODUCT_TERMS.c
    return C.id.in_(sa.select(links.product_id).where(links.term_id.in_(sorted(term_ids))))


def _searched(here: Emulation, params: Params) -> Conditions:
    """A search in chosen fields outranks one for name or SKU, and that the others."""
    text = php.text(params.get("search")).strip()
    if _search_in_fields(params):
        return _tokens_in(text, [column for name, column in _SEARCHED.items() if name in params["search_fields"]])
    if wanted := php.text(params.get("search_name_or_sku")).strip():
        return _tokens_in(wanted, [C.name_key, C.sku_key])
    return _in_words(here, text) if text else []


def _tokens_in(text: str, columns: Sequence[Any]) -> Conditions:
    """Each word, as it is, in one of the columns."""
    return [
        sa.or_(*(column.like(_pattern(word), escape=_ESCAPE) for column in columns)) for word in text.split(" ") if word
    ]


_SEARCHED = {
    "name": C.name_key,
    "sku": C.sku_key,
    "global_unique_id": C.global_unique_id,
    "description": C.words,
    "short_description": C.words,
}


def searched_words(text: str) -> list[str]:
    """The words that all have to occur: phrases in quotes stay whole; single letters, a lone 0 and stop words do
    not count, unless nothing else is left or there are more than nine."""
    words = [texts.folded(w.strip('"\t \n')) for w in _WORDS.findall(text)]
    words = [w for w in words if w and w != "0" and not re.fullmatch(r"[a-z\-]", w) and w not in _STOP_WORDS]
    return words if 0 < len(words) <= MOST_WORDS else [texts.folded(text)]


def matching(text: str, *columns: Any) -> Conditions:
    """Every word in one of the columns; a word after a minus in none."""
    where: Conditions = []
    for word in searched_words(text):
        excluded = word.startswith("-") and len(word) > 1
        pattern = _pattern(word[1:] if excluded else word)
        found = sa.or_(*(column.like(pattern, escape=_ESCAPE) for column in columns))
        where.append(sa.not_(found) if excluded else found)
    return where


def _in_words(here: Emulation, text: str) -> Conditions:
    """Products whose texts hold every word."""
    wanted = [word for word in searched_words(text) if word[0] != "-"]
    return _looked_at(here, C.words, wanted, lambda column: matching(text, column))


def _looked_at(here: Emulation, column: Any, held: Sequence[str], found: Callable[[Any], Conditions]) -> Conditions:
    """The conditions on a column that holds these texts; in a large store those are looked at that may hold them."""
    may_hold = here.store.may_hold(column, held)
    if may_hold is None:
        return found(column)
    return [C.id.in_(sa.select(_INNER.id).where(_INNER.id.in_(may_hold), *found(_INNER[column.name])))]


def _pattern(text: str) -> str:
    escaped = re.sub(r"([\\%_])", r"\\\1", texts.folded(text.replace("\0", "")))
    return f"%{escaped}%"


def _page(here: Emulation, where: Conditions, params: Params, about: Any) -> tuple[Rows, int]:
    records = here.store[Product]
    classified = tuple(here.store.versions.get(name, 0) for name in ("woo_terms", "woo_product_terms"))
    question = (about, classified, pages.asked(params, without=_UNCOUNTED))
    total = records.count(*where, memo=question)
    offset = respond.offset(params)
    if offset >= total:
        return [], total
    order, limit = _order(params, here), params["per_page"]
    few = total <= FEW and not any(map(params.get, _READ_THROUGH))
    if not few and offset < FEW and params["orderby"] != "random" and not any(map(params.get, _TOLD_APART)):
        return records.rows(*where, order=order, limit=limit, offset=offset), total
    if few and here.store.dialect == "sqlite":
        order = [_by_sorting(one) for one in order]
    ids = records.keys(*where, order=order, limit=limit, offset=offset)
    found = {row[0]: row for row in records.rows(C.id.in_(ids))}
    return [found[number] for number in ids], total


_READ_THROUGH = ("search", "search_sku", "search_name_or_sku")
"""No index answers these: each product is looked at, so it is better to stop as soon as a page is full."""
_TOLD_APART = ("after", "before", "modified_after", "modified_before", "min_price", "max_price")
"""With these, which products a page shows is asked first, and what they are then: an index answers the first."""


@lru_cache(maxsize=256)
def _by_sorting(order: Any) -> Any:
    """The same order, not read from an index: few are found by what they are, and walking through all in order to
    find them costs more than sorting. A plus sign keeps SQLite from the index."""
    if isinstance(order, sa.UnaryExpression) and isinstance(order.element, sa.Column):
        return sa.literal_column(f"+{order.element}").desc()
    return sa.literal_column(f"+{order}") if isinstance(order, sa.Column) else order


def _order(params: Params, here: Emulation) -> list[Any]:
    by, down = params["orderby"], params["order"] == "desc"
    include = params.get("include") or []
    if by in ("include", "post__in") and include:
        place = sa.case({product_id: at for at, product_id in enumerate(include)}, value=C.id)
        return [place]
    if by == "price":
        return [C.price_to.desc(), C.id.desc()] if down else [C.price_from, C.id]
    if by in ("popularity", "sales"):
        return [C.total_sales.desc(), C.id.desc()] if down or by == "popularity" else [C.total_sales, C.id]
    if by == "rating":
        return [C.rating.desc(), C.id.desc()]
    if by == "random":
        seed = int(here.ids.hex(6), 16) | 1
        return [(C.id * seed) % 7919, C.id]
    if by in ("date", "modified") and settings.changed(here).get(SHUFFLED) and params["page"] % 2 == 0:
        date, _ = _by_columns(by, down)
        return [date, C.id if down else C.id.desc()]
    return _by_columns(by, down)


@lru_cache(maxsize=64)
def _by_columns(by: str, down: bool) -> list[Any]:
    columns = [C.menu_order, C.name_key, C.id] if by == "menu_order" else [_COLUMNS.get(by, C.created), C.id]
    if by == "id":
        columns = [C.id]
    return [column.desc() if down else column for column in columns]
