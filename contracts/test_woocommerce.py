"""What sync needs from the store: products and variations page by page, read again before a write, written in bulk.

The contract speaks as behind a proxy that ends the encryption: see `contracts/store.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pact import Pact, match

from storelab.contracts.examples import CONSUMER_KEY, CONSUMER_SECRET, given_value
from storelab.contracts.interactions import JSON, Asks
from storelab.contracts.store import API, MUG, SHIRT, at, basic
from storelab.sync.errors import GiveUp, Skip
from storelab.sync.model import Item
from storelab.sync.woocommerce import FIELDS, MARK, Store, Write

PROVIDER = "woocommerce"
PAGE = [("per_page", "100"), ("page", "1"), ("orderby", "id"), ("order", "asc"), ("_fields", FIELDS)]
LISTED = [("per_page", "100"), ("orderby", "id"), ("order", "asc")]


def listed(*rows: dict[str, Any]) -> Any:
    return list(rows)


def row(sku: Any = "MUG", id: int = 11, **fields: Any) -> dict[str, Any]:
    """A product as sync reads it: `manage_stock` and `type` decide, so they are exact."""
    return {
        "id": match.integer(id),
        "type": "simple",
        "sku": sku,
        "parent_id": 0,
        "manage_stock": True,
        "stock_quantity": match.integer(12),
        **fields,
    }


def variation(sku: str, id: int) -> dict[str, Any]:
    return row(sku, id, type="variation", parent_id=match.integer(20), stock_quantity=match.integer(5))


def refused(code: str) -> dict[str, Any]:
    return {"code": code, "message": match.string("why"), "data": {"status": match.integer(400)}}


def gone(id: int) -> dict[str, Any]:
    return {"id": id, "error": {"code": match.string("invalid_id"), "message": match.string("Invalid ID.")}}


# -- the keys


def test_good_keys_read_and_write(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store(
        "one product, to try the keys", "GET", "products", ("per_page", "1"), ("_fields", "id")
    ).will_respond_with(200).with_body(listed(), content_type=JSON)
    asks_store(
        "an empty batch, to try whether the keys may write", "POST", "products/batch", body={}
    ).will_respond_with(200)

    with pact.serve(addr="127.0.0.1") as shop:
        store(shop).check()


def test_an_unknown_key_looks_like_a_lost_header_and_is_refused(
    pact: Pact, asks_store: Asks, store: Callable[..., Store]
) -> None:
    one = [("per_page", "1"), ("_fields", "id")]
    unknown = basic("ck_unknown", "cs_unknown")
    keys = [("consumer_key", "ck_unknown"), ("consumer_secret", "cs_unknown")]
    asks_store(
        "one product with a key that was never issued", "GET", "products", *one, authorization=unknown
    ).will_respond_with(401).with_body(refused("woocommerce_rest_cannot_view"), content_type=JSON)
    asks_store(
        "the same with the key in the query", "GET", "products", *one, *keys, authorization=None
    ).will_respond_with(401)

    with pact.serve(addr="127.0.0.1") as shop, pytest.raises(GiveUp, match="401"):
        store(shop, "ck_unknown", "cs_unknown").check()


def test_a_wrong_secret_is_refused(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    keys = [("consumer_key", given_value(CONSUMER_KEY, "${consumer_key}")), ("consumer_secret", "cs_wrong")]
    asks_store(
        "a page of products with a wrong secret", "GET", "products", *PAGE, *keys, authorization=None
    ).will_respond_with(401).with_body(refused("woocommerce_rest_authentication_error"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop, pytest.raises(GiveUp, match="authentication_error"):
        store(shop, secret="cs_wrong", mode="query").products(1)


def test_keys_that_only_read_cannot_write(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store(
        "an empty batch with keys that may only read",
        "POST",
        "products/batch",
        given=(("an API key", {"permissions": "read"}),),
        body={},
    ).will_respond_with(401).with_body(refused("woocommerce_rest_authentication_error"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop, pytest.raises(GiveUp, match="401"):
        store(shop).call("POST", "/products/batch", [], {})


def test_where_the_header_is_lost_the_keys_go_into_the_query(
    pact: Pact, asks_store: Asks, store: Callable[..., Store]
) -> None:
    keys = [
        ("consumer_key", given_value(CONSUMER_KEY, "${consumer_key}")),
        ("consumer_secret", given_value(CONSUMER_SECRET, "${consumer_secret}")),
    ]
    asks_store("a page of products, keys in the query", "GET", "products", *PAGE, *keys, given=MUG, authorization=None)\
        .will_respond_with(200).with_header("X-WP-Total", "1").with_body(listed(row()), content_type=JSON)  # fmt: skip

    with pact.serve(addr="127.0.0.1") as shop:
        assert store(shop, mode="query").products(1).total == 1


def test_without_keys_nothing_is_told(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store("a page of products without any keys", "GET", "products", *PAGE, authorization=None).will_respond_with(
        401
    ).with_body(refused("woocommerce_rest_cannot_view"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop:
        made = store(shop)
        answer = made.http.send("GET", f"{made.url}{API}/products", params=PAGE)

    assert answer.status == 401
    assert b"woocommerce_rest_cannot" in answer.body  # what sync takes for a lost header


# -- reading


def test_an_empty_store_has_an_empty_page(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store("a page of products of an empty store", "GET", "products", *PAGE).will_respond_with(200).with_header(
        "X-WP-Total", "0"
    ).with_body(listed(), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop:
        page = store(shop).products(1)

    assert (page.items, page.total, page.last) == ((), 0, True)


def test_a_page_of_products(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store("a page of products", "GET", "products", *PAGE, given=MUG).will_respond_with(200).with_header(
        "X-WP-Total", "1"
    ).with_body(listed(row()), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop:
        page = store(shop).products(1)

    assert page.items == (Item("MUG", 11, 0, 12, "yes"),)


def test_a_store_of_many_products_has_more_pages(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store(
        "the first page of 120 products", "GET", "products", *PAGE, given=(("a catalogue", {"size": 120}),)
    ).will_respond_with(200).with_header("X-WP-Total", "120").with_body(
        match.type([row(match.string("P-000001"))], min=100, max=100), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as shop:
        page = store(shop).products(1)

    assert (page.total, page.last) == (120, False)


def test_the_last_page_holds_the_rest(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    query = [("per_page", "100"), ("page", "2"), ("orderby", "id"), ("order", "asc"), ("_fields", FIELDS)]
    asks_store(
        "the second page of 120 products", "GET", "products", *query, given=(("a catalogue", {"size": 120}),)
    ).will_respond_with(200).with_header("X-WP-Total", "120").with_body(
        match.type([row(match.string("P-000101"))], min=20, max=20), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as shop:
        assert store(shop).products(2).last


def test_a_product_whose_stock_is_not_counted_says_so(
    pact: Pact, asks_store: Asks, store: Callable[..., Store]
) -> None:
    asks_store(
        "a page with a product that is not counted",
        "GET",
        "products",
        *PAGE,
        given=(("a catalogue", {"size": 1, "counted": False}),),
    ).will_respond_with(200).with_header("X-WP-Total", "1").with_body(
        listed(row("P-000001", manage_stock=False, stock_quantity=None)), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as shop:
        (item,) = store(shop).products(1).items

    assert (item.managed, item.quantity) == ("no", None)


def test_variations_of_all_products_come_in_bulk(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store("a page of variations of all products", "GET", "variations", *PAGE, given=SHIRT).will_respond_with(
        200
    ).with_header("X-WP-Total", "2").with_body(
        listed(variation("SHIRT-S", 21), variation("SHIRT-M", 22)), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as shop:
        page = store(shop).variations(1)

    assert page.items == (Item("SHIRT-S", 21, 20, 5, "yes"), Item("SHIRT-M", 22, 20, 5, "yes"))


def test_a_store_without_variations_has_an_empty_page_of_them(
    pact: Pact, asks_store: Asks, store: Callable[..., Store]
) -> None:
    asks_store("a page of variations of a store without any", "GET", "variations", *PAGE, given=MUG).will_respond_with(
        200
    ).with_header("X-WP-Total", "0").with_body(listed(), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop:
        assert store(shop).variations(1).items == ()


@pytest.mark.parametrize(
    ("what", "skus", "given", "rows", "found"),
    [
        ("products with one SKU", ["MUG"], MUG, [row()], {"MUG"}),
        ("a variation by its SKU", ["SHIRT-M"], SHIRT, [variation("SHIRT-M", 22)], {"SHIRT-M"}),
        (
            "products with either of two SKUs",
            ["MUG", "CAP"],
            (*MUG, ("a product in stock", {"sku": "CAP", "quantity": 12})),
            [row("MUG"), row("CAP", 12)],
            {"MUG", "CAP"},
        ),
        ("products with an unknown SKU", ["NOBODY"], MUG, [], set()),
    ],
    ids=["one", "variation", "two", "unknown"],
)
def test_products_are_found_by_sku(
    pact: Pact,
    asks_store: Asks,
    store: Callable[..., Store],
    what: str,
    skus: list[str],
    given: Any,
    rows: Any,
    found: set[str],
) -> None:
    query = [("sku", ",".join(skus)), *LISTED, ("_fields", FIELDS)]
    asks_store(what, "GET", "products", *query, given=given).will_respond_with(200).with_body(rows, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop:
        assert {item.sku for item in store(shop).by_sku(skus)} == found


def test_a_product_is_read_again_with_its_own_fields(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    query = [("include", given_value("11", "${MUG}")), *LISTED, ("_fields", f"{FIELDS},meta_data")]
    asks_store("a product once more", "GET", "products", *query, given=MUG).will_respond_with(200).with_body(
        listed(row(meta_data=[])), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as shop:
        found = store(shop).again([11], variations=False)

    assert (found[11].item.quantity, found[11].mark) == (12, "")


def test_a_variation_is_read_again(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    query = [("include", given_value("22", "${SHIRT-M}")), *LISTED, ("_fields", f"{FIELDS},meta_data")]
    asks_store("a variation once more", "GET", "variations", *query, given=SHIRT).will_respond_with(200).with_body(
        listed({**variation("SHIRT-M", 22), "meta_data": []}), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as shop:
        assert store(shop).again([22], variations=True)[22].item.parent == 20


def test_a_product_that_is_gone_is_not_in_the_answer(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    query = [("include", "999999"), *LISTED, ("_fields", f"{FIELDS},meta_data")]
    asks_store("a product that is gone once more", "GET", "products", *query, given=MUG).will_respond_with(
        200
    ).with_body(listed(), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop:
        assert store(shop).again([999_999], variations=False) == {}


# -- writing


def written(id: Any, quantity: int, mark: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "stock_quantity": quantity, **more, "meta_data": [{"key": MARK, "value": mark}]}


def test_stock_of_products_is_written_in_bulk(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store(
        "stock of a product",
        "POST",
        "products/batch",
        given=MUG,
        body={"update": [written(given_value(11, "${MUG}"), 7, "con-1-0")]},
    ).will_respond_with(200).with_body(
        {
            "update": [
                {
                    "id": match.integer(11),
                    "stock_quantity": 7,
                    "meta_data": match.each_like({"key": MARK, "value": "con-1-0"}),
                }
            ]
        },
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as shop:
        assert store(shop).write(0, [Write(11, 7, "con-1-0")]) == {}


def test_counting_can_be_switched_on_with_the_write(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store(
        "stock of a product, counted from now on",
        "POST",
        "products/batch",
        given=MUG,
        body={"update": [written(given_value(11, "${MUG}"), 7, "con-1-1", manage_stock=True)]},
    ).will_respond_with(200).with_body(
        {"update": [{"id": match.integer(11), "manage_stock": True, "stock_quantity": 7}]}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as shop:
        assert store(shop).write(0, [Write(11, 7, "con-1-1", manage=True)]) == {}


def test_a_row_that_fails_is_an_error_in_its_place(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store(
        "stock of a product and of one that is gone",
        "POST",
        "products/batch",
        given=MUG,
        body={"update": [written(given_value(11, "${MUG}"), 7, "con-1-2"), written(999_999, 3, "con-1-3")]},
    ).will_respond_with(200).with_body(
        {
            "update": [
                {"id": match.integer(11), "stock_quantity": 7},
                gone(999_999),
            ]
        },
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as shop:
        failed = store(shop).write(0, [Write(11, 7, "con-1-2"), Write(999_999, 3, "con-1-3")])

    assert list(failed) == [999_999]


def test_stock_of_variations_is_written_in_bulk_for_one_product(
    pact: Pact, asks_store: Asks, store: Callable[..., Store]
) -> None:
    asks_store(
        "stock of a variation",
        "POST",
        at("/products/20/variations/batch", "/products/${SHIRT}/variations/batch"),
        given=SHIRT,
        body={"update": [written(given_value(22, "${SHIRT-M}"), 4, "con-1-4")]},
    ).will_respond_with(200).with_body({"update": [{"id": match.integer(22), "stock_quantity": 4}]}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop:
        assert store(shop).write(20, [Write(22, 4, "con-1-4")]) == {}


def test_a_variation_that_is_gone_is_an_error_in_its_place(
    pact: Pact, asks_store: Asks, store: Callable[..., Store]
) -> None:
    asks_store(
        "stock of a variation that is gone",
        "POST",
        at("/products/20/variations/batch", "/products/${SHIRT}/variations/batch"),
        given=SHIRT,
        body={"update": [written(999_999, 4, "con-1-5")]},
    ).will_respond_with(200).with_body(
        {"update": [gone(999_999)]},
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as shop:
        assert list(store(shop).write(20, [Write(999_999, 4, "con-1-5")])) == [999_999]


def test_more_than_a_hundred_rows_are_refused_as_a_whole(
    pact: Pact, asks_store: Asks, store: Callable[..., Store]
) -> None:
    rows = [{"id": n} for n in range(1, 102)]
    asks_store("a batch of 101 rows", "POST", "products/batch", body={"update": rows}).will_respond_with(413).with_body(
        refused("woocommerce_rest_request_entity_too_large"), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as shop, pytest.raises(Skip) as whole:
        store(shop).call("POST", "/products/batch", [], {"update": rows})

    assert whole.value.status == 413
