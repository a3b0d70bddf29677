"""A web server that keeps what it gets byte for byte: HTTP version, headers in their order, raw body."""

from __future__ import annotations

import re
import socket
import threading
from dataclasses import dataclass, field
from typing import Any

import orjson

from .shop import Shop


@dataclass(frozen=True)
class Got:
    method: str
    path: str
    version: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return dict(self.headers).get(name, "")

    @property
    def topic(self) -> str:
        """What the delivery is about; "" for a ping."""
        return self.header("X-WC-Webhook-Topic")

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Receiver:
    """Answers 200; at /status/N answers N; at /to/PATH redirects (302) there. Use as a context manager."""

    got: list[Got] = field(default_factory=list)

    def __enter__(self) -> Receiver:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def pings(self) -> list[Got]:
        return [g for g in self.got if not g.topic]

    @property
    def deliveries(self) -> list[Got]:
        return [g for g in self.got if g.topic]

    def topics(self) -> list[str]:
        """The topics of all deliveries, sorted: different webhooks are served side by side."""
        return sorted(g.topic for g in self.deliveries)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            data = b""
            while b"\r\n\r\n" not in data:
                data += connection.recv(65_536)
            head, _, body = data.partition(b"\r\n\r\n")
            first, *lines = head.decode().split("\r\n")
            method, path, version = first.split(" ")
            headers = [(n, v) for n, _, v in (line.partition(": ") for line in lines)]
            length = next((int(v) for n, v in headers if n.lower() == "content-length"), 0)
            while len(body) < length:
                body += connection.recv(65_536)
            self.got.append(Got(method, path, version, headers, body))
            status = re.match(r"/status/(\d+)", path)
            moved = re.match(r"/to(/.*)", path)
            code = int(status[1]) if status else 302 if moved else 200
            location = f"Location: {self.url}{moved[1]}\r\n" if moved else ""
            connection.sendall(
                f"HTTP/1.1 {code} X\r\n{location}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
            )


def hooked(shop: Shop, receiver: Receiver, *topics: str, path: str = "/hook", secret: str = "s3cret") -> list[int]:
    """Webhooks of these topics, and the receiver as if it had heard no ping."""
    body = {"delivery_url": receiver.url + path, "secret": secret}
    ids = [shop.post("webhooks", {"topic": topic, **body})["id"] for topic in topics]
    receiver.got.clear()
    return ids
