"""One pace for each account, whoever calls: several workers on one ledger in PostgreSQL."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from storelab.sandbox import Sandbox
from storelab.sync.book import Book
from storelab.sync.engine import Engine
from storelab.sync.ledger import Ledger
from storelab.sync.pace import pace_key
from storelab.sync.service import Server
from storelab.sync.tables import pace

from .drive import Drive

STORES = 4
SECOND = timedelta(seconds=1)  # the connector's gap: KeyCRM takes 60 calls a minute


class Worker:
    """With a ledger and an engine of its own, as in a process of its own, on a clock that it shares with the others:
    it moves on when one of them would wait."""

    now: datetime
    turns: list[datetime]
    lock = threading.Lock()

    def __init__(self, url: str, key: Path, sync: str) -> None:
        self.ledger = Ledger(url, key_file=key)
        self.engine = Engine(self.ledger, public_url=sync, point=self.point)
        self.asked = Worker.now

    def clock(self) -> datetime:
        self.asked = Worker.now
        return self.asked

    def point(self, where: str) -> None:
        if where.startswith("before ") and "/v1/" in where:
            Worker.turns.append(self.asked)  # the time by which this step was let through

    def work(self, connection: str) -> None:
        idle = False
        while not idle:
            progress = self.engine.advance(connection, self.clock(), clock=self.clock)
            idle = progress.idle
            if progress.next_at and not idle:
                with Worker.lock:
                    Worker.now = max(Worker.now, progress.next_at)
        self.ledger.close()


def test_workers_with_one_account_never_call_closer_than_its_pace(
    sandbox: Sandbox, postgres: str, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    worlds = [sandbox.client.make_world() for _ in range(STORES)]
    account = worlds[0].info()["backends"]["keycrm"]
    with Server(port=0, ledger_url=postgres, key_file=key) as sync:
        hands = [Drive(world, sync.url, first_sync="keycrm") for world in worlds]
        for number in range(120):
            worlds[0].state("keycrm", "an offer in stock", sku=f"P-{number}", quantity=5)
        for hand in hands:
            hand.stocked(ours={"P-7": 2}).connect(credentials=account)
        Worker.now = datetime.fromisoformat(hands[0].now) + timedelta(minutes=1)
        Worker.turns = []
        workers = [Worker(postgres, key, sync.url) for _ in hands]
        with workers[0].ledger.begin() as book:
            keys = {pace_key(connection) for connection in book.all_connections()}
            book.sql.execute(sa.delete(pace))  # nobody has ever called

        with ThreadPoolExecutor(STORES) as threads:
            list(threads.map(Worker.work, workers, [hand.id for hand in hands]))

        assert len(keys) == 1
        assert [hand.ours() for hand in hands] == [{"P-7": 5}] * STORES
    turns = sorted(Worker.turns)
    assert min(later - earlier for earlier, later in itertools.pairwise(turns)) >= SECOND
    assert len(turns) == STORES * 3  # pages
    for world in worlds:
        world.drop()


def test_whoever_waited_for_the_turn_of_another_counts_from_its_end(
    drive: Callable[..., Drive], sync: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not from before it began to wait: then a turn noted meanwhile would look like one from before a clock was set
    back."""
    hand = drive(first_sync="keycrm").stocked(ours={"P-7": 2}).connect()
    asked = datetime.fromisoformat(hand.now)
    now, turn = [asked], asked + 3 * SECOND

    def waited(book: Book, key: str) -> tuple[datetime, None]:
        now[0] = max(now[0], turn + timedelta(seconds=0.2))
        return turn, None

    monkeypatch.setattr(Book, "pace", waited)
    progress = Engine(sync.service.ledger).advance(hand.id, asked, clock=lambda: now[0])

    assert hand.calls("keycrm") == ["GET /v1/users"]  # when it connected
    assert progress.next_at == turn + SECOND
