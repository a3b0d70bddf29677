"""Where the store is: its address, whether it has permalinks, and the pages that are no part of an API.

A store that moved answers only at its new address; the old one redirects there (301), and a client that follows a
redirect of a POST makes a GET of it. A store without permalinks has no /wp-json: that address is a page of the theme,
which is not found, and the API is at ?rest_route= only, where no key opens anything.
Source: WooCommerce 10.5.0, recorded 2026-11-21 (?rest_route=); WordPress's documentation of permalinks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import urlsplit

from ..kernel import Emulation, LabError, Operation, Request
from . import auth, errors, people, php, respond, search, settings, versions
from .errors import Page, WooError
from .rewrite import Rewritten

LONGEST_LINE = 8190  # bytes of "GET /wp-json/... HTTP/1.1": LimitRequestLine of Apache by default; nginx's is 8192
HOME, PERMALINKS = "home", "permalink_structure"
PRETTY, PLAIN = "/%postname%/", ""
_NO_CACHE = (
    ("Expires", "Wed, 11 Jan 1984 05:00:00 GMT"),
    ("Cache-Control", "no-cache, must-revalidate, max-age=0, no-store, private"),
)


def authenticate(here: Emulation, request: Request, operation: Operation | None) -> None:
    """Who asks, once it is clear that the request came to the right address."""
    original = request.original if isinstance(request, Rewritten) else request
    if len(original.method) + len(original.path) + len(original.query_string) + len(" ? HTTP/1.1") > LONGEST_LINE:
        raise _too_long(here)
    changed = settings.changed(here)
    if HOME in changed or PERMALINKS in changed:
        _arrived(here, original)
        if not has_permalinks(here) and original.path.startswith(("/wp-json", "/index.php/", "/wc-auth/")):
            here.explain("this store has no permalinks: its API is at ?rest_route= only")
            raise not_found(here)
    if versions.OPTION in changed or versions.SWITCHED_OFF in changed:
        older = request.older if isinstance(request, Rewritten) else ""
        if versions.lacks(here, older or request.path):
            raise errors.no_route()
    if request.path in ("/", "") and request.method in ("GET", "HEAD"):
        raise front_page(here)
    if "_jsonp" in request.query_string and request.path.startswith("/wp-json") and _has_bad_callback(request):
        raise BadCallback
    if request.path.startswith("/wp-json/storelab/"):
        people.admitted(here, request, operation)
    auth.authenticate(here, request, operation)
    people.judged(here)


class BadCallback(WooError):
    """What `_jsonp` names is no function: said before anything is looked at, in a body without `data`."""

    def __init__(self) -> None:
        super().__init__("rest_callback_invalid", "Invalid JSONP callback function.")
        self.headers = (("Allow", ""),)

    @property
    def body(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message}


def _has_bad_callback(request: Request) -> bool:
    return not respond.is_callback(php.nested(request.query).get("_jsonp", ""))


def _too_long(here: Emulation) -> Page:
    here.explain(f"a web server by its defaults reads no more than {LONGEST_LINE} bytes of method and address")
    return Page(414, "<!DOCTYPE html><title>414 Request-URI Too Long</title><h1>Request-URI Too Long</h1>\n")


def _arrived(here: Emulation, request: Request) -> None:
    home = address(here)
    if request.root.partition("://")[2] == home.partition("://")[2]:
        return
    query = f"?{request.query_string}" if request.query_string else ""
    here.explain(f"the store moved to {home}")
    raise Page(301, headers=(("Location", f"{home}{request.path}{query}"),))


def address(here: Emulation) -> str:
    """Where the store says it is, without a slash at the end. A copy of a store that moved is where it is."""
    home = settings.value(here, HOME)
    return home if home and urlsplit(home).path == urlsplit(here.root).path else here.root


def has_permalinks(here: Emulation) -> bool:
    return bool(settings.changed(here).get(PERMALINKS, PRETTY))


def api_link(here: Emulation) -> tuple[str, str]:
    """The header by which a client finds the API from any page."""
    path = "/wp-json/" if has_permalinks(here) else "/index.php?rest_route=/"
    return ("Link", f'<{here.root}{path}>; rel="https://api.w.org/"')


def not_found(here: Emulation) -> Page:
    """The theme's page for an address that leads nowhere."""
    return Page(404, _html(here, "Page not found", "There is nothing at this address."), (api_link(here), *_NO_CACHE))


def front_page(here: Emulation) -> Page:
    """The shop's front page, as far as a connector reads it: it names the API."""
    name = settings.value(here, "blogname") or "Storelab"
    return Page(200, _html(here, name, "A shop."), (api_link(here),))


def _html(here: Emulation, title: str, words: str) -> str:
    link = api_link(here)[1].split(">")[0].lstrip("<")
    return (
        f"<!DOCTYPE html>\n<html><head><title>{escape(title)}</title>\n"
        f'<link rel="https://api.w.org/" href="{escape(link)}" /></head>\n'
        f"<body><h1>{escape(title)}</h1><p>{words}</p></body></html>\n"
    )


# ---------------------------------------------------------------------------------------------- moves


def change_store_url(here: Emulation, url: str = "") -> dict[str, str]:
    """The merchant changes the site's address. Links, X-WC-Webhook-Source and redirects (301, from every other
    address) follow; keys and webhooks stay.

    The new one must lead here too: another host name of this sandbox, with the same path. Without `url` it is
    localhost in place of 127.0.0.1, or the other way round.
    """
    old = address(here)
    new = url.rstrip("/") or _other(old)
    parts = urlsplit(new)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise LabError(f"{url!r} is no address of a store; write it like http://localhost:8700/woocommerce")
    path = urlsplit(here.root).path
    if parts.path != path:
        raise LabError(f"the new address has to end in {path}, as everything else of this sandbox is elsewhere")
    settings.change(here, HOME, new)
    return {"old": old, "new": new}


def _other(url: str) -> str:
    for one, other in (("//127.0.0.1", "//localhost"), ("//localhost", "//127.0.0.1")):
        if one in url:
            return url.replace(one, other, 1)
    raise LabError(f"say which url the store moves to; it is at {url} now")


def an_older_store(here: Emulation, version: str = "3.4.8") -> dict[str, str]:
    """The store says that it is this WooCommerce. One before 3.5 has no version 3 of the API; else only what it says
    of itself changes."""
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){1,2}", version):
        raise LabError(f"{version!r} is no version; write it like 3.4.8")
    settings.change(here, versions.OPTION, version)
    return {"woocommerce": version}


STATES: dict[str, Callable[..., Any]] = {"an older store": an_older_store}


def permalinks_off(here: Emulation) -> dict[str, Any]:
    """The merchant chooses plain permalinks: /wp-json/ and /wc-auth/ are the theme's 404, and ?rest_route= is left."""
    settings.change(here, PERMALINKS, PLAIN)
    return {"permalinks": "plain"}


def permalinks_on(here: Emulation) -> dict[str, Any]:
    """The merchant chooses pretty permalinks, as a connector needs them."""
    settings.change(here, PERMALINKS, PRETTY)
    return {"permalinks": PRETTY}


def shuffle_equal_dates(here: Emulation, on: bool = True) -> dict[str, Any]:
    """The database gives products of the same second in another order for each page, as MySQL may: lists by date then
    repeat some and skip others. Here every second page has them the other way round."""
    settings.change(here, search.SHUFFLED, "yes" if on else "")
    return {"shuffled": on}


def clone_to_staging(here: Emulation, name: str = "") -> dict[str, str]:
    """The host copies the site, its database and all, to a world of its own ("NAME-staging" without `name`).

    Keys, webhooks with their secrets, and what waits to be delivered are in both: the copy delivers to the same
    receivers, and only X-WC-Webhook-Source tells them apart. Cloning again begins anew. Answers {"world", "url"}.
    """
    world = name or f"{here.world[:55]}-staging"
    return {"world": world, "url": here.copy_world(world)}


def deactivate_woocommerce(here: Emulation) -> None:
    """The merchant switches WooCommerce off under Plugins: WordPress and its API stay, those of WooCommerce are no
    routes. Nothing of it is deleted."""
    settings.change(here, versions.SWITCHED_OFF, "yes")


def activate_woocommerce(here: Emulation) -> None:
    """The merchant switches WooCommerce on again, with all that was there."""
    settings.change(here, versions.SWITCHED_OFF, "")


MOVES: dict[str, Callable[..., Any]] = {
    "activate WooCommerce": activate_woocommerce,
    "deactivate WooCommerce": deactivate_woocommerce,
    "change store URL": change_store_url,
    "permalinks off": permalinks_off,
    "permalinks on": permalinks_on,
    "shuffle equal dates": shuffle_equal_dates,
    "clone to staging": clone_to_staging,
}


def told(here: Emulation) -> dict[str, Any]:
    """What a plugin reads of the site it runs in."""
    return {
        "url": address(here),
        "name": settings.value(here, "blogname") or "Storelab",
        "currency": settings.value(here, "woocommerce_currency"),
        "timezone": settings.value(here, "timezone_string") or "+00:00",
        "versions": {
            "wordpress": versions.WORDPRESS,
            "woocommerce": versions.woocommerce(here),
            "php": versions.PHP,
        },
    }


def where(here: Emulation) -> dict[str, Any]:
    """Where the store says it is, and whether it has permalinks."""
    return {"url": address(here), "permalinks": has_permalinks(here)}


FACTS: dict[str, Callable[..., Any]] = {"address": where}
