"""StockBurst: the plugin's part. It connects the store on a click, and then tells StockBurst every hour how it is.

StockBurst itself does the rest, through the key and the webhooks that the click makes. The plugin makes them inside
the store; before a setup code, consent and the click of somebody who may manage WooCommerce not one request leaves it.
Sources: StockBurst Connector plugin page (what is sent, when, and after which consent; that disconnecting only ends
the health signals, while webhooks, key and account data stay to be managed by hand). Assumed: paths, bodies and codes.

A click ends in one of two ways. Either key and webhooks are made, StockBurst has accepted the key, and the webhooks
deliver; or none of them is left in the store. When StockBurst's answer to a good code is lost, the code is burnt all
the same: StockBurst then has a key that opens nothing any more, and a new code connects the store again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from ..connector import Connector, Kind, Phase, due_by_schedule
from ..desk import Desk
from ..errors import GiveUp, Retry, Skip, SyncError
from ..joining import Joined, Joining, Refused, new_secret, refused
from ..site import Site
from ..transport import Answer, Http, checked
from ..watching import Ailing, ailing, mended, said, strays

HOST = "https://app.stockburst.co.za"  # what the settings screen proposes
API = "/api/integrations/woocommerce"
VERSION = "1.0.1"
KEY_NAME = "StockBurst Connector"
TOPICS = tuple(
    f"{thing}.{event}" for thing in ("product", "order", "customer") for event in ("created", "updated", "deleted")
)
INTERVAL = 3600  # seconds between two health signals, unless StockBurst says otherwise
JITTER = 300  # seconds over which the signals of many stores are spread
LONGEST = 300  # characters of an error that is told
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SECRETS = re.compile(r"\b(ck|cs)_[0-9A-Za-z]+|\bsbt_\w+|\bSB-\w{4}-\w{4}\b|(?i:bearer|basic)\s+\S+")

SHAPE = {
    "consent": {
        "type": "boolean",
        "default": False,
        "description": "Confirmed: StockBurst may get the store's address, versions, a key and its webhooks.",
    },
    "pressed": {
        "type": "boolean",
        "default": True,
        "description": "Connect was pressed. Without it, the form was only filled in.",
    },
}


# -- rules


def jitter(connection: str) -> int:
    """Seconds after the hour at which this connection reports: drawn once, from its name."""
    return int.from_bytes(hashlib.sha256(connection.encode()).digest()[:4], "big") % JITTER


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
    well = webhooks["counts"]["active"] == webhooks["counts"]["expected"]
    return {
        "integration_id": kept["integration_id"],
        "store_url": url,
        "versions": {"plugin": VERSION, **versions},
        "status": ("degraded" if error else "healthy")
        if well
        else "error"
        if not webhooks["counts"]["active"]
        else "degraded",
        "last_error": told_of(error),
        "webhooks": webhooks,
    }


def secure(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


# -- the client


class StockBurst:
    def __init__(self, url: str, http: Http) -> None:
        self.url, self.http = url.rstrip("/"), http

    def connect(self, code: str, store_url: str, versions: Mapping[str, str], key: str, secret: str) -> dict[str, Any]:
        """What StockBurst gives for a setup code. `Refused` says in StockBurst's own words why it gives nothing."""
        body = {
            "setup_code": code,
            "consent": {"accepted": True},
            "store": {"url": store_url},
            "versions": {"plugin": VERSION, **versions},
            "credentials": {"consumer_key": key, "consumer_secret": secret},
        }
        answer = self.http.send("POST", f"{self.url}{API}/connect", json_body=body)
        if 400 <= answer.status < 500 and answer.status not in (408, 429) and (words := _words(answer)):
            raise Refused(words["code"], words["message"])
        given = checked(answer).json()
        try:
            return {
                "integration_id": str(given["integration_id"]),
                "site_token": str(given["site_token"]),
                "delivery_url": str(given["webhook"]["delivery_url"]),
                "secret": str(given["webhook"]["secret"]),
                "topics": [str(topic) for topic in given["webhook"]["topics"]],
                "interval": int(given["health"]["interval_seconds"]),
            }
        except (KeyError, TypeError, ValueError):
            raise GiveUp(f"{self.url} does not answer like StockBurst") from None

    def register(self, token: str, integration: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Tell which webhooks there are: id, topic, status and delivery_url of each."""
        checked(self._send("webhooks", token, {"integration_id": integration, "webhooks": list(rows)}))

    def report(self, token: str, body: Mapping[str, Any]) -> Report:
        """Send a health signal; what StockBurst says to it. `Retry` when it says nothing of use."""
        answer = self._send("health", token, body)
        if answer.status == 200:
            wanted = answer.json().get("next_ping_seconds")
            return Report("", "", wanted if isinstance(wanted, int) and wanted >= 60 else INTERVAL)
        words = _words(answer)
        if 400 <= answer.status < 500 and answer.status not in (408, 429) and words:
            return Report(words["code"], words["message"], INTERVAL)
        checked(answer)
        raise Retry(f"{answer.what} answered {answer.status}, which says nothing")

    def _send(self, path: str, token: str, body: Mapping[str, Any]) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.send("POST", f"{self.url}{API}/{path}", json_body=dict(body), headers=headers)


@dataclass(frozen=True)
class Report:
    """What StockBurst says to a health signal: nothing (`code` is empty), or why it is not taken. Units: seconds."""

    code: str
    message: str
    next_ping: int


def _words(answer: Answer) -> dict[str, str]:
    """Code and message of a refusal, where it has both."""
    with suppress(Retry):
        body = answer.json()
        if isinstance(body, dict) and isinstance(body.get("code"), str):
            return {"code": body["code"], "message": str(body.get("message") or body["code"])[:300]}
    return {}


def client(url: str, credentials: Mapping[str, Any], settings: Mapping[str, Any], http: Http) -> StockBurst:
    return StockBurst(url, http)


# -- the click


def join(joining: Joining) -> Joined:
    """Make key and paused webhooks, connect, and let the webhooks deliver. Whatever fails, what this click has made is
    taken away again; what an earlier one left is taken away once this one has succeeded."""
    if not joining.settings["pressed"]:
        raise Refused("not_pressed", "the form is filled in; press connect to connect the store", status=400)
    if not joining.settings["consent"]:
        raise Refused("consent_required", "confirm what StockBurst will get before you connect", status=400)
    url = joining.credentials["url"]
    if not secure(url):
        raise Refused("https_required", f"{url} must begin with https: a key is sent to it", status=400)
    site = joining.site
    try:
        if not site.may_manage():
            raise Refused("not_allowed", f"{site.username} may not manage WooCommerce, and so may not connect it")
        taken_back(site, joining)
        described = site.described()
    except SyncError as failed:
        raise refused(failed, "store") if isinstance(failed, Retry | GiveUp | Skip) else failed from None
    try:
        kept = _made(joining, site, described)
    except (Refused, SyncError) as failed:
        left = _undone(site, joining)
        raise _because(failed, left) from None
    joining.keep(key=kept.pop("key"), plugin=kept)
    joining.schedule("health", joining.now + timedelta(seconds=jitter(joining.id)))
    _without_leftovers(site, url, kept)
    joining.undone()
    return Joined(stage="connected", look=False)


def _made(joining: Joining, site: Site, described: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a click that succeeds."""
    name = f"{KEY_NAME} ({joining.id}, {joining.now:%Y-%m-%d %H:%M:%S})"
    place = f"{joining.credentials['url']}{API}/incoming/{new_secret(16)}"  # until StockBurst names the right one
    joining.begun(key_name=name, delivery_urls=[place])
    key = site.make_key(name, "read_write")  # it reads products, orders and customers, and writes stock and prices
    webhooks = site.make_webhooks(TOPICS, place, new_secret(), status="paused")
    joining.turn()
    backend: StockBurst = joining.backend
    code = joining.credentials["setup_code"]
    given = backend.connect(code, described["url"], described["versions"], key.consumer_key, key.consumer_secret)
    address, secret = given["delivery_url"], given["secret"]
    joining.begun(key_name=name, delivery_urls=[place], webhooks=list(webhooks.values()))
    for topic in [topic for topic in webhooks if topic not in given["topics"]]:
        site.delete_webhook(webhooks.pop(topic))
    for number in webhooks.values():
        site.set_webhook(number, delivery_url=address, secret=secret, status="active")
    backend.register(given["site_token"], given["integration_id"], rows_of(webhooks, address))
    return {
        "key": {"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret},
        "key_id": key.id,
        "webhooks": webhooks,
        **{name: given[name] for name in ("integration_id", "site_token", "delivery_url", "secret", "interval")},
    }


def rows_of(webhooks: Mapping[str, int], delivery_url: str) -> list[dict[str, Any]]:
    return [
        {"id": number, "topic": topic, "status": "active", "delivery_url": delivery_url}
        for topic, number in sorted(webhooks.items())
    ]


def taken_back(site: Site, joining: Joining) -> None:
    """Key and webhooks of a click that came to nothing; also of one that a crash ended."""
    begun = joining.leftover
    if not begun:
        return
    for row in site.webhooks():
        if row["delivery_url"] in begun.get("delivery_urls", ()) or row["id"] in begun.get("webhooks", ()):
            site.delete_webhook(row["id"])
    for row in site.api_keys():
        if row["description"] == begun.get("key_name"):
            site.revoke_key(row["key_id"])
    joining.undone()


def _undone(site: Site, joining: Joining) -> str:
    """Takes back what was made; what could not be, for people. The next click tries again."""
    try:
        taken_back(site, joining)
    except SyncError:
        return " What was made in the store could not be taken back yet: it is when you connect again."
    return ""


def _because(failed: Refused | SyncError, left: str) -> Refused:
    if isinstance(failed, Refused):
        return Refused(failed.code, f"{failed}{left}", status=failed.status, after=failed.after)
    if isinstance(failed, Retry) and failed.sent:
        left += " If StockBurst says next that the code was used, generate a new one."
    if isinstance(failed, Retry):
        return Refused("try_later", f"{failed}.{left}", status=503, after=failed.after)
    return Refused("connect_failed", f"{failed}.{left}")


def _without_leftovers(site: Site, url: str, kept: Mapping[str, Any]) -> None:
    """Keys of this plugin that are not the new one, and webhooks to StockBurst that are not the new ones: from before.
    Should the store fail here, the connection stands, and the next click tidies up."""
    with suppress(SyncError):
        found = site.webhooks()
        own = set(strays(kept["webhooks"], kept["delivery_url"], found))
        former = {r["id"] for r in found if r["delivery_url"].startswith(f"{url}{API}/incoming/")}
        for number in sorted((own | former) - set(kept["webhooks"].values())):
            site.delete_webhook(number)
        for row in site.api_keys():
            if row["description"].startswith(f"{KEY_NAME} (") and row["key_id"] != kept["key_id"]:
                site.revoke_key(row["key_id"])


# -- the health signal


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


ENDINGS = {
    "token_revoked": "StockBurst does not know this site's token any more: generate a setup code and connect again",
    "store_url_changed": "the store has another address than the one that was connected: connect it again",
    "integration_removed": "the integration was removed in StockBurst: connect again, or delete key and webhooks",
    "integration_unknown": "StockBurst does not know this integration: connect again",
}


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


CONNECTOR = Connector(
    name="stockburst",
    title="StockBurst",
    gap=0.0,
    needs=("admin",),
    credentials=("url", "setup_code"),
    defaults={"url": HOST},
    shape=SHAPE,
    client=client,
    join=join,
    phases={
        "look": Phase("store", look),
        "webhooks": Phase("store", count),
        "report": Phase("backend", report),
        "mend": Phase("store", mend),
        "register": Phase("backend", register),
    },
    kinds={"health": Kind("look", 0)},
    due=due_by_schedule({}),
    buttons=("health",),
)
