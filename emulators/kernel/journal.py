"""The journal: every exchange of every service, secrets masked when it is read, bounded by count and by bytes."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice, takewhile
from typing import Any
from urllib.parse import unquote_plus

from .http import Headers

MASK = "***"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "x-storelab-token", "proxy-authorization"})
_SECRET_NAMES = frozenset(
    {
        "api_key",
        "api_secret",
        "consumer_secret",
        "oauth_consumer_key",
        "oauth_signature",
        "password",
        "secret",
        "token",
        "access_token",
        "site_token",
        "webhook_secret",
        "wc_auth_nonce",
        "woocommerce-login-nonce",
    }
)


Kind = tuple[str, str, str, int | None]
"""Service, direction, operation and status of an exchange."""


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `direction` is "in" for what a service was asked, "out" for what it sent.

    `seconds` is real time; `at` is the world's. `reason` says why something was refused, `fault` which fault was
    at work. A status of None means that no answer was given (reset, lost, or nobody there).
    """

    number: int
    at: datetime
    direction: str
    service: str
    operation: str
    method: str
    url: str = field(repr=False)
    request_headers: Headers = field(repr=False)
    request_body: bytes = field(repr=False)
    status: int | None
    response_headers: Headers = field(repr=False)
    response_body: bytes = field(repr=False)
    seconds: float
    sender: str = ""
    reason: str = ""
    fault: str = ""
    emulated: bool = True
    secret_names: frozenset[str] = frozenset()  # headers, parameters and fields that this vendor keeps secret

    @property
    def size(self) -> int:
        headers = sum(len(value) for _, value in self.request_headers)
        return len(self.request_body) + len(self.response_body) + len(self.url) + headers + 600

    @property
    def refused(self) -> bool:
        return self.status is None or self.status >= 400

    @property
    def kind(self) -> Kind:
        return self.service, self.direction, self.operation, self.status

    def as_json(self, *, bodies: bool = True) -> dict[str, Any]:
        """The exchange for people and machines, without a credential in it."""
        out: dict[str, Any] = {
            "number": self.number,
            "at": self.at.isoformat(),
            "direction": self.direction,
            "service": self.service,
            "operation": self.operation,
            "method": self.method,
            "url": masked_url(self.url, self.secret_names),
            "status": self.status,
            "seconds": round(self.seconds, 6),
            "sender": self.sender,
            "reason": masked_url(self.reason, self.secret_names),
            "fault": self.fault,
            "emulated": self.emulated,
        }
        if bodies:
            out["request"] = {
                "headers": masked_headers(self.request_headers, self.secret_names),
                "body": masked_body(self.request_body, self.secret_names),
            }
            out["response"] = {
                "headers": masked_headers(self.response_headers, self.secret_names),
                "body": masked_body(self.response_body, self.secret_names),
            }
        return out


NONE: frozenset[str] = frozenset()


def is_secret(name: str, more: frozenset[str] = NONE) -> bool:
    """Whether a parameter or field of this name is to be masked, however the name is written: percent-encoded, as
    the member of a list or a mapping (`secret[]`), with a dot for an underscore, as PHP takes them all."""
    parts = unquote_plus(name).lower().replace(".", "_").replace("[", " ").replace("]", " ").split()
    return any(part in _SECRET_NAMES or part in more for part in parts)


def masked_url(text: str, more: frozenset[str] = NONE) -> str:
    """An address, or a text with addresses in it, without passwords and secret parameters."""
    text = re.sub(r"(://[^/?#\s:@]*:)[^/?#\s@]*@", rf"\1{MASK}@", text)
    return _PARAMETER.sub(lambda m: m[1] + MASK if is_secret(m[2], more) else m[0], text)


_PARAMETER = re.compile(r"""([?&](?:amp;)?([^=&#?\s]+)=)[^&#\s"<>]*""")


def masked_headers(headers: Iterable[tuple[str, str]], more: frozenset[str] = NONE) -> list[list[str]]:
    return [
        [name, MASK if name.lower() in _SECRET_HEADERS or name.lower() in more else masked_url(value, more)]
        for name, value in headers
    ]


def masked_body(body: bytes, more: frozenset[str] = NONE) -> str:
    """The body as text. In JSON, in forms and in the fields of pages, the values of secret names are masked."""
    text = body.decode("utf-8", "replace")
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.dumps(masked(json.loads(text), more), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass

    def hidden(match: re.Match[str]) -> str:
        return match[1] + MASK if is_secret(match["name"], more) else match[0]

    def filled(match: re.Match[str]) -> str:
        name = _NAME.search(match[0])
        return _VALUE.sub(rf"\1{MASK}", match[0]) if name and is_secret(name[2], more) else match[0]

    return masked_url(_FIELD.sub(hidden, _MEMBER.sub(hidden, _INPUT.sub(filled, text))), more)


_INPUT = re.compile(r"<input\s[^<>]*>", re.IGNORECASE)
_NAME = re.compile(r"""\sname=(["']?)([^"'\s>]+)""", re.IGNORECASE)
_VALUE = re.compile(r"""(\svalue=["']?)[^"'\s>]+""", re.IGNORECASE)
# What looks like a member of a JSON object, quoted or not, and like a field of a form.
_MEMBER = re.compile(r"""((["'])(?P<name>[^"'\s]+)\2\s*:\s*"?)((?<=")(?:[^"\\]|\\.)+|[^\s",}\]]+)""")
_FIELD = re.compile(r"""((?:^|[&?\s])(?:amp;)?(?P<name>[^=&?\s"']+)=)[^&"'\s]+""")


def masked(value: Any, more: frozenset[str] = NONE) -> Any:
    """A JSON value with the values of secret names masked."""
    if isinstance(value, dict):
        return {k: MASK if is_secret(k, more) and v not in (None, "") else masked(v, more) for k, v in value.items()}
    if isinstance(value, list):
        return [masked(v, more) for v in value]
    return masked_url(value, more) if isinstance(value, str) and "://" in value else value


MOST = 10_000  # exchanges that a world keeps, unless it is told otherwise
BYTES_EACH = 6_710  # at most, on average: 64 MiB for 10,000


class Journal:
    """The last exchanges of one world."""

    def __init__(self, *, most: int = MOST, most_bytes: int = 0) -> None:
        self._most, self._most_bytes = most, most_bytes or most * BYTES_EACH
        self._kept: deque[Exchange] = deque()
        self._bytes = 0
        self.last = 0
        self.cleared = 0  # the last number that was taken away by hand
        self.counted: dict[Kind, list[float]] = {}  # how many there ever were of a kind, and their seconds
        self.watchers: list[Callable[[Exchange], None]] = []

    def add(self, exchange: Exchange) -> None:
        self._kept.append(exchange)
        self._bytes += exchange.size
        counted = self.counted.setdefault(exchange.kind, [0, 0.0])
        counted[0] += 1
        counted[1] += exchange.seconds
        while len(self._kept) > self._most or self._bytes > self._most_bytes:
            self._bytes -= self._kept.popleft().size
        for watcher in self.watchers:
            watcher(exchange)

    def get(self, number: int) -> Exchange | None:
        """The exchange of this number, while it is kept."""
        return next((e for e in reversed(self._kept) if e.number == number), None)

    def next_number(self) -> int:
        self.last += 1
        return self.last

    def clear(self) -> None:
        self.cleared = self.last
        self._kept.clear()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        return self._bytes

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._kept)

    def find(
        self,
        *,
        service: str = "",
        operation: str = "",
        method: str = "",
        status: int | None = None,
        direction: str = "",
        sender: str = "",
        text: str = "",
        refused: bool = False,
        after: int = 0,
        before: int = 0,
        limit: int = 100,
    ) -> list[Exchange]:
        """The newest `limit` exchanges that match, oldest first: those after one number and, where it is not 0, before
        another. `text` is looked for in URL and bodies; `refused` wants no answer, or one of 400 and above."""
        needle, method = text.encode(), method.upper()
        checks: tuple[tuple[object, Callable[[Exchange], bool]], ...] = (
            (before, lambda e: e.number < before),
            (refused, lambda e: e.refused),
            (service, lambda e: e.service == service),
            (operation, lambda e: e.operation == operation),
            (method, lambda e: e.method == method),
            (status is not None, lambda e: e.status == status),
            (direction, lambda e: e.direction == direction),
            (sender, lambda e: e.sender == sender),
            (text, lambda e: text in e.url or e.response_body.find(needle) >= 0 or e.request_body.find(needle) >= 0),
        )
        found: Iterable[Exchange] = reversed(self._kept)
        if after:
            found = takewhile(lambda e: e.number > after, found)
        for asked, check in checks:
            if asked:  # only what was asked: there may be 100,000 to look at
                found = filter(check, found)
        return list(islice(found, limit))[::-1]


def as_har(exchanges: Iterable[Exchange], version: str) -> dict[str, Any]:
    """The exchanges as an HTTP Archive 1.2, secrets masked."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "storelab", "version": version},
            "entries": [_har_entry(e) for e in exchanges],
        }
    }


def _har_entry(e: Exchange) -> dict[str, Any]:
    def pairs(headers: Headers) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in masked_headers(headers, e.secret_names)]

    milliseconds = round(e.seconds * 1000, 3)
    return {
        "startedDateTime": e.at.isoformat(),
        "time": milliseconds,
        "request": {
            "method": e.method,
            "url": masked_url(e.url, e.secret_names),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(e.request_headers),
            "queryString": [],
            "headersSize": -1,
            "bodySize": len(e.request_body),
            "postData": {"mimeType": "", "text": masked_body(e.request_body, e.secret_names)},
        },
        "response": {
            "status": e.status or 0,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(e.response_headers),
            "content": {
                "size": len(e.response_body),
                "mimeType": "",
                "text": masked_body(e.response_body, e.secret_names),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(e.response_body),
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": masked_url(e.reason, e.secret_names) or e.fault,
    }
