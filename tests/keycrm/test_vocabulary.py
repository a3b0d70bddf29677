"""States, moves, facts and the document, as a whole."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from storelab.emulators.kernel.documents import load_document
from storelab.emulators.keycrm import EMULATOR
from storelab.laws import unexplained

from .conftest import Crm

DOCUMENT = load_document("keycrm")
OPERATIONS = [
    pytest.param(operation, id=operation["operationId"])
    for item in DOCUMENT["paths"].values()
    for operation in item.values()
]


def facts(crm: Crm) -> dict[str, Any]:
    return {name: crm.fact(name) for name in EMULATOR.facts if name != "keys"}


@pytest.mark.parametrize("state", EMULATOR.states)
def test_a_state_set_twice_is_as_set_once_and_tells_nobody(crm: Crm, state: str) -> None:
    crm.do("add webhook", url="http://shop/all")
    crm.do("add trigger", url="http://shop/trigger")
    crm.state(state)
    once = facts(crm)

    crm.state(state)

    assert facts(crm) == once
    assert crm.settle() == []


@pytest.mark.parametrize("state", EMULATOR.states)
def test_after_a_state_the_movements_explain_the_stock(crm: Crm, state: str) -> None:
    crm.state(state)

    assert unexplained(crm.fact("stock"), crm.fact("movements")) == ""


def test_an_order_that_is_there_already_reserves_in_silence(crm: Crm) -> None:
    crm.do("add webhook", url="http://shop/all")
    crm.do("add trigger", url="http://shop/trigger")

    crm.state("an order", quantity=2, status="confirmed")

    assert crm.fact("stock")["MUG"]["in_reserve"] == 2
    assert crm.settle() == []


def test_an_empty_account_forgets_everything_but_how_far_its_ids_went(crm: Crm) -> None:
    first = crm.state("an order")["order_id"]

    crm.state("an empty account")

    assert (crm.fact("orders"), crm.fact("stock"), crm.fact("movements")) == ({}, {}, [])
    assert crm.state("an order")["order_id"] > first


def test_the_vendors_document_is_covered(crm: Crm) -> None:
    assert len(OPERATIONS) == 59
    assert not [o for o in crm.lab.services["keycrm"].document.operations.values() if not o.emulated]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_says_where_it_is_known_from_and_how_it_refuses(operation: dict[str, Any]) -> None:
    assert re.fullmatch(r"KeyCRM API document v1\.2\.0, \w+", operation["x-source"])
    assert {"401", "429"} <= set(operation["responses"])
    if "requestBody" in operation:
        assert {"413", "422"} <= set(operation["responses"])


skus = st.sampled_from(["MUG", "CAP"])
quantities = st.integers(-3000, 20_000).map(lambda n: n / 1000)
positives = st.integers(1, 20_000).map(lambda n: n / 1000)
steps = st.one_of(
    st.tuples(st.just("adjust stock"), st.fixed_dictionaries({"sku": skus, "quantity": quantities})),
    st.tuples(st.sampled_from(["receive", "reserve"]), st.fixed_dictionaries({"sku": skus, "quantity": positives})),
    st.tuples(
        st.just("transfer"), st.fixed_dictionaries({"sku": skus, "quantity": positives, "to": st.just("Second")})
    ),
    st.tuples(st.just("place order"), st.fixed_dictionaries({"sku": skus, "quantity": positives})),
    st.tuples(
        st.just("change order status"),
        st.fixed_dictionaries({"status": st.sampled_from(["new", "confirmed", "completed", "cancelled"])}),
    ),
    st.tuples(st.just("rename SKU"), st.fixed_dictionaries({"sku": st.just("MUG"), "to": st.just("CAP")})),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=12))
def test_whatever_people_do_the_movements_explain_the_stock(crm: Crm, story: list[tuple[str, dict[str, Any]]]) -> None:
    crm.state("an empty account")
    crm.state("two warehouses", sku="MUG")
    crm.state("an offer in stock", sku="CAP")
    crm.state("an order", sku="MUG")

    for move, arguments in story:
        if arguments.get("sku", "CAP") in crm.fact("offers"):
            crm.do(move, **arguments)

        assert unexplained(crm.fact("stock"), crm.fact("movements")) == ""
