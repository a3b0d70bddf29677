"""The ledger: the same in SQLite and PostgreSQL, one worker at a time, and secrets sealed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storelab.client import LabClient
from storelab.sync.errors import GiveUp, SyncError
from storelab.sync.holder import ended, me, place
from storelab.sync.ledger import Busy, Ledger
from storelab.sync.model import Heard, Item
from storelab.sync.pace import permitted
from storelab.sync.service import Server
from storelab.sync.tables import connections, schema
from storelab.sync.vault import Vault

from .drive import Drive

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def database(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture(params=["memory", "file", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "postgres":
        found = Ledger(request.getfixturevalue("database"), key_file=tmp_path / "key")
        with found.engine.begin() as sql:
            for table in reversed(connections.metadata.sorted_tables):
                if table is not schema:
                    sql.execute(sa.delete(table))
    else:
        found = Ledger("sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/sync.db")
    add_one(found)
    yield found
    found.close()


def add_one(ledger: Ledger, id_: str = "con_1", **more: Any) -> None:
    with ledger.begin() as book:
        book.add_connection(
            id=id_, backend="keycrm", store_url=f"https://{id_}.example", backend_url="https://crm.example",
            status="active", settings={}, learned={}, secrets=ledger.vault.sealed({"key": "k"}), created_at=NOW, **more,
        )  # fmt: skip


def test_hints_are_taken_once_and_later_ones_stay(ledger: Ledger) -> None:
    with ledger.begin() as book:
        book.hear("con_1", [Heard("MUG", "1", 5), Heard("MUG", "1", 5), Heard("CAP", "2", 0)], NOW)
        upto, hints = book.hints("con_1")
        book.hear("con_1", [Heard("MUG", "1", 4)], NOW)
        book.unhear("con_1", upto)

    with ledger.begin() as book:
        assert sorted(hints, key=lambda h: h.sku) == [Heard("CAP", "2", 0), Heard("MUG", "1", 5)]
        assert book.hints("con_1")[1] == [Heard("MUG", "1", 4)]
        assert book.due_connections(NOW) == ["con_1"]


def test_what_is_seen_twice_is_kept_once(ledger: Ledger) -> None:
    with ledger.begin() as book:
        run = book.start("con_1", "look", "products", NOW)
        book.sight.add_items(run, [Item("MUG", 1, 0, 5), Item("CAP", 2, 0, None, "no")], 1)
        book.sight.add_items(run, [Item("MUG", 1, 0, 4)], 2)

        assert book.sight.items(run) == [(Item("CAP", 2, 0, None, "no"), 1), (Item("MUG", 1, 0, 4), 2)]


def test_a_transaction_that_fails_leaves_nothing(ledger: Ledger) -> None:
    def fail() -> None:
        with ledger.begin() as book:
            book.hear("con_1", [Heard("MUG", "1", 5)], NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with ledger.begin() as book:
        assert book.hints("con_1") == (0, [])


def test_only_one_works_on_a_connection(ledger: Ledger) -> None:
    with ledger.lease("con_1"):
        second = ledger.lease("con_1")
        with pytest.raises(Busy):
            second.__enter__()

    with ledger.lease("con_1"):
        pass


HOLDS = """
import sys, threading, time
from storelab.sync.ledger import Ledger
with Ledger(sys.argv[1]).lease("con_1"):
    print("holds", flush=True)
    time.sleep(60)
"""


def test_the_lease_of_who_was_killed_is_free_at_once_also_before_anybody_buries_them(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sync.db"
    ledger = Ledger(url)
    add_one(ledger)
    doomed = subprocess.Popen([sys.executable, "-c", HOLDS, url], stdout=subprocess.PIPE, text=True)
    assert doomed.stdout is not None
    assert doomed.stdout.readline() == "holds\n"
    with pytest.raises(Busy), ledger.lease("con_1"):
        pass
    assert ledger.freed(NOW) == []

    doomed.kill()
    doomed.stdout.read()  # its end: all that it had open is closed

    with ledger.lease("con_1", patience=5):
        pass
    doomed.wait(10)
    ledger.close()


def test_what_a_dead_process_worked_on_is_due_at_once_for_those_who_can_tell(ledger: Ledger) -> None:
    held = {"lease_until": datetime.now(UTC) + timedelta(seconds=80), "next_at": NOW + timedelta(minutes=1)}
    with ledger.begin() as book:
        book.set_connection("con_1", lease_owner=ENDED, **held)
    add_one(ledger, "con_2", lease_owner="999999999.1-abc@elsewhere-1", **held)
    add_one(ledger, "con_3", lease_owner=me(), **held)

    found = ledger.freed(NOW)

    assert found == ["con_1"]
    with ledger.begin() as book:
        assert book.due_connections(NOW) == ["con_1"]
        assert sorted(id_ for id_, _ in book.holders()) == ["con_2", "con_3"]


def test_who_works_with_a_ledger_alone_waits_for_no_other_machine(ledger: Ledger) -> None:
    held = {"lease_until": datetime.now(UTC) + timedelta(seconds=80), "next_at": NOW + timedelta(minutes=1)}
    with ledger.begin() as book:
        book.set_connection("con_1", lease_owner="1.1-abc@elsewhere-1", **held)
    add_one(ledger, "con_2", lease_owner=me(), **held)

    found = ledger.freed(NOW, alone=True)

    assert found == ["con_1"]
    with ledger.lease("con_1"), pytest.raises(Busy), ledger.lease("con_2"):
        pass


ENDED = f"999999999.1-abc@{place()}-1"


@pytest.mark.parametrize(
    ("owner", "left", "free"),
    [
        (ENDED, 80, True),
        (me(), 80, False),
        (f"{os.getpid()}.1-abc@{place()}-1", 80, True),
        ("999999999.1-abc@elsewhere-1", 80, False),
        ("999999999.1-abc@elsewhere-1", -1, True),
        ("999999999-abc@elsewhere-1", 80, False),
        (me(), 3600, True),
    ],
    ids=["ended", "alive", "had our number", "on another machine", "over", "of an older version", "clock set back"],
)
def test_when_a_lease_is_free(ledger: Ledger, owner: str, left: float, free: bool) -> None:
    with ledger.begin() as book:
        book.set_connection("con_1", lease_owner=owner, lease_until=datetime.now(UTC) + timedelta(seconds=left))

    try:
        with ledger.lease("con_1"):
            taken = True
    except Busy:
        taken = False

    assert taken == free


@pytest.mark.parametrize(
    ("state", "threads", "began", "over"),
    [
        ("S", 1, "77", False),
        ("S", 3, "77", False),
        ("Z", 1, "77", True),
        ("Z", 2, "77", False),
        ("S", 1, "78", True),
        ("S", 0, "77", False),
    ],
    ids=["alive", "threads", "not buried", "its first thread has ended", "another with its number", "not shown to us"],
)
def test_when_a_process_has_ended(state: str, threads: int, began: str, over: bool, tmp_path: Path) -> None:
    ours = tmp_path / str(os.getpid())  # a number that somebody has
    for number in range(threads):
        (ours / "task" / str(number)).mkdir(parents=True)
    if threads:
        (ours / "stat").write_text(f"1 (a) b (c) {state} " + "0 " * 18 + "77 0 0")

    assert ended(os.getpid(), began, tmp_path) == over


def test_machines_and_containers_of_one_name_are_different_places(tmp_path: Path) -> None:
    def shown(name: str, boot: str, inside: str) -> Path:
        (tmp_path / name / "sys/kernel/random").mkdir(parents=True)
        (tmp_path / name / "sys/kernel/random/boot_id").write_text(boot)
        (tmp_path / name / "self/ns").mkdir(parents=True)
        (tmp_path / name / "self/ns/pid").symlink_to(inside)
        return tmp_path / name

    procs = [shown("one", "a", "pid:[1]"), shown("two", "b", "pid:[1]"), shown("three", "a", "pid:[2]")]

    assert len({place(proc) for proc in procs}) == 3


def test_a_lease_that_was_lost_is_noticed(ledger: Ledger) -> None:
    with ledger.lease("con_1"):
        ledger.renew("con_1")
        with ledger.begin() as book:
            book.set_connection("con_1", lease_owner="999999999-abc@elsewhere-1")

        with pytest.raises(Busy, match="taken over"):
            ledger.renew("con_1")


def test_what_is_claimed_is_not_due_for_anybody_else(ledger: Ledger) -> None:
    with ledger.begin() as book:
        book.set_connection("con_1", next_at=NOW)
        assert book.due_connections(NOW) == ["con_1"]
        book.claim(["con_1"], NOW + timedelta(seconds=60))

    with ledger.begin() as book:
        assert book.due_connections(NOW) == []
        book.hear("con_1", [Heard("MUG", "1", 5)], NOW)
        assert book.due_connections(NOW) == ["con_1"]


def test_a_ledger_of_another_version_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/sync.db"
    ledger = Ledger(url)
    with ledger.engine.begin() as sql:
        sql.execute(sa.update(schema).values(version=99))
    ledger.close()

    with pytest.raises(SyncError, match="schema 99"):
        Ledger(url)


def test_a_ledger_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(SyncError, match="cannot be opened"):
        Ledger(f"sqlite:///{tmp_path}/folder")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Vault.opened(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)

    with pytest.raises(SyncError, match="chmod 600"):
        Vault.opened(tmp_path / "key")


def test_secrets_of_another_key_ask_for_a_new_connection() -> None:
    sealed = Vault.opened(None).sealed({"key": "k"})

    with pytest.raises(GiveUp, match="connect again"):
        Vault.opened(None).unsealed(sealed)


def test_the_key_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from cryptography.fernet import Fernet

    monkeypatch.setitem(os.environ, "STORELAB_SYNC_KEY", Fernet.generate_key().decode())

    assert Vault.opened(tmp_path / "key").unsealed(Vault.opened(None).sealed({"a": 1})) == {"a": 1}
    assert not (tmp_path / "key").exists()


def test_a_shared_ledger_wants_a_key_that_is_shared_too() -> None:
    with pytest.raises(SyncError, match="STORELAB_SYNC_KEY"):
        Ledger("postgresql://nobody@127.0.0.1:9/x")


@pytest.mark.parametrize(
    ("last", "until", "expected"),
    [
        (None, None, 0),
        (-0.4, None, 0.6),
        (-5, None, 0),
        (0, None, 1),
        (-1, 17, 17),
        (60, 90, 0),
        (0, -3, 1),
        (0.4, None, 1.4),
    ],
)
def test_the_pace_is_kept_on_the_clock_it_is_given(last: float | None, until: float | None, expected: float) -> None:
    def at(seconds: float | None) -> datetime | None:
        return None if seconds is None else NOW + timedelta(seconds=seconds)

    assert permitted(at(last), at(until), 1.0, NOW) == NOW + timedelta(seconds=expected)


def test_the_whole_way_on_postgresql(
    postgres: str, world: LabClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cryptography.fernet import Fernet

    monkeypatch.setitem(os.environ, "STORELAB_SYNC_KEY", Fernet.generate_key().decode())
    with Server(port=0, ledger_url=postgres) as server:
        hand = Drive(world, server.url, first_sync="store").stocked(
            ours={"MUG": 9, "CAP": 2}, theirs={"MUG": 1, "CAP": 2}
        )
        hand.connect().run()
        world.do("keycrm", "receive", sku="CAP", quantity=3)
        hand.run()

        assert (hand.ours(), hand.theirs()) == ({"MUG": 9, "CAP": 5}, {"MUG": 9, "CAP": 5})
        hand.call("DELETE", f"/connections/{hand.id}")


def test_the_next_tasks_are_found_without_a_look_at_all_of_them(tmp_path: Path) -> None:
    """Of a hundred thousand, a hundred at a time: a search through all of them each time takes minutes."""
    ledger = Ledger(f"sqlite:///{tmp_path}/sync.db")
    asked: list[tuple[str, Any]] = []
    sa.event.listen(ledger.engine, "before_cursor_execute", lambda *a: asked.append((a[2], a[3])))
    with ledger.begin() as book:
        book.tasks.some(1, "apply", ("about", "planned"), limit=100)
        book.tasks.refresh(1, ["MUG", "CAP"], 1)
    with ledger.engine.connect() as sql:
        for statement, values in asked[1:]:
            plan = " ".join(row[-1] for row in sql.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values))

            assert "TEMP B-TREE" not in plan, plan
            assert ("sku=?" in plan) == ("sku IN" in statement), plan
    ledger.close()


def test_a_connection_is_as_it_is_now_whoever_has_written(ledger: Ledger, tmp_path: Path) -> None:
    url = ledger.engine.url.render_as_string(hide_password=False)
    another = ledger if ledger.memory else Ledger(url, key_file=tmp_path / "key")
    for writer in (ledger, another, ledger):
        for status in ("pending", "active", "disconnected"):
            with writer.begin() as book:
                book.set_connection("con_1", status=status)
            for _ in range(2):
                found = ledger.connection("con_1")
                assert found is not None
                assert found.status == status
    assert ledger.connection("con_2") is None
    if another is not ledger:
        another.close()
