"""Customers and coupons: accounts, their addresses, and codes that take something off."""

from __future__ import annotations

from typing import Any

import pytest

from storelab.client import LabClient

from .shop import Shop


def test_an_address_is_enough_to_make_an_account(shop: Shop) -> None:
    made = shop.post("customers", {"email": "only@example.com", "role": "administrator"})

    assert (made["username"], made["role"], made["is_paying_customer"]) == ("only", "customer", False)
    assert [(m["key"], m["value"]) for m in made["meta_data"]] == [("default_password_nag", "1")]


def test_fields_that_begin_with_an_underscore_are_the_stores_own_and_are_not_written(shop: Shop) -> None:
    sent = [{"key": "_hidden", "value": "1"}, {"key": "seen", "value": "2"}]

    made = shop.post("customers", {"email": "ann@example.com", "password": "x", "meta_data": sent})
    changed = shop.put(f"customers/{made['id']}", {"meta_data": [{"key": "_capabilities", "value": "admin"}]})

    assert [[m["key"] for m in c["meta_data"]] for c in (made, changed)] == [["seen"], ["seen"]]


def test_a_username_that_is_taken_gets_a_number(shop: Shop) -> None:
    shop.post("customers", {"email": "ann@example.com"})

    other = shop.post("customers", {"email": "ann@example.org"})

    assert other["username"].startswith("ann-")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": "nope"}, "customer_invalid_email"),
        ({"email": "ann@my_shop.example"}, "customer_invalid_email"),
        ({"email": "a@b.c"}, "customer_invalid_email"),
        ({"email": "JANE@Example.com"}, "registration-error-email-exists"),
        ({"email": "j2@example.com", "username": "jane"}, "registration-error-username-exists"),
        ({"email": "j3@example.com", "username": "b@d !"}, "registration-error-invalid-username"),
        ({"email": "j4@example.com", "id": 5}, "woocommerce_rest_customer_exists"),
        ({"email": "j5@example.com", "billing": {"email": "x"}}, "rest_invalid_param"),
        ({}, "rest_missing_callback_param"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_bad_account_is_refused(shop: Shop, body: dict[str, Any], code: str) -> None:
    shop.post("customers", {"email": "jane@example.com"})

    assert shop.refusal("POST", "customers", body)[:2] == (400, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": "other@example.com"}, "woocommerce_rest_customer_invalid_email"),
        ({"username": "newname"}, "woocommerce_rest_customer_invalid_argument"),
        ({"email": "zz"}, "rest_invalid_param"),
    ],
    ids=["taken", "username", "no address"],
)
def test_what_cannot_be_changed_is_refused(shop: Shop, body: dict[str, Any], code: str) -> None:
    jane = shop.post("customers", {"email": "jane@example.com"})
    shop.post("customers", {"email": "other@example.com"})

    assert shop.refusal("PUT", f"customers/{jane['id']}", body)[:2] == (400, code)
    assert shop.get(f"customers/{jane['id']}")["email"] == "jane@example.com"


def test_part_of_an_address_leaves_the_rest_of_it(shop: Shop) -> None:
    jane = shop.post("customers", {"email": "jane@example.com", "billing": {"first_name": "Jane", "country": "US"}})

    changed = shop.put(f"customers/{jane['id']}", {"billing": {"city": "NYC"}})

    assert {k: v for k, v in changed["billing"].items() if v} == {"first_name": "Jane", "city": "NYC", "country": "US"}


def test_a_list_shows_customers_unless_all_are_asked_for(shop: Shop) -> None:
    for name in ("bob", "ann"):
        shop.post("customers", {"email": f"{name}@example.com"})

    def names(**query: Any) -> list[str]:
        return [c["username"] for c in shop.get("customers", **query)]

    assert names() == ["ann", "bob"]
    assert names(role="all") == ["admin", "ann", "bob"]
    assert names(order="desc") == ["bob", "ann"]
    assert names(email="BOB@example.com") == names(search="bob") == ["bob"]
    assert names(per_page=1, page=2) == ["bob"]


def test_a_completed_order_makes_a_paying_customer(shop: Shop) -> None:
    jane = shop.post("customers", {"email": "jane@example.com"})

    shop.post("orders", {"customer_id": jane["id"], "status": "completed"})

    assert shop.get(f"customers/{jane['id']}")["is_paying_customer"] is True


def test_the_orders_of_a_deleted_account_are_those_of_a_guest(shop: Shop) -> None:
    jane = shop.post("customers", {"email": "jane@example.com"})
    order = shop.post("orders", {"customer_id": jane["id"]})

    assert shop.refusal("DELETE", f"customers/{jane['id']}")[0] == 501
    shop.delete(f"customers/{jane['id']}", force=True)

    after = shop.get(f"orders/{order['id']}")
    assert (after["customer_id"], after["billing"]["email"]) == (0, "jane@example.com")
    assert shop.refusal("GET", f"customers/{jane['id']}") == (404, "wc_user_invalid_id", "Invalid user ID.")


def test_the_admin_cannot_be_deleted(shop: Shop) -> None:
    status, code, _ = shop.refusal("DELETE", "customers/1", force=True)

    assert (status, code) == (403, "woocommerce_rest_cannot_delete")
    assert shop.get("customers/1")["username"] == "admin"


def test_the_states_of_customers_and_coupons_are_idempotent(world: LabClient) -> None:
    for state in ("a customer", "a coupon"):
        assert world.state("woocommerce", state) == world.state("woocommerce", state)


# ---------------------------------------------------------------------------------------------- coupons


def test_codes_are_lower_case_and_amounts_are_money(shop: Shop) -> None:
    made = shop.post("coupons", {"code": "MiXeD Code", "amount": 10})

    assert (made["code"], made["amount"], made["discount_type"]) == ("mixed code", "10.00", "fixed_cart")
    assert [c["id"] for c in shop.get("coupons", code="MIXED code")] == [made["id"]]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": "ten"}, "woocommerce_rest_coupon_code_already_exists"),
        ({"code": ""}, "woocommerce_rest_empty_coupon_code"),
        ({"code": "q", "amount": "-5"}, "coupon_invalid_amount"),
        ({"code": "q", "discount_type": "percent", "amount": "150"}, "coupon_invalid_amount"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_bad_coupon_is_refused(shop: Shop, body: dict[str, Any], code: str) -> None:
    shop.post("coupons", {"code": "ten"})

    assert shop.refusal("POST", "coupons", body)[:2] == (400, code)
    assert len(shop.get("coupons")) == 1


def test_a_date_without_a_time_is_its_midnight_and_nonsense_is_none(shop: Shop) -> None:
    dated = shop.post("coupons", {"code": "a", "date_expires": "2030-05-05"})
    undated = shop.post("coupons", {"code": "b", "date_expires": "zzz"})

    assert (dated["date_expires"], undated["date_expires"]) == ("2030-05-05T00:00:00", None)


def test_the_code_of_a_trashed_coupon_is_free_again(shop: Shop) -> None:
    old = shop.post("coupons", {"code": "ten"})

    shop.delete(f"coupons/{old['id']}")
    new = shop.post("coupons", {"code": "ten"})

    assert [c["id"] for c in shop.get("coupons")] == [new["id"]]
    assert shop.get(f"coupons/{old['id']}")["status"] == "trash"
    assert shop.refusal("DELETE", f"coupons/{old['id']}")[0] == 410


def test_only_the_code_the_words_and_the_status_move_the_date_of_change(shop: Shop, world: LabClient) -> None:
    world.clock(freeze="2026-11-21T08:00:00Z")
    coupon = shop.post("coupons", {"code": "ten"})
    world.clock(advance=60)

    assert shop.put(f"coupons/{coupon['id']}", {"amount": "5"})["date_modified"] == "2026-11-21T08:00:00"
    assert shop.put(f"coupons/{coupon['id']}", {"description": "x"})["date_modified"] == "2026-11-21T08:01:00"


def test_backslashes_are_lost_on_people_and_kept_on_orders(shop: Shop) -> None:
    sent = {"city": "C:\\path", "address_1": "<b>x</b>"}

    ann = shop.post("customers", {"email": "ann@example.com", "first_name": "A\\nn", "billing": sent})
    order = shop.post("orders", {"billing": sent})

    assert (ann["first_name"], ann["billing"]["city"], ann["billing"]["address_1"]) == ("Ann", "C:path", "<b>x</b>")
    assert (order["billing"]["city"], order["billing"]["address_1"]) == ("C:\\path", "<b>x</b>")
