"""The pytest plugin: a world of its own for every test that asks for one, on a sandbox that a run starts once.

Active wherever storelab is installed. Nothing of storelab is imported before a test asks for a fixture of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from storelab.testing import Clock, Deliveries, Faults, Journal, Laboratory, Service, World
    from storelab.testing.connector import Connector
    from storelab.testing.in_process import InProcess
    from storelab.testing.playable import Playable

HOME = Path(__file__).resolve().parent
STORE = "woocommerce"
WORLD: pytest.StashKey[World] = pytest.StashKey()
ARGUMENTS = ("seed", "snapshot")  # of the marker


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("storelab").addoption(
        "--storelab-url",
        metavar="URL",
        default="",
        help="Make worlds in the sandbox that runs at this address, in place of one of this run's own.",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "storelab(seed=..., snapshot=...): the world of this test follows from this seed, and begins with this "
        "snapshot: a function that prepares a world, an exported file, or a name.",
    )
    config.addinivalue_line(
        "markers",
        "storelab_story(*names): the fixture `story` is each of these in turn: names like keycrm/echo, files, folders.",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marks = list(metafunc.definition.iter_markers("storelab_story"))
    if not marks or "story" not in metafunc.fixturenames:
        return
    from storelab.scenarios.source import BadStory
    from storelab.scenarios.story import found, read

    beside = metafunc.definition.path.parent
    try:
        names = [str(beside / name if (beside / name).exists() else name) for mark in marks for name in mark.args]
        stories = [read(path) for name in names for path in found(name)]
    except BadStory as bad:
        raise pytest.UsageError(str(bad)) from None
    metafunc.parametrize("story", stories, indirect=True, ids=[story.name for story in stories])


@pytest.fixture(scope="session")
def storelab_laboratory(pytestconfig: pytest.Config) -> Iterator[Laboratory]:
    """The sandbox of this run: its own (with pytest-xdist, one for each worker), or the one at --storelab-url."""
    from storelab.testing import Laboratory

    with Laboratory(pytestconfig.getoption("--storelab-url")) as laboratory:
        yield laboratory


@pytest.fixture
def storelab(request: pytest.FixtureRequest, storelab_laboratory: Laboratory) -> Iterator[World]:
    """A fresh world: store, backends, clock, faults and journal that no other test knows."""
    world = storelab_laboratory.world(**_asked(request.node))
    request.node.stash[WORLD] = world
    yield world
    del request.node.stash[WORLD]
    world.drop()


def _asked(item: pytest.Item) -> dict[str, Any]:
    """What the markers of a test, its class and its module ask of its world; the nearest has the last word."""
    asked: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("storelab"))):
        if mark.args or not mark.kwargs.keys() <= set(ARGUMENTS):
            wrong = ", ".join([*map(repr, mark.args), *(mark.kwargs.keys() - set(ARGUMENTS))])
            raise pytest.UsageError(f"@pytest.mark.storelab takes {' and '.join(ARGUMENTS)} by name, not {wrong}")
        asked |= mark.kwargs
    snapshot = asked.get("snapshot")
    if isinstance(snapshot, str | Path) and (beside := item.path.parent / snapshot).is_file():
        asked["snapshot"] = beside
    return asked


def _services() -> list[str]:
    """Every service there is, found by the name of its folder and its document."""
    folders = (entry.name for entry in os.scandir(HOME / "emulators") if entry.is_dir())
    return sorted(name for name in folders if (HOME / "openapi" / f"{name}.yaml").is_file())


def _fixture_of(service: str) -> Callable[..., Any]:
    @pytest.fixture(name="woo" if service == STORE else service)
    def found(storelab: World) -> Service:
        return storelab.service(service)

    found.__doc__ = f"{service}, in the world of this test: its address, its keys, and its vocabulary as methods."
    return found


for _service in _services():
    globals()[f"_{_service}"] = _fixture_of(_service)


@pytest.fixture
def clock(storelab: World) -> Clock:
    """The time of this test's world: `freeze`, `advance`, `until_idle`, `live`."""
    return storelab.clock


@pytest.fixture
def faults(storelab: World) -> Faults:
    """What goes wrong in this test's world."""
    return storelab.faults


@pytest.fixture
def journal(storelab: World) -> Journal:
    """What crossed the wire in this test's world, and assertions about it."""
    return storelab.journal


@pytest.fixture
def deliveries(storelab: World) -> Deliveries:
    """The webhooks of this test's world, with every attempt."""
    return storelab.deliveries


@pytest.fixture
def in_process(storelab: World, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """While this test runs, what `requests` and `httpx` send to the vendors' addresses, and to https://shop.example,
    reaches its world, without a port; `in_process.answer(url, service)` adds an address."""
    from storelab.testing.in_process import InProcess

    answering = InProcess(storelab)
    answering.patch(monkeypatch)
    return answering


@pytest.fixture(scope="session")
def storelab_connector() -> str:
    """The address of your connector's driver API, for `sync` and `story`: override this fixture. Without one it is the
    reference sync."""
    return ""


@pytest.fixture
def sync(storelab: World, storelab_laboratory: Laboratory, storelab_connector: str) -> Iterator[Connector]:
    """The reference sync, or your connector, in this test's world: `sync.connect("keycrm")`, `sync.run()`."""
    from storelab.testing.connector import Connector

    connector = Connector(storelab, storelab_laboratory.driver(storelab_connector))
    yield connector
    connector.close()


@pytest.fixture
def story(request: pytest.FixtureRequest, storelab_laboratory: Laboratory, storelab_connector: str) -> Playable:
    """A story that `@pytest.mark.storelab_story` names; `story.play()` plays it in a world of its own."""
    if not hasattr(request, "param"):
        raise pytest.UsageError("the fixture story wants @pytest.mark.storelab_story(NAME) on its test")
    from storelab.testing.playable import Playable

    return Playable(request.param, storelab_laboratory, storelab_connector)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """When a test failed, what crossed the wire in its world stands in the report."""
    report = yield
    if report.failed and (world := item.stash.get(WORLD, None)) is not None:
        from storelab.testing.account import account

        report.sections.append(("storelab", account(world)))
    return report
