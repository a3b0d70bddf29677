"""WooCommerce's own hand-off: the merchant approves in the store's own pages, and the store posts a key to us.

Connecting without keys begins it: the connection waits ("pending") until the key has come, and was good for one read.
Where it never comes, or was deleted again because the store did not see our answer, the merchant is asked anew; nothing
ever looks connected in between. Source: WooCommerce 10.5.0, /wc-auth/v1, recorded 2026-11-21.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from .book import Book, Connection
from .connector import KEYS, Connector, Hook, HookCall, Kind, Phase
from .desk import Desk
from .errors import GiveUp, Retry, Skip
from .joining import Joined, Joining, Refused, refused
from .woocommerce import Store

WAITING = "waiting for approval in the store"
CHECKING = "checking the store's key"
DENIED = "denied in the store"
TIMED_OUT = "the store's key never came"
REJECTED = "the store's key is not good"
STAGES = (WAITING, CHECKING, DENIED, TIMED_OUT, REJECTED)
PATIENCE = timedelta(minutes=15)  # until a key that has not come is not waited for any more
RUN = "handoff"


def offered(connector: Connector) -> Connector:
    """The connector with the hand-off, where it works with keys that a merchant would enter."""
    if tuple(connector.needs) != KEYS:
        return connector

    def due(book: Book, connection: Connection, going: set[str], now: datetime) -> list[str]:
        if connection.status != "pending" or connection.stage not in STAGES:
            return connector.due(book, connection, going, now)
        return [RUN] if RUN in book.timetable.due(connection.id, now) and RUN not in going else []

    return replace(
        connector,
        phases={**connector.phases, RUN: Phase("store", check)},
        kinds={**connector.kinds, RUN: Kind(RUN, 0)},
        hooks=(
            *connector.hooks,
            Hook("wc-auth keys", "POST", "wc-auth/keys", take=take_keys),
            Hook("wc-auth return", "GET", "wc-auth/return", take=come_back, guard="none"),
        ),
        due=due,
    )


def begin(joining: Joining) -> Joined:
    """Instead of the connector's own `join`, when no keys were entered. One question to the backend, none to the
    store."""
    if urlsplit(joining.public_url).scheme != "https":
        raise Refused(
            "handoff_needs_https",
            f"WooCommerce posts keys to https addresses only, and this sync is reached at {joining.public_url}. "
            "Give it an https address (the sandbox has one with --tls), or make a key in the store and enter it",
        )
    joining.turn()
    try:
        joining.connector.check(joining.backend)
    except (Retry, GiveUp, Skip) as failed:
        raise refused(failed, "backend") from None
    joining.schedule(RUN, joining.now + PATIENCE)
    return Joined("pending", WAITING, open=page(joining), look=False)


def page(joining: Joining) -> str:
    """Where the merchant approves."""
    asked = {
        "app_name": f"storelab {joining.connector.title}",
        "scope": "read_write",
        "user_id": joining.id,
        "return_url": joining.hook("wc-auth return"),
        "callback_url": joining.hook("wc-auth keys"),
    }
    return f"{joining.store_url}/wc-auth/v1/authorize?{urlencode(asked, quote_via=quote)}"


def take_keys(call: HookCall, book: Book) -> tuple[dict[str, Any], int]:
    """The store's post. The key is put aside and checked later: the store deletes it again unless it sees our 200."""
    try:
        sent = json.loads(call.body)
    except (ValueError, RecursionError):
        sent = None
    keys = {name: sent.get(name) for name in KEYS} if isinstance(sent, dict) else {}
    if not all(isinstance(value, str) and value for value in keys.values()) or not keys:
        return {"code": "no_keys", "message": "the body has no consumer_key and consumer_secret"}, 400
    if call.connection.status != "pending" or call.connection.stage not in STAGES:
        return {"code": "not_asked", "message": "nobody here waits for a key"}, 409
    if sent.get("key_permissions") != "read_write":
        return {"code": "wrong_scope", "message": "the key must be able to read and to write"}, 400
    book.keep(call.connection, offered_keys=keys)
    book.set_connection(call.connection.id, stage=CHECKING)
    book.timetable.set(call.connection.id, RUN, call.now)
    return {"taken": True}, 200


def come_back(call: HookCall, book: Book) -> tuple[str, int]:
    """The merchant's browser comes back. `success=1` proves nothing: only a key that works does."""
    denied = call.query.get("success") == "0" and call.connection.stage == WAITING
    if denied and call.connection.status == "pending":
        book.set_connection(call.connection.id, stage=DENIED, reason="the request was denied in the store")
    said = "The store was not connected." if denied else "Thank you. The connection is being checked."
    return f"<!doctype html><html lang=en><title>{said}</title><p>{said} You may close this page.</p></html>", 200


def check(desk: Desk) -> str:
    """One read and an empty write with the key that came; or the time is over."""
    keys = desk.secrets.get("offered_keys")
    if not keys:
        return _anew(desk, TIMED_OUT, "the merchant has not approved in time: connect again to ask anew")
    store = Store(desk.connection.store_url, keys["consumer_key"], keys["consumer_secret"], desk.http)
    store.now = lambda: desk.now
    try:
        store.check(write=bool(desk.settings.get("pull", True)))
    except (GiveUp, Skip) as bad:
        return _anew(desk, REJECTED, f"the key that the store sent does not open it: {bad}")
    with desk.begin() as book:
        desk.keep(book, store={**desk.secrets["store"], **keys}, offered_keys=None)
        desk.note(book, store_mode=store.mode, store_skew=store.skew)
        desk.become(book, "active")
        book.set_connection(desk.connection.id, look_at=desk.now)
        desk.done(book, "the store's key is good")
    return "the store's key is good"


def _anew(desk: Desk, stage: str, reason: str) -> str:
    with desk.begin() as book:
        desk.keep(book, offered_keys=None)
        desk.become(book, "pending", stage=stage, reason=reason)
        desk.done(book, reason)
    return reason
