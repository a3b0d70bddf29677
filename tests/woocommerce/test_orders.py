"""Orders: what is accepted, what it comes to, how they are listed, noted, refunded and thrown away."""

from __future__ import annotations

import re
from typing import Any

import pytest

from storelab.client import LabClient

from .shop import Shop

ANN = {
    "first_name": "Ann",
    "last_name": "Lee",
    "address_1": "1 Main",
    "city": "SF",
    "state": "CA",
    "postcode": "94103",
    "country": "US",
    "email": "ann@example.com",
}


def line(product: dict[str, Any], quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"product_id": product["id"], "quantity": quantity, **more}


def variation(shop: Shop, **more: Any) -> dict[str, Any]:
    sizes = [{"name": "Size", "variation": True, "options": ["S", "M"]}]
    shirt = shop.post("products", {"name": "Shirt", "type": "variable", "attributes": sizes})
    made: dict[str, Any] = shop.post(
        f"products/{shirt['id']}/variations",
        {"sku": "SHIRT-S", "regular_price": "7", "attributes": [{"name": "Size", "option": "S"}], **more},
    )
    return made


# ---------------------------------------------------------------------------------------------- creating


def test_lines_are_found_by_product_by_variation_and_by_sku(shop: Shop) -> None:
    mug, cup, shirt = shop.product("MUG"), shop.product("CUP", "25.55"), variation(shop)

    order = shop.post(
        "orders",
        {
            "line_items": [line(mug, 2), {"variation_id": shirt["id"], "quantity": 1}, {"sku": "CUP", "quantity": 3}],
            "shipping_lines": [{"method_id": "flat_rate", "method_title": "Flat", "total": "10.00"}],
            "fee_lines": [{"name": "Fee", "total": "5.00"}],
        },
    )

    assert [(x["name"], x["sku"], x["quantity"], x["total"], x["price"]) for x in order["line_items"]] == [
        ("Mug", "MUG", 2, "20.00", 10),
        ("Shirt - S", "SHIRT-S", 1, "7.00", 7),
        ("Cup", "CUP", 3, "76.65", 25.55),
    ]
    assert (order["line_items"][1]["product_id"], order["line_items"][1]["parent_name"]) == (
        shirt["parent_id"],
        "Shirt",
    )
    assert order["line_items"][1]["meta_data"][0]["display_key"] == "Size"
    assert (order["shipping_total"], order["total"]) == ("10.00", "118.65")
    assert order["line_items"][0]["product_id"] == mug["id"] != cup["id"]


def test_an_order_of_nothing_is_pending_and_worth_nothing(shop: Shop) -> None:
    order = shop.post("orders")

    assert (order["status"], order["total"], order["number"]) == ("pending", "0.00", str(order["id"]))
    assert re.fullmatch(r"wc_order_\w{13}", order["order_key"])


@pytest.mark.parametrize("reference", [{"product_id": 999_999}, {"sku": "NOPE"}], ids=["unknown id", "unknown SKU"])
def test_a_product_that_is_not_there_leaves_an_empty_line(shop: Shop, reference: dict[str, Any]) -> None:
    order = shop.post("orders", {"line_items": [{**reference, "quantity": 1}]})

    [empty] = order["line_items"]
    assert (empty["name"], empty["product_id"], empty["sku"], empty["total"]) == ("", 0, None, "0.00")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"line_items": [{"quantity": 1}]}, "woocommerce_rest_required_product_reference"),
        ({"line_items": [[{"product_id": 1, "quantity": 1}]]}, "woocommerce_rest_required_product_reference"),
        ({"shipping_lines": [{"total": "5"}]}, "woocommerce_rest_invalid_shipping_item"),
        ({"fee_lines": [{"total": "5"}]}, "woocommerce_rest_invalid_fee_item"),
        ({"customer_id": 99_999}, "woocommerce_rest_invalid_customer_id"),
        ({"id": 5}, "woocommerce_rest_shop_order_exists"),
        ({"status": "wc-processing"}, "rest_invalid_param"),
        ({"line_items": [{"product_id": 1, "quantity": 1, "total": 15}]}, "rest_invalid_param"),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_a_refused_order_leaves_nothing_behind(shop: Shop, body: dict[str, Any], code: str) -> None:
    status, refusal, _ = shop.refusal("POST", "orders", body)

    assert (status, refusal) == (400, code)
    assert shop.get("orders", status="any,checkout-draft") == []


def test_a_total_below_the_subtotal_is_a_discount(shop: Shop) -> None:
    order = shop.post("orders", {"line_items": [line(shop.product(), 2, total="15.00")]})

    assert (order["total"], order["discount_total"], order["line_items"][0]["price"]) == ("15.00", "5.00", 7.5)


def test_what_only_the_store_decides_is_not_taken_from_the_client(shop: Shop) -> None:
    sent = {"total": "1.00", "number": "777", "order_key": "mine", "date_created": "2020-01-01T00:00:00"}

    order = shop.post("orders", {**sent, "line_items": [line(shop.product())]})

    assert order["total"] == "10.00"
    assert all(order[field] != value for field, value in sent.items())


# ---------------------------------------------------------------------------------------------- statuses


def test_paying_means_processing_whatever_status_was_sent(shop: Shop) -> None:
    order = shop.post("orders", {"status": "on-hold", "set_paid": True, "line_items": [line(shop.product())]})

    assert order["status"] == "processing"
    assert order["date_paid"] is not None


def test_paying_for_what_can_be_downloaded_completes_the_order(shop: Shop) -> None:
    song = shop.product("SONG", "1", virtual=True, downloadable=True)

    order = shop.post("orders", {"set_paid": True, "line_items": [line(song)]})

    assert (order["status"], order["needs_processing"]) == ("completed", False)


def test_every_status_can_follow_every_other(shop: Shop) -> None:
    order = shop.post("orders", {"line_items": [line(shop.product())]})
    path = ["completed", "processing", "refunded", "cancelled", "failed", "pending", "on-hold", "completed"]

    seen = [shop.put(f"orders/{order['id']}", {"status": status})["status"] for status in path]

    assert seen == path
    notes = [n["note"] for n in shop.get(f"orders/{order['id']}/notes")]
    assert "Order status changed from Pending payment to Completed." in notes
    assert "Order status changed from On hold to Completed." in notes


def test_the_day_of_payment_stays_and_that_of_completion_is_renewed(shop: Shop, world: LabClient) -> None:
    world.clock(freeze="2026-11-21T08:00:00Z")
    order = shop.post("orders", {"status": "completed", "line_items": [line(shop.product())]})
    world.clock(advance=3600)

    shop.put(f"orders/{order['id']}", {"status": "processing"})
    again = shop.put(f"orders/{order['id']}", {"status": "completed"})

    assert again["date_paid"] == "2026-11-21T08:00:00"
    assert again["date_completed"] == "2026-11-21T09:00:00"


def test_refunded_refunds_what_is_left(shop: Shop) -> None:
    order = shop.post("orders", {"status": "processing", "line_items": [line(shop.product(), 3)]})
    shop.post(f"orders/{order['id']}/refunds", {"amount": "10.00", "api_refund": False})

    refunded = shop.put(f"orders/{order['id']}", {"status": "refunded"})

    assert sorted(r["total"] for r in refunded["refunds"]) == ["-10.00", "-20.00"]


# ---------------------------------------------------------------------------------------------- changing


def test_a_new_quantity_alone_keeps_the_total_of_a_line(shop: Shop) -> None:
    order = shop.post("orders", {"line_items": [line(shop.product(), 4)]})

    changed = shop.put(f"orders/{order['id']}", {"line_items": [{"id": order["line_items"][0]["id"], "quantity": 1}]})

    assert (changed["line_items"][0]["quantity"], changed["line_items"][0]["total"], changed["total"]) == (
        1,
        "40.00",
        "40.00",
    )


@pytest.mark.parametrize("removal", [{"product_id": None}, {"quantity": 0}], ids=["null product", "quantity 0"])
def test_a_line_is_taken_away_by_null_or_by_zero(shop: Shop, removal: dict[str, Any]) -> None:
    mug, cup = shop.product("MUG"), shop.product("CUP", "5")
    order = shop.post("orders", {"line_items": [line(mug), line(cup)]})

    changed = shop.put(f"orders/{order['id']}", {"line_items": [{"id": order["line_items"][0]["id"], **removal}]})

    assert [x["name"] for x in changed["line_items"]] == ["Cup"]
    assert changed["total"] == "5.00"


def test_a_line_of_another_order_cannot_be_changed(shop: Shop) -> None:
    mug = shop.product()
    first, second = (shop.post("orders", {"line_items": [line(mug)]}) for _ in range(2))

    refusal = shop.refusal(
        "PUT", f"orders/{second['id']}", {"line_items": [{"id": first["line_items"][0]["id"], "quantity": 2}]}
    )

    assert refusal == (400, "woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order.")


def test_part_of_an_address_leaves_the_rest_of_it(shop: Shop) -> None:
    order = shop.post("orders", {"billing": ANN})

    billing = shop.put(f"orders/{order['id']}", {"billing": {"city": "LA"}})["billing"]

    assert (billing["city"], billing["first_name"], billing["postcode"]) == ("LA", "Ann", "94103")


def test_custom_fields_come_back_by_key_and_go_with_null(shop: Shop) -> None:
    order = shop.post("orders", {"meta_data": [{"key": "src", "value": 5}, {"key": "_hidden", "value": [1]}]})

    changed = shop.put(
        f"orders/{order['id']}", {"meta_data": [{"id": order["meta_data"][1]["id"], "key": "src", "value": None}]}
    )

    assert [(m["key"], m["value"]) for m in order["meta_data"]] == [("_hidden", [1]), ("src", "5")]
    assert [m["key"] for m in changed["meta_data"]] == ["_hidden"]


def test_changing_an_order_that_is_not_there_is_a_bad_request_and_reading_it_is_not_found(shop: Shop) -> None:
    assert shop.refusal("PUT", "orders/999", {})[0] == 400
    assert shop.refusal("GET", "orders/999")[0] == 404
    assert shop.refusal("DELETE", "orders/999", force=True)[0] == 404


# ---------------------------------------------------------------------------------------------- lists


def test_orders_are_found_by_status_product_customer_and_words(shop: Shop) -> None:
    mug, cup = shop.product("MUG"), shop.product("CUP")
    jane = shop.post("customers", {"email": "jane@example.com"})
    first = shop.post("orders", {"line_items": [line(mug)], "status": "processing"})
    second = shop.post("orders", {"line_items": [line(cup)], "billing": ANN})
    third = shop.post("orders", {"customer_id": jane["id"]})

    def ids(**query: Any) -> list[int]:
        return [order["id"] for order in shop.get("orders", **query)]

    assert ids() == [third["id"], second["id"], first["id"]]
    assert ids(status="processing,completed") == [first["id"]]
    assert ids(product=cup["id"]) == [second["id"]]
    assert ids(customer=jane["id"]) == [third["id"]]
    assert ids(search="lee") == ids(search="ann@example.com") == ids(search="Cup") == [second["id"]]
    assert ids(search=str(first["id"])) == [first["id"]]
    assert ids(include=first["id"]) == [first["id"]]
    assert third["billing"]["email"] == "jane@example.com"


def test_any_status_means_drafts_of_the_checkout_too_but_not_automatic_ones_and_no_trash(shop: Shop) -> None:
    draft = shop.post("orders", {"status": "checkout-draft"})
    shop.post("orders", {"status": "auto-draft"})
    trashed = shop.post("orders")
    shop.delete(f"orders/{trashed['id']}")

    assert [o["id"] for o in shop.get("orders")] == [draft["id"]]
    assert [o["id"] for o in shop.get("orders", status="checkout-draft")] == [draft["id"]]
    assert shop.get("orders", status="auto-draft") == []
    assert [o["id"] for o in shop.get("orders", status="trash")] == [trashed["id"]]


def test_a_page_beyond_the_end_says_that_there_are_none(shop: Shop) -> None:
    shop.post("orders")

    answer = shop.call("GET", "orders", page=5)

    assert (answer.json(), answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ([], "0", "0")
    assert "page=0" in answer.headers["Link"]


def test_changes_are_found_by_the_second_and_strictly(shop: Shop, world: LabClient) -> None:
    world.clock(freeze="2026-11-21T08:00:00Z")
    order = shop.post("orders")
    world.clock(advance=10)
    shop.put(f"orders/{order['id']}", {"customer_note": "x"})

    assert len(shop.get("orders", modified_after="2026-11-21T08:00:09", dates_are_gmt=True)) == 1
    assert shop.get("orders", modified_after="2026-11-21T08:00:10", dates_are_gmt=True) == []


def test_money_is_shown_with_the_digits_that_were_asked_for(shop: Shop) -> None:
    shop.post("orders", {"line_items": [line(shop.product())]})

    [order] = shop.get("orders", dp=4)

    assert (order["total"], order["line_items"][0]["total"]) == ("10.0000", "10.0000")


# ---------------------------------------------------------------------------------------------- trash, notes, refunds


def test_the_trash_keeps_an_order_and_force_does_not(shop: Shop) -> None:
    order = shop.post("orders", {"status": "processing"})

    assert shop.delete(f"orders/{order['id']}")["status"] == "processing"
    assert shop.get(f"orders/{order['id']}")["status"] == "trash"
    assert shop.refusal("DELETE", f"orders/{order['id']}")[:2] == (410, "woocommerce_rest_already_trashed")
    assert shop.put(f"orders/{order['id']}", {"status": "processing"})["status"] == "processing"
    shop.delete(f"orders/{order['id']}", force=True)
    assert shop.refusal("GET", f"orders/{order['id']}")[:2] == (404, "woocommerce_rest_shop_order_invalid_id")


def test_notes_are_for_the_customer_or_for_the_shop(shop: Shop) -> None:
    order = shop.post("orders")
    private = shop.post(f"orders/{order['id']}/notes", {"note": "private"})
    shop.post(f"orders/{order['id']}/notes", {"note": "hello", "customer_note": True})

    assert [n["note"] for n in shop.get(f"orders/{order['id']}/notes", type="customer")] == ["hello"]
    assert [n["note"] for n in shop.get(f"orders/{order['id']}/notes", type="internal")] == ["private"]
    assert shop.refusal("DELETE", f"orders/{order['id']}/notes/{private['id']}")[0] == 501
    shop.delete(f"orders/{order['id']}/notes/{private['id']}", force=True)
    assert len(shop.get(f"orders/{order['id']}/notes")) == 1


def test_a_note_does_not_touch_the_order_and_a_refund_does(shop: Shop, world: LabClient) -> None:
    world.clock(freeze="2026-11-21T08:00:00Z")
    order = shop.post("orders", {"status": "processing", "line_items": [line(shop.product())]})
    world.clock(advance=60)

    shop.post(f"orders/{order['id']}/notes", {"note": "n"})
    assert shop.get(f"orders/{order['id']}")["date_modified_gmt"] == "2026-11-21T08:00:00"
    shop.post(f"orders/{order['id']}/refunds", {"amount": "1", "api_refund": False})
    assert shop.get(f"orders/{order['id']}")["date_modified_gmt"] == "2026-11-21T08:01:00"


def test_refunding_the_last_cent_turns_the_order_refunded_for_good(shop: Shop) -> None:
    order = shop.post("orders", {"status": "processing", "line_items": [line(shop.product(), 3)]})
    item = order["line_items"][0]["id"]

    one = shop.post(
        f"orders/{order['id']}/refunds",
        {"api_refund": False, "line_items": [{"id": item, "quantity": 1, "refund_total": 10}]},
    )
    rest = shop.post(f"orders/{order['id']}/refunds", {"amount": "20.00", "api_refund": False})
    shop.delete(f"orders/{order['id']}/refunds/{rest['id']}")

    assert (one["amount"], one["line_items"][0]["quantity"], one["line_items"][0]["total"]) == ("10.00", -1, "-10.00")
    after = shop.get(f"orders/{order['id']}")
    assert (after["status"], after["total"], [r["id"] for r in after["refunds"]]) == ("refunded", "30.00", [one["id"]])


@pytest.mark.parametrize(
    ("body", "message", "data"),
    [
        ({"amount": "5"}, "The payment gateway for this order does not support automatic refunds.", 500),
        ({"amount": "-5"}, "Refund amount must be greater than zero.", 400),
        ({"amount": "9999"}, "Invalid refund amount.", 500),
    ],
)
def test_a_refused_refund_is_a_server_error_with_a_bare_number(
    shop: Shop, body: dict[str, Any], message: str, data: int
) -> None:
    order = shop.post("orders", {"set_paid": True, "payment_method": "bacs", "line_items": [line(shop.product())]})

    answer = shop.call("POST", f"orders/{order['id']}/refunds", body)

    assert (answer.status_code, answer.json()["message"], answer.json()["data"]) == (500, message, data)


# ---------------------------------------------------------------------------------------------- taxes and coupons


@pytest.fixture
def taxed(shop: Shop) -> Shop:
    shop.put("settings/general/woocommerce_calc_taxes", {"value": "yes"})
    shop.post("taxes", {"country": "US", "state": "CA", "rate": "8.25", "name": "CA Tax"})
    return shop


def test_an_order_is_taxed_where_it_goes(taxed: Shop) -> None:
    lines = [line(taxed.product(price="25.55"))]

    here = taxed.post("orders", {"billing": ANN, "line_items": lines})
    elsewhere = taxed.post("orders", {"billing": {**ANN, "state": "NY"}, "line_items": lines})
    nowhere = taxed.post("orders", {"line_items": lines})

    assert (here["total_tax"], here["total"], here["tax_lines"][0]["rate_code"]) == ("2.11", "27.66", "US-CA-CA TAX-1")
    assert (elsewhere["total_tax"], elsewhere["tax_lines"]) == ("0.00", [])
    assert nowhere["total_tax"] == "2.11"  # the shop itself is in California


def test_prices_that_include_tax_make_the_total(taxed: Shop) -> None:
    taxed.put("settings/tax/woocommerce_prices_include_tax", {"value": "yes"})

    order = taxed.post("orders", {"billing": ANN, "line_items": [line(taxed.product(), 2)]})

    assert (order["total"], order["total_tax"], order["line_items"][0]["total"]) == ("20.00", "1.52", "18.48")
    assert order["line_items"][0]["price"] == 9.2378755


def test_a_coupon_takes_off_counts_its_use_and_gives_it_back(shop: Shop) -> None:
    coupon = shop.post("coupons", {"code": "TEN", "discount_type": "percent", "amount": "10", "usage_limit": 1})

    order = shop.post("orders", {"line_items": [line(shop.product(), 2)], "coupon_lines": [{"code": "ten"}]})
    used = shop.get(f"coupons/{coupon['id']}")["usage_count"]
    without = shop.put(f"orders/{order['id']}", {"coupon_lines": []})

    assert (order["total"], order["coupon_lines"][0]["discount"], used) == ("18.00", "2", 1)
    assert (without["total"], without["coupon_lines"]) == ("20.00", [])
    assert shop.get(f"coupons/{coupon['id']}")["usage_count"] == 0


@pytest.mark.parametrize(
    ("coupon", "message"),
    [
        ({"date_expires": "2020-01-01T00:00:00"}, "Coupon &quot;c&quot; has expired."),
        ({"minimum_amount": "100"}, "The minimum spend for coupon &quot;c&quot; is "),
        (None, "Coupon &quot;c&quot; cannot be applied because it does not exist."),
    ],
    ids=["expired", "too little", "unknown"],
)
def test_a_coupon_that_cannot_be_used_leaves_the_order_as_a_draft(
    shop: Shop, coupon: dict[str, Any] | None, message: str
) -> None:
    if coupon is not None:
        shop.post("coupons", {"code": "c", "amount": "5", **coupon})

    answer = shop.call("POST", "orders", {"line_items": [line(shop.product())], "coupon_lines": [{"code": "c"}]})

    assert (answer.status_code, answer.json()["code"]) == (400, "woocommerce_rest_invalid_coupon")
    assert answer.json()["message"].startswith(message)
    assert shop.get(f"orders/{answer.json()['data']['new_draft_order_id']}")["status"] == "checkout-draft"
    assert shop.world.fact("woocommerce", "orders") == {}  # no order yet


def test_in_a_batch_nothing_is_checked_and_one_failure_hinders_no_other(shop: Shop) -> None:
    shop.product()

    made = shop.post(
        "orders/batch",
        {
            "create": [
                {"status": "zzz"},
                {"line_items": [{"quantity": 1}]},
                {"line_items": [{"sku": "MUG", "quantity": 1}], "coupon_lines": [{"code": "nope"}]},
            ],
            "delete": [999_999],
        },
    )

    assert made["create"][0]["status"] == "pending"
    assert made["create"][1]["error"]["code"] == "woocommerce_rest_required_product_reference"
    assert made["create"][2]["error"]["data"]["new_draft_order_id"] > 0
    assert made["delete"][0] == {
        "id": 999_999,
        "error": {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}},
    }
