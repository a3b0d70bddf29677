"""Requests a minute, counted per key. Assumed: nobody outside knows SORS's own limit, or whether there is one."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

from ..kernel import Table, dataclass

MINUTE = timedelta(seconds=60)


@dataclass(frozen=True)
class Window:
    """What one key has used of its minute, which began with the first request."""

    key_id: int
    started_at: datetime
    hits: int = 0


WINDOWS = Table(Window, "sors_windows", key="key_id", columns=("started_at", "hits"))


def current(window: Window | None, key_id: int, now: datetime) -> Window:
    """The window that a request at `now` falls into."""
    if window is None or now - window.started_at >= MINUTE:
        return Window(key_id, now)
    return window


def counted(window: Window) -> Window:
    return replace(window, hits=window.hits + 1)


def wait(window: Window, now: datetime, limit: int) -> int:
    """Whole seconds until this window admits another request; 0 when it does now."""
    if window.hits < limit:
        return 0
    return max(1, math.ceil((window.started_at + MINUTE - now).total_seconds()))
