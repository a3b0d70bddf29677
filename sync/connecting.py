"""Connect, disconnect, and what a connection looks like from outside."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from .book import Book, Connection, Run
from .clock import shown
from .connector import BadSettings, Connector, connectors
from .engine import Engine, account_key, permitted
from .errors import GiveUp, Retry, Skip
from .transport import Http
from .woocommerce import Store

PATIENCE = 35.0  # seconds that a person's command waits for a step that is under way


class Refused(Exception):
    """The connection cannot be made: `code` for machines, the message for people."""

    def __init__(self, code: str, message: str, *, status: int = 422, after: float | None = None) -> None:
        super().__init__(message)
        self.code, self.status, self.after = code, status, after


@dataclass(frozen=True)
class Asked:
    """What the merchant entered, cleaned."""

    connector: Connector
    store: dict[str, str]
    credentials: dict[str, str]
    settings: dict[str, Any]

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
    credentials = {name: str(body["credentials"].get(name, "")).strip() for name in found.credentials}
    if missing := [name for name, value in credentials.items() if not value]:
        raise Refused("missing_credentials", f"credentials.{missing[0]} is missing", status=400)
    try:
        settings = found.settings(body.get("settings") or {})
    except (BadSettings, TypeError) as bad:
        raise Refused("bad_settings", str(bad), status=400) from None
    store = {name: str(value).strip() for name, value in body["store"].items()}
    store["url"] = address("store.url", store["url"])
    if "url" in credentials:
        credentials["url"] = address("credentials.url", credentials["url"])
    return Asked(found, store, credentials, settings)


def address(name: str, url: str) -> str:
    """Without a slash at its end; `Refused` unless it is plainly an address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise Refused(
            "bad_address", f"{name} must look like https://shop.example, without query or password", status=400
        )
    return url.rstrip("/")


def connect(
    engine: Engine, wanted: Asked, now: datetime, driven: Callable[[str], None] = lambda id_: None
) -> tuple[str, bool, bool]:
    """Check both sides with one read each, then keep. Returns id, whether it is new, and whether the backend still
    has to be told the address of our webhook. Entered again, it renews credentials and settings. `driven` is told
    the id before anything is kept."""
    http = engine.http()
    try:
        learned = _checked(engine, wanted, http, now)
    finally:
        http.close()
    with engine.ledger.begin() as book:
        old = book.connection_of(wanted.connector.name, wanted.store["url"])
    if old is None:
        id_ = f"con_{secrets.token_hex(8)}"
        driven(id_)
        _kept(engine, wanted, learned, id_, now)
        return id_, True, True
    driven(old.id)
    with engine.ledger.lease(old.id, patience=PATIENCE):
        return _renewed(engine, wanted, learned, old.id, now)


def _checked(engine: Engine, wanted: Asked, http: Http, now: datetime) -> dict[str, Any]:
    url = wanted.credentials.get("url", "")
    key = account_key(url, wanted.account)
    with engine.ledger.begin() as book:
        last, until = book.pace(key)
        ready = permitted(last, until, wanted.connector.gap, now)
        if ready - now > timedelta(seconds=wanted.connector.gap):
            raise Refused(
                "try_later", "the backend has asked us to wait", status=503, after=(ready - now).total_seconds()
            )
        book.set_pace(key, last_at=max(ready, now))
    store = Store(
        wanted.store["url"], wanted.store["consumer_key"], wanted.store["consumer_secret"], http, now=lambda: now
    )
    side = "backend"
    try:
        wanted.connector.check(wanted.connector.client(url, wanted.credentials, wanted.settings, http))
        side = "store"
        store.check(write=bool(wanted.settings.get("pull", True)))
    except Retry as retry:
        raise Refused("try_later", str(retry), status=503, after=retry.after) from None
    except (GiveUp, Skip) as refused:
        raise Refused(f"{side}_refused", str(refused)) from None
    return {"store_mode": store.mode, "store_skew": store.skew, "account": wanted.account}


def _sealed(engine: Engine, wanted: Asked, token: str) -> str:
    keys = {name: wanted.store[name] for name in ("consumer_key", "consumer_secret")}
    return engine.ledger.vault.sealed({"store": keys, "credentials": wanted.credentials, "token": token})


def _kept(engine: Engine, wanted: Asked, learned: dict[str, Any], id_: str, now: datetime) -> None:
    with engine.ledger.begin() as book:
        book.add_connection(
            id=id_,
            backend=wanted.connector.name,
            store_url=wanted.store["url"],
            backend_url=wanted.credentials.get("url", ""),
            status="active",
            reason="",
            settings=wanted.settings,
            learned=learned,
            secrets=_sealed(engine, wanted, secrets.token_urlsafe(32)),
            created_at=now,
            look_at=now,
            next_at=now,
        )


def _renewed(engine: Engine, wanted: Asked, learned: dict[str, Any], id_: str, now: datetime) -> tuple[str, bool, bool]:
    with engine.ledger.begin() as book:
        old = book.connection(id_)
        assert old is not None
        other_place = old.backend_url != wanted.credentials.get("url", "")
        other_numbers = any(old.settings.get(k) != wanted.settings.get(k) for k in wanted.connector.meaning)
        if other_place or other_numbers:
            book.forget(id_)  # what was known of another account must not be mixed into this one
        token = ""
        if old.secrets is not None and not other_place:
            with suppress(GiveUp):  # sealed with a key that is lost: then a new address, told anew
                token = engine.ledger.vault.unsealed(old.secrets)["token"]
        book.set_connection(
            id_,
            backend_url=wanted.credentials.get("url", ""),
            status="active",
            reason="",
            settings=wanted.settings,
            learned=learned,
            secrets=_sealed(engine, wanted, token or secrets.token_urlsafe(32)),
            looked_at=None if other_place or other_numbers or old.secrets is None else old.looked_at,
            look_at=now,
            next_at=now,
        )
    return id_, old.secrets is None, not token


def disconnect(engine: Engine, id_: str) -> None:
    """Secrets, hints, runs and what was known of the account go; which SKU is which product stays. Twice is once."""
    with engine.ledger.lease(id_, patience=PATIENCE), engine.ledger.begin() as book:
        book.forget(id_)
        book.set_connection(
            id_, status="disconnected", reason="", secrets=None, looked_at=None, look_at=None, next_at=None, learned={}
        )


def hooks_of(engine: Engine, connection: Connection, public_url: str) -> dict[str, str]:
    """The plugin's own addresses, by name; nothing after disconnect."""
    if connection.secrets is None:
        return {}
    token = engine.ledger.vault.unsealed(connection.secrets)["token"]
    root = f"{public_url}/hooks/{connection.id}"
    return {h.name: f"{root}/{h.path}?token={token}" for h in connectors()[connection.backend].hooks}


def outline(connection: Connection) -> dict[str, Any]:
    return {
        "id": connection.id,
        "backend": connection.backend,
        "store": {"url": connection.store_url},
        "status": connection.status,
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
            "runs": [_run(run, book.count_tasks(run.id)) for run in book.open_runs(connection.id)],
        },
        "synced": counts["synced"],
        "linked": counts["linked"],
        "failed": counts["failed"],
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
