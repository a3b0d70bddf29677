"""What one step of a run works with: the two clients, the time, and the ledger to note things in."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from .book import Book, Connection, Run
from .connector import Connector
from .errors import GiveUp
from .ledger import Ledger
from .transport import Http
from .woocommerce import Store


@dataclass
class Desk:
    """`seq` grows with every step of a connection: what was noted under a greater number is newer."""

    ledger: Ledger
    http: Http
    connector: Connector
    connection: Connection
    run: Run
    now: datetime
    seq: int
    outcome: str | None = None  # not None: the run is over
    sent: int = 0  # rows that this step wrote to the backend

    @property
    def cursor(self) -> dict[str, Any]:
        return self.run.cursor

    @property
    def settings(self) -> dict[str, Any]:
        return self.connection.settings

    def begin(self) -> AbstractContextManager[Book]:
        return self.ledger.begin()

    def go(self, book: Book, phase: str, **cursor: Any) -> None:
        """The run goes on with this phase; noted together with what the step has done."""
        book.set_run(self.run.id, phase=phase, cursor=cursor, tries=0, next_at=None, outcome="")

    def done(self, book: Book, outcome: str) -> None:
        """The run is over. An empty outcome: there was nothing to do."""
        self.outcome = outcome
        book.finish(self.run, self.now, outcome)

    @cached_property
    def secrets(self) -> dict[str, Any]:
        if self.connection.secrets is None:
            raise GiveUp("there are no credentials any more: connect again")
        return self.ledger.vault.unsealed(self.connection.secrets)

    @cached_property
    def store(self) -> Store:
        keys, learned = self.secrets["store"], self.connection.learned
        return Store(
            self.connection.store_url,
            keys["consumer_key"],
            keys["consumer_secret"],
            self.http,
            mode=learned.get("store_mode"),
            skew=learned.get("store_skew", 0.0),
            now=lambda: self.now,
        )

    @cached_property
    def backend(self) -> Any:
        credentials = self.secrets["credentials"]
        settings = {**self.settings, "learned": self.connection.learned}
        return self.connector.client(self.connection.backend_url, credentials, settings, self.http)

    def learned(self) -> dict[str, Any] | None:
        """What is new about how the store wants to be asked, if anything is."""
        if "store" not in self.__dict__:
            return None
        before = self.connection.learned
        now = {**before, "store_mode": self.store.mode, "store_skew": self.store.skew}
        return now if now != before else None
