"""The client that Python connectors use, `woocommerce` from PyPI, as it is: OAuth 1.0a over http, Basic over https."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from woocommerce import API

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings

from .receiver import Receiver


@pytest.fixture(scope="module")
def over_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    data = tmp_path_factory.mktemp("data")
    with Sandbox(Settings(port=0, sync_port=None, data=data, tls=True, check=True)) as running:
        yield running


class Store:
    """One world, and the client that opens it."""

    def __init__(self, lab: LabClient, **how: Any) -> None:
        store = lab.info()["store"]
        self.lab, self.url = lab, store["url"]
        self.client = API(
            store["url"], store["consumer_key"], store["consumer_secret"], version="wc/v3", timeout=30, **how
        )
        self.read_only = API(store["url"], *store["read_only"].values(), version="wc/v3", timeout=30, **how)


@pytest.fixture(params=["http, OAuth 1.0a", "https, Basic", "https, query"])
def store(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Store]:
    if request.param.startswith("http,"):
        lab = LabClient(sandbox.url).make_world()
        yield Store(lab)
    else:
        running: Sandbox = request.getfixturevalue("over_tls")
        authority = str(running.authority)
        lab = LabClient(running.url, verify=authority).make_world()
        yield Store(lab, verify_ssl=authority, query_string_auth=request.param.endswith("query"))
    lab.drop()


def answered(reply: Any, status: int = 200) -> Any:
    assert reply.status_code == status, reply.text[:500]
    return reply.json()


def test_products_are_made_read_changed_listed_and_deleted(store: Store) -> None:
    client = store.client

    made = answered(client.post("products", {"name": "Кухоль", "sku": "MUG", "regular_price": "9.99"}), 201)
    changed = answered(client.put(f"products/{made['id']}", {"regular_price": "10.50"}))
    listed = answered(client.get("products", params={"sku": "MUG", "status": "publish"}))
    answered(client.delete(f"products/{made['id']}", params={"force": True}))

    assert made["name"] == "Кухоль"
    assert made["_links"]["self"][0]["href"] == f"{store.url}/wp-json/wc/v3/products/{made['id']}"
    assert changed["price"] == "10.50"
    assert [p["id"] for p in listed] == [made["id"]]
    assert client.get(f"products/{made['id']}").status_code == 404


def test_all_pages_of_a_list_are_walked(store: Store) -> None:
    names = [f"P{number:02}" for number in range(25)]
    answered(store.client.post("products/batch", {"create": [{"name": name} for name in names]}))

    seen, page, pages = [], 1, 1
    while page <= pages:
        reply = store.client.get("products", params={"per_page": 10, "page": page, "orderby": "id", "order": "asc"})
        seen += [product["name"] for product in answered(reply)]
        pages = int(reply.headers["X-WP-TotalPages"])
        page += 1

    assert (seen, pages) == (names, 3)


def test_a_batch_creates_changes_and_deletes(store: Store) -> None:
    first = answered(store.client.post("products/batch", {"create": [{"name": "a"}, {"name": "b"}]}))
    a, b = (product["id"] for product in first["create"])

    second = answered(
        store.client.post(
            "products/batch", {"update": [{"id": a, "stock_quantity": 4, "manage_stock": True}], "delete": [b]}
        )
    )

    assert second["update"][0]["stock_quantity"] == 4
    assert [p["id"] for p in answered(store.client.get("products"))] == [a]


def test_variations_orders_and_customers(store: Store) -> None:
    client = store.client
    sizes = [{"name": "Size", "variation": True, "options": ["S"]}]
    shirt = answered(client.post("products", {"name": "Shirt", "type": "variable", "attributes": sizes}), 201)
    small = {"sku": "S", "regular_price": "7", "manage_stock": True, "stock_quantity": 3}
    size = [{"name": "Size", "option": "S"}]
    variation = answered(client.post(f"products/{shirt['id']}/variations", {**small, "attributes": size}), 201)
    jane = answered(client.post("customers", {"email": "jane@example.com"}), 201)

    lines = [{"product_id": shirt["id"], "variation_id": variation["id"], "quantity": 2}]
    order = answered(client.post("orders", {"customer_id": jane["id"], "set_paid": True, "line_items": lines}), 201)

    assert (order["status"], order["total"]) == ("processing", "14.00")
    assert answered(client.get(f"products/{shirt['id']}/variations/{variation['id']}"))["stock_quantity"] == 1
    found = answered(client.get("orders", params={"customer": jane["id"], "status": "processing"}))
    assert [o["id"] for o in found] == [order["id"]]


def test_a_webhook_is_made_and_delivers(store: Store) -> None:
    with Receiver() as receiver:
        made = answered(
            store.client.post("webhooks", {"topic": "product.created", "delivery_url": receiver.url, "secret": "s"}),
            201,
        )
        product = answered(store.client.post("products", {"name": "Mug"}), 201)
        store.lab.settle()

        assert [got.topic for got in receiver.got] == ["", "product.created"]
        assert receiver.got[1].json["id"] == product["id"]
        assert receiver.got[1].header("X-WC-Webhook-Source") == f"{store.url}/"
        answered(store.client.delete(f"webhooks/{made['id']}", params={"force": True}))


def test_a_read_only_key_reads_and_does_not_write(store: Store) -> None:
    assert answered(store.read_only.get("products")) == []
    refused = store.read_only.post("products", {"name": "x"})

    assert (refused.status_code, refused.json()["message"]) == (
        401,
        "The API key provided does not have write permissions.",
    )


def test_what_can_be_done_is_told_without_a_key(store: Store) -> None:
    assert "GET" in answered(store.client.options("products"))["methods"]
