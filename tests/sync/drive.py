"""A hand on the sync: one connection between a world's store and its KeyCRM, on the world's clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests

from storelab.client import LabClient


class Drive:
    """`settings` are those of the connector; pushes go to the main warehouse unless they say otherwise."""

    def __init__(self, world: LabClient, sync: str, **settings: Any) -> None:
        self.world, self.sync = world, sync
        self.session = requests.Session()
        self.session.trust_env = False
        self.now = str(world.clock(freeze=True)["now"])
        self.settings = {"warehouse_id": 1, **settings}
        self.id = ""
        self.hooks: dict[str, str] = {}

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.session.request(method, f"{self.sync}{path}", json=body, timeout=120)

    def ask_to_connect(self, **changed: Any) -> requests.Response:
        info = self.world.info()
        store = {name: info["store"][name] for name in ("url", "consumer_key", "consumer_secret")}
        body = {"backend": "keycrm", "store": store, "credentials": info["backends"]["keycrm"]}
        whole = {**body, "settings": self.settings, "now": self.now, **changed}
        return self.call("POST", "/connections", {k: v for k, v in whole.items() if v is not None})

    def ask_to_connect_live(self) -> dict[str, Any]:
        """Without a word about the time: then it goes by itself."""
        made = self.ask_to_connect(now=None).json()
        self.id, self.hooks = made["id"], made["hooks"]
        return dict(made)

    def connect(self, **changed: Any) -> Drive:
        answer = self.ask_to_connect(**changed)
        assert answer.status_code in (200, 201), answer.text
        made = answer.json()
        self.id, self.hooks = made["id"], made["hooks"]
        for todo in made["todo"]:
            self.world.do(todo["service"], todo["move"], **todo["args"])
        return self

    def tick(self) -> dict[str, Any]:
        answer = self.call("POST", f"/connections/{self.id}/tick", {"now": self.now})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def run(self, *, most: int = 2000) -> list[dict[str, Any]]:
        """Let it do everything, moving the clock to whenever it wants to go on. What it did."""
        did = []
        for _ in range(most):
            self.world.settle()
            progress = self.tick()
            did += progress["did"]
            if not progress["idle"]:
                self.wait_until(progress["next_at"])
                continue
            self.world.settle()
            status = self.status()
            if status["status"] != "active" or not status["pending"]["hints"]:
                return did
        raise AssertionError(f"not idle after {most} ticks; last: {did[-3:]}")

    def cron(self) -> requests.Response:
        """Call the address that the merchant's cron calls."""
        return self.session.get(self.hooks["push"], params={"now": self.now}, timeout=30)

    def push(self) -> list[dict[str, Any]]:
        answer = self.call("POST", f"/connections/{self.id}/push", {"now": self.now})
        assert answer.status_code == 202, answer.text
        return self.run()

    def wait(self, seconds: float) -> None:
        self.now = str(self.world.clock(advance=seconds)["now"])

    def wait_until(self, moment: str) -> None:
        left = (datetime.fromisoformat(moment) - datetime.fromisoformat(self.now)).total_seconds()
        if left > 0:
            self.wait(left)

    def status(self) -> dict[str, Any]:
        return dict(self.call("GET", f"/connections/{self.id}").json())

    # -- what both sides have

    def stocked(self, ours: Mapping[str, int] | None = None, theirs: Mapping[str, float] | None = None) -> Drive:
        for sku, quantity in (ours or {}).items():
            self.world.state("woocommerce", "a product in stock", sku=sku, quantity=quantity)
        for sku, amount in (theirs or {}).items():
            self.world.state("keycrm", "an offer in stock", sku=sku, quantity=amount)
        return self

    def ours(self) -> dict[str, Any]:
        return dict(self.world.fact("woocommerce", "stock"))

    def theirs(self) -> dict[str, float]:
        stock = self.world.fact("keycrm", "stock")
        return {sku: row["in_stock"] for sku, row in stock.items()}

    def exchanges(self, service: str, method: str = "", *, bodies: bool = True) -> list[dict[str, Any]]:
        """What the sync asked of one service."""
        asked = {"service": service, "direction": "in", "sender": "storelab-sync", "limit": 10_000}
        found = self.world.journal(**asked, bodies=bodies)
        return [e for e in found if method in ("", e["method"])]

    def calls(self, service: str) -> list[str]:
        """Method and path within the service."""
        return [f"{e['method']} {e['url'].split(f'/{service}', 1)[1].split('?')[0]}" for e in self.exchanges(service)]

    def store_writes(self) -> int:
        """Without the empty one by which connecting tries the key."""
        return sum(call.startswith("POST") for call in self.calls("woocommerce")) - 1


def live(hand: Drive) -> None:
    """A first sync that makes KeyCRM right, a delivery there with a sale here, and a push."""
    hand.stocked(ours={"MUG": 10, "CAP": 4}, theirs={"MUG": 7, "CAP": 4}).connect().run()
    hand.world.do("keycrm", "receive", sku="MUG", quantity=5)
    hand.world.do("woocommerce", "adjust stock", sku="CAP", quantity=2)
    hand.run()
    hand.push()


def lived_once(hand: Drive, told: str) -> None:
    """All of that came to pass, nothing of it twice, and another push finds nothing to do."""
    assert hand.ours() == {"MUG": 15, "CAP": 2}, told
    assert hand.theirs() == {"MUG": 15, "CAP": 2}, told
    moved = [(one["sku"], one["quantity"]) for one in hand.world.fact("keycrm", "movements")]
    assert sorted(moved) == [("CAP", -2), ("CAP", 4), ("MUG", 3), ("MUG", 5), ("MUG", 7)], told
    hand.push()
    assert len(hand.world.fact("keycrm", "movements")) == len(moved), told
