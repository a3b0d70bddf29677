"""What the emulators answer and send is what sync relies on; and whoever departs from it is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.contracts import engine, kit, pactfiles
from storelab.contracts.provider import Answering, Emulated
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.keycrm import webhooks
from storelab.sandbox import Sandbox

from .broken import Almost, Planted


@pytest.fixture
def lab(sandbox: Sandbox) -> LabClient:
    return sandbox.client


@pytest.mark.parametrize("path", pactfiles.pact_files(), ids=lambda path: path.stem)
def test_the_emulator_keeps_every_contract(lab: LabClient, path: Path) -> None:
    verdicts = kit.verified_file(lab, path)

    assert len(verdicts) == len(pactfiles.read(path)["interactions"])
    assert [(v.description, v.differences) for v in verdicts if v.verdict != kit.KEPT] == []


def _status(status: int, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
    return (200 if status == 202 else status), headers, body


def _without_total(status: int, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
    return status, headers, {n: v for n, v in body.items() if n != "total"}


def _renamed_reserve(status: int, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
    for row in body.get("data", ()):
        if "reserve" in row:
            row["in_reserve"] = row.pop("reserve")
    return status, headers, body


def _numbers_as_text(status: int, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
    for row in body.get("data", ()):
        if "quantity" in row:
            row["quantity"] = str(row["quantity"])
    return status, headers, body


def _without_retry_after(status: int, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
    return status, {n: v for n, v in headers.items() if n.lower() != "retry-after"}, body


def _open_to_all(status: int, headers: dict[str, str], body: Any) -> tuple[int, dict[str, str], Any]:
    return (200 if status == 401 else status), headers, body


def by_the_book(emulated: Emulated) -> Callable[[bytes], tuple[int, Any]]:
    """An address for states as a vendor has it: one state at a time, and it is told when an interaction is over."""
    begun: list[dict[str, Any]] = []

    def answered(body: bytes) -> tuple[int, Any]:
        asked = json.loads(body)
        if asked["action"] == "teardown":
            begun.clear()
            return 200, {}
        begun.append({"name": asked["state"], "params": asked["params"]})
        return 200, emulated.begin(begun)

    return answered


@pytest.mark.parametrize(
    ("plant", "description", "where"),
    [
        (_status, "a quantity of one SKU", "status"),
        (_without_total, "the first page of stock", "$"),
        (_renamed_reserve, "the first page of stock", "$.data[0]"),
        (_numbers_as_text, "the first page of stock", "$.data[0].quantity"),
        (_without_retry_after, "a quantity in a minute that is used up", "Retry-After"),
        (_open_to_all, "a page of stock with a revoked key", "status"),
    ],
)
def test_a_planted_difference_is_found_where_it_is(
    lab: LabClient, plant: Planted, description: str, where: str
) -> None:
    emulated = Emulated(lab, "keycrm")
    almost, states = Almost(emulated.url, plant), Answering(by_the_book(emulated))

    report = kit.verify_url(almost.url, provider="keycrm", states=states.url)

    almost.close()
    states.close()
    emulated.close()
    broken = {verdict.description: verdict for verdict in report.broken}
    assert not report.held
    assert where in [difference.where for difference in broken[description].differences]
    assert len(broken) < len(report.verdicts) / 2  # and what was not touched is kept


def test_a_message_that_differs_is_found(lab: LabClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        webhooks, "row", lambda offer, sku, total: {"offer_id": offer, "sku": sku, "in_stock": 1, "reserve": 0}
    )

    verdicts = kit.verified_file(lab, pactfiles.PACTS / "sync-keycrm.json")

    assert [v for v in verdicts if v.verdict == kit.BROKEN and v.kind == "request"] == []
    assert any("$[0].in_reserve" in d.where or d.where == "$[0]" for v in verdicts for d in v.differences)


def test_a_message_that_is_never_sent_is_found(lab: LabClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "build", lambda here, delivery: None)
    monkeypatch.setattr("storelab.emulators.keycrm.movements.stock_changed", lambda here, movements: None)

    verdicts = kit.verified_file(lab, pactfiles.PACTS / "sync-keycrm.json")

    assert all(v.verdict == kit.BROKEN for v in verdicts if v.kind == "message")


@pytest.mark.parametrize("patience", [engine.STUCK, 0.3], ids=["given up by the engine", "left to itself"])
def test_a_pattern_that_takes_too_long_is_told(
    patience: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "STUCK", patience)
    rule = {"match": "regex", "regex": "(a|aa){1,14}(a|aa){1,14}[bc]"}  # takes the engine a second
    response = {
        "status": 200,
        "body": {"contentType": "application/json", "content": "aab"},
        "matchingRules": {"body": {"$": {"matchers": [rule]}}},
    }
    request = {"method": "GET", "path": "/"}
    interaction = {"type": "Synchronous/HTTP", "description": "too long", "request": request, "response": response}
    pact = {"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [interaction]}
    (tmp_path / "a-b.json").write_text(json.dumps({**pact, "metadata": {"pactSpecification": {"version": "4.0"}}}))
    acme = Answering(lambda body: (200, "a" * 1000))

    with pytest.raises(LabError, match="'too long' could not be compared: a pattern of it takes too long"):
        kit.verify_url(acme.url, provider="b", folder=tmp_path)

    acme.close()


def test_a_state_that_nobody_knows_is_named(lab: LabClient, tmp_path: Path) -> None:
    pact = pactfiles.read(pactfiles.PACTS / "sync-keycrm.json")
    pact["interactions"] = [i for i in pact["interactions"] if i["description"] == "a quantity of one SKU"]
    pact["interactions"][0]["providerStates"] = [{"name": "a blue moon"}]
    pactfiles.kept(pact, tmp_path / "sync-keycrm.json")

    (verdict,) = kit.verify(lab, folder=tmp_path).verdicts

    assert verdict.verdict == kit.BROKEN
    assert any("a blue moon" in difference.message for difference in verdict.differences)


def test_without_a_way_to_states_what_needs_one_is_skipped(lab: LabClient, world: LabClient) -> None:
    backend = world.info()["backends"]["keycrm"]

    report = kit.verify_url(
        backend["url"], provider="keycrm", given={"api_key": backend["api_key"]}, present=["an empty account"]
    )

    assert {v.verdict for v in report.verdicts} == {kit.KEPT, kit.SKIPPED}
    assert all(set(v.states) == {"an empty account"} for v in report.verdicts if v.verdict == kit.KEPT)


def test_a_provider_without_contracts_is_an_error(lab: LabClient) -> None:
    with pytest.raises(LabError, match="no contract with nobody"):
        kit.verify(lab, provider="nobody")


def test_verification_leaves_no_world_behind(lab: LabClient) -> None:
    before = lab.call("GET", "/worlds")

    kit.verified_file(lab, pactfiles.PACTS / "sync-keycrm.json")

    assert lab.call("GET", "/worlds") == before


def test_a_situation_that_comes_again_is_as_it_was_and_another_is_new(lab: LabClient) -> None:
    emulated = Emulated(lab, "keycrm")
    states = [{"name": "an offer in stock", "params": {"sku": "MUG", "quantity": 3}}]
    try:
        first = emulated.begin(states)
        emulated.world.do("keycrm", "adjust stock", sku="MUG", quantity=9)
        again = emulated.begin(states)
        stock = emulated.world.fact("keycrm", "stock")
        emulated.begin([])
        empty = emulated.world.fact("keycrm", "stock")
    finally:
        emulated.close()

    assert first == again
    assert (stock["MUG"]["in_stock"], empty) == (3, {})
