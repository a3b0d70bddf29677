"""Closing a fiscal year: a new database with everything that goes on, under new ids; the old one can only be read.

Source: Sors API Postman documentation (closing a year makes a new database). Assumed: what is carried over, and that
ids change while codes and PIBs stay. Here every record gets the number that its neighbour had, so that whoever keeps
an id over the year meets another record under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ..kernel import Emulation, LabError
from .catalogue import ARTICLES, GROUPS, Article, Group
from .customers import CUSTOMERS, Customer, charge, entries_of, owed, today
from .databases import UNITS, Database, Unit
from .images import IMAGES, Image
from .stock import LEVELS, Change, Level, move

R = TypeVar("R")


def renumbered(ids: Sequence[int]) -> dict[int, int]:
    """New ids for old ones: counted anew, from one further on."""
    ordered = sorted(ids)
    return {old: ordered[0] + 1 + n for n, old in enumerate(ordered)}


def close(here: Emulation, home: Database) -> Database:
    """Close this database and make the one of the next year."""
    if home.is_demo or home.year is None:
        raise LabError(f"{home.id} belongs to no fiscal year and cannot be closed")
    if home.is_closed:
        raise LabError(f"{home.id} is closed already")
    year = home.year + 1
    name = f"MyDatabase{year}"
    if here.store[Database].get(name) is not None:
        raise LabError(f"there is a database {name} already")
    here.store[Database].put(replace(home, is_closed=True))
    new = here.store[Database].add(
        Database(name, f"Moja firma {year}", year, granted=home.granted, negative_stock=home.negative_stock)
    )
    carry(here, home.id, name)
    return new


def carry(here: Emulation, old: str, new: str) -> None:
    units = _copied(here, Unit, UNITS, old, new, "unit")
    groups = _copied(here, Group, GROUPS, old, new, "group")
    for group in here.store[Group].all(GROUPS.c.database == new):
        if group.parent_id is not None:
            here.store[Group].put(replace(group, parent_id=groups[group.parent_id]))
    articles = _copied(here, Article, ARTICLES, old, new, "article")
    now = here.clock.now
    for article in here.store[Article].all(ARTICLES.c.database == new):
        first, second = groups.get(article.group_id or 0), groups.get(article.second_group_id or 0)
        here.store[Article].put(replace(article, group_id=first, second_group_id=second, changed_at=now))
    _copied(here, Image, IMAGES, old, new, "image")
    for image in here.store[Image].all(IMAGES.c.database == new):
        here.store[Image].put(replace(image, article_id=articles[image.article_id]))
    customers = _copied(here, Customer, CUSTOMERS, old, new, "customer")
    levels = here.store[Level].all(LEVELS.c.database == old, order=[LEVELS.c.unit_id, LEVELS.c.article_id])
    here.store[Level].put_all(
        [Level(new, units[one.unit_id], articles[one.article_id], changed_at=now) for one in levels]
    )
    opening = [Change(units[o.unit_id], articles[o.article_id], o.on_hand, o.reserved) for o in levels]
    move(here, new, opening, "opening")
    for before, after in customers.items():
        balance, _ = owed(entries_of(here, old, before), today(here))
        if balance and (customer := here.store[Customer].get((new, after))):
            charge(here, customer, balance)


def _copied(here: Emulation, record: type[R], table: Any, old: str, new: str, kind: str) -> dict[int, int]:
    """All records of one kind, under new ids."""
    found: list[Any] = here.store[record].all(table.c.database == old, order=[table.c.id])
    if not found:
        return {}
    ids = renumbered([one.id for one in found])
    here.store[record].put_all([replace(one, database=new, id=ids[one.id]) for one in found])
    here.ids.start(f"sors.{new}.{kind}", max(ids.values()) + 1)
    return ids
