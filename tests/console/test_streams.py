"""Live parts miss nothing and tell nothing twice: at the moment in which they begin, after a break, and in a flood."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.console import streams
from storelab.emulators.console.streams import NEXT, Streams
from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.http import Reply, Request
from storelab.emulators.kernel.lab import Lab

from ..kernel import acme
from .conftest import Looking
from .test_parts import exchange


@pytest.fixture
def lab() -> Iterator[Lab]:
    made = Lab({"acme": acme.EMULATOR}, SqliteDatabases(None), documents={"acme": acme.DOCUMENT})
    yield made
    made.close()


def crossed(lab: Lab) -> None:
    journal = lab.world().journal
    journal.add(replace(exchange(), number=journal.next_number()))


def test_what_happens_while_the_stream_begins_is_told_at_once(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "ROUND", 3600.0)  # nothing is told for the reason that time has passed
    monkeypatch.setattr(streams, "PAUSE", 0.0)

    async def page(world: str, request: Request) -> Reply:
        seen = lab.world().journal.last
        if seen == 0:  # the fragment is made in a thread, and meanwhile
            crossed(lab)
        return Reply(200, f"{seen} exchanges".encode())

    async def told() -> list[bytes]:
        reply = await Streams(lab, page).open("", Request("GET", "/events/map/parts", "http://lab", "", {}, b""))
        assert not isinstance(reply.body, bytes)
        parts: list[bytes] = []
        async with asyncio.timeout(5):
            async for part in reply.body:
                parts.append(part)
                if b"1 exchanges" in part:
                    break
        await reply.body.aclose()
        return parts

    assert asyncio.run(told())[1:] == [b"data: 0 exchanges\n\n", b"data: 1 exchanges\n\n"]


def begun(lab: Lab, path: str, headers: dict[str, str]) -> tuple[list[str], list[bytes]]:
    """What the fragment was asked for, and the first that was told."""
    asked: list[str] = []

    async def page(world: str, request: Request) -> Reply:
        asked.append(request.query_string)
        return Reply(200, b"rows", ((NEXT, "41"),))

    async def two() -> list[bytes]:
        reply = await Streams(lab, page).open("", Request("GET", path, "http://lab", "after=7&text=MUG", headers, b""))
        assert not isinstance(reply.body, bytes)
        parts = [await anext(reply.body), await anext(reply.body)]
        await reply.body.aclose()
        return parts

    return asked, asyncio.run(two())


def test_a_stream_that_broke_off_goes_on_where_it_was(lab: Lab) -> None:
    asked, parts = begun(lab, "/events/journal/rows", {})
    assert asked == ["after=7&text=MUG"]
    assert parts[1] == b"id: 41\ndata: rows\n\n"

    asked, _ = begun(lab, "/events/journal/rows", {"last-event-id": "41"})
    assert asked == ["after=41&text=MUG"]

    asked, _ = begun(lab, "/events/journal/rows", {"last-event-id": "x&after=0"})
    assert asked == ["after=7&text=MUG"]


def ask(world: LabClient, times: int = 1) -> None:
    with requests.Session() as session:
        for _ in range(times):
            session.get(f"{world.url}/woocommerce/wp-json/wc/v3/orders", timeout=10)


def test_what_crossed_between_the_page_and_its_stream_is_told(looking: Looking, world: LabClient) -> None:
    ask(world)
    address = re.search(r'hx-sse:connect="([^"]*/events/journal/rows[^"]*)"', looking.page("/journal"))
    assert address is not None
    ask(world)

    path = address[1].replace("&amp;", "&")
    with looking.get(path[path.index("/events") :], stream=True) as stream:
        told = next(line for line in stream.iter_lines(chunk_size=1) if b"/journal/" in line)

    assert re.findall(rb"/journal/(\d+)", told) == [b"2"]


def test_more_than_a_page_takes_at_once_is_told_of(looking: Looking, world: LabClient) -> None:
    ask(world, 103)

    rows = looking.page("/journal/rows", after="1")

    assert rows.count('class="number"') == 100
    assert "before=4" in rows  # where the two others are


def test_a_page_of_a_sandbox_that_was_started_anew_goes_on(looking: Looking, world: LabClient) -> None:
    ask(world)

    assert "/orders" in looking.page("/journal/rows", after="500")
