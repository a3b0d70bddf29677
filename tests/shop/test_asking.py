"""How a backend's worker asks a store: what goes out, and what becomes of each answer. No store is needed."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from woocommerce.oauth import OAuth

from storelab.emulators.kernel import Answer, Outgoing
from storelab.emulators.kernel.clock import parsed
from storelab.emulators.shop import Shop, ShopRefused, ShopSilent, signed

NOW = parsed("2026-03-02T08:00:00Z")


class Far:
    """A far end that answers what it is told to, in order, and keeps what it was sent."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.got: list[Outgoing] = []

    async def send(self, outgoing: Outgoing) -> Answer:
        self.got.append(outgoing)
        return self.answers.pop(0)

    def shop(self, url: str = "https://shop.example", **more: Any) -> Shop:
        numbers = iter(range(100))
        return Shop(
            url,
            "ck_key",
            "cs_secret",
            self.send,
            agent="Acme/1.0",
            now=lambda: NOW,
            nonce=lambda: f"n{next(numbers)}",
            **more,
        )


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(status, named, body if isinstance(body, bytes) else json.dumps(body).encode())


def page(ids: list[int], total: int, pages: int) -> Answer:
    return answer(200, [{"id": id} for id in ids], X_WP_Total=str(total), X_WP_TotalPages=str(pages))


def query_of(outgoing: Outgoing) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(outgoing.url).query, keep_blank_values=True))


STRANGER = answer(401, {"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list resources."})


def test_over_https_the_key_is_in_the_header() -> None:
    far = Far(answer(200, []))

    asyncio.run(
        far.shop("https://shop.example/").rows("/products", per_page=5, _fields="id,sku", parent=None, sale=True)
    )

    sent = far.got[0]
    assert sent.url == "https://shop.example/wp-json/wc/v3/products?per_page=5&_fields=id,sku&sale=true"
    assert dict(sent.headers)["Authorization"] == "Basic " + base64.b64encode(b"ck_key:cs_secret").decode()
    assert dict(sent.headers)["User-Agent"] == "Acme/1.0"
    assert (sent.redirects, sent.timeout) == (0, 30)


def test_over_http_every_request_is_signed_anew_and_holds_no_secret() -> None:
    far = Far(answer(200, []), answer(200, []))
    shop = far.shop("http://shop.example")

    asyncio.run(shop.rows("/orders", search="a b&c"))
    asyncio.run(shop.rows("/orders", search="a b&c"))

    first, second = map(query_of, far.got)
    assert (first["search"], first["oauth_consumer_key"], first["oauth_nonce"]) == ("a b&c", "ck_key", "n0")
    assert second["oauth_nonce"] == "n1"
    assert first["oauth_signature"] != second["oauth_signature"]
    assert "cs_secret" not in str(far.got)
    assert "Authorization" not in dict(far.got[0].headers)


def test_a_signature_is_the_one_that_the_pypi_client_computes() -> None:
    url = "http://shop.example/wp-json/wc/v3/orders"

    pairs = dict(signed("GET", url, [("search", "x y+ä"), ("a", "1,2")], "ck", "cs", nonce="n", second=1))

    given = pairs.pop("oauth_signature")
    assert given == OAuth(url, "ck", "cs", version="wc/v3", method="GET").generate_oauth_signature(pairs, url)


def test_a_body_is_json() -> None:
    far = Far(answer(201, {"id": 7}))

    made = asyncio.run(far.shop().post("/orders", {"note": "grüße"}))

    assert made == {"id": 7}
    assert (far.got[0].method, json.loads(far.got[0].body)) == ("POST", {"note": "grüße"})
    assert dict(far.got[0].headers)["Content-Type"] == "application/json"


def test_a_header_that_never_arrived_is_followed_by_the_query_and_that_is_remembered() -> None:
    far = Far(STRANGER, answer(200, [{"id": 1}]), answer(200, [{"id": 2}]))
    shop = far.shop()

    first = asyncio.run(shop.rows("/products"))
    second = asyncio.run(shop.rows("/products"))

    assert (first, second, shop.mode) == ([{"id": 1}], [{"id": 2}], "query")
    assert [query_of(sent).get("consumer_secret") for sent in far.got] == [None, "cs_secret", "cs_secret"]
    assert "Authorization" not in dict(far.got[1].headers)


def test_a_key_that_is_none_is_refused_after_one_more_try() -> None:
    far = Far(STRANGER, STRANGER)
    shop = far.shop()

    with pytest.raises(ShopRefused) as told:
        asyncio.run(shop.rows("/products"))

    assert (told.value.status, told.value.code) == (401, "woocommerce_rest_cannot_view")
    assert (len(far.got), shop.mode) == (2, "header")


def test_a_key_that_arrived_and_may_not_is_refused_at_once() -> None:
    refusal = {"code": "woocommerce_rest_authentication_error", "message": "Consumer secret is invalid."}
    far = Far(answer(401, refusal))

    with pytest.raises(ShopRefused, match=r"GET /wp-json/wc/v3/products was answered 401 .*Consumer secret is invalid"):
        asyncio.run(far.shop().rows("/products"))


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        (answer(404, {"code": "gone", "message": "No such order."}), "gone", "No such order."),
        (answer(403, b"<html>firewall</html>"), "", ""),
        (answer(400, {"code": "bad", "message": "cs_secret is not good"}), "bad", "*** is not good"),
        (answer(301, b"", Location="https://www.shop.example/x?key=1"), "", "it leads to https://www.shop.example/x"),
        (answer(302, b""), "", "it leads elsewhere"),
        (answer(302, b"", Location="http://[x"), "", "it leads elsewhere"),
    ],
    ids=["not found", "a wall", "an echo", "moved", "moved away", "moved nowhere"],
)
def test_a_refusal_is_told_in_the_stores_words(given: Answer, code: str, message: str) -> None:
    far = Far(given)

    with pytest.raises(ShopRefused) as told:
        asyncio.run(far.shop().put("/orders/7", {"status": "completed"}))

    assert (told.value.status, told.value.code, told.value.message) == (given.status, code, message)
    assert len(far.got) == 1
    assert "cs_secret" not in str(told.value)


@pytest.mark.parametrize(
    ("given", "words", "after"),
    [
        (
            Answer(None, error="ConnectionRefusedError: nobody at https://shop/?consumer_secret=cs_secret"),
            "nobody",
            None,
        ),
        (answer(429, {"code": "slow", "message": "Too many."}, Retry_After="30"), "429 (slow: Too many.)", 30.0),
        (answer(503, b"down", Retry_After="Mon, 02 Mar 2026 08:01:00 GMT"), "503", 60.0),
        (answer(503, b"down", Retry_After="Sun, 01 Mar 2026 08:01:00 GMT"), "503", 0.0),
        (answer(500, {"code": "internal"}, Retry_After="soon"), "500 (internal)", None),
        (answer(408, b""), "408", None),
        (answer(200, b"<html>Briefly unavailable for scheduled maintenance"), "not JSON", None),
        (answer(200, b'[{"id": 1'), "not JSON", None),
    ],
    ids=["nobody", "429", "a date", "a date gone by", "nonsense", "408", "a page", "half"],
)
def test_no_answer_that_says_anything_is_silence(given: Answer, words: str, after: float | None) -> None:
    far = Far(given)

    with pytest.raises(ShopSilent) as told:
        asyncio.run(far.shop().rows("/orders"))

    assert words in told.value.why
    assert told.value.retry_after == after
    assert "cs_secret" not in str(told.value)


async def all_of(shop: Shop, **query: Any) -> list[int]:
    return [row["id"] async for row in shop.every("/products", **query)]


def test_every_row_is_read_page_by_page() -> None:
    far = Far(page([1, 2], 5, 3), page([3, 4], 5, 3), page([5], 5, 3))

    assert asyncio.run(all_of(far.shop(), per_page=2, status="publish")) == [1, 2, 3, 4, 5]
    assert [query_of(sent)["page"] for sent in far.got] == ["1", "2", "3"]
    assert query_of(far.got[0]) == {
        "per_page": "2",
        "orderby": "id",
        "order": "asc",
        "status": "publish",
        "page": "1",
    }


def test_an_empty_list_is_one_request() -> None:
    far = Far(page([], 0, 0))

    assert asyncio.run(all_of(far.shop())) == []
    assert query_of(far.got[0])["per_page"] == "100"


def shrinking() -> list[Answer]:
    """Row 1 goes after the first page was read, and 3 slips onto it."""
    return [page([1, 2], 4, 2), page([4], 3, 2), page([2, 3], 3, 2), page([4], 3, 2)]


def repeating() -> list[Answer]:
    """A row comes twice and another not at all, with the length the same: the order did not hold."""
    return [page([1, 2], 4, 2), page([2, 3], 4, 2), page([1, 2], 4, 2), page([3, 4], 4, 2)]


@pytest.mark.parametrize(("answers", "ids"), [(shrinking, [1, 2, 4, 3]), (repeating, [1, 2, 3, 4])])
def test_a_list_that_changed_is_read_again_and_no_row_comes_twice(
    answers: Callable[[], list[Answer]], ids: list[int]
) -> None:
    assert asyncio.run(all_of(Far(*answers()).shop(), per_page=2)) == ids


def test_a_list_that_never_stands_still_is_told() -> None:
    far = Far(*[page([1], 2, 1)] * 3)

    with pytest.raises(ShopSilent, match="changes faster"):
        asyncio.run(all_of(far.shop()))


@pytest.mark.parametrize(
    "given", [answer(200, {"id": 1}, X_WP_Total="1", X_WP_TotalPages="1"), answer(200, [])], ids=["no list", "no count"]
)
def test_what_is_no_list_of_woocommerces_is_told(given: Answer) -> None:
    with pytest.raises(ShopSilent):
        asyncio.run(all_of(Far(given).shop()))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "an object without its number"),
        ([{"id": 7}], "a list, and an object is wanted"),
        (7, "neither an object nor a list"),
        ({"name": "Mug"}, "an object without its number"),
        ({"id": "7"}, "id that is no number"),
        ({"id": 2**60}, "id that is no number"),
        ({"id": 7, "sku": [1]}, "sku that is no text"),
        ({"id": 7, "price": "x"}, "price that is no amount"),
        ({"id": 7, "date_created_gmt": "soon"}, "date_created_gmt that is no moment"),
        ({"id": 7, "billing": "x"}, "billing that is no object"),
        ({"id": 7, "line_items": {"id": 1}}, "line_items that are no list"),
        ({"id": 7, "line_items": ["x"]}, "a row that is no object"),
        ({"id": 7, "line_items": [{"product_id": [1]}]}, "product_id that is no number"),
    ],
)
def test_what_has_another_form_than_a_stores_answers_is_silence(body: Any, said: str) -> None:
    with pytest.raises(ShopSilent, match=f"GET /wp-json/wc/v3/products/7 was answered 200 with {said}"):
        asyncio.run(Far(answer(200, body)).shop().get("/products/7"))


def test_what_is_empty_is_absent_and_what_plugins_add_is_theirs() -> None:
    row = {"id": 7, "price": "", "image": {"id": "", "src": ""}, "billing": [], "meta_data": [{"value": {"id": "x"}}]}

    assert asyncio.run(Far(answer(200, row)).shop().get("/products/7")) == row


@pytest.mark.parametrize("count", ["\xb2", "9" * 5000, "-1", "1e3"])
def test_a_count_that_is_none_is_silence(count: str) -> None:
    with pytest.raises(ShopSilent, match="without x-wp-total"):
        asyncio.run(Far(answer(200, [{"id": 7}], X_WP_Total=count, X_WP_TotalPages="1")).shop().page("/products"))


@pytest.mark.parametrize(
    "wait", ["\xb2", "9" * 400, "Mon, 01 Jan 99999999999 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +9959"]
)
def test_a_time_to_wait_that_is_none_is_not_waited_for(wait: str) -> None:
    with pytest.raises(ShopSilent) as silent:
        asyncio.run(Far(answer(503, Retry_After=wait)).shop().get("/products/7"))

    assert silent.value.retry_after in (None, 0.0)
