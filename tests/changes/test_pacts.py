"""Between what a consumer needed and what it needs."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, strategies as st

from storelab.contracts import pactfiles
from storelab.contracts.changes import pacts
from storelab.contracts.changes.change import breaking
from storelab.contracts.changes.pacts import Wanted, follows

PACTS = [pactfiles.read(file) for file in pactfiles.pact_files()]


def pact(**answer: Any) -> dict[str, Any]:
    response = {"status": 200, "headers": {"ETag": ["x"]}, **answer}
    body = response.pop("content", {"data": [{"id": 4, "sku": "MUG"}], "total": 1})
    rules = response.pop("rules", {"$.data[*].id": {"match": "integer"}})
    interaction = {
        "type": "Synchronous/HTTP",
        "description": "a page",
        "request": {"method": "GET", "path": "/stock", **response.pop("request", {})},
        "response": {
            **response,
            "body": {"contentType": "application/json", "content": body},
            "matchingRules": {"body": {where: {"matchers": [rule]} for where, rule in rules.items()}},
        },
    }
    return {"consumer": {"name": "shop"}, "provider": {"name": "acme"}, "interactions": [interaction]}


@pytest.mark.parametrize("one", PACTS, ids=lambda each: f"{each['consumer']['name']}-{each['provider']['name']}")
def test_a_contract_has_no_difference_with_itself(one: dict[str, Any]) -> None:
    shuffled = {**copy.deepcopy(one), "interactions": copy.deepcopy(one["interactions"])[::-1], "metadata": {}}

    assert pacts.changes(one, shuffled) == []


@given(st.data())
def test_to_need_less_breaks_nobody_and_to_need_it_again_does(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(PACTS))
    keep = data.draw(st.lists(st.booleans(), min_size=len(one["interactions"]), max_size=len(one["interactions"])))
    less = {**one, "interactions": [i for i, kept in zip(one["interactions"], keep, strict=True) if kept]}
    gone = keep.count(False)

    assert breaking(pacts.changes(one, less)) == []
    assert len(pacts.changes(one, less)) == gone
    assert len(breaking(pacts.changes(less, one))) == gone


@pytest.mark.parametrize(
    ("new", "what", "breaks"),
    [
        (pact(status=201), "status 201 is expected, and was 200", True),
        (pact(headers={}), "header ETag is not read any more", False),
        (pact(headers={"ETag": ["x"], "Link": ["y"]}), "header Link is read now", True),
        (pact(headers={"ETag": ["z"]}), 'header ETag: "z" is expected, and was "x"', True),
        (pact(content={"data": [{"id": 4}], "total": 1}), "$.data[0].sku is not read any more", False),
        (pact(content={"data": [{"id": 4, "sku": "MUG", "q": 1}], "total": 1}), "$.data[0].q is read now", True),
        (pact(content={"data": [{"id": 4, "sku": "CUP"}], "total": 1}), '"CUP" is expected', True),
        (pact(content={"data": [{"id": 9, "sku": "MUG"}], "total": 1}), "", False),
        (pact(rules={"$.data[*].id": {"match": "type"}}), "type like 4", False),
        (pact(rules={}), "$.data[0].id: 4 is expected, and was integer", True),
        (pact(rules={"$.data[*].id": {"match": "integer"}, "$.total": {"match": "integer"}}), "integer like 1", False),
        (pact(request={"path": "/stocks"}), "asks with another path", True),
    ],
)
def test_what_changed_is_told(new: dict[str, Any], what: str, breaks: bool) -> None:
    found = pacts.changes(pact(), new)

    assert [(what in c.what, c.breaking) for c in found] == ([(True, breaks)] if what else [])
    assert all(c.where.startswith("shop with acme: a page") and c.whom == ("acme",) for c in found)


def test_a_contract_that_comes_or_goes_concerns_its_provider() -> None:
    (came,), (went,) = pacts.changes(None, pact()), pacts.changes(pact(), None)

    assert (came.breaking, went.breaking) == (True, False)


RULES = st.sampled_from(
    [{"match": m} for m in ("equality", "type", "integer", "decimal", "number", "boolean", "null")]
    + [{"match": "regex", "regex": "[A-Z]+"}, {"match": "regex", "regex": "M.*"}, {"match": "include", "value": "U"}]
)
VALUES: list[Any] = [4, 0, 2.5, "MUG", "CUP", "mug", "", True, False, None]


def admits(wanted: Wanted, value: Any) -> bool:
    """Said again, in the plainest way."""
    rule, text = wanted.rule, isinstance(value, str)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    plain = {
        "equality": type(value) is type(wanted.example) and value == wanted.example,
        "type": (number and wanted.kind == "number") or type(value) is type(wanted.example),
        "integer": number and isinstance(value, int),
        "decimal": isinstance(value, float),
        "number": number,
        "boolean": isinstance(value, bool),
        "null": value is None,
        "regex": text and bool(pacts.re.fullmatch(rule.get("regex", ""), value)),
        "include": text and rule.get("value", "") in value,
    }
    return plain[rule["match"]]


@given(RULES, st.sampled_from(VALUES), RULES, st.sampled_from(VALUES))
def test_what_follows_admits_whatever_was_admitted(
    rule: dict[str, Any], example: Any, other: dict[str, Any], wanted: Any
) -> None:
    old, new = pacts._wanted(example, rule), pacts._wanted(wanted, other)
    if not (admits(old, example) and admits(new, wanted)):  # an example that its own rule refuses says nothing
        return

    if follows(old, new):
        assert all(admits(new, value) for value in VALUES if admits(old, value))
    assert follows(old, old)
