"""Clients and servers that are not what the other end hopes for."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

Answers = Callable[[bytes], str]
BUSY = 20.0  # seconds after which a test gives up


def rest(client: socket.socket) -> bytes:
    """Everything until the other end closes; `TimeoutError` when it does not."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def let_go(client: socket.socket, while_it_sends: bytes) -> bool:
    """Whether the other end closes while the client goes on, and reads nothing."""
    end = time.monotonic() + BUSY / 2
    try:
        while time.monotonic() < end:
            client.send(while_it_sends)
            time.sleep(0.02)
    except OSError:
        return True
    return False


@contextlib.contextmanager
def saying() -> Iterator[Answers]:
    """`answers(said)`: the address of a server that says just that to everything, and hangs up."""
    with contextlib.ExitStack() as servers:

        def answers(said: bytes) -> str:
            server = servers.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100))
            threading.Thread(target=_say, args=(server, said), daemon=True).start()
            return f"http://127.0.0.1:{server.getsockname()[1]}"

        yield answers


def _say(server: socket.socket, said: bytes) -> None:
    with contextlib.suppress(OSError):
        while True:
            threading.Thread(target=_answer, args=(server.accept()[0], said), daemon=True).start()


def _answer(client: socket.socket, said: bytes) -> None:
    with client, contextlib.suppress(OSError):
        asked = b""
        while b"\r\n\r\n" not in asked and (part := client.recv(65_536)):
            asked += part
        client.sendall(said)
        client.shutdown(socket.SHUT_WR)
        rest(client)
