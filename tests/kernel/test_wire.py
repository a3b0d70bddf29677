"""Where requests that a service sends may go: this machine, and hosts that are allowed by name."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
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


def test_a_host_is_allowed_by_its_name(monkeypatch: pytest.MonkeyPatch, receiver: Answering) -> None:
    asked = leads(monkeypatch, "127.0.0.1")
    monkeypatch.setenv("STORELAB_ALLOW_HOSTS", "one.example, two.example")
    monkeypatch.setattr(wire, "_is_here", lambda address: False)
    port = receiver.url.rpartition(":")[2]

    assert sent(f"http://two.example:{port}/").status == 200
    assert "is not this machine" in sent(f"http://three.example:{port}/").error
    assert asked == ["two.example", "three.example"]
