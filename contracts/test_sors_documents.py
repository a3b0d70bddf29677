"""What sync needs from SORS to hand an order over: customers, and documents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pact import Pact, match

from storelab.contracts.examples import API_KEY, given_value
from storelab.contracts.interactions import JSON, Asks, Given
from storelab.contracts.sors import HOME, LAST_YEAR, PAGE, UNIT, WITH_KEY, an_article, client, refused, told
from storelab.sync.connectors.sors.client import CLOSED, DUPLICATE, NO_STOCK, Refusal
from storelab.sync.connectors.sors.rules import Export, Line, lookups, same_customer, same_document
from storelab.sync.errors import GiveUp
from storelab.sync.transport import Http

PROVIDER = "sors"
ASKED = WITH_KEY
PIB = "100002887"


# -- customers


@pytest.mark.parametrize(
    ("by", "value", "stored"),
    [("taxId", PIB, {"pib": PIB}), ("email", "ana@kupac.example", {"pib": "", "email": "ana@kupac.example"}),
     ("phone", "064/123-456", {"pib": "", "phone": "+381 64 123456"})],
)  # fmt: skip
def test_a_customer_is_looked_up(
    pact: Pact, asks: Asks, http: Http, by: str, value: str, stored: dict[str, Any]
) -> None:
    given: Given = (("a customer", {"name": "Ana Anic", **stored}),)
    asks(f"a customer by {by}", "GET", "customers", *PAGE, (by, value), given=given).will_respond_with(200).with_body(
        told([{"id": match.integer(7), "name": "Ana Anic", "isCompany": match.boolean(True)}], total=1),
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as sors:
        found = same_customer(by, {"name": "ana anic"}, client(sors, http).customers(by, value))

    assert found is not None
    assert found["id"] == 7


def test_nobody_is_found_where_nobody_is(pact: Pact, asks: Asks, http: Http) -> None:
    asks("a customer who is not there", "GET", "customers", *PAGE, ("email", "no@kupac.example")).will_respond_with(
        200
    ).with_body(told([], total=0), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors, http).customers("email", "no@kupac.example") == ()


def test_no_customer_is_told_with_a_revoked_key(pact: Pact, asks: Asks, http: Http) -> None:
    given: Given = (("a revoked key", {}),)
    by = (*PAGE, ("email", "ana@kupac.example"))
    asks("a customer by e-mail with a revoked key", "GET", "customers", *by, given=given).will_respond_with(
        401
    ).with_body(refused("UNAUTHORIZED"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(GiveUp):
        client(sors, http).customers("email", "ana@kupac.example")


CUSTOMER = {
    "name": "Kupac d.o.o.",
    "taxId": PIB,
    "email": "nabavka@kupac.example",
    "phone": "+381112345678",
    "address": "Ulica 1",
    "city": "Beograd",
    "postalCode": "11000",
    "country": "RS",
}


def test_a_customer_is_made(pact: Pact, asks: Asks, http: Http) -> None:
    asks("a new customer", "POST", "customers", body=CUSTOMER).will_respond_with(201).with_body(
        told({"id": match.integer(7)}), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors, http).create_customer(CUSTOMER)["id"] == 7


def test_a_pib_that_is_there_already_is_looked_up(pact: Pact, asks: Asks, http: Http) -> None:
    given: Given = (("a customer", {"pib": PIB, "email": "other@kupac.example"}),)
    asks("a new customer whose PIB is there", "POST", "customers", body=CUSTOMER, given=given).will_respond_with(
        409
    ).with_body(refused(DUPLICATE, "taxId"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal) as why:
        client(sors, http).create_customer(CUSTOMER)

    assert DUPLICATE in why.value.codes
    assert lookups(CUSTOMER) == [("taxId", PIB)]


def test_a_wrong_pib_is_refused_by_its_field(pact: Pact, asks: Asks, http: Http) -> None:
    wrong = {**CUSTOMER, "taxId": "12345678"}
    asks("a new customer with a wrong PIB", "POST", "customers", body=wrong).will_respond_with(422).with_body(
        refused("VALIDATION", "taxId"), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal) as why:
        client(sors, http).create_customer(wrong)

    assert why.value.fields == ("taxId",)


def plainly(server: Any, http: Http, path: str) -> Any:
    """What the API serves and sync does not ask for."""
    answer = http.send("GET", f"{str(server.url).rstrip('/')}{path}", headers={"Authorization": f"ApiKey {API_KEY}"})
    return answer.json()["data"]


def test_a_debt_can_be_asked_for(pact: Pact, asks: Asks, http: Http) -> None:
    path = given_value(f"/databases/{HOME}/customers/7/debt", f"/databases/{HOME}/customers/${{customer_id}}/debt")
    asks("what a customer owes", "GET", path, given=(("a debt", {}),)).will_respond_with(200).with_body(
        told({"balance": match.number(1500), "overdue": match.number(500), "currency": "RSD"}), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert plainly(sors, http, f"/databases/{HOME}/customers/7/debt")["balance"] == 1500


# -- documents

EXPORT = Export("1001", "WC-1001", "2026-11-02", "", (Line("MUG", 2, Decimal("1200")),))


def sent(type_: str = "reservation", customer: Any = 7, **fields: Any) -> dict[str, Any]:
    return {**EXPORT.document(type_, 7, "included"), "customerId": customer, "businessUnitId": UNIT, **fields}


def shown(**fields: Any) -> dict[str, Any]:
    items = [{"code": "MUG", "quantity": match.number(2), "unitPrice": match.number(1200)}]
    return {"id": match.integer(3), "number": match.string("REZ-00001/2026"), "items": items, **fields}


BUYER: Given = (an_article(), ("a customer", {}))
CUSTOMER_ID = given_value(7, "${customer_id}")


@pytest.mark.parametrize("type_", ["reservation", "invoice", "invoiceDeliveryNote", "deliveryNote", "return"])
def test_an_order_becomes_a_document(pact: Pact, asks: Asks, http: Http, type_: str) -> None:
    asks(f"a new {type_}", "POST", "documents", body=sent(type_, CUSTOMER_ID), given=BUYER).will_respond_with(
        201
    ).with_body(told(shown(type=type_)), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors:
        made = client(sors, http).create_document(EXPORT.document(type_, 7, "included"))

    assert same_document(EXPORT, made)


@pytest.mark.parametrize(
    ("what", "given", "code", "path"),
    [
        ("more than there is", (an_article(quantity=1), ("a customer", {})), NO_STOCK, HOME),
        ("a number that is taken", (("a document", {"external_number": "WC-1001"}), an_article()), DUPLICATE, HOME),
        ("into a closed year", BUYER, CLOSED, LAST_YEAR),
    ],
    ids=["stock", "duplicate", "closed"],
)
def test_a_document_that_cannot_be_is_refused_with_its_code(
    pact: Pact, asks: Asks, http: Http, what: str, given: Given, code: str, path: str
) -> None:
    address, body = f"/databases/{path}/documents", sent("reservation", CUSTOMER_ID)
    asks(f"a new reservation, {what}", "POST", address, body=body, given=given).will_respond_with(409).with_body(
        refused(code), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal) as why:
        client(sors, http, database=path).create_document(EXPORT.document("reservation", 7, "included"))

    assert why.value.codes == (code,)


def test_an_unknown_article_is_named(pact: Pact, asks: Asks, http: Http) -> None:
    body = sent("reservation", CUSTOMER_ID, items=[{"code": "NOBODY", "quantity": 1, "unitPrice": 1}])
    asks("a new reservation of an unknown article", "POST", "documents", body=body, given=BUYER).will_respond_with(
        422
    ).with_body(refused("VALIDATION", "items[0].code"), content_type=JSON)
    export = Export("1001", "WC-1001", "2026-11-02", "", (Line("NOBODY", 1, Decimal(1)),))

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal, match=r"items\[0\]\.code"):
        client(sors, http).create_document(export.document("reservation", 7, "included"))


def test_a_refusal_with_the_status_200_is_no_document(pact: Pact, asks: Asks, http: Http) -> None:
    given: Given = (an_article(quantity=1), ("a customer", {}), ("a way of answering", {"always_200": True}))
    body = sent("reservation", CUSTOMER_ID)
    asks("a new reservation, refused with the status 200", "POST", "documents", body=body, given=given)\
        .will_respond_with(200).with_body(refused(NO_STOCK), content_type=JSON)  # fmt: skip

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal) as why:
        client(sors, http).create_document(EXPORT.document("reservation", 7, "included"))

    assert why.value.codes == (NO_STOCK,)


BY_NUMBER = (*PAGE, ("type", "reservation"), ("externalNumber", "WC-1001"))


def test_a_document_is_found_by_the_number_of_the_order(pact: Pact, asks: Asks, http: Http) -> None:
    given: Given = (("a document", {"external_number": "WC-1001", "quantity": 2, "price": 1200}),)
    asks("documents with a number", "GET", "documents", *BY_NUMBER, given=given).will_respond_with(200).with_body(
        told([shown(status="open")], total=1), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        (found,) = client(sors, http).documents("reservation", "WC-1001")

    assert same_document(EXPORT, found)


def test_a_number_that_nobody_has_finds_nothing(pact: Pact, asks: Asks, http: Http) -> None:
    asks("documents with a number that nobody has", "GET", "documents", *BY_NUMBER).will_respond_with(200).with_body(
        told([], total=0), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors, http).documents("reservation", "WC-1001") == ()


def test_a_document_is_read_by_its_id(pact: Pact, asks: Asks, http: Http) -> None:
    path = given_value(f"/databases/{HOME}/documents/3", f"/databases/{HOME}/documents/${{document_id}}")
    asks("one document", "GET", path, given=(("a document", {}),)).will_respond_with(200).with_body(
        told({"id": match.integer(3), "status": "open"}), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert plainly(sors, http, f"/databases/{HOME}/documents/3")["status"] == "open"
