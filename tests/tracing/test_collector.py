"""A collector that is not there, does not listen, or means harm: nobody waits for it, and it is told once."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from storelab.emulators.kernel.errors import LabError
from storelab.sandbox import Sandbox, Settings
from storelab.tracing import collector as collecting, places, spans
from storelab.tracing.collector import Collector, checked

from .receiver import Receiver

NOBODY = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://collector.test/", "https://collector.test/v1/traces"),
        ("https://collector.test/otlp", "https://collector.test/otlp/v1/traces"),
        ("http://[::1]:4318/v1/traces", "http://[::1]:4318/v1/traces"),
    ],
)
def test_an_address_with_or_without_the_path_of_traces(given: str, asked: str) -> None:
    assert checked(given) == asked


@pytest.mark.parametrize(
    "address", ["4318", "127.0.0.1:4318", "grpc://h:4317", "http://", "http://h:x", "http://u:pw@h", "http://h/?key=1"]
)
def test_what_is_no_address_is_told_with_what_is_wanted(address: str) -> None:
    with pytest.raises(LabError, match="such as http") as told:
        checked(address)

    assert "pw" not in told.value.message


def some(count: int) -> list[spans.ReadableSpan]:
    http = spans.Http("GET", "http://h/", 200)
    return [spans.served("x", http, places.within(None), spans.Lasted(1, 2)) for _ in range(count)]


@contextlib.contextmanager
def answering(answer: bytes, drip: bool = False) -> Iterator[str]:
    """Says this to everybody, once or again and again; without a word it only takes the connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.recv(65_536)
            while True:
                if answer:
                    client.sendall(answer)
                if over.wait(0.01) or not (drip or not answer):
                    return

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        over.set()
        listening.close()


HOSTILE = {
    "says nothing": (b"", False),
    "talks nonsense": (b"\x00" * 100, False),
    "never ends its head": (b"HTTP/1.1 200 OK\r\n", True),
    "says it continues for ever": (b"HTTP/1.1 100 Continue\r\n\r\n", True),
    "never ends its body": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 1_000, True),
    "sends elsewhere": (b"HTTP/1.1 302 F\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n", False),
    "wants to be asked in a year": (
        b"HTTP/1.1 503 No\r\nRetry-After: 31536000\r\nContent-Length: 0\r\n\r\n",
        False,
    ),
}


@pytest.mark.parametrize(("answer", "drip"), HOSTILE.values(), ids=HOSTILE)
def test_nobody_waits_for_a_collector_that_means_harm(
    answer: bytes, drip: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "FAREWELL", 0.2)
    with answering(answer, drip) as address:
        collector = Collector(address)
        began = time.monotonic()
        for span in some(3_000):  # more than the queue holds
            collector.take(span)
        collector.close()

    assert time.monotonic() - began < 5


def test_one_that_is_not_there_is_told_once_and_in_a_sentence(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.1")
    with caplog.at_level(logging.INFO), Sandbox(Settings(port=0, sync_port=None, otlp=NOBODY)) as sandbox:
        for _ in range(3):
            assert requests.get(f"{sandbox.url}/woocommerce/wp-json", timeout=20).status_code == 200
            assert sandbox._tracing
            sandbox._tracing.collector._processor.force_flush()

    told = [record.getMessage() for record in caplog.records if "opentelemetry" in record.name or "trace" in record.msg]
    assert told == [
        f"traces do not reach {NOBODY}/v1/traces: nobody listens there. storelab goes on without, and says so once"
    ]


@pytest.mark.parametrize("status", [400, 404, 500])
def test_one_that_does_not_want_them_is_told(status: int, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.status = status
    collector = Collector(receiver.url)

    collector.take(some(1)[0])
    collector.close()

    assert f"it answered {status}" in caplog.text


def test_what_the_standard_variables_say_of_the_way_there_holds(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=k")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=ci")
    monkeypatch.setattr(spans, "_resources", {})
    collector = Collector(receiver.url)

    collector.take(some(1)[0])
    collector.close()

    assert receiver.headers[0]["x-api-key"] == "k"
    assert receiver.resources[0]["deployment.environment.name"] == "ci"
    assert receiver.resources[0]["service.name"] == "x"
