"""Clients that are not what a server hopes for."""

from __future__ import annotations

import contextlib
import socket
import time

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
