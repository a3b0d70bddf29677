"""Between the verifier and the provider: everything is passed on as it came, and what crossed is written down.

So a verdict can show the exchange itself, how long it took, and whether a question changed something.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from storelab.emulators.kernel.control import LOOPBACK

from .listening import LARGEST, Handler, Server

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
    request_headers: Headers = field(repr=False)
    request_body: bytes = field(repr=False)
    status: int | None = None
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    seconds: float = 0.0
    error: str = ""
    changed: str = ""


Look = Callable[[], Any]
"""What the provider believes now: any JSON value."""
Heard = Callable[[Exchange], None]


class Tap:
    """Listens at `url`, passes on to the provider at `to`. `look` is asked before and after each question (GET, HEAD).
    `ca` is a certificate authority's file, where the provider has one of its own. `heard` gets each exchange at once,
    which is not kept for `taken` then; `most` are the bytes of a body that an exchange holds. With `rewrite` the
    provider's address in what it answers leads here, so that who follows it stays on this way, and this address in what
    it is sent is its own again."""

    def __init__(
        self,
        to: str,
        *,
        look: Look | None = None,
        ca: str = "",
        port: int = 0,
        most: int = MOST_KEPT,
        heard: Heard | None = None,
        rewrite: bool = False,
    ) -> None:
        self.to, self._look, self._most, self._heard, self._rewrite = to.rstrip("/"), look, most, heard, rewrite
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = ca or True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # cookies are the caller's own
        self._seen: list[Exchange] = []
        tap = self

        class Passes(Handler):
            def passed_on(self) -> None:
                body = self.body()
                if body is None:
                    return
                if not _from_here(self.headers):
                    self.send_error(403, "This address is for this machine, and for no page of another site.")
                    return
                exchange, content = tap.passed(self.command, self.path, tuple(self.headers.items()), body)
                self.send_response_only(exchange.status or 502)
                for name, value in exchange.headers:
                    if name.lower() not in (*HOP, "content-length"):
                        self.send_header(name, tap.led_here(value.encode()).decode())
                content = tap.led_here(content)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = passed_on

        self._server = Server("127.0.0.1", port, Passes)
        prefix = urlsplit(self.to).path
        self.url = f"http://127.0.0.1:{self._server.port}{prefix}"
        self._origin = self.to.removesuffix(prefix) if prefix else self.to

    def close(self) -> None:
        self._server.close()
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
        if self._rewrite:
            body = readdressed(body, self.url, self.to)
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
            content = _whole(answer)
            kept = tuple((n, v) for n, v in answer.raw.headers.items() if n.lower() != "content-encoding")
            exchange = Exchange(
                method,
                target,
                told,
                body[: self._most],
                answer.status_code,
                kept,
                content[: self._most],
                time.perf_counter() - began,
                changed=changed(before, look()) if look else "",
            )
        except (requests.RequestException, HTTPError, OSError, ValueError) as bad:
            took = time.perf_counter() - began
            exchange = Exchange(method, target, told, body[: self._most], seconds=took, error=type(bad).__name__)
        if self._heard is None:
            self._seen.append(exchange)
        else:
            self._heard(exchange)
        return exchange, content

    def led_here(self, told: bytes) -> bytes:
        """With `rewrite`: the provider's address replaced by this one."""
        return readdressed(told, self.to, self.url) if self._rewrite else told


def _from_here(headers: Message) -> bool:
    """Whether the address that was asked, and the page that asked, are of this machine: what stands behind may answer
    nobody else."""
    try:
        asked = [f"//{headers.get('Host', '')}", *headers.get_all("Origin", ())]
        return all(urlsplit(address).hostname in LOOPBACK for address in asked)
    except ValueError:
        return False


def readdressed(told: bytes, old: str, new: str) -> bytes:
    """An address replaced in whatever was said, also where JSON has its slashes escaped, as PHP does."""
    told = told.replace(old.encode(), new.encode())
    return told.replace(old.replace("/", r"\/").encode(), new.replace("/", r"\/").encode())


def _whole(answer: requests.Response) -> bytes:
    content = bytearray()
    for part in answer.raw.stream(65_536, decode_content=True):
        content += part
        if len(content) > LARGEST:
            raise OSError(f"an answer of more than {LARGEST} bytes")
    return bytes(content)


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
