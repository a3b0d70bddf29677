"""Whatever happens between connect and disconnect: when the faults are over, both sides agree, and stay so.

For each backend some lives are lived, always the same. With STORELAB_LIVES as many others as it says, of
STORELAB_STEPS steps; `--hypothesis-seed` then repeats them. With STORELAB_LONG=1, 2,000 steps for each backend.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from storelab.client import LabClient
from storelab.emulators.kernel.lab import found_emulators
from storelab.sandbox import Sandbox, Settings
from storelab.scenarios import player
from storelab.scenarios.story import STORE
from storelab.sync.woocommerce import Store, Write

from .backends import BACKENDS, KEYCRM
from .lifecycle import Backend, Life
from .machine import Lifecycle
from .mortal import Mortal

LONG = bool(os.environ.get("STORELAB_LONG"))
LIVES = int(os.environ.get("STORELAB_LIVES", "30" if LONG else "0"))
STEPS = int(os.environ.get("STORELAB_STEPS", "100"))
IN_CI = {"keycrm": 24}  # lives
OTHERS = 2  # where the backend itself works in the store, a life costs more


@pytest.fixture(scope="module")
def lab() -> Iterator[Sandbox]:
    with Sandbox(Settings(port=0, sync_port=None, check=True)) as running:
        yield running


@pytest.fixture(scope="module")
def sync(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    with Mortal(tmp_path_factory.mktemp("sync")) as running:
        yield running


def lived(lab: Sandbox, sync: Mortal, backend: Backend, lives: int, steps: int, *, shrink: bool = True) -> None:
    """Live so many lives; what goes wrong is told as the shortest story there is."""

    class Lived(Lifecycle):
        live = staticmethod(lambda: Life(LabClient(lab.url), sync, backend))

    Lived.backend = backend
    chosen = settings(
        max_examples=lives,
        stateful_step_count=steps,
        derandomize="STORELAB_LIVES" not in os.environ,
        database=None,
        deadline=None,
        print_blob=False,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Lived, settings=chosen)


def test_every_backend_has_a_life() -> None:
    assert BACKENDS.keys() == found_emulators().keys() - {STORE}


@pytest.mark.parametrize("name", sorted(BACKENDS))
def test_both_sides_agree_in_the_end_and_then_rest(name: str, lab: Sandbox, sync: Mortal) -> None:
    lives = LIVES or IN_CI.get(name, OTHERS)
    Lifecycle.steps = 0

    lived(lab, sync, BACKENDS[name], lives, STEPS)

    assert Lifecycle.steps >= lives * STEPS * 2 // 3  # some lives end early
    print(f"{name}: {Lifecycle.steps} steps")


def test_what_goes_wrong_is_told_as_a_story_that_shows_it(
    lab: Sandbox, sync: Mortal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The planted defect: what comes from KeyCRM is written with one piece too many."""
    written = Store.write

    def one_too_many(store: Store, parent: int, writes: Sequence[Write]) -> dict[int, str]:
        return written(store, parent, [replace(write, quantity=write.quantity + 1) for write in writes])

    with monkeypatch.context() as planted:
        planted.setattr(Store, "write", one_too_many)
        with pytest.raises(AssertionError) as broken:
            lived(lab, sync, KEYCRM, 10, 8, shrink=False)
        told = next(text for text in getattr(broken.value, "__notes__", ()) if text.startswith("title:"))
        file = tmp_path / "life.yaml"
        file.write_text(told)

        assert not player.result(file, LabClient(lab.url), sync.url).held

    assert player.result(file, LabClient(lab.url), sync.url).held
