"""A sandbox and a sync under mixed random load are at its end as before.

Twenty seconds of it; with STORELAB_LONG=1 two minutes, with STORELAB_ENDURANCE=600 as many seconds (ten minutes for a
nightly run, an hour with `python -m benchmarks.endurance --minutes 60`).
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import pytest

from benchmarks.endurance import Result, endured, told

SECONDS = float(os.environ.get("STORELAB_ENDURANCE") or (120 if os.environ.get("STORELAB_LONG") else 20))


@pytest.mark.skipif(sys.platform != "linux", reason="memory, files and threads are read from /proc")
def test_after_a_mixed_load_everything_is_as_before() -> None:
    result = endured(SECONDS, tell=lambda line: None)

    print(*told(result), sep="\n")
    assert result.broken() == []
    assert sum(result.actions.values()) > 2 * SECONDS
    assert result.kills > 0


GOOD = Result(120.0, {"read": 9}, 3, (150.0, 155.0), (20, 22), (10, 11), (1.0, 1.1), 500, True, ())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"memory": (150.0, 190.0)}, "memory grew to 1.27"),
        ({"files": (20, 60)}, "files"),
        ({"threads": (10, 40)}, "threads"),
        ({"cost": (1.0, 1.8)}, "a request costs"),
        ({"agrees": False}, "do not agree"),
        ({"unexplained": ("GET products: 500",)}, "GET products: 500"),
    ],
)
def test_each_law_can_be_broken(changes: dict[str, object], says: str) -> None:
    broken = replace(GOOD, **changes).broken()  # type: ignore[arg-type]

    assert [says in law for law in broken] == ([True] if says else [])
