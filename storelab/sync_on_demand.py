"""The reference sync beside a sandbox. Its port is there at once; what it is made of takes as long to import as all the
rest, and is imported when somebody connects for the first time."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from typing import TYPE_CHECKING, Any

from .server import listening, origin

if TYPE_CHECKING:
    from storelab.sync.service import Server as SyncServer

    from .tracing.reference import Tracing

log = logging.getLogger("storelab")
WAITING = 128  # connections that may wait until it answers


class SyncOnDemand:
    """The sync on this port (0: any free one). `options` are those of its `Server`. In a ledger that was there before
    may be work to do, or something may be wrong with it: with a `ledger_url` it is made at once, before anything
    starts. `shown_host` is how others reach it."""

    def __init__(
        self, host: str, port: int, options: dict[str, Any], *, shown_host: str, tracing: Tracing | None = None
    ) -> None:
        self._host, self._options, self._tracing = host, options, tracing
        self._socket = listening(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.url = origin(shown_host, self.port)
        self._bell, self._ringing = socket.socketpair()
        self._thread = threading.Thread(target=self._wait, name="storelab-sync", daemon=True)
        self._server = self._made() if "ledger_url" in options else None

    def _made(self) -> SyncServer:
        from storelab.sync.service import Server as SyncServer

        options = {"public_url": self.url, **self._options}
        if self._tracing is None:
            return SyncServer(self._host, sock=self._socket, **options)
        server = SyncServer(self._host, sock=self._socket, carrier=self._tracing.carrier, **options)
        self._tracing.stand_before(server.app)
        return server

    def start(self) -> None:
        if self._server is not None:
            self._server.start()
        else:
            self._socket.listen(WAITING)
            self._thread.start()

    def _wait(self) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._socket, selectors.EVENT_READ)
            waiting.register(self._ringing, selectors.EVENT_READ)
            if any(key.fileobj is self._ringing for key, _ in waiting.select()):
                return
        try:
            self._server = self._made().start()
        except Exception:
            log.exception("the sync did not start")
            self._socket.close()  # nobody shall wait for it

    def stop(self) -> None:
        self._bell.close()
        if self._thread.ident is not None:
            self._thread.join()
        if self._server is not None:
            self._server.stop()
        self._ringing.close()
        self._socket.close()
