"""What is told to StockBurst every hour, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from ...desk import Desk
from ...watching import Ailing, ailing, mended, said
from .client import VERSION, rows_of

LONGEST = 300  # characters of an error that is told
_SECRETS = re.compile(r"\b(ck|cs)_[0-9A-Za-z]+|\bsbt_\w+|\bSB-\w{4}-\w{4}\b|(?i:bearer|basic)\s+\S+")
ENDINGS = {
    "token_revoked": "StockBurst does not know this site's token any more: generate a setup code and connect again",
    "store_url_changed": "the store has another address than the one that was connected: connect it again",
    "integration_removed": "the integration was removed in StockBurst: connect again, or delete key and webhooks",
    "integration_unknown": "StockBurst does not know this integration: connect again",
}


def told_of(error: str) -> str | None:
    """An error as it may be told to StockBurst: short, and without a credential."""
    return _SECRETS.sub("***", error)[:LONGEST] or None


def state_of(topics: Mapping[str, int], delivery_url: str, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The webhooks as a health signal tells them: counts, and each topic with its status."""
    there = {row["id"]: row for row in found}
    rows = []
    for topic, number in sorted(topics.items()):
        row = there.get(number)
        gone = row is None or row.get("topic") != topic or row.get("delivery_url") != delivery_url
        status = "missing" if gone or row is None else str(row["status"])
        failures = 0 if gone or row is None else int(row.get("failures") or 0)
        rows.append({"topic": topic, "status": status, "failure_count": failures})
    counts = {name: sum(row["status"] == name for row in rows) for name in ("active", "paused", "disabled", "missing")}
    return {"delivery_url": delivery_url, "counts": {"expected": len(topics), **counts}, "topics": rows}


def signal(kept: Mapping[str, Any], url: str, versions: Mapping[str, str], found: Any, error: str) -> dict[str, Any]:
    """One health signal: exactly what the plugin's page says that it may carry."""
    webhooks = state_of(kept["webhooks"], kept["delivery_url"], found)
    active, expected = (webhooks["counts"][name] for name in ("active", "expected"))
    well = active == expected
    return {
        "integration_id": kept["integration_id"],
        "store_url": url,
        "versions": {"plugin": VERSION, **versions},
        "status": "healthy" if well and not error else "degraded" if well or active else "error",
        "last_error": told_of(error),
        "webhooks": webhooks,
    }


def look(desk: Desk) -> str:
    """What the site says of itself."""
    described = desk.site.described()
    with desk.begin() as book:
        about = {"url": described["url"], "versions": described["versions"]}
        desk.go(book, "webhooks", **about, error=desk.run.outcome)
    return f"the site is {described['url']}"


def count(desk: Desk) -> str:
    """What became of the webhooks."""
    kept, found = desk.secrets["plugin"], desk.site.webhooks()
    ill = ailing(kept["webhooks"], kept["delivery_url"], found)
    seen = {"found": [_plain(row) for row in found], "ill": [vars(one) for one in ill]}
    with desk.begin() as book:
        desk.go(book, "report", **{**desk.cursor, "error": desk.cursor["error"] or desk.run.outcome}, **seen)
    return said(ill) or "all webhooks are active"


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in ("id", "topic", "status", "delivery_url", "failures")}


def report(desk: Desk) -> str:
    """Tell StockBurst, and learn what it says: go on, or that it knows this store no more."""
    kept, cursor = desk.secrets["plugin"], desk.cursor
    ill = [Ailing(**one) for one in cursor["ill"]]
    error = "; ".join(filter(None, (said(ill), desk.run.outcome or cursor["error"])))
    answer = desk.backend.report(
        kept["site_token"], signal(kept, cursor["url"], cursor["versions"], cursor["found"], error)
    )
    with desk.begin() as book:
        book.timetable.set(desk.connection.id, "health", desk.now + timedelta(seconds=answer.next_ping))
        if answer.code in ENDINGS:
            desk.become(book, "reconnect_required", stage=answer.code, reason=f"{ENDINGS[answer.code]} ({answer.code})")
            desk.done(book, f"StockBurst refused the signal: {answer.code}")
        elif answer.code:
            desk.become(book, "active", stage=answer.code, reason=f"{answer.message} ({answer.code})")
            desk.done(book, f"StockBurst refused the signal: {answer.code}")
        else:
            desk.become(book, "active", stage="connected", reason=said(ill))
            if ill:
                desk.go(book, "mend", ill=cursor["ill"])
            else:
                desk.done(book, "reported healthy" if not error else f"reported: {told_of(error)}")
    return f"reported; the next one in {answer.next_ping} s"


def mend(desk: Desk) -> str:
    """One webhook that this plugin has made: switched on, or made anew."""
    kept = dict(desk.secrets["plugin"])
    first, *others = [Ailing(**one) for one in desk.cursor["ill"]]
    number = mended(desk.site, first, kept["delivery_url"], kept["secret"])
    kept["webhooks"] = {**kept["webhooks"], first.topic: number}
    with desk.begin() as book:
        desk.keep(book, plugin=kept)
        desk.go(book, "mend" if others else "register", ill=[vars(one) for one in others])
    return f"{first.topic} is active again"


def register(desk: Desk) -> str:
    """Tell StockBurst which webhooks there are now."""
    kept = desk.secrets["plugin"]
    rows = rows_of(kept["webhooks"], kept["delivery_url"])
    desk.backend.register(kept["site_token"], kept["integration_id"], rows)
    with desk.begin() as book:
        desk.become(book, "active", stage="connected")
        desk.done(book, "reported, and webhooks switched on again")
    return f"{len(rows)} webhooks registered"
