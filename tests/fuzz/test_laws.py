"""The laws, one by one; and that fuzzing finds whoever breaks them."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.kernel.emulator import Emulation
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.keycrm import account, auth, stocks
from storelab.emulators.keycrm.stock import Kind
from storelab.fuzzing import Finding, Plan, fuzz, plans
from storelab.laws import Asked, answer_problem, change_problem, reuse_problem, unexplained
from storelab.sandbox import Sandbox

READ = Asked("stocks.list_all", "GET", 200)
REFUSED = Asked("stocks.set_levels", "PUT", 422)
WRITE = Asked("stocks.set_levels", "PUT", 202)


def believed(stock: dict[str, Any], *movements: tuple[str, float]) -> dict[str, Any]:
    return {"stock": stock, "movements": [{"sku": sku, "quantity": quantity} for sku, quantity in movements]}


@pytest.mark.parametrize("asked", [READ, REFUSED], ids=str)
def test_reading_and_refused_requests_change_nothing(asked: Asked) -> None:
    before, after = believed({"MUG": 1}, ("MUG", 1)), believed({"MUG": 2}, ("MUG", 1), ("MUG", 1))

    assert change_problem([asked], before, before) == ""
    assert "stocks." in change_problem([asked], before, after)


def test_a_write_may_change_what_its_movements_explain() -> None:
    before, after = believed({"MUG": 1}, ("MUG", 1)), believed({"MUG": 4}, ("MUG", 1), ("MUG", 3))

    assert change_problem([READ, WRITE], before, after) == ""


def test_stock_that_no_movement_explains_is_found() -> None:
    before, after = believed({"MUG": 1}, ("MUG", 1)), believed({"MUG": 4}, ("MUG", 1))

    assert "MUG has (4, 0)" in change_problem([WRITE], before, after)


def test_only_what_moves_stock_may_change_it() -> None:
    before, after = {"stock": {"MUG": 1}}, {"stock": {"MUG": 4}}

    assert change_problem([WRITE], before, after, frozenset({"stocks.set_levels"})) == ""
    assert "may not change stock" in change_problem([WRITE], before, after, frozenset({"orders.create"}))


def test_levels_and_reserves_add_up() -> None:
    movements = [{"sku": "MUG", "quantity": 5, "reserve": 0}, {"sku": "MUG", "quantity": 0, "reserve": 2}]

    assert unexplained({"MUG": {"in_stock": 5, "in_reserve": 2}}, movements) == ""
    assert "MUG" in unexplained({"MUG": {"in_stock": 5, "in_reserve": 1}}, movements)
    assert "CAP" in unexplained({"CAP": 1, "MUG": {"in_stock": 5, "in_reserve": 2}}, movements)


def test_an_id_is_used_once() -> None:
    made: dict[str, set[Any]] = {}

    assert reuse_problem(made, "/orders", 201, {"id": 7}) == ""
    assert reuse_problem(made, "/buyers", 201, {"id": 7}) == ""
    assert reuse_problem(made, "/orders", 404, {"id": 7}) == ""
    assert "7 twice" in reuse_problem(made, "/orders", 201, {"id": 7})


@pytest.mark.parametrize(
    ("emulated", "status", "headers", "held"),
    [
        (True, 200, {}, True),
        (True, 500, {"X-Storelab": "error"}, False),
        (True, 501, {"X-Storelab": "not-emulated"}, False),
        (False, 501, {"x-storelab": ["not-emulated"]}, True),
        (False, 401, {}, True),
        (False, 404, {}, False),
        (False, 501, {}, False),
    ],
)
def test_an_answer_says_what_it_is(emulated: bool, status: int, headers: dict[str, Any], held: bool) -> None:
    assert (answer_problem(emulated, status, headers) == "") is held


# -- planted


@pytest.fixture
def lab(sandbox: Sandbox) -> LabClient:
    return sandbox.client


def found(lab: LabClient, plan: Plan) -> dict[str, Finding]:
    return {finding.check: finding for finding in fuzz(lab, plan).findings}


def test_a_read_that_sells_is_found(lab: LabClient, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = auth._counted

    def sold(here: Emulation, buckets: list[str]) -> tuple[int, int]:
        stocks.set_quantities(here, 1, [{"sku": "MUG", "quantity": 0}], Kind.API)
        return counted(here, buckets)

    monkeypatch.setattr(auth, "_counted", sold)
    plan = Plan("keycrm", "an offer in stock", examples=2, phases=("fuzzing",), operation="GET /v1/users")

    told = found(lab, plan)["what_changes_may_change"]

    assert "changed available" in told.message
    assert told.replay == (
        "storelab fuzz keycrm --state 'an offer in stock' --seed 42 --max-examples 2 --phases fuzzing "
        "--operation 'GET /v1/users'"
    )


def test_a_revoked_key_that_opens_is_found(lab: LabClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account.ApiKey, "opens", property(lambda key: True))

    told = found(lab, Plan("keycrm", examples=2, phases=("fuzzing",), operation="GET /v1/users"))

    assert "a_revoked_key_opens_nothing" in told


def test_a_door_without_a_lock_is_found(lab: LabClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_key", lambda here, request: account.open_key(here))

    assert "ignored_auth" in found(lab, Plan("keycrm", examples=2, phases=("fuzzing",), operation="GET /v1/users"))


def test_an_answer_that_departs_from_the_document_is_found(lab: LabClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stocks, "rendered", lambda quantity: str(quantity))
    plan = Plan("keycrm", "an offer in stock", examples=2, phases=("fuzzing",), operation="GET /v1/offers/stocks")

    assert "answers_say_what_they_are" in found(lab, plan)


def test_the_same_plan_sends_the_same_requests_whatever_was_imported_or_tried_before(
    lab: LabClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full_of_numbers.py").write_text(f"NUMBERS = {[7_000 + n for n in range(300)]}\n")
    monkeypatch.syspath_prepend(tmp_path)
    plan, sent = Plan("keycrm", "an order", examples=2, phases=("fuzzing",)), []
    send = requests.Session.send

    def noted(session: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        if "fuzz-keycrm/keycrm/" in str(request.url):
            body = re.sub(r"[0-9a-f]{32}", "boundary", str(request.body))
            sent[-1].append((request.method, request.url, body))
        return send(session, request, **more)

    monkeypatch.setattr(requests.Session, "send", noted)
    for _ in range(2):
        sent.append([])
        fuzz(lab, plan)
        importlib.import_module("full_of_numbers")

    assert len(sent[0]) > 50
    assert sent[0] == sent[1]
    assert not (tmp_path / ".schemathesis").exists()


def test_fuzzing_leaves_no_world_behind(lab: LabClient) -> None:
    before = lab.call("GET", "/worlds")

    fuzz(lab, Plan("control", examples=1, phases=("fuzzing",)))

    assert lab.call("GET", "/worlds") == before


def test_every_named_state_has_a_plan(lab: LabClient) -> None:
    states = lab.call("GET", "/vocabulary")["keycrm"]["states"]

    assert [plan.state for plan in plans(lab, "keycrm")] == ["", *states]


def test_a_service_that_nobody_knows_is_named(lab: LabClient) -> None:
    with pytest.raises(LabError, match="no service 'nobody'"):
        plans(lab, "nobody")


def test_one_operation_alone_is_held_to_no_sequences(lab: LabClient) -> None:
    plan = Plan("keycrm", examples=1, phases=("fuzzing", "stateful"), operation="POST /v1/buyer")

    assert fuzz(lab, plan).findings == ()
