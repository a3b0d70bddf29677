"""A fresh pact for every test; what passing tests agreed on is merged into `pacts/` when all have run."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

os.environ["PACT_DO_NOT_TRACK"] = "true"

from pact import Pact

from storelab.contracts import pactfiles

CONSUMER = "sync"
_passed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_passed] = report.passed
    return report


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this run records; afterwards the committed files follow."""
    folder = tmp_path_factory.mktemp("pacts")
    yield folder
    known = pactfiles.known_tests()
    for path in sorted(folder.glob("*.json")):
        committed = pactfiles.PACTS / path.name
        old = pactfiles.read(committed) if committed.exists() else {}
        pactfiles.kept(pactfiles.merged(old, pactfiles.read(path), known=known), committed)


@pytest.fixture
def pact(request: pytest.FixtureRequest, recorded: Path) -> Iterator[Pact]:
    """An agreement between sync and the `PROVIDER` of the test's module, for one interaction."""
    agreed = Pact(CONSUMER, request.module.PROVIDER)
    yield agreed
    if request.node.stash.get(_passed, False):
        agreed.write_file(recorded)


@pytest.fixture
def test_name(request: pytest.FixtureRequest) -> str:
    return f"{Path(request.module.__file__).name}::{request.node.name}"
