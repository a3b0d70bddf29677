"""Where requests that a service sends may go: this machine, and hosts that are allowed by name."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from storelab.contracts.provider import Answering
from storelab.emulators.kernel import wire
from storelab.emulators.kernel.http import Answer, Outgoing


@pytest.fixture
def receiver() -> Iterator[Answering]:
    made = Answering(lambda body: (200, {"heard": True}))
    yield made
    made.close()


def sent(url: str, **more: Any) -> Answer:
    return asyncio.run(wire.send(Outgoing("POST", url, timeout=10, **more)))


def leads(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Every name leads to these, one after the other; what was asked for."""
    asked: list[str] = []

    def found(host: str, port: Any, *more: Any, **options: Any) -> list[Any]:
        asked.append(host)
        address = addresses[min(len(asked), len(addresses)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return asked


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_reached(receiver: Answering, host: str) -> None:
    assert sent(receiver.url.replace("127.0.0.1", host)).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://198.51.100.7/hook",
        "http://169.254.169.254/latest/meta-data",
        "http://[2001:db8::1]/hook",
        "http://[::ffff:10.0.0.1]/hook",
        "http://0.0.0.0:1/hook",
        "http://[::]:1/hook",
        "http://[::ffff:0.0.0.0]:1/hook",
        "http://[64:ff9b::10.0.0.1]/hook",
        "http://[fe80::1%25lo]/hook",
        "http://[fd00::1]/hook",
        "http://3232235777/hook",
        "http://0xc0a80101/hook",
        "http://0300.0250.1.1/hook",
        "http://100.64.0.1/hook",
        "http://me@10.0.0.1/hook",
        "https://192.168.1.1/hook",
    ],
)
def test_no_other_machine_is_reached(url: str) -> None:
    assert "is not this machine; allow it by name with STORELAB_ALLOW_HOSTS" in sent(url).error


@pytest.mark.parametrize("written", ["http://2130706433:1/", "http://0x7f.1:1/", "http://127.1:1/"])
def test_an_address_in_disguise_is_what_it_leads_to(written: str) -> None:
    assert sent(written).status is None  # nothing listens there, and nothing else is asked


def test_a_name_is_what_it_leads_to(monkeypatch: pytest.MonkeyPatch, receiver: Answering) -> None:
    leads(monkeypatch, "10.0.0.1")

    assert "is not this machine" in sent("http://shop.example/hook").error


def test_the_address_that_was_checked_is_the_one_that_is_reached(
    monkeypatch: pytest.MonkeyPatch, receiver: Answering
) -> None:
    asked = leads(monkeypatch, "127.0.0.1", "10.0.0.1")

    answer = sent(receiver.url.replace("127.0.0.1", "rebinding.example"))

    assert answer.status == 200
    assert asked == ["rebinding.example"]


def test_a_redirect_is_checked_as_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        async def both() -> Answer:
            async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 307 -\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                writer.close()

            async with await asyncio.start_server(answer, sock=server):
                return await wire.send(Outgoing("POST", f"http://127.0.0.1:{port}/", timeout=10, redirects=3))

        assert "10.0.0.1 is not this machine" in asyncio.run(both()).error


def heard(far: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], **more: Any) -> Answer:
    """What comes of a request to a far end that behaves like this, and then leaves the connection open."""

    async def both() -> Answer:
        over = asyncio.Event()

        async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                await far(reader, writer)
                await over.wait()
            writer.transport.abort()

        async with await asyncio.start_server(served, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            asked = Outgoing("POST", f"http://127.0.0.1:{port}/", **{"timeout": 10.0, **more})
            try:
                return await asyncio.wait_for(wire.send(asked), 20)
            finally:
                over.set()

    return asyncio.run(both())


def test_a_far_end_that_reads_nothing_is_left_when_the_time_is_over() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport: Any = writer.transport
        transport.pause_reading()

    assert heard(deaf, body=b"x" * 8_000_000, timeout=0.2).error == "no answer within 0.2 s"


@pytest.mark.parametrize(
    ("head", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 1000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 10_000 + b"\r\nx\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 400),
    ],
    ids=["body", "chunks", "words about chunks", "announcements"],
)
def test_an_answer_without_an_end_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch, head: bytes, again: bytes
) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 100_000)

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(again)
            await writer.drain()

    assert heard(endless).error == "ValueError: the answer is longer than 100000 bytes"


def test_others_have_their_turn_while_an_answer_is_taken_apart() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def read() -> Answer:
        arrived = asyncio.StreamReader()
        arrived.feed_data(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n"
        )
        arrived.feed_eof()
        meanwhile = asyncio.create_task(others())
        try:
            return await wire._answer(arrived, Outgoing("GET", "http://localhost/"))
        finally:
            meanwhile.cancel()

    assert len(asyncio.run(read()).body) == 20_000
    assert turns >= 10


def test_port_zero_is_no_other_port(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    async def connected(addresses: list[str], port: int, name: str | None) -> Any:
        asked.append(port)
        raise ConnectionRefusedError

    monkeypatch.setattr(wire, "_connected", connected)
    sent("http://127.0.0.1:0/")

    assert asked == [0]


def test_a_host_is_allowed_by_its_name(monkeypatch: pytest.MonkeyPatch, receiver: Answering) -> None:
    asked = leads(monkeypatch, "127.0.0.1")
    monkeypatch.setenv("STORELAB_ALLOW_HOSTS", "one.example, two.example")
    monkeypatch.setattr(wire, "_is_here", lambda address: False)
    port = receiver.url.rpartition(":")[2]

    assert sent(f"http://two.example:{port}/").status == 200
    assert "is not this machine" in sent(f"http://three.example:{port}/").error
    assert asked == ["two.example", "three.example"]


def test_the_host_that_this_machine_says_of_itself_is_this_machine() -> None:
    refused = asyncio.run(wire.send(Outgoing("POST", "http://192.0.2.1:9/", timeout=0.01), own="192.0.2.2"))
    tried = asyncio.run(wire.send(Outgoing("POST", "http://192.0.2.1:9/", timeout=0.01), own="192.0.2.1"))

    assert "192.0.2.1 is not this machine" in refused.error
    assert "is not this machine" not in tried.error
