"""How values of records are kept in columns and in JSON, and how they come back."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine

Converter = Callable[[Any], Any]

_NUMBERS = {None: None, False: 0, True: 1}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """A time in UTC, kept as whole microseconds since 1970 so that it sorts alike in every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


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


_TYPES: dict[Any, TypeEngine[Any]] = {
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


def column_type(hint: Any) -> TypeEngine[Any]:
    bare = _bare(hint)
    if isinstance(bare, type) and issubclass(bare, Enum):
        return sa.Text()
    return _TYPES.get(bare) or Json()


def reader(hint: Any) -> Converter | None:
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


def to_database(kind: TypeEngine[Any], dialect: sa.Dialect) -> Converter | None:
    """How a value of this type is handed to the driver, where it is not taken as it is."""
    if isinstance(kind, Moment):  # spelled out: these, truth and JSON are all that is worth the detour
        return lambda v: None if v is None else (v - _EPOCH) // _MICROSECOND
    if isinstance(kind, sa.Boolean) and dialect.name == "sqlite":
        return _NUMBERS.__getitem__
    return kind.dialect_impl(dialect).bind_processor(dialect)


def from_database(kind: TypeEngine[Any], dialect: sa.Dialect) -> Converter | None:
    """How what the driver gives becomes a value of this type, where it is not one already."""
    if isinstance(kind, Moment):
        return lambda v: None if v is None else _EPOCH + timedelta(microseconds=v)
    if isinstance(kind, Json):
        return lambda v: None if v is None else orjson.loads(v)
    return kind.dialect_impl(dialect).result_processor(dialect, None)
