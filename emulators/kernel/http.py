"""HTTP as plain values: what came in, what goes out, and what a far end answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any
from urllib.parse import parse_qsl

import orjson

Headers = tuple[tuple[str, str], ...]
OURS: Headers = (("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"))
"""Of every answer of the laboratory itself: taken for what it says it is, and kept nowhere."""


class BadJson(ValueError):
    """The body is not JSON. `kind` says why: "syntax", "control" (a control character as it is, such as a line's end
    within a text), "utf8" (bytes that are not UTF-8), "utf16" (half of a surrogate pair in an escape) or "depth"
    (nested deeper than can be read)."""

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message)
        self.kind = kind

    @property
    def utf8(self) -> bool:
        return self.kind != "utf8"


def _no_json(constant: str) -> Any:
    """Python's reader takes NaN and Infinity; JSON has neither."""
    raise ValueError(f"{constant} is no JSON value")


DEEPEST = 240
"""Levels of a body. PHP's json_decode() reads 512; what writes JSON here goes 254 deep, so what is kept of a body has
to fit within that, with what is around it in a list. How deep Python's own reader goes differs by version."""
_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*+"?')
_BRACKETS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - _BRACKETS.keys())


def too_deep(text: bytes, most: int = DEEPEST) -> bool:
    """Whether JSON is nested deeper than so many levels; also where it is none."""
    if text.count(b"[") + text.count(b"{") <= most:
        return False
    brackets = _TEXTS.sub(b"", text).translate(None, _NO_BRACKETS)
    return any(level > most for level in accumulate(map(_BRACKETS.__getitem__, brackets)))


_READER = json.JSONDecoder(parse_constant=_no_json)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # those that are not even white space between values


def _kind(text: str, bad: ValueError) -> str:
    """Of a body that is no JSON for another reason than its encoding."""
    if not isinstance(bad, json.JSONDecodeError):
        return "syntax"
    return "control" if bad.msg.startswith("Invalid control char") or _CONTROL.match(text, bad.pos) else "syntax"


@dataclass(frozen=True)
class Request:
    """One request to one service.

    `path` is within the service and starts with "/" ("/wp-json/wc/v3/products"); `root` is the service's
    own address as the caller wrote it, without a slash at the end ("https://127.0.0.1:8700/woocommerce").
    Header names are lower case. `sender` is the first word of the caller's User-Agent, without its version.
    """

    method: str
    path: str
    root: str
    query_string: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """Decoded pairs in their order; bytes that are not UTF-8 are replaced."""
        return parse_qsl(self.query_string, keep_blank_values=True, errors="replace")

    @cached_property
    def json(self) -> Any:
        """The body as JSON; `BadJson` when it is none."""
        try:
            text = self.body.decode("utf-8")
            if too_deep(self.body):
                raise BadJson(f"the body is nested deeper than {DEEPEST} levels", "depth")
        except UnicodeDecodeError as bad:
            if _CONTROL.search(self.body[: bad.start].decode()):  # comes first: whatever was compressed begins with one
                raise BadJson("the body has a control character in it", "control") from None
            raise BadJson(f"byte {bad.start} of the body is not UTF-8", "utf8") from None
        try:
            value = json.loads(text) if text[:1] == "\ufeff" else _READER.decode(text)  # the former says what is wrong
            if "\\u" in text:
                orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
        except RecursionError:
            raise BadJson("the body is nested too deep", "depth") from None
        except orjson.JSONEncodeError as bad:
            if "surrogates" in str(bad):
                raise BadJson("an escape in the body is half of a surrogate pair", "utf16") from None
        except ValueError as bad:
            raise BadJson(f"the body is not JSON: {bad}", _kind(text, bad)) from None
        return value

    @property
    def scheme(self) -> str:
        return self.root.split("://", 1)[0]

    @property
    def sender(self) -> str:
        return self.headers.get("user-agent", "").split("/")[0].split(" ")[0]

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


class Written(bytes):
    """JSON that was written, and held against the document, before. `fresh`: what of it was not yet, as a value
    of the same kind; None when there is nothing."""

    fresh: Any = None

    @classmethod
    def of(cls, text: bytes, fresh: Any) -> Written:
        written = cls(text)
        written.fresh = fresh
        return written

    @property
    def value(self) -> Any:
        return orjson.loads(memoryview(self))


@dataclass(frozen=True)
class Reply:
    """An answer. `body` is bytes as they are, or a value that the emulator's `encode` turns into bytes."""

    status: int
    body: Any = field(default=None, repr=False)
    headers: Headers = field(default=(), repr=False)

    def with_headers(self, more: Iterable[tuple[str, str]]) -> Reply:
        return Reply(self.status, self.body, (*self.headers, *more))


@dataclass(frozen=True)
class Outgoing:
    """A request that a service sends: a webhook, a ping, a call-back. Headers go out in this order. It reaches this
    machine, and the hosts in STORELAB_ALLOW_HOSTS."""

    method: str
    url: str = field(repr=False)
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout: float = 60.0  # seconds
    http: str = "1.1"
    redirects: int = 0  # how many are followed


@dataclass(frozen=True)
class Answer:
    """What came of an `Outgoing`: a status, or the reason why there is none. `seconds` is real time."""

    status: int | None
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    error: str = ""
    seconds: float = 0.0
