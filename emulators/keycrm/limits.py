"""Sixty requests a minute, counted per key and per address.

Source: KeyCRM API document v1.2.0 (60 a minute, per key and per IP). Assumed: the minute starts with the first
request (Laravel's limiter), a refused request is not counted, and a request without a good key is not either.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

from ..kernel import Table, dataclass

MINUTE = timedelta(seconds=60)


@dataclass(frozen=True)
class Window:
    """What one key or one address ("key:1", "ip:127.0.0.1") has used of its minute."""

    bucket: str
    started_at: datetime
    hits: int = 0


WINDOWS = Table(Window, "keycrm_windows", key="bucket", columns=("started_at", "hits"))


def current(window: Window | None, bucket: str, now: datetime) -> Window:
    """The window that a request at `now` falls into."""
    if window is None or now - window.started_at >= MINUTE:
        return Window(bucket, now)
    return window


def counted(window: Window) -> Window:
    return replace(window, hits=window.hits + 1)


def wait(window: Window, now: datetime, limit: int) -> int:
    """Whole seconds until this window admits another request; 0 when it does now."""
    if window.hits < limit:
        return 0
    return max(1, math.ceil((window.started_at + MINUTE - now).total_seconds()))
