"""What a shopper does: the draft, the order, the money, and what webhooks and stock make of it."""

from __future__ import annotations

from typing import Any

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from .receiver import Receiver
from .shop import Shop
from .test_webhooks import hooked


def check_out(world: LabClient, **given: Any) -> Any:
    return world.do("woocommerce", "check out", **{"lines": {"MUG": 2}, **given})


def orders_told(receiver: Receiver) -> list[tuple[str, str]]:
    return [(g.topic, g.json["status"]) for g in receiver.deliveries if g.topic.startswith("order.")]


def test_a_guest_pays_on_delivery_and_stock_goes_down_at_once(shop: Shop) -> None:
    mug = shop.product(stock=5)

    bought = check_out(shop.world, shipping="5.00", note="Ring twice")

    order = shop.get(f"orders/{bought['id']}")
    assert (order["status"], order["created_via"], order["customer_id"]) == ("processing", "store-api", 0)
    assert (order["total"], order["shipping_total"], order["customer_note"]) == ("25.00", "5.00", "Ring twice")
    assert order["payment_method_title"] == "Cash on delivery"
    assert shop.stock(mug) == 3


@pytest.mark.parametrize(
    ("payment", "status", "stock"),
    [
        ({"payment_method": "bacs"}, "on-hold", 3),
        ({"payment_method": "card"}, "processing", 3),
        ({"payment_method": "card", "payment": "fails"}, "failed", 5),
        ({"payment_method": "card", "payment": "waits"}, "pending", 5),
    ],
    ids=["bank transfer", "card", "card refused", "card waiting"],
)
def test_the_payment_decides_the_status_and_what_stock_does(
    shop: Shop, payment: dict[str, str], status: str, stock: int
) -> None:
    mug = shop.product(stock=5)

    bought = check_out(shop.world, **payment)

    assert bought["status"] == status
    assert shop.stock(mug) == stock
    assert bool(shop.get(f"orders/{bought['id']}")["transaction_id"]) is (status == "processing")


def test_what_is_all_downloaded_is_completed_by_its_payment(shop: Shop) -> None:
    shop.product(sku="SONG", virtual=True, downloadable=True)

    assert check_out(shop.world, lines={"SONG": 1}, payment_method="card")["status"] == "completed"


def test_an_order_sent_at_once_is_told_once_as_new(shop: Shop, receiver: Receiver) -> None:
    shop.product(stock=5)
    hooked(shop, receiver, "order.created", "order.updated", "product.updated")
    shop.world.call("POST", "/deliveries/hold")

    check_out(shop.world)
    shop.world.call("POST", "/deliveries/release")
    shop.world.settle()

    assert receiver.topics() == ["order.created", "order.updated", "product.updated"]
    assert {status for _, status in orders_told(receiver)} == {"processing"}


def test_a_draft_that_becomes_an_order_is_told_as_new_a_second_time(shop: Shop, receiver: Receiver) -> None:
    mug = shop.product(stock=5)
    hooked(shop, receiver, "order.created", "order.updated")
    draft = shop.world.do("woocommerce", "abandon checkout", lines={"MUG": 2})
    shop.world.settle()
    at_the_form = orders_told(receiver)
    receiver.got.clear()

    shop.world.do("woocommerce", "finish checkout", order=draft["id"], payment_method="card", payment="waits")
    shop.world.settle()
    sent = orders_told(receiver)
    receiver.got.clear()
    shop.world.do("woocommerce", "pay order", order=draft["id"])
    shop.world.settle()

    assert sorted(at_the_form) == [("order.created", "checkout-draft"), ("order.updated", "checkout-draft")]
    assert sent == [("order.created", "pending")]
    assert orders_told(receiver) == [("order.updated", "processing")]
    assert shop.stock(mug) == 3


def test_a_refused_payment_can_be_tried_again(shop: Shop, receiver: Receiver) -> None:
    mug = shop.product(stock=5)
    order = shop.world.do("woocommerce", "abandon checkout", lines={"MUG": 2}, at="payment")
    hooked(shop, receiver, "order.updated")

    failed = shop.world.do("woocommerce", "fail payment", order=order["id"])
    shop.world.settle()
    paid = shop.world.do("woocommerce", "pay order", order=order["id"])
    shop.world.settle()

    assert (failed["status"], paid["status"]) == ("failed", "processing")
    assert orders_told(receiver) == [("order.updated", "failed"), ("order.updated", "processing")]
    assert shop.stock(mug) == 3


def test_a_customer_is_known_by_address_and_leaves_one(shop: Shop) -> None:
    shop.product()
    jane = shop.world.state("woocommerce", "a customer", email="jane@example.com")["id"]

    order = check_out(shop.world, customer="Jane@example.com")

    assert shop.get(f"orders/{order['id']}")["customer_id"] == jane
    assert shop.get(f"orders/{order['id']}")["billing"]["email"] == "jane@example.com"
    assert shop.get(f"customers/{jane}")["shipping"]["city"] == "San Francisco"


def test_a_new_account_comes_with_the_order(shop: Shop, receiver: Receiver) -> None:
    shop.product()
    hooked(shop, receiver, "customer.created")

    order = check_out(shop.world, email="new@example.com", create_account=True)
    shop.world.settle()

    account = receiver.deliveries[0].json
    assert account["email"] == "new@example.com"
    assert shop.get(f"orders/{order['id']}")["customer_id"] == account["id"]


def test_a_coupon_takes_its_share_and_counts(shop: Shop) -> None:
    shop.product()
    shop.post("coupons", {"code": "TEN", "discount_type": "percent", "amount": "10"})

    order = check_out(shop.world, coupon="ten")

    assert order["total"] == "18.00"
    assert shop.get("coupons")[0]["usage_count"] == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"lines": {}}, "a cart needs lines"),
        ({"lines": {"NOPE": 1}}, "no product with SKU 'NOPE'"),
        ({"lines": {"MUG": 6}}, "not enough pieces of Mug: 5 left for 6"),
        ({"lines": {"DRAFT": 1}}, "DRAFT is not for sale: it is not published"),
        ({"lines": {"FREE": 1}}, "FREE is not for sale: it has no price"),
        ({"lines": {"GONE": 1}}, "Gone is out of stock"),
        ({"coupon": "nope"}, 'Coupon "nope" cannot be applied because it does not exist'),
        ({"customer": "who@example.com"}, "there is no account"),
        ({"shipping": "free"}, "'free' is no price of shipping"),
        ({"lines": {"MUG": 3, "mug": 3}}, "not enough pieces of Mug: 5 left for 6"),
        ({"payment_method": "gold"}, "nobody can pay by 'gold'; there are: cod"),
        ({"payment": "waits"}, "only a card can be refused or left waiting"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_checkout_refuses_leaves_nothing_behind(shop: Shop, given: dict[str, Any], words: str) -> None:
    shop.product(stock=5)
    shop.product(sku="DRAFT", status="draft")
    shop.product(sku="FREE", price="")
    shop.product(sku="GONE", stock_status="outofstock")

    with pytest.raises(LabError, match=words):
        check_out(shop.world, **given)

    assert shop.get("orders", status="any") == []


def test_open_carts_hold_pieces_back_until_their_time_is_over(shop: Shop) -> None:
    shop.product(stock=5)
    shop.world.clock(freeze="2026-11-02T09:00:00Z")
    shop.world.do("woocommerce", "abandon checkout", lines={"MUG": 2}, at="payment")
    shop.world.do("woocommerce", "abandon checkout", lines={"MUG": 2}, at="checkout")

    with pytest.raises(LabError, match="1 left for 2"):
        check_out(shop.world)
    shop.world.clock(advance=600)
    assert check_out(shop.world, lines={"MUG": 3})["status"] == "processing"
    with pytest.raises(LabError, match="0 left for 1"):
        check_out(shop.world, lines={"MUG": 1})
    shop.world.clock(advance=3000)
    assert check_out(shop.world, lines={"MUG": 2})["status"] == "processing"


def test_cron_cancels_what_was_not_paid_and_deletes_what_was_not_sent(shop: Shop, receiver: Receiver) -> None:
    mug = shop.product(stock=5)
    shop.world.clock(freeze="2026-11-02T09:00:00Z")
    unpaid = shop.world.do("woocommerce", "abandon checkout", lines={"MUG": 2}, at="payment")["id"]
    draft = shop.world.do("woocommerce", "abandon checkout", lines={"MUG": 2})["id"]
    telephone = shop.world.do("woocommerce", "create order", lines={"MUG": 1})["id"]
    hooked(shop, receiver, "order.updated", "order.deleted")

    shop.world.clock(advance=3600)
    after_an_hour = shop.world.do("woocommerce", "run WP-Cron")
    shop.world.clock(advance=86400)
    after_a_day = shop.world.do("woocommerce", "run WP-Cron")
    shop.world.settle()

    assert (after_an_hour["cancelled_orders"], after_an_hour["deleted_drafts"]) == ([unpaid], [])
    assert (after_a_day["cancelled_orders"], after_a_day["deleted_drafts"]) == ([], [draft])
    assert shop.get(f"orders/{telephone}")["status"] == "pending"
    assert (shop.stock(mug), orders_told(receiver)) == (5, [("order.updated", "cancelled")])
