"""What orders do to stock: taken once, given back when it should be, and never lost on the way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from storelab.client import LabClient

from .shop import Shop

TAKING = ["processing", "on-hold", "completed"]
LEAVING = ["pending", "failed", "cancelled", "refunded", "checkout-draft", "auto-draft"]


@pytest.fixture
def mug(shop: Shop) -> dict[str, Any]:
    return shop.product("MUG", stock=10)


def ordered(shop: Shop, product: dict[str, Any], quantity: int = 3, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = shop.post(
        "orders", {"line_items": [{"product_id": product["id"], "quantity": quantity}], **more}
    )
    return made


def held(order: dict[str, Any]) -> str:
    """What the first line says it took."""
    return next((m["value"] for m in order["line_items"][0]["meta_data"] if m["key"] == "_reduced_stock"), "")


@pytest.mark.parametrize("status", TAKING)
def test_an_order_to_be_fulfilled_takes_stock(shop: Shop, mug: dict[str, Any], status: str) -> None:
    order = ordered(shop, mug, status=status)

    assert (shop.stock(mug), held(order)) == (7, "3")


@pytest.mark.parametrize("status", LEAVING)
def test_other_orders_leave_stock_alone(shop: Shop, mug: dict[str, Any], status: str) -> None:
    order = ordered(shop, mug, status=status)

    assert (shop.stock(mug), held(order)) == (10, "")


def test_stock_is_taken_once_however_the_order_moves_on(shop: Shop, mug: dict[str, Any]) -> None:
    order = ordered(shop, mug)

    for status in ("on-hold", "processing", "completed", "processing"):
        shop.put(f"orders/{order['id']}", {"status": status})

    assert shop.stock(mug) == 7


@pytest.mark.parametrize("status", ["cancelled", "pending"])
def test_stock_comes_back_and_can_be_taken_again(shop: Shop, mug: dict[str, Any], status: str) -> None:
    order = ordered(shop, mug, status="processing")

    back = shop.put(f"orders/{order['id']}", {"status": status})
    assert (shop.stock(mug), held(back)) == (10, "")
    shop.put(f"orders/{order['id']}", {"status": "processing"})
    assert shop.stock(mug) == 7


@pytest.mark.parametrize("status", ["failed", "refunded"])
def test_failed_and_refunded_give_nothing_back(shop: Shop, mug: dict[str, Any], status: str) -> None:
    order = ordered(shop, mug, status="processing")

    shop.put(f"orders/{order['id']}", {"status": status})

    assert shop.stock(mug) == 7


@pytest.mark.parametrize("force", [False, True], ids=["trash", "for good"])
def test_deleting_an_order_gives_nothing_back(shop: Shop, mug: dict[str, Any], force: bool) -> None:
    order = ordered(shop, mug, status="processing")

    shop.delete(f"orders/{order['id']}", force=force)

    assert shop.stock(mug) == 7


def test_more_can_be_sold_than_there_is(shop: Shop, mug: dict[str, Any]) -> None:
    order = ordered(shop, mug, 14, status="processing")

    product = shop.get(f"products/{mug['id']}")
    assert (product["stock_quantity"], product["stock_status"]) == (-4, "outofstock")
    notes = sorted(n["note"] for n in shop.get(f"orders/{order['id']}/notes"))
    assert notes == [
        "Order status changed from Pending payment to Processing.",
        "Stock levels reduced: Mug (10&rarr;-4)",
    ]


def test_a_changed_quantity_moves_the_difference(shop: Shop, mug: dict[str, Any]) -> None:
    order = ordered(shop, mug, status="processing")
    item = order["line_items"][0]["id"]

    more = shop.put(f"orders/{order['id']}", {"line_items": [{"id": item, "quantity": 5}]})
    assert (shop.stock(mug), held(more)) == (5, "5")
    shop.put(f"orders/{order['id']}", {"line_items": [{"id": item, "quantity": 0}]})
    assert shop.stock(mug) == 10


def test_a_line_added_to_an_order_on_its_way_takes_stock_too(shop: Shop, mug: dict[str, Any]) -> None:
    order = shop.post("orders", {"status": "processing"})

    changed = shop.put(f"orders/{order['id']}", {"line_items": [{"product_id": mug["id"], "quantity": 4}]})

    assert (shop.stock(mug), held(changed)) == (6, "4")


def test_a_refund_restocks_its_lines_unless_told_not_to(shop: Shop, mug: dict[str, Any]) -> None:
    order = ordered(shop, mug, 4, status="processing")
    line = {"id": order["line_items"][0]["id"], "quantity": 1, "refund_total": 10}

    shop.post(f"orders/{order['id']}/refunds", {"api_refund": False, "line_items": [line]})
    assert shop.stock(mug) == 7
    kept = shop.post(f"orders/{order['id']}/refunds", {"api_refund": False, "api_restock": False, "line_items": [line]})
    assert shop.stock(mug) == 7
    shop.delete(f"orders/{order['id']}/refunds/{kept['id']}")
    assert shop.stock(mug) == 7
    shop.put(f"orders/{order['id']}", {"status": "cancelled"})
    assert shop.stock(mug) == 10  # three: one came back already


def test_a_line_that_was_refunded_whole_holds_nothing_more_to_come_back(shop: Shop, mug: dict[str, Any]) -> None:
    order = ordered(shop, mug, 4, status="processing")
    refund = {"api_refund": False, "line_items": [{"id": order["line_items"][0]["id"], "quantity": 4}]}

    for _ in range(2):
        shop.post(f"orders/{order['id']}/refunds", refund)

    assert (shop.stock(mug), held(shop.get(f"orders/{order['id']}"))) == (10, "0")
    shop.put(f"orders/{order['id']}", {"status": "cancelled"})
    assert (shop.stock(mug), held(shop.get(f"orders/{order['id']}"))) == (10, "0")
    shop.put(f"orders/{order['id']}", {"status": "processing"})
    assert (shop.stock(mug), held(shop.get(f"orders/{order['id']}"))) == (6, "4")


def test_more_pieces_refunded_than_ordered_are_taken_again_when_the_order_is_cancelled(
    shop: Shop, mug: dict[str, Any]
) -> None:
    order = ordered(shop, mug, 4, status="processing")
    line = {"id": order["line_items"][0]["id"], "quantity": 5}

    shop.post(f"orders/{order['id']}/refunds", {"api_refund": False, "line_items": [line]})
    refunded = shop.get(f"orders/{order['id']}")
    assert (shop.stock(mug), held(refunded)) == (11, "-1")

    cancelled = shop.put(f"orders/{order['id']}", {"status": "cancelled"})
    assert (shop.stock(mug), held(cancelled)) == (10, "")


def test_a_refund_brings_nothing_back_that_was_never_taken(shop: Shop, mug: dict[str, Any]) -> None:
    order = ordered(shop, mug, 4)
    line = {"id": order["line_items"][0]["id"], "quantity": 1, "refund_total": 10}

    shop.post(f"orders/{order['id']}/refunds", {"api_refund": False, "line_items": [line]})

    assert (order["status"], shop.stock(mug)) == ("pending", 10)


def test_a_variation_takes_its_own_stock_or_its_parents(shop: Shop) -> None:
    sizes = [{"name": "Size", "variation": True, "options": ["S", "M"]}]
    shirt = shop.product("SHIRT", stock=30, type="variable", attributes=sizes)
    path = f"products/{shirt['id']}/variations"
    follows = shop.post(path, {"regular_price": "5", "attributes": [{"name": "Size", "option": "S"}]})
    own = shop.post(
        path,
        {
            "regular_price": "5",
            "manage_stock": True,
            "stock_quantity": 7,
            "attributes": [{"name": "Size", "option": "M"}],
        },
    )

    lines = [{"variation_id": v["id"], "quantity": n} for v, n in ((follows, 2), (own, 3))]
    shop.post("orders", {"status": "processing", "line_items": lines})

    assert [shop.get(f"{path}/{v['id']}")["stock_quantity"] for v in (follows, own)] == [28, 4]
    assert shop.stock(shirt) == 28


def test_what_nobody_counts_stays_uncounted(shop: Shop) -> None:
    cap = shop.product("CAP")

    order = ordered(shop, cap, status="processing")

    assert (shop.stock(cap), held(order)) == (None, "")


def test_sold_pieces_are_counted_until_the_order_is_cancelled(shop: Shop, mug: dict[str, Any]) -> None:
    def sold() -> int:
        number: int = shop.get(f"products/{mug['id']}")["total_sales"]
        return number

    order = ordered(shop, mug, status="processing")
    after_order = sold()
    shop.put(f"orders/{order['id']}", {"status": "pending"})
    after_pending = sold()
    shop.put(f"orders/{order['id']}", {"status": "cancelled"})

    assert (after_order, after_pending, sold()) == (3, 3, 0)


quantities = st.integers(1, 5)
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["processing", "on-hold", "completed", "cancelled", "pending", "failed"])),
        st.tuples(st.just("quantity"), quantities),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quantity=quantities, moves=steps)
def test_stock_and_what_the_lines_hold_always_add_up(
    world: LabClient, quantity: int, moves: list[tuple[Any, ...]]
) -> None:
    world.call("POST", "/reset")
    shop = Shop(world)
    mug = shop.product("MUG", stock=50)
    order = ordered(shop, mug, quantity)

    edited_while_failed = False  # a failed order keeps what it took, whatever its lines say by then

    for move in moves:
        if move[0] == "quantity":
            edited_while_failed |= order["status"] == "failed" and held(order) != ""
            body: dict[str, Any] = {"line_items": [{"id": order["line_items"][0]["id"], "quantity": move[1]}]}
        else:
            body = {"status": move[0]}
        order = shop.put(f"orders/{order['id']}", body)

        assert (shop.stock(mug) or 0) + int(held(order) or 0) == 50
        if order["status"] in TAKING and not edited_while_failed:
            assert int(held(order)) == order["line_items"][0]["quantity"]
        if order["status"] in ("cancelled", "pending"):
            assert held(order) == ""
            edited_while_failed = False
