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

import sqlite3
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from .sequences import Sequences
from .statements import MOST_IN_A_LIST, Shape, Statement
from .tables import SQLITE, Table
from .text_index import TextIndex

R = TypeVar("R")


class Duplicate(Exception):
    """A record with the same key or the same unique value is already kept."""


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
        table, driver = self.table, self.store.driver
        if driver is not None:
            keys = key if isinstance(key, tuple) else (key,)
            bound = [v if to is None else to(v) for to, v in zip(table.key_to_driver, keys, strict=True)]
            row = driver.execute(table.get_text, bound).fetchone()
            return None if row is None else table.read_driver(row)
        statement = table.select.where(*self._where_key(key))
        found = self._connection.execute(statement.with_for_update() if lock else statement).first()
        return None if found is None else table.read(found)

    def by_key(self, keys: Iterable[Any]) -> dict[Any, R]:
        """The records with these keys, of one field each, in their order; what there is not is left out."""
        wanted, field = dict.fromkeys(keys), self.table.key[0]
        found: dict[Any, R] = {}
        todo = iter(wanted)
        while some := list(islice(todo, MOST_IN_A_LIST)):
            found |= {getattr(record, field): record for record in self.ask(self.table.with_keys, keys=some)}
        return {key: found[key] for key in wanted if key in found}

    def all(
        self, *where: Any, order: Iterable[Any] = (), limit: int | None = None, offset: int | None = None
    ) -> list[R]:
        return [self.read(row) for row in self.rows(*where, order=order, limit=limit, offset=offset)]

    def read(self, row: Sequence[Any]) -> R:
        """The record of one of the `rows`."""
        return self.table.read_driver(row) if self.store.driver is not None else self.table.read(row)

    def rows(
        self, *where: Any, order: Iterable[Any] = (), limit: int | None = None, offset: int | None = None
    ) -> Sequence[Sequence[Any]]:
        """The rows as the database has them, key first: equal to what they were as long as nothing in them changed."""
        wanted = self.table.select if self.store.driver is None else self.table.driver_select
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
        driver, order = self.store.driver, tuple(order)
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
        table, driver = self.table, self.store.driver
        if driver is None:
            return [table.read(row) for row in self._connection.execute(statement.statement, values)]
        return [table.read_driver(row) for row in driver.execute(*statement.bound(SQLITE, values))]

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
        driver = self.store.driver
        shape = Shape.of(where) if driver is not None else None
        text = None if shape is None else self.table.text(kind, shape, lambda: statement.where(*where))
        if driver is None or shape is None or text is None:
            return self._connection.execute(statement.where(*where))
        return driver.execute(text.sql, text.bound(shape.values))

    def add(self, record: R) -> R:
        """Keep a new record; `Duplicate` when its key or a unique value is taken."""
        driver = self.store.driver
        try:
            if driver is not None:
                driver.execute(self.table.insert_text, self.table.driver_row(record))
            else:
                with self._connection.begin_nested():
                    self._connection.execute(sa.insert(self.table.sql), self.table.row(record))
        except sqlite3.IntegrityError as taken:
            raise Duplicate(str(taken)) from None
        except sa.exc.IntegrityError as taken:
            raise Duplicate(str(taken.orig)) from None
        self._changed()
        return record

    def put(self, record: R) -> R:
        """Keep a record, in place of the one with the same key."""
        driver = self.store.driver
        if driver is None:
            self.put_all([record])
        else:
            driver.execute(self.table.upsert_text, self.table.driver_row(record))
            self._changed()
        return record

    def change(self, old: R, new: R) -> R:
        """Keep a record in the place of the one with the same key that is kept now: what is the same in both is not
        written, nor are the indexes that only have to do with that."""
        driver = self.store.driver
        if driver is None or driver.execute(*self.table.update(old, new)).rowcount != 1:
            return self.put(new)
        self._changed()
        return new

    def put_all(self, records: Sequence[R]) -> None:
        if not records:
            return
        table, driver = self.table, self.store.driver
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


class Savepoint:
    """Up to where a transaction can be undone."""

    def __init__(self, store: Store) -> None:
        self._store, self._drawn = store, dict(store.sequences.drawn)
        self._point = store.connection.begin_nested()

    @property
    def is_active(self) -> bool:
        """Not any more when the transaction was kept meanwhile."""
        return self._point.is_active

    def commit(self) -> None:
        self._point.commit()

    def rollback(self) -> None:
        self._point.rollback()
        self._store.sequences.drawn = self._drawn


class Store:
    """All records of one world, in one transaction.

    `memos` is None where another server may write to the same database: then nothing is remembered. `lasting`: what is
    kept stays when this process ends.
    """

    def __init__(
        self,
        connection: sa.Connection,
        tables: Mapping[type[Any], Table[Any]],
        *,
        versions: dict[str, int],
        memos: dict[Any, Any] | None,
        lasting: bool = False,
    ) -> None:
        self.connection, self.versions, self.memos = connection, versions, memos
        self.shared = memos is None
        self.sequences = Sequences(self, lasting=lasting)
        self.changes = 0  # how often any record was changed
        self.dialect = connection.dialect.name
        self._tables = tables
        self._collections: dict[type[Any], Collection[Any]] = {}
        self._text_indexes: dict[tuple[str, str], TextIndex] = {}
        driver: Any = connection.connection.dbapi_connection
        self._driver = driver if isinstance(driver, sqlite3.Connection) else None

    def __getitem__(self, record: type[R]) -> Collection[R]:
        try:
            return self._collections[record]
        except KeyError:
            made = self._collections[record] = Collection(self._tables[record], self)
            return made

    @property
    def driver(self) -> sqlite3.Connection | None:
        """SQLite's own connection, which begins a transaction by itself; None where the database is another."""
        if self.connection.closed:
            raise sa.exc.ResourceClosedError("this world was dropped")
        return self._driver

    def commit(self) -> None:
        """Keep what was written since the last time. SQLAlchemy has a transaction only where it was asked itself."""
        self.sequences.keep()
        if self.connection.in_transaction():
            self.connection.commit()
        elif self._driver is not None:
            self._driver.commit()

    def rollback(self) -> None:
        self.sequences.drawn.clear()
        if self.connection.in_transaction():
            self.connection.rollback()
        elif self._driver is not None:
            self._driver.rollback()

    def may_hold(self, column: sa.Column[Any], texts: Iterable[str]) -> Any | None:
        """A selection of the ids of the records that may hold all of these texts in a column of theirs; None where each
        is to be looked at."""
        driver, slot = self.driver, (column.table.name, column.name)
        if driver is None:
            return None
        if slot not in self._text_indexes:
            self._text_indexes[slot] = TextIndex(driver, *slot)
        return self._text_indexes[slot].holding(texts)

    def be_alone(self) -> None:
        """Until this transaction ends, other servers that want to be alone in this world wait: rules read before they
        write (is this SKU free?). A server's own transactions never overlap, so without others there is no waiting."""
        if self.dialect == "postgresql":
            key = sa.func.hashtextextended(sa.func.current_schema(), 0)
            self.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    def savepoint(self) -> Savepoint:
        """What is written from here on can be undone by itself. Never outside a transaction: after a world in memory
        was replaced as a whole, SQLite loses what is in it when such a savepoint is undone."""
        driver = self.driver
        if driver is not None and not driver.in_transaction:
            driver.execute("BEGIN")
        return Savepoint(self)

    def execute(self, statement: Any, parameters: Any = None) -> Any:
        """Any SQLAlchemy statement, for what the collections do not offer (joins, aggregates)."""
        return self.connection.execute(statement, parameters)

    def run(self, statement: Statement, **values: Any) -> list[Sequence[Any]]:
        """The rows that a statement gives that is asked again and again: it is written out once."""
        driver = self.driver
        if driver is None:
            return list(self.connection.execute(statement.statement, values))
        rows = driver.execute(*statement.bound(SQLITE, values)).fetchall()
        back = statement.back(SQLITE)
        if not back:
            return rows
        turned: list[Any] = [list(row) for row in rows]
        for row in turned:
            for at, to in back:
                row[at] = to(row[at])
        return turned
