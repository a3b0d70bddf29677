"""A store and SORS in one world, and the plugin between them, driven by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import requests

from storelab.client import LabClient
from storelab.sync.engine import Engine
from storelab.sync.service import Server
from tests.sync.executioner import Killed

CHOSEN = {"database": "MyDatabase2026", "business_unit": "01"}


class Shop:
    """`point` is told of every step of the sync: there it may be killed, and another engine goes on."""

    def __init__(self, world: LabClient, server: Server, point: Callable[[str], None] | None = None) -> None:
        self.world, self.server, self.point = world, server, point
        self.session = requests.Session()
        self.session.trust_env = False
        self.now = str(world.clock(freeze="2026-11-02T09:00:00Z")["now"])
        self.id = ""
        world.state("woocommerce", "a store in another currency", code="RSD")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(method, f"{self.server.url}{path}", json=body, timeout=60)
        assert answer.status_code < 400, answer.text
        return answer.json()

    def connect(self, **settings: Any) -> Shop:
        info = self.world.info()
        store = {name: info["store"][name] for name in ("url", "consumer_key", "consumer_secret")}
        body = {
            "backend": "sors",
            "store": store,
            "credentials": info["backends"]["sors"],
            "settings": {**CHOSEN, **settings},
            "now": self.now,
        }
        self.id = self.call("POST", "/connections", body)["id"]
        return self

    def tick(self) -> tuple[bool, datetime | None]:
        """Whether it is idle, and when it wants to go on."""
        engine, now = Engine(self.server.service.ledger, public_url=self.server.url, point=self.point), self.when
        try:
            progress = engine.advance(self.id, now)
        except Killed:
            self.world.settle()
            progress = Engine(self.server.service.ledger, public_url=self.server.url).advance(self.id, now)
        return progress.idle, progress.next_at

    @property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.now)

    def run(self) -> Shop:
        """Let it do everything, moving the clock to whenever it wants to go on."""
        for _ in range(500):
            idle, next_at = self.tick()
            self.world.settle()
            if idle or next_at is None:
                return self
            ahead = max(0.0, (next_at - self.when).total_seconds())
            self.now = str(self.world.clock(advance=ahead)["now"])
        raise AssertionError("the sync does not come to rest")

    def press(self, button: str) -> Shop:
        self.call("POST", f"/connections/{self.id}/runs/{button}", {"now": self.now})
        return self.run()

    def status(self) -> dict[str, Any]:
        return dict(self.call("GET", f"/connections/{self.id}"))
