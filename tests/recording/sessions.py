"""For every backend a situation, and a handful of calls in it: reads with pages, writes, what was made read again, and
refusals. `{id}` in a path is the id that the last answer had."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from storelab.client import LabClient

GOOD, BAD, NONE = "good", "bad", "none"
SHOP = "https://shop.example"
ADA = {"name": "Adalbertine Quibbleworth", "email": "ada@quibble.example", "phone": "+381 11 555 0199"}


@dataclass(frozen=True)
class Session:
    """`states` are (service, state, arguments); `calls` are (method, path, body, whose key)."""

    states: Sequence[tuple[str, str, dict[str, Any]]]
    calls: Sequence[tuple[str, str, Any, str]]
    secret: str = "api_key"
    scheme: str = "Bearer "
    path: str = ""

    def prepare(self, world: LabClient, backend: str) -> dict[str, str]:
        """Brings the situation about; what it told, and the backend's credentials."""
        world.clock(freeze=True)  # nothing falls due between two calls
        told: dict[str, Any] = {}
        for service, state, arguments in self.states:
            told |= world.state(service, state, **arguments) or {}
        return {name: str(value) for name, value in {**world.info()["backends"][backend], **told}.items()}

    def header(self, told: Mapping[str, str]) -> str:
        return f"{self.scheme}{told[self.secret]}"

    def play(self, url: str, told: Mapping[str, str]) -> None:
        """Makes the calls at this address. `$NAME` is what the situation told."""
        last = ""
        with requests.Session() as http:
            http.trust_env = False
            for method, path, body, whose in self.calls:
                header = {GOOD: self.header(told), BAD: f"{self.scheme}not-a-key-at-all"}.get(whose)
                answer = http.request(
                    method,
                    url + self.path + filled(path, told).replace("{id}", last),
                    json=filled(body, told) if body is not None else None,
                    headers={"Authorization": header} if header else {},
                    timeout=30,
                )
                said = answer.json() if "json" in answer.headers.get("Content-Type", "") else None
                inside = said.get("data", said) if isinstance(said, dict) else None
                if isinstance(inside, dict) and "id" in inside:
                    last = str(inside["id"])


def filled(value: Any, told: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {k: filled(v, told) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, told) for v in value]
    return re.sub(r"\$(\w+)", lambda m: told[m[1]], value) if isinstance(value, str) else value


SESSIONS = {
    "keycrm": Session(
        states=(
            ("keycrm", "an offer in stock", {"sku": "MUG", "quantity": 3}),
            ("keycrm", "an offer in stock", {"sku": "CAP", "quantity": 4}),
            ("keycrm", "a buyer", {}),
        ),
        path="/v1",
        calls=(
            ("GET", "/users", None, GOOD),
            ("GET", "/users", None, BAD),
            ("GET", "/offers/stocks?limit=1&page=2", None, GOOD),
            ("PUT", "/offers/stocks", {"warehouse_id": 1, "stocks": [{"sku": "MUG", "quantity": 9}]}, GOOD),
            ("GET", "/offers/stocks?filter[offers_sku]=MUG&filter[details]=true", None, GOOD),
            ("PUT", "/offers/stocks", {"stocks": "none"}, GOOD),
            ("POST", "/buyer", {"full_name": ADA["name"], "email": [ADA["email"]], "phone": [ADA["phone"]]}, GOOD),
            ("GET", "/buyer/{id}", None, GOOD),
            ("GET", f"/buyer?filter[buyer_email]={ADA['email']}", None, GOOD),
            ("POST", "/order", {
                "source_id": 1,
                "buyer": {"full_name": ADA["name"], "email": ADA["email"]},
                "buyer_comment": "Ring at Quibbleworth",
                "products": [{"sku": "MUG", "price": 5, "quantity": 1, "name": "Mug"}]}, GOOD),
            ("GET", "/order/{id}?include=buyer,products", None, GOOD),
            ("GET", "/order/999999", None, GOOD),
        ),
    ),
    "sors": Session(
        states=(
            ("sors", "an article in stock", {"code": "MUG", "quantity": 30}),
            ("sors", "an article in stock", {"code": "CAP", "quantity": 4}),
        ),
        scheme="ApiKey ",
        calls=(
            ("GET", "/databases", None, GOOD),
            ("GET", "/databases", None, BAD),
            ("GET", "/databases", None, NONE),
            ("GET", "/databases/MyDatabase2026/articles?page=1&pageSize=1", None, GOOD),
            ("GET", "/databases/MyDatabase2026/inventory?businessUnitId=2&stockMode=onHand", None, GOOD),
            ("POST", "/databases/MyDatabase2026/customers", {
                **ADA, "city": "Xanadu", "postalCode": "99799", "country": "RS"}, GOOD),
            ("GET", f"/databases/MyDatabase2026/customers?email={ADA['email']}", None, GOOD),
            ("POST", "/databases/MyDatabase2026/customers", {"city": "Xanadu"}, GOOD),
            ("GET", "/databases/Nowhere/articles", None, GOOD),
        ),
    ),
    "golisto": Session(
        states=(("golisto", "an approved store", {"store_url": SHOP}),),
        secret="site_token",
        calls=(
            ("GET", f"/api/woocommerce/status?store_url={SHOP}", None, GOOD),
            ("GET", f"/api/woocommerce/status?store_url={SHOP}", None, BAD),
            ("GET", "/api/woocommerce/status", None, GOOD),
            ("POST", "/api/woocommerce/connect/credentials", {"connect_token": "none"}, NONE),
            ("POST", "/api/woocommerce/disconnect", {"store_url": SHOP, "reason": "asked by Quibbleworth"}, GOOD),
            ("GET", f"/api/woocommerce/status?store_url={SHOP}", None, GOOD),
        ),
    ),
    "stockburst": Session(
        states=(
            ("stockburst", "a connected store", {}),
            ("stockburst", "an open setup code", {"code": "SB-7K2M-9PQX"}),
        ),
        secret="site_token",
        path="/api/integrations/woocommerce",
        calls=(
            ("POST", "/webhooks", {"integration_id": "$integration_id", "webhooks": [
                {"id": 1, "topic": "order.created", "status": "active", "delivery_url": "$delivery_url"}]}, GOOD),
            ("POST", "/webhooks", {"integration_id": "$integration_id"}, GOOD),
            ("POST", "/health", {"integration_id": "$integration_id"}, BAD),
            ("POST", "/connect", {"setup_code": "SB-0000-0000", "consent": {"accepted": True}}, NONE),
            ("POST", "/connect", {"setup_code": "SB-7K2M-9PQX", "consent": {"accepted": False}}, NONE),
        ),
    ),
    "spotler": Session(
        states=(
            ("spotler", "a connector", {}),
            ("spotler", "a contact", {}),
            ("spotler", "goods in the warehouse", {"sku": "MUG", "quantity": 3}),
        ),
        secret="token",
        calls=(
            ("GET", "/connectors", None, GOOD),
            ("GET", "/connectors", None, BAD),
            ("GET", "/contacts", None, GOOD),
            ("GET", "/master-products?sku=MUG", None, GOOD),
            ("POST", "/connectors", {"name": ""}, GOOD),
            ("GET", "/connectors/999999", None, GOOD),
            ("GET", "/platforms", None, GOOD),
            ("POST", "/connectors/$connector_id/checkouts", {
                "id": "21", "email": ADA["email"], "currency": "USD", "total": 10.0,
                "items": [{"sku": "MUG", "name": "Mug", "quantity": 1, "price": "10"}],
                "created_at": "2026-01-05T08:59:00Z", "updated_at": "2026-01-05T09:00:00Z"}, GOOD),
            ("POST", "/connectors/$connector_id/pause", None, GOOD),
            ("DELETE", "/connectors/$connector_id", None, GOOD),
            ("GET", "/connectors/$connector_id", None, GOOD),
        ),
    ),
}  # fmt: skip
