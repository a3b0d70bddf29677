"""Webhooks: how often a provider comes back, and what it does with those that a store sends to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.contracts.adapter import Adapter
from storelab.contracts.kit import BROKEN, KEPT, SKIPPED
from storelab.contracts.provider import Listener
from storelab.verify import pacts, receiver, retries, run
from storelab.verify.pacts import Target
from storelab.verify.person import Person
from storelab.verify.report import Check
from storelab.verify.veil import Veil

from .planted import Answer, Planted


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener(patience=5.0)
    yield made
    made.close()


def states(world: LabClient, provider: str) -> str:
    return f"{world.url}/_lab/services/{provider}/pact-states"


def advancing(world: LabClient) -> Callable[[float], Any]:
    return lambda seconds: world.clock(advance=seconds)


@pytest.mark.parametrize(("provider", "wanted"), [("keycrm", ["once", "3 times"]), ("woocommerce", ["once"])])
def test_an_emulator_comes_back_as_often_as_its_document_says(
    world: LabClient, listener: Listener, provider: str, wanted: list[str]
) -> None:
    found = list(
        retries.checks(provider, Adapter(states(world, provider)), listener, Veil(provider), advance=advancing(world))
    )

    assert [(check.verdict, check.summary) for check in found] == [(KEPT, "")] * len(wanted)
    assert all(word in check.name for word, check in zip(wanted, found, strict=True))


def test_a_webhook_that_comes_too_often_is_found(
    world: LabClient, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storelab.emulators.keycrm.webhooks.TRIGGER_ATTEMPTS", 5)

    _, order = retries.checks(
        "keycrm", Adapter(states(world, "keycrm")), listener, Veil("keycrm"), advance=advancing(world)
    )

    assert (order.verdict, order.differences[0].where) == (BROKEN, "retry")
    assert order.differences[0].message == "it was sent 5 times, not 3"


def test_a_webhook_that_comes_again_too_early_is_found(
    world: LabClient, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storelab.emulators.keycrm.webhooks.BETWEEN_ATTEMPTS", 0.0)

    _, order = retries.checks(
        "keycrm", Adapter(states(world, "keycrm")), listener, Veil("keycrm"), advance=advancing(world)
    )

    assert "time" in [difference.where for difference in order.differences]


def test_where_the_clock_cannot_be_moved_the_patience_decides(world: LabClient, listener: Listener) -> None:
    found = list(retries.checks("keycrm", Adapter(states(world, "keycrm")), listener, Veil("keycrm")))

    assert [check.verdict for check in found] == [KEPT, SKIPPED]
    assert found[1].why == "takes 240 seconds: allow them with --patience 240"


RECEIVERS = {
    "golisto": ["an approved store"],
    "spotler": ["a connector"],
    "stockburst": ["a connected store"],
}


def heard_by(world: LabClient, provider: str) -> receiver.Receiver:
    adapter, values = Adapter(states(world, provider)), dict[str, Any]()
    for state in RECEIVERS[provider]:
        values |= adapter.setup(state, {})
    found = receiver.known_from(provider, values, slow=10.0)
    assert found
    return found


@pytest.mark.parametrize("provider", RECEIVERS)
def test_an_emulator_takes_what_is_signed_and_nothing_else(world: LabClient, provider: str) -> None:
    found = list(receiver.checks(heard_by(world, provider), Veil(provider)))

    assert [(check.name, check.summary) for check in found if check.verdict == BROKEN] == []
    assert len(found) == 7
    assert all(check.basis for check in found)


def _believes_everything(answer: Answer) -> Answer:
    return replace(answer, status=200)


def _wants_a_signature_of_pings(answer: Answer) -> Answer:
    return replace(answer, status=401) if b"heard" in answer.body and b"false" in answer.body else answer


@pytest.mark.parametrize(
    ("plant", "names"),
    [
        (
            _believes_everything,
            {
                "a webhook signed with another secret is refused",
                "a webhook without a signature is refused",
                "a webhook that was changed on its way is refused",
            },
        ),
        (_wants_a_signature_of_pings, {"a ping is answered"}),
        (lambda answer: replace(answer, status=500), None),
    ],
    ids=["believes everything", "refuses pings", "breaks down"],
)
def test_a_receiver_that_is_not_right_is_found(world: LabClient, plant: Any, names: set[str] | None) -> None:
    right = heard_by(world, "golisto")
    planted = Planted(world.url, plant)
    try:
        wrong = replace(right, url=right.url.replace(world.url, planted.url))
        found = list(receiver.checks(wrong, Veil("golisto")))
    finally:
        planted.close()

    broken = [check for check in found if check.verdict == BROKEN]
    assert {check.name for check in broken} == (names or {check.name for check in found})
    assert {difference.where for check in broken for difference in check.differences} == {"status"}
    assert all(right.secret not in str(check.as_json()) for check in found)


def test_a_person_may_do_what_an_adapter_would(world: LabClient, listener: Listener) -> None:
    adapter, asked = Adapter(states(world, "keycrm")), list[str]()

    def person(text: str) -> str:
        asked.append(text)
        verb, _, rest = text.partition(": ")
        words, _, given = rest.strip().partition(" (")
        params = dict(pair.split(" ", 1) for pair in given.rstrip(")").split(", ") if pair)
        numbers = {n: float(v) if n in ("quantity", "reserve") else v for n, v in params.items()}
        if "now do" in verb:
            adapter.move(words, numbers)
            return ""
        made = adapter.setup(words, numbers)
        return f"offer_id={made['offer_id']}" if "offer_id" in made else ""

    target = Target("keycrm", f"{world.url}/keycrm", given={"api_key": world.info()["backends"]["keycrm"]["api_key"]})
    checks = list(pacts.of_target(target, listener, Person("keycrm", person)))

    inventory: Check = next(check for check in checks if check.name == "stock after an inventory")
    assert (inventory.verdict, inventory.summary) == (KEPT, "")
    assert any(text.startswith("In keycrm, now do: adjust stock (quantity 7, sku MUG)") for text in asked)


def test_without_webhooks_nobody_listens(world: LabClient) -> None:
    target = Target("keycrm", f"{world.url}/keycrm", states(world, "keycrm"))

    report = run.of_target(target, run.Parts(fuzz="off", webhooks=False), tell=lambda check: None)

    assert {check.verdict for check in report.checks if check.part == "webhook"} == {SKIPPED}
