"""What one step of a run works with: the two clients, the time, and the ledger to note things in."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from .book import Book, Connection, Run
from .connector import Connector
from .errors import GiveUp
from .ledger import Ledger
from .site import Site
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
    public_url: str = ""
    outcome: str | None = None  # not None: the run is over
    sent: int = 0  # rows that this step wrote to the backend
    hindered: bool = False  # the far end was in the way: it is tried again later

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

    def note(self, book: Book, **learned: Any) -> None:
        """Add to what is known about the connection that is no secret."""
        self.connection = replace(self.connection, learned={**self.connection.learned, **learned})
        book.set_connection(self.connection.id, learned=self.connection.learned)

    def keep(self, book: Book, **secrets: Any) -> None:
        """Add to its secrets; None takes one away."""
        kept = {name: value for name, value in {**self.secrets, **secrets}.items() if value is not None}
        self.connection = replace(self.connection, secrets=self.ledger.vault.sealed(kept))
        book.set_connection(self.connection.id, secrets=self.connection.secrets)
        for made in ("secrets", "store"):
            self.__dict__.pop(made, None)

    def become(self, book: Book, status: str, *, stage: str = "", reason: str = "") -> None:
        """Where the connection stands now. Nothing more is done by itself unless it is "active" or "pending"."""
        self.connection = replace(self.connection, status=status, stage=stage, reason=reason)
        book.set_connection(self.connection.id, status=status, stage=stage, reason=reason)

    def hook(self, name: str) -> str:
        """The address of one of the connector's own routes."""
        hook = next(h for h in self.connector.hooks if h.name == name)
        token = f"?token={self.secrets['token']}" if hook.guard == "token" else ""
        return f"{self.public_url}/hooks/{self.connection.id}/{hook.path}{token}"

    @cached_property
    def secrets(self) -> dict[str, Any]:
        if self.connection.secrets is None:
            raise GiveUp("there are no credentials any more: connect again")
        return self.ledger.vault.unsealed(self.connection.secrets)

    @cached_property
    def store(self) -> Store:
        keys, learned = self.secrets.get("key") or self.secrets["store"], self.connection.learned
        return Store(
            self.connection.store_url,
            keys["consumer_key"],
            keys["consumer_secret"],
            self.http,
            mode=learned.get("store_mode"),
            skew=learned.get("store_skew", 0.0),
            bypass=learned.get("store_bypass", False),
            now=lambda: self.now,
        )

    @cached_property
    def site(self) -> Site:
        """The inside of the store, in the name of whoever clicked."""
        admin = self.secrets["store"]["admin"]
        return Site(self.connection.store_url, admin["username"], admin["password"], self.http)

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
        if self.store.bypass:
            now["store_bypass"] = True
        return now if now != before else None
