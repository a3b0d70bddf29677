"""What the host of a store, or a plugin that guards or caches it, does to requests before the API sees them.

Each lasts until "end host trouble", as the merchant's call to the host ends it. They are faults of the laboratory with
a name (`storelab fault list` shows them), so they are no part of snapshots and copies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kernel import Emulation, LabError
from .respond import json_bytes

_MAINTENANCE = """<!DOCTYPE html>
<html><head><title>Maintenance</title></head>
<body><h1>Briefly unavailable for scheduled maintenance. Check back in a minute.</h1></body></html>
"""
_FORBIDDEN = """<!DOCTYPE html>
<html><head><title>403 Forbidden</title></head>
<body><h1>Forbidden</h1><p>A rule of this site's firewall has blocked this request.</p></body></html>
"""


def _lasting(here: Emulation, label: str, **fault: Any) -> dict[str, Any]:
    """Let it last. A second time takes the place of the first."""
    _ended(here, label)
    given = {"service": here.emulator.name, "times": None, "label": label, **fault}
    return here.faults.add(given, here.clock.now).as_json()


def _ended(here: Emulation, label: str) -> list[str]:
    gone = [f for f in here.faults.active.values() if f.service == here.emulator.name and f.label == label]
    for fault in gone:
        here.faults.clear(fault.id)
    return [label] if gone else []


def strip_authorization(here: Emulation) -> dict[str, Any]:
    """The host's web server keeps the Authorization header from PHP, as with CGI: Basic and OAuth in the header look
    like no key at all; keys in the query still work."""
    return _lasting(here, STRIP, kind="strip", header="Authorization")


def block_rest(here: Emulation, answer: str = "json") -> dict[str, Any]:
    """A security plugin closes the REST API, keys or not: `answer` is "json" (401 in WordPress's form) or "html" (a
    403 page of a firewall). The rest of the site is open.

    Guess: the words; plugins differ in them.
    """
    if answer == "html":
        return _lasting(here, BLOCK, kind="block", path="/wp-json", status=403, body=_FORBIDDEN)
    if answer != "json":
        raise LabError(f"a security plugin answers json or html, not {answer!r}")
    body = {
        "code": "rest_cannot_access",
        "message": "The REST API of this site is open to signed-in users only.",
        "data": {"status": 401},
    }
    return _lasting(
        here,
        BLOCK,
        kind="block",
        path="/wp-json",
        status=401,
        body=json_bytes(body).decode(),
        content_type="application/json; charset=UTF-8",
    )


def maintenance(here: Emulation, retry_after: int = 600) -> dict[str, Any]:
    """The site updates itself: everything is a 503 page with Retry-After (seconds)."""
    return _lasting(here, MAINTENANCE, kind="block", status=503, body=_MAINTENANCE, retry_after=retry_after)


def cache_gets(here: Emulation, seconds: float = 60.0, path: str = "/wp-json") -> dict[str, Any]:
    """A cache before the site answers a GET below `path` again as it did up to `seconds` of the world's time ago,
    whatever was written since and whoever asks, with Age and X-Cache (HIT or MISS). Only answers of 200 are kept."""
    if seconds <= 0:
        raise LabError("a cache keeps answers for more than no time")
    return _lasting(here, CACHE, kind="cache", path=path, seconds=seconds)


def slow_host(here: Emulation, seconds: float = 5.0) -> dict[str, Any]:
    """Every answer takes this long, in real time, as the caller's timeout is."""
    if seconds <= 0:
        raise LabError("a slow host takes more than no time")
    return _lasting(here, SLOW, kind="delay", seconds=seconds)


def clock_is_off(here: Emulation, minutes: float = 20.0) -> dict[str, Any]:
    """The server's clock runs so many minutes ahead (behind, below zero): its Date header says so, and OAuth's
    timestamps are held against it. Webhooks and dates of things stay with the world's time."""
    if not minutes:
        raise LabError("a clock that is off is so by some minutes")
    return _lasting(here, CLOCK, kind="clock", seconds=minutes * 60)


def end_trouble(here: Emulation, what: str = "") -> dict[str, Any]:
    """The host puts it right: `what` is the move that began it; without it everything is put right."""
    if what and what not in MOVES:
        raise LabError(f"{what!r} is no trouble that can end; there are: {', '.join(TROUBLES)}")
    return {"ended": [label for wanted in ([what] if what else TROUBLES) for label in _ended(here, wanted)]}


STRIP, BLOCK, MAINTENANCE = "strip Authorization header", "block REST by a security plugin", "maintenance mode"
CACHE, SLOW, CLOCK = "cache GETs", "slow host", "clock is off"
TROUBLES: dict[str, Callable[..., Any]] = {
    STRIP: strip_authorization,
    BLOCK: block_rest,
    MAINTENANCE: maintenance,
    CACHE: cache_gets,
    SLOW: slow_host,
    CLOCK: clock_is_off,
}
MOVES: dict[str, Callable[..., Any]] = {**TROUBLES, "end host trouble": end_trouble}


def trouble(here: Emulation) -> list[str]:
    """What stands between the store and its callers now, by the moves that began it."""
    active = here.faults.active.values()
    return sorted({f.label for f in active if f.service == here.emulator.name and f.label in TROUBLES})


FACTS: dict[str, Callable[..., Any]] = {"host trouble": trouble}
