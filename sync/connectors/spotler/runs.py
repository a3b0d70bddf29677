"""What the plugin does by itself: it tells Connect of checkouts, and looks after the connection."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ... import watching
from ...connector import HookCall, hear_webhook
from ...desk import Desk
from ...errors import Skip
from ...inbox import News
from ...twins import Twin
from .clicks import TOPICS
from .client import said

DRAFT = "checkout-draft"
BY_ITSELF = 5  # deliveries in a row that failed: after one more, the store switches a webhook off by itself


# -- checkouts


def hear(call: HookCall) -> tuple[News, Any, int]:
    """A webhook of the plugin's own: only drafts are noted, of orders nothing is kept."""
    if call.headers.get("x-wc-webhook-topic") in TOPICS and _status_in(call.body) not in (None, DRAFT):
        return News(), {"noted": None}, 200
    return hear_webhook(call, "order")


def _status_in(body: bytes) -> str | None:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return told.get("status") if isinstance(told, dict) and isinstance(told.get("status"), str) else None


def checkout_from(row: Mapping[str, Any]) -> dict[str, Any]:
    """What Connect is told of a draft, and nothing else: no name, no address, no note."""
    changed = str(row.get("date_modified_gmt") or row.get("date_created_gmt") or "")
    created = str(row.get("date_created_gmt") or "")
    items = [
        {
            **({"sku": str(line["sku"])[:255]} if line.get("sku") else {}),
            "name": str(line.get("name") or "")[:500],
            "quantity": int(line.get("quantity") or 1),
            "price": str(line.get("price", ""))[:32],
        }
        for line in (row.get("line_items") or ())[:200]
    ]
    return {
        "id": str(row["id"]),
        "email": str((row.get("billing") or {}).get("email") or "")[:320],
        "currency": str(row.get("currency") or ""),
        "total": float(row.get("total") or 0),
        "items": items,
        "created_at": f"{created}Z",
        "updated_at": f"{changed}Z",
    }


def digest(checkout: Mapping[str, Any]) -> str:
    """Of all but the time: the same once more is nothing new."""
    kept = {name: value for name, value in checkout.items() if name != "updated_at"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def read(desk: Desk) -> str:
    """Read the draft that was told of first. What became an order is none: Connect hears of orders by itself."""
    with desk.begin() as book:
        entries = book.inbox.waiting(desk.connection.id, "order", limit=1)
        if not entries:
            desk.done(book, "")
            return "no checkout waits"
    entry = entries[0]
    try:
        row = desk.store.one(f"/orders/{entry.key}")
    except Skip as gone:
        if gone.status != 404:
            raise
        row = {"id": entry.key, "status": "gone"}
    with desk.begin() as book:
        book.inbox.done(entries)
        if row["status"] != DRAFT:
            book.twins.drop(desk.connection.id, "checkout", [entry.key])
            desk.go(book, "read")
            return f"{entry.key} is no checkout (any more)"
        checkout = checkout_from(row)
        twin = book.twins.get(desk.connection.id, "checkout", entry.key)
        if twin is not None and twin.data.get("digest") == digest(checkout):
            desk.go(book, "read")
            return f"checkout {entry.key} is as Connect knows it"
        desk.go(book, "tell", checkout=checkout)
    return f"checkout {entry.key} has something new"


def tell(desk: Desk) -> str:
    checkout = desk.cursor["checkout"]
    key, number = checkout["id"], int(desk.connection.learned["connector"])
    reason = ""
    try:
        desk.backend.checkout(number, checkout)
    except Skip as wrong:
        reason = said(wrong)
    with desk.begin() as book:
        if reason:
            book.skip(desk.connection.id, [("out", f"checkout {key}", reason)], desk.now)
        else:
            book.unskip(desk.connection.id, [f"checkout {key}"])
            twin = Twin("checkout", key, key, "told", {"digest": digest(checkout)})
            book.twins.put(desk.connection.id, [twin], desk.now)
            desk.sent = 1
        desk.go(book, "read")
    return f"checkout {key}: {reason or 'told'}"


# -- health


def ask(desk: Desk) -> str:
    """How Connect sees the connection."""
    number = int(desk.connection.learned["connector"])
    known = desk.backend.read(number)
    with desk.begin() as book:
        if known.state == "removed":
            book.inbox.forget(desk.connection.id)
            desk.become(book, "reconnect_required", stage="removed", reason="the connector was removed in Connect")
            desk.done(book, "removed in Connect")
            return "removed in Connect"
        if known.state == "error":
            desk.become(book, "reconnect_required", stage="error", reason=known.problem)
            desk.done(book, known.problem)
            return f"Connect has trouble: {known.problem}"
        desk.become(book, "active", stage=known.state)
        desk.go(book, "alerts")
    return f"{known.state}, {known.open_alerts} alerts"


def alerts(desk: Desk) -> str:
    """What Connect could not synchronise stands on the status page, until it could."""
    rows = desk.backend.alerts(int(desk.connection.learned["connector"]))
    ways = {"import": "out", "export": "in"}  # seen from the store
    with desk.begin() as book:
        kept = [one for one in book.skipped(desk.connection.id) if str(one["sku"]).startswith("checkout ")]
        book.unskip(desk.connection.id)
        book.skip(desk.connection.id, [(one["direction"], one["sku"], one["reason"]) for one in kept], desk.now)
        failures = [(ways[row["direction"]], f"{row['object']} {row['ref']}", str(row["message"])) for row in rows]
        book.skip(desk.connection.id, failures, desk.now)  # type: ignore[arg-type]
        desk.go(book, "look")
    return f"{len(rows)} alerts"


def look(desk: Desk) -> str:
    """The webhooks in the store, Connect's and the plugin's. One that the store switched off by itself is mended; one
    that a person switched off is not: whoever did it may press repair."""
    rows = desk.site.webhooks()
    home = f"{desk.connection.backend_url}/connectors/{desk.connection.learned['connector']}/webhooks/"
    theirs = [row for row in rows if str(row.get("delivery_url", "")).startswith(home)]
    own = watching.ailing(desk.connection.learned.get("hooks", {}), desk.hook("checkout"), rows)
    off = [row for row in theirs if row["status"] != "active"]
    fell = [row["topic"] for row in off if int(row.get("failures") or 0) > BY_ITSELF]
    by_hand = [row["topic"] for row in off if row["topic"] not in fell]
    reasons = [watching.said(own)] if own else []
    reasons += [f"Connect's webhook for {topic} was switched off by hand: press repair" for topic in by_hand]
    with desk.begin() as book:
        desk.become(book, "active", stage=desk.connection.stage, reason="; ".join(reasons))
        if fell or own:
            desk.go(book, "mend" if fell else "mend own")
        else:
            desk.done(book, "; ".join(reasons))
    return f"{len(theirs)} webhooks of Connect, {len(off)} of them off, {len(own)} of our own ail"


def mend(desk: Desk) -> str:
    """Connect puts its webhooks in order, and looks for what it has missed."""
    try:
        now = desk.backend.repair(int(desk.connection.learned["connector"]))
    except Skip as wrong:
        with desk.begin() as book:
            desk.become(book, desk.connection.status, stage=desk.connection.stage, reason=said(wrong))
            desk.done(book, f"not repaired: {said(wrong)}")
        return f"not repaired: {said(wrong)}"
    with desk.begin() as book:
        desk.go(book, "mend own")
    return f"{sum(status == 'active' for status in now.values())} webhooks of Connect are active"


def mend_own(desk: Desk) -> str:
    expected = dict(desk.connection.learned.get("hooks", {}))
    ills = watching.ailing(expected, desk.hook("checkout"), desk.site.webhooks())
    for ill in ills:
        secret = str(desk.secrets["webhook_secret"])
        expected[ill.topic] = watching.mended(desk.site, ill, desk.hook("checkout"), secret)
    with desk.begin() as book:
        desk.note(book, hooks=expected)
        desk.become(book, "active", stage=desk.connection.stage)
        desk.done(book, f"{len(ills)} webhooks of the plugin were mended" if ills else "webhooks are in order")
    return f"{len(ills)} of our own mended"
