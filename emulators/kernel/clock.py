"""Time in a world: live, frozen, or moved. Everything that waits on time reads it here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .errors import LabError
from .tables import Table

LAST = datetime(9000, 1, 1, tzinfo=UTC)  # far enough from the end of Python's time to add to it


@dataclass(frozen=True)
class Clock:
    """The time of one request: it does not move while the request is handled. Aware, in UTC."""

    now: datetime


@dataclass(frozen=True)
class ClockSetting:
    """How a world's time follows the real one. Frozen: `frozen_at` counts. Live: real time plus `ahead` seconds."""

    id: int = 1
    frozen_at: datetime | None = None
    ahead: float = 0.0

    def time(self, real: datetime) -> datetime:
        if self.frozen_at is not None:
            return self.frozen_at
        return real + timedelta(seconds=self.ahead) if self.ahead else real

    def frozen(self, at: datetime) -> ClockSetting:
        return ClockSetting(frozen_at=at, ahead=self.ahead)

    def advanced(self, seconds: float) -> ClockSetting:
        """Moved forward. Time never runs backwards here: a negative number is refused."""
        if seconds < 0:
            raise LabError(f"the clock cannot go back ({seconds} seconds asked); restore a snapshot instead")
        if seconds > (LAST - self.time(real_time())).total_seconds():
            raise LabError(f"the clock ends before the year {LAST.year}")
        if self.frozen_at is None:
            return ClockSetting(ahead=self.ahead + seconds)
        return ClockSetting(frozen_at=self.frozen_at + timedelta(seconds=seconds), ahead=self.ahead)


CLOCKS = Table(ClockSetting, "lab_clock")


def real_time() -> datetime:
    return datetime.now(UTC)


def parsed(text: str) -> datetime:
    """A time as the user writes it (ISO 8601, UTC unless it says otherwise)."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise LabError(f"{text!r} is not a time; write it like 2026-11-21T08:00:00Z") from None
    if moment >= LAST:
        raise LabError(f"{text!r} is too far away: the clock ends before the year {LAST.year}")
    return moment
