"""Worlds in PostgreSQL: a real server from a wheel, started for these tests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest

from storelab.emulators.kernel import LabError
from storelab.emulators.kernel.clock import ClockSetting, parsed
from storelab.emulators.kernel.jobs import Job
from storelab.emulators.kernel.lab import Lab
from storelab.emulators.kernel.postgres import PostgresDatabases

from . import acme
from .conftest import Acme


@pytest.fixture(scope="module")
def url(new_database: Callable[[], str]) -> str:
    return new_database()


def laboratory(url: str) -> Lab:
    return Lab({"acme": acme.EMULATOR}, PostgresDatabases(url), check=True, documents={"acme": acme.DOCUMENT})


@pytest.fixture
def backend(url: str) -> Iterator[Acme]:
    lab = laboratory(url)
    lab.world().reset()
    with asyncio.Runner() as runner:
        yield Acme(lab, runner)
        lab.close()


def test_state_is_shared_between_servers(backend: Acme, url: str) -> None:
    backend.call("POST", "/items", {"sku": "MUG", "level": 3})

    other = laboratory(url)
    with other.world().visit(acme.EMULATOR) as here:
        seen = [(item.sku, item.level, here.ids.next("item")) for item in here.store[acme.Item].all()]
    other.close()

    assert seen == [("MUG", 3, 2)]


def test_snapshots_bring_back_what_was(backend: Acme) -> None:
    world = backend.lab.world()
    backend.call("POST", "/items", {"sku": "MUG", "level": 3})
    world.save("before")

    backend.call("POST", "/items", {"sku": "CAP"})
    world.restore("before")

    assert [row["sku"] for row in backend.call("GET", "/items")[1]] == ["MUG"]
    assert backend.call("POST", "/items", {"sku": "HAT"})[1]["id"] == 2


def test_worlds_are_isolated_and_dropped(backend: Acme) -> None:
    backend.lab.make("other")
    backend.call("POST", "/items", {"sku": "MUG"})

    assert backend.run(backend.lab.world("other").fact("acme", "levels", {})) == {}
    backend.lab.drop("other")
    assert "other" not in backend.lab.names()


def test_a_database_that_is_down_is_said_without_its_password() -> None:
    with pytest.raises(LabError, match="does not answer") as told:
        PostgresDatabases("postgresql://me:hunter2@127.0.0.1:9/nothing")

    assert "hunter2" not in str(told.value)


def test_a_copy_is_a_schema_of_its_own(backend: Acme) -> None:
    backend.call("POST", "/items", {"sku": "MUG"})

    copy = backend.lab.copy(backend.lab.world(), "staging")
    backend.call("POST", "/items", {"sku": "CAP"})

    assert backend.run(copy.fact("acme", "levels", {})) == {"MUG": 0}
    backend.lab.drop("staging")


def test_what_may_change_something_is_alone_among_all_servers(backend: Acme, url: str) -> None:
    other = laboratory(url)
    done = threading.Event()

    def set_level() -> None:
        asyncio.run(other.world().do("acme", "set level", {"sku": "MUG", "level": 9}))
        done.set()

    backend.call("POST", "/items", {"sku": "MUG", "level": 3})
    with backend.lab.world().visit(acme.EMULATOR) as here:
        before = here.store[acme.Item].get(1)
        waiting = threading.Thread(target=set_level)
        waiting.start()
        meanwhile = done.wait(0.2), here.store[acme.Item].get(1)
    waiting.join()

    assert meanwhile == (False, before)
    assert backend.run(backend.lab.world().fact("acme", "levels", {})) == {"MUG": 9}
    other.close()


def test_a_world_keeps_its_name_over_a_restart(backend: Acme, url: str) -> None:
    backend.lab.make("qa-1")
    backend.lab.make("qa_1")

    other = laboratory(url)
    names = other.names()
    other.close()
    backend.lab.drop("qa-1")
    backend.lab.drop("qa_1")

    assert names == ["default", "qa-1", "qa_1"]


def test_what_a_start_that_failed_left_behind_is_no_world(backend: Acme, url: str) -> None:
    left, _ = PostgresDatabases(url).open("lab-template-1")
    left.close()

    other = laboratory(url)
    names = other.names()
    other.close()
    PostgresDatabases(url).drop("lab-template-1")

    assert names == ["default"]


def test_a_name_longer_than_a_schema_can_have_is_refused(backend: Acme) -> None:
    with pytest.raises(LabError, match="54 characters"):
        backend.lab.make("a" * 55)

    assert backend.lab.names() == ["default"]


def test_the_clock_is_the_same_on_every_server(backend: Acme, url: str) -> None:
    other = laboratory(url)
    backend.lab.world().set_clock(ClockSetting().frozen(parsed("2026-01-02")))

    with other.world().visit(acme.EMULATOR) as here:
        now = here.clock.now
    due = other.world().postman.next_due()
    read = other.world().clock
    other.close()

    assert (now, due, read.frozen_at) == (parsed("2026-01-02"), None, parsed("2026-01-02"))


@pytest.mark.parametrize("address", ["not an address", "sqlite:///lab.sqlite", "mysql://root@127.0.0.1/lab"])
def test_what_is_no_address_of_postgresql_is_said(address: str) -> None:
    with pytest.raises(LabError, match=r"postgresql://user@host/name"):
        PostgresDatabases(address)


def test_a_job_is_run_by_one_server_only(backend: Acme, url: str) -> None:
    world = backend.lab.world()
    backend.run(world.set_state("acme", "an item", {}))
    with world.visit(acme.EMULATOR) as here:
        for mark in "abcdefgh":
            acme.plan(here, {"mark": mark})
    others = [laboratory(url) for _ in range(3)]

    threads = [threading.Thread(target=asyncio.run, args=(other.world().settle(),)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with world.visit(acme.EMULATOR) as here:
        assert sorted(acme.item_of(here, 1).note) == list("abcdefgh")
        assert {(job.status, job.runs) for job in here.store[Job].all()} == {("done", 1)}
    for other in others:
        other.close()
