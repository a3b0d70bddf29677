"""Between two OpenAPI documents of one API: what a client of the old one may stumble over with the new one.

With the contracts of its consumers it also says who is concerned: whoever sends or reads the field that changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from .change import Change
from .pacts import read_fields, shown
from .schemas import LESS, MORE, OTHER, Moved, Resolve, moved

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class _Found:
    """A change, with what is needed to know whom it concerns. `field`: a path into the body, "" for all of it."""

    method: str
    path: str
    part: str  # "operation", "request", "answer 200"
    what: str
    breaking: bool
    field: str = ""

    @property
    def where(self) -> str:
        place = "" if self.part == "operation" else f", {self.part}"
        return f"{self.method.upper()} {self.path}{place}" + (f", {self.field}" if self.field else "")


def changes(
    old: Mapping[str, Any], new: Mapping[str, Any], pacts: Sequence[Mapping[str, Any]] | None = None
) -> list[Change]:
    """Between two documents. With `pacts`, those of the API's consumers, a change that concerns none of them is told,
    but breaks nobody."""
    found = [Change(each.where, each.what, each.breaking, _whom(each, pacts or ())) for each in _differences(old, new)]
    if pacts is not None:
        found = [replace(change, breaking=change.breaking and bool(change.whom)) for change in found]
    return sorted(dict.fromkeys(found), key=lambda change: (not change.breaking, change.where))


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[_Found]:
    was, now = _operations(old), _operations(new)
    for key in was.keys() - now.keys():
        yield _Found(*was[key][:2], "operation", "is gone", True)
    for key in now.keys() - was.keys():
        yield _Found(*now[key][:2], "operation", "is new", False)
    both = resolver(old), resolver(new)
    for key in was.keys() & now.keys():
        method, path, before = was[key]
        after = now[key][2]
        for part, what, breaking, field in _operation(before, after, old, new, both):
            yield _Found(method, path, part, what, breaking, field)


def resolver(document: Mapping[str, Any]) -> Resolve:
    def resolve(reference: str) -> Any:
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            found = found.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, Mapping) else {}
        return found

    return resolve


def _operations(document: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str, str, dict[str, Any]]]:
    """By method and path, whatever its parameters are called."""
    out = {}
    for path, item in (document.get("paths") or {}).items():
        for method in METHODS:
            if method in item:
                shared = item.get("parameters", [])
                operation = {**item[method], "parameters": [*shared, *item[method].get("parameters", [])]}
                out[method, re.sub(r"\{[^}]*\}", "{}", path)] = method, path, operation
    return out


Told = tuple[str, str, bool, str]  # part, what, breaking, field


def _operation(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    was_in: Mapping[str, Any],
    is_in: Mapping[str, Any],
    both: tuple[Resolve, Resolve],
) -> Iterable[Told]:
    yield from _parameters(old, new, both)
    yield from _request(old, new, both)
    yield from _answers(old, new, both)
    if not old.get("deprecated") and new.get("deprecated"):
        yield "operation", "is deprecated now", False, ""
    before, after = (_doors(operation, document) for operation, document in ((old, was_in), (new, is_in)))
    if gone := before - after:
        doors = " or ".join(sorted(" and ".join(sorted(door)) or "no key at all" for door in gone))
        yield "operation", f"{doors} does not open it any more", True, ""


def _doors(operation: Mapping[str, Any], document: Mapping[str, Any]) -> set[frozenset[str]]:
    """Each way to be let in: the schemes that it takes together."""
    known = operation.get("security", document.get("security"))
    return {frozenset(way) for way in known} if known else {frozenset()}


def _parameters(old: Mapping[str, Any], new: Mapping[str, Any], both: tuple[Resolve, Resolve]) -> Iterable[Told]:
    was, now = (
        {
            (p["in"], p["name"].lower() if p["in"] == "header" else p["name"]): p
            for p in _resolved(op["parameters"], resolve)
        }
        for op, resolve in zip((old, new), both, strict=True)
    )
    for place, name in sorted(was.keys() | now.keys()):
        if place == "path":
            continue  # they are told by their place, not by their name
        what = f"{place} parameter {name}"
        before, after = was.get((place, name)), now.get((place, name))
        if after is None:
            yield "request", f"{what} is gone", True, ""
        elif before is None:
            yield (
                "request",
                f"{what} is new" + (" and required" if after.get("required") else ""),
                bool(after.get("required")),
                "",
            )
        else:
            if after.get("required") and not before.get("required"):
                yield "request", f"{what} is required now", True, ""
            if before.get("required") and not after.get("required"):
                yield "request", f"{what} is not required any more", False, ""
            for each in moved(_schema(before), _schema(after), *both):
                yield "request", f"{what}: {each.path} {each.what}", each.direction in (LESS, OTHER), ""


def _resolved(listed: Sequence[Mapping[str, Any]], resolve: Resolve) -> list[Mapping[str, Any]]:
    return [resolve(each["$ref"]) if "$ref" in each else each for each in listed]


def _schema(parameter: Mapping[str, Any]) -> Any:
    content: Mapping[str, Any] = next(iter((parameter.get("content") or {}).values()), {})
    return parameter.get("schema", content.get("schema", {}))


def _request(old: Mapping[str, Any], new: Mapping[str, Any], both: tuple[Resolve, Resolve]) -> Iterable[Told]:
    was, now = (_resolved([op.get("requestBody") or {}], r)[0] for op, r in zip((old, new), both, strict=True))
    if now.get("required") and not was.get("required"):
        yield "request", "a body is required now", True, ""
    before, after = was.get("content") or {}, now.get("content") or {}
    for kind in sorted(before.keys() | after.keys()):
        if kind not in after:
            yield "request", f"{kind} is not taken any more", True, ""
        elif kind in before:
            for each in moved(before[kind].get("schema"), after[kind].get("schema"), *both):
                yield "request", each.what, each.direction in (LESS, OTHER), each.path
        elif before:
            yield "request", f"{kind} is taken too", False, ""


def _answers(old: Mapping[str, Any], new: Mapping[str, Any], both: tuple[Resolve, Resolve]) -> Iterable[Told]:
    was, now = (
        {str(status): _resolved([each], resolve)[0] for status, each in (op.get("responses") or {}).items()}
        for op, resolve in zip((old, new), both, strict=True)
    )
    for status in sorted(was.keys() | now.keys()):
        part = f"answer {status}"
        if status not in now:
            yield part, "is gone", status.startswith("2"), ""
        elif status not in was:
            yield part, "is new", False, ""
        else:
            yield from ((part, *each) for each in _answer(was[status], now[status], both))


def _answer(
    old: Mapping[str, Any], new: Mapping[str, Any], both: tuple[Resolve, Resolve]
) -> Iterable[tuple[str, bool, str]]:
    headers = [{name.lower() for name in each.get("headers") or {}} for each in (old, new)]
    for name in sorted(headers[0] - headers[1]):
        yield f"header {name} is gone", True, ""
    before, after = old.get("content") or {}, new.get("content") or {}
    for kind in sorted(before.keys() | after.keys()):
        if kind not in after:
            yield f"{kind} is not answered any more", True, ""
        elif kind not in before:
            yield f"{kind} is answered too", False, ""
        else:
            for each in moved(before[kind].get("schema"), after[kind].get("schema"), *both):
                yield each.what, _breaks_reading(each), each.path


def _breaks_reading(each: Moved) -> bool:
    """A reader misses what is gone, and leaves alone what is new."""
    if each.field or each.what == "other fields are admitted now":
        return each.field == "gone"
    return each.direction in (MORE, OTHER)


# -- whom it concerns


def _whom(found: _Found, pacts: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    concerned = {
        str(pact["consumer"]["name"])
        for pact in pacts
        for interaction in pact["interactions"]
        if "request" in interaction and _concerns(found, interaction)
    }
    return tuple(sorted(concerned))


def _concerns(found: _Found, interaction: Mapping[str, Any]) -> bool:
    request, response = interaction["request"], interaction["response"]
    if request["method"].lower() != found.method or not _is_path(found.path, request["path"]):
        return False
    if found.part == "operation":
        return True
    if found.part == "request":
        return _sends(found, request)
    status, given = found.part.removeprefix("answer "), str(response["status"])
    if status not in ("default", given) and status.upper() != f"{given[0]}XX":
        return False
    return not found.field or _reads(found.field, response)


def _is_path(template: str, path: str) -> bool:
    pattern = "".join(
        "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", template)
    )
    return re.fullmatch(f"(/[^/]+)?{pattern}/?", urlsplit(path).path) is not None


def _sends(found: _Found, request: Mapping[str, Any]) -> bool:
    """A parameter that is gone or narrowed concerns those who send it; one that is required now, all the others."""
    if parameter := re.match(r"(query|header|cookie) parameter (\S+?):? ", f"{found.what} "):
        sent = request.get("query" if parameter[1] == "query" else "headers") or {}
        there = parameter[2].lower() in {name.lower() for name in sent}
        return not there if "required" in found.what else there
    body = (request.get("body") or {}).get("content")
    if not found.field:
        return True
    there = body is not None and _has(found.field, body)
    return body is not None and (not there if "required" in found.what else there)


def _reads(field: str, response: Mapping[str, Any]) -> bool:
    body = (response.get("body") or {}).get("content")
    return body is not None and _has(field, body)


def _has(field: str, body: Any) -> bool:
    """Whether a body has something at $.data[*].sku, or in it."""
    pattern = re.escape(field).replace(r"\[\*\]", r"\[\d+\]").replace(r"\.\*", r"\.[^.\[]+")
    return any(re.match(rf"{pattern}($|[.\[])", shown(path)) for path in read_fields(body, {}))
