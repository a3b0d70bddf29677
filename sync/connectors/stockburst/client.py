"""What the plugin says to StockBurst: connect, register webhooks, report health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ...errors import GiveUp, Retry
from ...joining import Refused
from ...transport import Answer, Http, checked

API = "/api/integrations/woocommerce"
VERSION = "1.0.1"
INTERVAL = 3600  # seconds between two health signals, unless StockBurst says otherwise


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


def rows_of(webhooks: Mapping[str, int], delivery_url: str) -> list[dict[str, Any]]:
    return [
        {"id": number, "topic": topic, "status": "active", "delivery_url": delivery_url}
        for topic, number in sorted(webhooks.items())
    ]
