"""The inside of a store, where a vendor's plugin lives: what its PHP would do by calling WordPress.

Real plugins make keys and webhooks by calling functions; from outside, the emulated store offers the same at
`/wp-json/storelab/v1`, to a WordPress user with their password. Nothing of it is WooCommerce's REST API.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import Retry, Skip
from .transport import Answer, Http, checked

API = "/wp-json/storelab/v1"


@dataclass(frozen=True)
class ApiKey:
    """A key of WooCommerce's REST API, as it is shown when it is made and never again."""

    id: int
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    permissions: str = "read_write"


class Site:
    """`username` is the WordPress user in whose name the plugin acts."""

    def __init__(self, url: str, username: str, password: str, http: Http) -> None:
        self.url, self.username, self.http = url.rstrip("/"), username, http
        pair = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}"}

    def may_manage(self) -> bool:
        """Whether this user has the right to manage WooCommerce."""
        return bool(self._object("GET", "/me").get("manage_woocommerce"))

    def described(self) -> dict[str, Any]:
        """url, name, currency, timezone, versions {wordpress, woocommerce, php}."""
        return self._object("GET", "/site")

    # -- keys

    def make_key(self, description: str, permissions: str) -> ApiKey:
        made = self._object("POST", "/keys", {"description": description, "permissions": permissions})
        return ApiKey(made["key_id"], made["consumer_key"], made["consumer_secret"], permissions)

    def api_keys(self) -> list[dict[str, Any]]:
        """All of the store: {key_id, description, permissions ...}; never what opens it."""
        answer = self._call("GET", "/keys")
        rows = answer.json()
        if not isinstance(rows, list):
            raise Retry(f"{answer.what} answered no list")
        return rows

    def revoke_key(self, key: int) -> None:
        self._gone(f"/keys/{key}")

    # -- webhooks, as PHP makes them: without a ping

    def webhooks(self) -> list[dict[str, Any]]:
        """All of the store: {id, topic, status, delivery_url, failures ...}; never a secret."""
        answer = self._call("GET", "/webhooks")
        rows = answer.json()
        if not isinstance(rows, list):
            raise Retry(f"{answer.what} answered no list")
        return rows

    def make_webhooks(self, topics: Sequence[str], delivery_url: str, secret: str, *, status: str) -> dict[str, int]:
        """Topic -> id."""
        body = {"topics": list(topics), "delivery_url": delivery_url, "secret": secret, "status": status}
        answer = self._call("POST", "/webhooks", body)
        return {row["topic"]: row["id"] for row in answer.json()}

    def set_webhook(self, webhook: int, **values: Any) -> None:
        """status, delivery_url, secret."""
        self._call("PUT", f"/webhooks/{webhook}", values)

    def delete_webhook(self, webhook: int) -> None:
        self._gone(f"/webhooks/{webhook}")

    # -- how

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Any other route, by its path below /wp-json/storelab/v1; the answer's JSON."""
        return self._call(method, path, body).json()

    def _gone(self, path: str) -> None:
        try:
            self._call("DELETE", path)
        except Skip as missing:
            if missing.status != 404:
                raise

    def _object(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._call(method, path, body)
        found = answer.json()
        if not isinstance(found, dict):
            raise Retry(f"{answer.what} answered no object")
        return found

    def _call(self, method: str, path: str, body: Any = None) -> Answer:
        """What runs inside a site moves with it: where the site has another address now, it is asked there."""
        answer = self.http.send(method, f"{self.url}{API}{path}", json_body=body, headers=self._headers)
        moved = answer.headers.get("location", "").partition("?")[0]
        if answer.status == 301 and moved.endswith(f"{API}{path}"):
            self.url = moved.removesuffix(f"{API}{path}")
            answer = self.http.send(method, moved, json_body=body, headers=self._headers)
        return checked(answer)
