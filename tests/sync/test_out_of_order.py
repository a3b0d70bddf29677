"""Whoever drives it presses what they like, when they like: each command is done or refused with a reason, with every
backend, and in the end the store can be connected."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.scenarios.driver import Driver
from storelab.scenarios.merchant import wanted_connection
from storelab.sync.connector import connectors
from storelab.sync.service import Server

ENTERED: dict[str, dict[str, Any]] = {
    "keycrm": {"warehouse_id": 1},
    "sors": {"database": "MyDatabase2026", "business_unit": "01"},
    "stockburst": {"consent": True},
}
NEVER = {"disconnected": {"push": 409, "confirm": 409, "tick": 200, "page": 200, "disconnect": 200}}


class Hand:
    """`id` is that of the connection; before the first click it is nobody's."""

    def __init__(self, world: LabClient, sync: Server, backend: str) -> None:
        self.world, self.url, self.backend, self.id = world, sync.url, backend, "con_none"
        self.now = str(world.clock(freeze="2026-11-02T09:00:00Z")["now"])
        self.wants = Driver(sync.url).wants(backend)
        self.session = requests.Session()
        self.session.trust_env = False

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.session.request(method, f"{self.url}/connections{path}", json=body, timeout=60)

    def connect(self) -> requests.Response:
        entered = ENTERED.get(self.backend, {})
        wanted = wanted_connection(self.world.info(), self.backend, entered, self.wants)
        answer = self.call("POST", "", {**wanted, "now": self.now})
        if answer.status_code < 300:
            self.id = answer.json()["id"]
        return answer

    def press(self, what: str) -> requests.Response:
        self.now = str(self.world.clock(advance=20)["now"])
        return self.call("POST", f"/{self.id}/{what}", {"now": self.now})


COMMANDS: dict[str, Callable[[Hand], requests.Response]] = {
    "connect": Hand.connect,
    "tick": lambda hand: hand.press("tick"),
    "push": lambda hand: hand.press("push"),
    "confirm": lambda hand: hand.press("confirm"),
    "a button of somebody else's": lambda hand: hand.press("runs/fly"),
    "disconnect": lambda hand: hand.call("DELETE", f"/{hand.id}"),
    "page": lambda hand: hand.call("GET", f"/{hand.id}"),
}


@pytest.mark.parametrize("backend", sorted(connectors()))
def test_commands_in_any_order_are_done_or_refused_and_in_the_end_it_connects(
    backend: str, world: LabClient, sync: Server
) -> None:
    hand, chance = Hand(world, sync, backend), Random(11)
    world.state("woocommerce", "a store in another currency", code="RSD")
    world.state("woocommerce", "a product in stock", sku="MUG", quantity=9)
    buttons = {name: lambda hand, name=name: hand.press(f"runs/{name}") for name in connectors()[backend].buttons}
    commands = {**COMMANDS, **buttons}

    for _ in range(40):
        if backend == "stockburst":
            world.do(backend, "issue setup code")
        name = chance.choice(list(commands))
        page = hand.call("GET", f"/{hand.id}")
        status = page.json().get("status", "nobody's")
        answer = commands[name](hand)
        told = (name, status, answer.status_code, answer.text[:300])
        assert answer.status_code == NEVER.get(status, {}).get(name, answer.status_code), told
        assert answer.status_code < 500, told
        if answer.status_code >= 400:
            assert {"code", "message"} <= answer.json().keys(), told

    hand.call("DELETE", f"/{hand.id}")
    if backend == "stockburst":
        world.do(backend, "issue setup code")
    last = hand.connect()
    assert last.status_code < 300, last.text
    assert hand.call("GET", f"/{hand.id}").json()["status"] in ("active", "pending")
