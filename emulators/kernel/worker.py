"""The worker of a world: runs the jobs that are due. Those of one service run one after another, in the order in
which they fell due; those of different services side by side."""

from __future__ import annotations

import asyncio
import inspect
import logging
import traceback
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .errors import LabError
from .jobs import JOBS, Job
from .journal import masked_body
from .statements import Statement

if TYPE_CHECKING:
    from .world import World

AT_ONCE = 50  # jobs looked at per round
C = JOBS.c
_PENDING = sa.select(sa.func.min(C.due_at, type_=C.due_at.type)).where(C.status == "pending")
_FIRST_DUE, _FIRST_DUE_ONCE = Statement(_PENDING), Statement(_PENDING.where(~C.standing))
log = logging.getLogger("storelab")


class Worker:
    def __init__(self, world: World) -> None:
        self._world = world
        self._failures: list[str] = []

    def forget(self) -> None:
        self._failures.clear()

    def recover(self) -> None:
        """What was under way when the last process ended is due again: better twice than never."""
        jobs = self._world.store[Job]
        jobs.put_all([job.interrupted() for job in jobs.all(C.status == "running", order=[C.id])])
        self._world.store.commit()

    def drop_all(self) -> None:
        """Nothing of what waits is done here any more."""
        self._world.store[Job].delete_where(C.status.in_(("pending", "running")))
        self._world.store.commit()

    def next_due(self, *, standing: bool = True) -> datetime | None:
        """When the next job falls due, if any; with or without those that come again and again."""
        due: datetime | None
        ((due,),) = self._world.store.run(_FIRST_DUE if standing else _FIRST_DUE_ONCE)
        self._world.store.rollback()
        return due

    async def run_due(self, until: datetime) -> None:
        """Of each service, the first job that is due by then."""
        await asyncio.gather(*(self._run(job) for job in self._claimed(until)))

    def _claimed(self, until: datetime) -> Sequence[Job]:
        """Marked as under way, so that no other server runs them too."""
        world = self._world
        world.store.be_alone()
        world.read_clock()
        jobs = world.store[Job]
        first: dict[str, Job] = {}
        for job in jobs.all(C.status == "pending", C.due_at <= until, order=[C.due_at, C.id], limit=AT_ONCE):
            first.setdefault(job.service, job.started(world.now))
        jobs.put_all(list(first.values()))
        world.store.commit()
        return list(first.values())

    async def _run(self, job: Job) -> None:
        world = self._world
        generation = world.generation
        try:
            with world.following(job), world.visit(world.services[job.service]) as here:
                here.job = job.name
                result = here.emulator.jobs[job.name](here, job.event)
                if inspect.isawaitable(result):
                    await result
                self._keep(job.ended())
        except Exception as bad:
            if world.generation == generation:  # else the job is gone, with the state it belonged to
                self._failed(job, bad)

    def _failed(self, job: Job, bad: Exception) -> None:
        world = self._world
        error = masked_body(f"{type(bad).__name__}: {bad}".encode(), world.services[job.service].secrets)
        log.error("job %s of %s in world %s failed: %s", job.name, job.service, world.name, error)
        where = "".join(traceback.format_exception(bad))
        log.debug("where it failed: %s", masked_body(where.encode(), world.services[job.service].secrets))
        self._failures.append(f"{job.service}: {job.name} ({error})")
        with world.visit(world.services[job.service]):
            self._keep(job.ended(error))

    def _keep(self, job: Job) -> None:
        """What became of it, unless it was cancelled meanwhile."""
        jobs = self._world.store[Job]
        if jobs.get(job.id) is not None:
            jobs.put(job)

    def complain(self) -> None:
        """`LabError` for the jobs that failed since the last complaint."""
        failures, self._failures = self._failures, []
        if failures:
            raise LabError(f"failed jobs: {'; '.join(failures)}", status=500, code="job_failed")
