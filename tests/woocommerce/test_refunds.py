"""What a refund gives back: pieces, taxes, files, and what it comes to."""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop

ANN = {"email": "ann@example.com", "country": "US", "state": "CA", "postcode": "94103", "city": "SF"}


def _refund(shop: Shop, order: dict[str, Any], *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"api_refund": False, "line_items": list(lines), **more}
    refund: dict[str, Any] = shop.post(f"orders/{order['id']}/refunds", body)
    return refund


@pytest.fixture
def order(shop: Shop) -> dict[str, Any]:
    lines = [
        {"product_id": shop.product("A", price="10.00")["id"], "quantity": 3},
        {"product_id": shop.product("B", price="5.00")["id"], "quantity": 2},
    ]
    made: dict[str, Any] = shop.post("orders", {"status": "processing", "line_items": lines})
    return made


@pytest.fixture
def taxed(shop: Shop) -> dict[str, Any]:
    shop.put("settings/general/woocommerce_calc_taxes", {"value": "yes"})
    shop.post("taxes", {"country": "US", "state": "CA", "rate": "10", "name": "CA Tax"})
    made: dict[str, Any] = shop.post(
        "orders",
        {
            "status": "processing",
            "billing": ANN,
            "line_items": [{"product_id": shop.product(price="20.00")["id"], "quantity": 2}],
            "shipping_lines": [{"method_id": "flat_rate", "method_title": "Flat", "total": "10.00"}],
            "fee_lines": [{"name": "Gift", "total": "5.00"}],
        },
    )
    return made


def _taxed_line(order: dict[str, Any], kind: str, net: float, tax: float, **more: Any) -> dict[str, Any]:
    rate = order["tax_lines"][0]["rate_id"]
    return {"id": order[kind][0]["id"], "refund_total": net, "refund_tax": [{"id": rate, "refund_total": tax}], **more}


def test_taxes_that_are_given_back_have_a_line_below_zero(shop: Shop, taxed: dict[str, Any]) -> None:
    whole = taxed["tax_lines"][0]

    refund = _refund(
        shop,
        taxed,
        _taxed_line(taxed, "line_items", 20, 2, quantity=1),
        _taxed_line(taxed, "shipping_lines", 10, 1),
        _taxed_line(taxed, "fee_lines", 5, 0.5),
    )

    assert refund["amount"] == "38.50"
    [line] = refund["tax_lines"]
    assert {k: line[k] for k in line if k not in ("id", "meta_data")} == {
        **{k: whole[k] for k in ("rate_code", "rate_id", "label", "compound", "rate_percent")},
        "tax_total": "-2.50",
        "shipping_tax_total": "-1.00",
    }
    assert shop.get(f"orders/{taxed['id']}/refunds/{refund['id']}")["tax_lines"] == [line]
    assert shop.get(f"orders/{taxed['id']}")["tax_lines"] == [whole]


def test_a_tax_that_was_taken_away_since_is_given_back_without_its_name(shop: Shop, taxed: dict[str, Any]) -> None:
    shop.delete(f"taxes/{taxed['tax_lines'][0]['rate_id']}", force=True)

    [line] = _refund(shop, taxed, _taxed_line(taxed, "line_items", 20, 2))["tax_lines"]

    assert (line["rate_code"], line["label"], line["rate_percent"], line["tax_total"]) == ("", "Tax", 0, "-2.00")


def test_the_line_of_a_tax_itself_is_never_given_back(shop: Shop, taxed: dict[str, Any]) -> None:
    refund = _refund(shop, taxed, {"id": taxed["tax_lines"][0]["id"], "quantity": 1, "refund_total": 3})

    assert (refund["amount"], refund["tax_lines"]) == ("3.00", [])


def test_lines_are_given_back_in_the_order_they_were_sold_in(shop: Shop, order: dict[str, Any]) -> None:
    first, second = (x["id"] for x in order["line_items"])

    refund = _refund(shop, order, {"id": second, "refund_total": 5}, {"id": first, "refund_total": 10})

    assert [x["sku"] for x in refund["line_items"]] == ["A", "B"]


def test_of_a_line_named_twice_the_last_word_counts_for_it_and_for_the_amount(
    shop: Shop, order: dict[str, Any]
) -> None:
    line = order["line_items"][0]["id"]

    refund = _refund(
        shop, order, {"id": line, "quantity": 2, "refund_total": 20}, {"id": line, "quantity": 1, "refund_total": 10}
    )

    assert (refund["amount"], [x["quantity"] for x in refund["line_items"]]) == ("10.00", [-1])


def test_pieces_may_be_called_qty(shop: Shop, order: dict[str, Any]) -> None:
    line = order["line_items"][0]["id"]

    refund = _refund(shop, order, {"id": line, "qty": 2, "refund_total": 20})

    assert [x["quantity"] for x in refund["line_items"]] == [-2]


def test_lines_may_be_an_object_by_their_ids(shop: Shop, taxed: dict[str, Any]) -> None:
    line = {"qty": 1, "refund_total": "20.00", "refund_tax": {str(taxed["tax_lines"][0]["rate_id"]): "2.00"}}

    refund = shop.post(
        f"orders/{taxed['id']}/refunds",
        {"api_refund": False, "line_items": {str(taxed["line_items"][0]["id"]): line}},
    )

    assert (refund["amount"], refund["tax_lines"][0]["tax_total"]) == ("22.00", "-2.00")
    assert [(x["quantity"], x["total"], x["total_tax"]) for x in refund["line_items"]] == [(-1, "-20.00", "-2.00")]


@pytest.mark.parametrize(
    "lines",
    ["x", ["x"], [None], {"1": "x"}, [{"id": 1, "refund_tax": "x"}], [{"id": 1, "refund_tax": [None]}], [{"id": "x"}]],
)
def test_lines_that_are_none_give_nothing_back(shop: Shop, order: dict[str, Any], lines: Any) -> None:
    refund = shop.post(f"orders/{order['id']}/refunds", {"api_refund": False, "line_items": lines})

    assert (refund["amount"], refund["line_items"]) == ("0.00", [])


def test_the_rate_of_a_tax_is_a_number_whatever_it_is_called(shop: Shop, order: dict[str, Any]) -> None:
    line = {"id": order["line_items"][0]["id"], "refund_total": 5, "refund_tax": [{"id": "a", "refund_total": 1}]}

    refund = _refund(shop, order, line)

    assert (refund["amount"], refund["line_items"][0]["taxes"][0]["id"]) == ("6.00", 0)


@pytest.mark.parametrize(
    ("lines", "amount", "given"),
    [
        ([{"id": 1, "refund_total": 10}, {"id": 999999, "refund_total": 7}], "17.00", 1),
        ([{"id": 1, "quantity": 1, "refund_total": 10}, {"id": 2, "quantity": 1}], "0.00", 2),
        ([{"id": 1, "refund_total": 10}, {"refund_total": 5}], "15.00", 0),
        ([{"id": 1, "refund_total": 10, "refund_tax": [{"refund_total": 1}]}], "0.00", 1),
    ],
    ids=["a line of no order", "a line that does not say", "a line without an id", "a tax without an id"],
)
def test_the_amount_is_what_all_lines_say_if_they_do(
    shop: Shop, order: dict[str, Any], lines: list[dict[str, Any]], amount: str, given: int
) -> None:
    ids = {1: order["line_items"][0]["id"], 2: order["line_items"][1]["id"]}
    named = [{**line, "id": ids.get(line["id"], line["id"])} if "id" in line else line for line in lines]

    refund = _refund(shop, order, *named)

    assert (refund["amount"], len(refund["line_items"])) == (amount, given)


def test_an_amount_of_nothing_is_an_amount(shop: Shop, order: dict[str, Any]) -> None:
    refund = _refund(shop, order, {"id": order["line_items"][0]["id"], "refund_total": 10}, amount="0")

    assert (refund["amount"], refund["line_items"][0]["total"]) == ("0.00", "-10.00")


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("", "Refund amount must be greater than zero."),
        ("-1", "Refund amount must be greater than zero."),
        ("abc", "Invalid refund amount."),
        ("9,50", "Invalid refund amount."),
    ],
)
def test_an_amount_that_is_no_number_is_compared_letter_by_letter(
    shop: Shop, order: dict[str, Any], amount: str, said: str
) -> None:
    answer = shop.refusal("POST", f"orders/{order['id']}/refunds", {"amount": amount, "api_refund": False})

    assert answer[::2] == (500, said)


def test_an_order_with_something_free_is_refunded_once_all_its_pieces_are(shop: Shop) -> None:
    lines = [{"product_id": shop.product(f"P{price}", price=price)["id"], "quantity": 1} for price in ("10.00", "0")]
    order = shop.post("orders", {"status": "processing", "line_items": lines})
    paid, free = (x["id"] for x in order["line_items"])

    part = _refund(shop, order, {"id": paid, "quantity": 1, "refund_total": 10})
    between = shop.get(f"orders/{order['id']}")["status"]
    _refund(shop, order, {"id": free, "quantity": 1, "refund_total": 0})

    assert [x["value"] for x in part["meta_data"] if x["key"] == "_refund_type"] == ["partial"]
    assert (between, shop.get(f"orders/{order['id']}")["status"]) == ("processing", "refunded")


def test_files_of_what_was_given_back_can_no_longer_be_fetched(shop: Shop) -> None:
    jane = shop.post("customers", {"email": "jane@example.com"})
    books = [
        shop.product(
            name, downloadable=True, virtual=True, downloads=[{"name": name, "file": f"{shop.url}/{name}.pdf"}]
        )
        for name in ("one", "two")
    ]
    lines = [{"product_id": book["id"], "quantity": 2} for book in books]
    order = shop.post("orders", {"customer_id": jane["id"], "set_paid": True, "line_items": lines})

    _refund(shop, order, {"id": order["line_items"][0]["id"], "quantity": 1, "refund_total": 10})
    shop.put(f"orders/{order['id']}", {"status": "completed"})

    assert [d["product_id"] for d in shop.get(f"customers/{jane['id']}/downloads")] == [books[1]["id"]]
