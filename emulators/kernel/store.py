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
import types
import typing
import zlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, TypeVar

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator, TypeEngine

R = TypeVar("R")

METADATA = sa.MetaData()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Duplicate(Exception):
    """A record with the same key or the same unique value is already kept."""


class Moment(TypeDecorator[datetime]):
    """A time in UTC, kept as whole microseconds since 1970 so that it sorts alike in every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MICROSECOND


class Exact(TypeDecorator[Decimal]):
    """A decimal number, kept as text to the last digit. Compare it in Python; to sort, keep a float beside it."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Json(TypeDecorator[Any]):
    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else orjson.dumps(value, default=_plain).decode()

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> Any:
        return None if value is None else orjson.loads(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} cannot be kept as JSON")


_COLUMN_TYPES: dict[Any, TypeEngine[Any]] = {
    bool: sa.Boolean(),
    int: sa.BigInteger(),
    float: sa.Float(),
    str: sa.Text(),
    datetime: Moment(),
    Decimal: Exact(),
}


def _bare(hint: Any) -> Any:
    """The type without `| None`."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(arg for arg in typing.get_args(hint) if arg is not type(None))
    return hint


def _column_type(hint: Any) -> TypeEngine[Any]:
    bare = _bare(hint)
    if isinstance(bare, type) and issubclass(bare, Enum):
        return sa.Text()
    return _COLUMN_TYPES.get(bare) or Json()


def _reader(hint: Any) -> Callable[[Any], Any] | None:
    """How a value of this type comes back from JSON or from a column, where it is not the same already."""
    bare = _bare(hint)
    origin = typing.get_origin(bare)
    if bare is datetime:
        return lambda v: v if v is None or isinstance(v, datetime) else datetime.fromisoformat(v)
    if bare is Decimal:
        return lambda v: v if v is None or isinstance(v, Decimal) else Decimal(v)
    if origin is tuple or bare is tuple:
        return lambda v: None if v is None else tuple(v)
    if isinstance(bare, type) and issubclass(bare, Enum):
        return lambda v: None if v is None else bare(v)
    return None


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
        self.readers = {n: r for n, h in hints.items() if (r := _reader(h)) is not None}
        self.column_readers = {n: r for n, r in self.readers.items() if n in self.column_names}
        self.sql = sa.Table(
            name,
            METADATA,
            *(
                sa.Column(c, _column_type(hints[c]), primary_key=c in self.key, autoincrement=False)
                for c in self.column_names
            ),
            sa.Column("rest", Json(), nullable=False),
            *(sa.UniqueConstraint(*group, name=_named("uq", name, *group)) for group in unique),
            *(sa.Index(_named("ix", name, *group), *group) for group in indexes),
        )
        self.c = self.sql.c
        self.width = len(self.column_names)
        self.select = sa.select(self.sql)
        self._upserts: dict[str, Any] = {}

    def upsert(self, dialect: str) -> Any:
        """Insert, or replace the row with the same key. Built once: building costs more than executing."""
        if dialect not in self._upserts:
            statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(self.sql)
            others = [*self.column_names[len(self.key) :], "rest"]
            self._upserts[dialect] = statement.on_conflict_do_update(
                index_elements=list(self.key), set_={c: statement.excluded[c] for c in others}
            )
        return self._upserts[dialect]

    def row(self, record: R) -> dict[str, Any]:
        row = {c: getattr(record, c) for c in self.column_names}
        rest = {}
        for name, default in self.defaults.items():
            value = getattr(record, name)
            if default is dataclasses.MISSING or value != default or type(value) is not type(default):
                rest[name] = value
        row["rest"] = rest
        return row

    def read(self, row: Sequence[Any]) -> R:
        values = dict(zip(self.column_names, row, strict=False))
        for name, reader in self.column_readers.items():
            values[name] = reader(values[name])
        for name, value in row[self.width].items():
            reader_ = self.readers.get(name)
            values[name] = reader_(value) if reader_ else value
        return self.record(**values)


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
        statement = self.table.select.where(*self._where_key(key))
        row = self._connection.execute(statement.with_for_update() if lock else statement).first()
        return None if row is None else self.table.read(row)

    def all(
        self, *where: Any, order: Iterable[Any] = (), limit: int | None = None, offset: int | None = None
    ) -> list[R]:
        statement = self.table.select.where(*where).order_by(*order)
        if limit is not None:
            statement = statement.limit(limit)
        if offset:
            statement = statement.offset(offset)
        return [self.table.read(row) for row in self._connection.execute(statement)]

    def first(self, *where: Any, order: Iterable[Any] = ()) -> R | None:
        return next(iter(self.all(*where, order=order, limit=1)), None)

    def count(self, *where: Any, memo: Hashable = None) -> int:
        """How many match. `memo` names the question: its answer is kept until a record of this table changes."""
        versions, memos = self.store.versions, self.store.memos
        slot = (self.table.name, memo)
        version = versions.get(self.table.name, 0)
        if memo is not None and memos is not None and memos.get(slot, (None,))[0] == version:
            return int(memos[slot][1])
        statement = sa.select(sa.func.count()).select_from(self.table.sql).where(*where)
        number = int(self._connection.execute(statement).scalar_one())
        if memo is not None and memos is not None:
            if len(memos) > 10_000:
                memos.clear()
            memos[slot] = (version, number)
        return number

    def add(self, record: R) -> R:
        """Keep a new record; `Duplicate` when its key or a unique value is taken."""
        try:
            with self.store.savepoint():
                self._connection.execute(sa.insert(self.table.sql), self.table.row(record))
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
        upsert = self.table.upsert(self.store.dialect)
        self._connection.execute(upsert, [self.table.row(r) for r in records])
        self._changed()

    def delete(self, key: Any) -> bool:
        return self.delete_where(*self._where_key(key)) > 0

    def delete_where(self, *where: Any) -> int:
        result = self._connection.execute(sa.delete(self.table.sql).where(*where))
        self._changed()
        return int(result.rowcount)

    def _changed(self) -> None:
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
        self.dialect = connection.dialect.name
        self._collections = {record: Collection(table, self) for record, table in tables.items()}

    def __getitem__(self, record: type[R]) -> Collection[R]:
        return self._collections[record]

    def be_alone(self) -> None:
        """Until this transaction ends, other servers that want to be alone in this world wait: rules read before they
        write (is this SKU free?). A server's own transactions never overlap, so without others there is no waiting."""
        if self.dialect == "postgresql":
            key = sa.func.hashtextextended(sa.func.current_schema(), 0)
            self.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    def savepoint(self) -> sa.NestedTransaction:
        """What is written from here on can be undone by itself. Never outside a transaction: after a world in memory
        was replaced as a whole, SQLite loses what is in it when such a savepoint is undone."""
        driver = self.connection.connection.dbapi_connection
        if self.dialect == "sqlite" and driver is not None and not driver.in_transaction:
            self.connection.exec_driver_sql("BEGIN")
        return self.connection.begin_nested()

    def execute(self, statement: Any, parameters: Any = None) -> Any:
        """Any SQLAlchemy statement, for what the collections do not offer (joins, aggregates)."""
        return self.connection.execute(statement, parameters)
