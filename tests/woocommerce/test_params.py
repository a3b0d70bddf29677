"""Parameters are read, refused and cleaned the way WordPress does it."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

import pytest

from storelab.emulators.kernel import Request
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.http import DEEPEST
from storelab.emulators.kernel.operations import Document
from storelab.emulators.woocommerce import params, php
from storelab.emulators.woocommerce.errors import WooError
from storelab.emulators.woocommerce.params import Params

from .shop import Shop

API = "/wp-json/wc/v3"


@cache
def document() -> Document:
    return Document(load_document("woocommerce"), None)


def read(method: str, path: str, query: str = "", body: Any = None, kind: str = "application/json") -> Params:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    headers = {"content-type": kind} if raw else {}
    request = Request(method, f"{API}/{path}", "https://shop", query, headers, raw)
    match = document().match(method, request.path)
    assert match.operation is not None
    found: Params = params.read(request, match.operation, match.path_params)["params"]
    return found


def refused(
    method: str, path: str, query: str = "", body: Any = None, kind: str = "application/json"
) -> dict[str, Any]:
    with pytest.raises(WooError) as refusal:
        read(method, path, query, body, kind)
    return refusal.value.body


# ---------------------------------------------------------------------------------------------- reading


def test_defaults_are_filled_in_and_what_was_sent_is_known() -> None:
    read_ = read("GET", "products", "search=mug&page=2")

    assert (read_["page"], read_["per_page"], read_["orderby"], read_["search"]) == (2, 10, "date", "mug")
    assert read_.sent == {"search", "page"}


def test_a_create_has_the_defaults_that_an_update_has_not() -> None:
    assert read("POST", "products", body={"name": "Mug"})["type"] == "simple"
    assert "type" not in read("PUT", "products/7", body={"name": "Mug"})


@pytest.mark.parametrize(
    "query", ["include=3,5", "include[]=3&include[]=5", "include[0]=3&include[1]=5", "include=3%205"]
)
def test_a_list_comes_in_many_spellings(query: str) -> None:
    assert read("GET", "products", query)["include"] == [3, 5]


def test_a_list_of_ids_is_cleaned_and_never_refused() -> None:
    assert read("GET", "products", "include=abc,-4,4")["include"] == [0, 4]


def test_the_id_of_the_path_is_a_number_and_a_huge_one_the_largest() -> None:
    assert read("GET", "products/12")["id"] == 12
    assert read("GET", "products/99999999999999999999")["id"] == 2**63 - 1


def test_the_body_outranks_the_query_and_both_the_path() -> None:
    read_ = read("PUT", "products/7", "name=query&sku=S", {"name": "body", "id": 8})

    assert (read_["name"], read_["sku"], read_["id"]) == ("body", "S", 8)


def test_a_form_is_read_like_json() -> None:
    form = b"name=Mug&regular_price=5&manage_stock=true&stock_quantity=7&meta_data[0][key]=k&categories[][id]=9"

    read_ = read("POST", "products", body=form, kind="application/x-www-form-urlencoded")

    assert (read_["name"], read_["regular_price"], read_["manage_stock"], read_["stock_quantity"]) == (
        "Mug",
        "5",
        True,
        7,
    )
    assert read_["meta_data"] == [{"key": "k"}]
    assert read_["categories"] == [{"id": 9}]


def test_an_object_with_numbers_for_keys_is_a_list() -> None:
    """What PHP writes of a list that lost a member."""
    lines = read("POST", "orders", body={"line_items": {"0": {"sku": "A"}, "2": {"sku": "B"}}})["line_items"]

    assert [line["sku"] for line in lines] == ["A", "B"]
    assert refused("POST", "orders", body={"line_items": {"0": {}, "x": {}}})["message"].endswith("line_items")


def test_a_multipart_form_is_read_too() -> None:
    form = (
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nTasse \xc3\xbc\r\n'
        b'--x\r\nContent-Disposition: form-data; name="tags[0][name]"\r\n\r\nnew\r\n'
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n...\r\n--x--\r\n'
    )

    read_ = read("POST", "products", body=form, kind="multipart/form-data; boundary=x")

    assert (read_["name"], read_["tags"], "f" in read_) == ("Tasse \xfc", [{"name": "new"}], False)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"null", "application/json"),
        (b"[1,2]", "application/json"),
        (b'{"name":"x"}', "text/plain"),
        (b'{"name":"x"}', "text/x+json"),
    ],
)
def test_a_body_that_says_nothing_leaves_the_defaults(body: bytes, kind: str) -> None:
    assert read("POST", "products", body=body, kind=kind).get("name") is None


@pytest.mark.parametrize(
    "kind", ["application/vnd.api+json", "application/json+oembed", "Application/JSON;charset=UTF-8"]
)
def test_json_has_more_than_one_name(kind: str) -> None:
    assert read("POST", "products", body={"name": "Mug"}, kind=kind)["name"] == "Mug"


@pytest.mark.parametrize(
    ("method", "kind", "name"),
    [("PUT", "", "Mug"), ("PATCH", "form", "Mug"), ("POST", "", None), ("PUT", "text/plain", None)],
)
def test_a_body_without_a_type_is_a_form_but_in_a_post(method: str, kind: str, name: str | None) -> None:
    path = "products" if method == "POST" else "products/8"

    assert read(method, path, body=b"name=Mug", kind=kind).get("name") == name


def test_what_the_route_does_not_know_is_kept_as_it_came() -> None:
    assert read("PUT", "webhooks/3", body={"delivery_url": "https://x", "odd": [1]})["odd"] == [1]


def test_items_of_a_batch_are_taken_as_they_are() -> None:
    read_ = Params.unchecked({"regular_price": 5, "status": "zzz"}, product_id=4)

    assert (read_["regular_price"], read_["status"], read_["product_id"], read_.checked) == (5, "zzz", 4, False)
    assert read_.sent == {"regular_price", "status"}


def test_a_batch_itself_is_not_checked() -> None:
    assert read("POST", "products/batch", body={"create": "x", "status": "zzz"})["create"] == "x"


# ---------------------------------------------------------------------------------------------- cleaning


@pytest.mark.parametrize(("sent", "kept"), [("7", 7), (2.0, 2), (7, 7), (None, 0), ("1e2", 100), (" 5", 5)])
def test_whole_numbers_come_in_many_spellings(sent: Any, kept: int) -> None:
    assert read("POST", "products", body={"stock_quantity": sent})["stock_quantity"] == kept


@pytest.mark.parametrize(("sent", "kept"), [("true", True), ("FALSE", False), ("0", False), (1, True), (None, False)])
def test_booleans_come_in_many_spellings(sent: Any, kept: bool) -> None:
    assert read("POST", "products", body={"featured": sent})["featured"] is kept


def test_null_is_an_empty_text_except_where_null_is_allowed() -> None:
    read_ = read("POST", "products", body={"name": None, "date_on_sale_from": None, "low_stock_amount": None})

    assert (read_["name"], read_["date_on_sale_from"], read_["low_stock_amount"]) == ("", None, None)


def test_an_empty_text_is_an_empty_object_and_an_empty_list() -> None:
    read_ = read("POST", "products", body={"dimensions": "", "categories": ""})

    assert (read_["dimensions"], read_["categories"]) == ({}, [])


# ---------------------------------------------------------------------------------------------- refusing


@pytest.mark.parametrize("sent", [2.5, "1.5", "", "abc", [1], {}, True])
def test_what_is_no_whole_number_is_refused(sent: Any) -> None:
    assert refused("POST", "products", body={"stock_quantity": sent})["data"]["params"] == {
        "stock_quantity": "stock_quantity is not of type integer."
    }


def test_a_number_is_no_text() -> None:
    assert refused("POST", "products", body={"regular_price": 19.99}) == {
        "code": "rest_invalid_param",
        "message": "Invalid parameter(s): regular_price",
        "data": {
            "status": 400,
            "params": {"regular_price": "regular_price is not of type string."},
            "details": {
                "regular_price": {
                    "code": "rest_invalid_type",
                    "message": "regular_price is not of type string.",
                    "data": {"param": "regular_price"},
                }
            },
        },
    }


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("products", "per_page=0", "per_page must be between 1 (inclusive) and 100 (inclusive)"),
        ("products", "per_page=101", "per_page must be between 1 (inclusive) and 100 (inclusive)"),
        ("products", "page=0", "page must be greater than or equal to 1"),
        ("products", "page=abc", "page is not of type integer."),
        ("products", "order=ASC", "order is not one of asc and desc."),
        ("products", "type=bad", "type is not one of simple, grouped, external, and variable."),
        ("products", "featured=zz", "featured is not of type boolean."),
        ("products", "after=notadate", "Invalid date."),
        ("products", "after=2020-01-01", "Invalid date."),
        ("products", "search[]=a", "search is not of type string."),
        ("customers", "email=nope", "Invalid email address."),
    ],
)
def test_a_query_is_refused_in_wordpress_words(path: str, query: str, message: str) -> None:
    assert list(refused("GET", path, query)["data"]["params"].values()) == [message]


@pytest.mark.parametrize(
    "moment",
    [
        "2020-01-01T00:00:00",
        "2020-01-01T00:00:00Z",
        "2020-01-01T00:00:00%2B02:00",
        "2020-01-01%2000:00:00",
        "2020-01-01T00:00:00.000Z",
    ],
)
def test_moments_that_wordpress_accepts(moment: str) -> None:
    assert read("GET", "products", f"after={moment}")["after"].startswith("2020-01-01")


def test_all_that_is_wrong_is_named_in_the_order_of_the_route() -> None:
    body = refused("POST", "products", body={"stock_quantity": "z", "status": "bad", "name": "x", "type": "bad"})

    assert body["message"] == "Invalid parameter(s): type, status, stock_quantity"


def test_the_list_of_choices_is_named_with_its_doubles() -> None:
    text = refused("GET", "products", "orderby=bad")["data"]["params"]["orderby"]

    assert text.endswith("random, popularity, rating, menu_order, price, popularity, and rating.")


def test_what_is_wrong_inside_is_named_with_its_place() -> None:
    body = refused("POST", "orders", body={"line_items": [{"product_id": 1}, {"quantity": 1.5}]})

    assert body["data"]["params"] == {"line_items": "line_items[1][quantity] is not of type integer."}


def test_several_types_are_named_together() -> None:
    body = refused("POST", "products/4/variations", body={"low_stock_amount": "x", "manage_stock": []})

    assert body["data"]["params"] == {
        "manage_stock": "manage_stock is not of type boolean,string.",
        "low_stock_amount": "low_stock_amount is not of type integer,null.",
    }


def test_what_is_missing_is_named_before_anything_is_checked() -> None:
    assert refused("POST", "webhooks", body={"status": "zzz"}) == {
        "code": "rest_missing_callback_param",
        "message": "Missing parameter(s): topic, delivery_url",
        "data": {"status": 400, "params": ["topic", "delivery_url"]},
    }


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b'{"name": "x"', 4, "Syntax error"),
        (b'{"name":"x",}', 4, "Syntax error"),
        (b'{"name":NaN}', 4, "Syntax error"),
        (b'\xef\xbb\xbf{"name":"x"}', 4, "Syntax error"),
        (b" ", 4, "Syntax error"),
        (b'{"name":"two\nlines"}', 3, "Control character error, possibly incorrectly encoded"),
        (gzip.compress(b'{"name":"x"}'), 3, "Control character error, possibly incorrectly encoded"),
        (b'{"name":"\xff"}', 5, "Malformed UTF-8 characters, possibly incorrectly encoded"),
        (b'{"name":"\\ud83d"}', 10, "Single unpaired high surrogate in Unicode escape"),
        (b'{"a":' * 10_000, 1, "Maximum stack depth exceeded"),
        (b"[" * 241 + b"]" * 241, 1, "Maximum stack depth exceeded"),
        (b"[]" * 513, 4, "Syntax error"),
    ],
    ids=["cut", "comma", "nan", "bom", "blank", "line", "gzip", "utf8", "surrogate", "deep", "too deep", "not deep"],
)
def test_a_body_that_is_no_json_is_refused_with_phps_reason(body: bytes, code: int, words: str) -> None:
    assert refused("POST", "products", body=body) == {
        "code": "rest_invalid_json",
        "message": "Invalid JSON body passed.",
        "data": {"status": 400, "json_error_code": code, "json_error_message": words},
    }


# ---------------------------------------------------------------------------------------------- PHP


def test_fields_nest_as_in_php() -> None:
    pairs = [
        ("a[]", "1"),
        ("a[]", "2"),
        ("b[x][y]", "1"),
        ("c", "1"),
        ("c", "2"),
        ("d.e f", "1"),
        ("s[1]", "k"),
        ("g[h", "1"),
        ("", "1"),
        (" [i]", "1"),
    ]

    assert php.nested(pairs) == {
        "a": ["1", "2"],
        "b": {"x": {"y": "1"}},
        "c": "2",
        "d_e_f": "1",
        "s": ["k"],
        "g_h": "1",
    }


def test_links_are_written_as_wordpress_writes_them() -> None:
    query = {
        "exclude": [35],
        "featured": False,
        "dates_are_gmt": True,
        "search": "",
        "after": "2020-01-01T00:00:00+02:00",
    }

    assert php.query({**query, "page": 2}) == (
        "exclude%5B0%5D=35&dates_are_gmt=1&search&after=2020-01-01T00%3A00%3A00+02%3A00&page=2"
    )


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("12abc", 12),
        ("abc", 0),
        ("-3.9", -3),
        ("1e3", 1000),
        (True, 1),
        (None, 0),
        ([], 0),
        ([0], 1),
        (float("inf"), 0),
    ],
)
def test_numbers_are_read_from_the_front(sent: Any, number: int) -> None:
    assert php.integer(sent) == number


@pytest.mark.parametrize("made", ["products/tags", "products"])
def test_no_offset_at_all_outranks_the_page_of_posts_alone(shop: Shop, made: str) -> None:
    first, second = (shop.post(made, {"name": name})["id"] for name in ("A", "B"))

    (told,) = shop.get(made, offset=0, page=2, per_page=1, orderby="id", order="asc")

    assert told["id"] == (first if made == "products" else second)


@pytest.mark.parametrize(("made", "page"), [("products/tags", 2), ("products", 1)])
def test_links_to_other_pages_count_from_the_offset_but_for_posts(shop: Shop, made: str, page: int) -> None:
    for name in ("A", "B", "C"):
        shop.post(made, {"name": name})

    links = shop.call("GET", made, offset=1, per_page=1).headers["Link"]

    assert f'page={page + 1}>; rel="next"' in links
    assert ('rel="prev"' in links) is (page > 1)


def test_attributes_are_one_page_even_where_there_is_none(shop: Shop) -> None:
    told = shop.call("GET", "products/attributes", slug="pa_color")

    assert (told.json(), told.headers["X-WP-Total"], told.headers["X-WP-TotalPages"]) == ([], "0", "1")


@pytest.mark.parametrize("query", ["_fields[a][b]=id", "_fields[][]=id", "_fields[0]=id&_fields[1][x]=1"])
def test_fields_that_are_lists_of_lists_are_no_names(shop: Shop, query: str) -> None:
    shop.product("MUG")

    (row,) = shop.get(f"products?{query}")

    assert "id" in row


def test_a_number_beyond_64_bits_is_a_float_as_in_php(shop: Shop) -> None:
    answer = shop.post("products/batch", {"update": [{"id": -(10**30)}, {"id": 10**400}]})

    assert [row["id"] for row in answer["update"]] == [-1e30, 1.7976931348623157e308]
    assert {row["error"]["code"] for row in answer["update"]} == {"woocommerce_rest_product_invalid_id"}


def test_as_deep_as_a_body_may_go_it_is_kept_and_comes_back(shop: Shop) -> None:
    levels = DEEPEST - 3  # an object, its list of fields, a field
    deep = json.loads("[" * levels + "]" * levels)

    made = shop.post("products", {"name": "Mug", "meta_data": [{"key": "deep", "value": deep}]})

    (listed,) = shop.get("products", include=made["id"])
    assert listed["meta_data"][0]["value"] == deep
