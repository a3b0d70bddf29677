"""Whatever happens between connect and disconnect: when the faults are over, both sides agree, and stay so.

Twenty-four lives of up to a hundred steps are lived, always the same. With STORELAB_LIVES as many others as it says, of
STORELAB_STEPS steps; `--hypothesis-seed` then repeats them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings
from storelab.scenarios import player
from storelab.sync.woocommerce import Store, Write

from .lifecycle import SKUS, Life

LIVES = int(os.environ.get("STORELAB_LIVES", "24"))
STEPS = int(os.environ.get("STORELAB_STEPS", "100"))

skus = st.sampled_from(SKUS)
few = st.integers(1, 3)
pieces = st.integers(0, 20)
FAULTS = (
    {"kind": "status", "status": 429, "retry_after": 30},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "phase": "after-commit"},
    {"kind": "reset"},
    {"kind": "lost"},
    {"kind": "truncate"},
    {"kind": "garble"},
    {"kind": "outage", "seconds": 600},
)
MISHAPS = ({"kind": "drop"}, {"kind": "duplicate"}, {"kind": "late", "seconds": 900}, {"kind": "reorder"})


class Lifecycle(RuleBasedStateMachine):
    """Rules are what people, shoppers, the network and time do. `live` makes a life."""

    live: Callable[[], Life]
    steps = 0  # of all lives

    @invariant()
    def counted(self) -> None:
        Lifecycle.steps += 1

    def __init__(self) -> None:
        super().__init__()
        self.life = type(self).live()
        self.broken = False

    def _say(self, word: str, value: Any) -> None:
        """A step that must not break the connector, whatever it answers."""
        self.broken = True
        self.life.say(word, value)
        self.broken = False

    @initialize(
        mugs=st.integers(3, 20),
        caps=st.integers(3, 20),
        shirts=st.integers(3, 20),
        ours=st.integers(0, 5),
        truth=st.sampled_from(("keycrm", "store")),
    )
    def begin(self, mugs: int, caps: int, shirts: int, ours: int, truth: str) -> None:
        self.broken = True
        self.life.begin({"MUG": mugs, "CAP": caps, "SHIRT-S": shirts}, ours, truth)
        self.broken = False

    # -- people

    @rule(sku=skus, many=few)
    def a_shopper_buys(self, sku: str, many: int) -> None:
        if self.life.scene.pieces("woocommerce").get(sku, 0) >= many:
            self._say("move", {"store": {"place order": {"lines": {sku: many}}}})

    @rule(sku=skus, quantity=pieces)
    def somebody_counts_in_the_shop(self, sku: str, quantity: int) -> None:
        self._say("move", {"store": {"adjust stock": {"sku": sku, "quantity": quantity}}})

    @rule(sku=skus, quantity=pieces)
    def somebody_counts_in_the_warehouse(self, sku: str, quantity: int) -> None:
        self._say("move", {"adjust stock": {"sku": sku, "quantity": quantity}})

    @rule(sku=skus, quantity=few)
    def goods_arrive(self, sku: str, quantity: int) -> None:
        self._say("move", {"receive": {"sku": sku, "quantity": quantity}})

    @rule(sku=skus, quantity=few, status=st.sampled_from(("new", "confirmed", "completed")))
    def an_order_comes_another_way(self, sku: str, quantity: int, status: str) -> None:
        self._say("move", {"place order": {"sku": sku, "quantity": quantity, "status": status}})

    @rule(sku=skus, quantity=few)
    def pieces_are_set_aside(self, sku: str, quantity: int) -> None:
        self._say("move", {"reserve": {"sku": sku, "quantity": quantity}})

    # -- the connection

    @precondition(lambda self: self.life.status == "active")
    @rule(reissued=st.booleans())
    def the_key_is_revoked(self, reissued: bool) -> None:
        self._say("move", "revoke key")
        if reissued:
            self._say("move", "issue key")

    @precondition(lambda self: self.life.open_key not in ("", self.life.key))
    @rule()
    def the_merchant_connects_again(self) -> None:
        self._say("connect", dict(self.life.settings))

    @precondition(lambda self: self.life.status == "active")
    @rule()
    def the_merchant_disconnects(self) -> None:
        self._say("connect", "end")

    # -- time and the network

    @rule(how=st.sampled_from(("once", "once", "until idle", "push", "push")))
    def the_sync_works(self, how: str) -> None:
        if self.life.status == "active" or how != "push":
            self._say("sync", how)

    @rule(minutes=st.sampled_from((1, 5, 30, 70)))
    def time_passes(self, minutes: int) -> None:
        self._say("wait", {"minutes": minutes})

    @rule(fault=st.sampled_from(FAULTS), service=st.sampled_from(("keycrm", "store")), times=few)
    def the_network_fails(self, fault: dict[str, Any], service: str, times: int) -> None:
        self._say("fault", {**fault, "service": service, "times": times, "sender": "storelab-sync"})

    @rule(mishap=st.sampled_from(MISHAPS), times=few)
    def a_webhook_goes_astray(self, mishap: dict[str, Any], times: int) -> None:
        self.life.counted = False  # a change that is told of too late may be overwritten
        self._say("fault", {**mishap, "times": times})

    # -- the end

    def teardown(self) -> None:
        life = self.life
        try:
            if not self.broken and life.settings:
                life.mend()
                life.reconcile()
                life.agree()
                life.nothing_is_lost()
                life.rest()
        finally:
            note(life.story("A life that hypothesis found"))
            life.end()


@pytest.fixture(scope="module")
def lab() -> Iterator[Sandbox]:
    """A sandbox with its sync beside it."""
    with Sandbox(Settings(port=0, sync_port=0, check=True)) as running:
        yield running


def lived(lab: Sandbox, lives: int, steps: int, *, shrink: bool = True) -> None:
    """Live so many lives; what goes wrong is told as the shortest story there is."""

    class Lived(Lifecycle):
        live = staticmethod(lambda: Life(LabClient(lab.url), lab.sync_url))

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


def test_both_sides_agree_in_the_end_and_then_rest(lab: Sandbox) -> None:
    Lifecycle.steps = 0

    lived(lab, LIVES, STEPS)

    assert Lifecycle.steps >= LIVES * STEPS * 5 // 6  # some lives end early: 2,000 when nothing else is said


def test_what_goes_wrong_is_told_as_a_story_that_shows_it(
    lab: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The planted defect: what comes from KeyCRM is written with one piece too many."""
    written = Store.write

    def one_too_many(store: Store, parent: int, writes: Sequence[Write]) -> dict[int, str]:
        return written(store, parent, [replace(write, quantity=write.quantity + 1) for write in writes])

    with monkeypatch.context() as planted:
        planted.setattr(Store, "write", one_too_many)
        with pytest.raises(AssertionError) as broken:
            lived(lab, 10, 8, shrink=False)
        told = next(text for text in getattr(broken.value, "__notes__", ()) if text.startswith("title:"))
        file = tmp_path / "life.yaml"
        file.write_text(told)

        assert not player.result(file, LabClient(lab.url), lab.sync_url).held

    assert player.result(file, LabClient(lab.url), lab.sync_url).held
