"""Versions 1 and 2 of the API, and the other APIs that a store lists."""

from __future__ import annotations

import pytest
import requests

from .shop import Shop


def ask(shop: Shop, path: str, method: str = "GET") -> requests.Response:
    return shop.session.request(method, f"{shop.url}/wp-json/{path}", timeout=30)


def test_version_2_says_whether_there_is_any_and_shows_a_placeholder(shop: Shop) -> None:
    mug = shop.product(stock=0)

    (told,) = ask(shop, "wc/v2/products").json()

    assert list(told) == list(ask(shop, f"wc/v2/products/{mug['id']}").json())
    assert (told["in_stock"], told["images"][0]["name"], told["date_on_sale_from"]) == (False, "Placeholder", None)
    assert "stock_status" not in told
    assert told["_links"]["self"][0]["href"].endswith(f"/wp-json/wc/v2/products/{mug['id']}")


def test_version_1_knows_no_custom_fields_and_no_times_in_utc(shop: Shop) -> None:
    shop.product(meta_data=[{"key": "erp_id", "value": "7"}])

    (told,) = ask(shop, "wc/v1/products").json()

    assert (told["date_on_sale_from"], told["download_type"]) == ("", "standard")
    assert not [name for name in told if name.endswith("_gmt") or name == "meta_data"]


def test_lists_of_older_versions_have_pages_and_filters(shop: Shop) -> None:
    for sku, stock in (("A", 1), ("B", 0), ("C", 2)):
        shop.product(sku, stock=stock)

    page = ask(shop, "wc/v2/products?in_stock=true&per_page=1&orderby=id&order=asc")

    assert [product["sku"] for product in page.json()] == ["A"]
    assert page.headers["X-WP-Total"] == "2"
    assert "/wp-json/wc/v2/products?" in page.headers["Link"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "wc/v2/products"),
        ("DELETE", "wc/v1/products/1"),
        ("POST", "wc/v2/orders/batch"),
        ("POST", "wc/v2/webhooks"),
        ("GET", "wc/v2/settings"),
        ("GET", "wc/v1"),
        ("GET", "wc/store/v1/cart"),
        ("GET", "wc-analytics/reports"),
        ("GET", "wp/v2/posts"),
        ("GET", "wc/v1/products/categories"),
        ("OPTIONS", "wc/v2/orders"),
        ("GET", "wc/v2/products/1/variations"),
    ],
)
def test_what_a_store_has_elsewhere_is_plainly_not_emulated(shop: Shop, method: str, path: str) -> None:
    answer = ask(shop, path, method)

    assert (answer.status_code, answer.headers["X-Storelab"]) == (501, "not-emulated")
    assert answer.json()["error"] == "not emulated"


@pytest.mark.parametrize(
    "path", ["wc/v3/nope", "wc/v4/products", "nobody/v1", "wc", "wp/v2/users/x", "wc/v2/products/-1"]
)
def test_what_a_store_does_not_have_is_no_route(shop: Shop, path: str) -> None:
    answer = ask(shop, path)

    assert (answer.status_code, answer.json()["code"]) == (404, "rest_no_route")


def test_a_method_that_a_known_path_does_not_have_is_no_route_there_either(shop: Shop) -> None:
    assert ask(shop, "wc/v2/products", "PUT").json()["code"] == "rest_no_route"
    assert ask(shop, "wp/v2/users", "DELETE").json()["code"] == "rest_no_route"
