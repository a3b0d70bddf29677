"""Jobs: what a vendor does by itself. Queued in the transaction of the change that calls for them, run when due.

A job runs once, or it stands: then it comes again every so many seconds, as a cron job does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from .errors import LabError
from .tables import Table

if TYPE_CHECKING:
    from .emulator import Emulation

Work = Callable[..., Any]
"""What a job does: `def poll(here, event)`, sync or async. What it writes is kept when it ends well; each
`await here.fetch(...)` keeps what was written so far, as in a handler."""

SHORTEST = 1.0  # seconds between two runs of a standing job


@dataclass(frozen=True)
class Job:
    """One piece of work. `status`: pending, running, done or failed; a standing one is pending between its runs.

    `every` is in seconds, 0 for a job that runs once. `error` is what went wrong the last time.
    """

    id: int
    service: str
    name: str
    due_at: datetime
    created_at: datetime
    status: str = "pending"
    standing: bool = False
    every: float = 0.0
    event: dict[str, Any] = field(default_factory=dict)
    fingerprint: str = ""  # the event, written in one way
    runs: int = 0
    ran_at: datetime | None = None
    error: str = ""

    def started(self, now: datetime) -> Job:
        """Under way. A standing job is put forward to its next time; times that went by unused (nobody was there
        to run it) are not made up for."""
        due = self.due_at
        if self.standing:
            step = timedelta(seconds=self.every)
            due += step * (max(timedelta(0), now - due) // step + 1)
        return replace(self, status="running", due_at=due, runs=self.runs + 1, ran_at=now, error="")

    def ended(self, error: str = "") -> Job:
        if self.standing:
            return replace(self, status="pending", error=error)
        return replace(self, status="failed" if error else "done", error=error)

    def interrupted(self) -> Job:
        """The process ended while it was under way: it runs again."""
        due = self.ran_at if self.standing and self.ran_at is not None else self.due_at
        return replace(self, status="pending", due_at=due)


JOBS = Table(
    Job,
    "lab_jobs",
    columns=("service", "name", "due_at", "status", "standing", "fingerprint"),
    indexes=[("status", "due_at"), ("service", "name", "fingerprint")],
)
C = JOBS.c


def queue(
    here: Emulation, name: str, event: Mapping[str, Any], *, after: float = 0.0, every: float = 0.0, once: bool = False
) -> None:
    """See `Emulation.later`."""
    _refuse_unknown(here, name)
    if after < 0 or (every and every < SHORTEST):
        raise ValueError(f"job {name!r}: after={after:g} is never negative, and every={every:g} at least {SHORTEST:g}")
    now = here.clock.now
    job = Job(
        id=0,
        service=here.emulator.name,
        name=name,
        due_at=now + timedelta(seconds=after),
        created_at=now,
        standing=every > 0,
        every=every,
        event=dict(event),
        fingerprint=_fingerprint(event),
    )
    jobs = here.store[Job]
    same = jobs.first(*_waiting(here, name, event), C.standing == job.standing) if once else None
    if same is None:
        job = replace(job, id=here.ids.next("job"))
        jobs.add(job)
    elif job.due_at < same.due_at and not job.standing:
        job = replace(same, due_at=job.due_at)
        jobs.put(job)
    else:
        return
    here.has_queued(job)


def cancel(here: Emulation, name: str, event: Mapping[str, Any] | None) -> int:
    """See `Emulation.cancel`."""
    _refuse_unknown(here, name)
    return here.store[Job].delete_where(*_waiting(here, name, event))


def _waiting(here: Emulation, name: str, event: Mapping[str, Any] | None) -> Sequence[Any]:
    """Jobs of this service that are to come: also a standing one that runs just now comes again."""
    which = [C.service == here.emulator.name, C.name == name]
    if event is not None:
        which.append(C.fingerprint == _fingerprint(event))
    return [*which, (C.status == "pending") | ((C.status == "running") & C.standing)]


def _fingerprint(event: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(event), option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()


def _refuse_unknown(here: Emulation, name: str) -> None:
    jobs = here.emulator.jobs
    if name not in jobs:
        there = ", ".join(sorted(jobs)) or "none"
        raise LabError(f"{here.emulator.name} has no job {name!r}; it has: {there}", status=500, code="unknown_job")


__all__ = ["JOBS", "Job", "Work", "cancel", "queue"]
