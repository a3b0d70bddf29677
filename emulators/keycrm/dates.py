"""Times as KeyCRM writes them: UTC without a zone, "2026-11-21 08:00:00".

Source: KeyCRM API document v1.2.0 (every timestamp UTC, on read, on filter and on write).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?")


def rendered(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S")


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def microseconds(moment: datetime | None) -> str | None:
    """The one other form in the API: `shipping_date_actual`."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def parsed(text: str) -> datetime | None:
    """A time or a date; None when it is neither.

    A day past the end of its month runs over into the next one (31 February is 3 March), as PHP's dates do.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        first = datetime(year, month, 1, hour, minute, second, tzinfo=UTC)
        return first + timedelta(days=day - 1)
    except (ValueError, OverflowError):
        return None


def between(text: str) -> tuple[datetime, datetime] | None:
    """The two ends of a date-range filter, the second one whole when it is only a date; None when it is no range.

    "2020-08-24 00:00:00, 2020-09-22 23:59:59", quoted or not, the space optional, dates alone allowed.
    """
    ends = [part.strip() for part in text.strip().strip('"').split(",")]
    if len(ends) != 2:
        return None
    start, end = parsed(ends[0]), parsed(ends[1])
    if start is None or end is None:
        return None
    if len(ends[1]) == 10 and end.year < 9999:
        end += timedelta(days=1, microseconds=-1)
    return start, end
