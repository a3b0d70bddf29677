"""How often a backend may be called: one pace for each account, whatever store it is for."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from .book import Connection


def permitted(last: datetime | None, until: datetime | None, gap: float, now: datetime) -> datetime:
    """When the next call may be made. Another may have noted a turn that comes after `now`, since it was asked for a
    moment before; one that is further away was noted before the clock was set back, and is not believed."""
    wait = timedelta(seconds=gap)
    if last is None or last > now + wait:
        return now
    return max(now, last + wait, until or now)


def pace_key(connection: Connection) -> str:
    return account_key(connection.backend_url, str(connection.learned.get("account", "")))


def account_key(url: str, account: str) -> str:
    """One pace per backend and account: several stores with one key share it."""
    return hashlib.sha256(f"{url} {account}".encode()).hexdigest()[:40]
