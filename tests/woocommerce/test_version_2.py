"""Version 2 of the API, where it is nearly version 3."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from woocommerce import API

from .shop import Shop


def ask(shop: Shop, path: str, method: str = "GET", body: Any = None, **query: Any) -> requests.Response:
    return shop.session.request(method, f"{shop.url}/wp-json/wc/v2/{path}", params=query, json=body, timeout=30)


def test_an_old_client_sells_and_ships(shop: Shop) -> None:
    mug = shop.product(stock=5)

    made = ask(shop, "orders", "POST", {"status": "processing", "line_items": [{"product_id": mug["id"]}]})
    order = made.json()
    noted = ask(shop, f"orders/{order['id']}/notes", "POST", {"note": "Packed"})
    shipped = ask(shop, f"orders/{order['id']}", "PUT", {"status": "completed"})

    assert (made.status_code, noted.status_code, shipped.json()["status"]) == (201, 201, "completed")
    assert made.headers["Location"] == f"{shop.url.replace('http:', 'https:')}/wp-json/wc/v2/orders/{order['id']}"
    assert order["_links"]["self"][0]["href"] == made.headers["Location"]
    assert order["_links"]["email_templates"][0]["href"].endswith(
        f"/wc/v3/orders/{order['id']}/actions/email_templates"
    )
    assert "author" not in noted.json()
    assert shop.stock(mug) == 4
    assert {**order, "_links": 0} == {**shop.get(f"orders/{order['id']}"), **_changed(order), "_links": 0}


def _changed(order: dict[str, Any]) -> dict[str, Any]:
    """What completing an order changed."""
    names = ("status", "date_modified", "date_modified_gmt", "date_completed", "date_completed_gmt", "line_items")
    return {name: order[name] for name in (*names, "is_editable", "needs_payment", "needs_processing")}


def test_a_customer_is_told_with_what_they_bought(shop: Shop) -> None:
    jane = ask(shop, "customers", "POST", {"email": "jane@example.com"}).json()
    mug = shop.product("MUG", "4.50")["id"]
    for status in ("processing", "pending", "completed"):
        sent = {"customer_id": jane["id"], "status": status, "line_items": [{"product_id": mug}]}
        trashed = shop.post("orders", sent)["id"]
    shop.delete(f"orders/{trashed}")

    (told,) = ask(shop, "customers").json()

    assert (jane["orders_count"], jane["total_spent"]) == (0, "0.00")
    assert (told["orders_count"], told["total_spent"]) == (2, "4.50")
    assert list(told)[12:16] == ["is_paying_customer", "orders_count", "total_spent", "avatar_url"]


def test_pages_and_fields_are_those_of_version_2(shop: Shop) -> None:
    for _ in range(2):
        shop.post("orders", {"status": "on-hold"})

    everything = ask(shop, "orders", per_page=1, _fields="id,status")
    held = ask(shop, "orders", per_page=1, status="on-hold")

    assert everything.json()[0].keys() == {"id", "status"}
    assert (
        "/wp-json/wc/v2/orders?per_page=1&_fields=id%2Cstatus&dp=2&context=view&page=2>" in everything.headers["Link"]
    )
    assert "?per_page=1&status=on-hold&dp=2&context=view&page=2>" in held.headers["Link"]


@pytest.mark.parametrize(
    ("path", "lacks"),
    [("taxes", "postcodes"), ("payment_gateways", "needs_setup"), ("coupons", "maximum_discount")],
)
def test_what_came_with_version_3_is_not_told(shop: Shop, path: str, lacks: str) -> None:
    shop.post("taxes", {"country": "US", "rate": "4"})
    shop.post("coupons", {"code": "ten", "amount": "10", "status": "private"})

    told = ask(shop, path, status="draft").json()

    assert told
    assert all(lacks not in item for item in told)


def test_batches_are_told_alike(shop: Shop) -> None:
    kept = {"country": "US", "rate": "4"}
    told = ask(shop, "taxes/batch", "POST", {"create": [kept], "delete": [99]}).json()

    assert "cities" not in told["create"][0]
    assert told["delete"][0]["error"]["code"] == "woocommerce_rest_invalid_id"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "orders/{id}", {"coupon_lines": [{"code": "ten"}]}),
        ("PUT", "orders/{id}", {"line_items": [{"id": 1, "quantity": 0}]}),
        ("PUT", "orders/{id}", {"fee_lines": [{"id": 1, "name": None}]}),
        ("POST", "orders/{id}/refunds", {"amount": "1"}),
        ("DELETE", "customers/1", None),
        ("GET", "orders?status=pending,on-hold", None),
        ("GET", "orders?status[]=pending", None),
    ],
)
def test_what_does_something_else_there_is_plainly_not_emulated(
    shop: Shop, method: str, path: str, body: dict[str, Any] | None
) -> None:
    order = shop.post("orders")["id"]

    answer = ask(shop, path.format(id=order), method, body)

    assert (answer.status_code, answer.headers["X-Storelab"]) == (501, "not-emulated")


def test_a_store_before_version_3_is_spoken_to_by_version_2(shop: Shop) -> None:
    shop.world.state("woocommerce", "an older store", version="3.4.0")

    assert shop.refusal("GET", "orders")[1] == "rest_no_route"
    assert ask(shop, "orders").json() == []


def test_a_signature_is_that_of_the_address_that_was_asked(shop: Shop) -> None:
    store = shop.world.info()["store"]
    client = API(store["url"], store["consumer_key"], store["consumer_secret"], version="wc/v2", timeout=30)

    assert client.get("orders", params={"per_page": 5}).json() == []
