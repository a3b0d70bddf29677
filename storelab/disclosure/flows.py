"""What of the exchanges in a journal is data that leaves the store, and where it goes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from storelab.scenarios import wire
from storelab.scenarios.story import STORE
from storelab.scenarios.wire import Exchange

ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Flow:
    """Something that left the store. `kind` is one of the table's, or `elsewhere` for an address that is neither the
    backend's nor the connector's own; `said` are names and values; `number` is the exchange's in the journal."""

    kind: str
    call: str
    phase: str
    number: int
    address: str
    said: tuple[tuple[str, str], ...]
    path: str = ""


@dataclass(frozen=True)
class Sandbox:
    """Where things are: the address of the sandbox and those of the connector itself (`host:port`)."""

    host: str
    backend: str
    own: frozenset[str]

    def service(self, url: str) -> str:
        """Which service of the sandbox an address belongs to; empty for one that is not in it."""
        parts = urlsplit(url)
        found = re.match(r"(?:/~[^/]+)?/([a-z]+)(?=/|$)", parts.path)
        return found[1] if found and parts.netloc == self.host else ""

    def is_own(self, url: str) -> bool:
        return urlsplit(url).netloc in self.own


def flows(told: Iterable[tuple[str, Exchange]], where: Sandbox) -> Iterator[Flow]:
    """`told`: exchanges with the phase in which each happened, in their order.

    What only looks like one (an arrival of a webhook that the store sent, a call that the backend made) is told once.
    """
    crossed = list(told)
    sent = {_arrival(e) for _, e in crossed if e["direction"] == "out" and e["service"] == STORE and _is_webhook(e)}
    worked = {_use(e) for _, e in crossed if e["direction"] == "out" and e["service"] == where.backend}
    for phase, e in crossed:
        if (kind := _kind(e, where, sent, worked)) and (said := _said(kind, e)) is not None:
            address = e["url"].split("?")[0]
            yield Flow(kind, _call(kind, e), phase, int(e["number"]), address, said, urlsplit(e["url"]).path)


def _arrival(e: Exchange) -> tuple[str, str]:
    """What a delivery has in common on both sides: its address, and its number or what it tries."""
    return e["url"].split("?")[0], _header(e, "x-wc-webhook-delivery-id") or e["request"]["body"]


def _use(e: Exchange) -> tuple[str, str, str]:
    """What a use of the store's key has in common on both sides: the nonce where there is one, since each side covers
    other values when it is looked at."""
    parts = urlsplit(e["url"])
    nonce = dict(parse_qsl(parts.query)).get("oauth_nonce")
    return e["method"], parts.path, nonce or parts.query


def _kind(e: Exchange, where: Sandbox, sent: set[tuple[str, str]], worked: set[tuple[str, str, str]]) -> str:
    """How data leaves by this exchange; empty when none does."""
    if e["direction"] == "in":
        if e["service"] == STORE:
            return "access" if _use(e) in worked and wire.accepted(e) else ""  # what was refused has not left
        if e["service"] == where.backend:
            return "" if _arrival(e) in sent else "request"
        return ELSEWHERE
    if e["service"] == STORE:
        if where.is_own(e["url"]):
            return ""
        if where.service(e["url"]) != where.backend:
            return ELSEWHERE
        return "webhook" if _is_webhook(e) else ""  # a picture that it fetches is told where it is asked for
    if e["service"] == where.backend:
        return "answer" if where.is_own(e["url"]) else ""
    return ""


def _is_webhook(e: Exchange) -> bool:
    return e["operation"] == "webhook" or _is_ping(e["request"])


def _said(kind: str, e: Exchange) -> tuple[tuple[str, str], ...] | None:
    """What the store's side says in it: in the request, or in the answer where the backend has asked. None when it
    says nothing at all, as an answer that never came."""
    if kind in ("access", "answer"):
        answered = tuple(wire.body_told((e.get("response") or {}).get("body", "")))
        return answered if answered or kind == "access" else None
    return tuple(wire.told(e))


def _call(kind: str, e: Exchange) -> str:
    if kind == "webhook" or (kind == ELSEWHERE and e["direction"] == "out"):
        return _header(e, "x-wc-webhook-topic") or ("ping" if _is_ping(e["request"]) else e["method"])
    if kind == "answer":
        return e["operation"] or "page"
    return e["operation"] or f"{e['method']} {urlsplit(e['url']).path}"


def _is_ping(request: Mapping[str, str]) -> bool:
    return bool(re.fullmatch(r"webhook_id=\d+", request["body"].strip()))


def _header(e: Exchange, name: str) -> str:
    return next((value for known, value in e["request"]["headers"] if known.lower() == name), "")
