"""Every emulator's states, moves and facts keep the same promises."""

from __future__ import annotations

from typing import Any

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel import LabError

from .conftest import EMULATORS

STATES = [(name, state) for name, emulator in EMULATORS.items() for state in emulator.states]


@pytest.mark.parametrize(("service", "state"), STATES, ids=[f"{s}: {w}" for s, w in STATES])
def test_a_state_needs_no_argument_and_is_harmless_twice(world: LabClient, service: str, state: str) -> None:
    world.clock(freeze="2026-03-02T08:00:00Z")
    world.call("POST", "/deliveries/hold")
    world.state(service, state)
    once = facts(world, service)

    world.state(service, state)

    assert facts(world, service) == once


def facts(world: LabClient, service: str) -> Any:
    return world.call("GET", f"/services/{service}/facts")["result"]


def test_every_word_is_explained(service: str) -> None:
    emulator = EMULATORS[service]
    words = {**emulator.states, **emulator.moves, **emulator.facts, **emulator.jobs}

    assert [name for name, function in words.items() if not (function.__doc__ or "").strip()] == []


def test_there_is_a_word_of_each_kind(service: str) -> None:
    emulator = EMULATORS[service]

    assert emulator.states
    assert emulator.moves
    assert emulator.facts


def test_facts_read_only(world: LabClient, service: str) -> None:
    before = facts(world, service)

    assert facts(world, service) == before


def test_the_same_story_twice_gives_the_same_facts(world: LabClient, service: str) -> None:
    seen = []
    for _ in range(2):
        world.call("POST", "/reset")
        world.clock(freeze="2026-03-02T08:00:00Z")
        world.call("POST", "/deliveries/hold")
        for state in sorted(EMULATORS[service].states):
            world.state(service, state)
        seen.append(facts(world, service))

    assert seen[0] == seen[1]


def test_a_word_that_is_not_known_is_refused_with_those_that_are(world: LabClient, service: str) -> None:
    with pytest.raises(LabError, match=rf"{service} has no move 'dance'\. Possible: "):
        world.do(service, "dance")


def test_a_snapshot_brings_every_fact_back(world: LabClient, service: str) -> None:
    world.clock(freeze="2026-03-02T08:00:00Z")
    world.call("POST", "/deliveries/hold")
    states = sorted(EMULATORS[service].states)
    world.state(service, states[0])
    world.call("PUT", "/snapshots/here")
    before = facts(world, service)
    for state in states[1:]:
        world.state(service, state)

    world.call("POST", "/snapshots/here/restore")

    assert facts(world, service) == before
