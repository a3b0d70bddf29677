"""A real store, as somebody asks it who wants to know what is in the way: with the keys in the header, in the query, or
without any. Nothing is ever written."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from storelab.contracts.tap import Exchange
from storelab.emulators.woocommerce.auth import signature

API = "/wp-json/wc/v3"
TIMEOUT = 60.0  # seconds


class CannotTell(Exception):
    """The trait could not be looked at; says why."""


@dataclass
class Shop:
    """A store at an address. Without keys only what is open to all can be told."""

    url: str
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    ca: str = ""
    slow: float = 10.0
    asked: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/").removesuffix("/wp-json")
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = self.ca or True
        self._session.headers["User-Agent"] = "storelab-verify"

    @property
    def secure(self) -> bool:
        return self.url.startswith("https://")

    @property
    def origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def ask(self, path: str, query: Mapping[str, str] | None = None, *, by: str = "") -> Exchange:
        """Ask for a page. `by` is how the keys travel: "header", "query", or not at all. Redirects are not followed."""
        asked, headers = dict(query or {}), {}
        if by == "header":
            pair = f"{self.key}:{self.secret}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        elif by == "query" and self.secure:
            asked |= {"consumer_key": self.key, "consumer_secret": self.secret}
        elif by == "query":
            asked |= self._signature(path, asked)
        url = self.url + path + (f"?{urlencode(asked)}" if asked else "")
        target, began = url.removeprefix(self.origin), time.perf_counter()
        try:
            answer = self._session.get(url, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        except (requests.RequestException, ValueError) as bad:  # ValueError: a redirect to what is no address
            exchange = Exchange(
                "GET",
                target,
                tuple(headers.items()),
                b"",
                None,
                (),
                b"",
                time.perf_counter() - began,
                type(bad).__name__,
            )
        else:
            kept = tuple(answer.headers.items())
            exchange = Exchange(
                "GET",
                target,
                tuple(headers.items()),
                b"",
                answer.status_code,
                kept,
                answer.content,
                time.perf_counter() - began,
            )
        self.asked.append(exchange)
        return exchange

    def _signature(self, path: str, query: Mapping[str, str]) -> dict[str, str]:
        parameters = {
            "oauth_consumer_key": self.key,
            "oauth_nonce": secrets.token_hex(12),
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(time.time())),
        }
        signed = signature("GET", self.url + path, {**query, **parameters}, self.secret, "HMAC-SHA256")
        return {**parameters, "oauth_signature": signed}

    @cached_property
    def index(self) -> Exchange:
        return self.ask("/wp-json/")

    @property
    def speaks(self) -> bool:
        """Whether WooCommerce's API is where it belongs."""
        told = json_of(self.index)
        return self.index.status == 200 and isinstance(told, dict) and "wc/v3" in _rows(told.get("namespaces"))

    @cached_property
    def plain_index(self) -> Exchange:
        return self.ask("/", {"rest_route": "/"})

    @cached_property
    def by_header(self) -> Exchange:
        self._keys_needed()
        return self.ask(f"{API}/products", ONE, by="header")

    @cached_property
    def by_query(self) -> Exchange:
        self._keys_needed()
        return self.ask(f"{API}/products", ONE, by="query")

    def rows(self, path: str, query: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """A list that only keys open. CannotTell when it is not to be had."""
        return [row for row in _rows(self._read(path, query)) if isinstance(row, dict)]

    def record(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """An object that only keys open. CannotTell when it is not to be had."""
        value = self._read(path, query)
        if not isinstance(value, dict):
            raise CannotTell(f"{path} answered no object")
        return value

    def _read(self, path: str, query: Mapping[str, str] | None) -> Any:
        self._keys_needed()
        by = "header" if self.secure and self.by_header.status == 200 else "query"
        exchange = self.ask(f"{API}{path}", query, by=by)
        value = json_of(exchange)
        if exchange.status != 200 or value is None:
            raise CannotTell(f"{path} answered {exchange.status or exchange.error}")
        return value

    def _keys_needed(self) -> None:
        if not (self.key and self.secret):
            raise CannotTell("no keys: name consumer_key and consumer_secret with --given, or in the environment")

    @cached_property
    def plugins(self) -> list[str]:
        """Names of the active ones; nothing when the store does not say."""
        try:
            told = self.record("/system_status")
        except CannotTell:
            return []
        return [str(plugin.get("name", "")) for plugin in _rows(told.get("active_plugins")) if isinstance(plugin, dict)]


ONE = {"per_page": "1", "_fields": "id"}


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def json_of(exchange: Exchange) -> Any:
    import json

    try:
        return json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None


def header(exchange: Exchange, name: str) -> str:
    return next((value for n, value in exchange.headers if n.lower() == name), "")
