"""How records of one class are kept in SQL: real columns for what is searched, JSON for the rest."""

from __future__ import annotations

import dataclasses
import typing
import zlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from .columns import Converter, Json, column_type, from_database, reader, to_database
from .statements import Shape, Statement, Written

R = TypeVar("R")

METADATA = sa.MetaData()
SQLITE = sqlite.dialect()
_MOST_TEXTS = 500  # statements of one table that are kept written out


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
        self._plain_defaults = {f.name: f.default for f in fields if f.default is not dataclasses.MISSING}
        self._factories = [(f.name, f.default_factory) for f in fields if f.default_factory is not dataclasses.MISSING]
        self._fields = len(fields)
        self._checks_itself = hasattr(record, "__post_init__") or hasattr(record, "__slots__")
        self.readers = {n: r for n, h in hints.items() if (r := reader(h)) is not None}
        self.column_readers = {n: r for n, r in self.readers.items() if n in self.column_names}
        types = {c: column_type(hints[c]) for c in self.column_names}
        numbered = len(self.key) == 1 and isinstance(types[self.key[0]], sa.BigInteger)
        if numbered:  # under this name of the type, and no other, the key is SQLite's own number of the row
            types[self.key[0]] = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
        self.sql = sa.Table(
            name,
            METADATA,
            *(sa.Column(c, kind, primary_key=c in self.key, autoincrement=False) for c, kind in types.items()),
            sa.Column("rest", Json(), nullable=False),
            *(sa.UniqueConstraint(*group, name=_named("uq", name, *group)) for group in unique),
            *(sa.Index(_named("ix", name, *group), *group) for group in indexes),
            info={"records": self},
            sqlite_with_rowid=numbered,  # else rows are kept in their key's index, and not once more beside it
        )
        self.c = self.sql.c
        self.width = len(self.column_names)
        self.select = sa.select(self.sql)
        self.select_keys = sa.select(self.c[self.key[0]])
        self._by_key = self.select.where(*(self.c[name] == sa.bindparam(name) for name in self.key))
        self.with_keys = Statement(self.select.where(self.c[self.key[0]].in_(sa.bindparam("keys", expanding=True))))
        self._upserts: dict[str, Any] = {}
        self._updates: dict[tuple[str, ...], str] = {}
        self._texts: dict[Hashable, Written | None] = {}

    def blank(self, **values: Any) -> R:
        """A record of these values and, for the rest, of defaults: what the class makes of them, in a tenth of the time
        where there are many fields."""
        return self._record(values, {})

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
            if value is not default and (value != default or type(value) is not type(default)):
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
        if self._checks_itself:
            return self.record(**values)
        record = object.__new__(self.record)  # a frozen dataclass sets its fields one by one, by a slow way round
        kept = record.__dict__
        kept |= self._plain_defaults
        for name, factory in self._factories:
            if name not in values:
                kept[name] = factory()
        kept |= values
        if len(kept) != self._fields:
            return self.record(**values)  # which says what is missing, or what it does not know
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
            self._texts[slot] = Written.of(statement(), SQLITE, shape)
        return self._texts[slot]

    @cached_property
    def get_text(self) -> str:
        return str(self._by_key.compile(dialect=SQLITE))

    @cached_property
    def insert_text(self) -> str:
        return str(sa.insert(self.sql).compile(dialect=SQLITE))

    @cached_property
    def upsert_text(self) -> str:
        return str(self.upsert("sqlite").compile(dialect=SQLITE))

    def update(self, old: R, new: R) -> tuple[str, list[Any]]:
        """The statement that makes the row of the old record that of the new one, and its values."""
        names, values = [], []
        for name, convert in self._to_driver[len(self.key) :]:
            value = getattr(new, name)
            if value != getattr(old, name):
                names.append(name)
                values.append(value if convert is None else convert(value))
        changed = (*names, "rest")
        if changed not in self._updates:
            settings = ", ".join(f'"{name}" = ?' for name in changed)
            keys = " AND ".join(f'"{name}" = ?' for name in self.key)
            self._updates[changed] = f'UPDATE "{self.name}" SET {settings} WHERE {keys}'  # noqa: S608 (names of ours)
        key = [getattr(new, name) for name in self.key]
        bound = [v if to is None else to(v) for to, v in zip(self.key_to_driver, key, strict=True)]
        return self._updates[changed], [*values, _REST_TO_DRIVER(self._rest(new)), *bound]

    @cached_property
    def _to_driver(self) -> list[tuple[str, Converter | None]]:
        return [(name, to_database(self.c[name].type, SQLITE)) for name in self.column_names]

    @cached_property
    def _converted(self) -> list[tuple[int, Converter]]:
        """The columns, by their place, whose values are turned into the driver's."""
        return [(at, convert) for at, (_, convert) in enumerate(self._to_driver) if convert is not None]

    @cached_property
    def key_to_driver(self) -> list[Converter | None]:
        return [convert for _, convert in self._to_driver[: len(self.key)]]

    @cached_property
    def from_driver(self) -> list[tuple[str, Converter]]:
        kept = ((name, from_database(self.c[name].type, SQLITE)) for name in self.column_names)
        return [(name, convert) for name, convert in kept if convert is not None]

    def driver_row(self, record: R) -> list[Any]:
        row = [getattr(record, name) for name in self.column_names]
        for at, convert in self._converted:
            row[at] = convert(row[at])
        row.append(_REST_TO_DRIVER(self._rest(record)))
        return row

    def read_driver(self, row: Sequence[Any]) -> R:
        values = dict(zip(self.column_names, row, strict=False))
        for name, convert in self.from_driver:
            values[name] = convert(values[name])
        for name, convert in self.column_readers.items():
            values[name] = convert(values[name])
        return self._record(values, _REST_FROM_DRIVER(row[self.width]))


def _converter(found: Converter | None) -> Converter:
    assert found is not None
    return found


_REST_TO_DRIVER = _converter(to_database(Json(), SQLITE))
_REST_FROM_DRIVER = _converter(from_database(Json(), SQLITE))
