"""Between what a JSON Schema admitted and what it admits: for what is sent, less is breaking; for what is answered,
more is.

It is on the safe side: where two schemas differ in a way that it does not understand, it says so, as breaking.
Words of OpenAPI 3.0 and of JSON Schema 2020 are read alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
Resolve = Callable[[str], Any]

LESS, MORE, OTHER = "less", "more", "other"  # what the new one admits, against the old one
_LOWEST = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
_HIGHEST = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
_TELLING = {
    "title", "description", "example", "examples", "default", "deprecated", "readOnly", "writeOnly", "xml",
    "externalDocs", "discriminator", "$comment",
}  # fmt: skip
DEEP = 60  # levels


@dataclass(frozen=True)
class Moved:
    """At `path` ("$.data[*].sku") the new schema admits less, more, or another. `field`: a whole field came or went."""

    path: str
    what: str
    direction: str
    field: str = ""  # "gone", "new", "new and required"


def moved(old: Any, new: Any, resolve_old: Resolve, resolve_new: Resolve) -> list[Moved]:
    """Everything that differs in what is admitted."""
    return list(dict.fromkeys(_compared("$", old, new, _Both(resolve_old, resolve_new), frozenset(), 0)))


@dataclass(frozen=True)
class _Both:
    old: Resolve
    new: Resolve


def _compared(
    path: str, old: Any, new: Any, both: _Both, seen: frozenset[tuple[str, str]], depth: int
) -> Iterable[Moved]:
    pair = _named(old), _named(new)
    if (all(pair) and pair in seen) or depth > DEEP:
        return
    seen = seen | {pair} if all(pair) else seen
    a, b = flat(old, both.old), flat(new, both.new)
    if a == b and not _refers(a) and not _refers(b):
        return
    yield from _types(path, a, b)
    yield from _values(path, a, b)
    yield from _limits(path, a, b)
    for name in ("anyOf", "oneOf"):
        yield from _alternatives(path, a.get(name), b.get(name), both, seen, depth)
    if "items" in a or "items" in b:
        yield from _compared(f"{path}[*]", a.get("items", {}), b.get("items", {}), both, seen, depth + 1)
    yield from _fields(path, a, b, both, seen, depth)


def _named(schema: Any) -> str:
    return str(schema.get("$ref", "")) if isinstance(schema, Mapping) else ""


def _refers(schema: Any) -> bool:
    return '"$ref"' in json.dumps(schema, default=str)


def flat(schema: Any, resolve: Resolve, depth: int = 0) -> dict[str, Any]:
    """Without $ref and allOf at its top, and without words that admit nothing less."""
    if schema is True or schema is None:
        return {}
    if schema is False:
        return {"not": {}}
    found: dict[str, Any] = dict(schema)
    parts = [resolve(found.pop("$ref"))] if "$ref" in found else []
    parts += found.pop("allOf", [])
    out = {name: value for name, value in found.items() if name not in _TELLING and not name.startswith("x-")}
    for part in parts if depth < DEEP else ():
        out = _both_hold(out, flat(part, resolve, depth + 1))
    if out.pop("nullable", False) and "type" in out:
        out["type"] = sorted({*_list(out["type"]), "null"})
        if "enum" in out and None not in out["enum"]:
            out["enum"] = [*out["enum"], None]
    return out


def _both_hold(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """A schema that admits what both admit, as near as its words allow."""
    out = {**other, **one}
    for name in one.keys() & other.keys():
        a, b = one[name], other[name]
        if a == b:
            continue
        if name == "properties":
            out[name] = {**b, **{key: {"allOf": [value, b[key]]} if key in b else value for key, value in a.items()}}
        elif name == "required":
            out[name] = sorted({*a, *b})
        elif name in _LOWEST or name in _HIGHEST:
            out[name] = max(a, b) if name in _LOWEST else min(a, b)
        elif name == "type":
            out[name] = sorted({*_list(a)} & {*_list(b)})
        elif name == "enum":
            out[name] = [value for value in a if value in b]
        else:
            out[name] = [a, b]  # compared as it stands
    return out


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _types(path: str, a: Schema, b: Schema) -> Iterable[Moved]:
    was, now = _kinds(a), _kinds(b)
    if was != now:
        direction = LESS if now < was else MORE if was < now else OTHER
        yield Moved(path, f"is {_shown(now)}, and was {_shown(was)}", direction)


def _kinds(schema: Schema) -> frozenset[str]:
    every = {"string", "number", "integer", "boolean", "array", "object", "null"}
    found = {*_list(schema["type"])} if "type" in schema else every
    return frozenset(found | {"integer"} if "number" in found else found)


def _shown(kinds: frozenset[str]) -> str:
    if len(kinds) == 7:
        return "anything"
    return " or ".join(sorted(kinds - {"integer"} if "number" in kinds else kinds)) or "nothing"


def _values(path: str, a: Schema, b: Schema) -> Iterable[Moved]:
    if a.get("enum") == b.get("enum"):
        return
    if "enum" not in a or "enum" not in b:
        one = "is one of few values now" if "enum" in b else "may be any value now"
        yield Moved(path, one, LESS if "enum" in b else MORE)
        return
    was, now = ({json.dumps(value, sort_keys=True) for value in each["enum"]} for each in (a, b))
    for value in sorted(was - now):
        yield Moved(path, f"{value} is no value of it any more", LESS)
    for value in sorted(now - was):
        yield Moved(path, f"{value} is a value of it now", MORE)


def _limits(path: str, a: Schema, b: Schema) -> Iterable[Moved]:
    known = {"type", "enum", "anyOf", "oneOf", "items", "properties", "required", "additionalProperties"}
    for name in sorted((a.keys() | b.keys()) - known):
        was, now = a.get(name), b.get(name)
        if was == now or name.startswith("x-"):
            continue
        if was is None or now is None:
            yield Moved(path, f"{name} {json.dumps(now if was is None else was)} is {'new' if was is None else 'gone'}",
                        LESS if was is None else MORE)  # fmt: skip
            continue
        direction = OTHER
        if (
            (name in _LOWEST or name in _HIGHEST)
            and not isinstance(was, bool | list)
            and not isinstance(now, bool | list)
        ):
            direction = LESS if (now > was) == (name in _LOWEST) else MORE
        yield Moved(path, f"{name} is {json.dumps(now)}, and was {json.dumps(was)}", direction)


def _alternatives(
    path: str, was: Any, now: Any, both: _Both, seen: frozenset[tuple[str, str]], depth: int
) -> Iterable[Moved]:
    if was is None and now is None:
        return
    if was is None or now is None:
        yield Moved(path, "has alternatives now" if was is None else "has no alternatives any more", OTHER)
        return
    old, new = list(was), list(now)
    for one in list(old):
        same = next((other for other in new if not any(_compared(path, one, other, both, seen, depth + 1))), None)
        if same is not None:
            old.remove(one)
            new.remove(same)
    for one, other in zip(list(old), list(new), strict=False):
        old.remove(one)
        new.remove(other)
        yield from _compared(path, one, other, both, seen, depth + 1)
    for _ in old:
        yield Moved(path, "one of the alternatives is gone", LESS)
    for _ in new:
        yield Moved(path, "there is one more alternative", MORE)


def _fields(
    path: str, a: Schema, b: Schema, both: _Both, seen: frozenset[tuple[str, str]], depth: int
) -> Iterable[Moved]:
    was, now = a.get("properties", {}), b.get("properties", {})
    needed, needs = {*a.get("required", ())}, {*b.get("required", ())}
    for name in sorted(was.keys() | now.keys() | needed | needs):
        here = f"{path}.{name}"
        if name in was and name not in now:
            yield Moved(here, "is gone", LESS, "gone")
        elif name in now and name not in was:
            required = name in needs
            yield Moved(here, "is new and required" if required else "is new", LESS if required else MORE,
                        "new and required" if required else "new")  # fmt: skip
        else:
            if (name in needed) != (name in needs):
                what = "is required now" if name in needs else "is not required any more"
                yield Moved(here, what, LESS if name in needs else MORE)
            if name in was:
                yield from _compared(here, was[name], now[name], both, seen, depth + 1)
    more, less = (each.get("additionalProperties", True) for each in (a, b))
    if more is not False and less is False:
        yield Moved(path, "other fields are refused now", LESS)
    elif more is False and less is not False:
        yield Moved(path, "other fields are admitted now", MORE)
    elif isinstance(more, Mapping) or isinstance(less, Mapping):
        yield from _compared(f"{path}.*", more, less, both, seen, depth + 1)
