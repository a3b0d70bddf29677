"""Numbers that grow and are never given twice, by their kind. In a database of our own they are held here and written
down when that is due: a row for each number that is given would be a twentieth of what it costs to make a product."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .statements import Statement
from .tables import Table, insert

if TYPE_CHECKING:
    from .store import Store


@dataclass(frozen=True)
class Sequence:
    kind: str
    value: int = 0


SEQUENCES = Table(Sequence, "lab_sequences", key="kind", columns=("value",))


@cache
def _taking(dialect: str) -> Statement:
    """Takes that many numbers of a kind, and tells the last."""
    table, count = SEQUENCES.sql, sa.bindparam("count", type_=sa.BigInteger())
    return Statement(
        insert(table, dialect)
        .values(kind=sa.bindparam("kind"), value=count, rest=sa.literal_column("'{}'"))
        .on_conflict_do_update(index_elements=["kind"], set_={"value": table.c.value + count})
        .returning(table.c.value)
    )


class Sequences:
    """The last number of each kind. `drawn` are those of this transaction; where it is undone they were never given.
    A world in memory writes them down when it is copied (`write`), one in a file whenever a transaction is kept."""

    def __init__(self, store: Store, *, lasting: bool) -> None:
        self._store, self._lasting = store, lasting
        self.drawn: dict[str, int] = {}
        self._kept: dict[str, int] = {}
        self._unwritten: set[str] = set()

    def last(self, kind: str) -> int:
        """0 before the first."""
        if self._store.shared:
            return self._read(kind)
        if kind in self.drawn:
            return self.drawn[kind]
        if kind not in self._kept:
            self._kept[kind] = self._read(kind)
        return self._kept[kind]

    def _read(self, kind: str) -> int:
        found = self._store[Sequence].get(kind)
        return found.value if found else 0

    def take(self, kind: str, count: int) -> int:
        """The last of so many new ones."""
        if self._store.shared:
            ((last,),) = self._store.run(_taking(self._store.dialect), kind=kind, count=count)
            return int(last)
        last = self.drawn[kind] = self.last(kind) + count
        return last

    def set(self, kind: str, last: int) -> None:
        if self._store.shared:
            self._store[Sequence].put(Sequence(kind, last))
        else:
            self.drawn[kind] = last

    def keep(self) -> None:
        """The transaction is about to be kept."""
        if self.drawn:
            self._kept |= self.drawn
            self._unwritten |= self.drawn.keys()
            self.drawn.clear()
            if self._lasting:
                self.write()

    def write(self) -> None:
        if self._unwritten:
            self._store[Sequence].put_all([Sequence(kind, self._kept[kind]) for kind in sorted(self._unwritten)])
            self._unwritten.clear()
