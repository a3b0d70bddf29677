"""Coupons end to end: who may use which, what each takes off, and how uses are counted."""

from __future__ import annotations

from typing import Any

import pytest

from storelab.emulators.woocommerce.coupon_rules import fits_address

from .receiver import Receiver, hooked
from .shop import Shop

NOT_THESE = "Sorry, coupon &quot;ten&quot; is not applicable to selected products."
USED_UP = "Usage limit for coupon &quot;ten&quot; has been reached."

_TWICE = "Coupon code &quot;{}&quot; already applied!"


class Stall:
    """A shop with mugs on sale (10.00 of 20.00), caps (30.00) in a category of their own, and shirts in sizes."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.caps = shop.post("products/categories", {"name": "Caps"})["id"]
        self.mug = shop.product("MUG", "20.00", sale_price="10.00")["id"]
        self.cap = shop.product("CAP", "30.00", categories=[{"id": self.caps}])["id"]
        shirt = shop.product("SHIRT", type="variable", categories=[{"id": self.caps}])["id"]
        self.shirt, self.small = shirt, shop.post(f"products/{shirt}/variations", {"regular_price": "50.00"})["id"]

    def coupon(self, **more: Any) -> dict[str, Any]:
        return self.shop.post("coupons", {"code": "ten", "discount_type": "percent", "amount": "10", **more})

    def body(self, *products: int, **more: Any) -> dict[str, Any]:
        lines = [{"product_id": p} for p in products]
        return {"line_items": lines, "coupon_lines": [{"code": "ten"}], **more}

    def order(self, *products: int, **more: Any) -> dict[str, Any]:
        return self.shop.post("orders", self.body(*products, **more))

    def refused(self, *products: int, **more: Any) -> str:
        status, code, message = self.shop.refusal("POST", "orders", self.body(*products, **more))
        assert (status, code) == (400, "woocommerce_rest_invalid_coupon")
        return message

    def taken(self, order: dict[str, Any]) -> list[str]:
        return [f"{float(x['subtotal']) - float(x['total']):.2f}" for x in order["line_items"]]

    def uses(self) -> tuple[int, list[str]]:
        coupon = self.shop.get("coupons", code="ten")[0]
        return coupon["usage_count"], coupon["used_by"]


@pytest.fixture
def stall(shop: Shop) -> Stall:
    return Stall(shop)


# ---------------------------------------------------------------------------------------------- for which products


def test_a_coupon_for_some_products_takes_nothing_off_others(stall: Stall) -> None:
    stall.coupon(product_ids=[stall.cap, stall.shirt])

    order = stall.order(stall.mug, stall.cap, stall.small)

    assert stall.taken(order) == ["0.00", "3.00", "5.00"]
    assert stall.refused(stall.mug) == NOT_THESE


def test_a_coupon_for_a_category_counts_for_variations_too(stall: Stall) -> None:
    stall.coupon(product_categories=[stall.caps])

    order = stall.order(stall.mug, stall.small)

    assert stall.taken(order) == ["0.00", "5.00"]
    assert stall.refused(stall.mug) == NOT_THESE


def test_products_or_categories_are_enough_but_each_must_be_met_once(stall: Stall) -> None:
    stall.coupon(product_ids=[stall.mug], product_categories=[stall.caps])

    order = stall.order(stall.mug, stall.cap)

    assert stall.taken(order) == ["1.00", "3.00"]
    assert stall.refused(stall.cap) == NOT_THESE


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("products", "Sorry, coupon &quot;ten&quot; is not applicable to the products: Cap."),
        ("categories", "Sorry, coupon &quot;ten&quot; is not applicable to the categories: Caps."),
        ("sale", "Sorry, coupon &quot;ten&quot; is not valid for sale items."),
    ],
)
def test_what_is_excluded_gets_no_percentage_and_bars_an_amount_off_all(stall: Stall, rule: str, message: str) -> None:
    excluded: dict[str, Any] = {
        "products": {"excluded_product_ids": [stall.cap]},
        "categories": {"excluded_product_categories": [stall.caps]},
        "sale": {"exclude_sale_items": True},
    }[rule]
    made = stall.coupon(**excluded)

    percent = stall.taken(stall.order(stall.mug, stall.cap))
    stall.shop.put(f"coupons/{made['id']}", {"discount_type": "fixed_cart"})

    assert percent == (["0.00", "3.00"] if rule == "sale" else ["1.00", "0.00"])
    assert stall.refused(stall.mug, stall.cap) == message


def test_an_amount_off_all_is_shared_by_all_once_one_product_fits(stall: Stall) -> None:
    stall.coupon(discount_type="fixed_cart", product_ids=[stall.cap])

    order = stall.order(stall.mug, stall.cap)

    assert stall.taken(order) == ["5.00", "5.00"]


# ---------------------------------------------------------------------------------------------- how much


@pytest.mark.parametrize(
    ("minimum", "maximum", "message"),
    [("30.01", "0", "minimum"), ("0", "29.99", "maximum"), ("30.00", "30.00", "")],
)
def test_an_order_must_be_worth_enough_and_not_too_much(stall: Stall, minimum: str, maximum: str, message: str) -> None:
    stall.coupon(minimum_amount=minimum, maximum_amount=maximum)

    if message:
        assert stall.refused(stall.cap).startswith(f"The {message} spend for coupon &quot;ten&quot; is <span")
    else:
        assert stall.taken(stall.order(stall.cap)) == ["3.00"]


def test_only_so_many_pieces_are_discounted_each_by_no_more_than_its_price(stall: Stall) -> None:
    stall.coupon(discount_type="fixed_product", amount="25.00", limit_usage_to_x_items=2)
    lines = [{"product_id": stall.mug, "quantity": 3}]

    order = stall.shop.post("orders", {"line_items": lines, "coupon_lines": [{"code": "ten"}]})

    assert stall.taken(order) == ["20.00"]


@pytest.mark.parametrize(("sequential", "taken"), [("no", "15.00"), ("yes", "13.20")])
def test_percentages_add_up_unless_the_shop_takes_them_one_after_another(
    stall: Stall, sequential: str, taken: str
) -> None:
    stall.shop.put("settings/general/woocommerce_calc_discounts_sequentially", {"value": sequential})
    stall.coupon(amount="20")
    stall.shop.post("coupons", {"code": "more", "discount_type": "percent", "amount": "30"})

    order = stall.order(stall.cap, coupon_lines=[{"code": "ten"}, {"code": "more"}])

    assert stall.taken(order) == [taken]


def test_free_shipping_is_told_of_and_left_to_the_shipping_methods(stall: Stall) -> None:
    stall.coupon(free_shipping=True, amount="0")

    order = stall.order(stall.cap, shipping_lines=[{"method_id": "flat_rate", "total": "7.00"}])

    assert order["coupon_lines"][0]["free_shipping"] is True
    assert order["shipping_total"] == "7.00"


def test_over_rest_nobody_asks_which_coupons_go_together(stall: Stall) -> None:
    stall.coupon(individual_use=True)
    stall.shop.post("coupons", {"code": "five", "amount": "5"})

    order = stall.order(stall.cap, coupon_lines=[{"code": "ten"}, {"code": "five"}])

    assert [c["code"] for c in order["coupon_lines"]] == ["ten", "five"]


def test_the_same_code_twice_is_refused(stall: Stall) -> None:
    stall.coupon()

    assert stall.refused(stall.cap, coupon_lines=[{"code": "ten"}, {"code": "TEN"}]) == _TWICE.format("ten")


@pytest.mark.parametrize("batch", [False, True], ids=["alone", "batch"])
def test_a_refused_coupon_leaves_the_other_changes_in_place_but_the_status(
    stall: Stall, receiver: Receiver, batch: bool
) -> None:
    stall.coupon()
    order = stall.order(stall.cap)
    hooked(stall.shop, receiver, "order.updated")
    (line,) = order["line_items"]
    sent = {
        "coupon_lines": [{"code": "nope"}],
        "line_items": [{"id": line["id"], "quantity": 2, "subtotal": "60.00"}],
        "fee_lines": [{"name": "Gift", "total": "5.00"}],
        "billing": {"city": "Gent"},
        "customer_note": "By noon",
        "status": "completed",
        "set_paid": True,
    }

    if batch:
        (refused,) = stall.shop.post("orders/batch", {"update": [{"id": order["id"], **sent}]})["update"]
        assert (refused["id"], refused["error"]["code"]) == (order["id"], "woocommerce_rest_invalid_coupon")
    else:
        assert stall.shop.refusal("PUT", f"orders/{order['id']}", sent)[:2] == (400, "woocommerce_rest_invalid_coupon")

    after = stall.shop.get(f"orders/{order['id']}")
    assert (after["status"], after["date_paid"]) == ("pending", None)
    assert (after["billing"]["city"], after["customer_note"]) == ("Gent", "By noon")
    assert [(x["quantity"], x["subtotal"]) for x in after["line_items"]] == [(2, "60.00")]
    assert [fee["name"] for fee in after["fee_lines"]] == ["Gift"]
    assert [coupon["code"] for coupon in after["coupon_lines"]] == ["ten"]
    stall.shop.world.settle()
    assert receiver.topics() == ["order.updated"]


def test_a_code_that_comes_twice_is_put_on_once_before_the_second_is_refused(stall: Stall) -> None:
    stall.coupon()
    stall.shop.post("coupons", {"code": "five", "amount": "5"})
    order = stall.order(stall.cap)
    codes = [{"code": code} for code in ("five", "FIVE", "ten")]

    message = stall.shop.refusal("PUT", f"orders/{order['id']}", {"coupon_lines": codes})[2]

    after = stall.shop.get(f"orders/{order['id']}")
    assert (message, [coupon["code"] for coupon in after["coupon_lines"]]) == (_TWICE.format("five"), ["five"])
    assert (after["total"], stall.uses()[0]) == ("25.00", 0)


# ---------------------------------------------------------------------------------------------- who and when


@pytest.mark.parametrize(
    ("email", "pattern", "fits"),
    [
        ("ann@example.com", "ann@example.com", True),
        ("Ann@Example.com", "ann@example.com", True),
        ("ann@example.com", "*@example.com", True),
        ("ann@example.com", "a*@*.com", True),
        ("ann@example.org", "*@example.com", False),
        ("a@x.com", "*a@x.com*a@x.com", False),
        ("", "*@example.com", False),
    ],
)
def test_an_address_fits_its_pattern(email: str, pattern: str, fits: bool) -> None:
    assert fits_address(email, pattern) is fits


def test_a_coupon_for_some_addresses_opens_for_them_only(stall: Stall) -> None:
    stall.coupon(email_restrictions=["*@friends.example"])

    order = stall.order(stall.cap, billing={"email": "ann@friends.example"})

    assert stall.taken(order) == ["3.00"]
    assert stall.refused(stall.cap, billing={"email": "bob@strangers.example"}).startswith("Please enter a valid email")


def test_a_coupon_expires_on_the_stores_clock(stall: Stall) -> None:
    stall.coupon(date_expires="2031-01-01T00:00:00")

    stall.shop.world.clock(freeze="2031-01-01T00:00:00Z")
    stall.order(stall.cap)
    stall.shop.world.clock(advance=1)

    assert stall.refused(stall.cap) == "Coupon &quot;ten&quot; has expired."


def test_uses_go_up_once_an_order_and_down_when_it_is_cancelled(stall: Stall) -> None:
    stall.coupon(usage_limit=1)

    order = stall.order(stall.cap, billing={"email": "ann@example.com"})
    stall.shop.put(f"orders/{order['id']}", {"status": "completed"})
    used = stall.uses()
    full = stall.refused(stall.cap)
    stall.shop.put(f"orders/{order['id']}", {"status": "cancelled"})
    free = stall.uses()
    stall.shop.put(f"orders/{order['id']}", {"status": "processing"})

    assert (used, full) == ((1, ["ann@example.com"]), USED_UP)
    assert free == (0, [])
    assert stall.uses() == (1, ["ann@example.com"])


def test_a_coupon_that_is_taken_off_an_order_is_free_again(stall: Stall) -> None:
    stall.coupon(usage_limit=1)
    order = stall.order(stall.cap)

    stall.shop.put(f"orders/{order['id']}", {"coupon_lines": [{"code": "ten"}]})
    again = stall.uses()[0]
    stall.shop.put(f"orders/{order['id']}", {"coupon_lines": []})

    assert (again, stall.uses()[0]) == (1, 0)


@pytest.mark.parametrize("known", [True, False])
def test_each_customer_has_uses_of_their_own(stall: Stall, known: bool) -> None:
    stall.coupon(usage_limit_per_user=1)
    ann, bob = (
        {"customer_id": stall.shop.post("customers", {"email": f"{who}@example.com"})["id"]}
        if known
        else {"billing": {"email": f"{who}@example.com"}}
        for who in ("ann", "bob")
    )

    stall.order(stall.cap, **ann)
    stall.order(stall.cap, **bob)

    assert stall.refused(stall.cap, **ann) == USED_UP
    assert stall.uses()[0] == 2


def test_a_refused_coupon_leaves_a_draft_and_no_use(stall: Stall) -> None:
    stall.coupon(product_ids=[stall.mug])

    answer = stall.shop.call("POST", "orders", stall.body(stall.cap)).json()

    assert stall.shop.get(f"orders/{answer['data']['new_draft_order_id']}")["status"] == "checkout-draft"
    assert stall.uses() == (0, [])
