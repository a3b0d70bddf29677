"""Numbers are given once, whatever is undone, saved, brought back or begun anew meanwhile."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from . import acme
from .conftest import Acme
from .test_worlds import kept_in


class Undone(Exception):
    """The transaction is not to be kept."""


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("lasting", [False, True])
def test_what_is_undone_gives_its_numbers_back_and_nothing_else_does(
    backend: Acme, tmp_path: Path, lasting: bool, seed: int
) -> None:
    chance = random.Random(seed)
    lab = kept_in(tmp_path) if lasting else backend.lab
    last = saved = 0
    lab.world().save("begun")
    for _ in range(120):
        world, before = lab.world(), last
        match chance.choice(["draw", "draw", "undo", "savepoint", "save", "restore", "end"]):
            case "draw":
                with world.visit(acme.EMULATOR) as here:
                    count = chance.randint(1, 3)
                    assert here.ids.next("thing", count) == last + 1
                    last += count
                    assert here.ids.taken("thing") == last
            case "undo":
                with suppress(Undone), world.visit(acme.EMULATOR) as here:
                    assert here.ids.next("thing") == last + 1
                    raise Undone
            case "savepoint":
                with world.visit(acme.EMULATOR) as here:
                    assert here.ids.next("thing") == last + 1
                    point = here.store.savepoint()
                    assert here.ids.next("thing") == last + 2
                    point.rollback()
                    assert here.ids.next("thing") == last + 2
                last = before + 2
            case "save":
                world.save("begun")
                saved = last
            case "restore":
                world.restore("begun")
                last = saved
            case "end" if lasting:
                lab.close()
                lab = kept_in(tmp_path)
    assert lab.world().ids.taken("thing") == last


def test_a_number_to_begin_with_is_never_below_one_that_was_given(backend: Acme) -> None:
    with backend.lab.world().visit(acme.EMULATOR) as here:
        here.ids.start("thing", 10)
        assert here.ids.next("thing") == 10
        here.ids.start("thing", 5)
        assert here.ids.next("thing") == 11
