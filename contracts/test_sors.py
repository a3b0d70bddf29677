"""What sync needs from SORS: a key and its databases, the catalogue, stock and pictures. Customers and documents are
in test_sors_documents."""

from __future__ import annotations

from typing import Any

import pytest
from pact import Pact, match

from storelab.contracts.examples import API_KEY, given_value
from storelab.contracts.interactions import JSON, Asks, Given
from storelab.contracts.sors import HOME, KEY, LAST_YEAR, PAGE, UNIT, WITH_KEY, an_article, client, refused, told
from storelab.sync.connectors.sors.client import Refusal
from storelab.sync.connectors.sors.joining import trouble
from storelab.sync.connectors.sors.rules import price_of, sellable, wanted_product
from storelab.sync.errors import GiveUp, Retry
from storelab.sync.transport import Http

PROVIDER = "sors"
ASKED = WITH_KEY
STOCK = (("businessUnitId", str(UNIT)), ("stockMode", "available"), ("priceType", "retail"))


# -- the key, and what it opens


def test_a_good_key_opens_several_databases(pact: Pact, asks: Asks, http: Http) -> None:
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
        found = client(sors, http).databases()

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
def test_a_bad_key_ends_the_connection(pact: Pact, asks: Asks, http: Http, what: str, key: Any, given: Given) -> None:
    asks(what, "GET", "/databases", authorization=key, given=given).will_respond_with(401).with_body(
        refused("UNAUTHORIZED"), content_type=JSON
    )

    secret = API_KEY if key is KEY else "never-issued"
    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(GiveUp, match="refuses the API key") as why:
        client(sors, http, secret).databases()

    assert secret not in str(why.value)


def test_a_bearer_token_opens_nothing(pact: Pact, asks: Asks, http: Http) -> None:
    bearer = given_value(f"Bearer {API_KEY}", "Bearer ${api_key}")
    asks("the databases with the key as a bearer token", "GET", "/databases", authorization=bearer).will_respond_with(
        401
    ).with_body(refused("UNAUTHORIZED"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors:
        answer = http.send("GET", f"{sors.url}/databases", headers={"Authorization": f"Bearer {API_KEY}"})

    assert answer.status == 401


def test_a_used_up_minute_says_how_long_to_wait(pact: Pact, asks: Asks, http: Http) -> None:
    given: Given = (("a used up minute", {}),)
    asks("the databases in a minute that is used up", "GET", "/databases", given=given).will_respond_with(
        429
    ).with_header("Retry-After", match.regex("60", regex=r"^\d+$")).with_body(
        refused("RATE_LIMITED"), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Retry) as why:
        client(sors, http).databases()

    assert (why.value.after, why.value.sent) == (60, False)


def test_an_error_with_the_status_200_is_an_error(pact: Pact, asks: Asks, http: Http) -> None:
    given: Given = (("a revoked key", {}), ("a way of answering", {"always_200": True}))
    asks("the databases, refused with the status 200", "GET", "/databases", given=given).will_respond_with(
        200
    ).with_body(refused("UNAUTHORIZED"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(GiveUp, match="UNAUTHORIZED"):
        client(sors, http).databases()


def test_business_units_have_codes(pact: Pact, asks: Asks, http: Http) -> None:
    asks("the business units", "GET", "business-units").will_respond_with(200).with_body(
        told(match.each_like({"id": match.integer(2), "code": match.string("01"), "name": match.string("x")})),
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors, http).units(HOME)[0]["code"] == "01"


def test_a_database_that_is_not_granted_ends_the_connection(pact: Pact, asks: Asks, http: Http) -> None:
    given: Given = (("a withdrawn database", {"database": HOME}),)
    asks("the groups of a database that is not granted", "GET", "article-groups", given=given).will_respond_with(
        403
    ).with_body(refused("DATABASE_FORBIDDEN"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(GiveUp, match="does not open this database"):
        client(sors, http).groups()


# -- catalogue, stock, pictures


def test_groups_have_two_levels(pact: Pact, asks: Asks, http: Http) -> None:
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
        assert [group["name"] for group in client(sors, http).groups()] == ["Kuhinja", "Posude"]


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


def test_an_article_becomes_the_fields_of_a_product(pact: Pact, asks: Asks, http: Http) -> None:
    given: Given = (an_article(name="Solja", price=1000, gtin="8600000000015", group="Kuhinja"),)
    asks("a page of articles", "GET", "articles", *ARTICLES, given=given).will_respond_with(200).with_body(
        told([article(gtin="8600000000015", groupId=match.integer(1))], total=1), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        page = client(sors, http).articles(1)

    settings = {"prices": True, "vat": "included"}
    assert wanted_product(page.rows[0], settings, 17) == {
        "name": "Solja", "regular_price": "1200.00", "global_unique_id": "8600000000015", "category": 17,
    }  # fmt: skip
    assert page.last


def test_a_long_catalogue_has_more_pages(pact: Pact, asks: Asks, http: Http) -> None:
    asks("the first page of many articles", "GET", "articles", *ARTICLES, given=(("a catalogue", {"size": 120}),))\
        .will_respond_with(200).with_body(
            told(match.type([article(match.string("ART-000001"))], min=100, max=100), total=120), content_type=JSON
        )  # fmt: skip

    with pact.serve(addr="127.0.0.1") as sors:
        page = client(sors, http).articles(1)

    assert (page.total, page.last) == (120, False)


def test_a_service_says_so(pact: Pact, asks: Asks, http: Http) -> None:
    asks("a page with a service", "GET", "articles", *ARTICLES, given=(("a service", {}),)).will_respond_with(
        200
    ).with_body(told([article("DOSTAVA", kind="service")], total=1), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors, http).articles(1).rows[0]["kind"] == "service"


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
    pact: Pact, asks: Asks, http: Http, mode: str, quantity: float, shown: int
) -> None:
    query = (*PAGE, ("businessUnitId", str(UNIT)), ("stockMode", mode), ("priceType", "retail"))
    given: Given = (an_article(quantity=10.25, reserved=2.5),)
    asks(f"a page of stock, {mode}", "GET", "inventory", *query, given=given).will_respond_with(200).with_body(
        told([level(quantity)], total=1), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        (row,) = client(sors, http, mode=mode).inventory(1).rows

    assert (row["quantity"], sellable(row["quantity"], "down")) == (quantity, shown)
    assert (price_of(row, "included"), price_of(row, "excluded")) == ("1200.00", "1000.00")


def test_what_the_unit_never_had_has_no_stock(pact: Pact, asks: Asks, http: Http) -> None:
    given: Given = (an_article(business_unit="02"),)
    asks("a page of stock of another unit", "GET", "inventory", *PAGE, *STOCK, given=given).will_respond_with(
        200
    ).with_body(told([], total=0), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors, http).inventory(1).rows == ()


def test_stock_of_a_closed_year_can_still_be_read(pact: Pact, asks: Asks, http: Http) -> None:
    path = f"/databases/{LAST_YEAR}/inventory"
    asks("stock of a closed year", "GET", path, *PAGE, *STOCK).will_respond_with(200).with_body(
        told([], total=0), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors:
        assert client(sors, http, database=LAST_YEAR).inventory(1).total == 0


def test_pictures_have_addresses(pact: Pact, asks: Asks, http: Http) -> None:
    path = given_value(f"/databases/{HOME}/articles/1/images", f"/databases/{HOME}/articles/${{article_id}}/images")
    asks("the pictures of an article", "GET", path, given=(("an article with pictures", {}),)).will_respond_with(
        200
    ).with_body(
        told([{"position": 1, "url": match.regex("https://api.sors.rs/pictures/1.png", regex=r"^https?://.+\.png$")}]),
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as sors:
        (address,) = client(sors, http).pictures(1)

    assert address.endswith(".png")


def test_pictures_of_an_article_that_is_gone(pact: Pact, asks: Asks, http: Http) -> None:
    asks("the pictures of an article that is gone", "GET", "articles/999999/images").will_respond_with(404).with_body(
        refused("NOT_FOUND"), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as sors, pytest.raises(Refusal) as why:
        client(sors, http).pictures(999_999)

    assert why.value.codes == ("NOT_FOUND",)
