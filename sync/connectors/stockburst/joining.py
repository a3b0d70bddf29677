"""The click on connect: either key and webhooks are made and StockBurst has accepted them, or nothing is left."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from ...errors import GiveUp, Retry, Skip, SyncError
from ...joining import Joined, Joining, Refused, new_secret, refused
from ...site import Site
from ...watching import strays
from .client import API, StockBurst, rows_of

KEY_NAME = "StockBurst Connector"
TOPICS = tuple(
    f"{thing}.{event}" for thing in ("product", "order", "customer") for event in ("created", "updated", "deleted")
)
JITTER = 300  # seconds over which the signals of many stores are spread
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def jitter(connection: str) -> int:
    """Seconds after the hour at which this connection reports: drawn once, from its name."""
    return int.from_bytes(hashlib.sha256(connection.encode()).digest()[:4], "big") % JITTER


def secure(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


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
