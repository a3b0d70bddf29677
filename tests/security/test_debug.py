"""What people see who look closer: our own logs at DEBUG, what records look like when they are printed, and the text
of errors. None of it shows a credential, in the whole life of a connection with each backend and in its troubles."""

from __future__ import annotations

import asyncio
import dataclasses
import html
import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet
from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from storelab.client import LabClient
from storelab.disclosure.play import life_of
from storelab.disclosure.table import tables
from storelab.emulators.console.pages import worlds
from storelab.emulators.kernel.journal import is_secret
from storelab.emulators.kernel.world import World
from storelab.sandbox import Sandbox, Settings
from storelab.scenarios.driver import Driver, Refusal
from storelab.scenarios.events import Doing, Result, Started
from storelab.scenarios.player import play
from storelab.sync.ledger import MEMORY, Ledger
from storelab.sync.service import Server
from storelab.sync.tables import connections

KEY = Fernet.generate_key().decode()  # of the sync
SHORTEST = 12  # characters; what is shorter is no credential of ours (`password` is the admin's, told to everybody)
TROUBLES: list[dict[str, Any]] = [
    {"kind": "garble"},
    {"kind": "reset"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 401},
]
BACKENDS = [table.backend for table in tables()]


@pytest.fixture(scope="module")
def stand() -> Iterator[tuple[Sandbox, Server]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORELAB_SYNC_KEY", KEY)
        with Sandbox(Settings(port=0, sync_port=None)) as sandbox:
            sync = Server(port=0).start()
            yield sandbox, sync
            sync.stop()


class Watch:
    """Gathers what is secret, from where it is kept, and what was shown."""

    def __init__(self, sandbox: Sandbox, sync: Server) -> None:
        self.sandbox, self.ledger = sandbox, sync.service.engine.ledger
        self.secrets: set[str] = {KEY, sandbox.token}
        self.shown: dict[str, None] = {}
        self.names: frozenset[str] = frozenset()

    def show(self, *things: Any) -> None:
        self.shown |= dict.fromkeys(map(repr, things))

    def look(self, world: LabClient) -> None:
        assert self.sandbox.loop is not None

        async def looked() -> None:
            self._records(self.sandbox.lab.world(world.url.rpartition("/~")[2]))

        asyncio.run_coroutine_threadsafe(looked(), self.sandbox.loop).result(30)
        with self.ledger.begin() as book:
            for connection in book.all_connections():
                self.show(connection, *book.open_runs(connection.id))
                if connection.secrets is not None:
                    self.secrets |= set(_secrets(book.secrets(connection), self.names))

    def _records(self, world: World) -> None:
        vendors = world.services.emulators.values()
        self.names = frozenset().union(*(vendor.secrets for vendor in vendors))
        for vendor in vendors:
            self.secrets |= set(_secrets(world.credentials(vendor.name), self.names))
            for table in vendor.tables:
                for record in world.store[table.record].all():
                    self.show(record)
                    values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
                    self.secrets |= set(_secrets(values, self.names))
        for exchange in world.journal:
            self.show(exchange)
            for name, value in exchange.request_headers:
                if name.lower() == "authorization":
                    self.secrets.add(value.split(" ")[-1])

    def leaks(self) -> list[str]:
        """What shows a credential, cut short before it."""
        long = [one for one in self.secrets if len(one) >= SHORTEST]
        found = [(text, text.index(one)) for one in long for text in self.shown if one in text]
        return [text[max(0, at - 80) : at] for text, at in found]


def _secrets(values: Mapping[str, Any], names: frozenset[str]) -> Iterator[str]:
    """Texts under the name of a secret; others are ids and addresses, which may be shown."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _secrets(value, names)
        elif isinstance(value, str) and value and is_secret(name, names):
            yield value


def _trouble(world: LabClient, driver: Driver, backend: str, watch: Watch) -> None:
    """Both far ends fail in all ways that are answered differently; what is said of it is shown."""
    connection = driver.connections()[-1]["id"]
    for trouble in TROUBLES:
        for service in ("woocommerce", backend):
            world.fault(service=service, times=None, **trouble)
        now = datetime.fromisoformat(world.clock(advance=2 * 86400)["now"])
        for command in (driver.push, driver.tick):
            try:
                watch.show(command(connection, now))
            except Refusal as refused:
                watch.show(refused, str(refused))
        watch.show(driver.status(connection), world.deliveries(), world.jobs(), world.journal())
        watch.look(world)
        world.call("DELETE", "/faults")


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_shows_a_credential(
    backend: str, stand: tuple[Sandbox, Server], caplog: pytest.LogCaptureFixture
) -> None:
    sandbox, sync = stand
    watch, driver = Watch(sandbox, sync), Driver(sync.url)
    client = LabClient(sandbox.url, sandbox.token)
    caplog.set_level(logging.DEBUG, "storelab")
    result = world = None

    for event in play(life_of(backend), client, driver):
        watch.show(event)
        if isinstance(event, Started):
            world = client.beside(event.world.rpartition("/~")[2])
        elif isinstance(event, Doing) and world is not None:
            watch.look(world)
        if isinstance(event, Doing) and event.text == "connect: end":
            assert world is not None
            _trouble(world, driver, backend, watch)
        if isinstance(event, Result):
            result = event

    assert result is not None
    assert any("con_" in line for line in caplog.messages)
    watch.shown |= dict.fromkeys([caplog.text])
    assert len([one for one in watch.secrets if len(one) >= SHORTEST]) > 5
    assert watch.leaks() == []


def test_a_ledger_that_refuses_a_row_does_not_say_what_was_in_it() -> None:
    ledger = Ledger(MEMORY)
    try:
        with pytest.raises(SQLAlchemyError) as refused, ledger.begin() as book:
            book.sql.execute(insert(connections).values(id="con_1", secrets="the-secrets-of-a-connection"))
    finally:
        ledger.close()

    assert "the-secrets" not in str(refused.value)
    assert "con_1" not in repr(refused.value)


@pytest.mark.parametrize("where", ["woocommerce", "console"])
def test_a_defect_is_told_without_a_credential(where: str, sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("https://shop.example/?consumer_secret=cs_of_somebody&page=2 was not answered")

    with pytest.MonkeyPatch.context() as patch:
        if where == "console":
            patch.setattr(worlds, "_known", broken)
            answer = requests.get(f"{sandbox.url}/worlds", timeout=30)
        else:
            patch.setattr(sandbox.app, "_answered", broken)
            answer = requests.get(f"{sandbox.url}/woocommerce/", timeout=30)

    assert answer.status_code == 500
    assert "consumer_secret=***&page=2" in html.unescape(answer.text)
    assert "consumer_secret=***&page=2" in caplog.text
    assert "cs_of_somebody" not in answer.text + caplog.text
