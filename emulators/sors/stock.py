"""Stock: what each business unit has of each article, and the movements that are the only way to change it.

A level never changes without a movement, and the movements of a level add up to it. Quantities are whole thousandths.
Source: SORS help and plugin page (quantities with three decimals, reservations, stock mode). Assumed: the path, the
fields, and that the mode decides which number stands in `quantity`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Statement, Table, dataclass, emulation
from ..quantities import Thousandths, number, rendered
from .catalogue import ARTICLES, Article, moment_of, price_type_of, prices
from .envelope import page_of
from .errors import Invalid

MOST_IDS = 200  # articles that one request may name
MOST_ID = 9_007_199_254_740_991


@dataclass(frozen=True)
class Level:
    """What one unit has of one article. What is reserved is still there, and not available."""

    database: str
    unit_id: int
    article_id: int
    on_hand: Thousandths = 0
    reserved: Thousandths = 0
    changed_at: datetime | None = None

    @property
    def available(self) -> Thousandths:
        return self.on_hand - self.reserved


LEVELS = Table(
    Level,
    "sors_levels",
    key=("database", "unit_id", "article_id"),
    columns=("on_hand", "reserved", "changed_at"),
)
_L = LEVELS.c
_SUMS = (
    sa.select(_L.article_id, sa.func.sum(_L.on_hand), sa.func.sum(_L.reserved))
    .where(_L.database == sa.bindparam("database"))
    .group_by(_L.article_id)
)
_TOTALS, _TOTALS_OF_UNIT = Statement(_SUMS), Statement(_SUMS.where(_L.unit_id == sa.bindparam("unit")))


@dataclass(frozen=True)
class Change:
    """How much one level is to move, up or down."""

    unit_id: int
    article_id: int
    on_hand: Thousandths = 0
    reserved: Thousandths = 0

    @property
    def nothing(self) -> bool:
        return not self.on_hand and not self.reserved


@dataclass(frozen=True)
class Movement:
    """One change that happened. `kind`: opening, count, or the type of the document that `document_id` names."""

    database: str
    id: int
    unit_id: int
    article_id: int
    kind: str
    on_hand: Thousandths
    reserved: Thousandths
    at: datetime
    document_id: int | None = None


MOVEMENTS = Table(Movement, "sors_movements", key=("database", "id"), columns=("unit_id", "article_id"))


# -- rules


def moved(level: Level, change: Change, at: datetime) -> Level:
    return replace(
        level, on_hand=level.on_hand + change.on_hand, reserved=level.reserved + change.reserved, changed_at=at
    )


def merged(changes: Iterable[Change]) -> list[Change]:
    """One change per level, without those that change nothing."""
    sums: dict[tuple[int, int], Change] = {}
    for change in changes:
        key = (change.unit_id, change.article_id)
        before = sums.get(key, Change(*key))
        sums[key] = replace(before, on_hand=before.on_hand + change.on_hand, reserved=before.reserved + change.reserved)
    return [change for change in sums.values() if not change.nothing]


# -- in the store


def level(here: Emulation, database: str, unit_id: int, article_id: int) -> Level:
    return here.store[Level].get((database, unit_id, article_id)) or Level(database, unit_id, article_id)


def move(
    here: Emulation, database: str, changes: Iterable[Change], kind: str, *, document_id: int | None = None
) -> None:
    """Change levels, each with its movement."""
    at = here.clock.now
    wanted = merged(changes)
    if not wanted:
        return
    first = here.ids.next(f"sors.{database}.movement", len(wanted))
    levels = [moved(level(here, database, c.unit_id, c.article_id), c, at) for c in wanted]
    here.store[Level].put_all(levels)
    here.store[Movement].put_all(
        [
            Movement(database, first + n, c.unit_id, c.article_id, kind, c.on_hand, c.reserved, at, document_id)
            for n, c in enumerate(wanted)
        ]
    )


def bring_to(
    here: Emulation, article: Article, unit_id: int, on_hand: Thousandths, *, reserved: Thousandths | None = None,
    kind: str = "count",
) -> None:  # fmt: skip
    """Leave exactly this quantity, and this much of it reserved unless that is None. From then on the unit keeps the
    article, also when the quantity is zero."""
    now = level(here, article.database, unit_id, article.id)
    if now.changed_at is None:
        here.store[Level].put(replace(now, changed_at=here.clock.now))
    aside = 0 if reserved is None else reserved - now.reserved
    move(here, article.database, [Change(unit_id, article.id, on_hand - now.on_hand, aside)], kind)


# -- requests


def list_all(
    database: str,
    businessUnitId: int,
    page: int,
    pageSize: int,
    stockMode: str,
    priceType: str | None = None,
    articleIds: str | None = None,
    changedSince: str | None = None,
) -> dict[str, Any]:
    """What a unit keeps, by article. Articles that it never had are not listed, which is not the same as zero."""
    here = emulation()
    kind = price_type_of(here, database, businessUnitId, priceType)
    where: list[Any] = [LEVELS.c.database == database, LEVELS.c.unit_id == businessUnitId]
    if articleIds is not None:
        where.append(LEVELS.c.article_id.in_(_ids(articleIds)))
    if changedSince is not None:
        where.append(LEVELS.c.changed_at >= moment_of(changedSince, "changedSince"))

    def shown(levels: list[Level]) -> list[dict[str, Any]]:
        wanted = [one.article_id for one in levels]
        found = here.store[Article].all(ARTICLES.c.database == database, ARTICLES.c.id.in_(wanted))
        articles = {article.id: article for article in found}
        return [_row(one, articles[one.article_id], stockMode, kind) for one in levels]

    return page_of(here, LEVELS, *where, page=page, size=pageSize, order=LEVELS.c.article_id, render=shown)


def _row(level: Level, article: Article, mode: str, price_type: str) -> dict[str, Any]:
    net, gross = prices(article, price_type)
    return {
        "articleId": article.id,
        "code": article.code,
        "businessUnitId": level.unit_id,
        "quantity": rendered(level.on_hand if mode == "onHand" else level.available),
        "onHand": rendered(level.on_hand),
        "reserved": rendered(level.reserved),
        "available": rendered(level.available),
        "price": number(net),
        "priceWithVat": number(gross),
    }


def _ids(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > MOST_IDS or not all(p.isascii() and p.isdigit() and int(p) <= MOST_ID for p in parts):
        raise Invalid({"articleIds": f"These are up to {MOST_IDS} ids, by comma."})
    return [int(part) for part in parts]


def totals(here: Emulation, database: str, unit_id: int | None = None) -> dict[int, tuple[Thousandths, Thousandths]]:
    """On hand and reserved by article, over all units or in one."""
    if unit_id is None:
        rows = here.store.run(_TOTALS, database=database)
    else:
        rows = here.store.run(_TOTALS_OF_UNIT, database=database, unit=unit_id)
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}
