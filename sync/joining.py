"""A click on connect, on confirm or on disconnect: what the connector does in it, and what is kept of it."""

from __future__ import annotations

import secrets as chance
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from .connector import Connector
from .errors import GiveUp, Retry, Skip
from .ledger import Ledger
from .pace import account_key, permitted
from .site import Site
from .transport import Http
from .woocommerce import Store

LETTERS = string.ascii_letters + string.digits


class Refused(Exception):
    """The connection cannot be made: `code` for machines, the message for people."""

    def __init__(self, code: str, message: str, *, status: int = 422, after: float | None = None) -> None:
        super().__init__(message)
        self.code, self.status, self.after = code, status, after


@dataclass(frozen=True)
class Joined:
    """Where the connection stands after the click. `stage` is the vendor's own word for it; `open` is an address that
    the merchant has to open in a browser; `look`: both sides are to be read whole at once."""

    status: str = "active"  # or "pending": somebody else's turn
    stage: str = ""
    reason: str = ""
    open: str = ""
    look: bool = True


@dataclass(frozen=True)
class Earlier:
    """What an earlier click has left: the connection is joined already, and this click renews it."""

    learned: Mapping[str, Any]
    secrets: Mapping[str, Any] = field(repr=False)


@dataclass
class Joining:
    """`store` (url, and keys or admin), `credentials` and `settings` are what the merchant entered, `secrets` and
    `learned` what is kept of it: `keep` and `note` add to them, and they reach the ledger when the click has come to
    a good end.

    What must be found again should this process die in the middle goes to `begun`, which is in the ledger before it
    returns. `leftover` is what an earlier click had begun that never came to an end: take it back first.
    """

    ledger: Ledger
    http: Http
    connector: Connector
    id: str
    now: datetime
    public_url: str
    store_entered: Mapping[str, Any] = field(repr=False)
    credentials: Mapping[str, str] = field(repr=False)
    settings: dict[str, Any]
    account: str
    status: str = ""  # before the click; empty where there was no connection yet
    stage: str = ""
    learned: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, Any] = field(default_factory=dict, repr=False)
    leftover: dict[str, Any] = field(default_factory=dict, repr=False)
    earlier: Earlier | None = None
    due: dict[str, datetime | None] = field(default_factory=dict)

    @property
    def store_url(self) -> str:
        return str(self.store_entered["url"])

    def keep(self, **secrets: Any) -> None:
        self.secrets.update(secrets)
        self.__dict__.pop("store", None)

    def note(self, **learned: Any) -> None:
        self.learned.update(learned)

    def schedule(self, kind: str, at: datetime | None) -> None:
        """When a kind of run is due; None: not any more."""
        self.due[kind] = at

    def begun(self, **what: Any) -> None:
        """Note what this click is about to leave behind somewhere, so that it can be taken back after a crash."""
        self.leftover.update(what)
        with self.ledger.begin() as book:
            found = book.connection(self.id)
            assert found is not None
            book.set_connection(self.id, learned={**found.learned, "begun": self.leftover})

    def undone(self) -> None:
        """All that was begun has been taken back."""
        self.leftover.clear()
        self.begun()

    def hook(self, name: str) -> str:
        """The address of one of the connector's own routes."""
        hook = next(h for h in self.connector.hooks if h.name == name)
        token = f"?token={self.secrets['token']}" if hook.guard == "token" else ""
        return f"{self.public_url}/hooks/{self.id}/{hook.path}{token}"

    @cached_property
    def store(self) -> Store:
        """The store's REST API, by the keys that were entered or, once it was made, by the plugin's own (`keep(key=
        {"consumer_key": ..., "consumer_secret": ...})`)."""
        keys = self.secrets.get("key") or self.store_entered
        return Store(self.store_url, keys["consumer_key"], keys["consumer_secret"], self.http, now=lambda: self.now)

    @cached_property
    def site(self) -> Site:
        """The inside of the store, in the name of whoever clicked."""
        admin = self.store_entered["admin"]
        return Site(self.store_url, admin["username"], admin["password"], self.http)

    @cached_property
    def backend(self) -> Any:
        settings = {**self.settings, "learned": self.learned}
        return self.connector.client(self.credentials.get("url", ""), self.credentials, settings, self.http)

    def turn(self) -> None:
        """Take a turn at the backend: whoever clicked does not wait for it, what comes afterwards does. `Refused` when
        the backend has told us to wait."""
        key, gap = account_key(self.credentials.get("url", ""), self.account), timedelta(seconds=self.connector.gap)
        with self.ledger.begin() as book:
            last, until = book.pace(key)
            ready = permitted(last, until, self.connector.gap, self.now)
            if ready == until and ready - self.now > gap:
                wait = (ready - self.now).total_seconds()
                raise Refused("try_later", "the backend has asked us to wait", status=503, after=wait)
            book.set_pace(key, last_at=min(ready, self.now + gap))


def new_secret(length: int = 48) -> str:
    """Letters and digits only: WordPress decodes entities in the secrets of webhooks."""
    return "".join(chance.choice(LETTERS) for _ in range(length))


def both_checked(joining: Joining) -> Joined:
    """One read on each side, and a write that changes nothing where the store is to be written to."""
    joining.turn()
    side = "backend"
    try:
        joining.connector.check(joining.backend)
        side = "store"
        joining.store.check(write=bool(joining.settings.get("pull", True)))
    except (Retry, GiveUp, Skip) as failed:
        raise refused(failed, side) from None
    joining.note(store_mode=joining.store.mode, store_skew=joining.store.skew)
    return Joined()


def refused(failed: Retry | GiveUp | Skip, side: str) -> Refused:
    """What a failed call to "backend" or "store" means for the click."""
    if isinstance(failed, Retry):
        return Refused("try_later", str(failed), status=503, after=failed.after)
    return Refused(f"{side}_refused", str(failed))
