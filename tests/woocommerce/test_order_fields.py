"""What is read, refused and ignored of orders, coupons, customers and taxes where nothing is recorded.

Source: the REST controllers and data stores of WooCommerce 10, read.
"""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop


def test_an_order_is_found_by_its_product_and_not_by_its_variation(shop: Shop) -> None:
    shirt = shop.world.state("woocommerce", "a variable product", sku="SHIRT")["id"]
    variation = shop.get(f"products/{shirt}/variations")[0]["id"]
    order = shop.post("orders", {"line_items": [{"product_id": shirt, "variation_id": variation}]})

    assert [o["id"] for o in shop.get("orders", product=shirt)] == [order["id"]]
    assert shop.get("orders", product=variation) == []


def test_where_an_order_came_from_is_said_once(shop: Shop) -> None:
    order = shop.post("orders", {"created_via": "pos"})

    assert shop.put(f"orders/{order['id']}", {"created_via": "checkout"})["created_via"] == "pos"


def test_the_parent_of_an_order_is_another_order(shop: Shop) -> None:
    first = shop.post("orders")["id"]
    refusal = (400, "order_invalid_parent_id", "Invalid parent ID")

    assert shop.refusal("POST", "orders", {"parent_id": 99999}) == refusal
    assert shop.refusal("PUT", f"orders/{first}", {"parent_id": first}) == refusal
    assert shop.post("orders", {"parent_id": first})["parent_id"] == first


@pytest.mark.parametrize(
    ("sent", "code"),
    [({"billing": {"email": "zz"}}, "order_invalid_billing_email"), ({"currency": "ZZZ"}, "order_invalid_currency")],
)
def test_a_batch_is_refused_by_the_order_what_a_schema_would_have_refused_before(
    shop: Shop, sent: dict[str, Any], code: str
) -> None:
    assert shop.post("orders/batch", {"create": [sent]})["create"][0]["error"]["code"] == code


def test_a_change_by_hand_is_written_down_as_the_persons(shop: Shop) -> None:
    order = shop.post("orders")["id"]
    shop.put(f"orders/{order}", {"status": "on-hold", "manual_update": True})
    shop.put(f"orders/{order}", {"status": "pending"})

    notes = shop.get(f"orders/{order}/notes")

    assert [n["author"] for n in notes if "to On hold" in n["note"]] == ["admin"]
    assert [n["author"] for n in notes if "to Pending" in n["note"]] == ["WooCommerce"]


def test_the_fields_of_an_order_are_no_custom_fields(shop: Shop) -> None:
    sent = {"_billing_email": "ann@example.com", "_transaction_id": "T1", "_order_total": "9", "erp_id": "1"}

    order = shop.post("orders", {"meta_data": [{"key": key, "value": value} for key, value in sent.items()]})

    assert (order["billing"]["email"], order["transaction_id"], order["total"]) == ("ann@example.com", "T1", "0.00")
    assert [m["key"] for m in order["meta_data"]] == ["erp_id"]


def test_the_end_of_a_coupon_is_set_in_the_shops_time_and_taken_away_by_an_empty_text(shop: Shop) -> None:
    made = shop.post("coupons", {"code": "ten", "date_expires": "2030-05-05"})
    path = f"coupons/{made['id']}"

    assert shop.put(path, {"date_expires_gmt": "2031-01-01T00:00:00"})["date_expires"] == "2030-05-05T00:00:00"
    assert shop.put(path, {"date_expires": None})["date_expires"] == "2030-05-05T00:00:00"
    assert shop.put(path, {"date_expires": ""})["date_expires"] is None


def test_numbers_of_a_coupon_are_absolute_and_ids_are_there_once(shop: Shop) -> None:
    made = shop.post("coupons", {"code": "ten", "usage_limit": -5, "product_ids": [7, 7, 0, 8]})

    assert (made["usage_limit"], made["product_ids"]) == (5, [7, 8])


def test_coupons_are_searched_by_description_too_and_drafts_are_not_listed(shop: Shop) -> None:
    shop.post("coupons", {"code": "spring", "description": "For the newsletter"})
    draft = shop.post("coupons", {"code": "autumn", "status": "draft"})

    assert [c["code"] for c in shop.get("coupons", search="newsletter")] == ["spring"]
    assert [c["code"] for c in shop.get("coupons")] == ["spring"]
    assert shop.get(f"coupons/{draft['id']}")["status"] == "draft"


def test_a_search_of_customers_takes_an_address_for_one_and_a_number_for_an_id(shop: Shop) -> None:
    ann = shop.post("customers", {"email": "ann@example.com", "username": "annie"})["id"]

    def found(text: str) -> list[int]:
        return [c["id"] for c in shop.get("customers", search=text)]

    assert (found("annie"), found("example"), found("@example"), found(str(ann))) == ([ann], [ann], [ann], [ann])
    assert found("annie@") == []


def test_address_and_password_of_staff_stay(shop: Shop) -> None:
    admin = shop.get("customers/1")

    assert shop.refusal("PUT", "customers/1", {"email": "new@example.com"}) == (
        403,
        "woocommerce_rest_cannot_edit",
        "Sorry, email cannot be updated via this endpoint for a user with role administrator.",
    )
    assert shop.refusal("PUT", "customers/1", {"password": "new"})[0] == 403
    assert shop.put("customers/1", {"email": admin["email"], "first_name": "Ada"})["first_name"] == "Ada"


def test_the_one_postcode_of_a_rate_is_its_last(shop: Shop) -> None:
    made = shop.post("taxes", {"rate": "5", "postcodes": ["94103", "94104"], "cities": ["Oslo", "Bergen"]})

    assert (made["postcode"], made["city"]) == ("94104", "BERGEN")


def test_coupons_of_an_order_are_not_sent_back_with_their_ids(shop: Shop) -> None:
    mug = shop.product("MUG")["id"]
    shop.post("coupons", {"code": "ten", "discount_type": "percent", "amount": "10"})
    order = shop.post("orders", {"line_items": [{"product_id": mug}], "coupon_lines": [{"code": "ten"}]})
    path = f"orders/{order['id']}"

    assert shop.refusal("PUT", path, {"coupon_lines": order["coupon_lines"]}) == (
        400,
        "woocommerce_rest_coupon_item_id_readonly",
        "Coupon item ID is readonly.",
    )
    assert len(shop.put(path, {"coupon_lines": [{"code": "ten"}]})["coupon_lines"]) == 1


def test_a_status_with_its_prefix_is_known_where_no_schema_looks(shop: Shop) -> None:
    order = shop.post("orders")["id"]

    (changed,) = shop.post("orders/batch", {"update": [{"id": order, "status": "wc-completed"}]})["update"]

    assert changed["status"] == "completed"
    assert shop.refusal("PUT", f"orders/{order}", {"status": "wc-completed"})[0] == 400


def test_an_order_that_came_from_nowhere_came_over_rest(shop: Shop) -> None:
    assert shop.post("orders", {"created_via": ""})["created_via"] == "rest-api"


def test_a_line_whose_product_is_gone_names_none(shop: Shop) -> None:
    mug = shop.product("MUG", "4.00")
    order = shop.post("orders", {"line_items": [{"product_id": mug["id"], "quantity": 2}]})
    shop.delete(f"products/{mug['id']}")
    in_trash = shop.get(f"orders/{order['id']}")["line_items"][0]["product_id"]

    shop.delete(f"products/{mug['id']}", force="true")

    told = shop.get(f"orders/{order['id']}")["line_items"][0]
    assert in_trash == mug["id"]
    assert (told["product_id"], told["name"], told["sku"], told["price"]) == (0, "Mug", None, 4)


def a_line_of_a_variation(shop: Shop) -> tuple[int, dict[str, Any]]:
    shirt = shop.product(
        "SHIRT", type="variable", attributes=[{"name": "Size", "options": ["S", "M"], "variation": True}]
    )
    small = shop.post(
        f"products/{shirt['id']}/variations",
        {"regular_price": "9", "attributes": [{"name": "Size", "option": "S"}]},
    )
    order = shop.post("orders", {"line_items": [{"product_id": shirt["id"], "variation_id": small["id"]}]})
    return order["id"], order["line_items"][0]


def test_a_line_whose_variation_is_gone_is_about_the_product(shop: Shop) -> None:
    order, line = a_line_of_a_variation(shop)

    shop.delete(f"products/{line['product_id']}/variations/{line['variation_id']}", force="true")

    told = shop.get(f"orders/{order}")["line_items"][0]
    assert (told["product_id"], told["variation_id"], told["sku"]) == (line["product_id"], 0, "SHIRT")


def test_a_line_that_is_sent_back_as_it_was_read_keeps_its_variation(shop: Shop) -> None:
    order, line = a_line_of_a_variation(shop)

    (told,) = shop.put(f"orders/{order}", {"line_items": [line]})["line_items"]

    assert told == line


def test_a_variation_stays_with_a_line_that_is_given_another_product(shop: Shop) -> None:
    order, line = a_line_of_a_variation(shop)
    mug = shop.product("MUG", "4.00")["id"]

    (told,) = shop.put(f"orders/{order}", {"line_items": [{"id": line["id"], "product_id": mug}]})["line_items"]

    assert (told["name"], told["product_id"], told["variation_id"], told["sku"]) == (
        "Mug",
        mug,
        line["variation_id"],
        "SHIRT",
    )


def test_an_order_keeps_names_notes_and_addresses_as_they_come(shop: Shop) -> None:
    mug = shop.product()
    sent = "<b>x</b> & 5%20 <"

    order = shop.post(
        "orders",
        {
            "billing": {"first_name": sent},
            "customer_note": sent,
            "payment_method_title": sent,
            "transaction_id": sent,
            "line_items": [{"product_id": mug["id"], "name": sent}],
            "fee_lines": [{"name": sent, "total": "1"}],
            "shipping_lines": [{"method_id": "flat_rate", "method_title": sent, "total": "1"}],
        },
    )

    assert order["billing"]["first_name"] == order["customer_note"] == order["payment_method_title"] == sent
    assert order["line_items"][0]["name"] == order["fee_lines"][0]["name"] == order["transaction_id"] == sent
    assert order["shipping_lines"][0]["method_title"] == "x & 5 &lt;"
