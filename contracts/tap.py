"""Between the verifier and the provider: everything is passed on as it came, and what crossed is written down.

So a verdict can show the exchange itself, how long it took, and whether a question changed something.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import requests

Headers = tuple[tuple[str, str], ...]
HOP = frozenset({"connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer", "upgrade"})
READS = frozenset({"GET", "HEAD"})
LONGEST = 30.0  # seconds that a provider may take to answer at all
MOST_KEPT = 256 * 1024  # bytes of a body that are written down


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as they crossed: secrets and all. `target` is path and query, as the provider got
    it; `status` is None where nobody answered, and `error` says why. `changed`: what a question changed, in words."""

    method: str
    target: str
    request_headers: Headers
    request_body: bytes
    status: int | None = None
    headers: Headers = ()
    body: bytes = b""
    seconds: float = 0.0
    error: str = ""
    changed: str = ""


Look = Callable[[], Any]
"""What the provider believes now: any JSON value."""


class Tap:
    """Listens at `url`, passes on to the provider at `to`. `look` is asked before and after each question (GET, HEAD).
    `ca` is a certificate authority's file, where the provider has one of its own."""

    def __init__(self, to: str, *, look: Look | None = None, ca: str = "") -> None:
        self.to, self._look = to.rstrip("/"), look
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = ca or True
        self._seen: list[Exchange] = []
        tap = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def passed_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                exchange, content = tap.passed(self.command, self.path, tuple(self.headers.items()), body)
                self.send_response_only(exchange.status or 502)
                for name, value in exchange.headers:
                    if name.lower() not in (*HOP, "content-length"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = passed_on

            def log_message(self, format: str, *args: Any) -> None:
                """Quietly."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        prefix = urlsplit(self.to).path
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{prefix}"
        self._origin = self.to.removesuffix(prefix) if prefix else self.to
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._session.close()

    def taken(self) -> tuple[Exchange, ...]:
        """What crossed since this was asked last."""
        taken, self._seen = tuple(self._seen), []
        return taken

    def passed(self, method: str, target: str, headers: Headers, body: bytes) -> tuple[Exchange, bytes]:
        """Pass a request on: the exchange, and the whole body of its answer."""
        sent = {n: v for n, v in headers if n.lower() not in (*HOP, "host", "content-length")}
        sent.setdefault("Accept-Encoding", "identity")
        told = tuple((n, v) for n, v in headers if n.lower() not in (*HOP, "host", "content-length", "accept-encoding"))
        look = self._look if method in READS else None
        before, began, content = look() if look else None, time.perf_counter(), b""
        try:
            answer = self._session.request(
                method,
                self._origin + target,
                data=body or None,
                headers=sent,
                timeout=LONGEST,
                allow_redirects=False,
                stream=True,
            )
            content = answer.raw.read(decode_content=True)
            kept = tuple((n, v) for n, v in answer.raw.headers.items() if n.lower() != "content-encoding")
            exchange = Exchange(
                method,
                target,
                told,
                body[:MOST_KEPT],
                answer.status_code,
                kept,
                content[:MOST_KEPT],
                time.perf_counter() - began,
                changed=changed(before, look()) if look else "",
            )
        except (requests.RequestException, OSError) as bad:
            took = time.perf_counter() - began
            exchange = Exchange(method, target, told, body[:MOST_KEPT], seconds=took, error=type(bad).__name__)
        self._seen.append(exchange)
        return exchange, content


def changed(before: Any, after: Any, path: str = "") -> str:
    """The first place where two JSON values differ: "stock.MUG: 3 became 2"; nothing when they are the same."""
    if before == after:
        return ""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}, key=str):
            if found := changed(before.get(name), after.get(name), f"{path}.{name}" if path else str(name)):
                return found
    return f"{path or 'it'}: {_short(before)} became {_short(after)}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
