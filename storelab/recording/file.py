"""A recording: JSON lines, the first of which says of what; each of the others is one call and its answer."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from storelab.emulators.kernel.errors import LabError

VERSION = 1
ORIGIN = "http://upstream.recorded"
"""Stands for the address of the recorded API in everything that it says."""

Json = Any


@dataclass(frozen=True)
class Body:
    """What was sent: `json` is a JSON value, `text` any other text, `binary` length and digest of what is neither.
    A body that is not there is a text of no characters."""

    kind: str = "text"
    value: Json = ""

    @property
    def there(self) -> bool:
        return self.kind != "text" or bool(self.value)

    def as_bytes(self) -> bytes:
        """As it is sent; a binary one cannot be."""
        if self.kind == "json":
            return json.dumps(self.value, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
        return str(self.value).encode(errors="replace")

    @classmethod
    def of(cls, content: bytes, content_type: str = "") -> Body:
        """JSON is known by itself; the type only tells what is a file."""
        if not content:
            return cls()
        try:
            text = content.decode()
        except UnicodeDecodeError:
            text = ""
        if not text or "multipart/" in content_type:
            return cls("binary", f"{len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
        if text.lstrip()[:1] in ("{", "[", '"') or "json" in content_type:
            try:
                return cls("json", json.loads(text))
            except (ValueError, RecursionError):
                pass
        return cls("text", text)


@dataclass(frozen=True)
class Answer:
    """`status` is None where nobody answered; `error` then says why."""

    status: int | None
    headers: tuple[tuple[str, str], ...] = ()
    body: Body = Body()
    error: str = ""

    def header(self, name: str) -> str | None:
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)


@dataclass(frozen=True)
class Call:
    """`target` is path and query below the upstream's address."""

    number: int
    at: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: Body
    answer: Answer
    seconds: float = 0.0

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Recording:
    """`placeholders` stand for values that were masked."""

    upstream: str
    calls: tuple[Call, ...]
    placeholders: tuple[str, ...] = ()
    path: Path | None = None


@dataclass
class Writer:
    """Appends to a file, line by line; each line is there when the call is over."""

    path: Path
    upstream: str
    masked: bool
    placeholders: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # what is in it is somebody's
            # half of a letter is written as JSON writes it: \ud83d
            self._file = os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace")
        except FileExistsError:
            raise LabError(f"{self.path} is there already: choose another name, or remove it") from None
        except OSError as bad:
            raise LabError(f"cannot write {self.path}: {bad.strerror or bad}") from None
        self._line({"recording": VERSION, "upstream": self.upstream, "masked": self.masked})

    def add(self, call: Call, placeholders: Iterable[str]) -> None:
        new = [p for p in placeholders if p not in self.placeholders]
        self.placeholders += new
        self._line({**call.as_json(), **({"placeholders": new} if new else {})})

    def _line(self, value: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(value, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> Recording:
    """The whole recording. Errors name the line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # and at no other mark, which a text may hold
    except (OSError, UnicodeDecodeError) as bad:
        raise LabError(f"cannot read {path}: {getattr(bad, 'strerror', None) or bad}") from None
    head = _parsed(path, 1, lines[0]) if lines[0] else {}
    if head.get("recording") != VERSION or "upstream" not in head:
        raise LabError(f"{path} is no recording of `storelab record` (version {VERSION})")
    calls, placeholders = [], []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        row = _parsed(path, number, line)
        try:
            placeholders += row.pop("placeholders", [])
            calls.append(_call(row))
        except (KeyError, TypeError, ValueError) as bad:
            raise LabError(f"{path}:{number}: is not a recorded call: {type(bad).__name__} {bad}") from None
    return Recording(str(head["upstream"]), tuple(calls), tuple(placeholders), path)


def _parsed(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise LabError(f"{path}:{number}: is not a JSON object")
    return value


def _call(row: dict[str, Any]) -> Call:
    answer = row.pop("answer")
    datetime.fromisoformat(row["at"])
    for name in ("method", "target"):
        if not isinstance(row[name], str):
            raise TypeError(f"{name} is no text")
    if not isinstance(answer["status"], int | None):
        raise TypeError("status is no number")
    return Call(
        **{**row, "headers": _pairs(row["headers"]), "body": Body(**row["body"])},
        answer=Answer(answer["status"], _pairs(answer["headers"]), Body(**answer["body"]), answer.get("error", "")),
    )


def _pairs(headers: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in headers)
