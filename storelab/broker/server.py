"""A broker on a port of its own, in a thread."""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path

from storelab.emulators.kernel.control import LOOPBACK
from storelab.server import listening, origin
from storelab.sync.patience import HttpServer

from .app import MOST, made
from .ledger import Happening, Ledger
from .records import Records


class Broker:
    """Port 0: any free one. Beyond loopback there is always a token; one is made when none is given."""

    def __init__(
        self, file: Path, *, host: str = "127.0.0.1", port: int = 9292, token: str = "", public_url: str = ""
    ) -> None:
        socket = listening(host, port)
        self.token = token or ("" if host in LOOPBACK else secrets.token_urlsafe(24))
        ledger = Ledger(file)
        ledger.decide(_first)
        self._http = HttpServer(
            made(ledger, token=self.token, public_url=public_url),
            sockets=[socket],
            threads=4,
            ident="storelab-broker",
            max_request_body_size=MOST,
        )
        self.url = public_url.rstrip("/") or origin(host, socket.getsockname()[1])

    def start(self) -> None:
        self._http.start()

    def stop(self) -> None:
        self._http.stop()

    def __enter__(self) -> Broker:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def join(self) -> None:
        self._http.join()


def _first(records: Records) -> list[Happening]:
    """A new broker knows the environments that the Pact Broker begins with."""
    if records.order:
        return []
    return [
        ("environment", {"uuid": str(uuid.uuid4()), "name": "test"}),
        ("environment", {"uuid": str(uuid.uuid4()), "name": "production", "production": True}),
    ]
