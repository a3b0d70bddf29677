"""What a person at SORS's desk does to articles, groups and pictures; states and moves share it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from ..kernel import Emulation, LabError
from ..quantities import Thousandths, money, thousandths
from .catalogue import GROUPS, KINDS, Article, Group, by_code
from .databases import Database, next_id
from .prices import decimals, with_vat

LARGEST = 1_000_000_000
PRICE = 1000.0  # of an article that nobody named one for


def pieces(quantity: float) -> Thousandths:
    """A quantity that somebody names."""
    if abs(quantity) > LARGEST or decimals(quantity) > 3:
        raise LabError(f"a quantity has up to three decimals and is at most {LARGEST}, not {quantity}")
    return thousandths(quantity)


def dinars(amount: float) -> Decimal:
    """A price that somebody names."""
    if not 0 <= amount <= LARGEST:
        raise LabError(f"a price is between 0 and {LARGEST} dinars, not {amount}")
    return money(amount)


def a_group(here: Emulation, database: str, name: str, under: int | None = None) -> Group:
    """The group of this name on its level, made if it is not there."""
    c = GROUPS.c
    found = here.store[Group].first(c.database == database, c.name == name, c.parent_id == under)
    if found is None:
        number = next_id(here, database, "group")
        found = here.store[Group].add(Group(database, number, name, 1 if under is None else 2, under))
    return found


def groups_named(here: Emulation, database: str, group: str, second: str) -> dict[str, int]:
    """The ids of an article's groups, as far as they are named."""
    if second and not group:
        raise LabError(f"the second group {second!r} needs a first one above it")
    found: dict[str, int] = {}
    if group:
        found["group_id"] = a_group(here, database, group).id
    if second:
        found["second_group_id"] = a_group(here, database, second, found["group_id"]).id
    return found


def an_article(
    here: Emulation,
    home: Database,
    code: str,
    *,
    name: str = "",
    price: float | None = None,
    retail: float | None = None,
    vat: float | None = None,
    kind: str = "",
    unit: str = "",
    gtin: str = "",
    group: str = "",
    second_group: str = "",
) -> Article:
    """The article with this code, made if it is not there; what is named of it is so afterwards.

    `price` is the wholesale price without VAT; the retail price follows it unless it is named.
    """
    if not code or len(code) > 50:
        raise LabError("a code has 1 to 50 characters")
    if kind and kind not in KINDS:
        raise LabError(f"an article is {', '.join(KINDS)}, not {kind!r}")
    old = by_code(here, home.id, code)
    changes: dict[str, Any] = groups_named(here, home.id, group, second_group)
    texts = {"name": name, "kind": kind, "unit": unit, "gtin": gtin}
    changes |= {field: value for field, value in texts.items() if value}
    if vat is not None:
        changes["vat_rate"] = Decimal(str(vat))
    rate = changes.get("vat_rate", old.vat_rate if old else Decimal(20))
    if price is None and old is None:
        price = PRICE
    if price is not None:
        changes["wholesale"] = dinars(price)
        changes["retail"] = with_vat(changes["wholesale"], rate)
    if retail is not None:
        changes["retail"] = dinars(retail)
    if old is None:
        made = Article(home.id, next_id(here, home.id, "article"), code, name or code, here.clock.now)
        return here.store[Article].add(replace(made, **changes))
    changed = replace(old, **changes)
    if changed != old:
        changed = here.store[Article].put(replace(changed, changed_at=here.clock.now))
    return changed


def change(here: Emulation, article: Article, **fields: Any) -> Article:
    return here.store[Article].put(replace(article, **fields, changed_at=here.clock.now))
