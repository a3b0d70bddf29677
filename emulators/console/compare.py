"""What differs between two images of worlds: record by record, service by service, without a credential."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ..kernel.databases import Image
from ..kernel.emulator import Emulator
from ..kernel.journal import masked
from ..kernel.tables import Table
from .tables import cell

MOST_SHOWN = 20  # records of one kind
LABORATORY = "laboratory"  # what belongs to no service: the clock, deliveries, jobs
_SILENT = ("lab_sequences",)

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Difference:
    """One record: `what` is added, removed or changed; `fields` are those that differ, as they were and as they are."""

    what: str
    key: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Kind:
    """The records of one kind that differ; `shown` are the first of `total`."""

    name: str
    total: int
    shown: tuple[Difference, ...]


def compared(
    before: Image, after: Image, emulators: Mapping[str, Emulator], kernel: tuple[Table[Any], ...]
) -> dict[str, list[Kind]]:
    """By service; services in which nothing differs are left out."""
    old, new = _Opened(before), _Opened(after)
    found: dict[str, list[Kind]] = {}
    owners = [(name, e.tables, e.secrets) for name, e in emulators.items()]
    for owner, tables, secrets in [*owners, (LABORATORY, kernel, frozenset[str]())]:
        kinds = [
            _kind(table, old.rows(table), new.rows(table), secrets) for table in tables if table.name not in _SILENT
        ]
        if differing := [kind for kind in kinds if kind.total]:
            found[owner] = differing
    return found


class _Opened:
    """The rows of an image, of either kind of database."""

    def __init__(self, image: Image) -> None:
        self._json: dict[str, list[list[Any]]] | None = orjson.loads(image) if image.startswith(b"{") else None
        self._sqlite = sqlite3.connect(":memory:", check_same_thread=False)
        if self._json is None:
            self._sqlite.deserialize(image)

    def rows(self, table: Table[Any]) -> dict[Row, Row]:
        """By key, raw."""
        names = (*table.column_names, "rest")
        if self._json is not None:
            found: Iterator[Any] = iter(self._json.get(table.name, []))
        else:
            columns = ", ".join(f'"{name}"' for name in names)
            found = self._sqlite.execute(f'select {columns} from "{table.name}"')  # noqa: S608 (names of our own tables)
        width = len(table.key)
        return {tuple(row[:width]): tuple(row) for row in found}


def _kind(table: Table[Any], old: dict[Row, Row], new: dict[Row, Row], secrets: frozenset[str]) -> Kind:
    keys = [key for key in old if new.get(key) != old[key]] + [key for key in new if key not in old]
    shown = [_difference(table, key, old.get(key), new.get(key), secrets) for key in keys[:MOST_SHOWN]]
    return Kind(table.record.__name__, len(keys), tuple(shown))


def _difference(table: Table[Any], key: Row, old: Row | None, new: Row | None, secrets: frozenset[str]) -> Difference:
    was, is_ = _fields(table, old, secrets), _fields(table, new, secrets)
    names = [name for name in {**was, **is_} if was.get(name) != is_.get(name)]
    fields = tuple((name, cell(was.get(name)), cell(is_.get(name))) for name in names)
    what = "added" if old is None else "removed" if new is None else "changed"
    return Difference(what, ", ".join(str(part) for part in key), fields)


def _fields(table: Table[Any], row: Row | None, secrets: frozenset[str]) -> dict[str, Any]:
    if row is None:
        return {}
    rest = row[-1]
    own = dict(zip(table.column_names, row, strict=False))
    values = {**own, **(orjson.loads(rest) if isinstance(rest, str | bytes) else rest)}
    shown: dict[str, Any] = masked(values, secrets)
    return {name: value for name, value in shown.items() if value is not None}
