"""A search that looks at few records finds what one finds that looks at all of them."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings, strategies as st

from storelab.emulators.kernel import text_index
from storelab.emulators.kernel.store import Store
from storelab.emulators.kernel.world import World

from .acme import ITEMS, Item
from .conftest import Acme

C = ITEMS.c
pieces = st.sampled_from(
    ["abc", "ABC", "bca", "Σσς", "İıſß", "K\u212a", "ée\u0301", "\"'%", "_\\/*-:", "中文😀", " \n+"]
)
texts = st.lists(pieces, max_size=4).map("".join)
words = st.builds(lambda text, first, length: text[first : first + length], texts, st.integers(0, 3), st.integers(3, 6))
ids = st.integers(1, 40)
steps = st.lists(
    st.tuples(st.just("put"), ids, texts)
    | st.tuples(st.just("grow"), st.integers(1, 4), st.just("abc"))
    | st.tuples(st.just("delete"), ids, st.just(""))
    | st.tuples(st.just("search"), st.just(0), words)
    | st.tuples(st.sampled_from(["keep", "undo", "restore"]), st.just(0), st.just("")),
    min_size=8,
    max_size=40,
)


@pytest.fixture
def world(backend: Acme, monkeypatch: pytest.MonkeyPatch) -> World:
    for limit, few in (("LARGE", 5), ("STEP", 7), ("MOST_CHANGED", 6)):
        monkeypatch.setattr(text_index, limit, few)
    return backend.lab.world()


def _held(store: Store, word: str) -> tuple[list[int], list[int] | None]:
    """What holds the word, and what of it may hold it."""
    holds = C.sku.contains(word, autoescape=True)
    may_hold = store.may_hold(C.sku, [word])
    found = store[Item].keys(holds, order=[C.id])
    if may_hold is None:
        return found, None
    return found, list(store.execute(sa.select(C.id).where(holds, C.id.in_(may_hold)).order_by(C.id)).scalars())


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_whatever_was_done_nothing_is_missed(world: World, steps: list[tuple[str, int, str]]) -> None:
    world.reset()
    world.store[Item].put_all([Item(n, f"{n}: ab{'c' * (n % 3)}Σ") for n in range(1, 25)])
    world.save("before")
    for what, id, text in steps:
        match what:
            case "put":
                world.store[Item].put(Item(id, f"{id}: {text}"))
            case "delete":
                world.store[Item].delete(id)
            case "search":
                found, again = _held(world.store, text)
                assert again is None or again == found
            case "grow":
                for _ in range(id):
                    world.store.may_hold(C.sku, [text])
            case "keep":
                world.store.commit()
            case "undo":
                world.store.rollback()
            case "restore":
                world.restore("before")
    for text in ("abc", "Σσς", "中文😀"):
        found, again = _held(world.store, text)
        assert again is None or again == found
    world.store.rollback()


def test_it_grows_by_one_step_with_every_search(world: World) -> None:
    world.store[Item].put_all([Item(n, f"SKU-{n:03}") for n in range(1, 41)])
    driver: Any = world.store.driver

    seen = []
    for _ in range(7):
        assert _held(world.store, "U-03")[1] in (None, list(range(30, 40)))
        seen.append(driver.execute("select max(id) from text_of_acme_items_sku_mark").fetchone()[0])

    assert seen == [7, 14, 21, 28, 35, 35, 35]  # five more than it holds are looked at
    assert _held(world.store, "U-03") == (list(range(30, 40)), list(range(30, 40)))


def test_what_changed_is_found_by_what_it_is_now(world: World) -> None:
    items = world.store[Item]
    items.put_all([Item(n, f"SKU-{n:03}") for n in range(1, 8)])
    assert world.store.may_hold(C.sku, ["mug"]) is not None

    items.put(Item(1, "a mug"))
    items.change(Item(2, "SKU-002"), Item(2, "a mug as well"))
    items.delete(3)
    items.add(Item(3, "no longer a SKU, but a mug"))

    assert _held(world.store, "mug") == ([1, 2, 3], [1, 2, 3])


def test_short_words_and_small_tables_are_looked_for_in_all_records(world: World) -> None:
    world.store[Item].put_all([Item(n, f"SKU-{n}") for n in range(1, 6)])

    assert world.store.may_hold(C.sku, ["SKU"]) is None
    world.store[Item].put(Item(6, "SKU-6"))
    assert world.store.may_hold(C.sku, ["SK", "U"]) is None
    assert world.store.may_hold(C.sku, ["SKU\0-1"]) is None
    assert world.store.may_hold(C.sku, ["SKU"]) is not None


def test_where_sqlite_lacks_it_all_records_are_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.store[Item].put_all([Item(n, f"SKU-{n}") for n in range(1, 20)])
    monkeypatch.setattr(text_index, "_MADE_OF", "fts0")

    assert world.store.may_hold(C.sku, ["SKU"]) is None
    assert world.store.may_hold(C.sku, ["SKU"]) is None


def test_nothing_of_it_is_in_a_snapshot(world: World) -> None:
    world.store[Item].put_all([Item(n, f"SKU-{n}") for n in range(1, 8)])
    assert world.store.may_hold(C.sku, ["SKU"]) is not None
    world.store.commit()

    kept = sqlite3.connect(":memory:")
    kept.deserialize(world.image())

    assert not kept.execute("select name from sqlite_master where name like 'text_of%'").fetchall()
