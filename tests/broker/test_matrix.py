"""What must be verified and what may be deployed, on records that are made by hand."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given, strategies as st

from storelab.broker.matrix import Others, Selector, Unknown, due, verdict
from storelab.broker.records import Event, Records, after, digest

from .conftest import PACT

TIME = "2026-01-{:02d}T00:00:00Z"
Told = tuple[str, dict[str, Any]]


def records(*happened: Told) -> Records:
    return after(
        Records(), [Event(n, TIME.format(min(n, 28)), kind, data) for n, (kind, data) in enumerate(happened, 1)]
    )


def version(name: str, number: str, branch: str = "", tags: tuple[str, ...] = ()) -> Told:
    return "version", {"pacticipant": name, "number": number, "branch": branch, "tags": list(tags)}


def pact(number: str, sha: str = "old", branch: str = "main") -> list[Told]:
    named = {"consumer": "shop", "version": number, "provider": "acme", "sha": sha}
    return [version("shop", number, branch), ("pact", named)]


def result(number: str, *, kept: bool, sha: str = "old", branch: str = "main") -> list[Told]:
    told = {"consumer": "shop", "provider": "acme", "sha": sha, "version": number, "success": kept}
    return [version("acme", number, branch), ("verification", told)]


def placed(name: str, number: str, kind: str = "deployed", instance: str = "") -> Told:
    data = {"kind": kind, "pacticipant": name, "version": number, "environment": "E", "instance": instance}
    return "live", {"uuid": f"{name}{number}{kind}{instance}", **data}


PRODUCTION: Told = ("environment", {"uuid": "E", "name": "production"})
THERE = Others(environment="production")


@pytest.mark.parametrize(
    ("happened", "deployable", "reason"),
    [
        ([], None, "acme is not"),
        ([*result("p1", kept=True)], None, "acme is not"),
        ([*result("p1", kept=True), placed("acme", "p1")], True, "all that must be verified is verified"),
        ([*result("p1", kept=False), placed("acme", "p1")], False, "failed"),
        ([version("acme", "p1"), placed("acme", "p1")], None, "has not been verified"),
        ([*result("p1", kept=False), *result("p1", kept=True), placed("acme", "p1")], True, "verified"),
        ([*result("p1", kept=True), *result("p2", kept=False), placed("acme", "p2")], False, "p2 failed"),
        (
            [*result("p1", kept=True), *result("p2", kept=False), placed("acme", "p1", "released"),
             placed("acme", "p2", "released")],
            False,
            "p2 failed",
        ),
        ([*result("p1", kept=False), placed("acme", "p1"), ("ended", {"uuid": "acmep1deployed"})], None, "acme is not"),
    ],
)  # fmt: skip
def test_a_consumer_needs_every_provider_that_is_there(
    happened: list[Told], deployable: bool | None, reason: str
) -> None:
    found = verdict(records(PRODUCTION, *pact("c1"), *happened), [Selector("shop", "c1")], THERE)

    assert found.deployable is deployable
    assert reason in found.reasons[0]


def test_a_provider_needs_nobody_but_must_keep_what_is_there() -> None:
    alone = records(PRODUCTION, *pact("c1"), version("acme", "p1"))
    needed = after(alone, [Event(90, TIME.format(9), *placed("shop", "c1"))])

    assert verdict(alone, [Selector("acme", "p1")], THERE).deployable is True
    assert verdict(needed, [Selector("acme", "p1")], THERE).deployable is None


def test_a_deployment_replaces_the_one_before_except_beside_another_instance() -> None:
    known = records(
        PRODUCTION, version("acme", "p1"), version("acme", "p2"), placed("acme", "p1"), placed("acme", "p2"),
        placed("acme", "p1", instance="blue"),
    )  # fmt: skip

    assert known.present("acme", ["deployed"], "E") == ["p2", "p1"]


def test_what_is_ignored_is_shown_and_not_counted() -> None:
    known = records(PRODUCTION, *pact("c1"), *result("p1", kept=False), placed("acme", "p1"))

    found = verdict(known, [Selector("shop", "c1")], THERE, ignore=[Selector("acme")])

    assert found.deployable is True
    assert [row.ignored for row in found.rows] == [True]


def test_a_version_that_does_not_exist_is_not_deployable_and_an_application_is_an_error() -> None:
    known = records(PRODUCTION, *pact("c1"))

    assert verdict(known, [Selector("shop", "c9")], THERE).deployable is False
    with pytest.raises(Unknown, match="no application 'shp'"):
        verdict(known, [Selector("shp", "c1")], THERE)
    with pytest.raises(Unknown, match="known: production"):
        verdict(known, [Selector("shop", "c1")], Others(environment="prod"))


def test_can_i_merge_asks_the_main_branch() -> None:
    known = records(*pact("c1"), *result("p1", kept=True), *result("p2", kept=False, branch="feat/x"))

    assert verdict(known, [Selector("shop", "c1")], Others(main_branch=True)).deployable is True


@pytest.mark.parametrize(
    ("selector", "versions"),
    [
        ({"mainBranch": True}, ["c2"]),
        ({"branch": "feat/x"}, ["c3"]),
        ({"branch": "feat/none"}, []),
        ({"branch": "feat/none", "fallbackBranch": "main"}, ["c2"]),
        ({"branch": "feat/none", "fallbackToMainBranch": True}, ["c2"]),
        ({"matchingBranch": True}, ["c3"]),
        ({"deployed": True}, ["c1"]),
        ({"released": True}, []),
        ({"deployedOrReleased": True, "environment": "production"}, ["c1"]),
        ({"environment": "production"}, ["c1"]),
        ({"latest": True}, ["c3"]),
        ({"tag": "t", "latest": True}, ["c2"]),
        ({"tag": "t"}, ["c1", "c2"]),
        ({"mainBranch": True, "consumer": "somebody"}, []),
    ],
)
def test_selectors_choose(selector: dict[str, Any], versions: list[str]) -> None:
    known = records(
        PRODUCTION, *pact("c1", "one"), *pact("c2", "two"), *pact("c3", "three", "feat/x"), placed("shop", "c1"),
        ("version", {"pacticipant": "shop", "number": "c1", "tags": ["t"]}),
        ("version", {"pacticipant": "shop", "number": "c2", "tags": ["t"]}),
    )  # fmt: skip

    assert [d.pact.version for d in due(known, "acme", [selector], branch="feat/x")] == versions


def test_one_content_is_due_once_with_all_reasons() -> None:
    known = records(PRODUCTION, *pact("c1"), *pact("c2"), placed("shop", "c1"))

    (found,) = due(known, "acme", [{"mainBranch": True}, {"deployed": True}])

    assert len(found.reasons) == 2


def test_pending_ends_with_the_first_success_on_the_branch_and_does_not_come_back() -> None:
    def is_pending(*happened: Told) -> bool:
        (found,) = due(records(*pact("c1"), *happened), "acme", [{"mainBranch": True}], branch="main", pending=True)
        return found.pending

    assert is_pending()
    assert is_pending(*result("p1", kept=False))
    assert is_pending(*result("p1", kept=True, branch="other"))
    assert not is_pending(*result("p1", kept=True))
    assert not is_pending(*result("p1", kept=True), *result("p2", kept=False))


def test_work_in_progress_is_what_is_new_on_any_branch_and_not_kept_yet() -> None:
    base = [*pact("c1"), *result("p1", kept=True), *pact("c2", "new", "feat/x")]

    def found(*happened: Told, since: str = "2026-01-01") -> list[str]:
        chosen = due(records(*base, *happened), "acme", [{"mainBranch": True}], branch="main", wip_since=since)
        assert all(each.pending for each in chosen if each.wip)
        return [each.pact.version for each in chosen if each.wip]

    assert found() == ["c2"]
    assert found(since="2026-02-01") == []
    assert found(*result("p2", kept=False, sha="new")) == ["c2"]
    assert found(*result("p2", kept=True, sha="new")) == []
    assert found(("branch gone", {"pacticipant": "shop", "branch": "feat/x"})) == []


@given(order=st.randoms(use_true_random=False), cut=st.integers(0, 9))
def test_it_does_not_matter_in_how_many_steps_the_past_is_read(order: random.Random, cut: int) -> None:
    events = [
        Event(n, TIME.format(n), kind, data)
        for n, (kind, data) in enumerate(
            [PRODUCTION, *pact("c1"), *result("p1", kept=True), placed("acme", "p1"), *pact("c2", "two", "feat/x"),
             *result("p2", kept=order.random() < 0.5)], 1,
        )
    ]  # fmt: skip
    first = after(Records(), events[:cut])
    before = copy.deepcopy(first)

    assert after(first, events[cut:]) == after(Records(), events)
    assert first == before  # and what was read stays as it was


@given(st.permutations(range(4)))
def test_a_content_is_named_by_what_it_says(order: list[int]) -> None:
    interactions = [{**PACT["interactions"][0], "description": f"number {n}"} for n in range(4)]
    shuffled = {**PACT, "interactions": [interactions[n] for n in order]}

    named = digest({**PACT, "interactions": interactions})

    assert digest({**shuffled, "createdAt": "now", "_links": {}}) == named
    assert digest({**shuffled, "interactions": interactions[:3]}) != named


HAPPENINGS: list[Told] = [
    PRODUCTION, ("environment gone", {"uuid": "E"}), placed("shop", "c1"), ("ended", {"uuid": "shopc1deployed"}),
    *pact("c1"), *result("p1", kept=True), ("branch gone", {"pacticipant": "shop", "branch": "main"}),
    ("untagged", {"pacticipant": "shop", "number": "c1", "tag": "t"}), version("shop", "c1", tags=("t",)),
]  # fmt: skip


@given(st.lists(st.sampled_from(HAPPENINGS), max_size=20))
def test_whatever_happened_in_whatever_order_can_be_read(happened: list[Told]) -> None:
    known = records(*happened)

    assert all(here.environment in known.environments for here in known.live.values())
    assert known.order == len(happened)
