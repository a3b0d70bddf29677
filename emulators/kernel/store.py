"""State in SQL: one table per kind of record, real columns for what is searched, JSON for the rest.

A record is a frozen dataclass. Its `Table` names the fields that become columns (filtered, sorted or unique);
the others are kept together as JSON in `rest`, and only where they differ from their default, so that a
world of 100,000 products stays small enough to be copied in a blink.

    @dataclass(frozen=True)
    class Level:
        sku: str
        quantity: int = 0
        note: str = ""

    LEVELS = Table(Level, "acme_levels", key="sku", columns=("quantity",))

    here.store[Level].get("MUG")
    here.store[Level].all(LEVELS.c.quantity < 5, order=[LEVELS.c.sku], limit=10)
"""

from __future__ import annotations

import dataclasses
import sqlite3
import typing
import zlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from .columns import Converter, Json, column_type, from_database, reader, to_database
from .statements import Shape, Statement, Written

R = TypeVar("R")

METADATA = sa.MetaData()
_SQLITE = sqlite.dialect()
_MOST_TEXTS = 500  # statements of one table that are kept written out


class Duplicate(Exception):
    """A record with the same key or the same unique value is already kept."""


def insert(table: sa.Table, dialect: str) -> Any:
    """The insert of this database, which may say what becomes of a conflict."""
    if dialect == "postgresql":  # brings all of its drivers' modules along
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return sqlite.insert(table)


def _named(*parts: str) -> str:
    """A name of at most 63 characters, which is what PostgreSQL takes; cut short, it ends in a digest of the whole."""
    whole = "_".join(parts)
    return whole if len(whole) <= 63 else f"{whole[:54]}_{zlib.crc32(whole.encode()):08x}"


class Table(Generic[R]):
    """How records of one class are kept.

    `columns` names the fields with a column of their own, besides the key; `unique` lists groups of fields
    that may occur once; `indexes` lists groups of fields to index.
    """

    def __init__(
        self,
        record: type[R],
        name: str,
        *,
        key: str | tuple[str, ...] = "id",
        columns: Sequence[str] = (),
        unique: Sequence[Sequence[str]] = (),
        indexes: Sequence[Sequence[str]] = (),
    ) -> None:
        self.record, self.name = record, name
        self.key = (key,) if isinstance(key, str) else key
        hints = typing.get_type_hints(record)
        fields = dataclasses.fields(record)  # type: ignore[arg-type]
        self.column_names = (*self.key, *(c for c in columns if c not in self.key))
        unknown = set(self.column_names) - {f.name for f in fields}
        if unknown:
            raise TypeError(f"{record.__name__} has no field {', '.join(sorted(unknown))}")
        self.defaults: dict[str, Any] = {}
        for f in fields:
            if f.name in self.column_names:
                continue
            if f.default is not dataclasses.MISSING:
                self.defaults[f.name] = f.default
            elif f.default_factory is not dataclasses.MISSING:
                self.defaults[f.name] = f.default_factory()
            else:
                self.defaults[f.name] = dataclasses.MISSING
        made = {f.name: f.default_factory for f in fields if f.default_factory is not dataclasses.MISSING}
        self._factories = [(name, made[name]) for name in self.defaults if name in made]
        self._plain_defaults = [
            (name, default)
            for name, default in self.defaults.items()
            if name not in made and default is not dataclasses.MISSING
        ]
        self._fields = len(fields)
        self._checks_itself = hasattr(record, "__post_init__") or hasattr(record, "__slots__")
        self.readers = {n: r for n, h in hints.items() if (r := reader(h)) is not None}
        self.column_readers = {n: r for n, r in self.readers.items() if n in self.column_names}
        self.sql = sa.Table(
            name,
            METADATA,
            *(
                sa.Column(c, column_type(hints[c]), primary_key=c in self.key, autoincrement=False)
                for c in self.column_names
            ),
            sa.Column("rest", Json(), nullable=False),
            *(sa.UniqueConstraint(*group, name=_named("uq", name, *group)) for group in unique),
            *(sa.Index(_named("ix", name, *group), *group) for group in indexes),
        )
        self.c = self.sql.c
        self.width = len(self.column_names)
        self.select = sa.select(self.sql)
        self.select_keys = sa.select(self.c[self.key[0]])
        self._by_key = self.select.where(*(self.c[name] == sa.bindparam(name) for name in self.key))
        self._upserts: dict[str, Any] = {}
        self._texts: dict[Hashable, Written | None] = {}

    def upsert(self, dialect: str) -> Any:
        """Insert, or replace the row with the same key. Built once: building costs more than executing."""
        if dialect not in self._upserts:
            statement = insert(self.sql, dialect)
            others = [*self.column_names[len(self.key) :], "rest"]
            self._upserts[dialect] = statement.on_conflict_do_update(
                index_elements=list(self.key), set_={c: statement.excluded[c] for c in others}
            )
        return self._upserts[dialect]

    def row(self, record: R) -> dict[str, Any]:
        row = {c: getattr(record, c) for c in self.column_names}
        row["rest"] = self._rest(record)
        return row

    def _rest(self, record: R) -> dict[str, Any]:
        rest = {}
        for name, default in self.defaults.items():
            value = getattr(record, name)
            if default is dataclasses.MISSING or value != default or type(value) is not type(default):
                rest[name] = value
        return rest

    def read(self, row: Sequence[Any]) -> R:
        values = dict(zip(self.column_names, row, strict=False))
        for name, convert in self.column_readers.items():
            values[name] = convert(values[name])
        return self._record(values, row[self.width])

    def _record(self, values: dict[str, Any], rest: Mapping[str, Any]) -> R:
        for name, value in rest.items():
            convert = self.readers.get(name)
            values[name] = convert(value) if convert else value
        for name, default in self._plain_defaults:
            if name not in values:
                values[name] = default
        for name, factory in self._factories:
            if name not in values:
                values[name] = factory()
        if len(values) != self._fields or self._checks_itself:
            return self.record(**values)  # which says what is missing, or what it does not know
        record = object.__new__(self.record)  # a frozen dataclass sets its fields one by one, by a slow way round
        record.__dict__.update(values)
        return record

    # -- as SQLite's driver takes and gives it

    @cached_property
    def driver_select(self) -> Any:
        """Selects the values as the database has them, without turning them into Python's."""
        kept = (c.type.impl if isinstance(c.type, sa.types.TypeDecorator) else c.type for c in self.sql.columns)
        plain = (sa.BigInteger() if isinstance(k, sa.Boolean) else k for k in kept)
        return sa.select(*(sa.type_coerce(c, p).label(c.name) for c, p in zip(self.sql.columns, plain, strict=True)))

    def text(self, kind: Hashable, shape: Shape, statement: Callable[[], Any]) -> Written | None:
        """The statement of this kind and shape, written out for SQLite when it is asked for the first time."""
        slot = (kind, shape.key)
        if slot not in self._texts:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
            self._texts[slot] = Written.of(statement(), _SQLITE, shape)
        return self._texts[slot]

    @cached_property
    def get_text(self) -> str:
        return str(self._by_key.compile(dialect=_SQLITE))

    @cached_property
    def insert_text(self) -> str:
        return str(sa.insert(self.sql).compile(dialect=_SQLITE))

    @cached_property
    def upsert_text(self) -> str:
        return str(self.upsert("sqlite").compile(dialect=_SQLITE))

    @cached_property
    def _to_driver(self) -> list[tuple[str, Converter | None]]:
        return [(name, to_database(self.c[name].type, _SQLITE)) for name in self.column_names]

    @cached_property
    def key_to_driver(self) -> list[Converter | None]:
        return [convert for _, convert in self._to_driver[: len(self.key)]]

    @cached_property
    def _from_driver(self) -> list[tuple[str, Converter]]:
        kept = ((name, from_database(self.c[name].type, _SQLITE)) for name in self.column_names)
        return [(name, convert) for name, convert in kept if convert is not None]

    def driver_row(self, record: R) -> list[Any]:
        row = []
        for name, convert in self._to_driver:
            value = getattr(record, name)
            row.append(value if convert is None else convert(value))
        row.append(_REST_TO_DRIVER(self._rest(record)))
        return row

    def read_driver(self, row: Sequence[Any]) -> R:
        values = dict(zip(self.column_names, row, strict=False))
        for name, convert in self._from_driver:
            values[name] = convert(values[name])
        for name, convert in self.column_readers.items():
            values[name] = convert(values[name])
        return self._record(values, _REST_FROM_DRIVER(row[self.width]))


def _converter(found: Converter | None) -> Converter:
    assert found is not None
    return found


_REST_TO_DRIVER = _converter(to_database(Json(), _SQLITE))
_REST_FROM_DRIVER = _converter(from_database(Json(), _SQLITE))


class Collection(Generic[R]):
    """The records of one class in one world."""

    def __init__(self, table: Table[R], store: Store) -> None:
        self.table, self.store = table, store
        self._connection = store.connection

    def _where_key(self, key: Any) -> list[Any]:
        keys = key if isinstance(key, tuple) else (key,)
        return [self.table.c[name] == value for name, value in zip(self.table.key, keys, strict=True)]

    def get(self, key: Any, *, lock: bool = False) -> R | None:
        """The record with this key (a tuple for several fields). With `lock`, nobody else changes it until the
        transaction ends."""
        if isinstance(key, int) and key.bit_length() > 63:
            return None
        table, driver = self.table, self.store.begun()
        if driver is not None:
            keys = key if isinstance(key, tuple) else (key,)
            bound = [v if to is None else to(v) for to, v in zip(table.key_to_driver, keys, strict=True)]
            row = driver.execute(table.get_text, bound).fetchone()
            return None if row is None else table.read_driver(row)
        statement = table.select.where(*self._where_key(key))
        found = self._connection.execute(statement.with_for_update() if lock else statement).first()
        return None if found is None else table.read(found)

    def all(
        self, *where: Any, order: Iterable[Any] = (), limit: int | None = None, offset: int | None = None
    ) -> list[R]:
        return [self.read(row) for row in self.rows(*where, order=order, limit=limit, offset=offset)]

    def read(self, row: Sequence[Any]) -> R:
        """The record of one of the `rows`."""
        return self.table.read_driver(row) if self.store.begun() is not None else self.table.read(row)

    def rows(
        self, *where: Any, order: Iterable[Any] = (), limit: int | None = None, offset: int | None = None
    ) -> Sequence[Sequence[Any]]:
        """The rows as the database has them, key first: equal to what they were as long as nothing in them changed."""
        wanted = self.table.select if self.store.begun() is None else self.table.driver_select
        return self._selected("rows", wanted, where, order, limit, offset)

    def keys(
        self, *where: Any, order: Iterable[Any] = (), limit: int | None = None, offset: int | None = None
    ) -> list[Any]:
        """The first field of the keys alone."""
        wanted = self.table.select_keys
        return [row[0] for row in self._selected("keys", wanted, where, order, limit, offset)]

    def _selected(
        self, kind: str, select: Any, where: Sequence[Any], order: Iterable[Any], limit: int | None, offset: int | None
    ) -> Sequence[Sequence[Any]]:
        driver, order = self.store.begun(), tuple(order)
        windowed = limit is not None or bool(offset)

        def statement() -> Any:
            return select.where(*where).order_by(*order).limit(limit).offset(offset or None)

        shape = None if driver is None else Shape.of((*where, *order))
        if driver is None or shape is None:
            return [tuple(row) for row in self._connection.execute(statement())]
        if windowed:  # SQLAlchemy writes both whichever is asked for
            shape.add(sa.BigInteger(), -1 if limit is None else limit, offset or 0)
        text = self.table.text((kind, len(where), windowed), shape, statement)
        if text is None:
            return [tuple(row) for row in self._connection.execute(statement())]
        return driver.execute(text.sql, text.bound(shape.values)).fetchall()

    def ask(self, statement: Statement, **values: Any) -> list[R]:
        """The records that a statement gives that selects all of their columns (`Table.select`)."""
        table, driver = self.table, self.store.begun()
        if driver is None:
            return [table.read(row) for row in self._connection.execute(statement.statement, values)]
        return [table.read_driver(row) for row in driver.execute(*statement.bound(_SQLITE, values))]

    def first(self, *where: Any, order: Iterable[Any] = ()) -> R | None:
        return next(iter(self.all(*where, order=order, limit=1)), None)

    def count(self, *where: Any, memo: Hashable = None) -> int:
        """How many match. `memo` names the question: its answer is kept until a record of this table changes."""
        versions, memos = self.store.versions, self.store.memos
        slot = (self.table.name, memo)
        version = versions.get(self.table.name, 0)
        if memo is not None and memos is not None and memos.get(slot, (None,))[0] == version:
            return int(memos[slot][1])
        number = int(self._run("count", where, sa.select(sa.func.count()).select_from(self.table.sql)).fetchone()[0])
        if memo is not None and memos is not None:
            if len(memos) > 10_000:
                memos.clear()
            memos[slot] = (version, number)
        return number

    def _run(self, kind: str, where: Sequence[Any], statement: Any) -> Any:
        """What the driver or SQLAlchemy answers to the statement with these conditions."""
        driver = self.store.begun()
        shape = Shape.of(where) if driver is not None else None
        text = None if shape is None else self.table.text(kind, shape, lambda: statement.where(*where))
        if driver is None or shape is None or text is None:
            return self._connection.execute(statement.where(*where))
        return driver.execute(text.sql, text.bound(shape.values))

    def add(self, record: R) -> R:
        """Keep a new record; `Duplicate` when its key or a unique value is taken."""
        driver = self.store.begun()
        try:
            if driver is not None:
                driver.execute(self.table.insert_text, self.table.driver_row(record))
            else:
                with self.store.savepoint():
                    self._connection.execute(sa.insert(self.table.sql), self.table.row(record))
        except sqlite3.IntegrityError as taken:
            raise Duplicate(str(taken)) from None
        except sa.exc.IntegrityError as taken:
            raise Duplicate(str(taken.orig)) from None
        self._changed()
        return record

    def put(self, record: R) -> R:
        """Keep a record, in place of the one with the same key."""
        self.put_all([record])
        return record

    def put_all(self, records: Sequence[R]) -> None:
        if not records:
            return
        table, driver = self.table, self.store.begun()
        if driver is not None:
            driver.executemany(table.upsert_text, [table.driver_row(r) for r in records])
        else:
            self._connection.execute(table.upsert(self.store.dialect), [table.row(r) for r in records])
        self._changed()

    def delete(self, key: Any) -> bool:
        return self.delete_where(*self._where_key(key)) > 0

    def delete_where(self, *where: Any) -> int:
        result = self._run("delete", where, sa.delete(self.table.sql))
        self._changed()
        return int(result.rowcount)

    def _changed(self) -> None:
        self.store.changes += 1
        self.store.versions[self.table.name] = self.store.versions.get(self.table.name, 0) + 1


class Store:
    """All records of one world, in one transaction.

    `memos` is None where another server may write to the same database: then nothing is remembered.
    """

    def __init__(
        self,
        connection: sa.Connection,
        tables: Mapping[type[Any], Table[Any]],
        *,
        versions: dict[str, int],
        memos: dict[Any, Any] | None,
    ) -> None:
        self.connection, self.versions, self.memos = connection, versions, memos
        self.changes = 0  # how often any record was changed
        self.dialect = connection.dialect.name
        self._tables = tables
        self._collections: dict[type[Any], Collection[Any]] = {}
        driver: Any = connection.connection.dbapi_connection
        self._driver = driver if isinstance(driver, sqlite3.Connection) else None

    def __getitem__(self, record: type[R]) -> Collection[R]:
        try:
            return self._collections[record]
        except KeyError:
            made = self._collections[record] = Collection(self._tables[record], self)
            return made

    def begun(self) -> sqlite3.Connection | None:
        """SQLite's own connection, within SQLAlchemy's transaction; None where the database is another."""
        if self._driver is not None and not self.connection.in_transaction():
            self.connection.begin()
        return self._driver

    def be_alone(self) -> None:
        """Until this transaction ends, other servers that want to be alone in this world wait: rules read before they
        write (is this SKU free?). A server's own transactions never overlap, so without others there is no waiting."""
        if self.dialect == "postgresql":
            key = sa.func.hashtextextended(sa.func.current_schema(), 0)
            self.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    def savepoint(self) -> sa.NestedTransaction:
        """What is written from here on can be undone by itself. Never outside a transaction: after a world in memory
        was replaced as a whole, SQLite loses what is in it when such a savepoint is undone."""
        driver = self.begun()
        if driver is not None and not driver.in_transaction:
            driver.execute("BEGIN")
        return self.connection.begin_nested()

    def execute(self, statement: Any, parameters: Any = None) -> Any:
        """Any SQLAlchemy statement, for what the collections do not offer (joins, aggregates)."""
        return self.connection.execute(statement, parameters)

    def run(self, statement: Statement, **values: Any) -> list[Sequence[Any]]:
        """The rows that a statement gives that is asked again and again: it is written out once."""
        driver = self.begun()
        if driver is None:
            return list(self.connection.execute(statement.statement, values))
        rows = driver.execute(*statement.bound(_SQLITE, values)).fetchall()
        back = statement.back(_SQLITE)
        if not any(back):
            return rows
        return [[v if to is None else to(v) for v, to in zip(row, back, strict=True)] for row in rows]
