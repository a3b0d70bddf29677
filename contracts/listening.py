"""A small HTTP server whose clients may be anybody: so many at once, so much time, so many bytes."""

from __future__ import annotations

import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MOST = 64  # connections; the next is closed
PATIENCE = 30.0  # seconds that a request may take to come whole, and an answer to be read
LARGEST = 64 * 1024 * 1024  # bytes of a body


class Server(ThreadingHTTPServer):
    """Serves from a thread of its own until it is closed."""

    daemon_threads = True

    def __init__(self, host: str, port: int, handler: type[Handler]) -> None:
        self._free = threading.BoundedSemaphore(MOST)
        self._awaited: dict[Any, float] = {}  # connections whose next request is not here yet, and since when
        super().__init__((host, port), handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def awaits(self, connection: Any) -> None:
        self._awaited[connection] = time.monotonic()

    def has(self, connection: Any) -> None:
        """All of a request."""
        self._awaited.pop(connection, None)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.has(request)
            self._free.release()

    def service_actions(self) -> None:
        """Several times a second: whoever drips a request is let go."""
        too_long = time.monotonic() - PATIENCE
        for connection, since in [*self._awaited.items()]:
            if since < too_long:
                self.has(connection)
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it went by itself

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is its own affair."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Quiet, with keep-alive. A method reads its body with `body`."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(PATIENCE)

    def handle_one_request(self) -> None:
        self.server.awaits(self.connection)
        super().handle_one_request()

    def body(self) -> bytes | None:
        """The whole body; None when it was refused, which the client then knows."""
        length = self.headers.get("Content-Length") or "0"
        known = length.isascii() and length.isdigit() and len(length) < 20
        if "Transfer-Encoding" in self.headers or not known or int(length) > LARGEST:
            self.close_connection = True
            self.send_error(413 if known and int(length) > LARGEST else 411)
            return None
        body = self.rfile.read(int(length))
        self.server.has(self.connection)
        return body

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody wants to know."""
