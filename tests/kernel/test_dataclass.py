"""The kernel's `dataclass` makes what Python's makes, only sooner."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import field
from typing import Any

import pytest

from storelab.emulators.kernel.records import dataclass


class _Fields:
    sku: str
    pieces: int = 0
    tags: tuple[str, ...] = ()
    seen: int = field(default=0, compare=False)
    secret: str = field(default="", repr=False)
    more: list[str] = field(default_factory=list)


def made_by(decorator: Any, **how: Any) -> Any:
    """The same class, by Python's decorator or by ours."""
    members = {k: v for k, v in vars(_Fields).items() if k not in ("__dict__", "__weakref__")}
    return decorator(**how)(type("Box", (), {**members, "__qualname__": "Box"}))


PYTHONS, OURS = made_by(dataclasses.dataclass, frozen=True), made_by(dataclass, frozen=True)
ARGUMENTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("MUG",), {}),
    (("MUG", 3), {"tags": ("a",)}),
    (("MUG", 3, ("a",), 7), {}),
    (("CAP",), {"secret": "x"}),
    (("CAP",), {"more": ["y"]}),
]


@pytest.mark.parametrize(("args", "more"), ARGUMENTS)
def test_it_is_made_and_shown_as_pythons_is(args: tuple[Any, ...], more: dict[str, Any]) -> None:
    ours, pythons = OURS(*args, **more), PYTHONS(*args, **more)

    assert repr(ours) == repr(pythons)
    assert dataclasses.asdict(ours) == dataclasses.asdict(pythons)
    assert OURS.__match_args__ == PYTHONS.__match_args__


def test_two_are_equal_when_pythons_are() -> None:
    ours = [OURS(*args, **more) for args, more in ARGUMENTS]
    pythons = [PYTHONS(*args, **more) for args, more in ARGUMENTS]

    assert [[a == b for a in ours] for b in ours] == [[a == b for a in pythons] for b in pythons]
    assert ours[0] != pythons[0]


def test_equal_ones_are_one_in_a_set() -> None:
    plain = made_by(dataclass, frozen=True)
    first, second = plain("MUG", 3, more=()), plain("MUG", 3, seen=9, more=())

    assert {first, second} == {first}
    with pytest.raises(TypeError, match="unhashable"):
        hash(plain("MUG"))  # its list cannot be


@pytest.mark.parametrize("cls", [PYTHONS, OURS], ids=["Python's", "ours"])
def test_what_is_frozen_stays_as_it_is(cls: Any) -> None:
    box = cls("MUG", 3)

    for name in ("pieces", "unknown"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(box, name, 4)
    with pytest.raises(dataclasses.FrozenInstanceError):
        del box.pieces
    assert dataclasses.replace(box, pieces=4) == cls("MUG", 4)
    assert copy.deepcopy(box) == box


@pytest.mark.parametrize("decorator", [dataclasses.dataclass, dataclass], ids=["Python's", "ours"])
def test_what_is_not_frozen_can_be_changed_and_has_no_hash(decorator: Any) -> None:
    box = made_by(decorator)("MUG")
    box.pieces = 4

    assert box.pieces == 4
    with pytest.raises(TypeError, match="unhashable"):
        hash(box)


@pytest.mark.parametrize("decorator", [dataclasses.dataclass, dataclass], ids=["Python's", "ours"])
def test_what_a_class_defines_itself_is_kept(decorator: Any) -> None:
    @decorator(frozen=True)
    class Named:
        name: str

        def __repr__(self) -> str:
            return f"<{self.name}>"

    @decorator(frozen=True)
    class Nothing:
        pass

    assert repr(Named("a")) == "<a>"
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())
