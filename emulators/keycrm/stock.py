"""Stock: levels by warehouse, and the movements that are the only way to change them.

A level never changes without a movement, and the movements of a level add up to it. Quantities and reserves
are whole thousandths (`quantities`). Stock may be negative and may be reserved beyond what is there: KeyCRM
leaves it to the shop to clamp (seen live by public clients).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import TypeVar

import sqlalchemy as sa

from ..kernel import Emulation, Table, dataclass
from ..quantities import Thousandths

T = TypeVar("T")

CHUNK = 5_000  # values in one IN (...) list


class Kind(Enum):
    """Which document or event moved stock."""

    OPENING = "opening"
    API = "api"
    IMPORT = "import"
    ADJUSTMENT = "adjustment"
    RECEIPT = "receipt"
    TRANSFER = "transfer"
    RESERVE = "reserve"
    RELEASE = "release"
    ORDER = "order"


@dataclass(frozen=True)
class Warehouse:
    id: int
    name: str
    description: str = ""
    is_active: bool = True


WAREHOUSES = Table(Warehouse, "keycrm_warehouses", columns=("name",))


@dataclass(frozen=True)
class Level:
    """What one warehouse has of one offer."""

    offer_id: int
    warehouse_id: int
    quantity: Thousandths = 0
    reserve: Thousandths = 0


LEVELS = Table(
    Level,
    "keycrm_levels",
    key=("offer_id", "warehouse_id"),
    columns=("quantity", "reserve"),
    indexes=[("warehouse_id",)],
)


@dataclass(frozen=True)
class Change:
    """How much one level is to move, up or down."""

    offer_id: int
    warehouse_id: int
    quantity: Thousandths = 0
    reserve: Thousandths = 0

    @property
    def nothing(self) -> bool:
        return not self.quantity and not self.reserve


@dataclass(frozen=True)
class Movement:
    """One change that happened to one level, and what the level was afterwards."""

    id: int
    offer_id: int
    warehouse_id: int
    kind: Kind
    quantity: Thousandths
    reserve: Thousandths
    quantity_after: Thousandths
    reserve_after: Thousandths
    at: datetime
    order_id: int | None = None


MOVEMENTS = Table(
    Movement, "keycrm_movements", columns=("offer_id", "warehouse_id", "order_id"), indexes=[("offer_id",)]
)


@dataclass(frozen=True)
class Total:
    """What several warehouses have of one offer together."""

    quantity: Thousandths = 0
    reserve: Thousandths = 0


# -- rules


def moved(level: Level, change: Change) -> Level:
    return replace(level, quantity=level.quantity + change.quantity, reserve=level.reserve + change.reserve)


def brought_to(level: Level, quantity: Thousandths) -> Change:
    """The change that leaves exactly this quantity, whatever was there; the reserve stays."""
    return Change(level.offer_id, level.warehouse_id, quantity - level.quantity)


def transferred(offer_id: int, source: int, target: int, quantity: Thousandths) -> list[Change]:
    return [Change(offer_id, source, -quantity), Change(offer_id, target, quantity)]


def merged(changes: Iterable[Change]) -> list[Change]:
    """One change per level, without those that change nothing."""
    sums: dict[tuple[int, int], Change] = {}
    for change in changes:
        key = (change.offer_id, change.warehouse_id)
        before = sums.get(key, Change(*key))
        sums[key] = replace(before, quantity=before.quantity + change.quantity, reserve=before.reserve + change.reserve)
    return [change for change in sums.values() if not change.nothing]


def applied(
    levels: Mapping[tuple[int, int], Level],
    changes: Sequence[Change],
    *,
    kind: Kind,
    first_id: int,
    at: datetime,
    order_id: int | None = None,
) -> tuple[list[Level], list[Movement]]:
    """The levels after these changes, and the movements that tell of them: exactly one per change."""
    after: list[Level] = []
    movements: list[Movement] = []
    for number, change in enumerate(changes):
        key = (change.offer_id, change.warehouse_id)
        level = moved(levels.get(key, Level(*key)), change)
        after.append(level)
        movements.append(
            Movement(
                first_id + number,
                *key,
                kind,
                change.quantity,
                change.reserve,
                level.quantity,
                level.reserve,
                at,
                order_id,
            )
        )
    return after, movements


def added_up(levels: Iterable[Level], warehouses: Sequence[int] = ()) -> dict[int, Total]:
    """Totals by offer over these warehouses; none named means all."""
    totals: dict[int, Total] = {}
    for level in levels:
        if not warehouses or level.warehouse_id in warehouses:
            before = totals.get(level.offer_id, Total())
            totals[level.offer_id] = Total(before.quantity + level.quantity, before.reserve + level.reserve)
    return totals


# -- in the store


def level(here: Emulation, offer_id: int, warehouse_id: int) -> Level:
    return here.store[Level].get((offer_id, warehouse_id)) or Level(offer_id, warehouse_id)


def levels_of(here: Emulation, offer_ids: Sequence[int]) -> list[Level]:
    """All levels of these offers, by offer and warehouse."""
    found: list[Level] = []
    for some in chunks(offer_ids):
        found += here.store[Level].all(LEVELS.c.offer_id.in_(some), order=[LEVELS.c.offer_id, LEVELS.c.warehouse_id])
    return found


def totals_of(here: Emulation, offer_ids: Sequence[int]) -> dict[int, Total]:
    return added_up(levels_of(here, offer_ids))


def all_totals(here: Emulation) -> dict[int, Total]:
    c = LEVELS.c
    statement = sa.select(c.offer_id, sa.func.sum(c.quantity), sa.func.sum(c.reserve)).group_by(c.offer_id)
    return {row[0]: Total(int(row[1]), int(row[2])) for row in here.store.execute(statement)}


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
