"""What may be said to a state, a move or a fact: its arguments, held against the types it declares."""

from __future__ import annotations

import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from .errors import LabError

_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", type(None): "null"}


def fitted(title: str, function: Callable[..., Any], here: Any, arguments: Mapping[str, Any]) -> inspect.BoundArguments:
    """The arguments as the function takes them. A whole number given for a text becomes one: an SKU may be 1001.

    Errors: `LabError` that names the argument, what was given and what is wanted.
    """
    signature = inspect.signature(function)
    takes = dict(list(signature.parameters.items())[1:])
    strange = [name for name in arguments if name not in takes]
    missing = [name for name, one in takes.items() if one.default is one.empty and name not in arguments]
    if strange or missing:
        wrong = f"knows no {' and no '.join(strange)}" if strange else f"needs {' and '.join(missing)}"
        raise LabError(f"{title} {wrong}; it takes: {', '.join(takes) or 'nothing'}")
    bound = signature.bind(here, **arguments)
    hints = _hints(function)
    for name, value in arguments.items():
        if name in hints and name in bound.arguments:
            if isinstance(value, int) and not isinstance(value, bool) and _takes_text_only(hints[name]):
                value = bound.arguments[name] = str(value)
            if not fits(value, hints[name]):
                raise LabError(f"{title}: {name} has to be {spoken(hints[name])}, not {value!r}")
        if not _sane(value):
            raise LabError(f"{title}: {name} holds a number that is too large")
    return bound


def _sane(value: Any) -> bool:
    """Whether databases can keep the numbers in a JSON value: whole ones have 64 bits there, and amounts beyond that
    have no cents."""
    if isinstance(value, int | float):
        return -(2**63) <= value < 2**63
    if isinstance(value, Mapping):
        return all(map(_sane, value.values()))
    return all(map(_sane, value)) if isinstance(value, (list, tuple)) else True


def fits(value: Any, hint: Any) -> bool:
    """Whether a JSON value may be given where this type is declared."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, part) for part in parts)
    if origin in (list, tuple, Sequence):
        return isinstance(value, (list, tuple)) and all(fits(item, parts[0]) for item in value if parts)
    if origin in (dict, Mapping):
        return isinstance(value, Mapping) and all(fits(item, parts[1]) for item in value.values() if parts)
    if hint is float:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole or (isinstance(value, float) and math.isfinite(value))
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint in (str, bool, type(None)):
        return isinstance(value, hint)
    return True


def spoken(hint: Any) -> str:
    """A type in words."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(spoken(part) for part in parts)
    if origin in (list, tuple, Sequence):
        return f"a list, each {spoken(parts[0])}" if parts else "a list"
    if origin in (dict, Mapping):
        return f"a mapping, each value {spoken(parts[1])}" if parts and parts[1] is not Any else "a mapping"
    return _NAMES.get(hint, str(hint))


def _takes_text_only(hint: Any) -> bool:
    parts = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    return str in parts and not {int, float, Any} & set(parts)


@lru_cache(maxsize=1024)
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError):  # a type that is only imported for the checker: nothing to hold against
        return {}
