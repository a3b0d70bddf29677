"""The reference sync, killed at any point of its work, and going on from its ledger: a story's `fault` may say when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from storelab.sync.service import Server

from .driver import Driver


class Killed(BaseException):
    """Not an Exception: nothing in the sync may catch it, as nothing catches kill -9."""


class Mortal:
    """One service on one port, as often as it takes. Use as a context manager.

    `die(n)`: it dies at the n-th point of its work from now on (before a call, after an answer, after a note), and
    then does nothing more, also not what it would clean up. `rise`: another one, on what stands in the ledger.
    """

    def __init__(self, folder: Path, ca: str | None = None) -> None:
        self._ledger, self._ca = f"sqlite:///{folder / 'ledger.sqlite'}", ca
        self._left, self.dead, self.where = 0, False, ""
        self._server = self._made(0)
        self.url, self._port = self._server.url, self._server.port

    def die(self, after: int) -> None:
        self._left = after

    def live_on(self) -> None:
        """It is not to die any more."""
        self._left = 0
        if self.dead:
            self.rise((), datetime.now(UTC))

    def rise(self, connections: Sequence[str], now: datetime) -> None:
        """Whoever drives these connections goes on telling them the time."""
        self._server.stop()
        self._left, self.dead = 0, False
        self._server = self._made(self._port).start()
        for connection in connections:
            self._server.service.clock.tell(connection, now)

    def _point(self, where: str) -> None:
        if self._left and not self.dead:
            self._left -= 1
            if self._left == 0:
                self.dead, self.where = True, where
        if self.dead:
            raise Killed(where)

    def _made(self, port: int) -> Server:
        server = Server(port=port, ledger_url=self._ledger, point=self._point, ca=self._ca)
        lives = server.app.wsgi_app

        def dies(environ: Any, start_response: Any) -> Any:
            try:
                return lives(environ, start_response)
            except Killed:
                start_response("503 Killed", [("Content-Length", "0")])
                return []

        server.app.wsgi_app = dies  # type: ignore[method-assign]
        return server

    def __enter__(self) -> Mortal:
        self._server.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.stop()


class MortalDriver(Driver):
    """Drives a sync that can be killed: this one, or one of its own with a ledger of its own."""

    mortal = True

    def __init__(self, sync: Mortal | None = None, *, ca: str | None = None) -> None:
        self._folder = TemporaryDirectory(prefix="storelab-") if sync is None else None
        self.sync = sync or Mortal(Path(self._folder.name if self._folder else ""), ca).__enter__()
        super().__init__(self.sync.url)

    def kill(self, after: int) -> None:
        self.sync.die(after)

    def spare(self) -> None:
        self.sync.live_on()

    def revive(self, connections: Sequence[str], now: datetime) -> bool:
        if died := self.sync.dead:
            self.sync.rise(connections, now)
        return died

    def close(self) -> None:
        super().close()
        if self._folder:
            self.sync.__exit__()
            self._folder.cleanup()
