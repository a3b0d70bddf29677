"""What Golisto does by itself, before a store made up for the test."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from storelab.contracts.actors import Actor
from storelab.emulators.golisto import orders, worker
from storelab.emulators.golisto.sales import Line, Sale
from storelab.emulators.kernel import Answer, Emulation

from .conftest import Shelf, told

SITE = {"site": "shop_1"}


def advance(alone: Actor, seconds: float) -> None:
    alone._runner.run(alone.world.advance(seconds))


def a_sale(here: Emulation, number: int = 1) -> None:
    line = Line(1, 0, "P-1", 2, "10.00")
    here.store[Sale].put(Sale(f"GOL_{number}", "shop_1", here.clock.now, [vars(line)], "b_1", {"city": "B"}, "USD"))


# -- approval


@pytest.mark.parametrize("withdrawal", ["withdraw approval", "suspend", "end connection"])
@pytest.mark.parametrize("at", ["GET /products 1", "GET /products 2", "GET /data/currencies/current"])
def test_a_daily_run_stops_at_its_next_step_when_the_approval_goes(
    alone: Actor, shelf: Shelf, withdrawal: str, at: str
) -> None:
    for number in range(1, 251):
        shelf.put(number)

    async def gone(what: str) -> None:
        if what == at:
            await alone.world.do("golisto", withdrawal, {})

    shelf.before = gone
    advance(alone, worker.DAY)
    shelf.before = lambda what: None
    advance(alone, 5 * worker.DAY)

    steps = ["GET /data/currencies/current", "GET /products", "GET /products"]
    assert shelf.asked == steps[: {"GET /data": 1}.get(at[:9], 1 + int(at[-1:]) if at[-1:].isdigit() else 1)]
    assert alone.fact("connection")["last_sync_at"] is None


def test_what_was_known_is_not_dropped_by_half_a_run(alone: Actor, shelf: Shelf) -> None:
    for number in range(1, 251):
        shelf.put(number)
    alone.run(worker.read_catalogue, SITE)
    assert len(alone.fact("stock")) == 250

    async def gone(what: str) -> None:
        if what == "GET /products 2":
            await alone.world.do("golisto", "withdraw approval", {})

    shelf.before = gone
    advance(alone, worker.DAY)

    assert len(alone.fact("stock")) == 250


@pytest.mark.parametrize(
    "state", ["an awaiting store", "a suspended store", "a rejected store", "a disconnected store"]
)
def test_nobody_is_called_without_an_approval(alone: Actor, shelf: Shelf, state: str) -> None:
    shelf.put(1)
    alone.state(state, store_url="https://shop.example")
    alone.run(a_sale)

    for work, event in (
        (worker.read_catalogue, SITE),
        (worker.reconcile, SITE),
        (worker.read_product, {**SITE, "product": 1}),
        (orders.tell, {"sale": "GOL_1"}),
    ):
        alone.run(work, event)
    advance(alone, 5 * worker.DAY)

    assert shelf.asked == []


def test_approval_begins_it_and_every_day_goes_on(alone: Actor, shelf: Shelf) -> None:
    shelf.put(1)
    alone.do("withdraw approval")
    advance(alone, 3 * worker.DAY)
    assert shelf.asked == []

    alone.do("approve")
    alone.settle()
    first = len(shelf.asked)
    advance(alone, 3 * worker.DAY)

    assert first == 2
    assert len(shelf.asked) == 4 * first


# -- reading


def test_everything_is_read_once_however_many_pages(alone: Actor, shelf: Shelf) -> None:
    for number in range(1, 202):
        shelf.put(number)

    alone.run(worker.read_catalogue, SITE)

    assert len(alone.fact("catalogue")) == 201
    assert shelf.asked.count("GET /products") == 3


def test_what_the_list_does_not_hold_any_more_is_dropped(alone: Actor, shelf: Shelf) -> None:
    shelf.put(1)
    shelf.put(2)
    alone.run(worker.read_catalogue, SITE)

    del shelf.products[1]
    shelf.put(2, status="draft")
    shelf.put(3)
    alone.run(worker.read_catalogue, SITE)

    assert alone.fact("stock") == {"P-3": 5}


def test_two_products_with_one_sku_are_both_known_and_the_older_one_is_sold(alone: Actor, shelf: Shelf) -> None:
    shelf.put(1, sku="X", stock_quantity=3)
    shelf.put(2, sku="X", stock_quantity=9)
    alone.run(worker.read_catalogue, SITE)

    assert alone.run(lambda here: len(worker.stock(here, "shop_1"))) == 2


def test_a_silent_store_is_asked_again_and_again_and_then_left_till_tomorrow(alone: Actor, shelf: Shelf) -> None:
    shelf.put(1)
    shelf.before = lambda what: told({"code": "down"}, 503)

    alone.do("reconcile")
    alone.settle()
    said = alone.fact("connection")["trouble"]
    advance(alone, worker.DAY / 2)

    assert "503" in said
    assert len(shelf.asked) == 6
    shelf.before = lambda what: None
    advance(alone, worker.DAY)
    assert alone.fact("connection")["trouble"] == ""
    assert alone.fact("stock") == {"P-1": 5}


def test_a_refusal_is_not_asked_again_until_tomorrow_and_the_plugin_hears_of_it(alone: Actor, shelf: Shelf) -> None:
    shelf.before = lambda what: told({"code": "woocommerce_rest_cannot_view", "message": "Sorry."}, 403)

    alone.do("reconcile")
    advance(alone, worker.DAY / 2)

    assert len(shelf.asked) == 1
    token = alone.world.credentials("golisto")["site_token"]
    status, answer = alone.receives(
        "GET", "/api/woocommerce/status", {"authorization": f"Bearer {token}"}, query="store_url=https://shop.example"
    )
    assert status == 200
    assert "403" in answer["reason"]


def test_a_product_is_dropped_when_the_store_has_it_no_more_and_kept_when_it_does_not_answer(
    alone: Actor, shelf: Shelf
) -> None:
    shelf.put(1)
    alone.run(worker.read_catalogue, SITE)

    shelf.before = lambda what: Answer(None, error="nobody there")
    alone.run(worker.read_product, {**SITE, "product": 1})
    kept = alone.fact("stock")
    shelf.before = lambda what: None
    del shelf.products[1]
    alone.run(worker.read_product, {**SITE, "product": 1})

    assert kept == {"P-1": 5}
    assert alone.fact("stock") == {}


CHANGES = st.lists(st.tuples(st.integers(1, 4), st.none() | st.integers(-3, 9)), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES, hints=st.lists(st.integers(1, 4), max_size=8))
def test_whatever_hints_come_late_twice_or_never_the_days_comparison_ends_at_the_truth(
    alone: Actor, shelf: Shelf, changes: list[tuple[int, int | None]], hints: list[int]
) -> None:
    shelf.products.clear()
    for number in (1, 2):
        shelf.put(number)
    alone.run(worker.read_catalogue, SITE)
    for number, quantity in changes:
        if quantity is None:
            shelf.products.pop(number, None)
        else:
            shelf.put(number, stock_quantity=quantity)
    truth = {f"P-{n}": max(0, row["stock_quantity"]) for n, row in shelf.products.items()}

    for number in hints:
        alone.run(worker.read_product, {**SITE, "product": number})
    heard = alone.fact("stock")
    alone.run(worker.reconcile, SITE)

    assert {sku: heard.get(sku) for sku in (f"P-{n}" for n in hints)} == {
        sku: truth.get(sku) for sku in (f"P-{n}" for n in hints)
    }
    assert alone.fact("stock") == truth


# -- orders


def sold(alone: Actor, shelf: Shelf, quantity: int = 2) -> str:
    if not shelf.products:
        shelf.put(1)
        alone.run(worker.read_catalogue, SITE)
    sale: str = alone.do("sell", lines={"P-1": quantity})["sale"]
    return sale


def test_one_sale_is_one_order_however_often_its_answer_is_lost(alone: Actor, shelf: Shelf) -> None:
    def lost(what: str) -> Any:
        if what == "POST /orders":
            number = len(shelf.orders) + 500
            mark = [{"key": "_golisto_order_id", "value": sale}]
            shelf.orders[number] = {"id": number, "status": "processing", "meta_data": mark}
            return Answer(None, error="connection reset")
        return None

    shelf.put(1)
    alone.run(worker.read_catalogue, SITE)
    shelf.before = lost
    sale = sold(alone, shelf)
    alone.settle()
    advance(alone, worker.DAY / 4)

    assert len(shelf.orders) == 1
    assert alone.fact("orders")[sale]["told"] is True
    assert shelf.asked.count("POST /orders") == 1


def test_a_job_that_runs_twice_tells_once(alone: Actor, shelf: Shelf) -> None:
    sale = sold(alone, shelf)

    for _ in range(3):
        alone.run(orders.tell, {"sale": sale})

    assert len(shelf.orders) == 1
    assert shelf.asked.count("PUT /orders/101") == 0


def test_what_happens_while_the_store_is_told_is_told_next(alone: Actor, shelf: Shelf) -> None:
    sale = sold(alone, shelf)

    async def shipped(what: str) -> None:
        if what == "POST /orders":
            shelf.before = lambda what: None
            await alone.world.do("golisto", "ship", {"tracking_number": "JJD1"})

    shelf.before = shipped
    alone.settle()

    (order,) = shelf.orders.values()
    told_of = {entry["key"]: entry["value"] for entry in order["meta_data"]}
    assert order["status"] == "completed"
    assert told_of["_golisto_tracking_number"] == "JJD1"
    assert alone.fact("orders")[sale]["told"] is True


def test_what_is_sold_and_not_told_is_not_sold_again(alone: Actor, shelf: Shelf) -> None:
    shelf.put(1)
    alone.run(worker.read_catalogue, SITE)
    shelf.before = lambda what: Answer(None, error="nobody there")

    sold(alone, shelf, 4)
    alone.settle()
    alone.run(worker.read_product, {**SITE, "product": 1})

    assert alone.fact("stock") == {"P-1": 1}


def test_what_the_store_has_refused_is_told_again_the_next_day(alone: Actor, shelf: Shelf) -> None:
    shelf.put(1)
    alone.run(worker.read_catalogue, SITE)
    shelf.before = lambda what: told({"code": "woocommerce_rest_cannot_create"}, 401) if "orders" in what else None
    sale = sold(alone, shelf)
    alone.settle()
    assert "401" in alone.fact("orders")[sale]["trouble"]

    shelf.before = lambda what: None
    advance(alone, worker.DAY)

    assert len(shelf.orders) == 1
    assert alone.fact("orders")[sale]["trouble"] == ""


def test_a_sale_stops_between_looking_and_telling_when_the_approval_goes(alone: Actor, shelf: Shelf) -> None:
    shelf.put(1)
    alone.run(worker.read_catalogue, SITE)

    async def gone(what: str) -> None:
        if what.startswith("GET /orders"):
            await alone.world.do("golisto", "suspend", {})

    shelf.before = gone
    sold(alone, shelf)
    alone.settle()

    assert shelf.orders == {}
    assert shelf.asked[-1] == "GET /orders"


def test_a_hint_takes_no_price_in_another_currency(alone: Actor, shelf: Shelf) -> None:
    shelf.put(1)
    alone.run(worker.read_catalogue, SITE)
    shelf.put(1, price="99.00")
    shelf.currency = "EUR"

    alone.run(worker.read_product, {**SITE, "product": 1})

    assert alone.fact("catalogue")["P-1"]["price"] == "10.00"
    assert alone.fact("connection")["status"] == "suspended"


def test_a_merchants_own_cancellation_is_not_undone_by_a_shipment(alone: Actor, shelf: Shelf) -> None:
    sold(alone, shelf)
    alone.settle()
    shelf.orders[101]["status"] = "cancelled"

    alone.do("ship")
    alone.settle()

    assert shelf.orders[101]["status"] == "cancelled"


def test_a_sale_waits_while_approval_is_away(alone: Actor, shelf: Shelf) -> None:
    shelf.put(1)
    alone.run(worker.read_catalogue, SITE)
    shelf.before = lambda what: Answer(None, error="nobody there")
    sale = sold(alone, shelf)
    alone.settle()
    alone.do("suspend")
    shelf.before = lambda what: None
    advance(alone, worker.DAY)
    assert shelf.orders == {}

    alone.do("resume")
    alone.settle()

    assert len(shelf.orders) == 1
    assert alone.fact("orders")[sale]["told"] is True


def test_another_currency_stops_the_reading_before_any_price(alone: Actor, shelf: Shelf) -> None:
    shelf.put(1)
    shelf.currency = "EUR"

    alone.run(worker.read_catalogue, SITE)
    advance(alone, 3 * worker.DAY)

    assert shelf.asked == ["GET /data/currencies/current"]
    found = alone.fact("connection")
    assert (found["status"], found["currency"]) == ("suspended", "USD")
    assert "EUR" in found["reason"]
