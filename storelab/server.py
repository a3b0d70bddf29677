"""The server: uvicorn on a socket of ours, in a thread, so that a port in use is told before anything starts."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from storelab.emulators.kernel.errors import LabError

from .handshake import TlsServer

AsgiApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_OFFER = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)


MOST_CONNECTIONS = 1000  # at once; the next is closed
MOST_OF_A_HEAD = 64 * 1024  # bytes of a request line and its headers
HEAD_IN = 20.0  # seconds that a client may take for them
SILENCE = 60.0  # seconds without a byte while a body is on its way, or an answer
LEAST = 16 * 1024  # bytes a second of a body, on average, once it has taken SILENCE


class _Protocol(HttpToolsProtocol):
    """Hands its transport to the application, which closes it when a fault says so. A client that sends too much of a
    head, or takes too long for it, for a body or for reading an answer, is let go. What comes and goes whole at once
    costs no timer."""

    _watch: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None  # while more of an answer waits than a client may leave lying
    _in_head = True  # or before it
    _receiving = False  # a request has begun and not ended
    _head = 0  # bytes of it so far
    _extensions: dict[str, Any]  # of the request that is read
    _body = 0  # bytes of it so far
    _since = 0.0  # when it began to come

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            transport.abort()
        else:
            self._watch = self.loop.call_later(HEAD_IN, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatched()
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """An offer to speak something else (Java's client offers HTTP/2 with every request in the clear) is left
        unread, as most servers do: the parser would take it for accepted and throw the body away. An address with bytes
        beyond ASCII, as curl sends what it was given, is read as if they were encoded; the parser would not have it."""
        if not self._receiving and not data.isascii():
            line, end, rest = data.partition(b"\r\n")
            data = _BEYOND_ASCII.sub(lambda byte: b"%%%02X" % ord(byte[0]), line) + end + rest
        within_a_body = self.cycle is not None and self.cycle.more_body
        if not within_a_body and b"pgrade:" in data.lower():
            head, end, rest = data.partition(b"\r\n\r\n")
            data = _OFFER.sub(b"", head) + end + rest
        super().data_received(data)
        if self._receiving or self._watch:
            self._still_coming(len(data))

    def _still_coming(self, received: int) -> None:
        """After a part of a request, or the whole of one that was waited for."""
        if not self._receiving:
            self._unwatched()
        elif not self._in_head:
            self._unwatched()
            now = self.loop.time()
            if not self._body:
                self._since = now
            self._body += received
            if now - self._since > SILENCE + self._body / LEAST:
                self.transport.abort()
            else:
                self._watch = self.loop.call_later(SILENCE, self.transport.abort)
        else:
            self._head += received
            if self._head > MOST_OF_A_HEAD:
                self.transport.write(_TOO_LARGE)
                self.transport.close()
            elif self._watch is None:
                self._watch = self.loop.call_later(HEAD_IN, self.transport.abort)

    def _unwatched(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._receiving = self._in_head = True
        self._head = self._body = 0
        self._extensions = {"storelab.transport": self.transport}
        self.scope["extensions"] = self._extensions

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()
        self._extensions["storelab.answer"] = partial(_answered, self.cycle)

    def on_message_complete(self) -> None:
        self._receiving = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():  # which it does when the answer was read
            self._watch_unread()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_unread()

    def _watch_unread(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        if waiting and self._unread is None:
            self._unread = self.loop.call_later(SILENCE, self._look_again, waiting)

    def resume_writing(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        super().resume_writing()

    def _look_again(self, waiting: int) -> None:
        """Whether anything was read of what waited."""
        now = self.transport.get_write_buffer_size()
        if now >= waiting:
            self.transport.abort()
        else:
            self._unread = self.loop.call_later(SILENCE, self._look_again, now)

    def timeout_keep_alive_handler(self) -> None:
        """The next request did not come. An answer that still waits to be read has waited as long."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()


_IN_NO_HEADER = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


async def _answered(
    cycle: RequestResponseCycle, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes
) -> None:
    """A whole answer at once. ASGI's two messages are two calls of the system and a look at every header by itself,
    which is a fifth of what a page of products costs."""
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected:
        return
    lines = [STATUS_LINE[status], *map(_line, headers)]
    if not cycle.keep_alive:
        lines.append(b"Connection: close\r\n")
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"".join((*lines, b"\r\n", body)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


@lru_cache(maxsize=1024)
def _line(header: tuple[bytes, bytes]) -> bytes:
    """A header as it is sent: nearly all are the same in every answer."""
    if _IN_NO_HEADER.search(b"".join(header)):
        raise ValueError("a header of an answer has a control character in it")
    return b"%b: %b\r\n" % header


_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def most_connections() -> int:
    """At once: half of the files that this process may open, where those are few; the others are its databases."""
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    import resource

    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST_CONNECTIONS if files < 0 else min(MOST_CONNECTIONS, files // 2)


def listening(host: str, port: int) -> socket.socket:
    """A socket bound to the address (port 0: any free one)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as bad:
        made.close()
        if bad.errno == errno.EADDRINUSE:
            raise LabError(
                f"port {port} on {host} is in use. Stop what listens there, or choose another with --port "
                "(0 takes any free one).",
                code="port_in_use",
            ) from None
        raise LabError(f"cannot listen on {host}:{port}: {bad.strerror or bad}", code="cannot_listen") from None
    return made


def request_target(raw: str) -> str:
    """Path and query of a request line as it was sent, which may name the whole address. No `urlsplit`: what begins
    with two slashes is a path here, and no host."""
    return raw if raw.startswith("/") else "/" + raw.partition("://")[2].partition("/")[2]


def origin(host: str, port: int, scheme: str = "http") -> str:
    """Where this machine reaches what listens there: an address that stands for all of them is none to ask."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    return f"{scheme}://{f'[{shown}]' if ':' in shown else shown}:{port}"


class Server:
    """Serves an ASGI application from a thread of its own."""

    def __init__(self, app: AsgiApp, sock: socket.socket, *, certificate: tuple[Path, Path] | None = None) -> None:
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="error",  # what a client sends is its own affair, and in the journal
            access_log=False,
            server_header=False,
            date_header=False,  # every service has its world's time
            proxy_headers=False,  # the application reads them itself
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
        self._server = TlsServer(config, certificate) if certificate else uvicorn.Server(config)
        self._socket = sock
        self.loop: asyncio.AbstractEventLoop | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="storelab-server", daemon=True)

    def start(self) -> None:
        """Start to serve; returns when requests are answered."""
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.002)
            if not self._thread.is_alive():
                raise LabError(f"the server did not start: {self._failure}", code="not_started")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def join(self) -> None:
        while self._thread.is_alive():
            self._thread.join(0.5)

    def _run(self) -> None:
        factory = None
        if sys.platform != "win32":
            import uvloop

            factory = uvloop.new_event_loop
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                self.loop = runner.get_loop()
                runner.run(self._server.serve(sockets=[self._socket]))
        except BaseException as bad:  # told to whoever waits in start()
            self._failure = bad
