"""Stores do not wait for each other, and what belongs to one store happens in its order."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from storelab.client import LabClient
from storelab.sandbox import Sandbox
from storelab.sync.engine import Engine, Progress
from storelab.sync.jobs import Background, Jobs
from storelab.sync.ledger import Busy
from storelab.sync.service import Server, jobs_of

from .drive import Drive
from .test_service import eventually

FAULTS: dict[str, dict[str, Any]] = {
    "an outage of its store": {"kind": "outage", "service": "woocommerce", "seconds": 3600},
    "an outage of its backend": {"kind": "outage", "service": "keycrm", "seconds": 3600},
    "a rate limit": {"kind": "status", "service": "keycrm", "status": 429, "retry_after": 600},
}


def carried(hand: Drive, quantity: int, begun: datetime) -> float:
    """Virtual seconds until a change in this store's KeyCRM is in the store."""
    hand.world.do("keycrm", "adjust stock", sku="MUG", quantity=quantity)
    for _ in range(60):
        hand.world.settle()
        progress = hand.tick()
        if hand.ours() == {"MUG": quantity}:
            break
        hand.wait(1) if progress["idle"] else hand.wait_until(progress["next_at"])
    return (datetime.fromisoformat(hand.now) - begun).total_seconds()


def test_what_hinders_one_store_costs_another_no_time_at_all(sandbox: Sandbox, sync: Server) -> None:
    for fault in FAULTS.values():
        hands = []
        for _ in range(2):
            world = sandbox.client.make_world()
            hand = Drive(world, sync.url, first_sync="store").stocked(ours={"MUG": 9}, theirs={"MUG": 9})
            hand.connect().run()
            hands.append(hand)
        ill, well = hands
        begun = datetime.fromisoformat(well.now)
        alone = carried(well, 8, begun)
        ill.world.call("POST", "/faults", {**fault, "sender": "storelab-sync"})
        ill.world.do("keycrm", "adjust stock", sku="MUG", quantity=1)
        ill.world.settle()
        for _ in range(3):
            ill.wait(1)
            ill.tick()

        begun = datetime.fromisoformat(well.now)
        assert carried(well, 7, begun) <= alone + 1, fault
        assert ill.ours() == {"MUG": 9}, fault

        ill.world.call("DELETE", "/faults")
        ill.wait(3700)
        ill.run()
        assert ill.ours() == {"MUG": 1}, fault
        for hand in hands:
            hand.call("DELETE", f"/connections/{hand.id}")  # the next world may have the same name
            hand.world.drop()


class Slow:
    """Work that hangs for the connections that are ill, until it is let go."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.at_work: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.let_go = threading.Event()
        self.later: list[str] = []
        self._lock = threading.Lock()

    def work(self, connection: str) -> bool:
        ill = connection.startswith("ill")
        with self._lock:
            self.at_work[connection] += 1
            self.at_work["ill" if ill else "well"] += 1
            self.most["ill"] = max(self.most["ill"], self.at_work["ill"])
        if ill and self.done[connection]:
            self.let_go.wait(20)
        with self._lock:
            self.at_work[connection] -= 1
            self.at_work["ill" if ill else "well"] -= 1
            self.done[connection] += 1
        return ill


def test_stores_that_hang_never_take_all_workers() -> None:
    slow = Slow()
    jobs = Jobs("memory:", slow.work, slow.later.append)
    background = Background(jobs, None, workers=4)
    background.start()
    ill, well = [f"ill {n}" for n in range(6)], [f"well {n}" for n in range(20)]
    for connection in ill:
        jobs.nudge(connection)
    eventually(lambda: all(slow.done[connection] for connection in ill))  # now it is known that they hang
    started = monotonic()

    for connection in (*ill, *well):
        jobs.nudge(connection)
    eventually(lambda: all(slow.done[connection] for connection in well))

    assert monotonic() - started < 10  # those that hang would have held it up for 20 seconds
    assert slow.at_work["ill"] == 2  # half of the workers, and they still hang
    assert sorted(slow.later) == sorted(ill)[2:] or len(slow.later) == 4
    slow.let_go.set()
    background.stop()


def test_to_stop_takes_no_longer_for_many_that_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storelab.sync.jobs.PARTING", 0.3)
    slow = Slow()
    slow.done.update({f"ill {n}": 1 for n in range(4)})
    jobs = Jobs("memory:", slow.work)
    background = Background(jobs, None, workers=4)
    background.start()
    for n in range(4):
        jobs.nudge(f"ill {n}")
    eventually(lambda: slow.at_work["ill"] == 4)

    started = monotonic()
    background.stop()

    assert monotonic() - started < 2
    slow.let_go.set()


def test_what_is_at_work_is_told_to_leave_off_when_it_is_to_stop(sync: Server) -> None:
    engine, told = sync.service.engine, list[bool]()

    def advance(*_: Any, enough: Callable[[dict[str, Any]], bool], **__: Any) -> Progress:
        told.append(enough({}))
        jobs.stopping.set()
        told.append(enough({}))
        return Progress()

    jobs = jobs_of(replaced(engine, advance), sync.service.clock, "memory:")
    background = Background(jobs, None, workers=1)
    background.start()
    jobs.nudge("con_1")
    eventually(lambda: len(told) == 2)
    background.stop()

    assert told == [False, True]


def replaced(engine: Engine, advance: Callable[..., Progress]) -> Engine:
    """Like it, but for what it does when it is to advance a connection."""
    like = copy(engine)
    like.advance = advance  # type: ignore[method-assign]
    return like


def test_a_store_that_is_worked_on_is_left_to_who_has_it(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[str] = []

    def busy(connection: str) -> bool:
        asked.append(connection)
        raise Busy("another has it")

    jobs = Jobs("memory:", busy)
    background = Background(jobs, None, workers=1)
    background.start()
    jobs.nudge("con_1")
    jobs.nudge("con_2")
    eventually(lambda: asked == ["con_1", "con_2"])
    background.stop()

    assert jobs.huey.pending_count() == 0
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_what_one_store_is_told_comes_in_the_order_it_was_told(sync: Server, world: LabClient) -> None:
    """Twenty counts of the same shelf, each told by a webhook of its own, some twice and in the wrong order."""
    hand = Drive(world, sync.url, first_sync="store").stocked(ours={"MUG": 9}, theirs={"MUG": 9}).connect()
    hand.run()
    world.call("POST", "/faults", {"kind": "reorder", "service": "keycrm", "times": 5})
    world.call("POST", "/faults", {"kind": "duplicate", "service": "keycrm", "times": 5})
    for quantity in range(20):
        world.do("keycrm", "adjust stock", sku="MUG", quantity=quantity + 1)
        if quantity % 4 == 0:
            hand.world.settle()
            hand.tick()
            hand.wait(1)

    hand.run()

    assert hand.ours() == {"MUG": 20}
    written = [e for e in hand.exchanges("woocommerce", "POST") if "batch" in e["url"]]
    stock = [row["stock_quantity"] for e in written for row in json.loads(e["request"]["body"]).get("update", [])]
    assert stock == sorted(stock) != []


def test_hints_that_come_while_it_works_are_not_forgotten(sync: Server, world: LabClient) -> None:
    """When to go on is noted after what came in meanwhile was seen."""
    hand = Drive(world, sync.url, first_sync="store").stocked(ours={"MUG": 9}, theirs={"MUG": 9}).connect()
    hand.run()
    now = datetime.fromisoformat(hand.now)
    ledger = sync.service.ledger
    with ledger.begin() as book:
        assert book.due_connections(now + timedelta(seconds=1)) == []

    hand.session.post(hand.hooks["stock"], json=[{"sku": "MUG", "offer_id": 1, "in_stock": 3}], timeout=30)

    with ledger.begin() as book:
        assert book.due_connections(now) == [hand.id]


def test_a_flood_asks_for_each_product_twice_at_most(sync: Server, world: LabClient) -> None:
    """Two thousand deliveries for two hundred products, while the sync is at work on the first of them."""
    world.state("woocommerce", "a catalogue", size=200)
    world.state("keycrm", "a catalogue", size=200, prefix="P-", quantity=10)
    hand = Drive(world, sync.url, first_sync="keycrm").connect()
    hand.run()
    before = len(hand.exchanges("keycrm"))
    offers = {sku: row["offer_id"] for sku, row in world.fact("keycrm", "stock").items() if "offer_id" in row}
    ids = offers or {f"P-{n:06}": n for n in range(1, 201)}

    for number in range(2000):
        sku = f"P-{number * 7 % 200 + 1:06}"
        row = {"sku": sku, "offer_id": ids[sku], "in_stock": 1000 + number, "in_reserve": 0}
        hand.session.post(hand.hooks["stock"], json=[row], timeout=30).raise_for_status()
        if number % 500 == 100:
            hand.tick()
            hand.wait(1)
    hand.run()

    asked: Counter[str] = Counter()
    for exchange in hand.exchanges("keycrm")[before:]:
        query = parse_qs(urlsplit(exchange["url"]).query)
        for name in ("filter[offers_id]", "filter[offers_sku]"):
            asked.update(one for text in query.get(name, []) for one in text.split(","))
    assert len(asked) == 200
    assert max(asked.values()) <= 2
