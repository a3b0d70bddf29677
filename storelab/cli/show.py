"""How results are shown: tables for people, JSON for machines."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """The text without what a terminal obeys, written out instead: it may come from anybody who was recorded."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def as_json(value: Any) -> None:
    """One JSON document on standard output."""
    shown = sys.stdout.isatty()
    text = json.dumps(value, ensure_ascii=False, indent=2 if shown else None)
    print(plain(text) if shown else text, flush=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=escape(plain(title)), title_justify="left", header_style="bold", expand=False)
    for column in columns:
        shown.add_column(escape(plain(column)), overflow="fold")
    for row in rows:
        shown.add_row(*(_colored(str(cell), escape(plain(str(cell)))) for cell in row))
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
    print(plain(text), flush=True)


_COLORS = {"held": "green", "kept": "green", "yes": "green", "broken": "red", "no": "red", "unproven": "yellow"}


def _colored(cell: str, escaped: str) -> str:
    color = _COLORS.get(cell)
    return f"[{color}]{escaped}[/{color}]" if color else escaped
