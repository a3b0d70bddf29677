"""A fresh pact for every test; what passing tests agreed on is merged into `pacts/` when all have run.

A module names its `PROVIDER`, what all its requests have in common as `ASKED` (see `interactions.asked`), and its
`CONSUMER` where that is not sync but a backend's own worker. Such a module finds its backend in the fixture `actor`,
and agrees with the store by `asks_store` and `hears_store`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

os.environ["PACT_DO_NOT_TRACK"] = "true"

from pact import Pact

from storelab.contracts import pactfiles, store
from storelab.contracts.actors import Actor
from storelab.contracts.examples import CONSUMER_KEY, CONSUMER_SECRET, NOW
from storelab.contracts.interactions import Asks, asked
from storelab.emulators.kernel.lab import found_emulators
from storelab.sync.book import Book
from storelab.sync.ledger import Ledger
from storelab.sync.transport import Http
from storelab.sync.woocommerce import Mode, Store

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
def http() -> Iterator[Http]:
    with closing(Http()) as made:
        yield made


@pytest.fixture
def asks(request: pytest.FixtureRequest, pact: Pact, test_name: str) -> Asks:
    """`asks("a page of stock", "GET", "offers/stocks", ("page", "1"), given=...)`: the request half of an interaction
    with the module's `PROVIDER`, with what the module has `ASKED` always."""
    return partial(asked, pact, test_name, **request.module.ASKED)


@pytest.fixture
def http_to_store(http: Http) -> Http:
    """As through a proxy: see `contracts/store.py`."""
    http.session.headers["X-Forwarded-Proto"] = "https"
    return http


@pytest.fixture(name="store")
def client_of_store(http_to_store: Http) -> Callable[..., Store]:
    """`store(server)`: the store's client in sync."""

    def made(server: Any, key: str = CONSUMER_KEY, secret: str = CONSUMER_SECRET, mode: Mode = "header") -> Store:
        return Store(str(server.url), key, secret, http_to_store, mode=mode)

    return made


@pytest.fixture
def asks_store(pact: Pact, test_name: str) -> Asks:
    """`asks_store("a page of products", "GET", "products", ("page", "1"), given=store.MUG)`: the request half of an
    interaction with the store."""
    return partial(asked, pact, test_name, **store.ASKED)


@pytest.fixture
def actor(request: pytest.FixtureRequest) -> Iterator[Actor]:
    """The backend that is the module's `CONSUMER`, in a world of its own."""
    made = Actor(found_emulators()[request.module.CONSUMER])
    yield made
    made.close()


@pytest.fixture
def hears_store(pact: Pact, test_name: str) -> Callable[..., None]:
    """Agree on a webhook of the store, and hand it over: see `store.told`."""
    return partial(store.told, pact, test_name)


@pytest.fixture
def book(request: pytest.FixtureRequest) -> Iterator[Book]:
    """A ledger with one connection, "con", which is the module's `CONNECTION`."""
    with closing(Ledger()) as ledger, ledger.begin() as opened:
        opened.add_connection(
            id="con",
            store_url=store.URL,
            backend_url="https://backend.example",
            status="active",
            reason="",
            learned={},
            secrets=None,
            created_at=NOW,
            **request.module.CONNECTION,
        )
        yield opened
