"""Stories are played with a provider at an address, which stands in its emulator's place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storelab.contracts.adapter import Adapter
from storelab.contracts.kit import BROKEN, KEPT, SKIPPED
from storelab.sandbox import Sandbox, Settings
from storelab.verify import run, stand_in
from storelab.verify.pacts import Target
from storelab.verify.report import STORY

from .planted import Answer, Planted


@pytest.fixture
def vendor() -> Iterator[Sandbox]:
    """A provider of its own, with a clock of its own."""
    with Sandbox(Settings(port=0, sync_port=None)) as running:
        yield running


def states(vendor: Sandbox) -> Adapter:
    return Adapter(f"{vendor.url}/_lab/services/keycrm/pact-states")


def test_a_connection_lives_its_life_with_a_provider_elsewhere(vendor: Sandbox) -> None:
    names = ("keycrm/connect_to_sync", "keycrm/echo", "keycrm/keycrm_down")
    url = f"{vendor.url}/keycrm"

    found = {check.test: check for check in stand_in.checks("keycrm", url, states(vendor), names=names)}

    assert {test: (check.verdict, check.summary) for test, check in found.items() if check.verdict != SKIPPED} == {
        "scenarios/keycrm/connect_to_sync.yaml": (KEPT, ""),
        "scenarios/keycrm/echo.yaml": (KEPT, ""),
    }
    assert "faults of the provider" in found["scenarios/keycrm/keycrm_down.yaml"].why


def test_what_breaks_a_story_is_shown_with_the_exchanges(vendor: Sandbox) -> None:
    def forgets(answer: Answer) -> Answer:
        return answer.saying({**answer.json, "data": []}) if answer.path.startswith("/v1/offers/stocks?") else answer

    planted = Planted(f"{vendor.url}/keycrm", forgets)
    try:
        (check,) = stand_in.checks("keycrm", planted.url, states(vendor), names=["keycrm/connect_to_sync"])
    finally:
        planted.close()

    assert (check.part, check.verdict) == (STORY, BROKEN)
    assert check.differences[0].where.startswith("line ")
    assert "MUG is 12, wanted 30" in check.summary
    assert check.actual


def test_without_an_adapter_no_story_is_played(vendor: Sandbox) -> None:
    target = Target("keycrm", f"{vendor.url}/keycrm")

    report = run.of_target(target, run.Parts(fuzz="off", stories=True, webhooks=False), tell=lambda check: None)

    (story,) = [check for check in report.checks if check.part == STORY]
    assert (story.verdict, story.why) == (SKIPPED, "needs an adapter with moves and facts: name it with --state-url")
