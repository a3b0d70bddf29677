"""The ledger's tables. A new column or table needs a new SCHEMA number and a step in `ledger.migrate`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator

SCHEMA = 3
METADATA = sa.MetaData()


def insert(table: sa.Table, dialect: str) -> Any:
    """The insert of this database, which may say what becomes of a conflict."""
    if dialect == "postgresql":  # brings all of its drivers' modules along
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return sqlite.insert(table)


def columns_of(table: sa.Table, record: Any) -> list[sa.Column[Any]]:
    """The columns that hold this dataclass, in the order of its fields."""
    return [table.c[field.name] for field in fields(record)]


def upsert(sql: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put rows in, each in place of the one with its key. All have the same columns."""
    if rows:
        sql.execute(_upserting(table, sql.dialect.name, tuple(rows[0])), list(rows))


@cache
def _upserting(table: sa.Table, dialect: str, columns: tuple[str, ...]) -> Any:
    statement = insert(table, dialect)
    keys = [c.name for c in table.primary_key]
    others = {name: statement.excluded[name] for name in columns if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=others)


def slices(values: list[str], size: int = 500) -> Iterable[list[str]]:
    """So few that one statement may name them all."""
    for at in range(0, len(values), size):
        yield values[at : at + size]


class Moment(TypeDecorator[datetime]):
    """A time in UTC, as text that sorts like the time."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def _table(name: str, *parts: Any, **options: Any) -> sa.Table:
    return sa.Table(name, METADATA, *parts, **options)


def _of() -> sa.Column[str]:
    return sa.Column("connection", sa.String(40), primary_key=True)


schema = _table("sync_schema", sa.Column("version", sa.Integer, primary_key=True))

connections = _table(
    "sync_connections",
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("backend", sa.String(40), nullable=False),
    sa.Column("store_url", sa.Text, nullable=False),
    sa.Column("backend_url", sa.Text, nullable=False),
    sa.Column("status", sa.String(40), nullable=False),
    sa.Column("stage", sa.String(40), nullable=False, default="", server_default=""),  # the vendor's own word
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("learned", sa.JSON, nullable=False),  # how the store wants to be asked, what the backend has
    sa.Column("secrets", sa.Text),  # encrypted; None after disconnect
    sa.Column("seq", sa.BigInteger, nullable=False, default=0),  # grows with every step: tells old from new
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("looked_at", Moment),  # when both sides were last read whole
    sa.Column("look_at", Moment),  # when that is due again
    sa.Column("next_at", Moment, index=True),  # when there is something to do
    sa.Column("lease_owner", sa.String(80)),
    sa.Column("lease_until", Moment),  # real time: it guards against a process that died
    sa.UniqueConstraint("backend", "store_url"),
)

runs = _table(
    "sync_runs",
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("connection", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("phase", sa.String(40), nullable=False),
    sa.Column("cursor", sa.JSON, nullable=False),
    sa.Column("upto", sa.BigInteger, nullable=False, default=0),  # the newest hint it took
    sa.Column("tries", sa.Integer, nullable=False, default=0),  # of the present step
    sa.Column("next_at", Moment),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("finished_at", Moment),
    sa.Column("outcome", sa.Text, nullable=False, default=""),
    sa.Index("sync_runs_open", "connection", "finished_at"),
)

links = _table(
    "sync_links",
    _of(),
    sa.Column("sku", sa.String(255), primary_key=True),
    sa.Column("item", sa.BigInteger, nullable=False),
    sa.Column("parent", sa.BigInteger, nullable=False),
    sa.Column("ref", sa.String(80), nullable=False),
    sa.Column("base", sa.BigInteger),  # what the backend was last known to have
    sa.Column("direction", sa.String(3), nullable=False, default=""),  # which way that number went last
    sa.Column("seq", sa.BigInteger, nullable=False, default=0),
    sa.Column("at", Moment),
)

heard = _table(
    "sync_heard",
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("connection", sa.String(40), nullable=False, index=True),
    sa.Column("sku", sa.String(255), nullable=False),
    sa.Column("ref", sa.String(80), nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("reserve", sa.BigInteger, nullable=False),
)

inbox = _table(
    "sync_inbox",
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("connection", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),  # order, product, customer ...
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),  # new, or quarantined: it came from another store
    sa.Column("topic", sa.String(80), nullable=False, default=""),
    sa.Column("at", Moment, nullable=False),
    sa.Index("sync_inbox_of", "connection", "state", "kind", "key"),
    sqlite_autoincrement=True,  # a number is never given again: it tells an entry from a later one
)

twins = _table(
    "sync_twins",
    _of(),
    sa.Column("kind", sa.String(40), primary_key=True),  # order, customer, image, category ...
    sa.Column("key", sa.String(255), primary_key=True),  # in the store, or wherever it is known by one name
    sa.Column("ref", sa.String(120), nullable=False),  # in the backend; empty: about to be made there
    sa.Column("state", sa.String(20), nullable=False, default=""),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("sync_twins_ref", "connection", "kind", "ref"),
)

schedule = _table(
    "sync_schedule",
    _of(),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("at", Moment, nullable=False),
)

seen = _table(
    "sync_seen",
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("side", sa.String(10), primary_key=True),  # item, level, or ask: still to be looked at
    sa.Column("key", sa.String(255), primary_key=True),  # id of the product, ref of the backend, SKU
    sa.Column("sku", sa.String(255), nullable=False),
    sa.Column("parent", sa.BigInteger, nullable=False, default=0),
    sa.Column("quantity", sa.BigInteger),
    sa.Column("reserve", sa.BigInteger, nullable=False, default=0),
    sa.Column("managed", sa.String(10), nullable=False, default="yes"),
    sa.Column("note", sa.String(120), nullable=False, default=""),
    sa.Column("seq", sa.BigInteger, nullable=False),
)

tasks = _table(
    "sync_tasks",
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(10), nullable=False),  # apply or push
    sa.Column("state", sa.String(10), nullable=False),  # planned, about, done, dropped
    sa.Column("sku", sa.String(255), nullable=False),
    sa.Column("item", sa.BigInteger, nullable=False),
    sa.Column("parent", sa.BigInteger, nullable=False),
    sa.Column("ref", sa.String(80), nullable=False),
    sa.Column("known", sa.BigInteger, nullable=False),  # what the backend has once this is done
    sa.Column("reserve", sa.BigInteger, nullable=False),
    sa.Column("change", sa.BigInteger),
    sa.Column("value", sa.BigInteger),  # what is about to be written
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Index("sync_tasks_next", "run", "kind", "state", "parent", "n"),  # the next hundred of a hundred thousand
    sa.Index("sync_tasks_sku", "run", "kind", "state", "sku"),
)

skips = _table(
    "sync_skips",
    _of(),
    sa.Column("direction", sa.String(3), primary_key=True),
    sa.Column("sku", sa.String(255), primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

spools = _table(
    "sync_spools",
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("upto", sa.BigInteger, nullable=False),  # the last delivery that was taken over from it
)

pace = _table(
    "sync_pace",
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("last_at", Moment),
    sa.Column("until", Moment),  # told to wait until then
)
