"""Orders by the hands of people: what shoppers and merchants do with them, and what they cannot."""

from __future__ import annotations

from typing import Any

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from .shop import Shop


def test_a_shopper_places_pays_and_the_merchant_cancels(shop: Shop, world: LabClient) -> None:
    shop.product("MUG", stock=5)

    placed = world.do("woocommerce", "place order", lines={"MUG": 2}, paid=False)
    paid = world.do("woocommerce", "pay order", order=placed["id"])
    cancelled = world.do("woocommerce", "cancel order", order=placed["id"])

    assert [x["status"] for x in (placed, paid, cancelled)] == ["on-hold", "processing", "cancelled"]
    believed = world.fact("woocommerce", "orders")[placed["number"]]
    assert believed == {"status": "cancelled", "total": "20.00", "lines": {"MUG": 2}}
    assert shop.get(f"orders/{placed['id']}")["created_via"] == "checkout"


def test_a_shopper_is_who_the_order_says_and_leaves_a_note(shop: Shop, world: LabClient) -> None:
    shop.product("MUG", stock=5)

    placed = world.do(
        "woocommerce",
        "place order",
        lines={"MUG": 1},
        billing={"company": "Firma d.o.o.", "country": "RS"},
        fields={"_billing_pib": "100002887"},
        note="Call first",
    )

    order = shop.get(f"orders/{placed['id']}")
    assert (order["billing"]["company"], order["billing"]["country"]) == ("Firma d.o.o.", "RS")
    assert order["billing"]["email"] == "ann@example.com"
    assert [(m["key"], m["value"]) for m in order["meta_data"]] == [("_billing_pib", "100002887")]
    assert order["customer_note"] == "Call first"


def test_a_merchant_takes_back_what_was_sold(shop: Shop, world: LabClient) -> None:
    mug = shop.product("MUG", stock=5)
    order = world.do("woocommerce", "place order", lines={"MUG": 3})["id"]

    some = world.do("woocommerce", "refund order", order=order, lines={"MUG": 1})
    rest = world.do("woocommerce", "refund order", order=order)

    assert (some["amount"], some["order"]["status"]) == ("10.00", "processing")
    assert (rest["amount"], rest["order"]["status"]) == ("20.00", "refunded")
    assert shop.stock(mug) == 3


def test_a_merchant_restores_an_order_as_it_was(world: LabClient) -> None:
    order = world.state("woocommerce", "an order")["id"]

    trashed = world.do("woocommerce", "trash order", order=order)
    restored = world.do("woocommerce", "restore order", order=order)

    assert (trashed["status"], restored["status"]) == ("trash", "processing")


@pytest.mark.parametrize(
    ("move", "arguments", "words"),
    [
        ("refund order", {"order": 12, "amount": "99"}, "cannot be refunded"),
        ("refund order", {"order": 12, "lines": {"MUG": 9}}, "does not hold"),
        ("restore order", {"order": 12}, "not in the trash"),
        ("place order", {"lines": {"NOPE": 1}}, "no product with SKU"),
        ("place order", {"lines": {}}, "needs a sku, or lines"),
        ("place order", {"lines": {"MUG": 0}}, "cannot be ordered"),
        ("pay order", {"order": 999}, "no order 999"),
        ("change order status", {"order": 999, "status": "lost"}, "no status"),
    ],
)
def test_what_cannot_be_done_is_said(
    shop: Shop, world: LabClient, move: str, arguments: dict[str, Any], words: str
) -> None:
    shop.product("MUG")
    world.state("woocommerce", "an order", sku="MUG")

    with pytest.raises(LabError, match=words):
        world.do("woocommerce", move, **arguments)


def test_the_state_an_order_is_idempotent(world: LabClient) -> None:
    first = world.state("woocommerce", "an order", sku="CAP", quantity=3)

    assert world.state("woocommerce", "an order", sku="CAP", quantity=3) == first
    assert world.fact("woocommerce", "orders")[first["number"]]["lines"] == {"CAP": 3}
