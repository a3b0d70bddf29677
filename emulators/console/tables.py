"""Facts as tables: any JSON value as rows and columns that a person can read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 100  # on one page
MOST_COLUMNS = 12


@dataclass(frozen=True)
class Sheet:
    """`total` counts all rows that match, of which `rows` are one page."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    page: int = 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // MOST_ROWS))


def sheet(value: Any, *, text: str = "", page: int = 1) -> Sheet:
    """The rows that hold this text, whatever its case; `page` counts from 1."""
    columns, rows = _laid_out(value)
    if text:
        rows = [row for row in rows if any(text.lower() in cell.lower() for cell in row)]
    begin = (page - 1) * MOST_ROWS
    return Sheet(columns, tuple(rows[begin : begin + MOST_ROWS]), len(rows), page)


def _laid_out(value: Any) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    if isinstance(value, dict) and value and all(isinstance(v, dict) for v in value.values()):
        names = _names(list(value.values()))
        return ("", *names), [(str(k), *(cell(v.get(n)) for n in names)) for k, v in value.items()]
    if isinstance(value, dict):
        return ("what", "value"), [(str(k), cell(v)) for k, v in value.items()]
    if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        names = _names(value)
        return names, [tuple(cell(v.get(n)) for n in names) for v in value]
    if isinstance(value, list):
        return ("value",), [(cell(v),) for v in value]
    return ("value",), [] if value is None else [(cell(value),)]


def _names(rows: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    seen = dict.fromkeys(name for row in rows[:1000] for name in row)
    return tuple(list(seen)[:MOST_COLUMNS])


def cell(value: Any) -> str:
    """A value as it is read in a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, dict) and all(not isinstance(v, dict | list) for v in value.values()):
        return ", ".join(f"{k}: {cell(v)}" for k, v in value.items())
    if isinstance(value, list) and all(not isinstance(v, dict | list) for v in value):
        return ", ".join(cell(v) for v in value)
    return json.dumps(value, ensure_ascii=False)
