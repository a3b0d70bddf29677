"""A store and StockBurst in one world, and the plugin between them, driven by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from storelab.client import LabClient
from storelab.sync.service import create_app

PATH = "/api/integrations/woocommerce"


class Plugin:
    """One store and its plugin. `point` is told of every step of the sync: there it may be made to crash."""

    def __init__(self, world: LabClient) -> None:
        self.world, self.points = world, list[str]()
        self.crash_at = -1
        self.client: FlaskClient = create_app(point=self._point).test_client()
        self.now = str(world.clock(freeze="2026-11-02T09:00:00Z")["now"])
        self.id = ""

    def _point(self, where: str) -> None:
        self.points.append(where)
        if len(self.points) - 1 == self.crash_at:
            raise KeyboardInterrupt(where)

    def ask(self, **changed: Any) -> Any:
        """The merchant clicks on connect; `settings`, `credentials` and `store` are merged into what is right."""
        info = self.world.info()
        account = info["backends"]["stockburst"]
        admin = {"username": info["store"]["admin"]["user"], "password": info["store"]["admin"]["password"]}
        body = {
            "backend": "stockburst",
            "store": {"url": info["store"]["url"], "admin": admin, **changed.get("store", {})},
            "credentials": {
                "url": account["url"],
                "setup_code": account["setup_code"],
                **changed.get("credentials", {}),
            },
            "settings": {"consent": True, **changed.get("settings", {})},
            "now": self.now,
        }
        return self.client.post("/connections", json=body)

    def connect(self) -> Plugin:
        self.world.do("stockburst", "issue setup code")
        answer = self.ask()
        assert answer.status_code in (200, 201), answer.get_data(as_text=True)
        self.id = answer.get_json()["id"]
        self.world.settle()
        return self

    def tick(self) -> list[dict[str, Any]]:
        answer = self.client.post(f"/connections/{self.id}/tick", json={"now": self.now})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        self.world.settle()
        return list(answer.get_json()["did"])

    def wait(self, seconds: float) -> None:
        self.now = str(self.world.clock(advance=seconds)["now"])

    def status(self) -> dict[str, Any]:
        return dict(self.client.get(f"/connections/{self.id}").get_json())

    # -- what both sides have

    def stock(self, service: str) -> dict[str, Any]:
        return dict(self.world.fact(service, "stock"))

    def left_in_store(self) -> tuple[int, int]:
        """How many keys beyond the three of a fresh store, and how many webhooks."""
        keys = self.world.fact("woocommerce", "API keys")
        return len(keys) - 3, len(self.world.fact("woocommerce", "webhooks"))

    def asked(self, service: str) -> list[dict[str, Any]]:
        return self.world.journal(service=service, direction="in", limit=10_000)


@pytest.fixture
def plugin(world: LabClient) -> Iterator[Plugin]:
    made = Plugin(world)
    yield made
    made.client.application.extensions["sync"].ledger.close()
