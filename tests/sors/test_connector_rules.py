"""The connector's rules: plain values in, plain values out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from storelab.sync.connector import BadSettings
from storelab.sync.connectors.sors import CONNECTOR
from storelab.sync.connectors.sors.client import Refusal, failure
from storelab.sync.connectors.sors.rules import (
    changes,
    customer_of,
    export_of,
    gallery,
    lookups,
    money,
    new_product,
    price_of,
    same_customer,
    same_document,
    sellable,
    stock_changes,
    wanted_product,
)
from storelab.sync.errors import GiveUp, Retry
from storelab.sync.transport import Answer

SETTINGS = CONNECTOR.chosen({})


def an_order(**fields: Any) -> dict[str, Any]:
    line = {"name": "Mug", "sku": "MUG", "quantity": 3, "subtotal": "3000.00", "total": "3000.00"}
    taxed = {**line, "subtotal_tax": "600.00", "total_tax": "600.00"}
    billing = {"first_name": "Ana", "last_name": "Anić", "email": "ana@kupac.example", "country": "RS"}
    known = {"id": 7, "number": "7", "date_created": "2026-11-02T10:00:00"}
    return {**known, "line_items": [taxed], "billing": billing, **fields}


@given(st.decimals(-1000, 1000, places=3), st.sampled_from(["down", "nearest"]))
def test_the_shelf_shows_whole_pieces_and_never_less_than_none(quantity: Decimal, way: str) -> None:
    shown = sellable(float(quantity), way)

    assert shown >= 0
    assert abs(shown - max(Decimal(0), quantity)) < 1
    assert way == "nearest" or shown <= max(0, quantity)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(1200, "1200.00"), (1249.995, "1250.00"), ("99.9", "99.90"), ("1.200,50", "1200.50"), ("1200,5", "1200.50"),
     ("x", None), (None, None)],
)  # fmt: skip
def test_dinars_are_read_with_two_decimals_also_with_a_comma(value: Any, wanted: str | None) -> None:
    assert money(value) == (None if wanted is None else Decimal(wanted))


def test_nothing_is_given_away() -> None:
    assert price_of({"price": 0, "priceWithVat": 0}, "included") is None


articles = st.fixed_dictionaries(
    {
        "code": st.just("MUG"),
        "name": st.sampled_from(["Solja", "Šolja & čaša"]),
        "gtin": st.sampled_from([None, "8600000000015"]),
        "kind": st.sampled_from(["goods", "service"]),
        "price": st.integers(1, 10_000),
        "priceWithVat": st.integers(1, 12_000),
        "isActive": st.just(True),
    }
)


@given(articles, st.sampled_from([None, 16, 17]), st.lists(st.sampled_from([15, 16, 17, 99]), unique=True))
def test_after_what_was_decided_there_is_nothing_left_to_do(
    article: dict[str, Any], category: int | None, has: list[int]
) -> None:
    ours = frozenset({16, 17})
    wanted = wanted_product(article, SETTINGS, category)
    product = {
        "type": "simple", "name": "Old", "regular_price": "1.00", "global_unique_id": "",
        "categories": [{"id": c} for c in has], "description": "mine",
    }  # fmt: skip

    after = {**product, **changes(product, wanted, ours)}

    assert changes(after, wanted, ours) == {}
    kept = {c["id"] for c in after["categories"]} - ours
    assert kept == set(has) - ours
    assert after["description"] == "mine"


@given(articles)
def test_a_new_product_needs_no_second_write(article: dict[str, Any]) -> None:
    wanted = wanted_product(article, SETTINGS, 16)
    made = new_product(article, wanted, SETTINGS)

    assert changes({"global_unique_id": "", **made}, wanted, frozenset({16})) == {}
    assert made["manage_stock"] == (article["kind"] != "service")


@pytest.mark.parametrize(
    ("product", "manage", "written", "why"),
    [
        ({"manage_stock": True, "stock_quantity": 3}, True, {"stock_quantity": 7}, ""),
        ({"manage_stock": True, "stock_quantity": 7}, True, {}, ""),
        ({"manage_stock": False}, True, {"manage_stock": True, "stock_quantity": 7}, ""),
        ({"manage_stock": False}, False, {}, "does not manage the stock"),
        ({"manage_stock": "parent"}, True, {}, "kept by its product"),
    ],
)
def test_stock_is_written_where_the_store_keeps_it(
    product: dict[str, Any], manage: bool, written: dict[str, Any], why: str
) -> None:
    changed, said = stock_changes(product, 7, None, manage=manage)

    assert changed == written
    assert why in said


addresses = st.lists(st.sampled_from([f"https://api.sors.rs/pictures/{n:024x}.png" for n in range(5)]), unique=True)


@given(addresses, addresses, st.integers(0, 2))
def test_pictures_that_are_there_are_not_sent_and_the_merchants_own_stay(
    before: list[str], wanted: list[str], own: int
) -> None:
    there = [{"id": 10 + n, "src": f"https://shop/{url.rpartition('/')[2]}"} for n, url in enumerate(before)]
    mine = [{"id": 50 + n, "src": f"https://shop/mine-{n}.jpg"} for n in range(own)]
    known = {url: 10 + n for n, url in enumerate(before)}

    found = gallery({"images": [*there, *mine]}, wanted, known)

    if found is None:
        assert before == wanted
        return
    sent = [image["src"] for image in found[0] if "src" in image]
    assert sent == [url for url in wanted if url not in before]
    assert [image["id"] for image in found[0] if image.get("id", 0) >= 50] == [image["id"] for image in mine]
    assert len(found[0]) == len(wanted) + own


@pytest.mark.parametrize(
    ("vat", "price"), [("included", Decimal(1200)), ("excluded", Decimal(1000))], ids=["with VAT", "without VAT"]
)
def test_a_line_has_the_price_of_a_piece(vat: str, price: Decimal) -> None:
    export = export_of(an_order(), {**SETTINGS, "vat": vat})

    assert [(line.code, line.quantity, line.price, line.discount) for line in export.lines] == [("MUG", 3, price, 0)]
    assert (export.external, export.day, export.problem) == ("WC-7", "2026-11-02", "")


@given(st.integers(1, 50), st.integers(1, 10_000_000), st.integers(0, 100))
def test_price_and_discount_give_back_what_was_paid(quantity: int, paras: int, percent: int) -> None:
    subtotal = Decimal(paras) / 100 * quantity
    total = (subtotal * (100 - percent) / 100).quantize(Decimal("0.01"))
    line = {"sku": "MUG", "quantity": quantity, "subtotal": str(subtotal), "total": str(total)}

    (sold,) = export_of(an_order(line_items=[line]), {**SETTINGS, "vat": "excluded"}).lines

    again = sold.price * quantity * (1 - sold.discount / 100)
    assert abs(again - total) <= Decimal("0.01") + subtotal * Decimal("0.0001")
    assert sold.discount <= 100


def test_an_order_without_lines_or_with_a_line_without_a_sku_says_so() -> None:
    empty = export_of(an_order(line_items=[]), SETTINGS)
    nameless = export_of(an_order(line_items=[{"name": "Gift", "sku": "", "quantity": 1, "total": "5"}]), SETTINGS)

    assert "no lines" in empty.problem
    assert "'Gift' has no SKU" in nameless.problem


def test_whoever_has_a_pib_is_that_company() -> None:
    billing = {"first_name": "Ana", "last_name": "Anić", "company": "Firma d.o.o.", "email": "a@firma.example"}
    meta = [{"key": "_billing_pib", "value": "RS 100002887"}]

    company = customer_of(an_order(billing=billing, meta_data=meta), "_billing_pib")
    person = customer_of(an_order(billing=billing), "_billing_pib")

    assert (company["name"], company["taxId"]) == ("Firma d.o.o.", "100002887")
    assert (person["name"], "taxId" in person) == ("Ana Anić", False)
    assert lookups(company) == [("taxId", "100002887")]
    assert lookups(person) == [("email", "a@firma.example")]


def test_of_several_customers_the_oldest_person_is_meant() -> None:
    found = [
        {"id": 9, "name": "Ana", "isCompany": False},
        {"id": 1, "name": "Firma", "isCompany": True},
        {"id": 4, "name": "ANA  anić", "isCompany": False},
    ]

    by_mail = same_customer("email", {"name": "Ana Anić"}, found)
    by_phone = same_customer("phone", {"name": "Ana Anić"}, found)

    assert by_mail is not None and by_mail["id"] == 4  # noqa: PT018
    assert by_phone is not None and by_phone["id"] == 4  # noqa: PT018
    assert same_customer("phone", {"name": "Bob"}, found) is None


def test_a_document_is_the_order_when_it_sold_the_same() -> None:
    export = export_of(an_order(), SETTINGS)
    row = {"code": "MUG", "quantity": 3, "unitPrice": 1200}

    assert same_document(export, {"items": [row]})
    assert not same_document(export, {"items": [{**row, "quantity": 2}]})
    assert not same_document(export, {"items": [row, row]})


def envelope(code: str) -> dict[str, Any]:
    return {"success": False, "message": "no", "errors": [{"code": code, "field": None, "message": "no"}]}


@pytest.mark.parametrize(
    ("status", "code", "wanted"),
    [
        (401, "UNAUTHORIZED", GiveUp), (200, "UNAUTHORIZED", GiveUp), (403, "DATABASE_FORBIDDEN", GiveUp),
        (200, "DATABASE_FORBIDDEN", GiveUp), (429, "RATE_LIMITED", Retry), (200, "RATE_LIMITED", Retry),
        (500, "INTERNAL", Retry), (503, "UNAVAILABLE", Retry), (200, "INTERNAL", Retry), (409, "DUPLICATE", Refusal),
        (200, "INSUFFICIENT_STOCK", Refusal), (422, "VALIDATION", Refusal), (409, "DATABASE_CLOSED", Refusal),
    ],
)  # fmt: skip
def test_an_error_means_the_same_whatever_the_status(status: int, code: str, wanted: type[Exception]) -> None:
    found = failure(Answer("GET /x", status), envelope(code))

    assert type(found) is wanted
    assert code in str(found)


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ({"stock_mode": "onHand"}, "back on the shelf"),
        ({"document_type": "gift"}, "document_type"),
        ({"sync_every": 10}, "sync_every"),
        ({"number_prefix": "a b"}, "number_prefix"),
        ({"colour": "red"}, "unknown setting colour"),
    ],
)
def test_settings_that_cannot_be_are_refused(entered: dict[str, Any], words: str) -> None:
    with pytest.raises(BadSettings, match=words):
        CONNECTOR.chosen(entered)


@pytest.mark.parametrize("address", ["https://[x", "https://api.sors.rs/", "https://api.sors.rs/pictures/?id=7"])
def test_an_address_that_names_no_file_is_the_same_picture_as_no_other(address: str) -> None:
    there = [{"id": 10, "src": "https://shop/mine.jpg"}, {"id": 11, "src": "https://[x"}]

    assert gallery({"images": there}, [address], {}) == ([{"src": address}, {"id": 10}, {"id": 11}], {})
