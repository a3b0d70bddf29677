"""A backend as a consumer: its emulator's own code in a world in memory, which finds the mock of a store at
`store.URL`."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pact import Pact

from storelab.emulators.kernel import Answer, Emulation, Emulator, Outgoing, Request
from storelab.emulators.kernel.clock import parsed
from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.lab import DEFAULT, Lab
from storelab.emulators.kernel.wire import send
from storelab.emulators.shop import Shop

from . import store
from .examples import CONSUMER_KEY, CONSUMER_SECRET

NOW = parsed("2026-01-05T09:00:00Z")


class Actor:
    """One backend, its clock frozen. `run` calls a function of its emulator with `here`; `state`, `do`, `fact` are its
    vocabulary, `receives` a request to it, `settle` plays its jobs that are due.

    Within `meeting(pact)` its requests to `store.URL` arrive at the mock; all others are a mistake.
    """

    def __init__(self, emulator: Emulator, document: dict[str, Any] | None = None) -> None:
        self._emulator = emulator
        documents = {emulator.name: document} if document else None
        self._lab = Lab({emulator.name: emulator}, SqliteDatabases(None), check=True, documents=documents)
        self._runner = asyncio.Runner()
        self.world = self._lab.world(DEFAULT)
        self.world.set_clock(self.world.clock.frozen(NOW))
        self.world.send = self._nobody

    def close(self) -> None:
        self._runner.close()
        self._lab.close()

    async def _nobody(self, outgoing: Outgoing) -> Answer:
        raise AssertionError(f"{outgoing.method} {outgoing.url} was sent where no store is agreed with")

    @contextmanager
    def meeting(self, pact: Pact) -> Iterator[Actor]:
        """The store of the pact is there. What was agreed on has to be asked before the block ends."""
        with pact.serve(addr="127.0.0.1") as mock:
            self.world.send = lambda outgoing: forwarded(outgoing, str(mock.url))
            try:
                yield self
            finally:
                self.world.send = self._nobody

    def run(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """What the function answers, called in one transaction as a job is."""

        async def running() -> Any:
            with self.world.visit(self._emulator) as here:
                result = function(here, *arguments, **named)
                return await result if inspect.isawaitable(result) else result

        return self._runner.run(running())

    def ask(self, asking: Callable[[Shop], Any], *, agent: str = "") -> Any:
        """What a function answers that wants no more than the store."""

        def asked(here: Emulation) -> Any:
            return asking(shop(here, agent or self._emulator.name))

        return self.run(asked)

    def state(self, words: str, **arguments: Any) -> Any:
        return self._runner.run(self.world.set_state(self._emulator.name, words, arguments))

    def do(self, move: str, **arguments: Any) -> Any:
        return self._runner.run(self.world.do(self._emulator.name, move, arguments))

    def fact(self, words: str, **arguments: Any) -> Any:
        return self._runner.run(self.world.fact(self._emulator.name, words, arguments))

    def settle(self) -> None:
        """Jobs that are due, and what they call for."""
        self._runner.run(self.world.settle())

    def receives(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"", query: str = ""
    ) -> tuple[int, Any]:
        """Status and JSON of its answer to a request; header names are lower case."""
        root = f"http://{self._emulator.name}.example"
        request = Request(method, path, root, query, headers or {}, body)
        sent = self._runner.run(self._lab.services[self._emulator.name].answer(self.world, request))
        answered = sent.reply.body
        return sent.reply.status, json.loads(answered) if answered[:1] in (b"{", b"[") else answered.decode()


def shop(here: Emulation, agent: str) -> Shop:
    """The store of the contracts, as a backend's worker speaks to it."""
    return Shop.of(here, store.URL, CONSUMER_KEY, CONSUMER_SECRET, agent=agent)


async def forwarded(outgoing: Outgoing, mock: str) -> Answer:
    """As a proxy does that ends the encryption before the store."""
    if not outgoing.url.startswith(store.URL + "/"):
        raise AssertionError(f"{outgoing.method} {outgoing.url} was sent elsewhere than to the store")
    headers = (*outgoing.headers, ("X-Forwarded-Proto", "https"))
    return await send(replace(outgoing, url=mock.rstrip("/") + outgoing.url[len(store.URL) :], headers=headers))
