"""One transaction in the ledger: every question and every entry that sync has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from .inbox import Inbox, News
from .model import Direction, Heard
from .sight import Sight
from .tables import (
    columns_of,
    connections,
    heard,
    insert,
    links,
    pace,
    runs,
    seen,
    skips,
    slices,
    spools,
    tasks,
    upsert,
)
from .tasks import Tasks
from .timetable import Timetable
from .twins import Twins
from .vault import Vault


@dataclass(frozen=True)
class Connection:
    id: str
    backend: str
    store_url: str
    backend_url: str
    status: str  # connecting, pending, active, reconnect_required, disconnected
    stage: str  # the vendor's own word for it
    reason: str
    settings: dict[str, Any]
    learned: dict[str, Any]
    secrets: str | None = field(repr=False)
    seq: int
    created_at: datetime
    looked_at: datetime | None
    look_at: datetime | None


@dataclass(frozen=True)
class Run:
    """Work that takes several steps. `phase` and `cursor` say where it goes on."""

    id: int
    connection: str
    kind: str
    phase: str
    cursor: dict[str, Any]
    upto: int
    tries: int
    next_at: datetime | None
    started_at: datetime
    finished_at: datetime | None
    outcome: str


@dataclass(frozen=True)
class Link:
    sku: str
    item: int
    parent: int
    ref: str
    base: int | None
    seq: int


_CONNECTION = sa.select(*columns_of(connections, Connection)).where(connections.c.id == sa.bindparam("key"))
_OPEN_RUNS = (
    sa.select(*columns_of(runs, Run))
    .where(runs.c.connection == sa.bindparam("key"), runs.c.finished_at.is_(None))
    .order_by(runs.c.id)
)
_NEXT_SEQ = (
    sa.update(connections)
    .where(connections.c.id == sa.bindparam("key"))
    .values(seq=connections.c.seq + 1)
    .returning(connections.c.seq)
)
_OVER = (
    sa.select(runs.c.id, runs.c.outcome)
    .where(runs.c.connection == sa.bindparam("key"), runs.c.finished_at.is_not(None), runs.c.next_at.is_not(None))
    .limit(1)
)
_PACE = sa.select(pace.c.last_at, pace.c.until).where(pace.c.key == sa.bindparam("name")).with_for_update()


@cache
def _setting(table: sa.Table, *names: str) -> sa.Update:
    """What sets these columns of a row, from what `_named` makes of their values: built once, which costs more than to
    execute it."""
    return (
        sa.update(table)
        .where(table.c.id == sa.bindparam("key"))
        .values({name: sa.bindparam(f"new_{name}") for name in names})
    )


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}


class Book:
    def __init__(self, sql: sa.Connection, vault: Vault) -> None:
        self.sql, self.vault = sql, vault
        self.inbox, self.twins, self.timetable = Inbox(sql), Twins(sql), Timetable(sql)
        self.sight, self.tasks = Sight(sql), Tasks(sql)

    # -- connections

    def connection(self, id_: str) -> Connection | None:
        row = self.sql.execute(_CONNECTION, {"key": id_}).first()
        return Connection(*row) if row else None

    def connection_of(self, backend: str, store_url: str) -> Connection | None:
        c = connections.c
        found = self.sql.execute(sa.select(c.id).where(c.backend == backend, c.store_url == store_url)).scalar()
        return self.connection(found) if found else None

    def all_connections(self) -> list[Connection]:
        statement = sa.select(*columns_of(connections, Connection)).order_by(connections.c.created_at)
        return [Connection(*row) for row in self.sql.execute(statement)]

    def due_connections(self, now: datetime) -> list[str]:
        c = connections.c
        where = (c.status.in_(("active", "pending")), c.next_at <= now)
        due = sa.select(c.id).where(*where).order_by(c.next_at)
        return list(self.sql.execute(due.with_for_update(skip_locked=True)).scalars())

    def holders(self) -> list[tuple[str, str]]:
        """Connections that are being worked on, and by whom."""
        c = connections.c
        held = sa.select(c.id, c.lease_owner).where(c.lease_owner.is_not(None))
        return [(id_, owner) for id_, owner in self.sql.execute(held)]

    def claim(self, ids: Iterable[str], until: datetime) -> None:
        """These are in somebody's queue: nobody else puts them there until then."""
        for some in slices(list(ids)):
            self.sql.execute(sa.update(connections).where(connections.c.id.in_(some)).values(next_at=until))

    def hold(self, id_: str) -> None:
        """Nobody else writes to this connection's own row before this transaction is over."""
        self.sql.execute(sa.select(connections.c.id).where(connections.c.id == id_).with_for_update())

    def add_connection(self, **values: Any) -> None:
        self.sql.execute(sa.insert(connections), values)

    def set_connection(self, id_: str, **values: Any) -> None:
        self.sql.execute(_setting(connections, *values), {"key": id_, **_named(values)})

    def secrets(self, connection: Connection) -> dict[str, Any]:
        assert connection.secrets is not None
        return self.vault.unsealed(connection.secrets)

    def keep(self, connection: Connection, **secrets: Any) -> None:
        """Add to its secrets."""
        self.set_connection(connection.id, secrets=self.vault.sealed({**self.secrets(connection), **secrets}))

    def drop_unless_joined(self, id_: str) -> None:
        """A first click that came to nothing leaves nothing, unless there is something to take back."""
        found = self.connection(id_)
        if found is not None and found.status == "connecting" and not found.learned.get("begun"):
            self.sql.execute(sa.delete(connections).where(connections.c.id == id_))

    def next_seq(self, id_: str) -> int:
        return int(self.sql.execute(_NEXT_SEQ, {"key": id_}).scalar_one())

    def forget(self, id_: str) -> None:
        """All that is neither a secret nor a mapping: runs, hints, what the backend was known to have."""
        open_runs = sa.select(runs.c.id).where(runs.c.connection == id_)
        for table in (seen, tasks):
            self.sql.execute(sa.delete(table).where(table.c.run.in_(open_runs)))
        for table in (runs, heard, skips):
            self.sql.execute(sa.delete(table).where(table.c.connection == id_))
        self.inbox.forget(id_)
        self.timetable.forget(id_)
        unknown = {"base": None, "direction": "", "seq": 0, "ref": ""}
        self.sql.execute(sa.update(links).where(links.c.connection == id_).values(**unknown))

    # -- runs

    def start(self, connection: str, kind: str, phase: str, now: datetime) -> int:
        values = {"connection": connection, "kind": kind, "phase": phase, "cursor": {}, "started_at": now}
        return int(self.sql.execute(sa.insert(runs).values(**values).returning(runs.c.id)).scalar_one())

    def open_runs(self, connection: str) -> list[Run]:
        return [Run(*row) for row in self.sql.execute(_OPEN_RUNS, {"key": connection})]

    def run(self, id_: int) -> Run:
        return Run(*self.sql.execute(sa.select(*columns_of(runs, Run)).where(runs.c.id == id_)).one())

    def last_runs(self, connection: str, limit: int = 10) -> list[Run]:
        """But those that were over at once, since there was nothing to do."""
        c = runs.c
        worth = sa.or_(c.finished_at.is_(None), c.outcome != "")
        statement = sa.select(*columns_of(runs, Run)).where(c.connection == connection, worth)
        return [Run(*row) for row in self.sql.execute(statement.order_by(c.id.desc()).limit(limit))]

    def set_run(self, id_: int, **values: Any) -> None:
        self.sql.execute(_setting(runs, *values), {"key": id_, **_named(values)})

    def finish(self, run: Run, now: datetime, outcome: str) -> None:
        c = runs.c
        self.set_run(run.id, finished_at=now, outcome=outcome, next_at=now)  # until it is swept
        self.unhear(run.connection, run.upto)
        old = sa.select(c.id).where(c.connection == run.connection).order_by(c.id.desc()).offset(50).limit(1)
        if oldest := self.sql.execute(old).scalar():
            done = (c.connection == run.connection, c.id <= oldest, c.finished_at.is_not(None), c.next_at.is_(None))
            self.sql.execute(sa.delete(runs).where(*done))

    def set_back(self, id_: str, now: datetime) -> bool:
        """Whether a run began well after now: the clock was set back, so no time that was noted is believed. What was
        to come again comes now."""
        c = runs.c
        later = (c.connection == id_, c.started_at > now + timedelta(minutes=1))
        if self.sql.execute(sa.select(c.id).where(*later).limit(1)).first() is None:
            return False
        self.sql.execute(sa.update(runs).where(*later, c.finished_at.is_(None)).values(next_at=None))
        self.sql.execute(sa.update(runs).where(*later).values(started_at=now))
        mine = connections.c
        self.sql.execute(sa.update(connections).where(mine.id == id_, mine.look_at > now).values(look_at=now))
        self.timetable.all_due(id_, now)
        return True

    def sweep(self, connection: str, most: int = 1000) -> bool:
        """Drop some of what is left of runs that are over: what they saw and did. Whether there may be more."""
        c = runs.c
        run = self.sql.execute(_OVER, {"key": connection}).first()
        if run is None:
            return False
        for table in (seen, tasks):
            keys = [column for column in table.primary_key if column.name != "run"]
            some = sa.select(*keys).where(table.c.run == run.id).limit(most)
            which = sa.tuple_(*keys).in_(some) if len(keys) > 1 else keys[0].in_(some)
            if self.sql.execute(sa.delete(table).where(table.c.run == run.id, which)).rowcount == most:
                return True
        if run.outcome:
            self.set_run(run.id, next_at=None)
        else:  # it found nothing to do: not worth remembering
            self.sql.execute(sa.delete(runs).where(c.id == run.id))
        return True

    # -- what is known of each SKU

    def links(self, connection: str, skus: Iterable[str] | None = None) -> dict[str, Link]:
        statement = sa.select(*columns_of(links, Link)).where(links.c.connection == connection)
        if skus is None:
            return {row.sku: Link(*row) for row in self.sql.execute(statement)}
        return {
            row.sku: Link(*row)
            for some in slices(list(skus))
            for row in self.sql.execute(statement.where(links.c.sku.in_(some)))
        }

    def link(self, connection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Each row: sku, item, parent, ref, base, direction, seq, at."""
        upsert(self.sql, links, [{"connection": connection, **row} for row in rows])

    def unlink(self, connection: str, skus: Iterable[str]) -> None:
        """Which product these SKUs are is not known any more."""
        for some in slices(list(skus)):
            where = (links.c.connection == connection, links.c.sku.in_(some))
            self.sql.execute(sa.update(links).where(*where).values(item=0, parent=0))

    # -- hints

    def learn(self, connection: str, news: News, now: datetime) -> None:
        """What deliveries told; nothing that tells of a store that is not connected any more."""
        found = self.connection(connection)
        if found is None or found.status == "disconnected":
            return
        self.hear(connection, news.heard, now)
        for notice in news.notices:
            self.inbox.add(connection, notice.kind, notice.key, now, topic=notice.topic, state=notice.state)
        self.skip(connection, [("out", what, why) for what, why in news.unusable.items()], now)

    def collected(self, spool: str) -> int:
        """The number of the last delivery that was taken over from this spool."""
        return self.sql.execute(sa.select(spools.c.upto).where(spools.c.name == spool)).scalar() or 0

    def set_collected(self, spool: str, upto: int) -> None:
        upsert(self.sql, spools, [{"name": spool, "upto": upto}])

    def hear(self, connection: str, rows: Iterable[Heard], now: datetime) -> None:
        values = [
            {"connection": connection, "sku": h.sku, "ref": h.ref, "quantity": h.quantity, "reserve": h.reserve}
            for h in rows
        ]
        if values:
            self.set_connection(connection, next_at=now)  # first: it lets hints in one after the other
            self.sql.execute(sa.insert(heard), values)

    def hints(self, connection: str) -> tuple[int, list[Heard]]:
        """The number of the newest hint, and all hints, repetitions left out."""
        c = heard.c
        mine = c.connection == connection
        newest = self.sql.execute(sa.select(sa.func.max(c.id)).where(mine)).scalar() or 0
        rows = self.sql.execute(sa.select(c.sku, c.ref, c.quantity, c.reserve).where(mine, c.id <= newest).distinct())
        return int(newest), [Heard(*row) for row in rows]

    def unhear(self, connection: str, upto: int) -> None:
        self.sql.execute(sa.delete(heard).where(heard.c.connection == connection, heard.c.id <= upto))

    def newest_hint(self, connection: str) -> int:
        c = heard.c
        return int(self.sql.execute(sa.select(sa.func.max(c.id)).where(c.connection == connection)).scalar() or 0)

    def heed(self, connection: str, skus: Iterable[str], after: int, upto: int) -> None:
        """What was told of these SKUs later than hint `after`, until `upto`, is answered. Hints up to `after` stay:
        they keep the numbers of new ones growing until their run is over."""
        c = heard.c
        for some in slices(list(skus)):
            told = (c.connection == connection, c.id > after, c.id <= upto, c.sku.in_(some))
            self.sql.execute(sa.delete(heard).where(*told))

    def has_hints(self, connection: str) -> bool:
        statement = sa.select(heard.c.id).where(heard.c.connection == connection)
        return self.sql.execute(statement.limit(1)).first() is not None

    # -- what could not be done

    def skip(self, connection: str, rows: Iterable[tuple[Direction, str, str]], now: datetime) -> None:
        """Each row: direction, SKU, reason."""
        values = {
            (direction, sku): {"connection": connection, "direction": direction, "sku": sku, "reason": why, "at": now}
            for direction, sku, why in rows
        }
        upsert(self.sql, skips, list(values.values()))

    def unskip(self, connection: str, skus: Iterable[str] | None = None) -> None:
        if skus is None:
            self.sql.execute(sa.delete(skips).where(skips.c.connection == connection))
            return
        for some in slices(list(skus)):
            self.sql.execute(sa.delete(skips).where(skips.c.connection == connection, skips.c.sku.in_(some)))

    def skipped(self, connection: str, limit: int = 100) -> list[dict[str, Any]]:
        c = skips.c
        statement = sa.select(c.direction, c.sku, c.reason, c.at).where(c.connection == connection)
        return [dict(r._mapping) for r in self.sql.execute(statement.order_by(c.sku, c.direction).limit(limit))]

    def count(self, connection: str) -> dict[str, int]:
        def number(table: sa.Table, *where: Any) -> int:
            statement = sa.select(sa.func.count()).select_from(table).where(table.c.connection == connection, *where)
            return int(self.sql.execute(statement).scalar_one())

        return {
            "linked": number(links),
            "synced": number(links, links.c.base.is_not(None)),
            "heard": number(heard),
            "failed": number(skips),
        }

    # -- the pace of calls

    def pace(self, key: str) -> tuple[datetime | None, datetime | None]:
        """When the last call was, and until when the far end told us to wait. Nobody else takes a turn meanwhile."""
        row = self.sql.execute(_PACE, {"name": key}).first()
        if row is None:  # what is not there cannot be locked
            self.sql.execute(insert(pace, self.sql.dialect.name).on_conflict_do_nothing(), {"key": key})
            row = self.sql.execute(_PACE, {"name": key}).one()
        return row.last_at, row.until

    def set_pace(self, key: str, **values: datetime | None) -> None:
        upsert(self.sql, pace, [{"key": key, **values}])
