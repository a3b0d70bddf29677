"""Forms from signatures: what a state, a move or a fact takes becomes fields, and what was entered its arguments."""

from __future__ import annotations

import inspect
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..kernel.errors import LabError

PREFIX = "arg."  # of the names of fields, to keep them apart from what else a form sends
_HINTS = {
    "lines": "one per line",
    "pairs": "one per line, like MUG: 2",
    "json": "JSON",
    "any": "a text, or JSON",
}


@dataclass(frozen=True)
class Field:
    """One argument. `kind` is text, number, choice, lines, pairs, json or any; `default` as the form shows it.
    Without `required`, a field that is left as it was is not said, so that the default counts."""

    name: str
    kind: str
    required: bool
    default: str
    hint: str

    @property
    def label(self) -> str:
        return self.name.replace("_", " ")

    @property
    def large(self) -> bool:
        return self.kind in ("lines", "pairs", "json")


@dataclass(frozen=True)
class Words:
    """One state, move or fact, ready to be shown."""

    name: str
    about: str
    fields: tuple[Field, ...]

    @property
    def slug(self) -> str:
        return "".join(c if c.isalnum() else "-" for c in self.name.lower())

    @property
    def ready(self) -> bool:
        """Whether it can be said as it is."""
        return not any(field.required for field in self.fields)


def words(vocabulary: Mapping[str, Callable[..., Any]]) -> list[Words]:
    return [one(name, function) for name, function in vocabulary.items()]


@cache
def one(name: str, function: Callable[..., Any]) -> Words:
    about = (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return Words(name, about, tuple(_field(p, hints.get(p.name, Any)) for p in parameters))


def grouped(known: Sequence[Words]) -> dict[str, list[Words]]:
    """By what they are about, as their own words tell: first those of the name, then the arguments."""
    groups: dict[str, list[Words]] = {theme: [] for theme in (*_THEMES, OTHER)}
    for words_ in known:
        said = [set(words_.name.lower().split()), {part for f in words_.fields for part in f.name.split("_")}]
        themes = (theme for spoken in said for theme, marks in _THEMES.items() if marks & spoken)
        groups[next(themes, OTHER)].append(words_)
    return {theme: found for theme, found in groups.items() if found}


OTHER = "More"
_THEMES = {
    theme: frozenset(marks.split())
    for theme, marks in {
        "Connection and access": "setup token tokens key connect connection connector store integration plugin account "
        "approve approval reject suspend resume link revoke merchant user database approved awaiting rejected linked "
        "suspended disconnected woocommerce tab page",
        "Webhooks and rules": "webhook webhooks trigger rule alert alerts cron wp-cron url hooks",
        "Orders and sales": "order orders sale sell ship shipment checkout check payment pay paid refund document "
        "lines transaction debt number shipped",
        "Goods and stock": "sku skus stock product products offer article price catalogue warehouse warehouses goods "
        "pictures picture code variants shelves quantity service groups trash coupon",
        "Customers": "customer customers contact contacts buyer phone email",
    }.items()
}


def _field(parameter: inspect.Parameter, hint: Any) -> Field:
    kind = _kind(hint)
    required = parameter.default is parameter.empty
    default = "" if required else _shown(parameter.default, kind)
    return Field(parameter.name, kind, required, default, _HINTS.get(kind, ""))


def _kind(hint: Any) -> str:
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = {_kind(part) for part in parts if part is not type(None)}
        return kinds.pop() if len(kinds) == 1 else "text"
    if origin in (list, tuple, Sequence):
        return "lines" if parts and parts[0] in (str, int) else "json"
    if origin in (dict, Mapping):
        return "pairs" if len(parts) == 2 and parts[1] in (str, int, float) else "json"
    return {str: "text", int: "number", float: "number", bool: "choice", Any: "any"}.get(hint, "json")


def _shown(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind == "lines":
        return "\n".join(str(item) for item in value)
    if kind == "pairs":
        return "\n".join(f"{name}: {item}" for name, item in value.items())
    if kind == "json" or not isinstance(value, str | int | float):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def arguments(function: Callable[..., Any], entered: Mapping[str, str]) -> dict[str, Any]:
    """What was entered, as the function takes it. `LabError` says which field cannot be read, and what it takes."""
    hints = typing.get_type_hints(function)
    given: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        text = entered.get(PREFIX + parameter.name)
        if text is None:
            continue
        text = text.replace("\r\n", "\n")
        hint = hints.get(parameter.name, Any)
        field = _field(parameter, hint)
        if not field.required and text.strip() == field.default.strip():
            continue
        if not text.strip() and field.kind != "text":
            if not field.required:
                continue
            raise LabError(f"{field.label} is empty" + (f"; it takes {field.hint}" if field.hint else ""))
        given[parameter.name] = _read(field, text, hint)
    return given


def _read(field: Field, text: str, hint: Any) -> Any:
    if field.kind == "text":
        return text
    if field.kind == "number":
        return _number(field, text)
    if field.kind == "choice":
        return text == "yes"
    if field.kind == "lines":
        whole = int in typing.get_args(hint)
        items = [line.strip() for line in text.splitlines() if line.strip()]
        return [_number(field, item) for item in items] if whole else items
    if field.kind == "pairs":
        return _pairs(field, text, numbers=not _holds_text(hint))
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as bad:
        if field.kind == "any":
            return text
        raise LabError(f"{field.label} is not JSON: {bad}") from None


def _number(field: Field, text: str) -> int | float:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise LabError(f"{field.label} is {text.strip()!r}; it takes a number")


def _pairs(field: Field, text: str, *, numbers: bool) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for line in filter(str.strip, text.splitlines()):
        name, colon, value = line.rpartition(":") if numbers else line.partition(":")
        if not colon or not name.strip():
            raise LabError(f"{field.label} has the line {line.strip()!r}; it takes {field.hint}")
        pairs[name.strip()] = _number(field, value) if numbers else value.strip()
    return pairs


def _holds_text(hint: Any) -> bool:
    """Whether a mapping's values are texts; the mapping may be one part of a union."""
    parts = typing.get_args(hint)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return any(_holds_text(part) for part in parts if part is not type(None))
    return len(parts) == 2 and parts[1] is str
