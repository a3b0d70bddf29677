"""The two clients: how they ask, what they make of each answer, and what they never give away."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from storelab.sync.connectors.keycrm import KeyCrm, heard_from, level_from, refused_rows, sellable
from storelab.sync.errors import GiveUp, Retry, Skip
from storelab.sync.model import Heard, Item, Level
from storelab.sync.oauth import signed
from storelab.sync.transport import Answer, Http, checked, retry_after
from storelab.sync.woocommerce import Store, Write, item_from

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


@dataclass
class Told:
    """An `Http` that answers what it was told to, and remembers what it was asked."""

    answers: list[tuple[int, Any] | tuple[int, Any, Mapping[str, str]]]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        json_body: Any = None,
        headers: Any = None,
    ) -> Answer:
        self.asked.append({"method": method, "url": url, "params": list(params), "body": json_body, "headers": headers})
        status, body, *more = self.answers.pop(0)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Answer(f"{method} {urlsplit(url).path}", status, {**(more[0] if more else {})}, raw)


def store(told: Told, url: str = "https://shop.example") -> Store:
    return Store(url, "ck_1", "cs_secret", told, now=lambda: NOW)  # type: ignore[arg-type]


# -- the store


def test_what_a_cache_answered_is_asked_for_again_past_it_and_so_from_then_on() -> None:
    told = Told([(200, [], {"age": "40", "x-cache": "HIT"}), (200, [{"id": 1}]), (200, [{"id": 1}]), (200, {})])
    shop = store(told)

    first = shop.call("GET", "/products").json()
    shop.call("GET", "/products")
    shop.call("POST", "/products/batch", [], {})

    marks = [dict(asked["params"]).get("nocache") for asked in told.asked]
    assert first == [{"id": 1}]
    assert (marks[0], marks[3]) == (None, None)
    assert marks[1] != marks[2]
    assert shop.bypass


def test_what_passed_through_a_cache_unchanged_is_believed() -> None:
    told = Told([(200, [], {"age": "0", "x-cache": "MISS"})])

    store(told).call("GET", "/products")

    assert len(told.asked) == 1


def test_https_carries_basic_credentials_in_the_header() -> None:
    told = Told([(200, [{"id": 1}]), (200, [])])

    store(told).check()

    assert told.asked[0]["headers"]["Authorization"].startswith("Basic ")
    assert all("consumer" not in name for name, _ in told.asked[0]["params"])


def test_a_host_that_strips_the_header_is_asked_by_query_once_and_from_then_on() -> None:
    stripped = (401, {"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list resources."})
    told = Told([stripped, (200, [{"id": 1}]), (200, [])])
    asking = store(told)

    asking.check()

    assert asking.mode == "query"
    assert ["Authorization" in (a["headers"] or {}) for a in told.asked] == [True, False, False]
    assert ("consumer_secret", "cs_secret") in told.asked[2]["params"]


def test_a_key_that_is_wrong_either_way_is_wrong() -> None:
    refused = (401, {"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list resources."})
    asking = store(Told([refused, refused]))

    with pytest.raises(GiveUp, match="woocommerce_rest_cannot_view") as caught:
        asking.check()

    assert asking.mode == "header"
    assert "cs_secret" not in str(caught.value)


def test_http_is_signed_afresh_for_each_attempt() -> None:
    told = Told([(200, [{"id": 1}]), (200, [])])

    store(told, "http://shop.example").check()

    nonces = [dict(a["params"])["oauth_nonce"] for a in told.asked]
    assert len(set(nonces)) == 2
    assert all(dict(a["params"])["oauth_signature_method"] == "HMAC-SHA256" for a in told.asked)


def test_a_clock_that_is_wrong_is_set_by_the_store() -> None:
    refused = {"code": "woocommerce_rest_authentication_error", "message": "Invalid timestamp."}
    told = Told([(401, refused, {"date": "Sat, 21 Nov 2026 10:00:00 GMT"}), (200, [{"id": 1}]), (200, [])])
    asking = store(told, "http://shop.example")

    asking.check()

    assert asking.skew == 7200
    stamps = [int(dict(a["params"])["oauth_timestamp"]) for a in told.asked]
    assert stamps == [int(NOW.timestamp()), int(NOW.timestamp()) + 7200, int(NOW.timestamp()) + 7200]


def test_a_clock_that_stays_wrong_is_not_called_a_bad_key() -> None:
    refused = (401, {"message": "Invalid timestamp."}, {"date": "Sat, 21 Nov 2026 10:00:00 GMT"})
    asking = store(Told([refused, refused]), "http://shop.example")

    with pytest.raises(Retry, match="clocks differ"):
        asking.check()


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of RFC 5849, section 1.2, with SHA-256 in place of SHA-1; worked out by hand with openssl."""
    params = signed(
        "get",
        "HTTP://Photos.example.net:80/photos",
        [("file", "vacation.jpg"), ("size", "original"), ("odd", "a b+c~")],
        key="dpf43f3p2l4k3l03",
        secret="kd94hf93k423kf44",
        nonce="chapoH",
        timestamp=137131202,
    )

    assert dict(params)["oauth_signature"] == "28WHjBOupibVK1OE2qMktwEMP0pKYD+DEeglQJaSRhk="


def test_pages_are_asked_in_an_order_that_stands_still() -> None:
    told = Told([(200, [{"id": 3, "sku": " MUG ", "manage_stock": True, "stock_quantity": 4}], {"x-wp-total": "101"})])

    page = store(told).products(1)

    asked = dict(told.asked[0]["params"])
    assert (asked["orderby"], asked["order"], asked["per_page"], asked["page"]) == ("id", "asc", "100", "1")
    assert (page.items, page.total, page.last) == ((Item("MUG", 3, 0, 4, "yes"),), 101, False)


def test_each_row_of_a_batch_has_its_own_verdict() -> None:
    error = {"id": 2, "error": {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID."}}
    told = Told([(200, {"update": [{"id": 1}, error]})])

    refused = store(told).write(0, [Write(1, 5, "m-1"), Write(2, 6, "m-2")])

    assert refused == {2: "woocommerce_rest_product_invalid_id: Invalid ID."}
    assert told.asked[0]["url"].endswith("/wp-json/wc/v3/products/batch")
    assert "manage_stock" not in told.asked[0]["body"]["update"][0]


def test_variations_are_written_under_their_product() -> None:
    told = Told([(200, {"update": [{"id": 8}]})])

    store(told).write(7, [Write(8, 5, "m-1", manage=True)])

    assert told.asked[0]["url"].endswith("/products/7/variations/batch")
    assert told.asked[0]["body"]["update"][0]["manage_stock"] is True


def test_a_variation_whose_product_keeps_its_stock_is_known() -> None:
    row = {"id": 8, "type": "variation", "parent_id": 7, "sku": "S", "manage_stock": "parent", "stock_quantity": 3}

    assert item_from(row) == Item("S", 8, 7, 3, "parent")


# -- KeyCRM


def test_levels_are_asked_by_offer_so_that_no_sku_leaves_the_store() -> None:
    told = Told([(200, {"total": 1, "data": [{"id": 5, "sku": "MUG", "quantity": 9, "reserve": 2}]})])
    keycrm = KeyCrm("https://openapi.keycrm.app/v1", "key", told)  # type: ignore[arg-type]

    levels = keycrm.levels({"MUG": "5"})

    assert levels == (Level("MUG", "5", 7, reserve=2),)
    assert ("filter[offers_id]", "5") in told.asked[0]["params"]
    assert "MUG" not in json.dumps(told.asked[0]["params"])


def test_only_sku_and_quantity_are_pushed() -> None:
    told = Told([(202, {"status": True})])
    keycrm = KeyCrm("https://openapi.keycrm.app", "key", told, warehouse=3)  # type: ignore[arg-type]

    assert keycrm.push([("MUG", "5", 12)]) == {}

    assert told.asked[0]["url"] == "https://openapi.keycrm.app/v1/offers/stocks"
    assert told.asked[0]["body"] == {"warehouse_id": 3, "stocks": [{"sku": "MUG", "quantity": 12}]}


def test_a_422_names_the_rows_that_are_wrong() -> None:
    body = {"message": "The given data was invalid.", "errors": {"stocks.1.quantity": ["must be a number"]}}
    keycrm = KeyCrm("https://crm.example/v1", "key", Told([(422, body)]), warehouse=3)  # type: ignore[arg-type]

    assert keycrm.push([("MUG", "5", 12), ("CAP", "6", 1)]) == {"CAP": "must be a number"}
    assert refused_rows({"errors": {"warehouse_id": ["unknown"]}}) == {}


def test_429_without_a_time_waits_half_a_minute() -> None:
    keycrm = KeyCrm("https://crm.example/v1", "key", Told([(429, {"message": "Too Many Attempts."})]))  # type: ignore[arg-type]

    with pytest.raises(Retry) as caught:
        keycrm.page(1)

    assert (caught.value.after, caught.value.sent) == (30.0, False)


@pytest.mark.parametrize(
    ("in_stock", "in_reserve", "left"), [(16, 3, 13), (2.75, 0, 2), (3, 5, 0), (-4, 0, 0), (0.3, 0.1, 0), (1.1, 0.1, 1)]
)
def test_what_may_be_sold_is_whole_and_never_negative(in_stock: float, in_reserve: float, left: int) -> None:
    assert sellable(in_stock, in_reserve, subtract=True) == left


def test_one_warehouse_is_taken_from_the_details_and_a_missing_one_is_not_zero() -> None:
    row = {"id": 5, "sku": "MUG", "quantity": 20, "reserve": 4, "warehouse": [{"id": 2, "quantity": 8, "reserve": 1}]}

    assert level_from(row, warehouse=2, subtract=True) == Level("MUG", "5", 7, reserve=1)
    assert level_from(row, warehouse=3, subtract=True).quantity is None
    assert level_from(row, warehouse=None, subtract=False).quantity == 20


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (7, "not an object"),
        ({"offer_id": 1, "in_stock": 1}, "no SKU"),
        ({"offer_id": 1, "sku": None, "in_stock": 1}, "no SKU"),
        ({"offer_id": 1, "sku": "x" * 300, "in_stock": 1}, "the SKU is too long"),
        ({"offer_id": "1", "sku": "MUG", "in_stock": 1}, "offer_id is not a number"),
        ({"offer_id": 1, "sku": "MUG", "in_stock": "many"}, "in_stock and in_reserve must be numbers"),
        ({"offer_id": 1, "sku": "MUG", "in_stock": True}, "in_stock and in_reserve must be numbers"),
        ({"offer_id": 1, "sku": "MUG", "in_stock": "NaN"}, "in_stock and in_reserve must be numbers"),
        ({"offer_id": 1, "sku": "MUG", "in_stock": 1e300}, "in_stock and in_reserve must be numbers"),
    ],
)
def test_a_row_that_makes_no_sense_is_skipped_with_the_reason(row: Any, reason: str) -> None:
    found = heard_from(row, subtract=True)

    assert isinstance(found, dict)
    assert found["reason"] == reason


def test_a_row_of_the_webhook_is_trimmed_and_reserved_goods_are_not_for_sale() -> None:
    row = {"offer_id": 130827, "sku": " a001-56 ", "in_stock": 16, "in_reserve": 3}

    assert heard_from(row, subtract=True) == Heard("a001-56", "130827", 13, 3)


# -- the wire


@pytest.mark.parametrize(
    ("status", "error"),
    [(301, GiveUp), (401, GiveUp), (403, GiveUp), (404, Skip), (422, Skip), (408, Retry), (429, Retry), (503, Retry)],
)
def test_an_error_says_what_to_do_next(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        checked(Answer("GET /x", status, {"location": "https://other.example/x?consumer_secret=cs_1"}, b"<html>"))


def test_an_address_that_moved_is_named_without_its_query() -> None:
    with pytest.raises(GiveUp, match=r"moved to https://www\.shop\.example/wp-json;") as caught:
        checked(Answer("GET /wp-json", 301, {"location": "https://www.shop.example/wp-json?consumer_secret=cs_1"}, b""))

    assert "cs_1" not in str(caught.value)


def test_retry_after_is_read_in_both_forms() -> None:
    date = {"date": "Sat, 21 Nov 2026 08:00:00 GMT", "retry-after": "Sat, 21 Nov 2026 08:01:30 GMT"}

    assert retry_after(Answer("GET /x", 429, {"retry-after": "17"})) == 17
    assert retry_after(Answer("GET /x", 429, date)) == 90
    assert retry_after(Answer("GET /x", 429)) is None


def test_a_body_that_is_no_json_is_tried_again() -> None:
    with pytest.raises(Retry, match="not JSON"):
        Answer("GET /x", 200, {}, b"<html>Just a moment").json()


class Redirecting(BaseHTTPRequestHandler):
    seen: list[tuple[str, str]] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["User-Agent"]))
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def far_end() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Redirecting)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_redirects_are_never_followed_and_we_say_who_we_are(far_end: str) -> None:
    http = Http()

    answer = http.send("GET", f"{far_end}/a", params=[("filter[x]", "1,2")], headers={"Authorization": "Bearer key"})
    http.close()

    (path, agent) = Redirecting.seen[-1]
    assert answer.status == 302
    assert parse_qs(urlsplit(path).query) == {"filter[x]": ["1,2"]}
    assert agent.startswith("storelab-sync/")
    assert len(Redirecting.seen) == 1


def test_nobody_there_means_nothing_was_sent() -> None:
    with pytest.raises(Retry, match="nobody listens") as caught:
        Http().send("GET", "http://127.0.0.1:9/x", params=[("consumer_secret", "cs_1")])

    assert not caught.value.sent
    assert "cs_1" not in str(caught.value)
