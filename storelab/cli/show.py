"""How results are shown: tables for people, JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def as_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=None if not sys.stdout.isatty() else 2), flush=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(_colored(str(cell), escape(str(cell))) for cell in row))
    Console().print(shown)


def mapping(title: str, found: Mapping[str, Any]) -> None:
    """What is known by key; where each has the same parts, they are columns."""
    parts = [value for value in found.values() if isinstance(value, dict)]
    if not parts or len(parts) < len(found):
        table(title, ("what", "value"), found.items())
        return
    names = list(dict.fromkeys(name for part in parts for name in part))
    table(title, ("", *names), ((key, *(value.get(name, "") for name in names)) for key, value in found.items()))


def say(text: str = "") -> None:
    """A line for people, on standard output, without any markup."""
    print(text, flush=True)


_COLORS = {"held": "green", "kept": "green", "yes": "green", "broken": "red", "no": "red", "unproven": "yellow"}


def _colored(cell: str, escaped: str) -> str:
    color = _COLORS.get(cell)
    return f"[{color}]{escaped}[/{color}]" if color else escaped
