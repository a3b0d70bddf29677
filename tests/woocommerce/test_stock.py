"""Stock: laws of the rule, and what the store does with what it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.kernel.errors import LabError
from storelab.emulators.woocommerce.stock_rules import Stock, moved, settled, status_of, summed, whole

from .shop import Shop

quantities = st.integers(-1_000_000, 1_000_000)
backorders = st.sampled_from(["no", "notify", "yes"])
statuses = st.sampled_from(["instock", "outofstock", "onbackorder"])
stocks = st.builds(
    Stock,
    managed=st.booleans(),
    quantity=st.none() | quantities,
    backorders=backorders,
    low_amount=st.none() | st.integers(0, 100),
    status=statuses,
)
thresholds = st.integers(0, 20)


@given(stocks, thresholds)
def test_settling_twice_changes_nothing(stock: Stock, threshold: int) -> None:
    once = settled(stock, threshold)

    assert settled(once, threshold) == once


@given(stocks, thresholds)
def test_without_counting_there_is_no_quantity_and_the_status_stays(stock: Stock, threshold: int) -> None:
    after = settled(replace(stock, managed=False), threshold)

    assert after == Stock(status=stock.status)


@given(stocks, thresholds)
def test_with_counting_the_status_follows_from_the_quantity_alone(stock: Stock, threshold: int) -> None:
    counted = replace(stock, managed=True)

    assert settled(counted, threshold).status == settled(replace(counted, status="instock"), threshold).status
    assert (settled(counted, threshold).status == "instock") is ((stock.quantity or 0) > threshold)


@given(stocks, st.lists(quantities, max_size=8), thresholds)
def test_pieces_are_conserved_however_they_move(stock: Stock, deltas: list[int], threshold: int) -> None:
    after = replace(stock, managed=True)
    for delta in deltas:
        after = moved(after, delta, threshold)

    assert (after.quantity or 0) == (stock.quantity or 0) + sum(deltas)


@given(stocks, quantities, thresholds)
def test_taking_and_bringing_back_changes_nothing(stock: Stock, delta: int, threshold: int) -> None:
    before = settled(replace(stock, managed=True, quantity=stock.quantity or 0), threshold)

    assert moved(moved(before, -delta, threshold), delta, threshold) == before


@given(stocks, quantities)
def test_nothing_moves_where_nothing_is_counted(stock: Stock, delta: int) -> None:
    uncounted = replace(stock, managed=False)

    assert moved(uncounted, delta) == uncounted


@given(st.lists(statuses))
def test_a_product_is_in_stock_if_any_variation_is(found: list[str]) -> None:
    assert (summed(found) == "instock") is ("instock" in found)
    assert (summed(found) == "outofstock") is (set(found) <= {"outofstock"})


@pytest.mark.parametrize(
    ("quantity", "allowed", "status"),
    [
        (5, "no", "instock"),
        (0, "no", "outofstock"),
        (-3, "no", "outofstock"),
        (None, "no", "outofstock"),
        (0, "notify", "onbackorder"),
        (-2, "yes", "onbackorder"),
        (1, "yes", "instock"),
    ],
)
def test_what_a_quantity_means(quantity: int | None, allowed: str, status: str) -> None:
    assert status_of(quantity, allowed) == status


@pytest.mark.parametrize(("sent", "read"), [("12abc", 12), ("abc", 0), ("", 0), (None, 0), (2.9, 2), ("-3", -3)])
def test_an_unchecked_quantity_is_read_from_its_front(sent: object, read: int) -> None:
    assert whole(sent) == read


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"stock_quantity": 5}, (False, None, "instock")),
        ({"manage_stock": True}, (True, None, "outofstock")),
        ({"manage_stock": True, "stock_quantity": None}, (True, 0, "outofstock")),
        ({"manage_stock": True, "stock_quantity": 0, "stock_status": "instock"}, (True, 0, "outofstock")),
        ({"manage_stock": True, "stock_quantity": 5, "stock_status": "outofstock"}, (True, 5, "instock")),
        ({"manage_stock": True, "stock_quantity": "7"}, (True, 7, "instock")),
        ({"manage_stock": True, "stock_quantity": -2, "backorders": "yes"}, (True, -2, "onbackorder")),
        ({"stock_status": "onbackorder"}, (False, None, "onbackorder")),
    ],
)
def test_what_a_new_product_holds(shop: Shop, sent: dict[str, Any], shown: tuple[Any, ...]) -> None:
    made = shop.post("products", {"name": "Mug", **sent})

    assert (made["manage_stock"], made["stock_quantity"], made["stock_status"]) == shown
    assert made["backordered"] is (made["stock_status"] == "onbackorder")


def test_an_inventory_delta_is_added(shop: Shop) -> None:
    mug = shop.product(stock=20)

    changed = shop.put(f"products/{mug['id']}", {"inventory_delta": -5})

    assert changed["stock_quantity"] == 15


def test_switching_counting_off_forgets_the_quantity(shop: Shop) -> None:
    mug = shop.product(stock=0, low_stock_amount=3)

    off = shop.put(f"products/{mug['id']}", {"manage_stock": False})
    again = shop.put(f"products/{mug['id']}", {"manage_stock": True})

    assert (off["stock_quantity"], off["low_stock_amount"], off["stock_status"]) == (None, None, "outofstock")
    assert (again["stock_quantity"], again["stock_status"]) == (None, "outofstock")


def _shirt(shop: Shop, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    size = {"name": "Size", "variation": True, "options": ["S", "M"]}
    shirt = shop.post("products", {"name": "Shirt", "type": "variable", "attributes": [size], **more})
    small = shop.post(
        f"products/{shirt['id']}/variations",
        {"regular_price": "5", "attributes": [{"name": "Size", "option": "S"}]},
    )
    return shirt, small


def test_a_variation_that_does_not_count_shows_what_its_parent_counts(shop: Shop) -> None:
    shirt, small = _shirt(shop, manage_stock=True, stock_quantity=9)

    shown = shop.get(f"products/{shirt['id']}/variations/{small['id']}")
    shop.put(f"products/{shirt['id']}", {"stock_quantity": 0})
    empty = shop.get(f"products/{shirt['id']}/variations/{small['id']}")

    assert (shown["manage_stock"], shown["stock_quantity"], shown["stock_status"]) == ("parent", 9, "instock")
    assert (empty["stock_quantity"], empty["stock_status"]) == (0, "outofstock")


def test_a_parent_without_a_count_of_its_own_follows_its_variations(shop: Shop) -> None:
    shirt, small = _shirt(shop)

    path = f"products/{shirt['id']}"
    statuses_seen = [shop.get(path)["stock_status"]]
    shop.put(f"{path}/variations/{small['id']}", {"manage_stock": True, "stock_quantity": 0})
    statuses_seen.append(shop.get(path)["stock_status"])
    shop.put(f"{path}/variations/{small['id']}", {"stock_quantity": 2})
    statuses_seen.append(shop.get(path)["stock_status"])

    assert shirt["stock_status"] == "outofstock"
    assert statuses_seen == ["instock", "outofstock", "instock"]


def test_somebody_counts_and_the_store_tells_its_webhooks(shop: Shop) -> None:
    mug = shop.product(stock=3)
    hook = {"topic": "product.updated", "delivery_url": "http://127.0.0.1:9/hook"}
    shop.post("webhooks", hook)

    moved_ = shop.world.do("woocommerce", "adjust stock", sku="mug", quantity=8)

    assert moved_ == {"sku": "mug", "before": 3, "now": 8}
    assert shop.stock(mug) == 8
    assert [d["event"]["arg"] for d in shop.world.deliveries(service="woocommerce")] == [mug["id"]]


def test_the_stock_that_the_store_believes_is_told_by_sku(shop: Shop) -> None:
    shop.product("MUG", stock=3)
    shop.product("CAP")
    shop.world.state("woocommerce", "a variable product", sku="SHIRT", quantity=2)

    believed = shop.world.fact("woocommerce", "stock")

    assert believed == {"MUG": 3, "SHIRT-S": 2, "SHIRT-M": 2}


def test_a_situation_set_twice_is_the_same_situation(shop: Shop) -> None:
    first = shop.world.state("woocommerce", "a product in stock", sku="MUG", quantity=4)

    again = shop.world.state("woocommerce", "a product in stock", sku="MUG", quantity=4)
    other = shop.world.state("woocommerce", "a product in stock", sku="MUG", quantity=6)

    assert again == first
    assert other == {**first, "quantity": 6}


def test_counting_what_is_not_there_is_refused(shop: Shop) -> None:
    with pytest.raises(LabError, match="no product with the SKU 'NOPE'"):
        shop.world.do("woocommerce", "adjust stock", sku="NOPE", quantity=1)
