"""Customers, what they owe, and documents with what they do to stock."""

from __future__ import annotations

from typing import Any

import pytest

from storelab.emulators.kernel import LabError

from .conftest import HOME, UNIT, Sors, a_document


@pytest.fixture
def customer(sors: Sors) -> int:
    sors.state("an article in stock", code="MUG", quantity=10)
    return int(sors.state("a customer")["customer_id"])


def test_a_customer_is_found_by_pib_mail_phone_and_name(sors: Sors, customer: int) -> None:
    sors.do("add customer", name="Drugi", email="drugi@kupac.example", phone="065/111-222")
    pib = sors.fact("customers")["Kupac d.o.o."]["pib"]

    for query in (
        f"taxId={pib}",
        "email=NABAVKA@kupac.example",
        "phone=011%2F234-5678",
        "phone=0038111%202345678",
        "q=kupac%20D.",
        f"taxId={pib}&email=nabavka@kupac.example",
    ):
        assert [c["id"] for c in sors.get("/customers", query)] == [customer], query
    assert sors.get("/customers", f"taxId={pib}&email=drugi@kupac.example") == []
    assert sors.get("/customers", "phone=-") == []


def test_a_customer_is_shown_as_written_and_what_nobody_wrote_is_nothing(sors: Sors) -> None:
    texts = {
        "email": "Nabavka@Kupac.example",
        "phone": "011/1",
        "address": "Ulica 1",
        "city": "Niš",
        "postalCode": "18000",
    }

    full = sors.post("/customers", {"name": "A", **texts}).data
    bare = sors.post("/customers", {"name": "B"}).data

    assert {field: full[field] for field in texts} == texts
    assert {field: bare[field] for field in texts} == dict.fromkeys(texts)


def test_an_item_that_names_no_article_is_told_the_two_ways(sors: Sors, customer: int) -> None:
    item = {"quantity": 1, "unitPrice": 100}
    document = {"type": "invoice", "businessUnitId": 2, "customerId": customer, "items": [item]}

    got = sors.post("/documents", document)

    assert [(e["field"], e["message"]) for e in got.body["errors"]] == [("items[0]", "This needs articleId or code.")]


def test_a_pib_is_checked_and_belongs_to_one_customer(sors: Sors, customer: int) -> None:
    pib = sors.fact("customers")["Kupac d.o.o."]["pib"]

    wrong = sors.post("/customers", {"name": "Firma", "taxId": "RS-100002887"})
    short = sors.post("/customers", {"name": "Firma", "taxId": "12345678"})
    same = sors.post("/customers", {"name": "Firma", "taxId": pib, "email": "other@kupac.example"})
    foreign = sors.post("/customers", {"name": "Company", "taxId": "ATU12345678", "country": "AT"})
    right = sors.post("/customers", {"name": "Firma", "taxId": "100002887"})

    assert [(got.status, got.codes, got.fields) for got in (wrong, short)] == [(422, ["VALIDATION"], ["taxId"])] * 2
    assert (same.status, same.codes, same.fields) == (409, ["DUPLICATE"], ["taxId"])
    assert (foreign.status, right.status) == (201, 201)
    assert (right.data["isCompany"], right.data["country"]) == (True, "RS")


def test_debt_grows_with_invoices_and_falls_with_returns(sors: Sors, customer: int) -> None:
    line = [{"code": "MUG", "quantity": 1, "unitPrice": 1000}]
    assert sors.post("/documents", a_document(customer, type="invoice", items=line)).status == 201
    assert sors.post("/documents", a_document(customer, type="return", items=line)).status == 201
    assert sors.post("/documents", a_document(customer, type="invoice", dueDate="2199-01-01")).status == 201
    assert sors.post("/documents", a_document(customer)).status == 201

    debt = sors.get(f"/customers/{customer}/debt")

    assert debt == {"customerId": customer, "currency": "RSD", "balance": 2400, "overdue": 0}
    later = sors.get(f"/customers/{customer}/debt", "asOf=2199-01-02")
    assert later["overdue"] == 2400
    assert sors.ask("GET", f"{HOME}/customers/99/debt").status == 404


def test_a_debt_is_set_at_the_desk(sors: Sors, customer: int) -> None:
    sors.do("set debt", customer="Kupac d.o.o.", balance=1500.5, overdue=500)

    debt = sors.get(f"/customers/{customer}/debt")

    assert (debt["balance"], debt["overdue"]) == (1500.5, 500)
    with pytest.raises(LabError, match="no customer 'Niko'"):
        sors.do("set debt", customer="Niko", balance=1)


@pytest.mark.parametrize(
    ("type_", "stock", "prefix"),
    [
        ("reservation", (10, 2), "REZ-"),
        ("invoice", (8, 0), "R-"),
        ("invoiceDeliveryNote", (8, 0), "RO-"),
        ("deliveryNote", (8, 0), "O-"),
        ("return", (12, 0), "POV-"),
    ],
)
def test_each_type_does_its_own_to_stock_and_can_be_read(
    sors: Sors, customer: int, type_: str, stock: tuple[int, int], prefix: str
) -> None:
    got = sors.post("/documents", a_document(customer, type=type_, externalNumber="WC-1", note="hitno"))

    assert got.status == 201
    assert got.data["number"].startswith(prefix)
    level = sors.fact("stock")["MUG"]
    assert (level["in_stock"], level["in_reserve"]) == stock
    assert sors.get(f"/documents/{got.data['id']}") == got.data
    assert sors.get("/documents", f"externalNumber=WC-1&type={type_}") == [got.data]
    assert sors.get("/documents", "externalNumber=WC-2") == []


@pytest.mark.parametrize(
    ("with_vat", "wanted"), [(False, (1800, 360, 2160)), (True, (1500, 300, 1800))], ids=["without VAT", "with VAT"]
)
def test_totals_come_without_and_with_vat_and_less_the_discount(
    sors: Sors, customer: int, with_vat: bool, wanted: tuple[float, float, float]
) -> None:
    items = [{"code": "MUG", "quantity": 2, "unitPrice": 1000, "discountPercent": 10}]

    got = sors.post("/documents", a_document(customer, items=items, pricesWithVat=with_vat))

    assert (got.data["total"], got.data["vat"], got.data["totalWithVat"]) == wanted


@pytest.mark.parametrize("type_", ["reservation", "invoice", "invoiceDeliveryNote", "deliveryNote"])
def test_nothing_is_taken_that_is_not_available(sors: Sors, customer: int, type_: str) -> None:
    sors.do("reserve", code="MUG", quantity=7)
    line = {"code": "MUG", "quantity": 2, "unitPrice": 1}

    got = sors.post("/documents", a_document(customer, type=type_, items=[line, line]))

    assert (got.status, got.codes, got.fields) == (409, ["INSUFFICIENT_STOCK"], ["items[1].quantity"])
    assert sors.fact("documents") == {}
    assert sors.fact("available") == {"MUG": 3}


def test_where_negative_stock_is_allowed_more_is_taken_than_there_is(sors: Sors, customer: int) -> None:
    sors.do("allow negative stock")
    items = [{"code": "MUG", "quantity": 12.5, "unitPrice": 1}]

    assert sors.post("/documents", a_document(customer, type="invoice", items=items)).status == 201

    assert sors.fact("available") == {"MUG": -2.5}
    sors.do("forbid negative stock")
    assert sors.post("/documents", a_document(customer)).codes == ["INSUFFICIENT_STOCK"]


def test_a_service_needs_no_stock(sors: Sors, customer: int) -> None:
    sors.state("a service")
    items = [{"code": "DOSTAVA", "quantity": 99, "unitPrice": 400}]

    assert sors.post("/documents", a_document(customer, type="invoice", items=items)).status == 201


def test_an_external_number_occurs_once_for_each_type(sors: Sors, customer: int) -> None:
    first = sors.post("/documents", a_document(customer, externalNumber="WC-1"))
    again = sors.post("/documents", a_document(customer, externalNumber="WC-1"))
    other = sors.post("/documents", a_document(customer, externalNumber="WC-1", type="invoice"))

    assert (first.status, other.status) == (201, 201)
    assert (again.status, again.codes, again.fields) == (409, ["DUPLICATE"], ["externalNumber"])
    sors.do("accept repeated numbers")
    assert sors.post("/documents", a_document(customer, externalNumber="WC-1")).status == 201
    assert sors.fact("numbers") == {"WC-1": 3}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"businessUnitId": 99}, "businessUnitId"),
        ({"customerId": 99}, "customerId"),
        ({"items": [{"code": "NOPE", "quantity": 1, "unitPrice": 1}]}, "items[0].code"),
        ({"items": [{"articleId": 99, "quantity": 1, "unitPrice": 1}]}, "items[0].articleId"),
        ({"items": [{"code": "MUG", "quantity": 0.0001, "unitPrice": 1}]}, "items[0].quantity"),
        ({"items": [{"code": "MUG", "quantity": 1.0001, "unitPrice": 1}]}, "items[0].quantity"),
        ({"items": [{"code": "MUG", "quantity": 1, "unitPrice": 1.00001}]}, "items[0].unitPrice"),
        ({"items": [{"code": "A", "quantity": 1, "unitPrice": 1, "discountPercent": 101}]}, "items[0].discountPercent"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": "2026-03-02", "dueDate": "2026-03-01"}, "dueDate"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_is_refused_by_its_field(
    sors: Sors, customer: int, change: dict[str, Any], field: str
) -> None:
    got = sors.post("/documents", a_document(customer, **change))

    assert (got.status, got.fields) == (422, [field])
    assert sors.fact("documents") == {}


def test_a_retired_article_is_not_sold(sors: Sors, customer: int) -> None:
    sors.do("retire article", code="MUG")

    assert sors.post("/documents", a_document(customer)).fields == ["items[0].code"]


@pytest.mark.parametrize("type_", ["reservation", "invoice", "return", "deliveryNote", "invoiceDeliveryNote"])
def test_a_cancelled_document_leaves_things_as_they_were(sors: Sors, customer: int, type_: str) -> None:
    before = sors.fact("stock")
    sors.post("/documents", a_document(customer, type=type_, externalNumber="WC-1"))

    sors.do("cancel document", number="WC-1")

    assert sors.fact("stock") == before
    assert sors.get(f"/customers/{customer}/debt")["balance"] == 0
    assert sors.fact("documents")["WC-1"]["status"] == "cancelled"
    with pytest.raises(LabError, match="cancelled already"):
        sors.do("cancel document", number="WC-1")


def test_closing_a_year_keeps_codes_and_changes_every_id(sors: Sors, customer: int) -> None:
    sors.state("an article in stock", code="CAP", quantity=4, reserved=1, group="Odeca", second_group="Kape")
    sors.state("an article with pictures", code="CAP")
    sors.do("set debt", customer="Kupac d.o.o.", balance=700)
    old = {a["code"]: a for a in sors.get("/articles")}
    before = {name: sors.fact(name) for name in ("stock", "prices", "available")}
    groups = {c: (a["group"], a["second_group"], a["pictures"]) for c, a in sors.fact("catalogue").items()}

    made = sors.do("close year")

    new = {a["code"]: a for a in sors.ask("GET", "/databases/MyDatabase2027/articles").data}
    units = sors.ask("GET", "/databases/MyDatabase2027/business-units").data
    assert made == {"database": "MyDatabase2027"}
    assert new.keys() == old.keys()
    assert all(new[code]["id"] != old[code]["id"] for code in old)
    assert old["CAP"]["id"] in {a["id"] for a in new.values()}  # whoever keeps the id meets another article
    assert {u["code"]: u["id"] for u in units} == {"01": 3, "02": 4}
    assert {name: sors.fact(name) for name in before} == before
    assert {c: (a["group"], a["second_group"], a["pictures"]) for c, a in sors.fact("catalogue").items()} == groups
    assert sors.fact("customers")["Kupac d.o.o."]["balance"] == 700
    assert sors.post("/documents", a_document(customer)).codes == ["DATABASE_CLOSED"]
    added = sors.do("add article", code="PEN")
    assert added["article_id"] not in {a["id"] for a in new.values()}


def test_a_page_of_inventory_asked_by_ids(sors: Sors, customer: int) -> None:
    other = sors.state("an article in stock", code="CAP", quantity=4)["article_id"]

    rows = sors.get("/inventory", f"businessUnitId={UNIT}&articleIds={other},999")

    assert [row["code"] for row in rows] == ["CAP"]
    assert sors.ask("GET", f"{HOME}/inventory", query=f"businessUnitId={UNIT}&articleIds=a,b").fields == ["articleIds"]
