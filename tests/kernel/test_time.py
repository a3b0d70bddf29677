"""The clock: live, frozen, moved; never back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from enum import Enum

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.kernel import LabError, Lifecycle, NotAllowed
from storelab.emulators.kernel.clock import ClockSetting, parsed
from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.lab import Lab

from . import acme

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@given(st.lists(st.floats(0, 1e6), max_size=5), st.booleans())
def test_advances_add_up(seconds: list[float], frozen: bool) -> None:
    setting = ClockSetting(frozen_at=NOON) if frozen else ClockSetting()

    for step in seconds:
        setting = setting.advanced(step)

    assert abs(setting.time(NOON) - NOON - timedelta(seconds=sum(seconds))) < timedelta(milliseconds=1)


def test_frozen_time_stands_still() -> None:
    setting = ClockSetting().frozen(NOON)

    assert setting.time(NOON) == setting.time(NOON + timedelta(days=1)) == NOON


def test_time_does_not_go_back() -> None:
    with pytest.raises(LabError, match="cannot go back"):
        ClockSetting().advanced(-1)


@pytest.mark.parametrize("text", ["2026-01-02T12:00:00Z", "2026-01-02T14:00:00+02:00", "2026-01-02 12:00"])
def test_times_are_read_as_utc(text: str) -> None:
    assert parsed(text) == NOON


def test_what_is_no_time_is_said_with_an_example() -> None:
    with pytest.raises(LabError, match="'noon' is not a time; write it like"):
        parsed("noon")


def test_a_lifecycle_knows_what_can_happen_next() -> None:
    lifecycle = Lifecycle({("awaiting", "approve"): "approved", ("awaiting", "reject"): "rejected"})

    assert lifecycle.after("awaiting", "approve") == "approved"
    assert lifecycle.events("rejected") == set()
    with pytest.raises(NotAllowed, match="'approve' is not possible in state 'rejected'; possible: nothing"):
        lifecycle.after("rejected", "approve")


def test_a_lifecycle_speaks_of_its_states_as_the_vendor_calls_them() -> None:
    class Approval(Enum):
        AWAITING = "awaiting"
        ENDED = "ended"

    lifecycle = Lifecycle({(Approval.AWAITING, "end"): Approval.ENDED})

    with pytest.raises(NotAllowed, match="'end' is not possible in state 'ended'; possible: nothing"):
        lifecycle.after(Approval.ENDED, "end")


@pytest.mark.parametrize("frozen", [False, True])
def test_time_is_advanced_by_exactly_what_was_asked(frozen: bool) -> None:
    ticking = (NOON + timedelta(milliseconds=n) for n in range(10_000))
    documents = {"acme": acme.DOCUMENT}
    lab = Lab({"acme": acme.EMULATOR}, SqliteDatabases(None), documents=documents, now=lambda: next(ticking))
    world = lab.world()
    if frozen:
        world.set_clock(world.clock.frozen(NOON))

    asyncio.run(world.advance(3600))
    asyncio.run(world.advance(1.5))

    assert world.clock.time(NOON) == NOON + timedelta(seconds=3601.5)
    lab.close()
