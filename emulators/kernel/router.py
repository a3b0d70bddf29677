"""Which operation of a document a request is for: by its method and path, which may hold variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from .operations import Operation


@dataclass
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    variable: list[tuple[re.Pattern[str], _Node]] = field(default_factory=list)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)  # method -> names of the path's variables
    operations: dict[str, Operation] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    operation: Operation | None
    path_params: dict[str, str]
    allow: tuple[str, ...]  # methods the path has; empty: the path is unknown


class Router:
    """`caseless`: the path below which routes are found in any case; none where it is empty."""

    def __init__(self, caseless: str = "") -> None:
        self._root = _Node()
        self._literal: dict[tuple[str, str], Operation] = {}  # those whose path has no variables: found without a walk
        self._caseless = caseless.strip("/").split("/") if caseless else []

    def add(self, operation: Operation, patterns: Mapping[str, str]) -> None:
        """`patterns`: what each variable of the path may look like."""
        node, names = self._root, []
        segments = operation.path.strip("/").split("/")
        flags = re.IGNORECASE if self._is_caseless(segments) else 0
        for segment, literal in zip(segments, self._literals(segments), strict=True):
            variables = re.findall(r"\{(\w+)\}", segment)
            if not variables:
                node = node.literal.setdefault(literal, _Node())
                continue
            names += variables
            text = re.sub(r"\{(\w+)\}", lambda m: f"({patterns.get(m[1], '[^/]+')})", segment)
            for pattern, child in node.variable:
                if pattern.pattern == text:
                    node = child
                    break
            else:
                child = _Node()
                node.variable.append((re.compile(text, flags), child))
                node = child
        if not names:
            self._literal[operation.method, operation.path] = operation
        node.operations[operation.method] = operation
        node.names[operation.method] = tuple(names)

    def match(self, method: str, path: str) -> Match:
        """The operation of a path. HEAD finds GET where the document has no HEAD of its own."""
        if found := self._literal.get((method, path)):
            return Match(found, {}, found.allow)
        segments = path.strip("/").split("/")
        if "%" in path:
            segments = [unquote(s, errors="replace") for s in segments]
        literals = self._literals(segments) if self._caseless and not path.islower() else segments
        allow: tuple[str, ...] = ()
        for node, values in _walk(self._root, segments, literals, 0, []):
            found = node.operations.get(method) or (node.operations.get("GET") if method == "HEAD" else None)
            if found:
                names = node.names[found.method]
                return Match(found, dict(zip(names, values, strict=True)), found.allow)
            allow = allow or next(iter(node.operations.values())).allow
        return Match(None, {}, allow)

    def _is_caseless(self, segments: list[str]) -> bool:
        return bool(self._caseless) and segments[: len(self._caseless)] == self._caseless

    def _literals(self, segments: list[str]) -> list[str]:
        """The segments as the router spells what is no variable: in lower case where case says nothing."""
        if not self._is_caseless(segments):
            return segments
        return [*self._caseless, *(s.lower() for s in segments[len(self._caseless) :])]


def _walk(
    node: _Node, segments: list[str], literals: list[str], at: int, values: list[str]
) -> Iterator[tuple[_Node, list[str]]]:
    if at == len(segments):
        if node.operations:
            yield node, values
        return
    segment = segments[at]
    if child := node.literal.get(literals[at]):
        yield from _walk(child, segments, literals, at + 1, values)
    for pattern, child in node.variable:
        if found := pattern.fullmatch(segment):
            yield from _walk(child, segments, literals, at + 1, [*values, *found.groups()])


def pattern_of(schema: Mapping[str, Any]) -> str:
    """What a path variable may look like: the document's pattern, digits for an integer, else anything."""
    if "pattern" in schema:
        return str(schema["pattern"]).removeprefix("^").removesuffix("$").replace("(", "(?:")
    return r"-?\d+" if schema.get("type") == "integer" else "[^/]+"
