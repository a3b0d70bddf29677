"""A sandbox that tells a collector of all it does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storelab.sandbox import Sandbox, Settings

from .receiver import Receiver


@pytest.fixture(autouse=True)
def _without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as collector:
        yield collector


@pytest.fixture
def traced(receiver: Receiver) -> Iterator[Sandbox]:
    with Sandbox(Settings(port=0, sync_port=0, check=True, otlp=receiver.url)) as running:
        yield running
