"""A laboratory with one made-up backend, driven in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.http import Request
from storelab.emulators.kernel.lab import Lab

from . import acme


@dataclass
class Acme:
    """The backend in one world, with one event loop for all calls of a test."""

    lab: Lab
    runner: asyncio.Runner
    world: str = ""

    def call(
        self, method: str, path: str, body: Any = None, *, key: str = "sesame", query: str = ""
    ) -> tuple[int, Any]:
        status, answered = self.raw(method, path, body, key=key, query=query)
        return status, json.loads(answered) if answered else None

    def raw(
        self, method: str, path: str, body: Any = None, *, key: str = "sesame", query: str = ""
    ) -> tuple[int, bytes]:
        """Status and body, whatever the body is."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = Request(method, path, "http://lab/acme", query, {"x-key": key, "user-agent": "test/1"}, raw)
        sent = self.run(self.lab.services["acme"].answer(self.lab.world(self.world), request))
        if sent.reset:
            raise ConnectionResetError
        return sent.reply.status, sent.reply.body

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)


@pytest.fixture
def backend() -> Iterator[Acme]:
    lab = Lab({"acme": acme.EMULATOR}, SqliteDatabases(None), check=True, documents={"acme": acme.DOCUMENT})
    with asyncio.Runner() as runner:
        yield Acme(lab, runner)
        lab.close()
