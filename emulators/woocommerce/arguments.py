"""The arguments of a route, and WordPress's way of refusing and cleaning their values.

WordPress checks against a dialect of JSON Schema with rules of its own ("2.0" is an integer, a scalar is a list, an
empty text is an object) and one message per argument; all of it read off recorded answers of WooCommerce 10.5.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, NamedTuple

from ..kernel import dataclass
from . import php

_ANY: tuple[str, ...] = ()


class Issue(NamedTuple):
    """What is wrong with one argument."""

    code: str
    message: str
    data: dict[str, Any] | None = None

    @property
    def details(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "data": self.data}


@dataclass(frozen=True)
class Arg:
    """One argument. `types` in the order in which a message names them; none: anything goes.

    `ids`: a list of ids in a query, which is cleaned but never refused. `exact`: the Python type whose values are what
    is wanted, apart from those that are not `listed`; None where there is more to look at. `default`: what is told of
    it; what is filled in is the route's.
    """

    name: str
    types: tuple[str, ...] = _ANY
    listed: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    format: str = ""
    items: Arg | None = None
    properties: Mapping[str, Arg] = field(default_factory=dict)
    ids: bool = False
    absolute: bool = False
    exact: type | None = None
    default: Any = None


_EXACT: dict[str, type] = {"string": str, "integer": int, "boolean": bool}


def made(name: str, schema: Mapping[str, Any], resolved: Callable[[Any], Any], *, query: bool = False) -> Arg:
    """The argument that an OpenAPI schema describes."""
    schema = resolved(schema)
    types = _types(schema)
    items = schema.get("items")
    inner = made(name, items, resolved) if items is not None else None
    bounded = {"minimum", "maximum", "format"} & schema.keys() or (query and types == ("integer",))
    named = [kind for kind in types if kind != "null"]
    ids = query and types == ("array",) and inner is not None and inner.types == ("integer",)
    return Arg(
        name,
        types,
        tuple(schema.get("x-listed") or [e for e in schema.get("enum", ()) if e is not None]),
        schema.get("minimum"),
        schema.get("maximum"),
        schema.get("format", ""),
        inner,
        {k: made(k, v, resolved) for k, v in schema.get("properties", {}).items()},
        ids,
        query and types == ("integer",),
        _EXACT.get(named[0]) if len(named) == 1 and not bounded else None,
        schema.get("default"),
    )


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    if "x-types" in schema:
        return tuple(schema["x-types"])
    if "anyOf" in schema:
        types = tuple(option["type"] for option in schema["anyOf"])
    elif "type" in schema:
        types = (schema["type"],)
    else:
        return _ANY
    if schema.get("nullable"):
        return ("null", *types) if types == ("string",) else (*types, "null")
    return types


# ---------------------------------------------------------------------------------------------- refusing

_FITS: dict[str, Callable[[Any], bool]] = {
    "array": php.is_list,
    "object": lambda v: v == "" or isinstance(v, list | dict),
    "integer": php.is_integer,
    "number": php.is_numeric,
    "boolean": php.is_boolean,
    "string": lambda v: isinstance(v, str),
    "null": lambda v: v is None,
}


def best_type(value: Any, types: tuple[str, ...]) -> str:
    """The first type that the value can be read as; an empty text is a text wherever texts are allowed."""
    if value == "" and isinstance(value, str) and "string" in types:
        return "string"
    return next((t for t in types if _FITS[t](value)), "")


def refused(value: Any, arg: Arg, name: str) -> Issue | None:
    """What WordPress has against this value, or nothing. `name` is how messages call it: "line_items[0][quantity]"."""
    if type(value) is arg.exact and (not arg.listed or value in arg.listed):
        return None
    if not arg.types or arg.ids:
        return None
    kind = best_type(value, arg.types)
    if not kind:
        return Issue("rest_invalid_type", f"{name} is not of type {','.join(arg.types)}.", {"param": name})
    if kind in ("integer", "number"):
        found = _out_of_bounds(php.number(value), arg, name)
    elif kind == "array":
        found = _refused_items(value, arg, name)
    elif kind == "object":
        found = _refused_properties(value, arg, name)
    else:
        found = None
    if found:
        return found
    if arg.listed and cleaned(value, arg) not in arg.listed:
        return Issue("rest_not_in_enum", f"{name} is not {_choice(arg.listed)}.")
    return _misformed(value, arg) if kind == "string" and arg.format else None


def _choice(listed: tuple[Any, ...]) -> str:
    words = [php.text(choice) for choice in listed]
    if len(words) == 1:
        return words[0]
    last = f" and {words[1]}" if len(words) == 2 else f", and {words[-1]}"
    return f"one of {', '.join(words[:-1])}{last}"


def _out_of_bounds(number: float, arg: Arg, name: str) -> Issue | None:
    low, high = arg.minimum, arg.maximum
    if low is not None and high is not None:
        if not low <= number <= high:
            return Issue("rest_out_of_bounds", f"{name} must be between {low} (inclusive) and {high} (inclusive)")
    elif low is not None and number < low:
        return Issue("rest_out_of_bounds", f"{name} must be greater than or equal to {low}")
    elif high is not None and number > high:
        return Issue("rest_out_of_bounds", f"{name} must be less than or equal to {high}")
    return None


def _refused_items(value: Any, arg: Arg, name: str) -> Issue | None:
    if arg.items is None or not arg.items.types:
        return None
    for at, item in enumerate(php.words(value)):
        if found := refused(item, arg.items, f"{name}[{at}]"):
            return found
    return None


def _refused_properties(value: Any, arg: Arg, name: str) -> Issue | None:
    if not isinstance(value, dict) or not arg.properties:
        return None
    for key, item in value.items():
        known = arg.properties.get(key)
        if known and (found := refused(item, known, f"{name}[{key}]")):
            return found
    return None


_DATE_TIME = re.compile(  # what PHP can read of it: a day too many is the next month's, a month too many is none
    r"\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])[Tt ]"
    r"(?:(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)|24:00:00)(?:\.\d+)?(?:Z|[+-]\d{2}(?::\d{2})?)?",
    re.ASCII,
)
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+"
                    r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")  # fmt: skip


def is_date_time(text: str) -> bool:
    return _DATE_TIME.fullmatch(text) is not None


def is_email(text: str) -> bool:
    return len(text) >= 6 and _EMAIL.fullmatch(text) is not None


def _misformed(value: str, arg: Arg) -> Issue | None:
    if arg.format == "date-time" and not is_date_time(value):
        return Issue("rest_invalid_date", "Invalid date.")
    if arg.format == "date" and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return Issue("woocommerce_rest_invalid_date", "The date you provided is invalid.")
    if arg.format == "email" and not is_email(value):
        return Issue("rest_invalid_email", "Invalid email address.")
    return None


# ---------------------------------------------------------------------------------------------- cleaning


def cleaned(value: Any, arg: Arg) -> Any:
    """The value as the handler gets it: of the argument's type, also inside lists and objects."""
    types = arg.types
    if not types or (type(value) is arg.exact and arg.exact is not int):  # a number may be too large
        return value
    kind = types[0] if len(types) == 1 else best_type(value, types)
    if kind == "string":
        return value if isinstance(value, str) else php.text(value)
    if kind == "integer":
        return abs(php.integer(value)) if arg.absolute else php.integer(value)
    if kind == "boolean":
        return php.boolean(value)
    if kind == "array":
        if arg.ids:
            return php.ids(value)
        inner = arg.items
        return [cleaned(v, inner) for v in php.words(value)] if inner and inner.types else php.words(value)
    if kind == "object":
        if not isinstance(value, dict):
            return value if isinstance(value, list) and value else {}
        known = arg.properties
        return {k: cleaned(v, known[k]) if k in known else v for k, v in value.items()} if known else value
    if kind == "number":
        return php.number(value)
    return None if kind == "null" else value
