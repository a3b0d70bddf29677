"""A laboratory with KeyCRM alone, driven in this process; every answer is held against the document."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from storelab.emulators.kernel import Answer, Outgoing, Request
from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.lab import Lab
from storelab.emulators.kernel.world import World
from storelab.emulators.keycrm import EMULATOR


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Crm:
    """KeyCRM in one world, its time frozen. `sent` is what it sent; `statuses` is what the far end answers next."""

    lab: Lab
    world: World
    runner: asyncio.Runner
    key: str = ""
    sent: list[Outgoing] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: str = "",
        headers: dict[str, str] | None = None,
        key: str | None = None,
    ) -> Got:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        own = {"authorization": f"Bearer {self.key if key is None else key}", "content-type": "application/json"}
        request = Request(method, f"/v1{path}", "http://lab/keycrm", query, {**own, **(headers or {})}, raw)
        reply = self.run(self.lab.services["keycrm"].answer(self.world, request)).reply
        return Got(reply.status, dict(reply.headers), json.loads(reply.body) if reply.body else None)

    def get(self, path: str, query: str = "") -> Any:
        """The body of a successful GET."""
        got = self.ask("GET", path, query=query)
        assert got.status == 200, got
        return got.body

    def do(self, words: str, **arguments: Any) -> Any:
        return self.run(self.world.do("keycrm", words, arguments))

    def state(self, words: str, **arguments: Any) -> Any:
        return self.run(self.world.set_state("keycrm", words, arguments))

    def fact(self, words: str, **arguments: Any) -> Any:
        return self.run(self.world.fact("keycrm", words, arguments))

    def advance(self, seconds: float) -> None:
        """Move the clock; whatever falls due on the way is sent."""
        self.run(self.world.advance(seconds))

    def settle(self) -> list[Any]:
        """Send what is due; the bodies of everything sent so far."""
        self.run(self.world.postman.settle())
        return self.bodies

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(outgoing.body) for outgoing in self.sent]

    def reasons(self) -> list[str]:
        """Why each exchange so far went as it did, as the journal has it."""
        return [exchange.reason for exchange in self.world.journal]

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    async def receive(self, outgoing: Outgoing) -> Answer:
        self.sent.append(outgoing)
        return Answer(self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    made = Lab({"keycrm": EMULATOR}, SqliteDatabases(None), check=True)
    yield made
    made.close()


@pytest.fixture
def crm(lab: Lab) -> Iterator[Crm]:
    """KeyCRM in a fresh world."""
    with asyncio.Runner() as runner:
        world = lab.make("test", seed="test")
        made = Crm(lab, world, runner)
        made.world.send = made.receive
        world.set_clock(world.clock.frozen(world.now))
        made.key = world.credentials("keycrm")["api_key"]
        yield made
        lab.drop("test")
