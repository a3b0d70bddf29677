"""Connect's control API, as far as the plugin needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import GiveUp, Retry, Skip
from ...transport import Answer, Http, checked

PRESETS = ("ecommerce_with_e_fulfilment", "ecommerce_with_marketing_automation", "fulfilment")
OPT_IN = ("only_subscriptions", "both", "none")


@dataclass(frozen=True)
class Standing:
    """A connector as Connect shows it. `key_ends_in`: by which we know whether it works with our key."""

    id: int
    state: str
    problem: str
    key_ends_in: str
    open_alerts: int
    flows: frozenset[tuple[str, str]]
    webhooks: Mapping[str, str]

    def carries(self, what: str, direction: str) -> bool:
        return (what, direction) in self.flows


def standing(row: Any) -> Standing:
    if not isinstance(row, dict) or not isinstance(row.get("id"), int) or not isinstance(row.get("state"), str):
        raise Retry("Connect answered no connector")
    problem = row.get("problem") or {}
    return Standing(
        row["id"],
        row["state"],
        str(problem.get("message", "")),
        str(row.get("key_ends_in") or ""),
        int(row.get("open_alerts") or 0),
        frozenset((flow["object"], flow["direction"]) for flow in row.get("flows") or ()),
        {hook["topic"]: hook["status"] for hook in row.get("webhooks") or ()},
    )


class Connect:
    def __init__(self, url: str, token: str, http: Http) -> None:
        self.url, self._token, self.http = url.rstrip("/"), token, http

    def check(self) -> None:
        """Whether the token is good."""
        self._list("/connectors")

    def connectors(self, shop_url: str) -> list[Standing]:
        """Those of this shop: one at most, unless somebody changes the rules."""
        return [standing(row) for row in self._list("/connectors", [("shop_url", shop_url)])]

    def create(self, entered: Mapping[str, Any]) -> Standing:
        """Connect tries address, key and secret before it answers. `Skip` says in Connect's own words what is wrong."""
        return standing(self._call("POST", "/connectors", body=dict(entered)).json())

    def read(self, connector: int) -> Standing:
        return standing(self._call("GET", f"/connectors/{connector}").json())

    def change(self, connector: int, settings: Mapping[str, Any]) -> Standing:
        return standing(self._call("PATCH", f"/connectors/{connector}", body=dict(settings)).json())

    def remove(self, connector: int) -> Standing:
        """Its webhooks in the shop go with it. Twice is once."""
        return standing(self._call("DELETE", f"/connectors/{connector}").json())

    def resume(self, connector: int) -> Standing:
        return standing(self._call("POST", f"/connectors/{connector}/resume").json())

    def alerts(self, connector: int) -> list[dict[str, Any]]:
        """What could not be synchronised and still is not: direction, object, ref, message."""
        return self._list(f"/connectors/{connector}/alerts", [("state", "open")])

    def repair(self, connector: int) -> dict[str, str]:
        """Have Connect put its webhooks in the shop in order. Topic -> status."""
        body = self._call("POST", f"/connectors/{connector}/webhooks").json()
        return {hook["topic"]: hook["status"] for hook in body["data"]}

    def checkout(self, connector: int, checkout: Mapping[str, Any]) -> str:
        """Tell of a checkout; what Connect makes of it: pending, completed, blocked ..."""
        body = self._call("POST", f"/connectors/{connector}/checkouts", body=dict(checkout)).json()
        return str(body.get("status", "")) if isinstance(body, dict) else ""

    def _list(self, path: str, params: Sequence[tuple[str, str]] = ()) -> list[dict[str, Any]]:
        answer = self._call("GET", path, params)
        body = answer.json()
        rows = body.get("data") if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise GiveUp(f"{self.url} does not answer like Spotler Connect")
        return rows

    def _call(self, method: str, path: str, params: Sequence[tuple[str, str]] = (), body: Any = None) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}"}
        return checked(self.http.send(method, f"{self.url}{path}", params=params, json_body=body, headers=headers))


def said(refused: Skip) -> str:
    """Connect's own words."""
    detail = refused.detail if isinstance(refused.detail, dict) else {}
    return str(detail.get("message") or refused)


def client(url: str, credentials: Mapping[str, Any], chosen: Mapping[str, Any], http: Http) -> Connect:
    return Connect(url, credentials["token"], http)
