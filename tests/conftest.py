"""One sandbox for the whole run, a world of its own for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings


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
