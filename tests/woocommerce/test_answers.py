"""The form of answers: headers, links, narrowed and wrapped bodies, the indexes, settings and times."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.woocommerce import respond, taxes
from storelab.emulators.woocommerce.taxes import TaxRate

from .shop import Shop


@pytest.fixture
def shelf(shop: Shop) -> Shop:
    """A shop with three products."""
    for sku in ("A", "B", "C"):
        shop.product(sku)
    return shop


# ---------------------------------------------------------------------------------------------- bodies


def test_json_is_written_as_php_writes_it() -> None:
    assert (
        respond.json_bytes({"url": "http://x/ü😀", "n": 1.5})
        == b'{"url":"http:\\/\\/x\\/\\u00fc\\ud83d\\ude00","n":1.5}'
    )


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        (["id"], {"id": 1}),
        (["b.c", "id"], {"id": 1, "b": {"c": 2}}),
        (["b"], {"b": {"c": 2, "d": 3}}),
        (["list.name"], []),
        (["nope"], []),
    ],
)
def test_fields_narrow_an_object_and_do_not_go_into_lists(fields: list[str], left: Any) -> None:
    assert respond.filtered({"id": 1, "b": {"c": 2, "d": 3}, "list": [{"name": "x"}]}, fields) == left


def test_a_list_is_narrowed_item_by_item(shelf: Shop) -> None:
    assert [sorted(item) for item in shelf.get("products", _fields="id,sku")] == [["id", "sku"]] * 3


def test_an_envelope_holds_what_headers_would(shelf: Shop) -> None:
    answer = shelf.call("GET", "products", _envelope=1, per_page=1)

    body = answer.json()
    assert (body["status"], body["headers"]["X-WP-Total"], body["headers"]["Allow"]) == (200, 3, "GET, POST")
    assert len(body["body"]) == 1
    assert "X-WP-Total" not in answer.headers


def test_an_error_in_an_envelope_is_answered_with_200(shelf: Shop) -> None:
    answer = shelf.call("GET", "products/999", _envelope=1)

    assert (answer.status_code, answer.json()["status"]) == (200, 404)


def test_jsonp_wraps_the_body(shelf: Shop) -> None:
    answer = shelf.call("GET", "products", _jsonp="cb", _fields="id")

    assert answer.text.startswith("/**/cb([{")
    assert answer.headers["Content-Type"] == "application/javascript; charset=UTF-8"


# ---------------------------------------------------------------------------------------------- headers


def test_a_page_leads_to_its_neighbours(shelf: Shop) -> None:
    headers = shelf.call("GET", "products", per_page=1, page=2).headers

    address = f"{shelf.url.replace('http:', 'https:')}/wp-json/wc/v3/products"
    assert (headers["X-WP-Total"], headers["X-WP-TotalPages"]) == ("3", "3")
    assert headers["Link"] == (f'<{address}?per_page=1&page=1>; rel="prev", <{address}?per_page=1&page=3>; rel="next"')


def test_beyond_the_end_is_an_empty_page_that_leads_back_to_the_last(shelf: Shop) -> None:
    answer = shelf.call("GET", "products", per_page=2, page=9)

    assert (answer.json(), answer.headers["X-WP-Total"]) == ([], "3")
    assert 'page=2>; rel="prev"' in answer.headers["Link"]


def test_what_was_made_says_where_it_is(shop: Shop) -> None:
    answer = shop.call("POST", "products", {"name": "Mug"})

    assert answer.headers["Location"].endswith(f"/wp-json/wc/v3/products/{answer.json()['id']}")
    assert answer.headers["Allow"] == "GET, POST"


def test_another_origin_is_let_in(shop: Shop) -> None:
    answer = shop.session.get(
        f"{shop.url}/wp-json/wc/v3/products", headers={"Origin": "https://app.example"}, timeout=30
    )

    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert answer.headers["Vary"] == "Origin"


def test_head_has_the_headers_and_no_body(shelf: Shop) -> None:
    answer = shelf.call("HEAD", "products")

    assert (answer.status_code, answer.headers["X-WP-Total"], answer.content) == (200, "3", b"")


def test_a_method_is_overridden_by_header_and_by_query(shelf: Shop) -> None:
    url = f"{shelf.url}/wp-json/wc/v3/products"

    assert shelf.session.post(url, headers={"X-HTTP-Method-Override": "GET"}, timeout=30).status_code == 200
    assert shelf.session.post(url, params={"_method": "GET"}, timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "nope"), ("PATCH", "products"), ("DELETE", "products"), ("GET", "products/abc"), ("GET", "products/1.5")],
)
def test_what_is_no_route_is_404_whatever_the_method(shop: Shop, method: str, path: str) -> None:
    assert shop.refusal(method, path)[:2] == (404, "rest_no_route")


def test_what_is_not_emulated_does_not_look_like_the_stores_404(shop: Shop) -> None:
    answer = shop.call("GET", "marketplace/featured")

    assert (answer.status_code, answer.headers["X-Storelab"]) == (501, "not-emulated")


def test_plain_permalinks_find_the_route_and_know_nobody(shelf: Shop) -> None:
    answer = shelf.session.get(f"{shelf.url}/", params={"rest_route": "/wc/v3/products"}, timeout=30)

    assert (answer.status_code, answer.json()["code"]) == (401, "woocommerce_rest_cannot_view")


def test_a_body_that_is_no_object_makes_a_product_and_then_kills_php(shop: Shop) -> None:
    answer = shop.call("POST", "products", "abc")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_server_error")
    assert len(shop.get("products")) == 1


# ---------------------------------------------------------------------------------------------- indexes


def test_the_site_tells_a_connector_what_it_is(shop: Shop) -> None:
    site = requests.get(f"{shop.url}/wp-json/", timeout=30).json()

    assert "wc/v3" in site["namespaces"]
    assert (site["url"], site["home"]) == (shop.url, shop.url)


def test_the_index_lists_every_route_with_its_arguments(shop: Shop) -> None:
    index = requests.get(f"{shop.url}/wp-json/wc/v3", timeout=30).json()

    assert len(index["routes"]) == 111
    item = index["routes"][r"/wc/v3/products/(?P<id>[\d]+)"]
    assert [endpoint["methods"] for endpoint in item["endpoints"]] == [["GET"], ["POST", "PUT", "PATCH"], ["DELETE"]]
    force = item["endpoints"][2]["args"]["force"]
    assert force.pop("description")
    assert force == {"type": "boolean", "default": False, "required": False}


def test_options_says_what_a_route_takes(shop: Shop) -> None:
    answer = requests.options(f"{shop.url}/wp-json/wc/v3/webhooks", timeout=30)

    body = answer.json()
    assert body["methods"] == ["GET", "POST"]
    assert body["endpoints"][1]["args"]["topic"]["required"] is True
    assert body["schema"]["title"] == "webhook"
    assert answer.headers["Allow"] == "GET, POST"


# ---------------------------------------------------------------------------------------------- settings, times, taxes


def test_a_setting_is_read_changed_and_followed(shop: Shop) -> None:
    changed = shop.put("settings/general/woocommerce_currency", {"value": "EUR"})

    assert changed["value"] == "EUR"
    assert shop.get("data/currencies/current")["code"] == "EUR"
    assert shop.post("orders")["currency"] == "EUR"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("settings/general/woocommerce_currency", {"value": "ZZZ"}, "rest_setting_value_invalid"),
        ("settings/general/woocommerce_currency", {}, "rest_setting_value_invalid"),
        ("settings/general/woocommerce_calc_taxes", {"value": "maybe"}, "rest_setting_value_invalid"),
        ("settings/general/zzz", {"value": "x"}, "rest_setting_setting_invalid"),
        ("settings/zzz/woocommerce_currency", {"value": "x"}, "rest_setting_setting_group_invalid"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(shop: Shop, path: str, body: dict[str, Any], code: str) -> None:
    assert shop.refusal("PUT", path, body)[1] == code


def test_times_are_the_stores_own_and_in_utc_beside(shop: Shop, world: LabClient) -> None:
    world.clock(freeze="2026-07-01T10:00:00Z")
    world.do("woocommerce", "change setting", name="timezone_string", value="Europe/Kyiv")

    product = shop.product("MUG")

    assert (product["date_created"], product["date_created_gmt"]) == ("2026-07-01T13:00:00", "2026-07-01T10:00:00")
    assert shop.get("products", after="2026-07-01T12:59:59") != []
    assert shop.get("products", after="2026-07-01T13:00:00") == []
    assert shop.get("products", after="2026-07-01T09:59:59", dates_are_gmt="true") != []


def test_system_status_tells_the_versions(shop: Shop) -> None:
    environment = shop.get("system_status")["environment"]

    assert (environment["version"], environment["wp_version"]) == ("10.5.0", "6.9.7")


def test_system_status_tells_the_decimals_of_prices_whatever_was_entered_for_them(shop: Shop) -> None:
    shop.put("settings/general/woocommerce_price_num_decimals", {"value": "many"})

    assert shop.get("system_status")["settings"]["number_of_decimals"] == 0


def test_system_status_lists_the_tables_of_the_database(shop: Shop) -> None:
    database = shop.get("system_status")["database"]

    tables = database["database_tables"]
    sizes = [float(row["data"]) for group in tables.values() for row in group.values()]
    assert len(tables["woocommerce"]) == 14
    assert tables["other"]["wp_wc_product_meta_lookup"] == {"data": "0.02", "index": "0.11", "engine": "InnoDB"}
    assert database["database_size"]["data"] == pytest.approx(sum(sizes))


def test_system_status_counts_what_is_kept_as_posts(shop: Shop) -> None:
    def counted() -> dict[str, int]:
        return {p["type"]: int(p["count"]) for p in shop.get("system_status")["post_type_counts"]}

    fresh = counted()
    mug = shop.product("MUG")
    shop.post("coupons", {"code": "ten"})
    order = shop.post("orders", {"line_items": [{"product_id": mug["id"]}]})
    shop.post(f"orders/{order['id']}/refunds", {"amount": "1.00", "api_refund": False})

    assert fresh == {"attachment": 1, "page": 7, "post": 1, "wp_navigation": 1}
    assert counted() == {**fresh, "product": 1, "shop_coupon": 1, "shop_order_placehold": 2}


@pytest.mark.parametrize(
    ("pattern", "postcode", "fits"),
    [
        ("94103", "94103", True),
        ("941*", "94103", True),
        ("941*", "95103", False),
        ("90000...96000", "94103", True),
        ("90000...96000", "96001", False),
        ("SW1A 1AA", "sw1a1aa", True),
    ],
)
def test_rates_for_postcodes(pattern: str, postcode: str, fits: bool) -> None:
    assert taxes.in_postcode(pattern, postcode) is fits


def test_of_each_priority_the_closest_rate_counts() -> None:
    rates = [
        TaxRate(1, rate="20.0000", country="US"),
        TaxRate(2, rate="8.2500", country="US", state="CA"),
        TaxRate(3, rate="1.0000", priority=2),
        TaxRate(4, rate="5.0000", country="DE"),
    ]

    assert [r.id for r in taxes.chosen(rates, "US", "CA", "94103", "SF")] == [2, 3]
    assert [r.id for r in taxes.chosen(rates, "US", "NY", "10001", "")] == [1, 3]
    assert [r.id for r in taxes.chosen(rates, "FR", "", "", "")] == [3]


def test_many_settings_of_one_group_are_changed_and_of_several_are_not(shop: Shop) -> None:
    items = [{"id": "woocommerce_currency", "value": "EUR"}, {"id": "zzz", "value": 1}]

    changed, unknown = shop.post("settings/general/batch", {"update": items})["update"]
    (refused,) = shop.post("settings/batch", {"update": [{"group_id": "general", **items[0]}]})["update"]

    assert (changed["value"], unknown["error"]["code"]) == ("EUR", "rest_setting_setting_invalid")
    assert (refused["id"], refused["error"]["code"]) == ("woocommerce_currency", "invalid-method")


@pytest.mark.parametrize(
    "path",
    [
        "wc/v2/settings/general",
        "wc/store/v1/cart",
        "wp/v2/posts",
        "wp/v2/users/me/application-passwords",
        "wc-analytics/reports/orders",
    ],
)
def test_other_apis_of_the_store_say_that_they_are_not_emulated(shop: Shop, path: str) -> None:
    answer = shop.session.get(f"{shop.url}/wp-json/{path}", timeout=30)

    assert (answer.status_code, answer.headers["X-Storelab"]) == (501, "not-emulated")
    assert not shop.world.call("GET", "/journal")["exchanges"][-1]["emulated"]
