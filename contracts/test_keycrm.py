"""What sync needs from KeyCRM: a key that is checked, stock page by page, and absolute quantities that are taken."""

from __future__ import annotations

from typing import Any

import pytest
from pact import Pact, match

from storelab.contracts.examples import API_KEY, given_value
from storelab.contracts.interactions import EMPTY, JSON, Asks
from storelab.sync.connectors.keycrm import KeyCrm
from storelab.sync.errors import GiveUp, Retry, Skip
from storelab.sync.model import Level
from storelab.sync.transport import Http

PROVIDER = "keycrm"
BEARER = given_value(f"Bearer {API_KEY}", "Bearer ${api_key}")
ASKED = {"within": "/v1", "always": EMPTY, "authorization": BEARER}
WAREHOUSE = 1
EVERY_WAREHOUSE = ("filter[details]", "true")
UNAUTHENTICATED = {"message": match.string("Unauthenticated.")}
TAKEN = {"status": True}


def stock_row(sku: Any = "MUG", quantity: float = 12, reserve: float = 0, **more: Any) -> dict[str, Any]:
    return {
        "id": match.integer(41),
        "sku": sku,
        "quantity": match.number(quantity),
        "reserve": match.number(reserve),
        **more,
    }


def in_warehouse(quantity: float, reserve: float = 0) -> Any:
    return match.each_like({"id": WAREHOUSE, "quantity": match.number(quantity), "reserve": match.number(reserve)})


def page(rows: Any, total: int | None = None) -> dict[str, Any]:
    return {"total": match.integer(1) if total is None else total, "data": rows}


def an_offer(sku: str = "MUG", **arguments: Any) -> tuple[str, dict[str, Any]]:
    return "an offer in stock", {"sku": sku, **arguments}


# -- the key


def test_a_good_key_opens_the_list_of_users(pact: Pact, asks: Asks, http: Http) -> None:
    asks("a look at the users with a good key", "GET", "users").will_respond_with(200).with_body(
        {"data": match.each_like({"id": match.integer(1)})}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as keycrm:
        KeyCrm(str(keycrm.url), API_KEY, http).check()


def test_a_revoked_key_ends_the_connection(pact: Pact, asks: Asks, http: Http) -> None:
    asks("a look at the users with a revoked key", "GET", "users", given=(("a revoked key", {}),)).will_respond_with(
        401
    ).with_body(UNAUTHENTICATED, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm, pytest.raises(GiveUp, match="401"):
        KeyCrm(str(keycrm.url), API_KEY, http).check()


def test_a_key_that_was_never_issued_ends_the_connection(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "a look at the users with a key that was never issued", "GET", "users", authorization="Bearer never-issued"
    ).will_respond_with(401).with_body(UNAUTHENTICATED, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm, pytest.raises(GiveUp, match="401"):
        KeyCrm(str(keycrm.url), "never-issued", http).check()


def test_a_used_up_minute_says_how_long_to_wait(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "a look at the users in a minute that is used up", "GET", "users", given=(("a used up minute", {}),)
    ).will_respond_with(429).with_header("Retry-After", match.regex("60", regex=r"^\d+$")).with_body(
        {"message": match.string("Too Many Attempts.")}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as keycrm, pytest.raises(Retry) as told:
        KeyCrm(str(keycrm.url), API_KEY, http).check()

    assert (told.value.after, told.value.sent) == (60, False)


# -- reading stock


def test_an_empty_account_has_an_empty_page(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "the first page of stock of an empty account", "GET", "offers/stocks", ("limit", "50"), ("page", "1")
    ).will_respond_with(200).with_body(page([], total=0), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm:
        first = KeyCrm(str(keycrm.url), API_KEY, http).page(1)

    assert (first.levels, first.total, first.last) == ((), 0, True)


def test_stock_of_all_warehouses_is_less_its_reserve(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "the first page of stock",
        "GET",
        "offers/stocks",
        ("limit", "50"),
        ("page", "1"),
        given=(an_offer(quantity=12, reserve=3),),
    ).will_respond_with(200).with_body(page([stock_row("MUG", 12, 3)]), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm:
        first = KeyCrm(str(keycrm.url), API_KEY, http).page(1)

    assert first.levels == (Level("MUG", "41", 9, reserve=3),)


def test_stock_of_one_warehouse_comes_with_details(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "the first page of stock with its warehouses",
        "GET",
        "offers/stocks",
        ("limit", "50"),
        ("page", "1"),
        EVERY_WAREHOUSE,
        given=(("two warehouses", {"sku": "MUG", "main": 10, "other": 5}),),
    ).will_respond_with(200).with_body(page([stock_row("MUG", 15, warehouse=in_warehouse(10))]), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm:
        first = KeyCrm(str(keycrm.url), API_KEY, http, warehouse=WAREHOUSE).page(1)

    assert first.levels == (Level("MUG", "41", 10),)


def test_a_long_list_goes_on_until_its_total_is_reached(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "the second page of a long list of stock",
        "GET",
        "offers/stocks",
        ("limit", "50"),
        ("page", "2"),
        given=(("a catalogue", {"size": 60}),),
    ).will_respond_with(200).with_body(
        page(match.type([stock_row(match.string("SKU-000051"))], min=10, max=10), total=60), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as keycrm:
        second = KeyCrm(str(keycrm.url), API_KEY, http).page(2)

    assert (second.total, second.last) == (60, True)


def test_a_first_page_of_many_is_not_the_last(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "the first page of a long list of stock",
        "GET",
        "offers/stocks",
        ("limit", "50"),
        ("page", "1"),
        given=(("a catalogue", {"size": 60}),),
    ).will_respond_with(200).with_body(
        page(match.type([stock_row(match.string("SKU-000001"))], min=50, max=50), total=60), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as keycrm:
        first = KeyCrm(str(keycrm.url), API_KEY, http).page(1)

    assert not first.last


def test_part_of_a_piece_cannot_be_sold(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "stock of something measured in metres",
        "GET",
        "offers/stocks",
        ("limit", "50"),
        ("filter[offers_sku]", "CLOTH"),
        given=(an_offer("CLOTH", quantity=2.7),),
    ).will_respond_with(200).with_body(page([stock_row("CLOTH", 2.7)]), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm:
        (level,) = KeyCrm(str(keycrm.url), API_KEY, http).levels({"CLOTH": ""})

    assert (level.quantity, level.note) == (2, "2.7 was rounded down")


def test_oversold_stock_is_below_zero_and_sells_nothing(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "stock of something oversold",
        "GET",
        "offers/stocks",
        ("limit", "50"),
        ("filter[offers_sku]", "MUG"),
        given=(an_offer(quantity=2, reserve=5),),
    ).will_respond_with(200).with_body(page([stock_row("MUG", 2, 5)]), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm:
        (level,) = KeyCrm(str(keycrm.url), API_KEY, http).levels({"MUG": ""})

    assert (level.quantity, level.reserve) == (0, 5)


def test_stock_is_found_by_sku(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "stock of two SKUs",
        "GET",
        "offers/stocks",
        ("limit", "50"),
        ("filter[offers_sku]", "MUG,CAP"),
        given=(an_offer("MUG", quantity=12), an_offer("CAP", quantity=12)),
    ).will_respond_with(200).with_body(
        page(match.type([stock_row(match.regex("MUG", regex="^(MUG|CAP)$"))], min=2, max=2), total=2), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as keycrm:
        found = KeyCrm(str(keycrm.url), API_KEY, http).levels({"MUG": "", "CAP": ""})

    assert {level.quantity for level in found} == {12}


def test_stock_is_found_by_offer(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "stock of an offer by its id",
        "GET",
        "offers/stocks",
        ("limit", "50"),
        ("filter[offers_id]", given_value("41", "${offer_id}")),
        EVERY_WAREHOUSE,
        given=(an_offer(quantity=12),),
    ).will_respond_with(200).with_body(page([stock_row("MUG", 12, warehouse=in_warehouse(12))]), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm:
        found = KeyCrm(str(keycrm.url), API_KEY, http, warehouse=WAREHOUSE).levels({"MUG": "41"})

    assert found == (Level("MUG", "41", 12),)


def test_an_unknown_sku_has_no_row(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "stock of an unknown SKU", "GET", "offers/stocks", ("limit", "50"), ("filter[offers_sku]", "NOBODY")
    ).will_respond_with(200).with_body(page([], total=0), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm:
        assert KeyCrm(str(keycrm.url), API_KEY, http).levels({"NOBODY": ""}) == ()


def test_an_account_as_seen_live_names_the_reserve_alike(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "stock in an account that answers as seen live",
        "GET",
        "offers/stocks",
        ("limit", "50"),
        ("page", "1"),
        given=(("an observed account", {}), an_offer(quantity=12, reserve=3)),
    ).will_respond_with(200).with_body(page([stock_row("MUG", 12, 3)]), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm:
        (level,) = KeyCrm(str(keycrm.url), API_KEY, http).page(1).levels

    assert (level.quantity, level.reserve) == (9, 3)


def test_no_stock_is_told_with_a_revoked_key(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "a page of stock with a revoked key",
        "GET",
        "offers/stocks",
        ("limit", "50"),
        ("page", "1"),
        given=(("a revoked key", {}),),
    ).will_respond_with(401).with_body(UNAUTHENTICATED, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm, pytest.raises(GiveUp):
        KeyCrm(str(keycrm.url), API_KEY, http).page(1)


# -- writing stock


def stocks(*rows: tuple[str, int], warehouse: int = WAREHOUSE) -> dict[str, Any]:
    return {"warehouse_id": warehouse, "stocks": [{"sku": sku, "quantity": quantity} for sku, quantity in rows]}


@pytest.mark.parametrize(
    ("what", "rows", "given"),
    [
        ("a quantity of one SKU", (("MUG", 7),), (an_offer(),)),
        ("quantities of two SKUs", (("MUG", 7), ("CAP", 0)), (an_offer("MUG"), an_offer("CAP"))),
        ("the quantity that is there already", (("MUG", 10),), (an_offer(quantity=10),)),
        ("a quantity of an unknown SKU", (("NOBODY", 7),), ()),
        ("a quantity of a variant", (("SHIRT-M", 4),), (("a product with variants", {}),)),
    ],
    ids=["one", "two", "unchanged", "unknown", "variant"],
)
def test_quantities_are_taken(
    pact: Pact, asks: Asks, http: Http, what: str, rows: tuple[tuple[str, int], ...], given: Any
) -> None:
    asks(what, "PUT", "offers/stocks", body=stocks(*rows), given=given).will_respond_with(202).with_body(
        TAKEN, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as keycrm:
        refused = KeyCrm(str(keycrm.url), API_KEY, http, warehouse=WAREHOUSE).push([(s, "", q) for s, q in rows])

    assert refused == {}


def test_an_unknown_warehouse_is_refused_as_a_whole(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "a quantity in a warehouse that does not exist",
        "PUT",
        "offers/stocks",
        body=stocks(("MUG", 7), warehouse=999_999),
        given=(an_offer(),),
    ).will_respond_with(422).with_body(
        {
            "message": match.string("The given data was invalid."),
            "errors": {"warehouse_id": match.each_like(match.string("The selected warehouse id is invalid."))},
        },
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as keycrm, pytest.raises(Skip) as refused:
        KeyCrm(str(keycrm.url), API_KEY, http, warehouse=999_999).push([("MUG", "", 7)])

    assert refused.value.status == 422


def test_a_bad_row_is_named(pact: Pact, asks: Asks, http: Http) -> None:
    long = "X" * 256
    asks(
        "a quantity of a SKU that is too long",
        "PUT",
        "offers/stocks",
        body=stocks(("MUG", 7), (long, 1)),
        given=(an_offer(),),
    ).will_respond_with(422).with_body(
        {
            "message": match.string("The given data was invalid."),
            "errors": {"stocks.1.sku": match.each_like(match.string("must not be greater than 255 characters"))},
        },
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as keycrm:
        refused = KeyCrm(str(keycrm.url), API_KEY, http, warehouse=WAREHOUSE).push([("MUG", "", 7), (long, "", 1)])

    assert list(refused) == [long]


def test_nothing_is_taken_in_a_used_up_minute(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "a quantity in a minute that is used up",
        "PUT",
        "offers/stocks",
        body=stocks(("MUG", 7)),
        given=(an_offer(), ("a used up minute", {})),
    ).will_respond_with(429).with_header("Retry-After", match.regex("60", regex=r"^\d+$")).with_body(
        {"message": match.string("Too Many Attempts.")}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as keycrm, pytest.raises(Retry) as told:
        KeyCrm(str(keycrm.url), API_KEY, http, warehouse=WAREHOUSE).push([("MUG", "", 7)])

    assert not told.value.sent


def test_nothing_is_taken_with_a_revoked_key(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "a quantity with a revoked key",
        "PUT",
        "offers/stocks",
        body=stocks(("MUG", 7)),
        given=(an_offer(), ("a revoked key", {})),
    ).will_respond_with(401).with_body(UNAUTHENTICATED, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as keycrm, pytest.raises(GiveUp):
        KeyCrm(str(keycrm.url), API_KEY, http, warehouse=WAREHOUSE).push([("MUG", "", 7)])
