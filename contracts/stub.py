"""A contract as a stub: what its interactions expect is answered as they say, and nothing else is.

The official stub server listens to the whole network, takes any of the interactions that a request may mean, and
answers 404 to the others, as the vendor would; hence our own.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from storelab.emulators.kernel.errors import LabError

from .pactfiles import read
from .patterns import fits

HTTP = "Synchronous/HTTP"
NOT_IN_IT = 501
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """A request. `target` is path and query as they were sent; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    body: bytes
    interaction: str = ""  # "" when none was like the request


def chosen(files: Iterable[Path], *, states: Sequence[str] = (), names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The interactions to answer with, the plainest situation first. `states`: only those that have all of these;
    `names`: only those whose description holds one of these. Errors: nothing is left; a rule that is not understood."""
    every = [i for file in files for i in read(file)["interactions"] if i.get("type", HTTP) == HTTP]
    found = [
        i
        for i in every
        if set(states) <= {s["name"] for s in i.get("providerStates", ())}
        and (not names or any(name in i["description"] for name in names))
    ]
    if not found:
        known = sorted({s["name"] for i in every for s in i.get("providerStates", ())})
        raise LabError(f"no interaction is left. States: {', '.join(known)}; --list shows the interactions")
    for interaction in found:
        for where, matchers in _rules(interaction["request"]):
            for matcher in matchers:
                if why := _not_understood(matcher):
                    raise LabError(f"{interaction['description']!r}: for {where}, {why}")
    return sorted(found, key=lambda i: (len(i.get("providerStates", ())), i["description"]))


def _not_understood(matcher: Mapping[str, Any]) -> str:
    if matcher["match"] not in _MATCH:
        return f"the rule {matcher['match']!r} is not understood here"
    try:
        _MATCH[matcher["match"]](matcher, "", "")
    except LabError as bad:
        return bad.message
    return ""


def answered(interactions: Sequence[Mapping[str, Any]], asked: Asked) -> Answer:
    """As the first interaction says that expects this request; 501 with what was expected instead when none does."""
    differing = []
    for interaction in interactions:
        try:
            differs = differences(interaction["request"], asked)
        except LabError as undecided:
            differs = [undecided.message]
        if not differs:
            return _told(interaction)
        differing.append((interaction["description"], differs))
    closest = sorted(differing, key=lambda each: len(each[1]))[:3]
    told = {
        "message": "No interaction of the contract expects this request.",
        "closest": [{"interaction": name, "differs": differs} for name, differs in closest],
    }
    headers = (("Content-Type", "application/json"), ("X-Storelab", "not-emulated"))
    return Answer(NOT_IN_IT, headers, json.dumps(told).encode())


def differences(expected: Mapping[str, Any], asked: Asked) -> list[str]:
    """What of the request is not as the contract expects it: empty when it is. More headers may be there, but no more
    query parameters and no more fields of the body. Errors: a pattern that takes too long.

    Source: Pact specification 4, request matching.
    """
    (path, _, query), rules = asked.target.partition("?"), dict(_rules(expected))
    found = []
    if expected["method"].upper() != asked.method.upper():
        found.append(f"method: {expected['method']} was expected")
    if not _like(expected["path"], path, rules.get("path")):
        found.append(f"path: {expected['path']} was expected")
    wanted = {name: _several(value) for name, value in (expected.get("query") or {}).items()}
    got = parse_qs(query, keep_blank_values=True)
    for name in sorted({*wanted, *got}):
        if name not in wanted:
            found.append(f"query: {name} was not expected")
        elif name not in got or not _all_like(wanted[name], got[name], rules.get(f"query {name}")):
            found.append(f"query: {name}={','.join(wanted[name])} was expected")
    for name, value in (expected.get("headers") or {}).items():
        text = ", ".join(_several(value))
        sent = asked.headers.get(name.lower())
        if sent is None or not _header_like(name, text, sent, rules.get(f"header {name.lower()}")):
            found.append(f"header: {name}: {text} was expected")
    if "content" in (expected.get("body") or {}):
        found += _body_differences(expected["body"], asked.body, rules)
    return found


def _body_differences(body: Mapping[str, Any], sent: bytes, rules: Mapping[str, Any]) -> list[str]:
    if "json" not in body.get("contentType", ""):
        return [] if _content(body) == sent else ["body: another was expected"]
    try:
        value = json.loads(sent)
    except (ValueError, RecursionError):
        return ["body: JSON was expected"]
    return [f"body: {where}: {what}" for where, what in _compared("$", body["content"], value, rules)]


def _compared(where: str, expected: Any, sent: Any, rules: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    matchers = rules.get(f"body {where}")
    if isinstance(expected, Mapping) and isinstance(sent, Mapping):
        for name in sorted({*expected, *sent}):
            if name not in sent:
                yield f"{where}.{name}", "is missing"
            elif name not in expected:
                yield f"{where}.{name}", "was not expected"
            else:
                yield from _compared(f"{where}.{name}", expected[name], sent[name], rules)
    elif isinstance(expected, list) and isinstance(sent, list) and len(expected) == len(sent):
        for number, pair in enumerate(zip(expected, sent, strict=True)):
            yield from _compared(f"{where}[{number}]", *pair, rules)
    elif not _like(expected, sent, matchers):
        yield where, f"{json.dumps(expected)} was expected"


def _rules(request: Mapping[str, Any]) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    """("path" | "query NAME" | "header name" | "body $.a", matchers)."""
    for kind, rules in (request.get("matchingRules") or {}).items():
        if "matchers" in rules:
            yield kind, rules["matchers"]
            continue
        for where, rule in rules.items():
            yield f"{kind} {where.lower() if kind == 'header' else where}", rule["matchers"]


def _like(expected: Any, sent: Any, matchers: Sequence[Mapping[str, Any]] | None) -> bool:
    return all(_MATCH[m["match"]](m, expected, sent) for m in matchers or ({"match": "equality"},))


def _all_like(expected: Sequence[str], sent: Sequence[str], matchers: Sequence[Mapping[str, Any]] | None) -> bool:
    return len(expected) == len(sent) and all(_like(a, b, matchers) for a, b in zip(expected, sent, strict=True))


def _header_like(name: str, expected: str, sent: str, matchers: Sequence[Mapping[str, Any]] | None) -> bool:
    if name.lower() == "content-type":  # what stands after the semicolon is not compared
        expected, sent = (text.partition(";")[0].strip().lower() for text in (expected, sent))
    return _like(expected, sent, matchers)


def _kind(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(type(value))
    return "number" if isinstance(value, int | float) else str(type(value))


_MATCH: dict[str, Callable[[Mapping[str, Any], Any, Any], bool]] = {
    "equality": lambda rule, expected, sent: _kind(expected) == _kind(sent) and bool(expected == sent),
    "type": lambda rule, expected, sent: _kind(expected) == _kind(sent),
    "regex": lambda rule, expected, sent: fits(rule["regex"], str(sent)),
    "include": lambda rule, expected, sent: str(rule["value"]) in str(sent),
    "integer": lambda rule, expected, sent: re.fullmatch(r"-?\d+", str(sent)) is not None,
    "decimal": lambda rule, expected, sent: re.fullmatch(r"-?\d+\.\d+", str(sent)) is not None,
    "number": lambda rule, expected, sent: re.fullmatch(r"-?\d+(\.\d+)?", str(sent)) is not None,
    "boolean": lambda rule, expected, sent: sent in (True, False, "true", "false"),
}


def _told(interaction: Mapping[str, Any]) -> Answer:
    response = interaction["response"]
    headers = tuple((name, text) for name, value in (response.get("headers") or {}).items() for text in _several(value))
    body = response.get("body") or {}
    if body.get("contentType") and not any(name.lower() == "content-type" for name, _ in headers):
        headers = (*headers, ("Content-Type", body["contentType"]))
    return Answer(response["status"], headers, _content(body), interaction["description"])


def _content(body: Mapping[str, Any]) -> bytes:
    content = body.get("content")
    if content is None and "json" not in body.get("contentType", ""):
        return b""
    if body.get("encoded"):
        return base64.b64decode(str(content))
    if isinstance(content, str) and "json" not in body.get("contentType", ""):
        return content.encode()
    return json.dumps(content).encode()


def _several(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
