"""Writes stories down: what a machine found or a person clicked becomes a file that can be played again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml


class _Writer(yaml.SafeDumper):
    """Two spaces before a list's dash, as the stories here are written."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def written(
    title: str,
    backend: str,
    steps: Sequence[Mapping[str, Any]],
    *,
    given: Sequence[Mapping[str, Any]] = (),
    about: str = "",
) -> str:
    """The story as YAML. A step is one word and its value: `{"move": {"receive": {"sku": "MUG", "quantity": 5}}}`."""
    head = {"title": title, "backend": backend, **({"about": about} if about else {})}
    text = yaml.dump(head, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=110)
    for section, entries in (("given", given), ("steps", steps)):
        if entries:
            text += f"{section}:\n" + "".join(_line(word, value) for entry in entries for word, value in entry.items())
    return text


def _line(word: str, value: Any) -> str:
    """One step on one line."""
    if value is None:
        return f"  - {word}:\n"
    flow = yaml.dump({word: value}, Dumper=_Writer, default_flow_style=True, sort_keys=False, width=10_000)
    return f"  - {flow.strip()[1:-1]}\n"
