"""Golisto's API, as far as its plugin uses it: three addresses, and the address of a page for a browser.

Source: Golisto Connector plugin page (the addresses). Assumed: methods, fields and answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ..errors import GiveUp, Retry, Skip
from ..transport import Answer, Http, checked

TOPICS = ("product.created", "product.updated", "product.deleted")
TRIES = 3  # of posting the credentials: the same posted again is answered alike
# What Golisto says, and which of the four states that is to people. Suspended is to wait for a person as well.
SHOWN = {
    "linked": "linked",
    "awaiting_approval": "awaiting approval",
    "suspended": "awaiting approval",
    "approved": "approved",
    "rejected": "disconnected",
    "disconnected": "disconnected",
}


@dataclass(frozen=True)
class Accepted:
    """Golisto has the credentials."""

    shop_id: str
    status: str
    delivery_url: str
    topics: tuple[str, ...]
    site_token: str = field(repr=False)


@dataclass(frozen=True)
class Standing:
    """How the store stands with Golisto. `reason`: why, where a person gave one."""

    status: str
    reason: str = ""


class Golisto:
    """Three of the four addresses; the fourth is opened by a browser. `token` is the site token, once there is one."""

    def __init__(self, url: str, http: Http, token: str = "") -> None:
        self.url, self.http, self._token = url.rstrip("/"), http, token

    def connect(
        self, connect_token: str, store_url: str, currency: str, key: Mapping[str, str], webhook_secret: str
    ) -> Accepted:
        """Hand over what was disclosed, and nothing else. An answer that got lost is asked for again: the same posted
        twice is one connection."""
        body = {
            "connect_token": connect_token,
            "store_url": store_url,
            "currency": currency,
            "consumer_key": key["consumer_key"],
            "consumer_secret": key["consumer_secret"],
            "webhook_secret": webhook_secret,
        }
        for left in reversed(range(TRIES)):
            try:
                return self._accepted(self._post("/connect/credentials", body))
            except Retry as retry:
                if not left or not retry.sent:
                    raise
        raise AssertionError

    def renew(self, store_url: str, currency: str, webhook_secret: str) -> Accepted:
        """Another currency or another webhook secret of a store that is connected."""
        body = {"store_url": store_url, "currency": currency, "webhook_secret": webhook_secret}
        return self._accepted(self._post("/connect/credentials", body))

    def standing(self, store_url: str) -> Standing:
        """`GiveUp` when Golisto does not know this store or its token any more."""
        what = f"{self.url}/api/woocommerce/status"
        try:
            body = checked(
                self.http.send("GET", what, params=[("store_url", store_url)], headers=self._headers())
            ).json()
        except Skip as unknown:
            if unknown.status in (404, 410):
                raise GiveUp(str(unknown)) from None
            raise
        status = body.get("status") if isinstance(body, dict) else None
        if status not in SHOWN:
            raise Retry("Golisto answered no status that is known")
        return Standing(status, str(body.get("reason") or ""))

    def disconnect(self, store_url: str, reason: str) -> None:
        self._post("/disconnect", {"store_url": store_url, "reason": reason})

    def _post(self, path: str, body: Mapping[str, Any]) -> Answer:
        return checked(
            self.http.send("POST", f"{self.url}/api/woocommerce{path}", json_body=body, headers=self._headers())
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    @staticmethod
    def _accepted(answer: Answer) -> Accepted:
        body = answer.json()
        try:
            hooks = body["webhooks"]
            topics = tuple(topic for topic in hooks["topics"] if topic in TOPICS)
            return Accepted(
                str(body["shop_id"]), body["status"], str(hooks["delivery_url"]), topics, str(body["site_token"])
            )
        except (KeyError, TypeError):
            raise Retry(f"{answer.what} answered nothing that connects") from None


def connect_page(url: str, asked: Mapping[str, str]) -> str:
    """The page is at golisto.com where the API is at api.golisto.com; anywhere else they share a host."""
    parts = urlsplit(url)
    home = url.replace("//api.", "//", 1) if parts.hostname == "api.golisto.com" else url
    return f"{home.rstrip('/')}/woocommerce/connect?{urlencode(asked, quote_via=quote)}"
