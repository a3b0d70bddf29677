"""What a run is going to write, decided; each write is noted before it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from .model import Apply, Push
from .tables import columns_of, slices, tasks

C = tasks.c


@dataclass(frozen=True)
class Task:
    """One write, decided. `state`: planned, about (to be written, or written and not yet noted), done, dropped."""

    n: int
    kind: str
    state: str
    sku: str
    item: int
    parent: int
    ref: str
    known: int
    reserve: int
    change: int | None
    value: int | None
    seq: int


class Tasks:
    def __init__(self, sql: sa.Connection) -> None:
        self.sql = sql

    def plan(self, run: int, actions: Sequence[Apply | Push], seq: int, start: int = 0) -> None:
        rows = [
            {"run": run, "n": n, "kind": "apply" if isinstance(a, Apply) else "push", "state": "planned",
             "sku": a.sku, "item": a.item, "parent": a.parent, "ref": a.ref, "reserve": a.reserve, "seq": seq,
             "known": a.known if isinstance(a, Apply) else a.quantity,
             "change": a.change if isinstance(a, Apply) else None}
            for n, a in enumerate(actions, start)
        ]  # fmt: skip
        if rows:
            self.sql.execute(sa.insert(tasks), rows)

    def some(self, run: int, kind: str, states: Sequence[str], *, limit: int) -> list[Task]:
        """Those about to be written come first."""
        where = (C.run == run, C.kind == kind, C.state.in_(states))
        statement = sa.select(*columns_of(tasks, Task)).where(*where).order_by(C.state, C.parent, C.n).limit(limit)
        return [Task(*row) for row in self.sql.execute(statement)]

    def set(self, run: int, rows: Sequence[Mapping[str, Any]]) -> None:
        """Each row: n, state, value."""
        if rows:
            statement = sa.update(tasks).where(C.run == run, C.n == sa.bindparam("task"))
            statement = statement.values(state=sa.bindparam("to"), value=sa.bindparam("what"))
            values = [{"task": r["n"], "to": r["state"], "what": r.get("value")} for r in rows]
            self.sql.execute(statement, values)

    def refresh(self, run: int, skus: Iterable[str], seq: int) -> None:
        """What this run itself has noted about these SKUs does not make its own further plans old."""
        for some in slices(list(skus)):
            where = (C.run == run, C.kind == "push", C.state == "planned", C.sku.in_(some))
            self.sql.execute(sa.update(tasks).where(*where).values(seq=seq))

    def count(self, run: int) -> dict[tuple[str, str], int]:
        counted = sa.select(C.kind, C.state, sa.func.count()).where(C.run == run).group_by(C.kind, C.state)
        rows = self.sql.execute(counted)
        return {(kind, state): number for kind, state, number in rows}
