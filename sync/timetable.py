"""When which kind of run is due again, for each connection."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from .tables import connections, schedule

C = schedule.c
_DUE = sa.select(C.kind).where(C.connection == sa.bindparam("key"), C.at <= sa.bindparam("now")).order_by(C.at, C.kind)
_NEXT = sa.select(C.at).where(C.connection == sa.bindparam("key")).order_by(C.at).limit(1)


class Timetable:
    def __init__(self, sql: sa.Connection) -> None:
        self.sql = sql

    def due(self, connection: str, now: datetime) -> list[str]:
        """Kinds of run, the longest due first."""
        return list(self.sql.execute(_DUE, {"key": connection, "now": now}).scalars())

    def next(self, connection: str) -> datetime | None:
        found: datetime | None = self.sql.execute(_NEXT, {"key": connection}).scalar()
        return found

    def set(self, connection: str, kind: str, at: datetime | None) -> None:
        """None: never by itself."""
        self.sql.execute(sa.delete(schedule).where(C.connection == connection, C.kind == kind))
        if at is not None:
            self.sql.execute(sa.insert(schedule), {"connection": connection, "kind": kind, "at": at})
            c = connections.c
            least = sa.func.least if self.sql.dialect.name == "postgresql" else sa.func.min
            soonest = least(sa.func.coalesce(c.next_at, at), at)
            self.sql.execute(sa.update(connections).where(c.id == connection).values(next_at=soonest))

    def all_due(self, connection: str, now: datetime) -> None:
        self.sql.execute(sa.update(schedule).where(C.connection == connection, C.at > now).values(at=now))

    def forget(self, connection: str) -> None:
        self.sql.execute(sa.delete(schedule).where(C.connection == connection))
