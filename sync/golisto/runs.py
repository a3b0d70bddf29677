"""What the plugin does by itself: where the store stands, what follows from it, and another webhook secret."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from ..desk import Desk
from ..errors import GiveUp, Retry, Skip
from ..inbox import same_store
from ..joining import new_secret
from ..watching import ailing, mended, said, strays
from .clicks import PENDING_POLL, cleaned
from .client import SHOWN, Golisto, Standing

ACTIVE_POLL = 3600.0  # seconds
STALE = timedelta(minutes=10)  # after that, what Golisto said is not acted on any more
PANEL = {
    "title": "Golisto",
    "fields": [
        {"key": "_golisto_order_id", "label": "Golisto order"},
        {"key": "_golisto_buyer_ref", "label": "Buyer"},
        {"key": "_golisto_shipment_id", "label": "Shipment"},
        {"key": "_golisto_carrier", "label": "Carrier"},
        {"key": "_golisto_tracking_number", "label": "Tracking number"},
        {"key": "_golisto_tracking_url", "label": "Tracking page"},
        {"key": "_golisto_payout_id", "label": "Payout"},
        {"key": "_golisto_payout_status", "label": "Payout status"},
        {"key": "_golisto_payout_amount", "label": "Payout amount"},
    ],
}


def look(desk: Desk) -> str:
    """What the store itself says: a copy of it must not speak for it, and another currency has to be confirmed."""
    if not desk.secrets.get("site_token"):
        with desk.begin() as book:
            desk.done(book, "")
        return "nothing is connected yet"
    store = desk.site.described()
    with desk.begin() as book:
        if not same_store(str(store["url"]), desk.connection.store_url):
            desk.become(
                book,
                "reconnect_required",
                stage="disconnected",
                reason=f"connected was another address than {store['url']}",
            )
            desk.done(book, "this store is not the one that was connected")
            return "another address"
        known = desk.connection.learned["currency"]
        changed = store["currency"] != known
        if changed and not desk.connection.learned.get("currency_changed"):
            desk.note(book, currency_changed=store["currency"])
        elif not changed and desk.connection.learned.get("currency_changed"):
            desk.note(book, currency_changed=None)
        desk.go(book, "ask")
    return f"sells in {store['currency']}"


def ask(desk: Desk) -> str:
    """How the store stands with Golisto."""
    golisto = Golisto(desk.connection.backend_url, desk.http, desk.secrets["site_token"])
    try:
        standing = golisto.standing(desk.connection.store_url)
    except GiveUp as over:
        standing = Standing("disconnected", f"Golisto does not know this store any more ({over}): connect again")
    with desk.begin() as book:
        desk.go(book, "settle", status=standing.status, reason=standing.reason, said_at=desk.now.isoformat())
    return standing.status


def settle(desk: Desk) -> str:
    """Webhooks are there and switched on while the store is approved, and only then; when it is over, they and the key
    are gone."""
    status, reason = desk.cursor["status"], desk.cursor["reason"]
    said_at = desk.cursor.get("said_at")
    if said_at is None or desk.now - datetime.fromisoformat(said_at) > STALE:
        with desk.begin() as book:
            desk.go(book, "ask")
        return "what Golisto said is too long ago: asks again"
    stage = SHOWN[status]
    if stage == "disconnected":
        return _over(desk, status, reason)
    learned = desk.connection.learned
    if changed := learned.get("currency_changed"):
        stage = "awaiting approval"
        reason = f"the store sells in {changed} now, and was connected with {learned['currency']}: confirm it again"
    active = stage == "approved"
    troubles = _webhooks_mended(desk) if active else _webhooks_paused(desk)
    with desk.begin() as book:
        desk.become(book, "active" if active else "pending", stage=stage, reason=reason)
        pause = ACTIVE_POLL if active else PENDING_POLL
        book.timetable.set(desk.connection.id, "status", desk.now + timedelta(seconds=pause))
        desk.done(book, f"{stage}{f'; {troubles}' if troubles else ''}")
    return stage


def _over(desk: Desk, status: str, reason: str) -> str:
    why = f"rejected by Golisto: {reason}" if status == "rejected" else reason or "disconnected at Golisto"
    left = cleaned(desk.site, desk.connection.learned)
    if left:
        with desk.begin() as book:
            desk.become(book, "pending", stage="disconnected", reason="; ".join([why, *left]))
        raise Retry("; ".join(left))
    with desk.begin() as book:
        desk.keep(book, key=None, webhook_secret=None, site_token=None)
        desk.note(book, webhooks={}, key_id=0)
        book.timetable.set(desk.connection.id, "status", None)
        ended = "disconnected" if status == "rejected" else "reconnect_required"
        desk.become(book, ended, stage="disconnected", reason=why)
        desk.done(book, why)
    return status


def _webhooks_mended(desk: Desk) -> str:
    """Those that are missing are made, those that were switched off are switched on, those made twice go."""
    url, site = desk.connection.learned["delivery_url"], desk.site
    expected = {topic: desk.connection.learned["webhooks"].get(topic, 0) for topic in desk.connection.learned["topics"]}
    new = not any(expected.values())
    found = site.webhooks()
    for number in strays(expected, url, found):
        site.delete_webhook(number)
    troubles = ailing(expected, url, found)
    for ill in troubles:
        expected[ill.topic] = mended(site, ill, url, desk.secrets["webhook_secret"])
        with desk.begin() as book:
            desk.note(book, webhooks=dict(expected))
    if new:
        site.call("PUT", "/panels/golisto", PANEL)
    return "" if new else said(troubles)


def _webhooks_paused(desk: Desk) -> str:
    ids = set(desk.connection.learned["webhooks"].values())
    for row in desk.site.webhooks() if ids else ():
        if row["id"] in ids and row["status"] == "active":
            desk.site.set_webhook(row["id"], status="paused")
    return ""


def give_up_waiting(desk: Desk) -> str:
    """Linked or not, nobody has confirmed: there is no key, and there will be none."""
    with desk.begin() as book:
        if desk.connection.stage in ("linking", "linked"):
            desk.keep(book, state=None, connect_token=None)
            desk.become(book, "disconnected", stage="disconnected", reason="nobody confirmed in time: connect again")
            desk.done(book, "nobody confirmed in time")
        else:
            desk.done(book, "")
    return "looked whether it was confirmed"


# -- another webhook secret


def draw(desk: Desk) -> str:
    """The new secret is noted before anybody is told, so that a crash does not lose it."""
    with desk.begin() as book:
        desk.keep(book, webhook_secret_next=new_secret())
        desk.go(book, "renew")
    return "drew a new secret"


def renew(desk: Desk) -> str:
    """Golisto gets it first and believes the old one a while longer."""
    golisto = Golisto(desk.connection.backend_url, desk.http, desk.secrets["site_token"])
    golisto.renew(desk.connection.store_url, desk.connection.learned["currency"], desk.secrets["webhook_secret_next"])
    with desk.begin() as book:
        desk.go(book, "sign")
    return "told Golisto"


def sign(desk: Desk) -> str:
    """Then the store's webhooks sign with it."""
    secret = desk.secrets["webhook_secret_next"]
    for number in desk.connection.learned["webhooks"].values():
        with suppress(Skip):  # somebody deleted it: the next look at the webhooks makes it anew
            desk.site.set_webhook(number, secret=secret)
    with desk.begin() as book:
        desk.keep(book, webhook_secret=secret, webhook_secret_next=None)
        desk.done(book, "the webhook secret is a new one")
    return "signs with the new secret"
