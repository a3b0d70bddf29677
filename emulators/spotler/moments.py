"""Times as Connect writes and reads them: ISO 8601, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo


def iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read(text: Any) -> datetime | None:
    """A moment; UTC unless the text says otherwise (the `_gmt` fields of a shop do not). None for what is none."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def asked(moment: datetime) -> str:
    """As a shop wants it beside `dates_are_gmt`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def is_zone(name: Any) -> bool:
    """Whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (TypeError, ValueError, OSError, KeyError):
        return False
    return True
