"""A laboratory with SORS alone, driven in this process; every answer is held against the document."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from storelab.emulators.kernel import Request
from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.lab import Lab
from storelab.emulators.kernel.world import World
from storelab.emulators.sors import EMULATOR

HOME = "/databases/MyDatabase2026"
UNIT = 2  # "01", the wholesale unit of this year's database


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def codes(self) -> list[str]:
        return [error["code"] for error in self.body["errors"]]

    @property
    def fields(self) -> list[str]:
        return [error["field"] for error in self.body["errors"]]


@dataclass
class Sors:
    """SORS in one world, its time frozen."""

    lab: Lab
    world: World
    runner: asyncio.Runner
    key: str = ""

    def ask(
        self, method: str, path: str, body: Any = None, *, query: str = "", authorization: str | None = None
    ) -> Got:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        shown = f"ApiKey {self.key}" if authorization is None else authorization
        headers = {"content-type": "application/json", **({"authorization": shown} if shown else {})}
        request = Request(method, path, "http://lab/sors", query, headers, raw)
        reply = self.run(self.lab.services["sors"].answer(self.world, request)).reply
        json_ = dict(reply.headers).get("Content-Type") == "application/json"
        return Got(reply.status, dict(reply.headers), json.loads(reply.body) if json_ else reply.body)

    def get(self, path: str, query: str = "") -> Any:
        """The data of a successful GET from this year's database."""
        got = self.ask("GET", f"{HOME}{path}", query=query)
        assert got.status == 200, got
        assert got.body["success"]
        return got.data

    def post(self, path: str, body: Any) -> Got:
        """Into this year's database."""
        return self.ask("POST", f"{HOME}{path}", body)

    def do(self, words: str, **arguments: Any) -> Any:
        return self.run(self.world.do("sors", words, arguments))

    def state(self, words: str, **arguments: Any) -> Any:
        return self.run(self.world.set_state("sors", words, arguments))

    def fact(self, words: str, **arguments: Any) -> Any:
        return self.run(self.world.fact("sors", words, arguments))

    def advance(self, seconds: float) -> None:
        self.run(self.world.advance(seconds))

    def reasons(self) -> list[str]:
        """Why each exchange so far went as it did, as the journal has it."""
        return [exchange.reason for exchange in self.world.journal]

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    made = Lab({"sors": EMULATOR}, SqliteDatabases(None), check=True)
    yield made
    made.close()


@pytest.fixture
def sors(lab: Lab) -> Iterator[Sors]:
    """SORS in a fresh world."""
    with asyncio.Runner() as runner:
        world = lab.make("test", seed="test")
        made = Sors(lab, world, runner)
        world.set_clock(world.clock.frozen(world.now))
        made.key = world.credentials("sors")["api_key"]
        yield made
        lab.drop("test")


def a_document(customer: int, **fields: Any) -> dict[str, Any]:
    """The body of a reservation of two mugs."""
    items = [{"code": "MUG", "quantity": 2, "unitPrice": 1000}]
    return {"type": "reservation", "businessUnitId": UNIT, "customerId": customer, "items": items, **fields}
