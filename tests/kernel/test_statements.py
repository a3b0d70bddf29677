"""Statements that are written once answer what SQLAlchemy answers to the same question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings, strategies as st

from storelab.emulators.kernel import Duplicate, Emulation, Statement

from .acme import EMULATOR, ITEMS, Item
from .conftest import Acme

C = ITEMS.c
SHELF = [Item(n, f"SKU-{n:02}", n % 7, "note" if n % 3 else "", ("a",) * (n % 2)) for n in range(1, 30)]

numbers = st.integers(-1, 30)
columns = st.sampled_from([C.id, C.level])
comparisons = st.one_of(
    st.builds(lambda c, n: c == n, columns, numbers),
    st.builds(lambda c, n: c != n, columns, numbers),
    st.builds(lambda c, n: c < n, columns, numbers),
    st.builds(lambda c, n: c >= n, columns, numbers),
    st.builds(lambda c, many: c.in_(many), columns, st.lists(numbers, max_size=4)),
    st.builds(lambda c, many: c.not_in(many), columns, st.lists(numbers, max_size=4)),
    st.builds(lambda c: c.is_(None), columns),
    st.builds(lambda text: C.sku.like(f"%{text}%"), st.sampled_from(["1", "SKU", "zz"])),
    st.builds(lambda n: C.level + 1 > n, numbers),  # this one is left to SQLAlchemy
)
conditions = st.recursive(
    comparisons,
    lambda inner: (
        st.builds(sa.or_, inner, inner) | st.builds(sa.and_, inner, inner) | st.builds(lambda one: sa.not_(one), inner)
    ),
    max_leaves=4,
)
orders = st.sampled_from([[C.id], [C.id.desc()], [C.level.desc(), C.id], [sa.literal_column("+level"), C.id]])
windows = st.tuples(st.none() | st.integers(0, 9), st.none() | st.integers(0, 9))


@pytest.fixture
def here(backend: Acme) -> Iterator[Emulation]:
    with backend.lab.world().visit(EMULATOR) as here:
        here.store[Item].put_all(SHELF)
        yield here


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.lists(conditions, max_size=3), order=orders, window=windows)
def test_any_question_is_answered_as_sqlalchemy_answers_it(
    here: Emulation, where: list[Any], order: list[Any], window: tuple[int | None, int | None]
) -> None:
    limit, offset = window
    plain = sa.select(C.id).where(*where).order_by(*order).limit(limit).offset(offset)
    ids = list(here.store.execute(plain).scalars())

    for _ in range(2):  # written, and asked again
        found = here.store[Item].all(*where, order=order, limit=limit, offset=offset)
        assert found == [SHELF[id - 1] for id in ids]
        assert here.store[Item].keys(*where, order=order, limit=limit, offset=offset) == ids
    counted = sa.select(sa.func.count()).select_from(ITEMS.sql).where(*where)
    assert here.store[Item].count(*where) == here.store.execute(counted).scalar_one()


def test_equal_questions_with_other_values_are_not_mixed_up(here: Emulation) -> None:
    found = [here.store[Item].first(C.level == level, order=[C.id]) for level in (1, 5, 1)]

    assert [item.id for item in found if item] == [1, 5, 1]


def test_a_statement_keeps_its_own_values_and_takes_the_others(here: Emulation) -> None:
    asked = Statement(sa.select(C.sku).where(C.level == 3, C.id > sa.bindparam("after")).order_by(C.id).limit(1))

    assert [list(row) for row in here.store.run(asked, after=3)] == [["SKU-10"]]
    assert [list(row) for row in here.store.run(asked, after=10)] == [["SKU-17"]]


def test_a_refused_record_undoes_nothing_else_of_its_transaction(here: Emulation) -> None:
    here.store[Item].put(replace(SHELF[0], level=6))

    with pytest.raises(Duplicate):
        here.store[Item].add(Item(77, "SKU-02"))

    assert here.store[Item].get(1) == replace(SHELF[0], level=6)
    assert here.store[Item].get(77) is None


def test_records_do_not_share_what_they_did_not_set(here: Emulation) -> None:
    here.store[Item].put(Item(50, "BARE"))

    first, second = here.store[Item].get(50), here.store[Item].get(50)

    assert first == second == Item(50, "BARE")
    assert first is not second


def _version(id: int, sku: str, level: int, note: str) -> Item:
    return Item(id, f"{sku}-{id}", level, note, ("b",))


versions = st.builds(
    _version, st.integers(1, 35), st.sampled_from("XYZ"), st.integers(0, 2), st.sampled_from(["", "a"])
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(new=versions)
def test_a_changed_record_is_kept_as_one_that_is_written_whole(here: Emulation, new: Item) -> None:
    items = here.store[Item]
    old = items.get(new.id) or new  # those above 29 are not there the first time

    items.change(old, new)

    assert items.get(new.id) == new
    assert items.count(C.sku == new.sku, C.level == new.level) == 1


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.lists(st.integers(-1, 40), max_size=250))
def test_records_by_their_keys_are_those_that_are_there_each_once(here: Emulation, keys: list[int]) -> None:
    found = here.store[Item].by_key(keys)

    assert found == {key: item for key in keys if (item := here.store[Item].get(key)) is not None}
    assert list(found) == [key for key in dict.fromkeys(keys) if key in found]


def test_a_blank_record_is_what_the_class_makes_of_the_same_values() -> None:
    made = ITEMS.blank(id=1, sku="MUG")

    assert made == Item(1, "MUG")
    assert ITEMS.blank(id=1, sku="MUG", level=3, note="new") == Item(1, "MUG", 3, "new")
    with pytest.raises(TypeError, match="sku"):
        ITEMS.blank(id=1)


def test_a_record_with_a_number_is_found_without_an_index(here: Emulation) -> None:
    if here.store.dialect != "sqlite":
        pytest.skip("PostgreSQL has no numbers of rows")
    plan = here.store.execute(sa.text("EXPLAIN QUERY PLAN " + ITEMS.get_text.replace("?", "7"))).all()

    assert "USING INTEGER PRIMARY KEY" in plan[0][-1]
    assert here.store[Item].get(7) == SHELF[6]
