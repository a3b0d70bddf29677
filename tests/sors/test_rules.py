"""Rules that are plain functions, and what holds whatever people do."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from storelab.emulators.kernel import LabError
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.quantities import rendered, thousandths
from storelab.emulators.sors import EMULATOR
from storelab.emulators.sors.customers import digits_of, problems_of
from storelab.emulators.sors.documents import TYPES, effect, line_total
from storelab.emulators.sors.prices import decimals, with_vat, without_vat
from storelab.emulators.sors.year import renumbered
from storelab.laws import unexplained

from .conftest import Sors, a_document

OPERATIONS = [
    pytest.param(operation, id=operation["operationId"])
    for item in load_document("sors")["paths"].values()
    for method, operation in item.items()
    if method != "parameters"
]


@pytest.mark.parametrize("pib", ["100002887", "123456789", "", None])
def test_nine_digits_are_a_pib_and_nobody_needs_one(pib: str | None) -> None:
    assert problems_of({"name": "Kupac", "taxId": pib}) == {}


@pytest.mark.parametrize("pib", ["10000288", "1000028870", "10000288x", "١٠٠٠٠٢٨٨٧", "RS100002887"])
def test_anything_else_is_no_pib(pib: str) -> None:
    assert list(problems_of({"name": "Kupac", "taxId": pib})) == ["taxId"]


@pytest.mark.parametrize("phone", ["+381 64 123 456", "00381 64/123-456", "064123456", "381-64-123456", "64123456"])
def test_phones_are_compared_by_their_digits(phone: str) -> None:
    assert digits_of(phone) == "64123456"


@given(st.lists(st.integers(1, 10**6), min_size=1, unique=True))
def test_ids_of_a_new_year_are_new_in_their_order(ids: list[int]) -> None:
    new = renumbered(ids)

    assert sorted(new) == sorted(ids)
    assert [new[old] for old in sorted(ids)] == sorted(new.values())
    assert len(set(new.values())) == len(ids)
    if len(ids) == max(ids) - min(ids) + 1:
        assert all(new[old] != old for old in ids)


@given(st.integers(-(10**9), 10**9))
def test_a_quantity_is_shown_as_it_was_given(thousandth: int) -> None:
    assert thousandths(rendered(thousandth)) == thousandth


@given(st.decimals(0, 10**6, places=2), st.sampled_from([Decimal(0), Decimal(10), Decimal(20)]))
def test_vat_goes_and_comes_back(net: Decimal, rate: Decimal) -> None:
    assert without_vat(with_vat(net, rate), rate) == net


@pytest.mark.parametrize(("value", "wanted"), [(1, 0), (1.5, 1), (0.125, 3), (1e-7, 7), (1000000, 0), (2.10, 1)])
def test_decimals_are_counted(value: float, wanted: int) -> None:
    assert decimals(value) == wanted


def test_a_line_is_rounded_to_a_para() -> None:
    assert line_total(333, Decimal("99.99"), Decimal("33.3")) == Decimal("22.21")


@pytest.mark.parametrize("type_", TYPES)
@given(quantity=st.integers(1, 10**9))
def test_a_document_and_its_cancellation_add_up_to_nothing(type_: str, quantity: int) -> None:
    there, back = effect(type_, 1, 1, quantity), effect(type_, 1, 1, -quantity)

    assert (there.on_hand + back.on_hand, there.reserved + back.reserved) == (0, 0)
    assert not there.nothing


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_says_what_is_assumed_and_how_it_refuses(operation: dict[str, Any]) -> None:
    assert operation["x-assumed"]
    if operation.get("security") != []:
        assert {"401", "429"} <= set(operation["responses"])
    if "requestBody" in operation:
        assert {"200", "201", "400", "409", "413", "422"} <= set(operation["responses"])


@pytest.mark.parametrize("state", EMULATOR.states)
def test_after_a_state_the_movements_explain_the_stock(sors: Sors, state: str) -> None:
    sors.state(state)

    assert unexplained(sors.fact("stock"), sors.fact("movements")) == ""


codes = st.sampled_from(["MUG", "CAP"])
quantities = st.integers(0, 20_000).map(lambda n: n / 1000)
positives = st.integers(1, 9_000).map(lambda n: n / 1000)
steps: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.tuples(st.just("adjust stock"), st.fixed_dictionaries({"code": codes, "quantity": quantities})),
    st.tuples(st.just("reserve"), st.fixed_dictionaries({"code": codes, "quantity": positives})),
    st.tuples(st.just("document"), st.fixed_dictionaries({"type": st.sampled_from(TYPES), "quantity": positives})),
    st.tuples(st.just("cancel document"), st.just({})),
    st.tuples(st.just("close year"), st.just({})),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=12))
def test_whatever_people_do_stock_is_explained_and_never_below_zero(
    sors: Sors, story: list[tuple[str, dict[str, Any]]]
) -> None:
    sors.state("an empty account")
    sors.state("an article in stock", code="MUG")
    sors.state("an article in stock", code="CAP", quantity=5)

    for words, arguments in story:
        before = sors.fact("available")
        if words == "document":
            home = next(d for d in sors.ask("GET", "/databases").data if d["year"] and not d["isClosed"])
            path = f"/databases/{home['id']}"
            unit = sors.ask("GET", f"{path}/business-units").data[0]["id"]
            customer = sors.state("a customer")["customer_id"]
            items = [{"code": "MUG", "quantity": arguments["quantity"], "unitPrice": 10}]
            body = a_document(customer, type=arguments["type"], businessUnitId=unit, items=items)
            got = sors.ask("POST", f"{path}/documents", body)
            enough = arguments["type"] == "return" or arguments["quantity"] <= before["MUG"]
            assert got.status == (201 if enough else 409), got
        else:
            with suppress(LabError) if words == "cancel document" else nullcontext():  # there may be none to cancel
                sors.do(words, **arguments)
        if words == "close year":
            assert sors.fact("available") == before
        assert unexplained(sors.fact("stock"), sors.fact("movements")) == ""
