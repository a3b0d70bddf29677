"""Webhook deliveries: queued with the change, sent when due, tried again, faulty on command."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from storelab.emulators.kernel import Delivery, LabError
from storelab.emulators.kernel.http import Request
from storelab.emulators.kernel.webhooks import DELIVERIES
from storelab.emulators.kernel.world import World

from .conftest import Acme


class Receiver:
    """A small HTTP server: what it got, and what it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.statuses: Iterator[int] = iter(())

    @asynccontextmanager
    async def listening(self) -> Any:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        yield self
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        self.got.append((headers, await reader.readexactly(int(headers.get("Content-Length", 0)))))
        writer.write(f"HTTP/1.1 {next(self.statuses, 200)} X\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()


async def prepared(world: World, receiver: Receiver) -> None:
    world.set_clock(world.clock.frozen(world.now))
    await world.set_state("acme", "a hook", {"url": receiver.url})
    await world.set_state("acme", "an item", {})


def kept(world: World) -> list[Delivery]:
    found = world.store[Delivery].all(order=[DELIVERIES.c.id])
    world.store.rollback()
    return found


def story(backend: Acme, steps: Any, statuses: tuple[int, ...] = (), fault: dict[str, Any] | None = None) -> Receiver:
    receiver = Receiver()
    receiver.statuses = iter(statuses)
    world = backend.lab.world()

    async def played() -> None:
        async with receiver.listening():
            await prepared(world, receiver)
            if fault:
                world.faults.add({"service": "acme", **fault}, world.now)
            await steps(world)
            world.postman.stop()

    backend.run(played())
    return receiver


async def one_change(world: World) -> None:
    await world.do("acme", "set level", {"sku": "MUG", "level": 9})
    await world.postman.settle()


def test_a_change_is_delivered_as_it_is_when_it_goes_out(backend: Acme) -> None:
    async def two_changes(world: World) -> None:
        world.postman.held = True
        await world.do("acme", "set level", {"sku": "MUG", "level": 5})
        await world.do("acme", "set level", {"sku": "MUG", "level": 6})
        world.postman.held = False
        await world.postman.settle()

    receiver = story(backend, two_changes)

    assert [body for _, body in receiver.got] == [b'{"id":1,"sku":"MUG","level":6}']


def test_a_failed_delivery_is_tried_again_when_the_clock_says_so(backend: Acme) -> None:
    async def later(world: World) -> None:
        await one_change(world)
        assert [d.status for d in kept(world)] == ["pending"]
        await world.advance(59)
        assert len(kept(world)[0].attempts) == 1
        await world.advance(1)

    receiver = story(backend, later, statuses=(500, 200))

    delivery = kept(backend.lab.world())[0]
    assert len(receiver.got) == 2
    assert (delivery.status, [a["status"] for a in delivery.attempts]) == ("delivered", [500, 200])


def test_run_until_idle_plays_all_attempts(backend: Acme) -> None:
    async def to_the_end(world: World) -> None:
        await world.do("acme", "set level", {"sku": "MUG", "level": 9})
        await world.run_until_idle()

    receiver = story(backend, to_the_end, statuses=(500, 500, 500))

    assert len(receiver.got) == 3
    assert kept(backend.lab.world())[0].status == "failed"


@pytest.mark.parametrize(
    ("fault", "bodies"),
    [
        ({"kind": "drop"}, 0),
        ({"kind": "duplicate"}, 2),
        ({"kind": "late", "seconds": 30}, 0),
        ({"kind": "duplicate", "copies": 5}, 5),
        ({"kind": "corrupt"}, 1),
        ({"kind": "unsigned"}, 1),
        ({"kind": "unreachable"}, 0),
        ({"kind": "unheard"}, 1),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_deliveries_misbehave_on_command(backend: Acme, fault: dict[str, Any], bodies: int) -> None:
    receiver = story(backend, one_change, fault=fault)

    assert len(receiver.got) == bodies
    if fault["kind"] == "corrupt":
        assert receiver.got[0][0]["X-Signature"] != "good"
    if fault["kind"] == "unsigned":
        assert "X-Signature" not in receiver.got[0][0]


@pytest.mark.parametrize("kind", ["unreachable", "unheard"])
def test_what_the_sender_takes_for_a_failure_is_tried_again(backend: Acme, kind: str) -> None:
    async def to_the_end(world: World) -> None:
        await world.do("acme", "set level", {"sku": "MUG", "level": 9})
        await world.run_until_idle()

    receiver = story(backend, to_the_end, fault={"kind": kind})

    delivery = kept(backend.lab.world())[0]
    assert (delivery.status, [a["status"] for a in delivery.attempts]) == ("delivered", [None, 200])
    assert len(receiver.got) == (2 if kind == "unheard" else 1)


def test_an_outdated_delivery_has_the_body_of_the_one_before_it_and_its_signature(backend: Acme) -> None:
    async def two_changes(world: World) -> None:
        for level in (5, 6):
            await world.do("acme", "set level", {"sku": "MUG", "level": level})
            await world.postman.settle()

    receiver = story(backend, two_changes, fault={"kind": "outdated", "skip": 1})

    assert [body for _, body in receiver.got] == [b'{"id":1,"sku":"MUG","level":5}'] * 2
    assert [headers["X-Signature"] for headers, _ in receiver.got] == ["good", "good"]


@pytest.mark.parametrize(("kind", "status"), [("drop", 200), ("unreachable", None), ("unheard", None)])
def test_what_is_posted_in_the_middle_of_an_operation_is_struck_by_its_name(
    backend: Acme, kind: str, status: int | None
) -> None:
    backend.call("POST", "/items", {"sku": "MUG"})
    world = backend.lab.world()
    world.faults.add({"service": "acme", "kind": "drop"}, world.now)  # of deliveries: it names no operation
    world.faults.add({"service": "acme", "kind": kind, "operation": "acme.check_item"}, world.now)
    before = len(world.journal)

    backend.call("POST", "/items/1/check")

    checked = [e for e in list(world.journal)[before:] if e.direction == "out"]
    assert [e.status for e in checked] == ([] if kind == "drop" else [status])
    assert [fault.kind for fault in world.faults.active.values()] == ["drop"]


def test_a_delivery_can_be_sent_again(backend: Acme) -> None:
    async def again(world: World) -> None:
        await one_change(world)
        await world.postman.redeliver(1)

    assert len(story(backend, again).got) == 2


def test_what_was_missed_in_an_outage_is_sent_again_in_its_order(backend: Acme) -> None:
    world = backend.lab.world()
    again: list[Delivery] = []

    async def outage(world: World) -> None:
        for number in (1, 2):
            await world.set_state("acme", "an item", {"sku": f"S{number}"})
            await world.do("acme", "set level", {"sku": f"S{number}", "level": number})
            await world.run_until_idle()
        again.extend(await world.postman.redeliver_missed())

    receiver = story(backend, outage, statuses=(500,) * 6)

    assert [d.status for d in again] == ["delivered", "delivered"]
    assert [b'"sku":"S1"' in body for _, body in receiver.got[-2:]] == [True, False]
    assert backend.run(world.postman.redeliver_missed()) == []


def test_only_what_was_missed_since_then_is_sent_again(backend: Acme) -> None:
    again: list[list[Delivery]] = []

    async def two_drops(world: World) -> None:
        await one_change(world)
        await world.advance(3600)
        since = world.now
        world.faults.add({"service": "acme", "kind": "drop"}, world.now)
        await one_change(world)
        again.append(await world.postman.redeliver_missed("somebody"))
        again.append(await world.postman.redeliver_missed("acme", since))

    receiver = story(backend, two_drops, fault={"kind": "drop"})

    assert [[d.id for d in found] for found in again] == [[], [2]]
    assert len(receiver.got) == 1
    assert [d.status for d in kept(backend.lab.world())] == ["dropped", "delivered"]


def test_nobody_there_is_an_outcome_not_a_crash(backend: Acme) -> None:
    async def unreachable(world: World) -> None:
        await world.set_state("acme", "a hook", {"url": "http://127.0.0.1:9/"})
        await one_change(world)

    story(backend, unreachable)

    attempt = kept(backend.lab.world())[0].attempts[0]
    assert attempt["status"] is None
    assert attempt["error"]


def test_what_was_being_sent_at_a_crash_is_due_again(backend: Acme) -> None:
    world = backend.lab.world()
    now = world.now
    world.store[Delivery].put(Delivery(1, "acme", "1", now, now, status="sending", event={"item": 1}))

    world.postman.recover()

    assert kept(world)[0].status == "pending"


def test_a_service_may_call_itself_while_it_answers(backend: Acme) -> None:
    backend.call("POST", "/items", {"sku": "MUG"})

    status, body = backend.call("POST", "/items/1/check")

    assert (status, body["note"]) == (200, "checking")


def test_what_is_on_its_way_at_a_reset_leaves_no_trace_in_the_fresh_world(backend: Acme) -> None:
    world = backend.lab.world()

    async def sent_again_and_reset(world: World) -> None:
        await one_change(world)
        sending = asyncio.ensure_future(world.postman.redeliver(1))
        advancing = asyncio.ensure_future(world.advance(0))
        await asyncio.sleep(0)
        world.reset()
        await asyncio.gather(sending, advancing, return_exceptions=True)

    story(backend, sent_again_and_reset)

    assert kept(world) == []
    assert len(world.journal) == 0


def test_a_handler_that_waited_while_its_world_was_reset_writes_nothing_into_the_fresh_one(backend: Acme) -> None:
    world = backend.lab.world()
    backend.call("POST", "/items", {"sku": "MUG"})

    async def checked_and_reset() -> Any:
        request = Request("POST", "/items/1/check", "http://lab/acme", "", {"x-key": "sesame"})
        asked = asyncio.ensure_future(backend.lab.services["acme"].answer(world, request))
        await asyncio.sleep(0)
        world.reset()
        return await asyncio.gather(asked, return_exceptions=True)

    refused = backend.run(checked_and_reset())[0]

    assert isinstance(refused, LabError)
    assert refused.code == "world_replaced"
    assert backend.call("GET", "/items") == (200, [])
