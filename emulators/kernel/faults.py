"""Faults: what goes wrong on purpose, matched by service, operation and sender, exact or by seeded dice.

Those that last until they are cleared (`times` is None) are how things stand: any number of them strikes one
request, and at most one of those that are counted does.

A fault has a phase. "before": the service never saw the request. "after-commit": it did all it was asked, and
then the answer went wrong (the caller cannot tell; that is the point). "mid-body": the answer breaks off.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from .errors import LabError
from .http import Reply, Request

KINDS = {
    "status": "answer with `status` in the vendor's own error body (429 carries Retry-After: `retry_after` seconds)",
    "delay": "answer `seconds` late, in real time, as the caller's own timeout is",
    "reset": "close the connection without an answer",
    "lost": "do what was asked, then close the connection without an answer",
    "truncate": "break the answer off in the middle of its body",
    "garble": "answer with a body that is not what its content type says",
    "outage": "answer 503 to everything until `seconds` of the world's time have passed",
    "stale": "answer a GET with the body it had the first time it was asked while this fault is active",
    "drift": "on pages after the first, repeat one row and skip another, as if something had been inserted",
    "short": "answer a list with its first row only, and as if that were all",
    "strip": "take the header `header` (Authorization) away before the service sees the request",
    "block": "answer with `status`, `content_type` and `body` in place of the service, as what stands before it does",
    "clock": "let the service's own clock, Date header included, be `seconds` ahead of the world's (or behind)",
    "cache": "answer a GET, whoever asks, with what was answered up to `seconds` of the world's time ago",
}
DELIVERY_KINDS = {
    "drop": "never send it, and let the sender believe that it was taken",
    "duplicate": "send it `copies` (2) times",
    "late": "send it `seconds` (60) later, on the world's clock",
    "reorder": "send it after the next one of the same subscription",
    "corrupt": "send it with a signature that does not fit",
    "unsigned": "send it without its signature, or the token in its address",
    "outdated": "send it with the body of the one before it to the same address, signed as that was",
    "unreachable": "let the attempt fail, as if nobody listened there",
    "unheard": "send it, and lose the answer: the sender believes that it failed",
}
CALL_BACKS = {kind: DELIVERY_KINDS[kind] for kind in ("drop", "unreachable", "unheard")}
"""These also strike what a service posts while it carries out the operation that they name."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. `times` is how often still (None: until cleared); `skip` lets the first few
    through; `chance` is between 0 and 1. Empty `operation`, `method` or `sender` match all; `path` is what the path
    within the service begins with. `label` says what it stands for, for those who list faults."""

    id: int
    kind: str
    service: str
    operation: str = ""
    method: str = ""
    sender: str = ""
    times: int | None = 1
    skip: int = 0
    chance: float = 1.0
    phase: str = "before"
    status: int = 500
    retry_after: int | None = None
    seconds: float = 0.0
    path: str = ""
    header: str = ""
    body: str = ""
    content_type: str = ""
    label: str = ""
    copies: int = 2
    until: datetime | None = None
    hits: int = 0

    def as_json(self) -> dict[str, Any]:
        shown = {k: v for k, v in self.__dict__.items() if v not in (None, "")}
        if self.until:
            shown["until"] = self.until.isoformat()
        return shown


def made(number: int, given: Mapping[str, Any], now: datetime) -> Fault:
    """A fault from what the user asked for; `LabError` says what is wrong with it."""
    known = {k for k in Fault.__dataclass_fields__ if k not in ("id", "until", "hits")}
    unknown = set(given) - known
    if unknown:
        raise LabError(f"a fault has no {', '.join(sorted(unknown))}; it takes: {', '.join(sorted(known))}")
    kind = given.get("kind", "")
    if kind not in KINDS and kind not in DELIVERY_KINDS:
        raise LabError(f"there is no fault {kind!r}; there are: {', '.join((*KINDS, *DELIVERY_KINDS))}")
    try:
        fault = Fault(id=number, **given)
    except TypeError as bad:
        raise LabError(f"the fault is not complete: {bad}") from None
    if fault.phase not in ("before", "after-commit"):
        raise LabError(f"phase is {fault.phase!r}; it is before or after-commit")
    if not 200 <= fault.status <= 599:
        raise LabError(f"status is {fault.status}; it is between 200 and 599")
    if not 1 <= fault.copies <= MOST_COPIES:
        raise LabError(f"copies is {fault.copies}; it is between 1 and {MOST_COPIES}")
    if not 0 <= fault.chance <= 1:
        raise LabError(f"chance is {fault.chance}; it is between 0 and 1")
    if fault.seconds < 0 and kind != "clock":
        raise LabError(f"seconds is {fault.seconds}; only a clock can be behind")
    if kind == "outage":
        fault = replace(fault, until=now + timedelta(seconds=fault.seconds), times=None)
    if kind in _STANDING and "times" not in given:
        fault = replace(fault, times=None)
    if kind == "block" and "status" not in given:
        fault = replace(fault, status=403)
    if kind in ("cache", "late") and not fault.seconds:
        fault = replace(fault, seconds=60.0)
    return fault


_STANDING = (
    "stale",
    "strip",
    "block",
    "cache",
    "clock",
)  # they last until they are cleared, unless `times` says otherwise
MOST_CACHED = 10_000  # answers
MOST_COPIES = 1_000  # of one delivery


@dataclass
class Faults:
    """The faults of one world."""

    seed: str = ""
    active: dict[int, Fault] = field(default_factory=dict)
    _last: int = 0
    _dice: int = 0
    _stale: dict[tuple[int, str], Reply] = field(default_factory=dict)
    _cached: dict[tuple[int, str], tuple[datetime, Reply]] = field(default_factory=dict)

    def add(self, given: Mapping[str, Any], now: datetime) -> Fault:
        self._last += 1
        fault = made(self._last, given, now)
        self.active[fault.id] = fault
        return fault

    def clear(self, number: int | None = None) -> None:
        if number is None:
            self.active.clear()
        elif self.active.pop(number, None) is None:
            raise LabError(f"there is no fault {number}", status=404, code="unknown_fault")
        for kept in (self._stale, self._cached):
            for slot in [slot for slot in kept if slot[0] not in self.active]:
                del kept[slot]

    def strikes(
        self,
        kinds: Mapping[str, str],
        service: str,
        operation: str,
        method: str,
        sender: str,
        now: datetime,
        path: str = "",
        *,
        named: bool = False,
    ) -> Iterator[Fault]:
        """The faults that strike this exchange, in the order in which they were added. One counts as used when it is
        handed out, so whoever stops asking leaves the others to the next exchange. `named`: only those that name an
        operation."""
        counted = False
        for number in list(self.active):
            fault = self.active.get(number)  # others may have been cleared or used meanwhile
            if fault is None or (counted and fault.times is not None):
                continue
            if (
                fault.kind not in kinds
                or fault.service != service
                or fault.operation not in ("", operation)
                or fault.method.upper() not in ("", method)
                or fault.sender not in ("", sender)
                or not path.startswith(fault.path)
                or (named and not fault.operation)
            ):
                continue
            if fault.until is not None and now >= fault.until:
                del self.active[number]
            elif fault.skip > 0:
                self.active[number] = replace(fault, skip=fault.skip - 1)
            elif fault.chance >= 1 or self._rolled() < fault.chance:
                self._use(fault)
                counted = counted or fault.times is not None
                yield fault

    def struck(
        self, kinds: Mapping[str, str], service: str, operation: str, method: str, sender: str, now: datetime
    ) -> Fault | None:
        """The first fault that strikes this exchange, if any; it counts as used."""
        return next(self.strikes(kinds, service, operation, method, sender, now), None)

    def call_back(self, service: str, operation: str, now: datetime) -> Fault | None:
        """The fault that strikes what this service posts in the middle of this operation."""
        return next(self.strikes(CALL_BACKS, service, operation, "", "", now, named=True), None)

    def _use(self, fault: Fault) -> None:
        times = None if fault.times is None else fault.times - 1
        if times == 0:
            del self.active[fault.id]
        else:
            self.active[fault.id] = replace(fault, times=times, hits=fault.hits + 1)

    def _rolled(self) -> float:
        self._dice += 1
        digest = hmac.digest(self.seed.encode(), f"dice.{self._dice}".encode(), hashlib.sha256)
        return int.from_bytes(digest[:7], "big") / 2**56

    def stale(self, fault: Fault, url: str, reply: Reply) -> Reply:
        """The first answer that was given to this URL while the fault is active."""
        if len(self._stale) >= MOST_CACHED:
            return self._stale.get((fault.id, url), reply)
        return self._stale.setdefault((fault.id, url), reply)

    def remembered(self, fault: Fault, url: str, now: datetime) -> Reply | None:
        """What the cache still has for this URL, with its age in seconds."""
        at, reply = self._cached.get((fault.id, url), (None, None))
        if at is None or reply is None or (age := (now - at).total_seconds()) >= fault.seconds:
            return None
        return reply.with_headers((("Age", str(int(age))), ("X-Cache", "HIT")))

    def remember(self, fault: Fault, url: str, reply: Reply, now: datetime) -> Reply:
        """The answer on its way through the cache, which keeps it when it is a 200."""
        if reply.status == 200:
            if len(self._cached) >= MOST_CACHED:
                self._cached.clear()
            self._cached[fault.id, url] = now, reply
        return reply.with_headers((("Age", "0"), ("X-Cache", "MISS")))


def stripped(request: Request, fault: Fault) -> Request:
    """The request without the header that the fault names."""
    name = (fault.header or "authorization").lower()
    return replace(request, headers={n: v for n, v in request.headers.items() if n != name})


def blocked(fault: Fault) -> Reply:
    """The answer of what stands before the service."""
    kind = fault.content_type or "text/html; charset=UTF-8"
    body = fault.body or f"<!DOCTYPE html>\n<title>{fault.status}</title>\n<h1>{fault.status}</h1>\n"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", kind),)
    if fault.retry_after is not None:
        headers = (*headers, ("Retry-After", str(fault.retry_after)))
    return Reply(fault.status, body.encode(), headers)


def garbled(reply: Reply) -> Reply:
    return Reply(
        reply.status,
        b"<!DOCTYPE html>\n<title>Just a moment...</title>" + bytes(reply.body or b"")[:40],
        reply.headers,
    )


def shortened(reply: Reply) -> Reply:
    """A list with its first row only; whatever counts the rows says so too."""
    if not isinstance(reply.body, bytes):
        return reply
    try:
        value = json.loads(reply.body)
    except ValueError:
        return reply
    rows = value.get("data") if isinstance(value, dict) else value
    if not isinstance(rows, list):
        return reply
    del rows[1:]
    if isinstance(value, dict) and isinstance(value.get("total"), int):
        value["total"] = len(rows)
    counts = {"x-wp-total": str(len(rows)), "x-wp-totalpages": "1" if rows else "0"}
    headers = tuple((n, counts.get(n.lower(), v)) for n, v in reply.headers)
    return Reply(reply.status, json.dumps(value).encode(), headers)


def drifted(reply: Reply, page: int) -> Reply:
    """The page as it looks when a row was inserted before it since the page before was read: its last row is
    gone and its first row is one that was seen already (here: the first row, twice)."""
    if page < 2 or not isinstance(reply.body, bytes):
        return reply
    try:
        value = json.loads(reply.body)
    except ValueError:
        return reply
    rows = value.get("data") if isinstance(value, dict) else value
    if not isinstance(rows, list) or len(rows) < 2:
        return reply
    rows[1:] = [rows[0], *rows[1:-1]][: len(rows) - 1]
    if isinstance(value, dict) and isinstance(value.get("total"), int):
        value["total"] += 1
    return Reply(reply.status, json.dumps(value).encode(), reply.headers)
