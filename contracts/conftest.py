"""A fresh pact for every test; what passing tests agreed on is merged into `pacts/` when all have run.

A module names its `PROVIDER`, and its `CONSUMER` where that is not sync but a backend's own worker. Such a module finds
its backend in the fixture `actor`, and agrees with the store by `asks_store` and `hears_store`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

os.environ["PACT_DO_NOT_TRACK"] = "true"

from pact import Pact
from pact.interaction import HttpInteraction

from storelab.contracts import pactfiles, store
from storelab.contracts.actors import Actor
from storelab.emulators.kernel.lab import found_emulators

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
    """An agreement between the `CONSUMER` and the `PROVIDER` of the test's module, for one test."""
    agreed = Pact(getattr(request.module, "CONSUMER", CONSUMER), request.module.PROVIDER)
    yield agreed
    if request.node.stash.get(_passed, False):
        agreed.write_file(recorded)


@pytest.fixture
def test_name(request: pytest.FixtureRequest) -> str:
    return f"{Path(request.module.__file__).name}::{request.node.name}"


@pytest.fixture
def asks_store(pact: Pact, test_name: str) -> Callable[..., HttpInteraction]:
    """`asks_store("a page of products", "GET", "/products", [("page", "1")], given=store.MUG)`: the request half of an
    interaction with the store."""
    return partial(store.asked, pact, test_name)


@pytest.fixture
def actor(request: pytest.FixtureRequest) -> Iterator[Actor]:
    """The backend that is the module's `CONSUMER`, in a world of its own."""
    made = Actor(found_emulators()[request.module.CONSUMER])
    yield made
    made.close()


@pytest.fixture
def hears_store(pact: Pact, test_name: str) -> Callable[..., None]:
    """Agree on a webhook of the store, and hand it over: see `store.told`."""

    def heard(
        what: str,
        topic: str,
        body: Any,
        hand_over: Callable[[Mapping[str, str], bytes], None],
        *,
        cause: Mapping[str, Any],
        given: store.Given,
    ) -> None:
        store.told(pact, test_name, what, topic, body, hand_over, cause=cause, given=given)

    return heard
