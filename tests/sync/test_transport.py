"""A far end that drips, or does not stop, holds nobody up."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from storelab.sync import in_time, transport
from storelab.sync.errors import Retry
from storelab.sync.transport import Http

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Say = Callable[[socket.socket], None]


@pytest.fixture
def far_end() -> Iterator[Callable[[Say], str]]:
    """A server of one connection, which says what it is told to; its address."""
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def made(say: Say) -> str:
            def serve() -> None:
                with server.accept()[0] as client, contextlib.suppress(OSError):
                    while asks(client):
                        say(client)

            threads.append(threading.Thread(target=serve, daemon=True))
            threads[-1].start()
            return f"http://127.0.0.1:{server.getsockname()[1]}/orders"

        yield made
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive(), "it serves a client that has gone"


def asks(client: socket.socket) -> bool:
    """Whether there is another request: its head has come. It has not when the client has gone."""
    told = b""
    while not told.endswith(b"\r\n\r\n"):
        if not (part := client.recv(65_536)):
            return False
        told += part
    return True


def dripping(client: socket.socket) -> None:
    client.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        client.sendall(b" ")
        time.sleep(0.02)


def dripping_a_head(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        client.sendall(b"a")
        time.sleep(0.02)


def hinting(client: socket.socket) -> None:
    while True:
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.02)


def endless(client: socket.socket) -> None:
    client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        client.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


def packed(client: socket.socket) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    client.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)


def short(client: socket.socket) -> None:
    client.sendall(HEAD + b"Content-Length: 100\r\n\r\n{}")
    client.close()


@pytest.mark.parametrize("say", [dripping, dripping_a_head, hinting])
def test_what_drips_is_tried_again_later(
    far_end: Callable[[Say], str], monkeypatch: pytest.MonkeyPatch, say: Say
) -> None:
    monkeypatch.setattr(in_time, "LONGEST", 0.5)

    with contextlib.closing(Http()) as http, pytest.raises(Retry, match="in time"):
        http.send("GET", far_end(say))


@pytest.mark.parametrize(
    ("say", "why"),
    [
        (endless, "more than 10000000 bytes"),
        (packed, "more than 10000000 bytes"),
        (short, "ProtocolError"),
    ],
)
def test_what_does_not_end_is_tried_again_later(
    far_end: Callable[[Say], str], monkeypatch: pytest.MonkeyPatch, say: Say, why: str
) -> None:
    monkeypatch.setattr(transport, "LARGEST", 10_000_000)

    with contextlib.closing(Http()) as http, pytest.raises(Retry, match=why):
        http.send("GET", far_end(say))


def test_a_connection_is_used_again(far_end: Callable[[Say], str]) -> None:
    """The server of this test takes one."""
    url = far_end(lambda client: client.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}"))

    with contextlib.closing(Http()) as http:
        assert [http.send("GET", url).json() for _ in range(3)] == [{}, {}, {}]
