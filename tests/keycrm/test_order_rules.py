"""What an order's status does to stock, and the arithmetic of its sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.keycrm.order import Line, Order, payment_state, price_sold, summed
from storelab.emulators.keycrm.order_stock import Hold, all_held, held, hold_of
from storelab.emulators.keycrm.orders import altered_lines
from storelab.emulators.keycrm.references import Status
from storelab.emulators.keycrm.stock import Level, moved

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
quantities = st.integers(0, 1_000_000)
holds = st.sampled_from(list(Hold))


def a_line(quantity: int = 2000, **more: object) -> Line:
    return replace(Line(1, 1, "Mug", quantity, "MUG", 1, 1), **more)  # type: ignore[arg-type]


def an_order(**more: object) -> Order:
    return replace(Order(1, 1, 1, 1, NOON, NOON, NOON, NOON), **more)  # type: ignore[arg-type]


def played(line: Line, story: list[Hold]) -> tuple[Line, Level]:
    level = Level(1, 1, 5_000_000)
    for hold in story:
        line, change = held(line, hold)
        level = moved(level, change) if change else level
    return line, level


@pytest.mark.parametrize(
    ("status", "hold"),
    [
        (Status(1, "New", "new"), Hold.NOTHING),
        (Status(2, "Confirmed", "confirmed", 2, is_reserved=True), Hold.RESERVED),
        (Status(3, "Completed", "completed", 5, is_closing_order=True), Hold.WRITTEN_OFF),
        (Status(4, "Cancelled", "cancelled", 6, is_closing_order=True), Hold.NOTHING),
        (Status(5, "Odd", "odd", 5, is_closing_order=True, is_reserved=True), Hold.WRITTEN_OFF),
    ],
    ids=["new", "reserving", "completed", "cancelled", "closing wins over reserving"],
)
def test_what_a_status_holds(status: Status, hold: Hold) -> None:
    assert hold_of(status) is hold


@given(quantities, st.lists(holds, min_size=1, max_size=8))
def test_only_the_last_status_counts_whatever_the_way_there(quantity: int, story: list[Hold]) -> None:
    line, level = played(a_line(quantity), story)

    assert (line, level) == played(a_line(quantity), story[-1:])


@given(quantities, st.lists(holds, max_size=8))
def test_an_order_let_go_has_moved_nothing(quantity: int, story: list[Hold]) -> None:
    line, level = played(a_line(quantity), [*story, Hold.NOTHING])

    assert (line.reserved, line.written_off) == (0, 0)
    assert (level.quantity, level.reserve) == (5_000_000, 0)


@given(quantities, st.lists(holds, max_size=8))
def test_a_line_never_holds_more_than_it_orders_nor_less_than_nothing(quantity: int, story: list[Hold]) -> None:
    line, level = played(a_line(quantity), story)

    assert 0 <= line.reserved + line.written_off <= quantity
    assert level.reserve == line.reserved
    assert level.quantity == 5_000_000 - line.written_off


@given(quantities, holds)
def test_holding_twice_moves_once(quantity: int, hold: Hold) -> None:
    line, _ = held(a_line(quantity), hold)

    assert held(line, hold) == (line, None)


@given(quantities, quantities, holds)
def test_another_quantity_moves_only_the_difference(before: int, after: int, hold: Hold) -> None:
    line, _ = held(a_line(before), hold)

    line, change = held(replace(line, quantity=after), hold)

    assert (line.reserved, line.written_off) == (
        held(a_line(after), hold)[0].reserved,
        held(a_line(after), hold)[0].written_off,
    )
    if change:
        assert abs(change.quantity + change.reserve) == abs(after - before)


def test_a_line_without_an_offer_moves_nothing() -> None:
    lines, changes = all_held([a_line(offer_id=None, warehouse_id=None)], Hold.WRITTEN_OFF)

    assert changes == []
    assert lines[0].written_off == 0


def test_discounts_of_the_line_are_per_unit_and_the_orders_comes_after_them() -> None:
    line = a_line(2000, price=Decimal(100), discount_percent=Decimal(10), discount_amount=Decimal(5))
    order = an_order(discount_amount=Decimal(20), shipping_price=Decimal("7.50"))

    sums = summed(order, [line])

    assert price_sold(line) == Decimal(85)
    assert sums.products_total == Decimal(170)
    assert sums.grand_total == Decimal("157.50")
    assert sums.total_discount == Decimal(50)


def test_a_discount_larger_than_the_price_gives_it_away() -> None:
    line = a_line(1000, price=Decimal(10), discount_amount=Decimal(50))

    assert price_sold(line) == 0
    assert summed(an_order(), [line]).grand_total == 0


@pytest.mark.parametrize(
    ("paid", "total", "state"),
    [(0, 0, "not_paid"), (0, 10, "not_paid"), (4, 10, "part_paid"), (10, 10, "paid"), (11, 10, "overpaid")],
)
def test_the_payment_status_compares_what_is_paid_with_what_is_asked(paid: int, total: int, state: str) -> None:
    assert payment_state(Decimal(paid), Decimal(total)) == state


def test_a_row_finds_its_line_by_id_then_by_sku_and_adds_none() -> None:
    lines = [a_line(), a_line(id=2, sku="CAP")]

    after = altered_lines(lines, [{"id": 1, "quantity": 5}, {"sku": "CAP", "price": 3}, {"sku": "NEW", "quantity": 1}])

    assert [(line.id, line.quantity, line.price) for line in after] == [(1, 5000, 0), (2, 2000, 3)]
