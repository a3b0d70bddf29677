"""What time it is: real time, unless whoever drives a connection has said otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime


def real() -> datetime:
    return datetime.now(UTC)


class Clock:
    """A connection that was once told the time stays at it until it is told again, and is nobody's but its driver's:
    the background leaves it alone."""

    def __init__(self, now: Callable[[], datetime] = real) -> None:
        self._now, self._told, self._lock = now, dict[str, datetime](), threading.Lock()

    def at(self, connection: str) -> datetime:
        with self._lock:
            return self._told.get(connection) or self._now()

    def tell(self, connection: str, now: datetime) -> None:
        with self._lock:
            self._told[connection] = now

    def told(self, connection: str) -> bool:
        with self._lock:
            return connection in self._told

    def forget(self, connection: str) -> None:
        with self._lock:
            self._told.pop(connection, None)


def read(text: str) -> datetime:
    """RFC 3339; ValueError for anything else, and for a time without a zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no zone: write it like 2026-11-21T08:00:00Z")
    return found.astimezone(UTC)


def shown(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
