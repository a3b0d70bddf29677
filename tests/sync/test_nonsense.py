"""What does not belong: bodies that are none, commands out of order, clocks that jump back, ledgers of another time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests

from storelab.sync.clock import Clock
from storelab.sync.engine import Engine
from storelab.sync.errors import SyncError
from storelab.sync.ledger import Ledger
from storelab.sync.service import CLAIM, LARGEST, Server, create_app
from storelab.sync.tables import SCHEMA

from .drive import Drive

Make = Callable[..., Drive]
ROOT = Path(__file__).parent
OLD_KEY = "q7GDHNKhOGnRbOTWGJQnZ0UgzhJvCvnJ0TXoJ0JcAzE="  # of that file, and of nothing else
HTML = b"<!doctype html><title>502</title><h1>Bad gateway</h1>"
ROW = {"sku": "MUG", "offer_id": 1, "in_stock": 4, "in_reserve": 0}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (HTML, 400),
        (b"", 400),
        (b'[{"sku":', 400),
        (b"\xff\xfe", 400),
        (b"[" * 20_000, 400),
        (b'{"code": "rest_forbidden", "message": "Sorry"}', 400),
        (b'"MUG"', 400),
        (b"[1, null, [], {}]", 200),
        (json.dumps([{**ROW, "in_stock": "NaN"}]).encode(), 200),
        (json.dumps([{**ROW, "in_stock": 1e400}]).encode(), 200),
        (json.dumps([{**ROW, "sku": "x" * 300}]).encode(), 200),
        (json.dumps([{**ROW, "sku": "M\0UG"}]).encode(), 200),
        (b" " * (LARGEST + 1), 413),
    ],
    ids=[
        "HTML", "nothing", "cut off", "not UTF-8", "nested", "an error object", "a text", "no rows", "not a number",
        "infinite", "long SKU", "a null byte", "oversized",
    ],
)  # fmt: skip
def test_a_hook_survives_any_body_and_nothing_is_written_because_of_it(drive: Make, body: bytes, status: int) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 9}, theirs={"MUG": 9}).connect()
    hand.run()
    writes = hand.store_writes()

    answer = requests.post(hand.hooks["stock"], data=body, headers={"Content-Type": "application/json"}, timeout=60)
    hand.run()

    assert answer.status_code == status, answer.text
    assert hand.store_writes() == writes
    assert hand.ours() == hand.theirs() == {"MUG": 9}


def test_what_is_stale_replayed_or_made_up_is_only_a_hint_to_look(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 9}, theirs={"MUG": 9}).connect()
    hand.run()
    hand.world.do("keycrm", "adjust stock", sku="MUG", quantity=4)
    hand.run()
    writes = hand.store_writes()

    for quantity in (9, 4, 9, 77):  # from before, twice, and what was never so
        requests.post(hand.hooks["stock"], json=[{**ROW, "in_stock": quantity}], timeout=30).raise_for_status()
    hand.run()

    assert hand.store_writes() == writes
    assert hand.ours() == hand.theirs() == {"MUG": 4}


COMMANDS: dict[str, Callable[[Drive], requests.Response]] = {
    "connect": lambda hand: hand.ask_to_connect(),
    "tick": lambda hand: hand.call("POST", f"/connections/{hand.id}/tick", {"now": hand.now}),
    "push": lambda hand: hand.call("POST", f"/connections/{hand.id}/push", {"now": hand.now}),
    "confirm": lambda hand: hand.call("POST", f"/connections/{hand.id}/confirm", {"now": hand.now}),
    "unknown": lambda hand: hand.call("POST", f"/connections/{hand.id}/runs/fly", {}),
    "disconnect": lambda hand: hand.call("DELETE", f"/connections/{hand.id}"),
    "page": lambda hand: hand.call("GET", f"/connections/{hand.id}"),
    "hook": lambda hand: hand.session.post(hand.hooks["stock"], json=[ROW], timeout=30),
    "cron": lambda hand: hand.cron(),
}
WANTED = {"disconnected": {"push": 409, "confirm": 409, "hook": 410, "cron": 410, "tick": 200, "disconnect": 200}}


def test_commands_in_any_order_are_done_or_refused_and_in_the_end_it_works(drive: Make) -> None:
    hand, chance = drive(first_sync="store").stocked(ours={"MUG": 9}, theirs={"MUG": 3}), Random(7)
    hand.connect()
    orders = [chance.choice(list(COMMANDS)) for _ in range(60)]

    for name in orders:
        status = hand.status()["status"]
        answer = COMMANDS[name](hand)
        assert answer.status_code == WANTED.get(status, {}).get(name, answer.status_code), (name, status, answer.text)
        assert answer.status_code < 500, (name, answer.text)
        if name == "connect":
            hand.hooks = answer.json()["hooks"]
        if answer.status_code >= 400:
            assert {"code", "message"} <= answer.json().keys()

    assert {("disconnect", "tick"), ("disconnect", "hook")} & set(pairwise(orders))
    hand.connect()
    hand.run()
    hand.push()
    assert hand.ours() == hand.theirs()


@pytest.mark.parametrize(
    ("name", "path"), list(product(("GET", "POST", "DELETE"), ("", "/tick", "/push", "/runs/push")))
)
def test_who_is_not_connected_is_told_so(drive: Make, name: str, path: str) -> None:
    answer = drive().call(name, f"/connections/con_none{path}", {} if name == "POST" else None)

    assert answer.status_code in (404, 405)
    assert answer.json()["code"] in ("no_such_connection", "method_not_allowed")


# -- clocks


def test_after_the_clock_was_set_back_it_looks_at_once_and_goes_on(drive: Make, sync: Server) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 9}, theirs={"MUG": 9}).connect()
    hand.run()
    hand.wait(1800)
    hand.push()
    earlier = datetime.fromisoformat(hand.now) - timedelta(days=3)
    hand.world.do("keycrm", "adjust stock", sku="MUG", quantity=4)  # its webhook is lost
    with sync.service.ledger.begin() as book:
        book.unhear(hand.id, 1_000_000)

    did = []
    for second in range(6):
        did += Engine(sync.service.ledger).advance(hand.id, earlier + timedelta(seconds=second)).did

    assert "look" in {one["run"] for one in did}
    assert hand.ours() == {"MUG": 4}
    with sync.service.ledger.begin() as book:
        assert not book.set_back(hand.id, earlier + timedelta(seconds=6))


def test_what_was_due_is_due_after_the_clock_was_set_back() -> None:
    now = [datetime(2026, 11, 21, 8, tzinfo=UTC)]
    app = create_app(clock=Clock(lambda: now[0]))
    service = app.extensions["sync"]
    with service.ledger.begin() as book:
        book.add_connection(
            id="con_1", backend="keycrm", store_url="s", backend_url="", status="active", settings={}, learned={},
            created_at=now[0], next_at=now[0],
        )  # fmt: skip

    assert service.due() == ["con_1"]
    assert service.due() == []
    now[0] -= timedelta(hours=5)
    assert service.due() == ["con_1"]
    assert service.due() == []
    now[0] += CLAIM
    assert service.due() == ["con_1"]  # whoever had it is taken for lost
    service.ledger.close()


# -- ledgers of another version


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger that version 1 wrote: connected, with a run under way and a hint waiting."""
    monkeypatch.setenv("STORELAB_SYNC_KEY", OLD_KEY)
    file = tmp_path / "ledger.db"
    sql = sqlite3.connect(file)
    sql.executescript((ROOT / "ledger_of_version_1.sql").read_text().replace(":8790", ":9"))  # where nobody is
    sql.close()
    return file


def test_a_ledger_of_version_1_is_taken_over_with_all_it_knows(old: Path) -> None:
    ledger = Ledger(f"sqlite:///{old}")
    with ledger.begin() as book:
        [connection] = book.all_connections()
        assert (connection.status, connection.stage) == ("active", "")
        assert set(ledger.vault.unsealed(str(connection.secrets))) == {"token", "store", "credentials"}
        assert {sku: link.base for sku, link in book.links(connection.id).items()} == {"MUG": 9, "CAP": 4}
        assert [(run.kind, run.phase) for run in book.open_runs(connection.id)] == [("listen", "levels")]
        assert book.hints(connection.id)[1][0].quantity == 7
        assert book.inbox.count(connection.id, "new") == 0
        assert book.timetable.next(connection.id) is None
    ledger.close()

    again = Ledger(f"sqlite:///{old}")  # once is enough
    with again.begin() as book:
        assert len(book.all_connections()) == 1
    again.close()


def test_what_was_under_way_in_version_1_goes_on(old: Path) -> None:
    with Server(port=0, ledger_url=f"sqlite:///{old}") as server:
        [connection] = requests.get(f"{server.url}/connections", timeout=20).json()
        later = datetime(2026, 11, 21, 12, 40, tzinfo=UTC).isoformat()

        answer = requests.post(f"{server.url}/connections/{connection['id']}/tick", json={"now": later}, timeout=60)

    did: list[dict[str, Any]] = answer.json()["did"]
    assert [(one["run"], one["step"]) for one in did] == [("listen", "levels")]
    assert "waits" in did[0]["what"]  # its KeyCRM is gone by now


def test_a_newer_ledger_is_refused_and_left_as_it_is(old: Path) -> None:
    sql = sqlite3.connect(old)
    with sql:
        sql.execute("update sync_schema set version = ?", (SCHEMA + 1,))
    before = sql.execute("select name, sql from sqlite_master order by name").fetchall()

    with pytest.raises(SyncError, match=f"schema {SCHEMA + 1}; this version of storelab knows {SCHEMA}"):
        Ledger(f"sqlite:///{old}")

    assert sql.execute("select name, sql from sqlite_master order by name").fetchall() == before
    sql.close()
