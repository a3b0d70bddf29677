"""YAML with the line of every value kept, so that whatever is wrong with a story can be pointed at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from storelab.emulators.kernel.errors import LabError

Place = tuple[str | int, ...]
"""The way to a value: ("steps", 3, "expect", "shelf", "MUG")."""

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 40
MOST_VALUES = 100_000
LONGEST_NUMBER = 100  # characters


class BadStory(LabError):
    """A story that cannot be played. The message names the file, the line, what was found and what is possible."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="bad_story")


@dataclass(frozen=True)
class Source:
    """A YAML file as values. Keys are always text, as they are written (`on`, `off` and `0012` stay what they are)."""

    path: Path
    value: Any
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """The line of this value, or of the nearest one around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def bad(self, place: Place, message: str) -> BadStory:
        return BadStory(f"{self.path}:{self.line(place)}: {message}")


def load(path: Path) -> Source:
    """The file as values, or `BadStory`."""
    try:
        raw = path.read_bytes()
    except OSError as bad:
        raise BadStory(f"{path}: cannot be read: {bad.strerror or bad}") from None
    if len(raw) > MOST_BYTES:
        raise BadStory(f"{path}: is {len(raw)} bytes long; a story has at most {MOST_BYTES}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as bad:
        line = raw[: bad.start].count(b"\n") + 1
        raise BadStory(f"{path}:{line}: byte {bad.start} is not UTF-8") from None
    try:
        node = _composed(text)
    except yaml.MarkedYAMLError as bad:
        mark = bad.problem_mark or bad.context_mark
        where = f":{mark.line + 1}" if mark else ""
        column = f" at column {mark.column + 1}" if mark else ""
        raise BadStory(f"{path}{where}: not YAML{column}: {_told(bad)}") from None
    except yaml.YAMLError as bad:
        raise BadStory(f"{path}: not YAML: {bad}") from None
    except RecursionError:
        raise BadStory(f"{path}: is nested too deep") from None
    if node is None:
        raise BadStory(f"{path}: is empty; a story has a title, a backend and steps")
    reading = _Reading(path)
    return Source(path, reading.value(node, ()), reading.lines)


def _composed(text: str) -> yaml.Node | None:
    """Quickly where libyaml is there; whatever it stumbles over is read again for the better words."""
    quick = getattr(yaml, "CSafeLoader", None)
    if quick is not None:
        try:
            return yaml.compose(text, Loader=quick)
        except (yaml.YAMLError, RecursionError):
            pass
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _told(bad: yaml.MarkedYAMLError) -> str:
    """The parser's words; a tab and a forgotten space are what it mostly stumbles over."""
    problem = bad.problem or "it cannot be read"
    if "\\t" in problem:
        return "a tab stands where spaces should; indent with spaces"
    return f"{problem} ({bad.context})" if bad.context else problem


class _Reading:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[Place, int] = {}
        self._values = 0
        self._scalars = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, place: Place) -> Any:
        self.lines.setdefault(place, node.start_mark.line + 1)
        self._values += 1
        if len(place) > MOST_DEPTH:
            raise self._bad(node, "is nested too deep")
        if self._values > MOST_VALUES:
            raise self._bad(node, f"holds more than {MOST_VALUES} values, which a few aliases of aliases do")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*place, n)) for n, child in enumerate(node.value)]
        if node.tag.endswith(("timestamp", "binary")):
            return node.value
        if node.tag.endswith((":int", ":float")) and len(node.value) > LONGEST_NUMBER:
            raise self._bad(node, f"a number has at most {LONGEST_NUMBER} characters; in quotes it is a text")
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError) as bad:  # the last for a tag that the value does not fit
            raise self._bad(node, f"{node.value!r} cannot be read: {getattr(bad, 'problem', bad)}") from None

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._bad(key, "a key is one word or several, not a list or a mapping")
            name = str(key.value)
            if name in found:
                first = self.lines[(*place, name)]
                raise self._bad(key, f"{name!r} is there twice; it was on line {first} already")
            self.lines[(*place, name)] = key.start_mark.line + 1
            found[name] = self.value(child, (*place, name))
        return found

    def _bad(self, node: yaml.Node, message: str) -> BadStory:
        return BadStory(f"{self.path}:{node.start_mark.line + 1}: {message}")
