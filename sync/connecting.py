"""Connect, disconnect, and what a connection looks like from outside."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from . import handoff
from .book import Book, Connection, Run
from .clock import shown
from .connector import KEYS, BadSettings, Connector, connectors
from .engine import Engine
from .errors import GiveUp, SyncError
from .inbox import OTHER_STORE
from .joining import Earlier, Joined, Joining, Refused
from .transport import Http

PATIENCE = 35.0  # seconds that a person's command waits for a step that is under way
NOT_JOINED = ("connecting", "disconnected")


@dataclass(frozen=True)
class Asked:
    """What the merchant entered, cleaned."""

    connector: Connector
    store: dict[str, Any] = field(repr=False)
    credentials: dict[str, str] = field(repr=False)
    settings: dict[str, Any]
    handed_off: bool = False  # the store is to make a key and to send it, in WooCommerce's own way

    @property
    def store_url(self) -> str:
        return str(self.store["url"])

    @property
    def account(self) -> str:
        """Names the credentials without giving them away."""
        return hashlib.sha256(json.dumps(self.credentials, sort_keys=True).encode()).hexdigest()[:16]


def asked(body: Mapping[str, Any]) -> Asked:
    found = connectors().get(body["backend"])
    if found is None:
        raise Refused(
            "unknown_backend", f"there is no {body['backend']}; there are {', '.join(connectors())}", status=400
        )
    entered = {**found.defaults, **body["credentials"]}
    credentials = {name: str(entered.get(name, "")).strip() for name in found.credentials}
    if missing := [name for name, value in credentials.items() if not value]:
        raise Refused(
            "missing_credentials",
            f"credentials.{missing[0]} is missing: the backend gives it out, and the merchant enters it",
            status=400,
        )
    try:
        settings = found.chosen(body.get("settings") or {})
    except BadSettings as bad:
        raise Refused("bad_settings", str(bad), status=400) from None
    store: dict[str, Any] = {"url": address("store.url", body["store"]["url"].strip())}
    handed_off = body["store"].get("handoff", False) and tuple(found.needs) == KEYS
    for name in () if handed_off else found.needs:
        if not (value := body["store"].get(name)):
            raise Refused("missing_credentials", f"store.{name} is missing", status=400)
        store[name] = value.strip() if isinstance(value, str) else value
    if "url" in credentials:
        credentials["url"] = address("credentials.url", credentials["url"])
    return Asked(found, store, credentials, settings, handed_off)


def address(name: str, url: str) -> str:
    """Without a slash at its end; `Refused` unless it is plainly an address."""
    try:
        parts = urlsplit(url)
        plain = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        plain = False
    if not plain or parts.query or parts.fragment or parts.username:
        raise Refused(
            "bad_address", f"{name} must look like https://shop.example, without query or password", status=400
        )
    return url.rstrip("/")


def connect(
    engine: Engine, wanted: Asked, now: datetime, driven: Callable[[str], None] = lambda id_: None
) -> tuple[str, bool, bool, Joined]:
    """Join the two sides as the connector does, then keep what came of it. Returns id, whether it is new, and whether
    the backend still has to be told the address of our webhook. Entered again, it renews credentials and settings.
    `driven` is told the id before anything is kept."""
    with engine.ledger.begin() as book:
        old = book.connection_of(wanted.connector.name, wanted.store_url)
        id_ = old.id if old else f"con_{secrets.token_hex(8)}"
        if old is None:
            book.add_connection(
                id=id_,
                backend=wanted.connector.name,
                store_url=wanted.store_url,
                backend_url=wanted.credentials.get("url", ""),
                status="connecting",
                reason="",
                settings=wanted.settings,
                learned={},
                secrets=engine.ledger.vault.sealed({"token": secrets.token_urlsafe(32)}),
                created_at=now,
            )
    driven(id_)
    try:
        with engine.ledger.lease(id_, patience=PATIENCE):
            tell, joined = _joined(engine, wanted, id_, now)
    except BaseException:
        with engine.ledger.begin() as book:
            book.drop_unless_joined(id_)
        raise
    return id_, old is None or old.status in NOT_JOINED, tell, joined


def _joined(engine: Engine, wanted: Asked, id_: str, now: datetime) -> tuple[bool, Joined]:
    """Under the lease of the connection. Whether its address is new to the backend, and where it stands."""
    with engine.ledger.begin() as book:
        old = book.connection(id_)
    assert old is not None
    fresh = old.status in NOT_JOINED
    other_place = old.backend_url != wanted.credentials.get("url", "")
    token = ""
    if old.secrets is not None and not other_place:
        with suppress(GiveUp):  # sealed with a key that is lost: then a new address, told anew
            token = engine.ledger.vault.unsealed(old.secrets)["token"]
    http = engine.http()
    joining = Joining(
        ledger=engine.ledger,
        http=http,
        connector=wanted.connector,
        id=id_,
        now=now,
        public_url=engine.public_url,
        store_entered=wanted.store,
        credentials=wanted.credentials,
        settings=dict(wanted.settings),
        account=wanted.account,
        status="" if fresh else old.status,
        stage=old.stage,
        learned={"account": wanted.account},
        secrets={"token": token or secrets.token_urlsafe(32)},
        leftover=dict(old.learned.get("begun", {})),
    )
    if token and not fresh:
        joining.earlier = Earlier(old.learned, engine.ledger.vault.unsealed(str(old.secrets)))
    with engine.ledger.begin() as book:  # its routes may be called while it joins, with the address of this click
        if not token:
            book.set_connection(id_, secrets=engine.ledger.vault.sealed(joining.secrets))
    try:
        joined = handoff.begin(joining) if wanted.handed_off else wanted.connector.join(joining)
    finally:
        http.close()
    other_numbers = any(old.settings.get(k) != wanted.settings.get(k) for k in wanted.connector.meaning)
    with engine.ledger.begin() as book:
        if other_place or other_numbers:
            book.forget(id_)  # what was known of another account must not be mixed into this one
        book.set_connection(id_, backend_url=wanted.credentials.get("url", ""), settings=joining.settings)
        if other_place or other_numbers or fresh:
            book.set_connection(id_, looked_at=None)
        _keep(book, joining, joined, store=wanted.store, credentials=wanted.credentials)
    return fresh or not token, joined


def _keep(book: Book, joining: Joining, joined: Joined, **entered: Mapping[str, Any]) -> None:
    """What came of a click."""
    look = joining.now if joined.look and joined.status == "active" else None
    book.set_connection(
        joining.id,
        status=joined.status,
        stage=joined.stage,
        reason=joined.reason,
        learned=joining.learned,
        secrets=book.vault.sealed({**joining.secrets, **entered}),
        look_at=look,
        next_at=joining.now,
    )
    for kind, at in joining.due.items():
        book.timetable.set(joining.id, kind, at)


def confirm(engine: Engine, id_: str, now: datetime) -> Joined:
    """The merchant confirms what the click on connect began."""
    with engine.ledger.lease(id_, patience=PATIENCE):
        connection, connector = _known(engine, id_)
        if connector.confirm is None or connection.status != "pending":
            raise Refused("nothing_to_confirm", f"the connection is {connection.status}: nothing waits", status=409)
        http = engine.http()
        joining = rejoining(engine, connection, http, now)
        try:
            joined = connector.confirm(joining)
        finally:
            http.close()
        with engine.ledger.begin() as book:
            _keep(book, joining, joined)
    return joined


def _known(engine: Engine, id_: str) -> tuple[Connection, Connector]:
    with engine.ledger.begin() as book:
        connection = book.connection(id_)
    assert connection is not None
    return connection, connectors()[connection.backend]


def rejoining(engine: Engine, connection: Connection, http: Http, now: datetime) -> Joining:
    """A later click on what is already there; `GiveUp` where its secrets cannot be read."""
    kept = engine.ledger.vault.unsealed(str(connection.secrets))
    learned = {name: value for name, value in connection.learned.items() if name != "begun"}
    return Joining(
        ledger=engine.ledger,
        http=http,
        connector=connectors()[connection.backend],
        id=connection.id,
        now=now,
        public_url=engine.public_url,
        store_entered=kept.get("store", {"url": connection.store_url}),
        credentials=kept.get("credentials", {}),
        settings=dict(connection.settings),
        account=str(learned.get("account", "")),
        status=connection.status,
        stage=connection.stage,
        learned=learned,
        secrets=kept,
        leftover=dict(connection.learned.get("begun", {})),
    )


def disconnect(engine: Engine, id_: str, now: datetime) -> str:
    """Secrets, hints, runs and what was known of the account go; which SKU is which product stays, and what is still to
    be taken back, for the next click. Twice is once. What could not be taken back, for people: it ends in any case."""
    with engine.ledger.lease(id_, patience=PATIENCE):
        connection, connector = _known(engine, id_)
        left = ""
        if connector.leave is not None and connection.secrets is not None:
            left = _left(engine, connection, connector.leave, now)
        with engine.ledger.begin() as book:
            now_known = book.connection(id_)
            assert now_known is not None
            book.forget(id_)
            book.set_connection(
                id_,
                status="disconnected",
                stage="",
                reason=left,
                secrets=None,
                looked_at=None,
                look_at=None,
                next_at=None,
                learned={name: what for name, what in now_known.learned.items() if name == "begun" and what},
            )
    return left


def _left(engine: Engine, connection: Connection, leave: Callable[[Joining], str], now: datetime) -> str:
    http = engine.http()
    try:
        joining = rejoining(engine, connection, http, now)
        return leave(joining) if joining.credentials else ""  # none: no click ever came to an end
    except SyncError as failed:
        return str(failed)
    finally:
        http.close()


def hooks_of(engine: Engine, connection: Connection) -> dict[str, str]:
    """The plugin's own addresses, by name; nothing after disconnect."""
    if connection.secrets is None:
        return {}
    token = engine.ledger.vault.unsealed(connection.secrets)["token"]
    root = f"{engine.public_url}/hooks/{connection.id}"
    return {
        h.name: f"{root}/{h.path}" + (f"?token={token}" if h.guard == "token" else "")
        for h in connectors()[connection.backend].hooks
    }


def outline(connection: Connection) -> dict[str, Any]:
    return {
        "id": connection.id,
        "backend": connection.backend,
        "store": {"url": connection.store_url},
        "status": connection.status,
        "stage": connection.stage,
        "reason": connection.reason,
        "created_at": shown(connection.created_at),
    }


def described(book: Book, connection: Connection) -> dict[str, Any]:
    """The status page: what is pending, synced, failed, and why."""
    counts = book.count(connection.id)
    return {
        **outline(connection),
        "settings": connection.settings,
        "looked_at": shown(connection.looked_at),
        "look_at": shown(connection.look_at),
        "pending": {
            "hints": counts["heard"],
            "inbox": book.inbox.count(connection.id, "new"),
            "runs": [_run(run, book.tasks.count(run.id)) for run in book.open_runs(connection.id)],
        },
        "synced": counts["synced"],
        "linked": counts["linked"],
        "failed": counts["failed"],
        "quarantined": book.inbox.count(connection.id, OTHER_STORE),
        "twins": book.twins.count(connection.id),
        "failures": [{**row, "at": shown(row["at"])} for row in book.skipped(connection.id)],
        "history": [_run(run, {}) for run in book.last_runs(connection.id) if run.finished_at],
    }


def _run(run: Run, tasks: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "kind": run.kind,
        "step": run.phase,
        "started_at": shown(run.started_at),
        "finished_at": shown(run.finished_at),
        "outcome": run.outcome,
    }
    if tasks:
        shape["writes"] = {f"{kind} {state}": number for (kind, state), number in tasks.items()}
    return shape
