"""Times as the store writes them: whole seconds without a suffix, in its own time zone or, in `_gmt` fields, in UTC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..kernel import Emulation
from . import settings

_WRITTEN = re.compile(
    r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*"
    r"(?:([Zz])|([+-])(\d{2}):?(\d{2})?)?\s*",
    re.ASCII,
)


@lru_cache(maxsize=64)
def _named(zone: str) -> tzinfo:
    if found := re.fullmatch(r"UTC([+-])(\d{1,2})(?::(\d{2}))?", zone):
        offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
        return timezone(offset if found[1] == "+" else -offset)
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def zone(here: Emulation) -> tzinfo:
    """The store's time zone: UTC, unless its site was told otherwise ("Europe/Kyiv", "UTC+2")."""
    name = settings.value(here, "timezone_string")
    return _named(name) if name else UTC


def second(here: Emulation) -> datetime:
    """Now, as the store keeps times: without fractions."""
    return here.clock.now.replace(microsecond=0)


def gmt(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()[:19]


def local(here: Emulation, moment: datetime | None) -> str | None:
    if moment is None:
        return None
    name = settings.value(here, "timezone_string")
    return (moment.astimezone(_named(name)) if name else moment).isoformat()[:19]


def local_moment(here: Emulation, moment: datetime) -> datetime:
    """The same moment, on the clock on the store's wall."""
    return moment.astimezone(zone(here))


def parsed(here: Emulation, text: object, gmt: bool = False) -> datetime | None:
    """A time that a client wrote, aware, in whole seconds; None when it is none.

    Without an offset of its own it is meant in the store's time zone, or in UTC with `gmt`. A day without a time
    is its midnight; a day too many ("2026-02-30") is the next month's, as PHP's strtotime has it.
    """
    if isinstance(text, int | float) and not isinstance(text, bool):
        try:
            return datetime.fromtimestamp(int(text), UTC)
        except (OverflowError, ValueError, OSError):
            return None
    found = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second_ = (int(n or 0) for n in found.groups()[:6])
    if found[7]:
        at: tzinfo = UTC
    elif found[8]:
        offset = timedelta(hours=int(found[9]), minutes=int(found[10] or 0))
        at = timezone(offset if found[8] == "+" else -offset) if offset < timedelta(hours=24) else UTC
    else:
        at = UTC if gmt else zone(here)
    try:
        if day > 31 or hour > 24 or minute > 59:
            return None
        first = datetime(year, month, 1, tzinfo=at)
        return (first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second_)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def bounds(here: Emulation, params: Mapping[str, Any], created: Any, modified: Any) -> list[Any]:
    """Conditions on two columns, as lists have them: "after", "before", "modified_after" and "modified_before", which
    do not belong to the range themselves. What is no time is no bound."""
    gmt = bool(params.get("dates_are_gmt"))
    where: list[Any] = []
    for column, after, before in ((created, "after", "before"), (modified, "modified_after", "modified_before")):
        if moment := parsed(here, params.get(after), gmt):
            where.append(column > moment)
        if moment := parsed(here, params.get(before), gmt):
            where.append(column < moment)
    return where
