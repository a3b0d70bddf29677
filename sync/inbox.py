"""What came to a connector's routes and waits to be looked at, and the guard of webhooks that WooCommerce signs.

An entry is a hint: which thing changed, not how. Told twice before it was looked at, it is there once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from .model import Heard
from .tables import connections, inbox

C = inbox.c
_HAS = (
    sa.select(C.id).where(C.connection == sa.bindparam("of"), C.state == "new", C.kind == sa.bindparam("what")).limit(1)
)
OTHER_STORE = "quarantined"


@dataclass(frozen=True)
class Notice:
    """Something is to be looked at: which `kind` of thing, and which one. `topic` is what was said of it."""

    kind: str
    key: str
    topic: str = ""
    state: str = "new"


@dataclass(frozen=True)
class News:
    """What a delivery tells: of the backend's stock, of things in the store; and why it cannot be used, by topic."""

    heard: tuple[Heard, ...] = ()
    notices: tuple[Notice, ...] = ()
    unusable: Mapping[str, str] = field(default_factory=dict)


def together(news: Iterable[News]) -> News:
    """All of it, in its order; what was told of one thing twice is there once, where it was told last."""
    heard: dict[Heard, None] = {}
    notices: dict[tuple[str, str, str], Notice] = {}
    unusable: dict[str, str] = {}
    for one in news:
        for row in one.heard:
            heard.pop(row, None)
            heard[row] = None
        for notice in one.notices:
            which = (notice.kind, notice.key, notice.state)
            notices.pop(which, None)
            notices[which] = notice
        unusable |= one.unusable
    return News(tuple(heard), tuple(notices.values()), unusable)


@dataclass(frozen=True)
class Entry:
    """`topic` is what was said of it last."""

    id: int
    key: str
    topic: str
    at: datetime


class Inbox:
    """`kind` is what an entry is about (order, product, customer), `key` its number."""

    def __init__(self, sql: sa.Connection) -> None:
        self.sql = sql

    def add(self, connection: str, kind: str, key: str, now: datetime, *, topic: str = "", state: str = "new") -> None:
        where = (C.connection == connection, C.state == state, C.kind == kind, C.key == key)
        self.sql.execute(sa.delete(inbox).where(*where))
        row = {"connection": connection, "kind": kind, "key": key, "state": state, "topic": topic, "at": now}
        self.sql.execute(sa.insert(inbox), row)
        if state == "new":
            self.sql.execute(sa.update(connections).where(connections.c.id == connection).values(next_at=now))

    def waiting(self, connection: str, kind: str, limit: int = 100) -> list[Entry]:
        """Oldest first."""
        where = (C.connection == connection, C.state == "new", C.kind == kind)
        found = self.sql.execute(sa.select(C.id, C.key, C.topic, C.at).where(*where).order_by(C.id).limit(limit))
        return [Entry(*row) for row in found]

    def done(self, entries: Iterable[Entry]) -> None:
        """These were looked at; what was told of the same things since stays."""
        for entry in entries:
            self.sql.execute(sa.delete(inbox).where(C.id == entry.id))

    def has(self, connection: str, kind: str) -> bool:
        return self.sql.execute(_HAS, {"of": connection, "what": kind}).first() is not None

    def count(self, connection: str, state: str) -> int:
        where = (C.connection == connection, C.state == state)
        return int(self.sql.execute(sa.select(sa.func.count()).select_from(inbox).where(*where)).scalar_one())

    def forget(self, connection: str) -> None:
        self.sql.execute(sa.delete(inbox).where(C.connection == connection))


@dataclass(frozen=True)
class Told:
    """A delivery of WooCommerce's: "order.updated" tells of the `kind` order with the number `id`."""

    topic: str
    kind: str
    id: int
    body: Mapping[str, Any]


class NotSigned(Exception):
    """The signature is missing or does not fit."""


class Malformed(Exception):
    """Signed, but not what a webhook of this topic carries: the message says what came instead."""


def is_ping(headers: Mapping[str, str], body: bytes) -> bool:
    """What WooCommerce sends when a webhook is made over REST: unsigned, and it tells nothing."""
    form = headers.get("content-type", "").split(";")[0] == "application/x-www-form-urlencoded"
    return form and list(parse_qs(body.decode("latin-1"))) == ["webhook_id"]


def signature_of(secret: str, body: bytes) -> str:
    """As WooCommerce signs: over the bytes that are sent, with the secret as WordPress decodes it."""
    return base64.b64encode(hmac.digest(html.unescape(secret).encode(), body, hashlib.sha256)).decode()


def check_signature(secrets: Sequence[str], headers: Mapping[str, str], body: bytes) -> None:
    """`NotSigned` unless it was signed with one of these. An empty secret signs nothing."""
    given = headers.get("x-wc-webhook-signature", "").encode()
    fits = [hmac.compare_digest(given, signature_of(secret, body).encode()) for secret in secrets if secret]
    if not given or not any(fits):
        raise NotSigned


def same_store(source: str, store_url: str) -> bool:
    """Whether a delivery comes from the store that is connected, and not from a copy of it."""
    return _place(source) == _place(store_url)


def _place(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return "", url
    return parts.netloc.lower(), parts.path.rstrip("/")


def told(headers: Mapping[str, str], body: bytes) -> Told:
    """`Malformed` when the body is an error, or of no thing."""
    topic = headers.get("x-wc-webhook-topic", "")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(found, dict):
        raise Malformed("the body is not an object")
    number = found.get("id")
    if not isinstance(number, int) or isinstance(number, bool):
        code = found.get("code")
        what = f"the store sent an error instead: {code}" if isinstance(code, str) else "the body has no id"
        raise Malformed(what[:200])
    return Told(topic, topic.split(".")[0], number, found)
