"""Spotler Connect beside a store in a world of its own, its time frozen; answers are held against the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from storelab.client import LabClient

PRESET = "ecommerce_with_e_fulfilment"


class Connect:
    """The control API, and the vocabulary of both sides: `do`, `state` and `fact` are Connect's."""

    def __init__(self, world: LabClient) -> None:
        self.world = world
        info = world.info()
        self.store, self.account = info["store"], info["backends"]["spotler"]
        self.session = requests.Session()
        self.session.trust_env = False

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.account['token'] if token is None else token}"}
        return self.session.request(method, self.account["url"] + path, json=body, headers=headers, timeout=30)

    def entered(self, **other: Any) -> dict[str, Any]:
        return {
            "name": "My shop",
            "timezone": "UTC",
            "preset": PRESET,
            "shop_url": self.store["url"],
            "api_key": self.store["consumer_key"],
            "api_secret": self.store["consumer_secret"],
            **other,
        }

    def connect(self, **other: Any) -> int:
        """The number of the connector, when its first import is over."""
        answer = self.ask("POST", "/connectors", self.entered(**other))
        assert answer.status_code == 201, answer.text
        self.world.settle()
        return int(answer.json()["id"])

    def do(self, words: str, **arguments: Any) -> Any:
        done = self.world.do("spotler", words, **arguments)
        self.world.settle()
        return done

    def shop(self, words: str, **arguments: Any) -> Any:
        """A move in the store."""
        done = self.world.do("woocommerce", words, **arguments)
        self.world.settle()
        return done

    def state(self, words: str, **arguments: Any) -> Any:
        return self.world.state("spotler", words, **arguments)

    def fact(self, words: str) -> Any:
        return self.world.fact("spotler", words)


@pytest.fixture
def spotler(world: LabClient) -> Iterator[Connect]:
    world.clock(freeze="2026-11-02T09:00:00Z")
    made = Connect(world)
    yield made
    made.session.close()
