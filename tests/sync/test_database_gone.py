"""The ledger's database connection is cut in the middle of a transaction: the sync goes on, nothing is done twice.

Three statements of a whole life are tried; with STORELAB_LONG=1 every eleventh one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import requests
import sqlalchemy as sa

from storelab.sandbox import Sandbox
from storelab.sync.service import Server

from .drive import Drive, live, lived_once


class Scissors:
    """Counts the statements of a ledger, and before one of them has the server end its connection."""

    def __init__(self, url: str, ledger: sa.Engine, cut_at: int) -> None:
        self.url, self.cut_at, self.passed, self.cut = url, cut_at, 0, ""
        sa.event.listen(ledger, "before_cursor_execute", self.before)

    def before(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        self.passed += 1
        if self.passed != self.cut_at:
            return
        self.cut = " ".join(statement.split())[:80]
        number = cursor.connection.info.backend_pid
        with psycopg.connect(self.url, autocommit=True) as sql:
            sql.execute("select pg_terminate_backend(%s, 5000)", (number,))


class Patient(Drive):
    """Asks again when the sync says that an error of its own was in the way."""

    failures = 0

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        answer = super().call(method, path, body)
        if answer.status_code == 500:
            self.failures += 1
            return super().call(method, path, body)
        return answer


def life(sandbox: Sandbox, url: str, key: Path, cut_at: int) -> int:
    world = sandbox.client.make_world()
    with Server(port=0, ledger_url=url, key_file=key) as server:
        hand = Patient(world, server.url, first_sync="store", batch=1)
        scissors = Scissors(url, server.service.ledger.engine, cut_at)

        live(hand)

        told = f"cut at statement {cut_at}, {scissors.cut!r}"
        lived_once(hand, told)
        assert hand.failures <= 1, told
        assert bool(scissors.cut) == bool(cut_at)
    world.drop()
    return scissors.passed


def test_a_connection_that_is_cut_in_the_middle_loses_nothing(
    sandbox: Sandbox, new_database: Callable[[], str], tmp_path: Path
) -> None:
    statements = life(sandbox, new_database(), tmp_path / "key", 0)

    every = (
        range(1, statements, 11)
        if os.environ.get("STORELAB_LONG")
        else range(statements // 7, statements, statements // 3)
    )
    for cut_at in every:
        life(sandbox, new_database(), tmp_path / "key", cut_at)
