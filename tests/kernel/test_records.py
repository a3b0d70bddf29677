"""A changed copy of a record is what `dataclasses.replace` makes of it."""

from __future__ import annotations

import dataclasses
from functools import cached_property

import pytest

from storelab.emulators.kernel import replace


@dataclasses.dataclass(frozen=True)
class Box:
    sku: str
    pieces: int = 0
    tags: tuple[str, ...] = ()

    @cached_property
    def label(self) -> str:
        return f"{self.pieces} x {self.sku}"


@dataclasses.dataclass(frozen=True)
class Full(Box):
    def __post_init__(self) -> None:
        if not self.pieces:
            raise ValueError("a full box is not empty")


def test_a_copy_has_the_changes_and_the_rest_as_it_was() -> None:
    old = Box("MUG", 3, ("a",))

    assert replace(old, pieces=4) == dataclasses.replace(old, pieces=4)
    assert old == Box("MUG", 3, ("a",))


def test_what_was_derived_from_the_old_values_is_not_copied() -> None:
    old = Box("MUG", 3)
    assert old.label == "3 x MUG"

    assert replace(old, pieces=4).label == "4 x MUG"


def test_a_record_that_checks_itself_is_checked() -> None:
    with pytest.raises(ValueError, match="not empty"):
        replace(Full("MUG", 3), pieces=0)


def test_a_field_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError):
        replace(Box("MUG"), weight=2)
