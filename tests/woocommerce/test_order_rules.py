"""Orders, beyond what was recorded: what follows from a status, what a search finds, how lines and money are read."""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop
from .test_orders import ANN, line


def taxed(shop: Shop, *, inclusive: bool = False, rate: str = "10") -> None:
    shop.put("settings/general/woocommerce_calc_taxes", {"value": "yes"})
    shop.put("settings/tax/woocommerce_prices_include_tax", {"value": "yes" if inclusive else "no"})
    shop.post("taxes", {"country": "US", "rate": rate, "name": "Tax"})


# ---------------------------------------------------------------------------------------------- statuses


def test_an_order_with_nothing_to_do_is_paid_when_it_is_completed_and_not_when_it_is_processed(shop: Shop) -> None:
    file = shop.product("FILE", virtual=True, downloadable=True)
    orders = [shop.post("orders", {"status": "processing", "line_items": lines}) for lines in ([], [line(file)])]

    completed = shop.put(f"orders/{orders[0]['id']}", {"status": "completed"})

    assert [order["date_paid"] for order in orders] == [None, None]
    assert completed["date_paid"] == completed["date_completed"] is not None


def test_who_paid_is_a_paying_customer_before_the_order_is_completed(shop: Shop) -> None:
    jane = shop.post("customers", {"email": "jane@example.com"})
    order = {"customer_id": jane["id"], "line_items": [line(shop.product())]}
    shop.post("orders", {**order, "status": "processing"})
    before = shop.get(f"customers/{jane['id']}")["is_paying_customer"]

    shop.post("orders", {**order, "set_paid": True})

    assert (before, shop.get(f"customers/{jane['id']}")["is_paying_customer"]) == (False, True)


@pytest.mark.parametrize("way", ["cancelled", "failed", "trash"])
def test_a_coupon_is_free_again_when_its_order_comes_to_nothing(shop: Shop, way: str) -> None:
    coupon = shop.post("coupons", {"code": "once", "amount": "1", "usage_limit": 1})
    order = shop.post("orders", {"line_items": [line(shop.product())], "coupon_lines": [{"code": "once"}]})

    shop.delete(f"orders/{order['id']}") if way == "trash" else shop.put(f"orders/{order['id']}", {"status": way})
    freed = shop.get(f"coupons/{coupon['id']}")["usage_count"]
    shop.put(f"orders/{order['id']}", {"status": "processing"})

    assert (freed, shop.get(f"coupons/{coupon['id']}")["usage_count"]) == (0, 1)


def test_in_a_batch_only_true_itself_pays(shop: Shop) -> None:
    body = shop.post("orders/batch", {"create": [{"set_paid": "true"}, {"set_paid": True}]})

    assert [order["status"] for order in body["create"]] == ["pending", "completed"]


# ---------------------------------------------------------------------------------------------- searching


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ann Lee", True),
        ("ann lee", True),
        ("Lee Ann", False),
        ("SF CA 94103", True),
        ("TX-778", True),
        ("Flat rate", True),
        ("Gift wrap", True),
        ("ten%", False),
    ],
)
def test_a_search_looks_through_whole_addresses_payments_and_lines_of_all_kinds(
    shop: Shop, text: str, found: bool
) -> None:
    order = shop.post(
        "orders",
        {
            "billing": ANN,
            "transaction_id": "TX-7781",
            "shipping_lines": [{"method_id": "flat_rate", "method_title": "Flat rate", "total": "1"}],
            "fee_lines": [{"name": "Gift wrap", "total": "1"}],
        },
    )
    shop.post("orders")

    assert [o["id"] for o in shop.get("orders", search=text)] == ([order["id"]] if found else [])


# ---------------------------------------------------------------------------------------------- fields


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"billing": {"email": None}}, "billing", ""),
        ({"payment_method": ""}, "payment_method_title", ""),
        ({"payment_method": "", "payment_method_title": "Cash"}, "payment_method_title", "Cash"),
        ({"payment_method": "cod"}, "payment_method_title", "Bank"),
    ],
    ids=["no address", "no payment", "no payment but a name", "another payment"],
)
def test_what_is_emptied_is_empty(shop: Shop, change: dict[str, Any], field: str, value: str) -> None:
    order = shop.post("orders", {"billing": ANN, "payment_method": "bacs", "payment_method_title": "Bank"})

    changed = shop.put(f"orders/{order['id']}", change)

    assert (changed[field]["email"] if field == "billing" else changed[field]) == value


@pytest.mark.parametrize(
    ("value", "kept"),
    [(1234567.891, "1234567.891"), (0.1, "0.1"), (1e20, "1.0E+20"), (0.00001, "1.0E-5"), (3.0, "3"), (True, "1")],
)
def test_numbers_become_the_texts_that_php_makes_of_them(shop: Shop, value: Any, kept: str) -> None:
    order = shop.post("orders", {"meta_data": [{"key": "n", "value": value}]})

    assert [m["value"] for m in shop.get(f"orders/{order['id']}")["meta_data"]] == [kept]


def test_an_order_says_how_prices_were_entered_also_where_nothing_is_taxed(shop: Shop) -> None:
    shop.put("settings/tax/woocommerce_prices_include_tax", {"value": "yes"})

    order = shop.post("orders", {"line_items": [line(shop.product("MUG", "10"))]})

    assert (order["prices_include_tax"], order["total"]) == (True, "10.00")


@pytest.mark.parametrize(("dp", "total"), [("0", "3"), ("4", "2.5000"), ("-1", "2.5")])
def test_digits_may_be_asked_for_when_an_order_is_made_too(shop: Shop, dp: str, total: str) -> None:
    body = {"fee_lines": [{"name": "Fee", "total": "2.5"}]}

    assert shop.call("POST", "orders", body, dp=dp).json()["total"] == total


# ---------------------------------------------------------------------------------------------- lines


@pytest.mark.parametrize(
    ("sent", "total"),
    [("$5", "5.00"), ("1,234.50", "1234.50"), ("1e1", "11.00"), ("abc", "0.00"), ("", "0.00"), ("2.005", "2.01")],
)
def test_money_of_a_line_is_cleaned(shop: Shop, sent: str, total: str) -> None:
    order = shop.post(
        "orders",
        {
            "line_items": [line(shop.product(), total=sent, subtotal=sent)],
            "fee_lines": [{"name": "Fee", "total": sent}],
            "shipping_lines": [{"method_id": "flat_rate", "total": sent}],
        },
    )

    assert [order[kind][0]["total"] for kind in ("line_items", "fee_lines", "shipping_lines")] == [total] * 3


@pytest.mark.parametrize("reference", [{"product_id": "MUG"}, {"variation_id": "x", "product_id": 0}])
def test_a_product_named_by_no_number_is_none_and_leaves_an_empty_line(shop: Shop, reference: dict[str, Any]) -> None:
    [empty] = shop.post("orders/batch", {"create": [{"line_items": [reference]}]})["create"][0]["line_items"]

    assert (empty["product_id"], empty["name"], empty["total"]) == (0, "", "0.00")


def test_no_status_at_all_is_every_status(shop: Shop) -> None:
    orders = [shop.post("orders", {"status": status})["id"] for status in ("failed", "completed")]

    assert [order["id"] for order in shop.get("orders", status="", order="asc")] == orders


def test_a_line_is_taken_away_by_its_id_whichever_list_names_it(shop: Shop) -> None:
    order = shop.post(
        "orders",
        {"line_items": [line(shop.product())], "shipping_lines": [{"method_id": "flat_rate", "total": "4"}]},
    )
    shipping = order["shipping_lines"][0]["id"]

    changed = shop.put(f"orders/{order['id']}", {"line_items": [{"id": shipping, "product_id": None}]})

    assert (changed["shipping_lines"], changed["total"], len(changed["line_items"])) == ([], "10.00", 1)


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"id": 0, "quantity": 0}, 400), ({"id": 999_999, "product_id": None}, 400), ({"product_id": None}, 500)],
    ids=["the id 0", "an unknown id", "no id"],
)
def test_what_no_line_has_cannot_be_taken_away(shop: Shop, sent: dict[str, Any], status: int) -> None:
    order = shop.post("orders")

    assert shop.refusal("PUT", f"orders/{order['id']}", {"line_items": [sent]})[0] == status


@pytest.mark.parametrize(
    ("value", "kept", "shown"),
    [
        ("two\nlines", "two\nlines", "two lines"),
        ("<b>bold</b>", "<b>bold</b>", "bold"),
        ("a%20b", "a b", "a b"),
        ("  wide   gap ", "  wide   gap ", "wide gap"),
        (["a"], ["a"], ["a"]),
        ("", "", ""),
    ],
)
def test_custom_fields_of_a_line_are_shown_as_one_line_without_markup(
    shop: Shop, value: Any, kept: Any, shown: Any
) -> None:
    sent = [{"key": "engraving", "value": value}]
    order = shop.post("orders", {"line_items": [line(shop.product(), meta_data=sent)]})

    [field] = shop.get(f"orders/{order['id']}")["line_items"][0]["meta_data"]

    assert (field["value"], field["display_value"], field["display_key"]) == (kept, shown, "engraving")


# ---------------------------------------------------------------------------------------------- coupons and taxes


@pytest.mark.parametrize(
    ("inclusive", "discount", "tax"), [(False, "1.5", "0.16"), (True, "1.36", "0.14")], ids=["net", "gross"]
)
def test_the_tax_that_a_coupon_saves_is_rounded_line_by_line(
    shop: Shop, inclusive: bool, discount: str, tax: str
) -> None:
    taxed(shop, inclusive=inclusive)
    mug, cup = shop.product("MUG", "7.50"), shop.product("CUP", "7.50")
    shop.post("coupons", {"code": "ten", "discount_type": "percent", "amount": "10"})

    order = shop.post("orders", {"line_items": [line(mug), line(cup)], "coupon_lines": [{"code": "ten"}]})

    assert [(c["discount"], c["discount_tax"]) for c in order["coupon_lines"]] == [(discount, tax)]


@pytest.mark.parametrize("code", ["", "  ", None])
def test_a_code_of_nothing_but_spaces_is_none(shop: Shop, code: Any) -> None:
    order = shop.post("orders")

    refused = shop.refusal("PUT", f"orders/{order['id']}", {"coupon_lines": [{"code": code}]})

    assert refused == (400, "woocommerce_rest_invalid_coupon", "Coupon code is required.")


# ---------------------------------------------------------------------------------------------- refunds


def test_an_order_that_there_is_not_has_no_refunds_and_gets_none(shop: Shop) -> None:
    refused = shop.call("POST", "orders/999999/refunds", {"amount": "1", "api_refund": False})

    assert shop.get("orders/999999/refunds") == []
    assert (refused.status_code, refused.json()) == (
        500,
        {"code": "woocommerce_rest_invalid_order_id", "message": "Invalid order ID.", "data": 404},
    )


def test_a_refund_of_another_order_is_refused(shop: Shop) -> None:
    orders = [shop.post("orders", {"fee_lines": [{"name": "Fee", "total": "5"}]}) for _ in range(2)]
    refund = shop.post(f"orders/{orders[0]['id']}/refunds", {"amount": "1", "api_refund": False})

    wrong, unknown = (
        shop.call("GET", f"orders/{number}/refunds/{refund['id']}").json() for number in (orders[1]["id"], 999_999)
    )

    assert (wrong["code"], wrong["data"]) == ("woocommerce_rest_invalid_order_refund_id", 404)
    assert (unknown["code"], unknown["data"]) == ("woocommerce_rest_invalid_order_id", 404)


def test_a_refund_has_as_many_digits_as_were_asked_for(shop: Shop) -> None:
    order = shop.post("orders", {"fee_lines": [{"name": "Fee", "total": "5"}]})
    refund = shop.post(f"orders/{order['id']}/refunds", {"amount": "1.5", "api_refund": False})

    assert shop.get(f"orders/{order['id']}/refunds/{refund['id']}", dp=4)["amount"] == "1.5000"
