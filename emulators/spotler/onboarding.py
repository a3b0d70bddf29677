"""Onboarding: is there a shop at this address, is it new enough, and do the key and its secret open it?

Source: Spotler Connect help: connector overview (API key, API secret and shop URL; WooCommerce 3.5 or higher),
connector settings (the time zone must be the shop's). Assumed: that each is tried at once, in this order, and told
apart from the others.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ..kernel import Emulation, Outgoing
from ..shop import Shop, ShopRefused, ShopSilent
from .connector import AGENT
from .errors import Invalid
from .hooks import same_place
from .moments import is_zone

OLDEST = (3, 5)


def clean_url(url: str) -> str:
    """Without a slash at its end. Errors: 422 for what is no address of a shop."""
    try:
        parts = urlsplit(url.strip())
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username or any(c.isspace() for c in url.strip()):
        raise _wrong("shop_url", "bad_shop_url", "must look like https://shop.example")
    return url.strip().rstrip("/")


async def checked(here: Emulation, url: str, key: str, secret: str, timezone: str) -> str:
    """The version of WooCommerce. Errors: 422 with a code of its own for each thing that is wrong. The key is not sent
    anywhere before there is a shop."""
    index = await _index(here, url)
    _same_time(index, timezone, here.clock.now)
    shop = Shop.of(here, url, key, secret, agent=AGENT)
    try:
        status = await shop.get("/system_status", _fields="environment")
        version = str((status.get("environment") or {}).get("version", ""))
        if not new_enough(version):
            raise _too_old(version)
        await shop.post("/products/batch", {})
    except ShopRefused as refused:
        raise _refused(refused) from None
    except ShopSilent as silent:
        raise _wrong("shop_url", "shop_unreachable", f"the shop does not answer: {silent.why}") from None
    return version


async def _index(here: Emulation, url: str) -> dict[str, Any]:
    """What the site says of itself to everybody."""
    headers = (("User-Agent", AGENT), ("Accept", "application/json"))
    answer = await here.fetch(Outgoing("GET", f"{url}/wp-json/", headers, timeout=30.0))
    if answer.status is None:
        raise _wrong("shop_url", "shop_unreachable", f"nobody answers at {url}: {answer.error}")
    if 300 <= answer.status < 400:
        raise _wrong("shop_url", "shop_moved", "leads elsewhere: enter the address that the shop itself uses")
    if answer.status >= 500:
        raise _wrong("shop_url", "shop_unreachable", f"the shop does not answer: it is {answer.status} at the moment")
    try:
        index = json.loads(answer.body)
        namespaces = index["namespaces"]
    except (ValueError, RecursionError, LookupError, TypeError):
        index, namespaces = {}, None
    if answer.status != 200 or not isinstance(namespaces, list):
        raise _wrong("shop_url", "not_a_shop", "is no WordPress site with its REST API open")
    if not any(str(n).startswith("wc/") for n in namespaces):
        raise _wrong("shop_url", "not_a_shop", "is a WordPress site without WooCommerce")
    if "wc/v3" not in namespaces:
        raise _too_old("")
    if index.get("home") and not same_place(str(index["home"]), url):
        raise _wrong("shop_url", "shop_moved", f"calls itself {index['home']}: enter that address")
    return dict(index)


def new_enough(version: str) -> bool:
    parts = version.split(".")[:2]
    return len(parts) == 2 and all(p.isdecimal() and len(p) < 5 for p in parts) and tuple(map(int, parts)) >= OLDEST


def _too_old(version: str) -> Invalid:
    found = f"WooCommerce {version}" if version else "a WooCommerce without version 3 of its REST API"
    return _wrong("shop_url", "shop_too_old", f"the shop runs {found}; 3.5 or higher is needed")


def _refused(refused: ShopRefused) -> Invalid:
    """Which of the two is wrong, by the shop's own words."""
    message = refused.message.casefold()
    if "secret is invalid" in message or "signature" in message:
        return _wrong("api_secret", "secret_wrong", "the API secret does not belong to this API key")
    if "write permission" in message or "read permission" in message:
        return _wrong("api_key", "key_without_permissions", "the API key needs the permissions read and write")
    if refused.status == 403:
        return _wrong("api_key", "key_without_permissions", "the owner of the API key may not manage WooCommerce")
    if refused.status == 401 and (refused.code.startswith("woocommerce_") or not refused.code):
        return _wrong("api_key", "key_unknown", "the shop does not know this API key")
    return _wrong("shop_url", "api_closed", f"the shop's REST API is closed: {refused}")


def _same_time(index: dict[str, Any], timezone: str, now: datetime) -> None:
    """Guess: what matters is the hour, in winter and in summer, not the name of the zone."""
    named, hours = str(index.get("timezone_string") or ""), _hours(index.get("gmt_offset"))
    if not is_zone(named) if named else hours is None:
        raise _wrong("shop_url", "not_a_shop", "is a WordPress site that does not tell its time zone")
    zone = ZoneInfo(timezone)
    if named:
        theirs = ZoneInfo(named)
        same = all(zone.utcoffset(at) == theirs.utcoffset(at) for at in _summer_and_winter(now))
    else:
        same = zone.utcoffset(now.replace(tzinfo=None)) == timedelta(hours=hours or 0)
    if not same:
        raise _wrong(
            "timezone", "timezone_differs", f"the shop's time zone is {named or f'UTC{hours:+g}'}, not {timezone}"
        )


def _hours(offset: Any) -> float | None:
    """East of Greenwich."""
    try:
        hours = float(offset or 0)
    except (TypeError, ValueError):
        return None
    return hours if -24 < hours < 24 else None


def _summer_and_winter(now: datetime) -> list[datetime]:
    return [now.replace(tzinfo=None, month=month, day=1) for month in (1, 7)]


def _wrong(field: str, code: str, said: str) -> Invalid:
    return Invalid({field: said}, code=code)
