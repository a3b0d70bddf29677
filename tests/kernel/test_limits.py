"""What a client may take of a sandbox: bytes, time, connections, depth."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from storelab import server
from storelab.sandbox import Sandbox, Settings

BUSY = 20.0  # seconds after which a test gives up


@pytest.fixture(scope="module")
def impatient() -> Iterator[Sandbox]:
    """A sandbox that gives up after moments."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "HEAD_IN", 0.4)
        patch.setattr(server, "SILENCE", 0.4)
        patch.setattr(server, "MOST_CONNECTIONS", 8)
        with Sandbox(Settings(port=0, sync_port=None)) as running:
            yield running


@contextlib.contextmanager
def connected(sandbox: Sandbox) -> Iterator[socket.socket]:
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=BUSY) as made:
        yield made


def rest(client: socket.socket) -> bytes:
    """Everything until the other end closes; `TimeoutError` when it does not."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65_536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HT",
        b"GET /_lab/clock HTTP/1.1\r\nHost: localhost\r\nX-A: ",
        b"POST /_lab/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
    ],
    ids=["nothing", "half a line", "half a head", "half a body"],
)  # fmt: skip
def test_a_client_that_says_no_more_is_let_go(impatient: Sandbox, begun: bytes) -> None:
    with connected(impatient) as client:
        client.sendall(begun)

        assert rest(client) == b""


def test_a_client_that_drips_a_head_is_let_go(impatient: Sandbox) -> None:
    with connected(impatient) as client:
        started = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for letter in b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 1000:
                client.sendall(bytes([letter]))
                time.sleep(0.02)

        assert time.monotonic() - started < BUSY


def test_a_connection_that_is_used_again_waits_longer_than_a_head(impatient: Sandbox) -> None:
    with requests.Session() as session:
        first = session.get(f"{impatient.url}/_lab/clock", timeout=BUSY)
        time.sleep(0.8)
        again = session.get(f"{impatient.url}/_lab/clock", timeout=BUSY)

    assert (first.status_code, again.status_code) == (200, 200)


def test_too_many_connections_are_closed_and_the_others_are_served(impatient: Sandbox) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connected(impatient)) for _ in range(30)]
        for client in clients:
            assert rest(client) == b""  # at once, or for silence

    assert requests.get(f"{impatient.url}/_lab/clock", timeout=BUSY).status_code == 200


def test_a_head_has_an_end(sandbox: Sandbox) -> None:
    with connected(sandbox) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(64):
                client.sendall(b"X-Long: " + b"a" * 8_000 + b"\r\n")

        assert rest(client)[:12] in (b"HTTP/1.1 431", b"")  # closed with what is unread, a client may see no answer


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/_lab/clock", {"data": b"[" * 200_000}),
        ("/_lab/clock", {"data": b'{"a":' * 100_000}),
        (
            "/woocommerce/wp-json/wc/v3/products",
            {"data": b"[" * 200_000, "headers": {"Content-Type": "application/json"}},
        ),
        ("/woocommerce/wp-json/wc/v3/products?" + "a" + "[b]" * 5_000 + "=1", {}),
        ("/keycrm/v1/offers?filter" + "[x]" * 5_000 + "=1", {}),
        ("/golisto/" + "a/" * 10_000, {}),
    ],
    ids=["list", "object", "store", "query", "filter", "path"],
)
def test_depth_and_length_are_refused_as_any_nonsense_is(sandbox: Sandbox, path: str, more: dict[str, Any]) -> None:
    answer = requests.request("PUT" if "_lab" in path else "POST", sandbox.url + path, timeout=BUSY, **more)

    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text
    assert requests.get(f"{sandbox.url}/_lab/clock", timeout=BUSY).status_code == 200


def test_only_who_may_ask_may_send_as_much_as_a_world() -> None:
    large = b"x" * (11 * 1024 * 1024)
    with Sandbox(Settings(host="0.0.0.0", port=0, sync_port=None)) as open_:
        url = f"http://127.0.0.1:{open_.url.rpartition(':')[2]}/_lab/snapshots/x"
        stranger = requests.put(url, data=large, timeout=BUSY)
        known = requests.put(url, data=large, headers={"Authorization": f"Bearer {open_.token}"}, timeout=BUSY)

    assert (stranger.status_code, stranger.json()["error"]["code"]) == (413, "body_too_large")
    assert known.status_code == 400  # read, and found to be no snapshot
