"""Whoever is slow on purpose is let go, at every port that we open; the sandbox's own is in tests/kernel."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from storelab import front, tls
from storelab.broker.server import Broker
from storelab.cli import stub
from storelab.contracts import listening
from storelab.contracts.provider import Listener
from storelab.contracts.tap import Tap
from storelab.front import TlsFront
from storelab.sync import patience
from storelab.sync.service import Server

from ..sockets import BUSY, let_go, rest

HEAD = b"GET /backends HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = b"POST /connections HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
SERVERS = ("sync", "broker", "stub", "tap", "listener")

Open = Callable[[], socket.socket]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SILENT", 0.4)
    monkeypatch.setattr(patience, "LEAST", 1_000)
    monkeypatch.setattr(listening, "PATIENCE", 0.4)
    monkeypatch.setattr(listening, "MOST", 4)
    monkeypatch.setattr(front, "AGREED", 0.4)
    monkeypatch.setattr(front, "MOST", 4)


@contextlib.contextmanager
def served(name: str, folder: Path) -> Iterator[int]:
    """A server of ours; its port."""
    with contextlib.ExitStack() as stack:
        if name == "sync":
            yield stack.enter_context(Server(port=0)).port
        elif name == "broker":
            yield int(stack.enter_context(Broker(folder / "b.sqlite", port=0)).url.rpartition(":")[2])
        elif name == "stub":
            made = patience.HttpServer(stub.application([], quiet=True), host="127.0.0.1", port=0)
            made.start()
            stack.callback(made.stop)
            yield made.port
        else:
            tap_or_listener = Tap("http://127.0.0.1:9") if name == "tap" else Listener()
            stack.callback(tap_or_listener.close)
            yield int(tap_or_listener.url.rpartition(":")[2])


@pytest.fixture(params=SERVERS)
def port(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    with served(request.param, tmp_path) as found:
        yield found


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=BUSY)


@pytest.mark.parametrize("begun", [HEAD, BODY], ids=["head", "body"])
def test_a_client_that_drips_is_let_go(port: int, begun: bytes) -> None:
    with connected(port) as client:
        client.sendall(begun)

        assert let_go(client, while_it_sends=b"a")


@pytest.mark.parametrize("name", SERVERS)
def test_a_client_that_drips_what_begins_nothing_is_let_go(name: str, tmp_path: Path) -> None:
    with served(name, tmp_path) as port, connected(port) as client:
        assert let_go(client, while_it_sends=b"\r\n")


@pytest.mark.parametrize("length", [b"-1", b"1_0", b"\xb2", b"9" * 30, b"99999999999"])
def test_a_length_that_is_none_reads_nothing(port: int, length: bytes) -> None:
    with connected(port) as client:
        client.sendall(b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + b"\r\n\r\n")

        assert rest(client)[9:12] in (b"400", b"411", b"413", b"431")


@pytest.mark.parametrize("name", ["tap", "listener"])
def test_too_many_connections_are_closed_and_the_others_are_served(name: str, tmp_path: Path) -> None:
    with served(name, tmp_path) as port, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connected(port)) for _ in range(12)]

        for client in clients:
            assert rest(client) == b""
        assert answered(port) in (200, 502)


def answered(port: int) -> int:
    """The status, once there is room: who is let go sees that it is over before the server has counted it out."""
    end = time.monotonic() + BUSY
    while True:
        try:
            return requests.get(f"http://127.0.0.1:{port}/", timeout=BUSY).status_code
        except requests.ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def test_who_reads_no_answer_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(environ: object, start_response: Callable[..., object]) -> Iterator[bytes]:
        start_response("200 OK", [])
        while not stopped:
            yield b"x" * 65_536
        stopped.append(True)

    stopped: list[bool] = []
    made = patience.HttpServer(endless, host="127.0.0.1", port=0, threads=1)
    made.start()
    try:
        with connected(made.port) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

            assert let_go(client, while_it_sends=b"G")
    finally:
        stopped.append(True)
        made.stop()


# -- before the sync stands TLS


@pytest.fixture
def behind_tls(tmp_path: Path) -> Iterator[tuple[int, Open]]:
    """The port, and how to connect to it and agree."""
    made = tls.certificates(tmp_path / "tls")
    context = ssl.create_default_context(cafile=str(made.authority))
    with served("sync", tmp_path) as port:
        tls_front = TlsFront("127.0.0.1", 0, (made.chain, made.key))
        tls_front.start(port)
        try:
            yield (
                tls_front.port,
                lambda: context.wrap_socket(connected(tls_front.port), server_hostname="localhost"),
            )
        finally:
            tls_front.stop()


@pytest.mark.parametrize("begun", [HEAD, BODY], ids=["head", "body"])
def test_behind_tls_too(behind_tls: tuple[int, Open], begun: bytes) -> None:
    with behind_tls[1]() as client:
        client.sendall(begun)

        assert let_go(client, while_it_sends=b"a")


def test_a_client_that_drips_a_handshake_is_let_go(behind_tls: tuple[int, Open]) -> None:
    with connected(behind_tls[0]) as client:
        client.sendall(b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc")  # of a hello of 16 kB

        assert let_go(client, while_it_sends=b"\x00")


def test_tls_has_an_end_of_connections_and_serves_again(behind_tls: tuple[int, Open]) -> None:
    port, agreed = behind_tls
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connected(port)) for _ in range(12)]

        began = time.monotonic()
        assert all(rest(client) == b"" for client in clients)
        assert time.monotonic() - began < BUSY

    with agreed() as client:
        client.sendall(b"GET /backends HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert rest(client).startswith(b"HTTP/1.1 200")


# -- and before somebody's API stands a tap


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 502),  # nothing is there to answer
        ({"Host": "localhost:1"}, 502),
        ({"Origin": "http://localhost:3000"}, 502),
        ({"Host": "rebinding.example"}, 403),
        ({"Host": "["}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_no_page_of_another_site_reaches_an_api_by_a_tap(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    with served("tap", tmp_path) as port:
        assert requests.get(f"http://127.0.0.1:{port}/", headers=headers, timeout=BUSY).status_code == status
