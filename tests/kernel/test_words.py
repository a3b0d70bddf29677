"""Arguments of states, moves and facts are held against the types that these declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from storelab.emulators.kernel import LabError
from storelab.emulators.kernel.words import fitted


def move(
    here: Any,
    sku: str,
    quantity: float = 1,
    order: str | int = "",
    amount: float | None = None,
    names: Sequence[str] = (),
    stock: Mapping[str, float] | None = None,
    loud: bool = False,
    count: int = 1,
) -> None:
    """A move with an argument of every kind."""


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"quantity": 2},
        {"quantity": 2.5, "amount": None, "count": 3},
        {"order": 7},
        {"order": "7", "names": ["a", "b"]},
        {"stock": {"MUG": 1, "CAP": 0.5}, "loud": True},
    ],
)
def test_what_fits_is_taken_as_it_is(arguments: dict[str, Any]) -> None:
    bound = fitted("move", move, None, {"sku": "MUG", **arguments})

    assert bound.arguments == {"here": None, "sku": "MUG", **arguments}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"quantity": "many"}, "quantity has to be a number, not 'many'"),
        ({"quantity": True}, "quantity has to be a number"),
        ({"quantity": float("nan")}, "quantity has to be a number"),
        ({"sku": None}, "sku has to be a text, not None"),
        ({"sku": ["MUG"]}, "sku has to be a text"),
        ({"order": 1.5}, "order has to be a text or a whole number"),
        ({"names": "ab"}, "names has to be a list, each a text"),
        ({"names": [1]}, "names has to be a list, each a text"),
        ({"stock": {"MUG": "x"}}, "stock has to be a mapping, each value a number or null"),
        ({"loud": 1}, "loud has to be true or false"),
        ({"count": 1.5}, "count has to be a whole number"),
        ({"colour": "red"}, "it takes: sku, quantity, order"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(LabError, match=said):
        fitted("move", move, None, {"sku": "MUG", **arguments})


@pytest.mark.parametrize("arguments", [{"amount": 1e308}, {"count": 2**63}, {"stock": {"MUG": -1e30}}])
def test_a_number_that_nobody_can_keep_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(LabError, match="a number that is too large"):
        fitted("move", move, None, {"sku": "MUG", **arguments})


def test_a_number_given_for_a_text_becomes_one() -> None:
    assert fitted("move", move, None, {"sku": 1001}).arguments["sku"] == "1001"
