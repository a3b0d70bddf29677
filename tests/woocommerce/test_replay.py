"""The emulator answers like the store that was recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from .replay import RUNS, Outcome, Run, Store, replay

# Least percentage of calls alike in status, in what they tell, in shape, in values. What is missing, and why:
# OPTIONS says nothing of what arguments mean; `orderby=random`; one call per section that hangs on a second more or
# less; whether a webhook was delivered to before it was looked at; texts and names of the recorded shop in settings.
FLOORS = {
    "auth": (100, 100, 98, 98),
    "errors": (100, 100, 98, 98),
    "product_lists": (100, 100, 99, 99),
    "products": (100, 100, 100, 100),
    "variations_terms": (100, 99, 99, 98),
    "paging": (100, 95, 95, 90),
    "batch": (100, 100, 100, 100),
    "stock": (100, 100, 100, 99),
    "orders": (100, 100, 100, 99),
    "customers_coupons": (100, 100, 100, 99),
    "webhooks": (100, 100, 97, 97),
    "settings": (100, 100, 100, 97),
    "handoff": (100, 100, 100, 96),
}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        made = Store(runner, patch)
        yield made
        made.lab.close()


@pytest.mark.parametrize("run", RUNS, ids=lambda run: "+".join(run.sections))
def test_the_recorded_calls_are_answered_alike(store: Store, run: Run) -> None:
    outcomes = replay(run, store)

    for section in run.sections:
        of_it = [outcome for outcome in outcomes if outcome.section == section]
        reached = tuple(100 * sum(o.level >= level for o in of_it) / len(of_it) for level in (1, 2, 3, 4))
        floors = FLOORS[section]
        short = [level for level in (1, 2, 3, 4) if reached[level - 1] < floors[level - 1]]
        assert not short, f"{section} reaches {reached}, below {floors}:\n{_told(of_it, short)}"


def _told(outcomes: list[Outcome], levels: list[int]) -> str:
    lines = []
    for outcome in outcomes:
        if outcome.level < max(levels):
            lines.append(f"{outcome.call.name}: {outcome.call.send['method']} {outcome.call.send['url']}")
            for d in outcome.differences[:3]:
                lines.append(f"    {d.level} {d.where}: {d.recorded!r}, ours {d.ours!r}"[:300])
    return "\n".join(lines[:60])
