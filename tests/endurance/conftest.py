"""The load goes on beside the other tests of the run, and is looked at when they are over: it mostly waits, and nobody
should have to wait for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.endurance import Result

SECONDS = float(os.environ.get("STORELAB_ENDURANCE") or (600 if os.environ.get("STORELAB_LONG") else 120))
RATE = 8.0  # things done a second, of 20 to 40 that there could be
LONGEST = 600.0  # seconds that are waited for its beginning and its end

RUNNING = pytest.StashKey["subprocess.Popen[str]"]()
NAME = "test_after_a_mixed_load_everything_is_as_before"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.name == NAME)  # it comes last; the others stay in their order


def pytest_collection_finish(session: pytest.Session) -> None:
    if sys.platform == "linux" and not session.config.option.collectonly and any(i.name == NAME for i in session.items):
        command = ["benchmarks.endurance", "--minutes", str(SECONDS / 60), "--rate", str(RATE), "--json"]
        session.config.stash[RUNNING] = subprocess.Popen(
            [sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (running := session.config.stash.get(RUNNING, None)) is not None and running.poll() is None:
        running.terminate()  # the run was ended before its time
        running.wait(60)


@pytest.fixture
def endured(request: pytest.FixtureRequest) -> Callable[[], Result]:
    """Waits for the end of the load."""

    def found() -> Result:
        told, _ = request.config.stash[RUNNING].communicate(timeout=SECONDS + LONGEST)
        given: dict[str, Any] = json.loads(told)
        return Result(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})

    return found
