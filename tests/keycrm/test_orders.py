"""Orders: taken, changed, paid, and what they do to stock."""

from __future__ import annotations

from typing import Any

import pytest

from storelab.emulators.keycrm import paging
from storelab.laws import unexplained

from .conftest import Crm


def body(**more: Any) -> dict[str, Any]:
    return {
        "source_id": 1,
        "source_uuid": "1001",
        "buyer": {"full_name": "Olena", "phone": "+380501112233"},
        "products": [{"sku": "MUG", "quantity": 2, "price": 10}],
        **more,
    }


def taken(crm: Crm, **more: Any) -> dict[str, Any]:
    got = crm.ask("POST", "/order", body(**more))
    assert got.status == 201, got.body
    order: dict[str, Any] = got.body
    return order


def changed(crm: Crm, order: dict[str, Any], **change: Any) -> dict[str, Any]:
    got = crm.ask("PUT", f"/order/{order['id']}", change)
    assert got.status == 202, got.body
    after: dict[str, Any] = got.body
    return after


def test_a_new_order_is_in_the_first_status_and_holds_nothing_yet(crm: Crm) -> None:
    crm.state("an offer in stock")

    order = taken(crm)

    assert (order["status_id"], order["grand_total"], order["payment_status"]) == (1, 20, "not_paid")
    assert "products" not in order
    assert crm.fact("stock")["MUG"] == {"in_stock": 10, "in_reserve": 0}


@pytest.mark.parametrize(
    ("status", "stock"),
    [
        (2, {"in_stock": 10, "in_reserve": 2}),
        (7, {"in_stock": 8, "in_reserve": 0}),
        (9, {"in_stock": 10, "in_reserve": 0}),
    ],
    ids=["reserving", "completed", "cancelled"],
)
def test_a_status_reserves_writes_off_or_lets_go(crm: Crm, status: int, stock: dict[str, int]) -> None:
    crm.state("an offer in stock")
    order = taken(crm)
    changed(crm, order, status_id=2)

    after = changed(crm, order, status_id=status)

    assert crm.fact("stock")["MUG"] == stock
    assert (after["closed_at"] is not None) == (status > 6)
    assert unexplained(crm.fact("stock"), crm.fact("movements")) == ""


def test_cancelling_twice_gives_back_once(crm: Crm) -> None:
    crm.state("an offer in stock")
    order = taken(crm)
    changed(crm, order, status_id=7)

    changed(crm, order, status_id=9)
    changed(crm, order, status_id=9)

    assert crm.fact("stock")["MUG"] == {"in_stock": 10, "in_reserve": 0}
    assert [m["quantity"] for m in crm.fact("movements")] == [10, -2, 2]


def test_more_may_be_reserved_than_there_is(crm: Crm) -> None:
    crm.state("an offer in stock", quantity=1)

    changed(crm, taken(crm), status_id=2)

    assert crm.fact("available") == {"MUG": -1}


def test_another_quantity_of_a_reserved_line_moves_the_reserve(crm: Crm) -> None:
    crm.state("an offer in stock")
    order = taken(crm)
    changed(crm, order, status_id=2)

    after = changed(crm, order, products=[{"sku": "MUG", "quantity": 5}, {"sku": "NEW", "quantity": 1}])

    assert crm.fact("stock")["MUG"]["in_reserve"] == 5
    assert after["grand_total"] == 50
    assert crm.fact("orders")["1001"]["products"] == {"MUG": 5}


def test_a_tracking_code_is_set_once(crm: Crm) -> None:
    order = taken(crm)
    changed(crm, order, shipping={"tracking_code": "T1"})

    same = crm.ask("PUT", f"/order/{order['id']}", {"shipping": {"tracking_code": "T1"}})
    other = crm.ask("PUT", f"/order/{order['id']}", {"shipping": {"tracking_code": "T2"}})

    assert (same.status, other.status) == (202, 422)
    assert crm.fact("orders")["1001"]["tracking_code"] == "T1"


def test_an_order_is_found_by_the_shops_number_and_two_may_have_the_same(crm: Crm) -> None:
    first, second = taken(crm), taken(crm)
    taken(crm, source_uuid="1002")

    found = crm.get("/order", "filter[source_uuid]=1001")

    assert [order["id"] for order in found["data"]] == [first["id"], second["id"]]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("filter[buyer_phone]=%2B380501112233", 1),
        ("filter[buyer_email]=nobody@x", 0),
        ("filter[created_between]=2020-01-01,2020-12-31", 1),
        ("filter[created_between]=2021-01-01,2021-12-31", 0),
        ("filter[created_between]=whenever", 1),
        ("filter[payment_status]=not_paid,paid", 1),
        ("filter[status_id]=1,2", 1),
        ("filter[status_id]=3", 0),
        ("filter[source_id]=1", 1),
        ("filter[has_tracking_code]=true", 0),
        ("filter[has_tracking_code]=false", 1),
        ("filter[shipping_between]=2020-05-01,2020-05-31", 1),
    ],
)
def test_orders_are_filtered(crm: Crm, query: str, count: int) -> None:
    taken(crm, ordered_at="2020-05-05 10:00:00", shipping={"shipping_date": "2020-05-06"})

    assert crm.get("/order", query)["total"] == count


def test_associations_come_only_when_asked_for(crm: Crm) -> None:
    crm.state("an offer in stock")
    field = crm.state("a custom field", model="order")
    order = taken(
        crm,
        custom_fields=[{"uuid": field["uuid"], "value": "red"}, {"uuid": "OR_0", "value": "lost"}],
        marketing={"utm_source": "mail"},
        shipping={"delivery_service_id": 1, "shipping_address_city": "Kyiv", "shipping_date": "2026-12-01"},
        manager_id=1,
    )
    crm.ask("POST", f"/order/{order['id']}/tag/1")
    everything = (
        "buyer,products.offer,manager,tags,status,marketing,payments,shipping.lastHistory,"
        "shipping.deliveryService,expenses,custom_fields,assigned"
    )

    plain = crm.get(f"/order/{order['id']}")
    whole = crm.get(f"/order/{order['id']}", f"include={everything},nonsense")

    assert not {"buyer", "products", "shipping", "tags"} & set(plain)
    assert whole["buyer"]["phone"] == "+380501112233"
    assert whole["products"][0]["offer"]["sku"] == "MUG"
    assert whole["products"][0]["warehouse"]["name"] == "Main"
    assert [tag["name"] for tag in whole["tags"]] == ["VIP"]
    assert whole["shipping"]["shipping_date_actual"] == "2026-12-01T00:00:00.000000Z"
    assert whole["shipping"]["delivery_service"]["name"] == "Nova Poshta"
    assert [(f["uuid"], f["value"]) for f in whole["custom_fields"]] == [(field["uuid"], "red")]
    assert whole["manager"]["email"] == whole["assigned"][0]["email"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"source_id": 99}, "source_id"),
        ({"manager_id": 99}, "manager_id"),
        ({"shipping": {"delivery_service_id": 99}}, "shipping.delivery_service_id"),
        ({"payments": [{"amount": 1, "payment_method_id": 99}]}, "payments.0.payment_method_id"),
        ({"payments": [{"payment_method_id": 1}]}, "payments.0.amount"),
        ({"products": [{"sku": "MUG", "quantity": "two"}]}, "products.0.quantity"),
    ],
)
def test_an_order_that_does_not_fit_is_refused_and_leaves_nothing(crm: Crm, more: dict[str, Any], field: str) -> None:
    got = crm.ask("POST", "/order", body(**more))

    assert (got.status, list(got.body["errors"])) == (422, [field])
    assert crm.fact("orders") == {}
    assert crm.get("/buyer")["total"] == 0


def test_a_payment_that_names_no_method_is_told_the_two_ways(crm: Crm) -> None:
    got = crm.ask("POST", "/order", body(payments=[{"amount": 1}]))

    wanted = "The payments.0 field must have payment_method_id or payment_method."
    assert (got.status, got.body["errors"]) == (422, {"payments.0": [wanted]})


def test_a_buyer_is_needed(crm: Crm) -> None:
    got = crm.ask("POST", "/order", {"source_id": 1})

    assert got.body["errors"] == {"buyer": ["The buyer field is required."]}


def test_fifty_orders_come_at_once_or_not_at_all(crm: Crm) -> None:
    rows = [body(source_uuid=str(number)) for number in range(50)]

    good = crm.ask("POST", "/order/import", {"orders": rows})
    one_bad = crm.ask("POST", "/order/import", {"orders": [*rows[:2], body(source_id=99)]})
    too_many = crm.ask("POST", "/order/import", {"orders": [*rows, rows[0]]})

    assert (good.status, good.body) == (201, {"status": True})
    assert list(one_bad.body["errors"]) == ["orders.2.source_id"]
    assert too_many.status == 422
    assert len(crm.fact("orders")) == 50


def test_payments_decide_the_payment_status(crm: Crm) -> None:
    order = taken(crm)
    path = f"/order/{order['id']}"

    def state() -> str:
        return str(crm.get(path)["payment_status"])

    first = crm.ask("POST", f"{path}/payment", {"payment_method": "Cash", "amount": 5})
    assert (first.status, state()) == (201, "part_paid")
    crm.ask("POST", f"{path}/payment", {"payment_method_id": 1, "amount": 15})
    assert state() == "paid"
    crm.ask("POST", f"{path}/payment", {"payment_method_id": 1, "amount": 1})
    assert state() == "overpaid"
    undone = crm.ask("PUT", f"{path}/payment/{first.body['id']}", {"status": "canceled"})
    assert (undone.status, state()) == (202, "part_paid")


def test_expenses_are_added_up(crm: Crm) -> None:
    order = taken(crm)
    path = f"/order/{order['id']}/expense"

    made = crm.ask("POST", path, {"expense_type": "Packaging", "amount": 3.5})
    crm.ask("PUT", f"{path}/{made.body['id']}", {"amount": 4})

    assert made.status == 201
    assert crm.get(f"/order/{order['id']}")["expenses_sum"] == 4


def test_what_belongs_to_another_order_is_not_found(crm: Crm) -> None:
    order, other = taken(crm), taken(crm, source_uuid="1002")
    payment = crm.ask("POST", f"/order/{order['id']}/payment", {"payment_method_id": 1, "amount": 5}).body

    assert crm.ask("PUT", f"/order/{other['id']}/payment/{payment['id']}", {"status": "paid"}).status == 404
    assert crm.ask("GET", "/order/77").status == 404


def test_tags_and_files_come_and_go_with_the_codes_of_the_document(crm: Crm) -> None:
    order = taken(crm)
    tag, file = f"/order/{order['id']}/tag/2", f"/order/{order['id']}/attachment/1"

    def codes(path: str) -> list[int]:
        steps = ("POST", "POST", "DELETE", "DELETE")
        return [crm.ask(method, path).status for method in steps]

    assert codes(tag) == [202, 202, 204, 400]
    assert crm.ask("POST", file).status == 404
    upload(crm, b"hello")
    assert codes(file) == [202, 202, 201, 400]


def upload(crm: Crm, content: bytes, name: str = "a.txt") -> Any:
    raw = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="' + name.encode() + b'"\r\n'
        b"Content-Type: text/plain\r\n\r\n" + content + b"\r\n--x--\r\n"
    )
    return crm.ask("POST", "/storage/upload", raw, headers={"content-type": "multipart/form-data; boundary=x"})


def test_the_same_file_is_stored_once(crm: Crm) -> None:
    content = bytes(range(256)) + b"\r\n\r\n--y\n"

    first, second = upload(crm, content), upload(crm, content, "b.txt")
    nothing = crm.ask("POST", "/storage/upload", b"hello", headers={"content-type": "text/plain"})

    assert (first.status, second.status, nothing.status) == (201, 200, 422)
    assert first.body["id"] == second.body["id"]
    assert (first.body["size"], first.body["extension"]) == (len(content), "txt")


def test_a_file_over_ten_megabytes_is_too_large(crm: Crm) -> None:
    assert upload(crm, b"x" * 10_000_001).status == 413


def test_the_observed_profile_shows_and_takes_what_was_seen_live(crm: Crm) -> None:
    plain = taken(crm, source_uuid="1")
    refused = crm.ask("POST", "/order", {"source_name": "New shop", "buyer": {}})
    crm.state("an observed account")
    field = crm.state("a custom field", model="order")

    order = crm.ask("POST", "/order", {"source_name": "New shop", "buyer": {}, "external_id": 5}).body
    changed(crm, order, custom_fields=[{"id": field["id"], "value": "x"}])

    assert refused.status == 422
    assert "has_reserves" not in plain
    assert {"has_reserves", "products_total", "margin_sum", "status_changed_at"} <= set(order)
    assert "New shop" in [source["name"] for source in crm.get("/order/source")["data"]]
    assert crm.get(f"/order/{order['id']}", "include=custom_fields")["custom_fields"][0]["value"] == "x"


def test_an_order_seen_live_has_more_fields_and_other_times_than_the_document(crm: Crm) -> None:
    documented = taken(crm, source_uuid="1")
    crm.state("an observed account")
    crm.state("an offer in stock")

    order = taken(crm, source_uuid="2", buyer_comment="Ring twice")
    read = crm.get(f"/order/{order['id']}", "include=products.offer,buyer,shipping,payments")
    (line,) = read["products"]

    assert {"client_id", "global_source_uuid", "payments_total", "is_expired"} <= set(order) - set(documented)
    assert (order["client_comment"], order["fiscal_result"]) == ("Ring twice", [])
    assert documented["created_at"].count("T") == 0
    assert order["created_at"] == documented["created_at"].replace(" ", "T") + ".000000Z"
    assert (order["closed_at"], order["shipping"], order["payments"]) == (None, None, [])
    assert order | {"products": [line]} == read
    assert (line["picture"], line["comment"], line["discount_amount"], line["offer"]["sku"]) == ([], None, 0, "MUG")
    assert read["buyer"]["created_at"] == order["created_at"]


def test_orders_seen_live_come_newest_first_and_their_pages_are_linked(crm: Crm) -> None:
    for number in range(3):
        taken(crm, source_uuid=str(number))
    documented = crm.get("/order", "limit=1")
    crm.state("an observed account")

    page = crm.get("/order", "limit=1")
    asked = crm.get("/order", "limit=1&sort=id")

    assert [one["data"][0]["source_uuid"] for one in (documented, page, asked)] == ["0", "2", "0"]
    assert "links" not in documented
    assert [(link["label"], link["active"]) for link in page["links"]] == [
        ("&laquo; Previous", False),
        ("1", True),
        ("2", False),
        ("3", False),
        ("Next &raquo;", False),
    ]
    assert (page["links"][0]["url"], page["links"][2]["url"]) == (None, page["next_page_url"])


@pytest.mark.parametrize(
    ("page", "last", "linked"),
    [
        (1, 1, "1"),
        (13, 13, "1 2 3 4 5 6 7 8 9 10 11 12 13"),
        (1, 1814, "1 2 3 4 5 6 7 8 9 10 ... 1813 1814"),
        (8, 20, "1 2 ... 5 6 7 8 9 10 11 ... 19 20"),
        (20, 20, "1 2 ... 11 12 13 14 15 16 17 18 19 20"),
    ],
)
def test_a_page_seen_live_links_to_both_ends_and_to_those_beside_it(page: int, last: int, linked: str) -> None:
    assert " ".join(str(number or "...") for number in paging.numbers(page, last)) == linked


def test_what_a_line_seen_live_holds_of_the_stock_is_its_status(crm: Crm) -> None:
    crm.state("an observed account")
    crm.state("an offer in stock", quantity=5)
    order = taken(crm, shipping_price=4, shipping={"warehouse_ref": "abc"})

    def status() -> Any:
        return crm.get(f"/order/{order['id']}", "include=products")["products"][0]["stock_status"]

    before = status()
    crm.do("change order status", order=order["id"], status="confirmed")
    held = status()
    crm.do("change order status", order=order["id"], status="completed")

    assert (before, held, status()) == (None, "reserved", "fulfilled")
    assert (order["shipping_price"], order["taxes"], order["shipping"]["is_warehouse"]) == ("4.00", None, True)
    assert order["products"][0]["warehouse"]["is_default"] is True


def test_payments_and_expenses_seen_live_are_of_one_form(crm: Crm) -> None:
    crm.state("an observed account")
    order = taken(crm, payments=[{"payment_method": "Cash", "amount": 5}])
    cost = crm.ask("POST", f"/order/{order['id']}/expense", {"expense_type": "Parcel", "amount": 2}).body

    (payment,) = crm.get(f"/order/{order['id']}", "include=payments")["payments"]

    assert set(cost) == set(payment) - {"status"}
    assert (payment["is_expense"], cost["is_expense"], cost["fiscal_result"]) == (False, True, [])
    assert (cost["actual_amount"], cost["payment_method_id"], payment["expense_type_id"]) == (2, None, None)


def test_the_picture_of_a_line_seen_live_is_an_object(crm: Crm) -> None:
    crm.state("an observed account")
    row = {"name": "Mug", "quantity": 1, "price": 1, "comment": "blue", "picture": "http://shop/mug.png"}

    (line,) = taken(crm, products=[row])["products"]

    assert (line["picture"], line["comment"]) == ({"thumbnail": "http://shop/mug.png"}, "blue")


def test_shipping_seen_live_has_an_address_of_its_service_or_an_empty_list(crm: Crm) -> None:
    crm.state("an observed account")

    plain = taken(crm, source_uuid="1", shipping={"shipping_address_city": "Kyiv"})["shipping"]
    known = taken(crm, source_uuid="2", shipping={"warehouse_ref": "abc"})["shipping"]

    assert (plain["shipping_address_city"], plain["address_payload"]) == ("Kyiv", [])
    assert known["address_payload"] == {"warehouse_ref": "abc"}


def test_what_a_plugin_for_woocommerce_sends_of_a_product_without_a_cost_is_taken(crm: Crm) -> None:
    row = {"sku": "MUG", "name": "Mug", "price": 5, "purchased_price": "", "quantity": 1, "image_url": ""}

    order = taken(crm, external_id=115, products=[row], shipping={"tracking_code": "", "warehouse_ref": ""})

    (line,) = crm.get(f"/order/{order['id']}", "include=products")["products"]
    assert (line["price"], line["purchased_price"]) == (5, 0)


FILE = 'form-data; name="file"; filename'


@pytest.mark.parametrize(
    "disposition",
    [
        FILE + "=a.txt" + "(" * 5_000,
        FILE + "*=unicode_escape''%5cud800",
        FILE + "*=idna''xn--%00",
        FILE + "=a.txt\r\nContent-Transfer-Encoding: base64" + "(" * 5_000,
        FILE + "=a.txt\r\nContent-Type: multipart/mixed; boundary=" + "(" * 5_000,
        FILE + "=a.txt\r\n\r\n--x" * 20_000,
    ],
    ids=["brackets", "half a pair", "no codec", "encoding", "nested", "parts"],
)
def test_what_is_said_of_a_file_is_no_riddle(crm: Crm, disposition: str) -> None:
    raw = f"--x\r\nContent-Disposition: {disposition}\r\n\r\nabc\r\n--x--\r\n".encode()

    answer = crm.ask("POST", "/storage/upload", raw, headers={"content-type": "multipart/form-data; boundary=x"})

    assert answer.status in (201, 422)


def test_a_boundary_of_brackets_is_none(crm: Crm) -> None:
    kind = "multipart/form-data; boundary=" + "(" * 5_000

    assert crm.ask("POST", "/storage/upload", b"--x\r\n", headers={"content-type": kind}).status == 422


def test_an_order_may_come_as_a_form_holds_it(crm: Crm) -> None:
    crm.state("an offer in stock")
    line = {"sku": "MUG", "quantity": "2", "price": "9.50", "discount_amount": ""}

    order = taken(crm, source_id="1", products=[line], payments=[{"payment_method_id": "1", "amount": " 19 "}])

    assert (order["source_id"], order["grand_total"], order["payment_status"]) == (1, 19, "paid")


@pytest.mark.parametrize("price", ["abc", "", "1,5", "9" * 19])
def test_a_text_that_is_no_number_is_refused_where_one_has_to_be(crm: Crm, price: str) -> None:
    got = crm.ask("POST", "/order", body(products=[{"sku": "MUG", "quantity": "1", "price": price}]))

    assert (got.status, list(got.body["errors"])) == (422, ["products.0.price"])


def test_a_body_that_is_a_text_is_refused_as_one(crm: Crm) -> None:
    assert crm.ask("PUT", "/offers/stocks", "7").status == crm.ask("PUT", "/offers/stocks", "").status == 422
