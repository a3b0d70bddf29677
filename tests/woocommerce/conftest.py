"""A fresh store for every test that speaks to one, and somebody for its webhooks to speak to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storelab.client import LabClient

from .receiver import Receiver
from .shop import Shop


@pytest.fixture
def shop(world: LabClient) -> Shop:
    return Shop(world)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening
