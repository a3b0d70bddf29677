"""A provider that is almost right: everything goes to the emulator, and one thing comes back different."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

Planted = Callable[[int, dict[str, str], Any], tuple[int, dict[str, str], Any]]


class Almost:
    """`plant` gets status, headers and JSON of each answer, and returns what is answered instead."""

    def __init__(self, url: str, plant: Planted) -> None:
        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True

            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {n: v for n, v in self.headers.items() if n.lower() not in ("host", "content-length")}
                answer = requests.request(self.command, url + self.path, data=body, headers=headers, timeout=30)
                kept = {n: v for n, v in answer.headers.items() if n.lower() not in ("content-length", "date")}
                status, sent, value = plant(answer.status_code, kept, answer.json())
                content = json.dumps(value).encode()
                self.send_response(status)
                for name, text in {**sent, "Content-Length": str(len(content))}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = handle_one

            def log_message(self, format: str, *args: Any) -> None:
                """Quietly."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
