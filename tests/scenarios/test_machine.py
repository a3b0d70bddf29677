"""Whatever happens between store and KeyCRM, in whatever order: once the last fault is over, both sides agree,
no piece was lost or made, and another look writes nothing.

A counterexample is printed as a story: save it under scenarios/ and it is a test. STORELAB_LONG=1 looks longer, and
makes what it finds as short as it can.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from storelab.client import LabClient
from storelab.scenarios import player, story
from storelab.scenarios.writing import written

from . import tiny
from .conftest import Write

LONG = os.environ.get("STORELAB_LONG", "") not in ("", "0")
SETTINGS = settings(
    max_examples=200 if LONG else 10,
    stateful_step_count=20 if LONG else 10,
    phases=(Phase.generate, Phase.shrink) if LONG else (Phase.generate,),
    derandomize=not LONG,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
START = 100  # more than any example can sell, so that nobody is ever stopped by an empty shelf
SKUS = ("MUG", "CAP")
SETTLED = [{"fault": "clear"}, {"wait": {"hours": 1}}, {"sync": "until idle"}, {"sync": "push"}, {"sync": "until idle"}]
WRITES_NOTHING = {
    "keycrm": {"PUT": 0, "POST": 0},
    "store": {"PUT": 0, "POST": 0},
}
UNRELIABLE = ({"kind": "drop"}, {"kind": "late", "seconds": 600}, {"kind": "reorder"}, {"kind": "duplicate"})
KEYCRM_FAULTS = (
    {"kind": "status", "status": 429, "retry_after": 30},
    {"kind": "status", "status": 500, "times": 2},
    {"kind": "status", "status": 502, "phase": "after-commit"},
    {"kind": "reset"},
    {"kind": "lost"},
    {"kind": "lost", "operation": "stocks.set_levels"},
    {"kind": "truncate"},
    {"kind": "garble", "times": 2},
    {"kind": "outage", "seconds": 600},
)
STORE_FAULTS = (
    {"kind": "status", "status": 503, "times": 2},
    {"kind": "reset"},
    {"kind": "lost"},
    {"kind": "lost", "operation": "batch.products"},
    {"kind": "truncate"},
    {"kind": "outage", "seconds": 600},
)

pieces = st.integers(1, 4)
skus = st.sampled_from(SKUS)


class Life(RuleBasedStateMachine):
    """One connection's life. Rules write the story down; it is played when it is over."""

    lab: LabClient
    folder: Path
    connector: str | None = None

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[dict[str, Any]] = []
        self.total = dict.fromkeys(SKUS, START)  # what both sides have to agree on in the end
        self.connected = self.reliable = True
        self.keyed = True

    # -- what people do

    @rule(sku=skus, count=pieces)
    def a_sale_in_the_store(self, sku: str, count: int) -> None:
        self.steps.append({"move": {"store": {"place order": {"lines": {sku: count}}}}})
        self.total[sku] -= count if self.connected else 0

    @rule(sku=skus, count=pieces)
    def goods_arrive_in_keycrm(self, sku: str, count: int) -> None:
        self.steps.append({"move": {"receive": {"sku": sku, "quantity": count}}})
        self.total[sku] += count

    @rule(sku=skus, count=pieces)
    def goods_break_in_keycrm(self, sku: str, count: int) -> None:
        self.steps.append({"move": {"write off": {"sku": sku, "quantity": count}}})
        self.total[sku] -= count

    # -- what the connector does

    @rule()
    @precondition(lambda self: self.connected)
    def it_syncs(self) -> None:
        self.steps.append({"sync": "until idle"})

    @rule()
    @precondition(lambda self: self.connected and self.keyed)
    def it_pushes(self) -> None:
        self.steps += [{"sync": "push"}, {"sync": "until idle"}]

    @rule(seconds=st.integers(0, 3))
    @precondition(lambda self: self.connected and self.keyed and self.reliable)
    def it_is_in_the_middle_of_a_push(self, seconds: int) -> None:
        """KeyCRM takes only whole numbers, so a change there that nobody was told of would be overwritten."""
        self.steps += [{"sync": "push"}, {"sync": "once"}, {"wait": {"seconds": seconds}}, {"sync": "once"}]

    # -- what goes wrong

    @rule(fault=st.sampled_from(KEYCRM_FAULTS))
    def keycrm_fails(self, fault: dict[str, Any]) -> None:
        self.steps.append({"fault": {**fault, "chance": 1}})

    @rule(fault=st.sampled_from(STORE_FAULTS))
    def the_store_fails(self, fault: dict[str, Any]) -> None:
        self.steps.append({"fault": {**fault, "service": "store", "chance": 1}})

    @rule(fault=st.sampled_from(UNRELIABLE))
    def a_webhook_goes_astray(self, fault: dict[str, Any]) -> None:
        self.steps.append({"fault": {**fault, "chance": 1}})
        self.reliable = False

    @rule()
    @precondition(lambda self: self.connected and self.keyed)
    def the_key_is_revoked(self) -> None:
        self.steps.append({"move": "revoke key"})
        self.keyed = False

    @rule()
    @precondition(lambda self: self.connected and not self.keyed)
    def the_key_is_replaced(self) -> None:
        self.steps += [{"fault": "clear"}, {"move": "issue key"}, {"connect": {"warehouse_id": 1}}]
        self.keyed = True

    @rule()
    @precondition(lambda self: self.connected and self.keyed)
    def the_merchant_disconnects(self) -> None:
        """From an agreed number on, so that it is known what counts afterwards: KeyCRM's."""
        self.steps += [*SETTLED, {"connect": "end"}]
        self.connected = False

    @rule()
    @precondition(lambda self: not self.connected)
    def the_merchant_connects_again(self) -> None:
        self.steps += [{"fault": "clear"}, {"connect": {"warehouse_id": 1, "first_sync": "keycrm"}}]
        self.steps.append({"sync": "until idle"})
        self.connected = True

    # -- the end

    def teardown(self) -> None:
        if not self.steps:
            return
        if not self.connected:
            self.the_merchant_connects_again()
        if not self.keyed:
            self.the_key_is_replaced()
        agreed = {"shelf": dict(self.total), "received": dict(self.total), "status": "active"}
        again = [*SETTLED[1:], {"expect": {"calls": WRITES_NOTHING}}]
        given: list[dict[str, Any]] = [{"shelf": dict.fromkeys(SKUS, START)}]
        given += [{"state": {"an offer in stock": {"sku": sku, "quantity": START}}} for sku in SKUS]
        given += [{"connect": {"warehouse_id": 1}}, {"sync": "until idle"}]
        steps = [*self.steps, *SETTLED, {"expect": agreed}, *again]
        text = written("A story that a machine made up", "keycrm", steps, given=given)
        path = self.folder / "made_up.yaml"
        path.write_text(text)

        result = player.result(path, self.lab, self.connector)

        if not result.held:  # not `assert`: pytest would indent the story
            raise AssertionError("\n".join(["save this as a story:", text, *result.lines()]))


def test_both_sides_agree_whatever_happened(lab: LabClient, tmp_path: Path) -> None:
    class Here(Life):
        pass

    Here.lab, Here.folder = lab, tmp_path

    run_state_machine_as_test(Here, settings=SETTINGS)


def test_a_connector_that_loses_pieces_is_found_out_and_the_story_is_printed(lab: LabClient, tmp_path: Path) -> None:
    class Here(Life):
        pass

    with tiny.running() as connector:
        Here.lab, Here.folder, Here.connector = lab, tmp_path, connector.url

        with pytest.raises(AssertionError, match="save this as a story") as told:
            run_state_machine_as_test(Here, settings=SETTINGS)

    text = str(told.value).split("save this as a story:\n")[1].split("\nBROKEN")[0]
    (tmp_path / "saved.yaml").write_text(text)
    assert story.read(tmp_path / "saved.yaml").title == "A story that a machine made up"


@pytest.mark.parametrize(
    "steps",
    [
        [{"connect": None}, {"sync": "until idle"}],
        [{"move": {"store": {"place order": {"lines": {"0012": 2, "on": 1}}}}}, {"wait": {"minutes": 5}}],
        [{"expect": {"calls": {"keycrm": {"429": 1}}, "sent": {"keycrm": ["?filter[sku]"]}, "shelf": {}}}],
    ],
)
def test_a_story_that_is_written_down_reads_as_it_was(steps: list[dict[str, Any]], write: Write) -> None:
    text = written("A title: with a colon", "keycrm", steps, about="Ünïcode, too", given=[{"shelf": {"MUG": 1}}])

    read = story.read(write(text))

    assert read.title == "A title: with a colon"
    assert [{step.word: step.value} for step in read.steps] == [{"shelf": {"MUG": 1}}, *steps]
