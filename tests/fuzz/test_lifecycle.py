"""Whatever happens between connect and disconnect: when the faults are over, both sides agree, and stay so.

A life has a number, and is always the same: `-k sors-17` lives the seventeenth with SORS again. Each backend has as
many lives as IN_CI says, with STORELAB_LONG=1 twenty of a hundred steps; STORELAB_LIVES, STORELAB_STEPS and
STORELAB_FIRST (the number of the first) choose others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from storelab.client import LabClient
from storelab.emulators.kernel.lab import found_emulators
from storelab.sandbox import Sandbox, Settings
from storelab.scenarios import player
from storelab.scenarios.mortal import Mortal, MortalDriver
from storelab.scenarios.story import STORE
from storelab.sync.woocommerce import Store, Write

from .backends import BACKENDS, KEYCRM
from .lifecycle import SKUS, Backend, Life
from .machine import Lifecycle

STEPS = int(os.environ.get("STORELAB_STEPS", "100"))
FIRST = int(os.environ.get("STORELAB_FIRST", "1"))
IN_CI = {"golisto": 3, "keycrm": 8, "sors": 3, "spotler": 3, "stockburst": 3}  # 2,000 steps; some lives cost more


def numbers(name: str) -> range:
    """Of the lives that are lived with this backend."""
    lives = os.environ.get("STORELAB_LIVES") or (20 if os.environ.get("STORELAB_LONG") else IN_CI[name])
    return range(FIRST, FIRST + int(lives))


@pytest.fixture(scope="module")
def lab() -> Iterator[Sandbox]:
    with Sandbox(Settings(port=0, sync_port=None, check=True)) as running:
        yield running


@pytest.fixture(scope="module")
def sync(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    with Mortal(tmp_path_factory.mktemp("sync")) as running:
        yield running


def lived(lab: Sandbox, sync: Mortal, backend: Backend, number: int, steps: int, *, shrink: bool = True) -> None:
    """Live one life; what goes wrong is told as the shortest story there is. A run of Hypothesis of its own: what one
    run lives after its first life are mostly copies of it, cut short where they do not fit."""

    class Lived(Lifecycle):
        live = staticmethod(lambda: Life(LabClient(lab.url), sync, backend))

    Lived.backend = backend
    chosen = settings(
        max_examples=1,
        stateful_step_count=steps,
        derandomize=False,
        database=None,
        deadline=None,
        print_blob=False,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(number)(Lived), settings=chosen)


def test_every_backend_has_a_life() -> None:
    assert BACKENDS.keys() == found_emulators().keys() - {STORE}


@pytest.mark.parametrize(
    ("name", "number"),
    [pytest.param(name, number, id=f"{name}-{number}") for name in sorted(BACKENDS) for number in numbers(name)],
)
def test_both_sides_agree_in_the_end_and_then_rest(name: str, number: int, lab: Sandbox, sync: Mortal) -> None:
    Lifecycle.steps = 0

    lived(lab, sync, BACKENDS[name], number, STEPS)

    assert Lifecycle.steps >= STEPS * 5 // 6


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
            lived(lab, sync, KEYCRM, 9, 8, shrink=False)
        told = next(text for text in getattr(broken.value, "__notes__", ()) if text.startswith("title:"))
        file = tmp_path / "life.yaml"
        file.write_text(told)

        assert not player.result(file, LabClient(lab.url), MortalDriver(sync)).held

    assert player.result(file, LabClient(lab.url), MortalDriver(sync)).held


def test_a_life_in_which_the_sync_was_killed_is_told_with_the_point_and_killed_there_again(
    lab: Sandbox, sync: Mortal, tmp_path: Path
) -> None:
    life = Life(LabClient(lab.url), sync, KEYCRM)
    life.begin(dict.fromkeys(SKUS, 9), 0, {"warehouse_id": 1, "first_sync": "keycrm"})
    life.kill(40)  # never comes
    life.do([{"move": {"receive": {"sku": "MUG", "quantity": 5}}}])
    life.kill(4)
    life.do([{"sync": "until idle"}])
    life.clear_faults()
    life.reconcile()
    [died] = life.deaths
    file = tmp_path / "life.yaml"
    file.write_text(life.story("A life with a kill"))
    life.end()

    again = player.result(file, LabClient(lab.url), MortalDriver(sync))

    assert file.read_text().count("killed, service: sync, skip: 3") == 1
    assert "skip: 39" not in file.read_text()
    assert again.failure is None
    assert (died.split()[:2], died.split("/")[2:]) == (sync.where.split()[:2], sync.where.split("/")[2:])
