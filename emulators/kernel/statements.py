"""Statements that are written once: asked again in the same shape, only their values travel.

SQLAlchemy takes a quarter of a millisecond to build a statement, to recognise that it has compiled the like of it, and
to wrap what comes back; SQLite answers in a hundredth of one. So for SQLite the text that SQLAlchemy wrote is kept,
and handed to the driver with the values alone. What is not recognised here goes SQLAlchemy's way, and so does every
other database.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import (
    AsBoolean,
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    ColumnClause,
    False_,
    Grouping,
    Null,
    True_,
    UnaryExpression,
)
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import TypeEngine

from .columns import Converter, from_database, to_database

MOST_IN_A_LIST = 100  # longer lists differ in length too much to keep a text for each
_CONSTANTS = (True_, False_, Null)


@dataclass
class Shape:
    """What expressions ask, without the values: equal for all that are asked by the same text."""

    key: Hashable
    values: list[Any] = field(default_factory=list)
    types: list[TypeEngine[Any]] = field(default_factory=list)  # of the values

    @classmethod
    def of(cls, expressions: Iterable[Any]) -> Shape | None:
        """None for what is not recognised."""
        shape = cls(())
        keys = []
        for expression in expressions:
            key = shape._add(expression)
            if key is None:
                return None
            keys.append(key)
        shape.key = tuple(keys)
        return shape

    def add(self, kind: TypeEngine[Any], *values: Any) -> None:
        """Values that follow those of the expressions."""
        self.values.extend(values)
        self.types.extend([kind] * len(values))

    def _add(self, expression: Any) -> Hashable | None:
        kind = type(expression)
        if kind is sa.Column:
            return expression  # type: ignore[no-any-return]
        if kind is ColumnClause and expression.is_literal:
            return (kind, expression.name)
        if kind is BinaryExpression:
            return self._add_comparison(expression)
        if kind is UnaryExpression or kind is AsBoolean:
            element = self._add(expression.element)
            return None if element is None else (element, expression.operator, expression.modifier)
        if kind is Grouping:
            return self._add(expression.element)
        if kind is BooleanClauseList:
            inner = [self._add(clause) for clause in expression.clauses]
            return None if None in inner else (expression.operator, *inner)
        return None

    def _add_comparison(self, expression: BinaryExpression[Any]) -> Hashable | None:
        left, right = expression.left, expression.right
        if type(left) is not sa.Column:
            return None
        if isinstance(right, _CONSTANTS):
            return (left, expression.operator, type(right))
        if type(right) is not BindParameter:
            return None
        if not right.expanding:
            self.add(right.type, right.value)
            return (left, expression.operator, type(right.type))
        values: Sequence[Any] = right.value  # type: ignore[assignment]
        if len(values) > MOST_IN_A_LIST:
            return None
        self.add(right.type, *values)
        return (left, expression.operator, type(right.type), len(values))


@dataclass(frozen=True)
class Written:
    """A statement's text, with what turns values into the driver's."""

    sql: str
    binds: tuple[Converter | None, ...]
    plain: bool  # no value needs turning

    @classmethod
    def of(cls, statement: Any, dialect: sa.Dialect, shape: Shape) -> Written | None:
        """None where the text takes the values in another order than the shape has them."""
        compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        if [compiled.params[name] for name in compiled.positiontup or ()] != shape.values:
            return None
        binds = tuple(to_database(kind, dialect) for kind in shape.types)
        return cls(compiled.string, binds, not any(binds))

    def bound(self, values: Sequence[Any]) -> Sequence[Any]:
        if self.plain:
            return values
        return [value if bind is None else bind(value) for bind, value in zip(self.binds, values, strict=True)]


@dataclass(frozen=True)
class _Text:
    """`names`: in the order in which the text takes their values; `turned`: the places of those that are turned into
    the driver's. `own`: values that the statement has itself; `lists`: the names of the parts of each list."""

    sql: str
    names: list[str]
    turned: list[tuple[int, Converter]]
    own: Mapping[str, Any]
    lists: Mapping[str, Sequence[str]]

    def bound(self, values: Mapping[str, Any]) -> list[Any]:
        given = {**self.own, **values}
        for name, parts in self.lists.items():
            given.update(zip(parts, values[name], strict=True))
        taken = [given[name] for name in self.names]
        for place, to in self.turned:
            taken[place] = to(taken[place])
        return taken


class Statement:
    """A statement with named parameters (`sa.bindparam`), made once: `store.run(STATEMENT, name=...)`. For those that
    expand a list is given; there is a text for each length."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        binds = (node for node in iterate(statement) if isinstance(node, BindParameter))
        self._expanding = [bind.key for bind in binds if bind.expanding and bind.required]
        self._texts: dict[tuple[int, ...], _Text] = {}
        self._back: list[tuple[int, Converter]] | None = None

    def bound(self, dialect: sa.Dialect, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """Its text for SQLite, and the values in the order in which the text takes them."""
        lengths = tuple([len(values[name]) for name in self._expanding]) if self._expanding else ()
        text = self._texts.get(lengths)
        if text is None:
            if len(self._texts) > MOST_IN_A_LIST:
                self._texts.clear()
            text = self._texts[lengths] = self._written(dialect, values)
        return text.sql, text.bound(values)

    def _written(self, dialect: sa.Dialect, values: Mapping[str, Any]) -> _Text:
        compiled = self.statement.compile(dialect=dialect)
        expanded = compiled.construct_expanded_state({**compiled.params, **values})
        lists = {name: list(expanded.parameter_expansion.get(name, ())) for name in self._expanding}
        kinds = {name: compiled.binds[name].type for name in compiled.binds}
        kinds |= {part: kinds[name] for name, parts in lists.items() for part in parts}
        names = expanded.positiontup or ()
        own = {name: value for name, value in expanded.parameters.items() if name not in values}
        turned = [(at, to) for at, name in enumerate(names) if (to := to_database(kinds[name], dialect)) is not None]
        return _Text(expanded.statement, list(names), turned, own, lists)

    def back(self, dialect: sa.Dialect) -> list[tuple[int, Converter]]:
        """The places of the columns that do not come back as they are, and how they do."""
        if self._back is None:
            columns = enumerate(self.statement.exported_columns)
            self._back = [(at, to) for at, c in columns if (to := from_database(c.type, dialect)) is not None]
        return self._back
