"""waitress with an end to its patience: it lets go of who is silent; here, also of who drips a request, or reads no
answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

SILENT = 30.0  # seconds without a byte
LEAST = 16 * 1024  # bytes a second of a body, on average, once a request has taken as long as that
MOST_OF_A_HEAD = 64 * 1024  # bytes of a request line and its headers
MOST = 100  # connections; others wait for their turn


class HttpServer:
    """A WSGI application on a port, served by a thread that takes requests in and others that answer. `at_once` names
    the paths that the first one answers itself, because that takes less than handing a request over. `options` are
    waitress's: `host` and `port`, or `sockets`; `threads`; `max_request_body_size`."""

    def __init__(
        self, application: Callable[..., Any], *, at_once: Callable[[str], bool] = lambda path: False, **options: Any
    ) -> None:
        from waitress import create_server  # type: ignore[import-untyped]
        from waitress.channel import HTTPChannel  # type: ignore[import-untyped]

        class Channel(HTTPChannel):  # type: ignore[misc]
            since: float | None = None  # when the first byte came of what is no whole request yet
            reading = mine = False

            def received(self, data: bytes) -> Any:
                self.since = self.since or time.monotonic()
                self.reading = True
                found = super().received(data)
                self.reading = False
                if self.mine:
                    self.mine = False
                    self.service()
                return found

            def service(self) -> None:
                self.since = None
                super().service()

        limits = {
            "channel_timeout": int(SILENT),
            "connection_limit": MOST,
            "max_request_header_size": MOST_OF_A_HEAD,
        }
        self._waitress: Any = create_server(application, **limits, **options)
        self._waitress.channel_class = Channel
        hand_over = self._waitress.add_task

        def taken(channel: Channel) -> None:
            """A request is whole. While it is read its channel is locked: it is answered a moment later."""
            request = channel.requests[0]
            with suppress(Exception):  # whoever cannot be asked just now has an answer of their own, given by a thread
                reader = threading.get_ident() == self._reader
                channel.mine = reader and channel.reading and not request.error and at_once(request.path)
            if not channel.mine:
                hand_over(channel)

        self._waitress.add_task = taken
        self._reader = 0
        self.port: int = self._waitress.effective_port
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.serve, name="http", daemon=True)

    def serve(self) -> None:
        """Until asked to stop, also with clients connected."""
        from waitress import wasyncore

        self._reader, looked = threading.get_ident(), time.monotonic()
        while not self._stopping.is_set():
            wasyncore.loop(timeout=1, map=self._waitress._map, use_poll=True, count=1)
            if time.monotonic() - looked > 1:
                looked = time.monotonic()
                self._let_go(looked)
        self._waitress.task_dispatcher.shutdown()
        wasyncore.close_all(self._waitress._map)

    def _let_go(self, now: float) -> None:
        for channel in [*self._waitress.active_channels.values()]:
            if channel.total_outbufs_len:
                slow = time.time() - channel.last_activity > SILENT
            elif channel.requests or channel.since is None:
                continue
            else:
                come = channel.request.body_bytes_received if channel.request else 0
                slow = now - channel.since > SILENT + come / LEAST
            if slow:
                channel.handle_close()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        with suppress(OSError):  # it may have seen it by itself, and closed its end already
            self._waitress.pull_trigger()
        if self._thread.is_alive():
            self._thread.join(5)

    def join(self) -> None:
        while self._thread.is_alive():
            self._thread.join(0.5)
