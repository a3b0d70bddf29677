"""Worlds: isolated, cheap, repeatable, and brought back by snapshots."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from sqlalchemy.exc import ResourceClosedError

from storelab.emulators.kernel import LabError
from storelab.emulators.kernel.databases import SqliteDatabase, SqliteDatabases
from storelab.emulators.kernel.lab import Lab

from . import acme
from .conftest import Acme


def kept_in(folder: Path) -> Lab:
    return Lab({"acme": acme.EMULATOR}, SqliteDatabases(folder), documents={"acme": acme.DOCUMENT})


def levels(backend: Acme, world: str = "") -> object:
    return backend.run(backend.lab.world(world).fact("acme", "levels", {}))


def test_what_happens_in_one_world_is_unknown_in_another(backend: Acme) -> None:
    backend.lab.make("other")

    backend.call("POST", "/items", {"sku": "MUG"})

    assert levels(backend) == {"MUG": 0}
    assert levels(backend, "other") == {}
    assert len(backend.lab.world("other").journal) == 0


def test_the_same_calls_with_the_same_seed_give_the_same_ids_and_secrets(backend: Acme) -> None:
    drawn = []
    for name in ("one", "two"):
        world = backend.lab.make(name, seed="s")
        drawn.append((world.ids.next("item"), world.ids.hex(40), world.ids.token(13), world.ids.number(1, 6)))
    other = backend.lab.make("three", seed="t")

    assert drawn[0] == drawn[1]
    assert other.ids.hex(40) != drawn[0][1]


def test_a_snapshot_brings_back_records_ids_and_the_clock(backend: Acme) -> None:
    world = backend.lab.world()
    backend.call("POST", "/items", {"sku": "MUG"})
    world.set_clock(world.clock.frozen(world.now))
    frozen = world.now
    world.save("before")

    backend.call("POST", "/items", {"sku": "CAP"})
    backend.run(world.advance(60))
    world.restore("before")

    assert levels(backend) == {"MUG": 0}
    assert world.now == frozen
    assert backend.call("POST", "/items", {"sku": "HAT"})[1]["id"] == 2


def test_a_snapshot_of_a_world_in_a_file_is_brought_back_and_carried_to_others(backend: Acme, tmp_path: Path) -> None:
    """A copy of such a file said that it has a log beside it, and could not be read."""
    lab = kept_in(tmp_path)
    with lab.world().visit(acme.EMULATOR) as here:
        here.store[acme.Item].put(acme.Item(1, "MUG"))
    lab.world().save("full")

    lab.world().reset()
    lab.world().restore("full")
    carried = lab.world().exported("full")
    lab.close()
    lab = kept_in(tmp_path)
    asyncio.run(backend.lab.world().keep("of-a-file", carried))
    backend.lab.world().restore("of-a-file")

    for world in (lab.world(), backend.lab.world()):
        assert [item.sku for item in world.store[acme.Item].all()] == ["MUG"]
    lab.close()


def test_reset_leaves_a_fresh_world(backend: Acme) -> None:
    world = backend.lab.world()
    backend.call("POST", "/items", {"sku": "MUG"})
    world.faults.add({"kind": "reset", "service": "acme"}, world.now)

    world.reset()

    assert levels(backend) == {}
    assert (len(world.journal), world.faults.active) == (0, {})
    assert backend.call("POST", "/items", {"sku": "MUG"})[1]["id"] == 1


def test_an_unknown_snapshot_is_told_with_what_there_is(backend: Acme) -> None:
    backend.lab.world().save("monday")

    with pytest.raises(LabError, match="no snapshot 'tuesday'; it has: monday"):
        backend.lab.world().restore("tuesday")


@pytest.mark.parametrize("name", ["", "UPPER", "a/b", "../x", "x" * 64, "-x"])
def test_a_world_needs_a_decent_name(backend: Acme, name: str) -> None:
    with pytest.raises(LabError, match="is no name for a world"):
        backend.lab.make(name)


def test_what_is_kept_in_a_folder_is_there_after_a_restart(tmp_path: Path) -> None:
    first = kept_in(tmp_path)
    with first.world().visit(acme.EMULATOR) as here:
        acme.an_item(here, "MUG", 7)
    first.make("qa")
    first.world().save("monday")
    first.close()

    second = kept_in(tmp_path)

    assert second.names() == ["default", "qa"]
    assert second.world().snapshots() == ["monday"]
    with second.world().visit(acme.EMULATOR) as here:
        assert [item.level for item in here.store[acme.Item].all()] == [7]
    second.close()


def test_a_file_that_is_no_database_is_left_alone_and_named(tmp_path: Path) -> None:
    (tmp_path / "worlds").mkdir()
    bad = tmp_path / "worlds" / "default.sqlite"
    bad.write_bytes(b"this is not a database, but somebody's notes " * 50)

    with pytest.raises(LabError, match=r"default\.sqlite cannot be opened"):
        kept_in(tmp_path)

    assert bad.read_bytes().startswith(b"this is not")


@pytest.mark.parametrize("image", [b"", b"rubbish", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_file_that_is_no_snapshot_is_refused(backend: Acme, image: bytes) -> None:
    with pytest.raises(LabError):
        asyncio.run(backend.lab.world().keep("x", image))

    assert backend.lab.world().snapshots() == []


def test_an_exported_snapshot_can_be_imported_into_another_world(backend: Acme) -> None:
    backend.call("POST", "/items", {"sku": "MUG", "level": 4})
    backend.lab.world().save("full")
    other = backend.lab.make("other")

    asyncio.run(other.keep("copy", backend.lab.world().exported("full")))
    other.restore("copy")

    assert levels(backend, "other") == {"MUG": 4}


def test_a_failed_request_leaves_nothing_half_written(backend: Acme) -> None:
    backend.call("POST", "/items", {"sku": "MUG"})

    with pytest.raises(Exception, match="UNIQUE"):
        backend.call("POST", "/items", {"sku": "MUG"})

    assert levels(backend) == {"MUG": 0}
    assert backend.call("POST", "/items", {"sku": "CAP"})[0] == 201


def test_a_copy_begins_with_everything_and_goes_its_own_way(backend: Acme) -> None:
    source = backend.lab.world()
    source.set_clock(source.clock.frozen(source.now))
    backend.call("POST", "/items", {"sku": "MUG"})
    strike = {"service": "acme", "kind": "status", "times": None}
    source.faults.add(strike, source.now)

    copy = backend.lab.copy(source, "staging")
    backend.world = "staging"
    backend.call("POST", "/items", {"sku": "CAP"})

    assert levels(backend, "staging") == {"MUG": 0, "CAP": 0}
    assert levels(backend) == {"MUG": 0}
    assert (copy.now, copy.faults.active) == (source.now, {})
    assert copy.ids.hex(40) != source.ids.hex(40)


def test_a_copy_that_a_move_made_is_made_anew_and_goes_with_its_world(backend: Acme) -> None:
    source = backend.lab.make("shop")
    backend.world = "shop"

    def cloned() -> str:
        with source.visit(acme.EMULATOR) as here:
            return here.copy_world("shop-staging")

    first = cloned()
    backend.call("POST", "/items", {"sku": "MUG"})
    second = cloned()

    assert first == second == "http://127.0.0.1:8700/~shop-staging/acme"
    assert levels(backend, "shop-staging") == {"MUG": 0}
    backend.lab.drop("shop")
    assert backend.lab.names() == ["default"]


def test_a_move_does_not_copy_over_a_world_that_is_not_its_own(backend: Acme) -> None:
    with backend.lab.world().visit(acme.EMULATOR) as here:
        here.copy_world("mine")
    backend.lab.drop("mine")
    backend.lab.make("mine")

    with backend.lab.world().visit(acme.EMULATOR) as here, pytest.raises(LabError, match="there is a world 'mine'"):
        here.copy_world("mine")


@pytest.mark.parametrize("seed", range(4))
def test_what_is_kept_undone_saved_and_restored_is_what_was_meant(backend: Acme, seed: int) -> None:
    """A savepoint that begins a transaction may be the end of a restored world: SQLite loses its tables."""
    chance = random.Random(seed)
    world = backend.lab.world()
    meant: dict[int, str] = {}
    saved: dict[str, dict[int, str]] = {}
    for step in range(200):
        with world.visit(acme.EMULATOR) as here:
            items = here.store[acme.Item]
            item = acme.Item(chance.randrange(90), f"S{step}", 0, "z" * chance.randrange(4000))
            point = here.store.savepoint()
            items.put(item)
            if chance.random() < 0.5:
                point.rollback()
            else:
                point.commit()
                meant[item.id] = item.sku

            assert {i.id: i.sku for i in items.all()} == meant
        name = f"s{chance.randrange(6)}"
        if chance.random() < 0.3:
            world.save(name)
            saved[name] = dict(meant)
        elif name in saved and chance.random() < 0.5:
            world.restore(name)
            meant = dict(saved[name])


def test_a_world_in_the_place_of_a_dropped_one_has_nothing_of_it(backend: Acme) -> None:
    dropped = backend.lab.make("first")
    backend.world = "first"
    backend.call("POST", "/items", {"sku": "MUG"})
    backend.lab.drop("first")

    backend.lab.make("second")

    assert levels(backend, "second") == {}
    with pytest.raises(ResourceClosedError):  # nor can what is left of that one write into this
        backend.run(dropped.fact("acme", "levels", {}))


def test_what_is_kept_aside_for_a_world_is_gone_with_it() -> None:
    count = "select count(*) from sqlite_temp_master"
    for _ in range(3):
        database = SqliteDatabase(None)
        assert database.connection.exec_driver_sql(count).scalar() == 0
        database.connection.exec_driver_sql("create temporary table aside (a)")
        database.close()
