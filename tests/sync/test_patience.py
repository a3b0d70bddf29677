"""Who answers: the thread that reads, or one of those that take requests from it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from storelab.sync.patience import HttpServer

NEXT = b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n"


class Application:
    """`/slow` is answered when it is let go, everything else at once; by whom, is the answer."""

    def __init__(self) -> None:
        self.asked, self.go_on = threading.Event(), threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            self.asked.set()
            self.go_on.wait(20)
        body = threading.current_thread().name.encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def server(application: Application) -> Iterator[HttpServer]:
    def at_once(path: str) -> bool:
        if path == "/broken":
            raise OSError("the file is gone")
        return path == "/quick"

    running = HttpServer(application, at_once=at_once, host="127.0.0.1", port=0, threads=1)
    running.start()
    yield running
    application.go_on.set()
    running.stop()


@pytest.fixture
def connected(server: HttpServer) -> Iterator[Callable[[], socket.socket]]:
    opened: list[socket.socket] = []

    def connect() -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", server.port), 20))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def answers(connection: socket.socket, number: int) -> list[str]:
    """The bodies of so many answers."""
    found, rest = [], b""
    while len(found) < number:
        head, there, rest_of_it = rest.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0) if there else 0
        if there and len(rest_of_it) >= length:
            found.append(rest_of_it[:length].decode())
            rest = rest_of_it[length:]
            continue
        more = connection.recv(65536)
        assert more, "the connection was closed before everything was answered"
        rest += more
    return found


def test_what_is_answered_at_once_waits_for_nobody(
    application: Application, connected: Callable[[], socket.socket]
) -> None:
    connected().sendall(NEXT % b"/slow")  # the only thread has its hands full
    assert application.asked.wait(20)

    quick = connected()
    quick.sendall(NEXT % b"/quick" + NEXT % b"/quick")
    assert answers(quick, 1) == ["http"]


def test_answers_keep_the_order_of_their_requests(
    application: Application, connected: Callable[[], socket.socket]
) -> None:
    one = connected()
    one.sendall(NEXT % b"/slow" + NEXT % b"/quick")
    assert application.asked.wait(20)
    application.go_on.set()

    slow, quick = answers(one, 2)

    assert quick == slow != "http"  # whoever is at it goes on


def test_who_cannot_say_whether_it_is_quick_is_answered_by_a_thread(connected: Callable[[], socket.socket]) -> None:
    one = connected()
    one.sendall(NEXT % b"/broken")

    assert answers(one, 1) != ["http"]


def test_nonsense_is_refused_as_ever(connected: Callable[[], socket.socket]) -> None:
    one = connected()
    one.sendall(b"NONSENSE\r\n\r\n")

    assert b" 400 " in one.recv(65536)
