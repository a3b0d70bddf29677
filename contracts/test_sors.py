"""What sync needs from SORS: a key and its databases, the catalogue, stock, pictures, customers, and documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from pact import Pact, match
from pact.interaction import HttpInteraction

from storelab.contracts.examples import API_KEY, given_value
from storelab.sync.connectors.sors.client import CLOSED, DUPLICATE, NO_STOCK, Refusal, Sors
from storelab.sync.connectors.sors.joining import trouble
from storelab.sync.connectors.sors.rules import (
    Export,
    Line,
    lookups,
    price_of,
    same_customer,
    same_document,
    sellable,
    wanted_product,
)
from storelab.sync.errors import GiveUp, Retry
from storelab.sync.transport import Http

PROVIDER = "sors"
JSON = "application/json"
HOME, LAST_YEAR, UNIT = "MyDatabase2026", "MyDatabase2025", 2
KEY = given_value(f"ApiKey {API_KEY}", "ApiKey ${api_key}")
PIB = "100002887"
PAGE = (("page", "1"), ("pageSize", "100"))
STOCK = (("businessUnitId", str(UNIT)), ("stockMode", "available"), ("priceType", "retail"))

Asks = Callable[..., HttpInteraction]
Given = tuple[tuple[str, dict[str, Any]], ...]


@pytest.fixture
def asks(pact: Pact, test_name: str) -> Asks:
    """`asks("the databases", "GET", "/databases")`: the request half of an interaction. A path that begins with a word
    is one of this year's database."""

    def made(
        what: str,
        method: str,
        path: Any,
        *query: tuple[str, Any],
        given: Given = (),
        key: Any = KEY,
        body: Any = None,
    ) -> HttpInteraction:
        interaction = pact.upon_receiving(what)
        for state, arguments in (("an empty account", {}), *given):
            interaction.given(state, arguments)
        whole = path if not isinstance(path, str) or path.startswith("/") else f"/databases/{HOME}/{path}"
        interaction.test_name(test_name).with_request(method, whole).with_header("Authorization", key)
        for name, value in query:
            interaction.with_query_parameter(name, value)
        if body is not None:
            interaction.with_body(body, content_type=JSON)
        return interaction

    return made


@pytest.fixture
def client() -> Iterator[Callable[..., Sors]]:
    http = Http()

    def made(server: Any, key: str = API_KEY, database: str = HOME, mode: str = "available") -> Sors:
        return Sors(str(server.url), key, http, database=database, unit=UNIT, price_type="retail", stock_mode=mode)

    yield made
    http.close()


def told(data: Any, total: int | None = None) -> dict[str, Any]:
    """The envelope of a success."""
    return {"success": True, "data": data, **({} if total is None else {"meta": {"total": total}})}


def refused(code: str, field: str | None = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": match.string("why")}
    return {"success": False, "errors": [error | ({"field": field} if field else {})]}


def an_article(**arguments: Any) -> tuple[str, dict[str, Any]]:
    return "an article in stock", {"code": "MUG", "quantity": 10, **arguments}


# -- the key, and what it opens


def test_a_good_key_opens_several_databases(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    row = {"id": match.string("x"), "isDemo": match.boolean(False)}
    asks("the databases of a key", "GET", "/databases").will_respond_with(200).with_body(
        told(
            [
                {**row, "id": LAST_YEAR, "isClosed": True},
                {**row, "id": HOME, "isClosed": False},
                {"id": "Demo2", "isDemo": True, "isClosed": False},
            ]
        ),
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as sors:
        found = client(sors).databases()

    assert trouble(HOME, found) == ""
    assert "is closed; choose one that is open: MyDatabase2026, Demo2 (for tests)" in trouble(LAST_YEAR, found)
    assert "does not open the database Other" in trouble("Other", found)


@pytest.mark.parametrize(
    ("what", "key", "given"),
    [
        ("the databases with a revoked key", KEY, (("a revoked key", {}),)),
        ("the databases with a key that was never issued", "ApiKey never-issued", ()),
    ],
    ids=["revoked", "unknown"],
)
def test_a_bad_key_ends_the_connection(
    pact: Pact, asks: Asks, client: Callable[..., Sors], what: str, key: Any, given: Given
) -> None:
    asks(what, "GET", "/databases", key=key, given=given).will_respond_with(401).with_body(
        refused("UNAUTHORIZED"), content_type=JSON
    )

    secret = API_KEY if key is KEY else "never-issued"
    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(GiveUp, match="refuses the API key") as why:
        client(sors, secret).databases()

    assert secret not in str(why.value)


def test_a_bearer_token_opens_nothing(pact: Pact, asks: Asks) -> None:
    bearer = given_value(f"Bearer {API_KEY}", "Bearer ${api_key}")
    asks("the databases with the key as a bearer token", "GET", "/databases", key=bearer).will_respond_with(
        401
    ).with_body(refused("UNAUTHORIZED"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors:
        http = Http()
        answer = http.send("GET", f"{sors.url}/databases", headers={"Authorization": f"Bearer {API_KEY}"})
        http.close()

    assert answer.status == 401


def test_a_used_up_minute_says_how_long_to_wait(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    given: Given = (("a used up minute", {}),)
    asks("the databases in a minute that is used up", "GET", "/databases", given=given).will_respond_with(
        429
    ).with_header("Retry-After", match.regex("60", regex=r"^\d+$")).with_body(
        refused("RATE_LIMITED"), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Retry) as why:
        client(sors).databases()

    assert (why.value.after, why.value.sent) == (60, False)


def test_an_error_with_the_status_200_is_an_error(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    given: Given = (("a revoked key", {}), ("a way of answering", {"always_200": True}))
    asks("the databases, refused with the status 200", "GET", "/databases", given=given).will_respond_with(
        200
    ).with_body(refused("UNAUTHORIZED"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(GiveUp, match="UNAUTHORIZED"):
        client(sors).databases()


def test_business_units_have_codes(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    asks("the business units", "GET", "business-units").will_respond_with(200).with_body(
        told(match.each_like({"id": match.integer(2), "code": match.string("01"), "name": match.string("x")})),
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors).units(HOME)[0]["code"] == "01"


def test_a_database_that_is_not_granted_ends_the_connection(
    pact: Pact, asks: Asks, client: Callable[..., Sors]
) -> None:
    given: Given = (("a withdrawn database", {"database": HOME}),)
    asks("the groups of a database that is not granted", "GET", "article-groups", given=given).will_respond_with(
        403
    ).with_body(refused("DATABASE_FORBIDDEN"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(GiveUp, match="does not open this database"):
        client(sors).groups()


# -- catalogue, stock, pictures


def test_groups_have_two_levels(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    asks("the groups", "GET", "article-groups", given=(("two levels of groups", {}),)).will_respond_with(200).with_body(
        told(
            [
                {"id": match.integer(1), "name": "Kuhinja", "parentId": None},
                {"id": match.integer(2), "name": "Posude", "parentId": match.integer(1)},
            ]
        ),
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert [group["name"] for group in client(sors).groups()] == ["Kuhinja", "Posude"]


ARTICLES = (*PAGE, ("businessUnitId", str(UNIT)), ("priceType", "retail"))


def article(code: Any = "MUG", **fields: Any) -> dict[str, Any]:
    return {
        "id": match.integer(1),
        "code": code,
        "name": match.string("Solja"),
        "gtin": None,
        "kind": "goods",
        "groupId": None,
        "secondGroupId": None,
        "price": match.number(1000),
        "priceWithVat": match.number(1200),
        "isActive": True,
        "changedAt": match.string("2026-11-02T09:00:00Z"),
        **fields,
    }


def test_an_article_becomes_the_fields_of_a_product(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    given: Given = (an_article(name="Solja", price=1000, gtin="8600000000015", group="Kuhinja"),)
    asks("a page of articles", "GET", "articles", *ARTICLES, given=given).will_respond_with(200).with_body(
        told([article(gtin="8600000000015", groupId=match.integer(1))], total=1), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        page = client(sors).articles(1)

    settings = {"prices": True, "vat": "included"}
    assert wanted_product(page.rows[0], settings, 17) == {
        "name": "Solja", "regular_price": "1200.00", "global_unique_id": "8600000000015", "category": 17,
    }  # fmt: skip
    assert page.last


def test_a_long_catalogue_has_more_pages(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    asks("the first page of many articles", "GET", "articles", *ARTICLES, given=(("a catalogue", {"size": 120}),))\
        .will_respond_with(200).with_body(
            told(match.type([article(match.string("ART-000001"))], min=100, max=100), total=120), content_type=JSON
        )  # fmt: skip

    with pact.serve(addr="127.0.0.1") as sors:
        page = client(sors).articles(1)

    assert (page.total, page.last) == (120, False)


def test_a_service_says_so(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    asks("a page with a service", "GET", "articles", *ARTICLES, given=(("a service", {}),)).will_respond_with(
        200
    ).with_body(told([article("DOSTAVA", kind="service")], total=1), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors).articles(1).rows[0]["kind"] == "service"


def level(quantity: float, **fields: Any) -> dict[str, Any]:
    return {
        "code": "MUG",
        "quantity": match.number(quantity),
        "price": match.number(1000),
        "priceWithVat": match.number(1200),
        **fields,
    }


@pytest.mark.parametrize(("mode", "quantity", "shown"), [("available", 7.75, 7), ("onHand", 10.25, 10)])
def test_stock_comes_in_the_chosen_mode(
    pact: Pact, asks: Asks, client: Callable[..., Sors], mode: str, quantity: float, shown: int
) -> None:
    query = (*PAGE, ("businessUnitId", str(UNIT)), ("stockMode", mode), ("priceType", "retail"))
    given: Given = (an_article(quantity=10.25, reserved=2.5),)
    asks(f"a page of stock, {mode}", "GET", "inventory", *query, given=given).will_respond_with(200).with_body(
        told([level(quantity)], total=1), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        (row,) = client(sors, mode=mode).inventory(1).rows

    assert (row["quantity"], sellable(row["quantity"], "down")) == (quantity, shown)
    assert (price_of(row, "included"), price_of(row, "excluded")) == ("1200.00", "1000.00")


def test_what_the_unit_never_had_has_no_stock(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    given: Given = (an_article(business_unit="02"),)
    asks("a page of stock of another unit", "GET", "inventory", *PAGE, *STOCK, given=given).will_respond_with(
        200
    ).with_body(told([], total=0), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors).inventory(1).rows == ()


def test_stock_of_a_closed_year_can_still_be_read(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    path = f"/databases/{LAST_YEAR}/inventory"
    asks("stock of a closed year", "GET", path, *PAGE, *STOCK).will_respond_with(200).with_body(
        told([], total=0), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors, database=LAST_YEAR).inventory(1).total == 0


def test_pictures_have_addresses(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    path = given_value(f"/databases/{HOME}/articles/1/images", f"/databases/{HOME}/articles/${{article_id}}/images")
    asks("the pictures of an article", "GET", path, given=(("an article with pictures", {}),)).will_respond_with(
        200
    ).with_body(
        told([{"position": 1, "url": match.regex("https://api.sors.rs/pictures/1.png", regex=r"^https?://.+\.png$")}]),
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as sors:
        (address,) = client(sors).pictures(1)

    assert address.endswith(".png")


def test_pictures_of_an_article_that_is_gone(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    asks("the pictures of an article that is gone", "GET", "articles/999999/images").will_respond_with(404).with_body(
        refused("NOT_FOUND"), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal) as why:
        client(sors).pictures(999_999)

    assert why.value.codes == ("NOT_FOUND",)


# -- customers


@pytest.mark.parametrize(
    ("by", "value", "stored"),
    [("taxId", PIB, {"pib": PIB}), ("email", "ana@kupac.example", {"pib": "", "email": "ana@kupac.example"}),
     ("phone", "064/123-456", {"pib": "", "phone": "+381 64 123456"})],
)  # fmt: skip
def test_a_customer_is_looked_up(
    pact: Pact, asks: Asks, client: Callable[..., Sors], by: str, value: str, stored: dict[str, Any]
) -> None:
    given: Given = (("a customer", {"name": "Ana Anic", **stored}),)
    asks(f"a customer by {by}", "GET", "customers", *PAGE, (by, value), given=given).will_respond_with(200).with_body(
        told([{"id": match.integer(7), "name": "Ana Anic", "isCompany": match.boolean(True)}], total=1),
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as sors:
        found = same_customer(by, {"name": "ana anic"}, client(sors).customers(by, value))

    assert found is not None
    assert found["id"] == 7


def test_nobody_is_found_where_nobody_is(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    asks("a customer who is not there", "GET", "customers", *PAGE, ("email", "no@kupac.example")).will_respond_with(
        200
    ).with_body(told([], total=0), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors).customers("email", "no@kupac.example") == ()


def test_no_customer_is_told_with_a_revoked_key(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    given: Given = (("a revoked key", {}),)
    by = (*PAGE, ("email", "ana@kupac.example"))
    asks("a customer by e-mail with a revoked key", "GET", "customers", *by, given=given).will_respond_with(
        401
    ).with_body(refused("UNAUTHORIZED"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(GiveUp):
        client(sors).customers("email", "ana@kupac.example")


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


def test_a_customer_is_made(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    asks("a new customer", "POST", "customers", body=CUSTOMER).will_respond_with(201).with_body(
        told({"id": match.integer(7)}), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors).create_customer(CUSTOMER)["id"] == 7


def test_a_pib_that_is_there_already_is_looked_up(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    given: Given = (("a customer", {"pib": PIB, "email": "other@kupac.example"}),)
    asks("a new customer whose PIB is there", "POST", "customers", body=CUSTOMER, given=given).will_respond_with(
        409
    ).with_body(refused(DUPLICATE, "taxId"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal) as why:
        client(sors).create_customer(CUSTOMER)

    assert DUPLICATE in why.value.codes
    assert lookups(CUSTOMER) == [("taxId", PIB)]


def test_a_wrong_pib_is_refused_by_its_field(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    wrong = {**CUSTOMER, "taxId": "12345678"}
    asks("a new customer with a wrong PIB", "POST", "customers", body=wrong).will_respond_with(422).with_body(
        refused("VALIDATION", "taxId"), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal) as why:
        client(sors).create_customer(wrong)

    assert why.value.fields == ("taxId",)


def plainly(server: Any, path: str) -> Any:
    """What the API serves and sync does not ask for."""
    http = Http()
    answer = http.send("GET", f"{str(server.url).rstrip('/')}{path}", headers={"Authorization": f"ApiKey {API_KEY}"})
    http.close()
    return answer.json()["data"]


def test_a_debt_can_be_asked_for(pact: Pact, asks: Asks) -> None:
    path = given_value(f"/databases/{HOME}/customers/7/debt", f"/databases/{HOME}/customers/${{customer_id}}/debt")
    asks("what a customer owes", "GET", path, given=(("a debt", {}),)).will_respond_with(200).with_body(
        told({"balance": match.number(1500), "overdue": match.number(500), "currency": "RSD"}), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert plainly(sors, f"/databases/{HOME}/customers/7/debt")["balance"] == 1500


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
def test_an_order_becomes_a_document(pact: Pact, asks: Asks, client: Callable[..., Sors], type_: str) -> None:
    asks(f"a new {type_}", "POST", "documents", body=sent(type_, CUSTOMER_ID), given=BUYER).will_respond_with(
        201
    ).with_body(told(shown(type=type_)), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors:
        made = client(sors).create_document(EXPORT.document(type_, 7, "included"))

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
    pact: Pact, asks: Asks, client: Callable[..., Sors], what: str, given: Given, code: str, path: str
) -> None:
    address, body = f"/databases/{path}/documents", sent("reservation", CUSTOMER_ID)
    asks(f"a new reservation, {what}", "POST", address, body=body, given=given).will_respond_with(409).with_body(
        refused(code), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal) as why:
        client(sors, database=path).create_document(EXPORT.document("reservation", 7, "included"))

    assert why.value.codes == (code,)


def test_an_unknown_article_is_named(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    body = sent("reservation", CUSTOMER_ID, items=[{"code": "NOBODY", "quantity": 1, "unitPrice": 1}])
    asks("a new reservation of an unknown article", "POST", "documents", body=body, given=BUYER).will_respond_with(
        422
    ).with_body(refused("VALIDATION", "items[0].code"), content_type=JSON)
    export = Export("1001", "WC-1001", "2026-11-02", "", (Line("NOBODY", 1, Decimal(1)),))

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal, match=r"items\[0\]\.code"):
        client(sors).create_document(export.document("reservation", 7, "included"))


def test_a_refusal_with_the_status_200_is_no_document(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    given: Given = (an_article(quantity=1), ("a customer", {}), ("a way of answering", {"always_200": True}))
    body = sent("reservation", CUSTOMER_ID)
    asks("a new reservation, refused with the status 200", "POST", "documents", body=body, given=given)\
        .will_respond_with(200).with_body(refused(NO_STOCK), content_type=JSON)  # fmt: skip

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal) as why:
        client(sors).create_document(EXPORT.document("reservation", 7, "included"))

    assert why.value.codes == (NO_STOCK,)


BY_NUMBER = (*PAGE, ("type", "reservation"), ("externalNumber", "WC-1001"))


def test_a_document_is_found_by_the_number_of_the_order(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    given: Given = (("a document", {"external_number": "WC-1001", "quantity": 2, "price": 1200}),)
    asks("documents with a number", "GET", "documents", *BY_NUMBER, given=given).will_respond_with(200).with_body(
        told([shown(status="open")], total=1), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        (found,) = client(sors).documents("reservation", "WC-1001")

    assert same_document(EXPORT, found)


def test_a_number_that_nobody_has_finds_nothing(pact: Pact, asks: Asks, client: Callable[..., Sors]) -> None:
    asks("documents with a number that nobody has", "GET", "documents", *BY_NUMBER).will_respond_with(200).with_body(
        told([], total=0), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors).documents("reservation", "WC-1001") == ()


def test_a_document_is_read_by_its_id(pact: Pact, asks: Asks) -> None:
    path = given_value(f"/databases/{HOME}/documents/3", f"/databases/{HOME}/documents/${{document_id}}")
    asks("one document", "GET", path, given=(("a document", {}),)).will_respond_with(200).with_body(
        told({"id": match.integer(3), "status": "open"}), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert plainly(sors, f"/databases/{HOME}/documents/3")["status"] == "open"
