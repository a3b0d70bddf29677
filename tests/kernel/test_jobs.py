"""Jobs: what a backend does by itself, on the world's clock, once or again and again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.kernel import LabError
from storelab.emulators.kernel.clock import parsed
from storelab.emulators.kernel.control import Control
from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.http import Request
from storelab.emulators.kernel.jobs import JOBS, Job
from storelab.emulators.kernel.lab import Lab
from storelab.emulators.kernel.world import World

from . import acme
from .conftest import Acme
from .test_deliveries import Receiver, kept

MORNING = parsed("2026-03-02T08:00:00Z")


@pytest.fixture
def world(backend: Acme) -> Iterator[World]:
    """Frozen, with item 1. Nothing runs between the steps of a test."""
    world = backend.lab.world()
    world.set_clock(world.clock.frozen(MORNING))
    backend.run(world.set_state("acme", "an item", {}))
    yield world
    world.postman.stop()


def plan(backend: Acme, world: World, **arguments: Any) -> None:
    async def planned() -> None:
        await world.do("acme", "plan", arguments)
        world.postman.stop()

    backend.run(planned())


def note(world: World) -> str:
    item = world.store[acme.Item].get(1)
    world.store.rollback()
    return item.note if item else ""


def jobs(world: World) -> list[Job]:
    found = world.store[Job].all(order=[JOBS.c.id])
    world.store.rollback()
    return found


def seconds(world: World) -> float:
    """Since the morning."""
    return (world.now - MORNING).total_seconds()


def test_a_job_runs_when_it_is_due_and_is_done(backend: Acme, world: World) -> None:
    plan(backend, world, after=60)

    backend.run(world.advance(59))
    before = note(world)
    backend.run(world.advance(1))

    assert (before, note(world)) == ("", "x")
    assert [(job.status, job.runs, job.ran_at) for job in jobs(world)] == [("done", 1, world.now)]


def test_jobs_run_in_the_order_in_which_they_fall_due(backend: Acme, world: World) -> None:
    for mark, after in (("c", 30), ("a", 10), ("d", 30), ("b", 20)):
        plan(backend, world, event={"mark": mark}, after=after)

    backend.run(world.advance(3600))

    assert note(world) == "abcd"


def test_deliveries_and_jobs_take_turns(backend: Acme, world: World) -> None:
    receiver = Receiver()

    async def story() -> None:
        async with receiver.listening():
            await world.set_state("acme", "a hook", {"url": receiver.url})
            world.postman.held = True
            await world.do("acme", "set level", {"sku": "MUG", "level": 5})
            await world.do("acme", "plan", {"after": 10})
            await world.do("acme", "plan", {"after": 20})
            world.postman.held = False
            await world.advance(60)
            world.postman.stop()

    backend.run(story())

    assert [body.split(b'"level":')[1] for _, body in receiver.got] == [b"5}", b"6}", b"7}"]
    assert [(d.created_at - MORNING).total_seconds() for d in kept(world)] == [0, 10, 20]


def test_held_deliveries_do_not_hold_jobs(backend: Acme, world: World) -> None:
    world.postman.held = True
    plan(backend, world)

    backend.run(world.settle())

    assert note(world) == "x"


def test_a_standing_job_comes_at_each_of_its_times(backend: Acme, world: World) -> None:
    plan(backend, world, after=100, every=300)

    backend.run(world.advance(1000))

    (job,) = jobs(world)
    assert note(world) == "xxxx"
    assert (job.status, job.runs, job.due_at.timestamp()) == ("pending", 4, MORNING.timestamp() + 1300)


def test_a_standing_job_does_not_keep_a_world_awake(backend: Acme, world: World) -> None:
    plan(backend, world, after=100, every=300)
    plan(backend, world, event={"mark": "o"}, after=500)

    backend.run(world.run_until_idle())

    assert (note(world), seconds(world)) == ("xxo", 500)
    assert world.postman.next_due(standing=False) is None
    assert world.postman.next_due() == jobs(world)[0].due_at


def test_times_at_which_nobody_was_there_are_not_made_up_for(backend: Acme, world: World) -> None:
    plan(backend, world, every=60)
    world.set_clock(world.clock.advanced(200))  # as after a night without the server

    backend.run(world.settle())

    assert (note(world), (jobs(world)[0].due_at - MORNING).total_seconds()) == ("x", 240)


@given(late=st.integers(0, 10**9), every=st.integers(1, 10**6))
def test_the_next_time_of_a_standing_job_is_ahead_and_in_step(late: int, every: int) -> None:
    job = Job(1, "acme", "count", MORNING, MORNING, standing=True, every=every)
    now = MORNING + (parsed("2026-01-01T00:00:01Z") - parsed("2026-01-01")) * late

    due = job.started(now).due_at

    assert 0 < (due - now).total_seconds() <= every
    assert (due - MORNING).total_seconds() % every == 0


def test_a_standing_job_may_end_itself(backend: Acme, world: World) -> None:
    plan(backend, world, event={"enough": True}, every=60)

    backend.run(world.advance(600))

    assert (note(world), jobs(world)) == ("x", [])


def test_once_is_once_and_at_the_earlier_time(backend: Acme, world: World) -> None:
    for after in (60, 90, 30):
        plan(backend, world, after=after, once=True)
    plan(backend, world, event={"mark": "o"}, after=90, once=True)
    plan(backend, world, after=600, every=600, once=True)
    plan(backend, world, after=10, every=600, once=True)

    backend.run(world.advance(90))

    assert note(world) == "xo"
    assert [(job.runs, (job.due_at - MORNING).total_seconds()) for job in jobs(world)] == [(1, 30), (1, 90), (0, 600)]


def test_jobs_are_cancelled_by_what_they_are_about_or_all_of_a_name(backend: Acme, world: World) -> None:
    for mark in "aab":
        plan(backend, world, event={"mark": mark, "enough": False}, after=60)
    plan(backend, world, event={"url": "http://127.0.0.1:9/"}, job="ask", after=60)

    some = backend.run(world.do("acme", "drop", {"event": {"enough": False, "mark": "a"}}))
    rest = backend.run(world.do("acme", "drop", {}))

    assert (some, rest) == (2, 1)
    assert [job.name for job in jobs(world)] == ["ask"]


def test_a_job_asks_elsewhere_and_the_journal_says_which(backend: Acme, world: World) -> None:
    receiver = Receiver()

    async def story() -> None:
        async with receiver.listening():
            await world.do("acme", "plan", {"job": "ask", "event": {"url": receiver.url, "again": 2}})
            await world.run_until_idle()
            world.postman.stop()

    backend.run(story())

    assert (note(world), seconds(world)) == ("?200?200?200", 120)
    assert [(e.direction, e.operation, e.status) for e in world.journal] == [("out", "ask", 200)] * 3


def test_a_job_that_fails_is_undone_told_and_the_next_ones_run(
    backend: Acme, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    plan(backend, world, event={"broken": True})
    plan(backend, world, event={"mark": "o"}, after=10)

    with pytest.raises(LabError, match=r"failed jobs: acme: count \(ValueError: no way to http"):
        backend.run(world.advance(60))

    failed = jobs(world)[0]
    assert (note(world), seconds(world)) == ("o", 60)
    assert (failed.status, failed.error) == (
        "failed",
        "ValueError: no way to http://user:***@elsewhere/?token=***",
    )
    assert "job count of acme" in caplog.text
    assert "hunter2" not in caplog.text
    backend.run(world.settle())  # told once


def test_a_standing_job_that_failed_comes_again(backend: Acme, world: World) -> None:
    plan(backend, world, event={"broken": True}, every=60)

    with pytest.raises(LabError, match=r"failed jobs: acme: count.*; acme: count"):
        backend.run(world.advance(60))

    assert [(job.status, job.runs, job.error[:10]) for job in jobs(world)] == [("pending", 2, "ValueError")]


def test_users_are_not_stopped_by_a_job_that_failed() -> None:
    lab = Lab({"acme": acme.EMULATOR}, SqliteDatabases(None), check=False, documents={"acme": acme.DOCUMENT})
    with asyncio.Runner() as runner:
        runner.run(lab.world().do("acme", "plan", {"event": {"broken": True}}))
        runner.run(lab.world().settle())

    assert [job.status for job in jobs(lab.world())] == ["failed"]
    lab.close()


def test_a_job_that_waited_while_its_world_was_reset_ends_without_a_trace(backend: Acme, world: World) -> None:
    receiver = Receiver()

    async def story() -> None:
        async with receiver.listening():
            await world.do("acme", "plan", {"job": "ask", "event": {"url": receiver.url}})
            settling = asyncio.ensure_future(world.settle())
            while not receiver.got:
                await asyncio.sleep(0)
            world.reset()
            await settling

    backend.run(story())

    assert (jobs(world), note(world), len(world.journal)) == ([], "", 0)


def test_in_a_live_world_jobs_run_by_themselves(backend: Acme) -> None:
    world = backend.lab.world()

    async def story() -> None:
        await world.set_state("acme", "an item", {})
        await world.do("acme", "plan", {"after": 0.02})
        while not note(world):
            await asyncio.sleep(0.005)
        world.postman.stop()

    backend.run(asyncio.wait_for(story(), 5))

    assert [job.status for job in jobs(world)] == ["done"]


def test_a_snapshot_brings_jobs_back(backend: Acme, world: World) -> None:
    plan(backend, world, after=60)
    world.save("planned")
    backend.run(world.advance(60))
    assert note(world) == "x"

    world.restore("planned")

    assert (note(world), [job.status for job in jobs(world)]) == ("", ["pending"])
    backend.run(world.advance(60))
    assert note(world) == "x"


@pytest.mark.parametrize("every", [0, 300], ids=["once", "standing"])
def test_a_job_under_way_when_the_process_ended_runs_again(tmp_path: Path, every: float) -> None:
    def opened() -> Lab:
        return Lab({"acme": acme.EMULATOR}, SqliteDatabases(tmp_path), documents={"acme": acme.DOCUMENT})

    with asyncio.Runner() as runner:
        lab = opened()
        world = lab.world()
        world.set_clock(world.clock.frozen(MORNING))
        runner.run(world.set_state("acme", "an item", {}))
        with world.visit(acme.EMULATOR) as here:
            acme.plan(here, every=every)
        (job,) = jobs(world)
        world.store[Job].put(job.started(world.now))
        world.store.commit()
        lab.close()
    with asyncio.Runner() as runner:
        lab = opened()
        runner.run(lab.world().settle())

        (job,) = jobs(lab.world())
        assert (note(lab.world()), job.runs, job.status) == ("x", 2, "pending" if every else "done")
        lab.close()


def test_a_copy_made_by_a_move_leaves_the_jobs_to_the_original(backend: Acme, world: World) -> None:
    plan(backend, world, after=60)
    with world.visit(acme.EMULATOR) as here:
        here.copy_world("staging")
    staging = backend.lab.world("staging")

    assert jobs(staging) == []
    assert len(jobs(world)) == 1


def test_an_unknown_job_is_refused_with_those_that_are(backend: Acme, world: World) -> None:
    with pytest.raises(LabError, match="acme has no job 'dance'; it has: ask, count"):
        backend.run(world.do("acme", "plan", {"job": "dance"}))


@pytest.mark.parametrize("wrong", [{"after": -1}, {"every": 0.5}, {"every": -300}], ids=str)
def test_a_time_that_makes_no_sense_is_refused(backend: Acme, world: World, wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="never negative"):
        backend.run(world.do("acme", "plan", wrong))

    assert jobs(world) == []


def test_the_control_api_shows_jobs_without_secrets(backend: Acme, world: World) -> None:
    control = Control(backend.lab, token="t", info=lambda world: {})
    plan(backend, world, event={"mark": "a", "api_key": "hunter2"}, after=60, every=600)
    plan(backend, world, event={"broken": True})
    with pytest.raises(LabError):
        backend.run(world.settle())

    def shown(query: str) -> Any:
        request = Request("GET", "/jobs", "http://127.0.0.1/_lab", query, {"host": "127.0.0.1"})
        return json.loads(backend.run(control("", request)).body)["jobs"]

    assert shown("service=acme&status=pending") == [
        {
            "number": 1,
            "service": "acme",
            "name": "count",
            "event": {"mark": "a", "api_key": "***"},
            "status": "pending",
            "every": 600.0,
            "created_at": "2026-03-02T08:00:00+00:00",
            "due_at": "2026-03-02T08:01:00+00:00",
            "runs": 0,
            "ran_at": None,
            "error": "",
        }
    ]
    assert [(job["status"], "hunter2" in job["error"]) for job in shown("")] == [("pending", False), ("failed", False)]
