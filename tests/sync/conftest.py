"""A running sync, and a hand on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.sync.service import Server

from .drive import Drive


@pytest.fixture
def postgres(new_database: Callable[[], str]) -> str:
    """A database of its own: worlds that are gone must not come again in a ledger."""
    return new_database()


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
