"""Between what a consumer needed and what it needs: breaking is what a provider that kept the old contract may not
keep of the new one.

Source: Pact specification 4, matching rules of responses: what is not named is not compared, more may be there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from storelab.contracts.patterns import fits

from .change import Change

Path = tuple[str | int, ...]
Rules = Mapping[str, Mapping[str, Any]]

_CASCADING = {"type"}  # what holds for a value holds for what is in it, unless told otherwise
_EXACTLY = {"match": "equality"}


def changes(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[Change]:
    """Between two pacts of one consumer and provider. None: there is none."""
    some = new or old
    if some is None:
        return []
    whom = (str(some["provider"]["name"]),)
    found = [
        Change(f"{some['consumer']['name']} with {some['provider']['name']}: {name}", what, breaks, whom)
        for name, what, breaks in _interactions(_named(old), _named(new))
    ]
    return sorted(found, key=lambda change: (not change.breaking, change.where))


def _named(pact: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    """By kind and description. Two of the same description differ in their states."""
    out: dict[str, Mapping[str, Any]] = {}
    for interaction in pact["interactions"] if pact else ():
        name = interaction["description"]
        if name in out:
            states = ", ".join(state["name"] for state in interaction.get("providerStates", ()))
            name = f"{name} ({states or 'without a state'})"
        out[name] = interaction
    return out


def _interactions(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Iterable[tuple[str, str, bool]]:
    for name in old.keys() - new.keys():
        yield name, "is not needed any more", False
    for name in new.keys() - old.keys():
        yield name, "is needed now", True
    for name in old.keys() & new.keys():
        for what, breaks in _interaction(old[name], new[name]):
            yield name, what, breaks


def _interaction(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[tuple[str, bool]]:
    if old["type"] != new["type"]:
        yield f"is {new['type']} now, and was {old['type']}", True
        return
    if _states(old) != _states(new):
        yield "is expected in another state", True
    if "request" in new:
        for part in ("method", "path", "query", "headers", "body"):
            if old["request"].get(part) != new["request"].get(part):
                yield f"asks with another {part}", True
        if _rules(old["request"]) != _rules(new["request"]):
            yield "asks with other values than before", True
        yield from _answer(old["response"], new["response"])
    else:
        yield from _answer(_message(old), _message(new))
        if old.get("comments", {}).get("cause") != new.get("comments", {}).get("cause"):
            yield "is sent for another cause", True


def _states(interaction: Mapping[str, Any]) -> list[str]:
    return sorted(json.dumps(state, sort_keys=True) for state in interaction.get("providerStates", ()))


def _message(interaction: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {name: value for name, value in interaction.get("metadata", {}).items() if name != "contentType"}
    return {
        "headers": metadata,
        "body": interaction.get("contents"),
        "matchingRules": {**interaction.get("matchingRules", {}), "header": _rules(interaction).get("metadata", {})},
    }


def _rules(part: Mapping[str, Any]) -> dict[str, Rules]:
    found: dict[str, Rules] = part.get("matchingRules") or {}
    return found


def _answer(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[tuple[str, bool]]:
    if old.get("status") != new.get("status"):
        yield f"status {new.get('status')} is expected, and was {old.get('status')}", True
    before, now = old.get("headers") or {}, new.get("headers") or {}
    rules = _rules(old).get("header", {}), _rules(new).get("header", {})
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            yield f"header {name} is not read any more", False
        elif name not in before:
            yield f"header {name} is read now", True
        else:
            texts = [", ".join(map(str, v)) if isinstance(v, list) else str(v) for v in (before[name], now[name])]
            wanted = [Wanted("text", text, _of(rule, name)) for text, rule in zip(texts, rules, strict=True)]
            yield from _value(f"header {name}", *wanted)
    yield from _body(old, new)


def _of(rules: Rules, name: str) -> Mapping[str, Any]:
    """The one rule for a header; several together are compared as one thing."""
    matchers = next((rule["matchers"] for key, rule in rules.items() if key.lower() == name.lower()), [_EXACTLY])
    return matchers[0] if len(matchers) == 1 else {"match": json.dumps(matchers, sort_keys=True)}


def _body(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[tuple[str, bool]]:
    before, now = old.get("body") or {}, new.get("body") or {}
    if "content" not in now:
        if "content" in before:
            yield "the body is not read any more", False
        return
    if "content" not in before:
        yield "the body is read now", True
        return
    if before.get("contentType") != now.get("contentType"):
        yield f"{now.get('contentType')} is read, and was {before.get('contentType')}", True
    was, is_ = (
        read_fields(before["content"], _rules(old).get("body", {})),
        read_fields(now["content"], _rules(new).get("body", {})),
    )
    for path in sorted(was.keys() | is_.keys(), key=shown):
        if path not in is_:
            yield f"{shown(path)} is not read any more", False
        elif path not in was:
            yield f"{shown(path)} is read now", True
        else:
            yield from _value(shown(path), was[path], is_[path])


@dataclass(frozen=True)
class Wanted:
    """What is expected of one value: a rule, and an example. Of a list the example is its length, of an object
    nothing: what is in them is expected by itself."""

    kind: str  # "number", "text", "yes or no", "nothing", "list", "object"
    example: Any
    rule: Mapping[str, Any]

    def __str__(self) -> str:
        if self.rule["match"] == "equality":
            return f"exactly {self.example} elements" if self.kind == "list" else json.dumps(self.example)
        more = ", ".join(f"{name} {value}" for name, value in self.rule.items() if name != "match")
        like = "" if self.kind in ("list", "object") else f" like {json.dumps(self.example)}"
        return f"{self.rule['match']}{like}" + (f" ({more})" if more else "")


def read_fields(content: Any, rules: Rules) -> dict[Path, Wanted]:
    """What is expected of each value of a body, by its path."""

    def walked(path: Path, value: Any) -> Iterable[tuple[Path, Wanted]]:
        rule = _effective(path, rules)
        if isinstance(value, Mapping):
            yield path, Wanted("object", None, rule)
            for name, each in value.items():
                yield from walked((*path, name), each)
        elif isinstance(value, list):
            yield path, Wanted("list", len(value), rule)
            for number, each in enumerate(value):
                yield from walked((*path, number), each)
        else:
            yield path, _wanted(value, rule)

    return dict(walked((), content))


def _wanted(value: Any, rule: Mapping[str, Any]) -> Wanted:
    for kind, types in (("yes or no", bool), ("number", (int, float)), ("text", str)):
        if isinstance(value, types):
            return Wanted(kind, value, rule)
    return Wanted("nothing", value, rule)


def _effective(path: Path, rules: Rules) -> Mapping[str, Any]:
    """The rule of the longest expression that reaches the value, a literal before a star."""
    best: tuple[int, int] = (-1, -1)
    found: Mapping[str, Any] = _EXACTLY
    for expression, rule in rules.items():
        steps = _steps(expression)
        reaches = len(steps) <= len(path) and all(s in ("*", str(p)) for s, p in zip(steps, path, strict=False))
        matchers = rule["matchers"]
        cascades = all(m["match"] in _CASCADING for m in matchers)
        rank = len(steps), -steps.count("*")
        if reaches and (len(steps) == len(path) or cascades) and rank > best:
            best = rank
            one = matchers[0] if len(matchers) == 1 else {"match": json.dumps(matchers, sort_keys=True)}
            found = one if len(steps) == len(path) else {"match": one["match"]}
    return found


def _steps(expression: str) -> list[str]:
    """$.data[*]['a b'] as data, *, a b."""
    return [a or b or c for a, b, c in re.findall(r"\.([^.\[\]]+)|\['([^']*)'\]|\[([^\]]+)\]", expression)]


def _value(where: str, old: Wanted, new: Wanted) -> Iterable[tuple[str, bool]]:
    exact = "equality" in (old.rule["match"], new.rule["match"])
    if (old.kind, old.rule) == (new.kind, new.rule) and (old.example == new.example or not exact):
        return
    yield f"{where}: {new} is expected, and was {old}", not follows(old, new)


def follows(old: Wanted, new: Wanted) -> bool:
    """Whether whatever the old expectation admits is good for the new one; no, where that is not known."""
    was, now = old.rule["match"], new.rule["match"]
    if was == "equality" and old.kind not in ("list", "object"):
        return _admits(new, old)
    if now == "equality":
        return old.kind == new.kind == "object" or (
            was == "equality" and (old.kind, old.example) == (new.kind, new.example)
        )
    if now == "type":
        low, high = (
            (old.example, old.example) if was == "equality" else (old.rule.get("min", 0), old.rule.get("max", _ANY))
        )
        fits = new.rule.get("min", 0) <= low and high <= new.rule.get("max", _ANY) if old.kind == "list" else True
        return old.kind == new.kind and was in _ONE_KIND and fits
    return old.rule == new.rule or (was, now) in (("integer", "number"), ("decimal", "number"))


_ANY = float("inf")
_ONE_KIND = {"equality", "type", "integer", "decimal", "number", "boolean", "regex", "include", "null"}


def _admits(new: Wanted, old: Wanted) -> bool:
    """Whether a rule admits one value."""
    rule, value = new.rule, old.example
    match rule["match"]:
        case "equality":
            return old.kind == new.kind and bool(value == new.example)
        case "type":
            return old.kind == new.kind
        case "regex":
            return old.kind == "text" and fits(rule["regex"], value)
        case "include":
            return old.kind == "text" and str(rule["value"]) in value
        case "integer":
            return old.kind == "number" and isinstance(value, int)
        case "decimal":
            return old.kind == "number" and isinstance(value, float)
        case "number" | "boolean" | "null" as name:
            return old.kind == {"number": "number", "boolean": "yes or no", "null": "nothing"}[name]
    return False


def shown(path: Path) -> str:
    """$.data[0].sku"""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
