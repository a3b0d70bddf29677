"""Which thing of the store is which thing of the backend: this order that document, this picture that picture.

A twin is noted before its other half is made (`ref` empty), so that after a crash somebody looks before making a
second one. Stock has a table of its own, since it is compared by the thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from .tables import twins, upsert

C = twins.c


@dataclass(frozen=True)
class Twin:
    """`key` names it in the store, `ref` in the backend. `state` and `data` are the connector's own."""

    kind: str
    key: str
    ref: str = ""
    state: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


_COLUMNS = (C.kind, C.key, C.ref, C.state, C.data)


class Twins:
    def __init__(self, sql: sa.Connection) -> None:
        self.sql = sql

    def get(self, connection: str, kind: str, key: str) -> Twin | None:
        where = (C.connection == connection, C.kind == kind, C.key == key)
        row = self.sql.execute(sa.select(*_COLUMNS).where(*where)).first()
        return Twin(*row) if row else None

    def of(
        self, connection: str, kind: str, *, state: str | None = None, refs: Iterable[str] | None = None
    ) -> list[Twin]:
        """All of a kind, or those of a page of the backend's things, by their keys."""
        where = [C.connection == connection, C.kind == kind, *([C.state == state] if state is not None else [])]
        where += [C.ref.in_(list(refs))] if refs is not None else []
        return [Twin(*row) for row in self.sql.execute(sa.select(*_COLUMNS).where(*where).order_by(C.key))]

    def moving(self, connection: str, kind: str, *, settled: Iterable[str], since: datetime) -> list[Twin]:
        """Those of a kind that are in none of these states, or were put there since."""
        where = (C.connection == connection, C.kind == kind, sa.or_(C.state.not_in(list(settled)), C.at >= since))
        return [Twin(*row) for row in self.sql.execute(sa.select(*_COLUMNS).where(*where).order_by(C.key))]

    def put(self, connection: str, twins_: Iterable[Twin], now: datetime) -> None:
        rows = [
            {"connection": connection, "kind": t.kind, "key": t.key, "ref": t.ref, "state": t.state,
             "data": dict(t.data), "at": now}
            for t in twins_
        ]  # fmt: skip
        upsert(self.sql, twins, rows)

    def drop(self, connection: str, kind: str, keys: Iterable[str] | None = None) -> None:
        """These, or all of the kind."""
        where = [C.connection == connection, C.kind == kind]
        for key in [None] if keys is None else list(keys):
            self.sql.execute(sa.delete(twins).where(*where, *([C.key == key] if key is not None else [])))

    def count(self, connection: str) -> dict[str, int]:
        """By kind; "order failed" counts those of a state."""
        counted = sa.select(C.kind, C.state, sa.func.count()).where(C.connection == connection)
        rows = self.sql.execute(counted.group_by(C.kind, C.state).order_by(C.kind, C.state))
        return {f"{kind} {state}".strip(): number for kind, state, number in rows}
