"""A broker on a port of its own, in a thread."""

from __future__ import annotations

import secrets
import threading
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from storelab.emulators.kernel.control import LOOPBACK
from storelab.server import listening

from .app import MOST, made
from .ledger import Happening, Ledger
from .records import Records

SLOW = 30  # seconds without a byte, and a client is let go
AT_ONCE = 100  # connections


class Broker:
    """Port 0: any free one. Beyond loopback there is always a token; one is made when none is given."""

    def __init__(
        self, file: Path, *, host: str = "127.0.0.1", port: int = 9292, token: str = "", public_url: str = ""
    ) -> None:
        from waitress import create_server  # type: ignore[import-untyped]

        socket = listening(host, port)
        self.token = token or ("" if host in LOOPBACK else secrets.token_urlsafe(24))
        ledger = Ledger(file)
        ledger.decide(_first)
        self._server: Any = create_server(
            made(ledger, token=self.token, public_url=public_url),
            sockets=[socket],
            threads=4,
            ident="storelab-broker",
            channel_timeout=SLOW,
            connection_limit=AT_ONCE,
            max_request_body_size=MOST,
        )
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
        shown = f"[{shown}]" if ":" in shown else shown
        self.url = public_url.rstrip("/") or f"http://{shown}:{socket.getsockname()[1]}"
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="broker", daemon=True)

    def _loop(self) -> None:
        """As waitress's own, but it ends when asked to, also with clients connected."""
        from waitress import wasyncore

        while not self._stopping.is_set():
            wasyncore.loop(timeout=1, map=self._server._map, use_poll=True, count=1)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._server._map)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        with suppress(OSError):
            self._server.pull_trigger()
        self._thread.join(5)

    def __enter__(self) -> Broker:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def join(self) -> None:
        while self._thread.is_alive():
            self._thread.join(0.5)


def _first(records: Records) -> list[Happening]:
    """A new broker knows the environments that the Pact Broker begins with."""
    if records.order:
        return []
    return [
        ("environment", {"uuid": str(uuid.uuid4()), "name": "test"}),
        ("environment", {"uuid": str(uuid.uuid4()), "name": "production", "production": True}),
    ]
