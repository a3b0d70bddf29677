"""One sandbox for the whole run, a world of its own for every test.

Laws are tried with the same examples each time; `STORELAB_LONG=1` draws others.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings

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
    made = LabClient(sandbox.url).make_world()
    yield made
    made.drop()
