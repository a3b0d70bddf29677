"""Forms are made of signatures, and what is entered becomes arguments again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from storelab.emulators.console.forms import PREFIX, arguments, grouped, one, words
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.lab import found_emulators
from storelab.emulators.kernel.words import fits

VOCABULARY = [
    pytest.param(function, id=f"{service}-{name}".replace(" ", "_"))
    for service, emulator in found_emulators().items()
    for kind in (emulator.states, emulator.moves, emulator.facts)
    for name, function in kind.items()
]


def sell(
    here: Any,
    lines: Mapping[str, int],
    quantity: float = 1,
    paid: bool = True,
    billing: Mapping[str, str] | None = None,
    skus: Sequence[str] = ("A", "B"),
    ids: Sequence[int] = (),
    order: str | int = "",
    value: Any = 1000,
    rows: list[dict[str, Any]] | None = None,
    subscribed: bool | None = None,
) -> None:
    """Sell something.

    And more.
    """


def entered(**fields: str) -> dict[str, str]:
    return {PREFIX + name: text for name, text in fields.items()}


def test_each_type_has_its_field() -> None:
    shown = one("sell", sell)

    assert shown.about == "Sell something."
    assert {f.name: f.kind for f in shown.fields} == {
        "lines": "pairs",
        "quantity": "number",
        "paid": "choice",
        "billing": "pairs",
        "skus": "lines",
        "ids": "lines",
        "order": "text",
        "value": "any",
        "rows": "json",
        "subscribed": "choice",
    }
    assert [f.name for f in shown.fields if f.required] == ["lines"]


def test_what_was_entered_becomes_arguments() -> None:
    said = entered(
        lines="MUG: 2\r\n a:b : 3 ",
        quantity="2.5",
        paid="no",
        billing="city: Amsterdam\nnote: at 9:00",
        skus="A\nC, with a comma",
        ids="4\n5",
        order="17",
        value='{"a": 1}',
        rows='[{"sku": "X"}]',
        subscribed="",
    )

    assert arguments(sell, said) == {
        "lines": {"MUG": 2, "a:b": 3},
        "quantity": 2.5,
        "paid": False,
        "billing": {"city": "Amsterdam", "note": "at 9:00"},
        "skus": ["A", "C, with a comma"],
        "ids": [4, 5],
        "order": "17",
        "value": {"a": 1},
        "rows": [{"sku": "X"}],
    }


def test_a_text_that_is_emptied_is_an_empty_text() -> None:
    def rename(here: Any, name: str = "Mug") -> None: ...

    assert arguments(rename, entered(name="")) == {"name": ""}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"lines": "MUG"}, "lines has the line 'MUG'; it takes one per line, like MUG: 2"),
        ({"lines": "MUG: two"}, "lines is 'two'; it takes a number"),
        ({"lines": ""}, "lines is empty; it takes one per line, like MUG: 2"),
        ({"lines": "A: 1", "rows": "[{]"}, "rows is not JSON"),
        ({"lines": "A: 1", "quantity": "many"}, "quantity is 'many'; it takes a number"),
    ],
)
def test_what_cannot_be_read_is_told(fields: dict[str, str], said: str) -> None:
    with pytest.raises(LabError, match=said):
        arguments(sell, entered(**fields))


@pytest.mark.parametrize("function", VOCABULARY)
def test_a_form_left_as_it_is_says_nothing(function: Callable[..., Any]) -> None:
    shown = one("it", function)

    assert arguments(function, entered(**{f.name: f.default for f in shown.fields if not f.required})) == {}


@pytest.mark.parametrize("function", VOCABULARY)
def test_every_field_reads_what_its_type_takes(function: Callable[..., Any]) -> None:
    import typing

    samples = {"text": "x", "number": "3", "choice": "yes", "lines": "7", "pairs": "7: 7", "json": "{}", "any": "x"}
    hints = typing.get_type_hints(function)
    for f in one("it", function).fields:
        text = "[]" if f.kind == "json" and not fits({}, hints[f.name]) else samples[f.kind]
        read = arguments(function, {PREFIX + f.name: text})

        assert all(fits(value, hints[name]) for name, value in read.items()), (f, read)


@pytest.mark.parametrize("service", found_emulators())
def test_moves_are_grouped_and_none_is_lost(service: str) -> None:
    moves = words(found_emulators()[service].moves)
    groups = grouped(moves)

    assert sorted(w.name for group in groups.values() for w in group) == sorted(w.name for w in moves)
    assert len(groups) > 1
    assert len(groups.get("More", [])) <= len(moves) / 3
