"""The arithmetic of stock: what a change is, and that nothing appears or disappears."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, strategies as st

from storelab.emulators.keycrm.stock import (
    Change,
    Kind,
    Level,
    Total,
    added_up,
    applied,
    brought_to,
    merged,
    moved,
    transferred,
)
from storelab.emulators.quantities import money, rendered, thousandths

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
amounts = st.integers(-10_000_000, 10_000_000)
places = st.integers(1, 3)
offers = st.integers(1, 4)
changes = st.lists(st.builds(Change, offers, places, amounts, amounts), max_size=20)


def all_levels(wanted: list[Change]) -> list[Level]:
    after, _ = applied({}, merged(wanted), kind=Kind.API, first_id=1, at=NOON)
    return after


@given(changes)
def test_every_level_is_the_sum_of_its_movements(wanted: list[Change]) -> None:
    levels, movements = applied({}, merged(wanted), kind=Kind.API, first_id=1, at=NOON)

    for level in levels:
        own = [m for m in movements if (m.offer_id, m.warehouse_id) == (level.offer_id, level.warehouse_id)]
        assert sum(m.quantity for m in own) == level.quantity
        assert sum(m.reserve for m in own) == level.reserve


@given(changes)
def test_a_movement_shows_the_level_it_left_behind(wanted: list[Change]) -> None:
    levels, movements = applied({}, merged(wanted), kind=Kind.API, first_id=7, at=NOON)

    assert [(m.quantity_after, m.reserve_after) for m in movements] == [(x.quantity, x.reserve) for x in levels]
    assert [m.id for m in movements] == list(range(7, 7 + len(levels)))


@given(changes)
def test_the_order_of_changes_does_not_matter(wanted: list[Change]) -> None:
    forwards = {(x.offer_id, x.warehouse_id): x for x in all_levels(wanted)}
    backwards = {(x.offer_id, x.warehouse_id): x for x in all_levels(wanted[::-1])}

    assert forwards == backwards


@given(changes)
def test_merging_keeps_what_changes_altogether(wanted: list[Change]) -> None:
    after = merged(wanted)

    assert sum(c.quantity for c in after) == sum(c.quantity for c in wanted)
    assert sum(c.reserve for c in after) == sum(c.reserve for c in wanted)
    assert not any(c.nothing for c in after)


@given(amounts, amounts, amounts)
def test_an_absolute_number_is_reached_from_anywhere_and_leaves_the_reserve(
    quantity: int, reserve: int, wanted: int
) -> None:
    level = Level(1, 1, quantity, reserve)

    after = moved(level, brought_to(level, wanted))

    assert (after.quantity, after.reserve) == (wanted, reserve)
    assert brought_to(after, wanted).nothing


@given(amounts, amounts, st.integers(1, 10_000_000))
def test_a_transfer_changes_where_goods_lie_and_not_how_many(here: int, there: int, quantity: int) -> None:
    before = {(1, 1): Level(1, 1, here), (1, 2): Level(1, 2, there)}

    after, _ = applied(before, transferred(1, 1, 2, quantity), kind=Kind.TRANSFER, first_id=1, at=NOON)

    assert sum(level.quantity for level in after) == here + there
    assert after[1].quantity == there + quantity


@given(changes, st.lists(places, unique=True, min_size=1))
def test_a_total_counts_the_named_warehouses_only(wanted: list[Change], named: list[int]) -> None:
    levels = all_levels(wanted)

    totals = added_up(levels, named)

    for offer_id, total in totals.items():
        own = [x for x in levels if x.offer_id == offer_id and x.warehouse_id in named]
        assert total == Total(sum(x.quantity for x in own), sum(x.reserve for x in own))


def test_no_warehouse_named_means_all() -> None:
    levels = [Level(1, 1, 5000, 1000), Level(1, 2, 7000, 0)]

    assert added_up(levels) == {1: Total(12_000, 1000)}
    assert added_up(levels, [2]) == {1: Total(7000, 0)}


@given(st.decimals(-1_000_000, 1_000_000, places=3))
def test_three_places_survive_the_way_in_and_out(value: object) -> None:
    assert rendered(thousandths(float(str(value)))) == float(str(value))


def test_a_whole_quantity_is_shown_without_a_point() -> None:
    assert [rendered(thousandths(x)) for x in (12, 12.0, 0.375, -1.5, 0.0004, 0.0005)] == [
        12,
        12,
        0.375,
        -1.5,
        0,
        0.001,
    ]
    assert isinstance(rendered(12_000), int)


def test_money_is_rounded_half_up_to_two_places() -> None:
    assert [str(money(x)) for x in (9.995, 0.1, 5)] == ["10.00", "0.10", "5.00"]
