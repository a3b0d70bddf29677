"""The merchant: what they enter in the plugin's form, and what they press on the store's page that asks them."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from .driver import BROWSER, TIMEOUT, NoConnector, Refusal

STORE_KEYS = ("consumer_key", "consumer_secret")
OF_STORE = (*STORE_KEYS, "store_key", "store_url", "admin", "handoff")


def wanted_connection(
    info: Mapping[str, Any], backend: str, entered: Mapping[str, Any], wants: Mapping[str, Any]
) -> dict[str, Any]:
    """What a merchant enters: address, keys and admin of this world, unless the story names others; the rest are
    settings. A connector takes what it needs.

    `api_key: wrong` (whatever the backend's credentials are called, there or in `wants`, what the connector says of
    itself) and `consumer_key`, `consumer_secret`, `store_url` stand for the world's own; `store_key: read_only` takes
    another of the store's keys; `admin: mia` is the WordPress user who clicks; `handoff: true` enters no keys at all.
    """
    store = info["store"]
    keys = store[entered["store_key"]] if "store_key" in entered else store
    entered_keys = {name: entered.get(name, keys[name]) for name in STORE_KEYS}
    credentials = dict(info["backends"][backend])
    names = {*credentials, *wants.get("credentials", ())}
    settings = {}
    for name, value in entered.items():
        if name in names:
            credentials[name] = str(value)
        elif name not in OF_STORE:
            settings[name] = value
    return {
        "backend": backend,
        "store": {
            "url": entered.get("store_url", store["url"]),
            **({"handoff": True} if entered.get("handoff") else entered_keys),
            "admin": _admin(store["admin"], entered.get("admin")),
        },
        "credentials": {name: value for name, value in credentials.items() if isinstance(value, str)},
        "settings": settings,
    }


def _admin(known: Mapping[str, str], who: Any) -> dict[str, str]:
    """Who clicks: by login (everybody has the admin's password, unless a state gave another), or with a password."""
    if isinstance(who, Mapping):
        return {str(name): str(value) for name, value in who.items()}
    return {"username": str(who or known["user"]), "password": known["password"]}


class Browser:
    """Goes where the plugin sends the merchant. `verify` is a certificate authority's file, or True."""

    def __init__(self, verify: str | bool = True) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = verify
        self._session.headers.update({"User-Agent": BROWSER, "Accept": "text/html"})
        self._page: requests.Response | None = None

    def open(self, url: str) -> None:
        """Open a page, wherever it leads to; `Refusal` when it says no."""
        self._page = self._asked("GET", url)

    def approve(self, login: Mapping[str, str]) -> None:
        """Log in to the store where it asks for that, and let the app have its key; on to where that leads."""
        self._press(login, "access_granted")

    def deny(self, login: Mapping[str, str]) -> None:
        self._press(login, "success=0")

    def close(self) -> None:
        self._session.close()

    def _press(self, login: Mapping[str, str], link: str) -> None:
        if self._page is None:
            raise NoConnector("there is no page to press anything on: the connector sent the merchant nowhere")
        if 'type="password"' in self._page.text:
            named = r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"'
            form = {name: html.unescape(value) for name, value in re.findall(named, self._page.text)}
            self._page = self._asked("POST", self._page.url, {**form, **login})
        found = next((a for a in re.findall(r'href="([^"]+)"', self._page.text) if link in html.unescape(a)), None)
        if found is None:
            raise Refusal(
                403, f"the page {urlsplit(self._page.url).path} has nothing to press: {_words(self._page.text)}"
            )
        self._page = self._asked("GET", html.unescape(found))

    def _asked(self, method: str, url: str, form: Mapping[str, str] | None = None) -> requests.Response:
        try:
            answer = self._session.request(method, url, data=form, timeout=TIMEOUT)
        except (requests.RequestException, ValueError) as bad:
            raise NoConnector(f"the page that the merchant has to open does not answer: {type(bad).__name__}") from None
        if answer.status_code >= 400:
            raise Refusal(answer.status_code, f"the page answers {answer.status_code}: {_words(answer.text)}")
        return answer


def _words(page: str) -> str:
    """What a page says, in so far as it fits on a line."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(text).split())[:160]
