"""What a merchant does in wp-admin, and what webhooks hear of it."""

from __future__ import annotations

from typing import Any

import pytest

from storelab.emulators.kernel.errors import LabError

from .receiver import Receiver
from .shop import Shop
from .test_webhooks import hooked

EVENTS = ("created", "updated", "deleted", "restored")
ALL = [f"{resource}.{event}" for resource in ("product", "order", "coupon") for event in EVENTS]


def heard(shop: Shop, receiver: Receiver, move: str, **given: Any) -> list[str]:
    """The topics of what was delivered after a move."""
    receiver.got.clear()
    shop.world.do("woocommerce", move, **given)
    shop.world.settle()
    return receiver.topics()


def test_trash_and_restore_of_a_product_are_told_of_coupons_too(shop: Shop, receiver: Receiver) -> None:
    mug = shop.product()
    hooked(shop, receiver, *ALL)

    trashed = heard(shop, receiver, "trash product", sku="MUG")
    bodies = [g.json for g in receiver.deliveries]
    restored = heard(shop, receiver, "restore product", sku="MUG")

    assert trashed == ["coupon.deleted", "product.deleted"]
    assert bodies == [{"id": mug["id"]}, {"id": mug["id"]}]
    assert restored == ["coupon.restored", "product.restored", "product.updated"]
    by_topic = {g.topic: g.json for g in receiver.deliveries}
    assert by_topic["product.restored"]["sku"] == "MUG"
    assert by_topic["coupon.restored"]["code"] == "woocommerce_rest_shop_coupon_invalid_id"


def test_trash_and_restore_of_a_coupon_are_told_of_products_too(shop: Shop, receiver: Receiver) -> None:
    coupon = shop.post("coupons", {"code": "ten", "amount": "10"})
    hooked(shop, receiver, *ALL)

    trashed = heard(shop, receiver, "trash coupon", code="TEN")
    restored = heard(shop, receiver, "restore coupon", code="ten")

    assert trashed == ["coupon.deleted", "product.deleted"]
    assert restored == ["coupon.restored", "coupon.updated", "product.restored"]
    assert {g.topic: g.json for g in receiver.deliveries}["product.restored"]["code"].endswith("product_invalid_id")
    assert shop.get(f"coupons/{coupon['id']}")["status"] == "publish"


def test_trash_and_restore_of_an_order(shop: Shop, receiver: Receiver) -> None:
    mug = shop.product(stock=5)
    order = shop.world.do("woocommerce", "check out", lines={"MUG": 2})["id"]
    hooked(shop, receiver, *ALL)

    assert heard(shop, receiver, "trash order", order=order) == ["order.deleted"]
    assert heard(shop, receiver, "restore order", order=order) == ["order.restored"]
    assert shop.stock(mug) == 3


def test_what_is_emptied_from_the_trash_is_gone_without_a_word(shop: Shop, receiver: Receiver) -> None:
    mug = shop.product()
    shop.world.do("woocommerce", "trash product", sku="MUG")
    shop.world.settle()
    hooked(shop, receiver, *ALL)

    assert heard(shop, receiver, "empty trash") == []
    assert shop.call("GET", f"products/{mug['id']}").status_code == 404


def test_lines_of_a_waiting_order_change_and_stock_follows(shop: Shop, receiver: Receiver) -> None:
    mug, cap = shop.product(stock=5), shop.product(sku="CAP", stock=5)
    order = shop.world.do("woocommerce", "check out", lines={"MUG": 2}, payment_method="bacs")["id"]
    hooked(shop, receiver, "order.updated")

    told = heard(shop, receiver, "edit order", order=order, add={"CAP": 1}, remove=["MUG"])

    assert told == ["order.updated"]
    assert [line["sku"] for line in shop.get(f"orders/{order}")["line_items"]] == ["CAP"]
    assert (shop.stock(mug), shop.stock(cap)) == (5, 4)


def test_the_screen_of_an_order_changes_all_but_lines_at_any_time(shop: Shop, receiver: Receiver) -> None:
    shop.product()
    order = shop.world.do("woocommerce", "check out", lines={"MUG": 2})["id"]
    hooked(shop, receiver, *ALL)

    told = heard(
        shop,
        receiver,
        "edit order",
        order=order,
        status="completed",
        billing={"city": "Kyiv"},
        fields={"tracking": "RR123"},
    )
    with pytest.raises(LabError, match="no longer editable"):
        shop.world.do("woocommerce", "edit order", order=order, add={"MUG": 1})

    saved = shop.get(f"orders/{order}")
    assert told == ["order.updated"]
    assert (saved["status"], saved["billing"]["city"], saved["billing"]["first_name"]) == ("completed", "Kyiv", "Ann")
    assert [(m["key"], m["value"]) for m in saved["meta_data"]] == [("tracking", "RR123")]


def test_a_note_is_heard_by_nobody(shop: Shop, receiver: Receiver) -> None:
    shop.product()
    order = shop.world.do("woocommerce", "check out", lines={"MUG": 2})["id"]
    hooked(shop, receiver, *ALL)

    assert heard(shop, receiver, "add order note", order=order, note="Called", for_customer=True) == []
    note = shop.get(f"orders/{order}/notes")[0]
    assert (note["note"], note["customer_note"], note["author"]) == ("Called", True, "admin")


@pytest.mark.parametrize(("change", "price"), [("12.5", "12.5"), ("+1.50", "11.50"), ("-10%", "9.00"), ("-99", "0.00")])
def test_many_products_are_edited_at_once_and_each_is_told(
    shop: Shop, receiver: Receiver, change: str, price: str
) -> None:
    mug, cap = shop.product(), shop.product(sku="CAP")
    hooked(shop, receiver, *ALL)

    told = heard(shop, receiver, "bulk edit products", skus=["MUG", "CAP"], price=change, stock=7)

    assert told == ["product.updated", "product.updated"]
    assert [shop.get(f"products/{p['id']}")["regular_price"] for p in (mug, cap)] == [price, price]
    assert (shop.stock(mug), shop.stock(cap)) == (7, 7)


def test_many_orders_change_their_status_at_once(shop: Shop, receiver: Receiver) -> None:
    shop.product()
    orders = [shop.world.do("woocommerce", "check out", lines={"MUG": 1})["id"] for _ in range(3)]
    hooked(shop, receiver, "order.updated")

    told = heard(shop, receiver, "bulk change order status", order_ids=orders, status="completed")

    assert told == ["order.updated"] * 3
    assert {shop.get(f"orders/{n}")["status"] for n in orders} == {"completed"}
