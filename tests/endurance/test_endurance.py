"""A sandbox and a sync under mixed random load are at its end as before.

Two minutes of it, beside the other tests; with STORELAB_LONG=1 ten, with STORELAB_ENDURANCE=3600 as many seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from benchmarks.endurance import JOURNAL, Result, told
from storelab.emulators.kernel.journal import BYTES_EACH

GOOD = Result(
    seconds=120.0,
    actions={"read": 900},
    kills=3,
    memory=(150.0, 155.0),
    files=(20, 22),
    threads=(10, 11),
    cost=(1.0, 1.1),
    crossed=500,
    kept=(JOURNAL, 90_000),
    busy=30.0,
    agrees=True,
    unexplained=(),
)


@pytest.mark.skipif(sys.platform != "linux", reason="memory, files and threads are read from /proc")
def test_after_a_mixed_load_everything_is_as_before(endured: Callable[[], Result]) -> None:
    result = endured()

    print(*told(result), sep="\n")
    assert result.broken() == []
    assert sum(result.actions.values()) > 2 * result.seconds
    assert result.kills > 0
    assert result.kept[0] == JOURNAL or result.seconds < 60


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"memory": (150.0, 190.0)}, "memory grew to 1.27"),
        ({"files": (20, 60)}, "files"),
        ({"threads": (10, 40)}, "threads"),
        ({"cost": (1.0, 1.8)}, "a request costs"),
        ({"kept": (JOURNAL + 1, 90_000)}, "the journal held"),
        ({"kept": (JOURNAL, JOURNAL * BYTES_EACH + 1)}, "the journal held"),
        ({"kept": (10, 9_000)}, "never held more than 10"),
        ({"agrees": False}, "do not agree"),
        ({"unexplained": ("GET products: 500",)}, "GET products: 500"),
    ],
)
def test_each_law_can_be_broken(changes: dict[str, object], says: str) -> None:
    broken = replace(GOOD, **changes).broken()  # type: ignore[arg-type]

    assert [says in law for law in broken] == ([True] if says else [])
