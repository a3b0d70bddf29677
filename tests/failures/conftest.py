"""Laboratories for the catalogue: the common one, and one that speaks https."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings


@pytest.fixture(scope="session")
def secure() -> Iterator[Sandbox]:
    with Sandbox(Settings(port=0, sync_port=0, tls=True, check=True)) as running:
        yield running


@pytest.fixture
def lab(sandbox: Sandbox) -> LabClient:
    return sandbox.client


@pytest.fixture
def secure_lab(secure: Sandbox) -> LabClient:
    return LabClient(secure.url, secure.token, verify=str(secure.authority))
