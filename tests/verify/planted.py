"""A provider with one fault: everything goes to the emulator, and one thing is done or comes back different."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests


@dataclass(frozen=True)
class Answer:
    """What came back from the emulator, or what is sent on to a webhook's receiver. `drop`: nothing is sent at all."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes
    drop: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def saying(self, value: Any) -> Answer:
        return replace(self, body=json.dumps(value).encode())

    def with_header(self, name: str, value: str | None) -> Answer:
        """With this header, or without it."""
        kept = {n: v for n, v in self.headers.items() if n.lower() != name.lower()}
        return replace(self, headers=kept if value is None else {**kept, name: value})


Plant = Callable[[Answer], Answer]


class Planted:
    """Passes requests on to `url` and answers with what `plant` makes of the answer. `came` are methods and paths."""

    def __init__(self, url: str, plant: Plant = lambda answer: answer) -> None:
        self.came: list[tuple[str, str]] = []
        came = self.came

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True

            def handle_one(self) -> None:
                came.append((self.command, self.path))
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                sent = {n: v for n, v in self.headers.items() if n.lower() not in ("host", "content-length")}
                came_back = requests.request(
                    self.command, url + self.path, data=body, headers=sent, timeout=30, allow_redirects=False
                )
                kept = {n: v for n, v in came_back.headers.items() if n.lower() not in ("content-length", "date")}
                answer = plant(Answer(self.command, self.path, came_back.status_code, kept, came_back.content))
                if answer.drop:
                    self.close_connection = True
                    return
                self.send_response_only(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.body)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_one
            do_TRACE = handle_one

            def log_message(self, format: str, *args: Any) -> None:
                """Quietly."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Detour:
    """Stands between a provider's webhooks and whoever hears them: an address for states that hands the emulator's out,
    with an address of its own in the place of the receiver's; what arrives there is sent on as `plant` makes it."""

    def __init__(self, states: str, plant: Plant) -> None:
        self._states, self._to = states, ""
        detour = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, content = detour.states(body) if self.path == "/states" else detour.webhook(self, body)
                self.send_response_only(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Quietly."""

        self._plant = plant
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._own = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{self._own}/states"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def states(self, body: bytes) -> tuple[int, bytes]:
        asked = json.loads(body)
        for name in ("url", "delivery_url"):
            if address := (asked.get("params") or {}).get(name):
                host = "/".join(address.split("/")[:3])
                self._to, asked["params"][name] = host, address.replace(host, self._own)
        answer = requests.post(self._states, json=asked, timeout=30)
        return answer.status_code, answer.content

    def webhook(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        sent = {n: v for n, v in handler.headers.items() if n.lower() not in ("host", "content-length", "connection")}
        message = self._plant(Answer("POST", handler.path, 200, sent, body))
        if not message.drop:
            requests.post(self._to + handler.path, data=message.body, headers=message.headers, timeout=30)
        return 200, b"{}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
