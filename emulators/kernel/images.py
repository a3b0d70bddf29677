"""A snapshot that comes from elsewhere is looked at before it becomes a world: its tables are ours, and its rows are
such as a world writes. What it refuses is told by place and kind; values may be somebody's keys."""

from __future__ import annotations

import dataclasses
import sqlite3
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from typing import Annotated, Any

import orjson
import sqlalchemy as sa

from .columns import Converter, Json, Moment
from .databases import Image, SqliteDatabase, mark_layout, readable
from .errors import LabError
from .http import DEEPEST, too_deep
from .tables import METADATA, SQLITE, Table

Fits = Callable[[Any], bool]
Rows = Iterable[Sequence[Any]]
_MOST_NUMBER = 2**63 - 1
_MOST_SEQUENCE = 2**52  # counts onwards, and must stay a number that JSON can tell
_DEEPEST = DEEPEST + 8  # levels of what is kept: a body, and what is around it
_SHOWN = 3  # differences that a refusal names


def checked_image(image: Image, shared: bool) -> Image:
    """The image, good for a world: `LabError` unless it was exported from a database of the same kind, with the same
    tables, and holds what their records hold. `shared`: of PostgreSQL."""
    return _checked_rows(image) if shared else _checked_database(image)


def _checked_rows(image: Image) -> Image:
    try:
        tables = orjson.loads(image)
    except ValueError:
        tables = None
    if not isinstance(tables, dict):
        raise LabError("this file is no snapshot of a PostgreSQL world: such a one is a JSON object of tables")
    _same(set(tables), {table.name for table in METADATA.sorted_tables})
    for table in METADATA.sorted_tables:
        rows = tables[table.name]
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise LabError(f"this snapshot is damaged: table {table.name} is no list of rows")
        _look_at(table, rows, shared=True)
    return image


def _checked_database(image: Image) -> Image:
    if not image.startswith(b"SQLite format 3\x00"):
        raise LabError("this file is no snapshot: it is no SQLite database, as exported snapshots are")
    probe = sqlite3.connect(":memory:")
    try:
        probe.deserialize(readable(image))
        probe.execute("pragma trusted_schema = off")
        _same(_made_of(probe), _made_of_ours(len(METADATA.tables)))  # first: to look at rows does what a schema says
        (sound,) = probe.execute("pragma integrity_check(1)").fetchone()
        if sound != "ok":
            raise LabError("this snapshot is damaged: SQLite finds that its pages or its indexes are not in order")
        for table in METADATA.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            rows = probe.execute(f'select {names} from "{table.name}"')  # noqa: S608 - our own names
            _look_at(table, rows, shared=False)
        mark_layout(probe)
        return probe.serialize()
    except sqlite3.Error as bad:
        raise LabError(f"this file is no snapshot: {bad}") from None
    finally:
        probe.close()


def _same(found: set[Any], wanted: set[Any]) -> None:
    """The file's tables, by name or by all that is said of them."""
    if found == wanted:
        return
    told = [f"{what} {_some(names)}" for what, names in (("lacks", wanted - found), ("has", found - wanted)) if names]
    raise LabError(f"this snapshot is of another version of storelab, or of something else: it {' and '.join(told)}")


def _some(names: set[Any]) -> str:
    plain = sorted({name if isinstance(name, str) else f"{name[0]} {name[1]}" for name in names})
    more = f" and {len(plain) - _SHOWN} more" if len(plain) > _SHOWN else ""
    return ", ".join(repr(name[:60]) for name in plain[:_SHOWN]) + more


def _made_of(database: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """All that a schema says, so also checks, defaults, computed columns and indexes over expressions."""
    rows = database.execute("select type, name, sql from sqlite_master where sql is not null")
    return {(kind, name, " ".join(str(sql).split())) for kind, name, sql in rows}


@lru_cache(maxsize=2)
def _made_of_ours(tables: int) -> set[tuple[str, str, str]]:
    """Of all tables that there are: so many by now, as a vendor's come when it is imported."""
    made = SqliteDatabase(None)
    try:
        made.reset(None)
        return _made_of(made._raw)
    finally:
        made.close()


# -- rows


def _look_at(table: sa.Table, rows: Rows, *, shared: bool) -> None:
    """`LabError` for the first row that no world could have written."""
    records: Table[Any] = table.info["records"]
    columns = [(column, *_column(column, shared)) for column in table.columns]
    once = [
        [list(table.columns).index(column) for column in rule.columns]
        for rule in table.constraints
        if isinstance(rule, sa.UniqueConstraint | sa.PrimaryKeyConstraint)
    ]
    seen: list[set[tuple[Any, ...]]] = [set() for _ in once]
    for number, row in enumerate(rows, 1):
        place = f"this snapshot is damaged: row {number} of {table.name}"
        if len(row) != len(columns):
            raise LabError(f"{place} has {len(row)} values, and {len(columns)} are wanted")
        for (column, wanted, fits), value in zip(columns, row, strict=True):
            if not (column.nullable if value is None else fits(value)):
                raise LabError(f"{place} has {_kind(value)} as {column.name}, and {wanted} is wanted")
        for places, values in zip(once, seen, strict=True):
            key = tuple(row[at] for at in places)
            if None not in key and key in values:
                names = ", ".join(table.columns[at].name for at in places)
                raise LabError(f"{place} has the same {names} as an earlier one")
            values.add(key)
        if wrong := _misfit(records, row):
            raise LabError(f"{place} {wrong}")


def _column(column: sa.Column[Any], shared: bool) -> tuple[str, Fits]:
    """What is wanted in it, in words and as a test. PostgreSQL has truth values, and no text with a zero in it."""
    kind = column.type
    if isinstance(kind, Moment):
        first, last = (
            kind.process_bind_param(at.replace(tzinfo=UTC), SQLITE) or 0 for at in (datetime.min, datetime.max)
        )
        return "a moment in microseconds", lambda v: type(v) is int and first <= v <= last
    if column.table.name == "lab_sequences" and column.name == "value":
        return f"a number from 0 to {_MOST_SEQUENCE}", lambda v: type(v) is int and 0 <= v <= _MOST_SEQUENCE
    if isinstance(kind, sa.Boolean):
        return "a truth value", lambda v: type(v) is bool if shared else type(v) is int and v in (0, 1)
    if isinstance(kind, sa.Integer):
        return "a whole number", lambda v: type(v) is int and -_MOST_NUMBER <= v <= _MOST_NUMBER
    if isinstance(kind, sa.Float):
        return "a number", lambda v: type(v) in (int, float)
    wanted = "JSON" if isinstance(kind, Json) else "a text"
    return wanted, lambda v: type(v) is str and not (shared and "\0" in v)


def _misfit(records: Table[Any], row: Sequence[Any]) -> str:
    """What keeps the row from being read as a record, if anything."""
    if too_deep(row[records.width].encode(), _DEEPEST):
        return f"is nested deeper than {_DEEPEST} levels"
    try:
        rest = orjson.loads(row[records.width])
    except ValueError:
        return "has something as rest that is not JSON"
    if not isinstance(rest, dict):
        return f"has {_kind(rest)} as rest, and an object is wanted"
    if unknown := rest.keys() - records.defaults.keys():
        return f"has {_some(unknown)}, which no {records.record.__name__} has"
    needed = {name for name, default in records.defaults.items() if default is dataclasses.MISSING}
    if missing := needed - rest.keys():
        return f"lacks {_some(missing)}"
    fitting, from_driver = _fitting(records), dict(records.from_driver)
    for name, value in (*zip(records.column_names, row, strict=False), *rest.items()):
        wanted, fits = fitting[name]
        if not _reads(fits, value, from_driver.get(name), records.readers.get(name)):
            return f"has {_kind(value)} as {name}, and {wanted} is wanted"
    return ""


def _reads(fits: Fits, value: Any, *converters: Converter | None) -> bool:
    """Whether what the converters make of the value fits."""
    try:
        for convert in filter(None, converters):
            value = convert(value)
    except (ValueError, TypeError, ArithmeticError):
        return False
    return fits(value)


def _kind(value: Any) -> str:
    """What it is, and never the value itself."""
    names = {
        type(None): "nothing", bool: "a truth value", int: "a whole number", float: "a number", str: "a text",
        bytes: "bytes", list: "a list", tuple: "a list", dict: "an object",
    }  # fmt: skip
    return names.get(type(value), f"a {type(value).__name__}")


# -- types


@cache
def _fitting(records: Table[Any]) -> Mapping[str, tuple[str, Fits]]:
    """Of each field: its type in words, and whether a value fits it."""
    return {
        name: (_named(hint), fitting(hint))
        for name, hint in typing.get_type_hints(records.record, include_extras=True).items()
    }


def _named(hint: Any) -> str:
    plain = hint.__origin__ if typing.get_origin(hint) is Annotated else hint
    return f"{getattr(plain, '__name__', str(plain))}{' with what belongs in it' if plain is not hint else ''}"


class _Amount(str):
    """A `Decimal` within a free object, which keeps its text."""


def _is_amount(value: Any) -> bool:
    try:
        return type(value) is str and Decimal(value).is_finite()
    except ArithmeticError:
        return False


def _members(hints: Mapping[str, Any], needed: Collection[str], *, more: bool) -> Fits:
    """Of an object: those that are needed are there, all that are known fit, and there are no `more` than these."""
    known = {name: fitting(hint) for name, hint in hints.items()}

    def fits(value: Any) -> bool:
        return (
            type(value) is dict
            and value.keys() >= set(needed)
            and (more or value.keys() <= known.keys())
            and all(known[name](one) for name, one in value.items() if name in known)
        )

    return fits


def fitting(hint: Any) -> Fits:
    """Whether a value is of this type. What free objects hold is not looked at, unless a type beside theirs says what
    that is: `Annotated[list[dict[str, Any]], list[Line]]`, a dataclass that is made of it or a `TypedDict`. Raises
    `TypeError` for a type that no record has a use for."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        all_of = [fitting(one) for one in inner]
        return lambda value: all(fits(value) for fits in all_of)
    if typing.is_typeddict(hint):
        return _members(typing.get_type_hints(hint), hint.__required_keys__, more=True)
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        needed = {f.name for f in dataclasses.fields(hint) if f.default is f.default_factory is dataclasses.MISSING}
        return _members({name: _Amount if of is Decimal else of for name, of in hints.items()}, needed, more=False)
    if hint is _Amount:
        return _is_amount
    if hint is Any:
        return lambda value: True
    if origin in (typing.Union, types.UnionType):
        either = [fitting(one) for one in inner]
        return lambda value: any(fits(value) for fits in either)
    if hint is float:
        return lambda value: type(value) in (int, float)
    if hint is datetime:
        return lambda value: isinstance(value, datetime) and value.tzinfo is not None
    if hint is Decimal:
        return lambda value: isinstance(value, Decimal) and value.is_finite()
    if origin is dict:
        of_value = fitting(inner[1])
        return lambda value: type(value) is dict and all(map(of_value, value.values()))
    if origin in (list, tuple):
        of_item = fitting(inner[0])
        return lambda value: type(value) is origin and all(map(of_item, value))
    if isinstance(hint, type) and (hint in (bool, int, str, types.NoneType) or issubclass(hint, Enum)):
        return lambda value: type(value) is hint
    raise TypeError(f"no record holds a {hint}")
