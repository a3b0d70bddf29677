"""The store's pages, the shop front, and the link of a backend with the store."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest
import requests

from storelab.client import LabClient

from .conftest import Looking, plain

PAGES = ["products", "orders", "customers", "webhooks", "keys"]


@pytest.fixture
def mug(looking: Looking) -> dict[str, Any]:
    looking.do("woocommerce", "a product in stock", "states", sku="MUG", quantity="12")
    return {"id": int(re.findall(r"/store/products/(\d+)", looking.page("/store/products"))[0])}


def test_looking_leaves_no_trace(looking: Looking, world: LabClient, mug: dict[str, Any]) -> None:
    world.fault(kind="reset", service="woocommerce", times=1)

    for page in PAGES:
        looking.page(f"/store/{page}")

    assert world.journal() == []
    assert world.call("GET", "/faults")["faults"][0]["hits"] == 0


def test_the_catalogue_is_searched_and_shows_stock(looking: Looking, mug: dict[str, Any]) -> None:
    looking.do("woocommerce", "a product in stock", "states", sku="CAP", quantity="0", name="Cap")

    assert "CAP" not in plain(looking.page("/store/products", search="mug"))
    assert "MUG 10.00 12 simple" in plain(looking.page("/store/products"))
    assert "1 products" in plain(looking.page("/store/products", stock_status="outofstock"))


def test_a_product_has_its_moves_at_hand(looking: Looking, world: LabClient, mug: dict[str, Any]) -> None:
    page = looking.press(
        "/services/woocommerce/moves/adjust stock",
        **{"arg.sku": "MUG", "arg.quantity": "4", "back": f"/store/products/{mug['id']}"},
    )

    assert "stock quantity 4" in plain(page)
    assert world.fact("woocommerce", "stock") == {"MUG": 4}


def test_nobody_is_led_elsewhere_after_a_move(looking: Looking, mug: dict[str, Any]) -> None:
    fields = {"arg.sku": "MUG", "arg.quantity": "4", "back": "//evil.example"}
    answer = looking.post("/services/woocommerce/moves/adjust stock", fields, allow_redirects=False)

    assert answer.headers["Location"].endswith("/services/woocommerce")


def test_somebody_buys_something(looking: Looking, world: LabClient, mug: dict[str, Any]) -> None:
    looking.press("/shop/basket", sku="MUG", pieces="2")
    assert "Basket (2)" in plain(looking.page("/shop"))
    form = looking.page("/shop/checkout")
    assert "MUG: 2" in form

    page = plain(looking.press("/shop/checkout", **{"arg.lines": "MUG: 2", "arg.email": "eve@example.com"}))

    assert "was placed" in page
    assert "eve@example.com" in page
    assert "Timeline and notes" in page
    assert world.fact("woocommerce", "stock") == {"MUG": 10}
    assert "Basket (0)" in plain(looking.page("/shop"))


def test_a_basket_belongs_to_its_world(looking: Looking, console: Looking, mug: dict[str, Any]) -> None:
    looking.press("/shop/basket", sku="MUG", pieces="2")
    there = Looking(console.url, session=looking.session)

    assert "Basket (0)" in plain(there.page("/shop"))


def test_what_is_sold_out_is_told_by_the_checkout(looking: Looking, mug: dict[str, Any]) -> None:
    answer = looking.post("/shop/checkout", {"arg.lines": "MUG: 99"})

    assert answer.status_code >= 400
    assert 'role="alert"' in answer.text


def test_an_order_shows_notes_and_metadata(looking: Looking, world: LabClient) -> None:
    order = world.state("woocommerce", "an order")["id"]
    world.do("woocommerce", "add order note", order=order, note="Ring twice")
    world.do("woocommerce", "edit order", order=order, fields={"gift": "yes", "api_key": "sk_hidden"})

    page = looking.page(f"/store/orders/{order}")

    assert "Ring twice" in page
    assert "gift yes" in plain(page)
    assert looking.get("/store/orders/999999").status_code == 404


def test_a_variable_product_is_bought_by_its_variation(looking: Looking, world: LabClient) -> None:
    world.state("woocommerce", "a variable product")
    number = re.findall(r"/shop/(\d+)", looking.page("/shop"))[0]

    page = looking.page(f"/shop/{number}")

    sku = re.findall(r'<option value="([^"]+)"', page)[0]
    looking.press("/shop/basket", sku=sku)
    assert "was placed" in plain(looking.press("/shop/checkout", **{"arg.lines": f"{sku}: 1"}))


def test_a_delivery_that_failed_is_sent_again(looking: Looking, world: LabClient) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/hook"
    world.state("woocommerce", "a webhook", topic="product.created", delivery_url=nobody)
    world.do("woocommerce", "add product", sku="NEW")
    world.settle()
    number = world.deliveries()[-1]["number"]

    assert "product.created" in plain(looking.page("/store/webhooks"))
    page = plain(looking.press(f"/deliveries/{number}/redeliver", service="woocommerce"))
    assert f"Delivery {number} was sent again" in page
    assert "were sent again" in plain(looking.press("/deliveries/missed", service="woocommerce"))


def test_a_store_that_says_no_is_quoted(looking: Looking, world: LabClient) -> None:
    for key in world.fact("woocommerce", "API keys"):
        world.do("woocommerce", "revoke API key", consumer_key=world.info()["store"]["consumer_key"])
        assert key
        break

    answer = looking.get("/store/products")

    assert answer.status_code == 409
    assert "the store itself answers 401" in plain(answer.text)


def test_a_backend_is_connected_and_disconnected(looking: Looking, world: LabClient) -> None:
    """By the reference sync, which works by itself: the stock arrives without anybody asking."""
    world.state("keycrm", "an offer in stock", sku="MUG", quantity=7)
    assert "Not connected" in plain(looking.page("/services/keycrm"))

    page = plain(looking.press("/links/keycrm/connect", **{"arg.warehouse_id": "1", "arg.push": "no"}))

    assert "Connected" in page
    connection = re.findall(r"con_[0-9a-f]+", page)[0]
    assert "Do what is due" in page
    assert "done" in plain(looking.press(f"/links/keycrm/{connection}/tick"))
    assert "KeyCRM active" in plain(looking.page("/"))
    page = plain(looking.press(f"/links/keycrm/{connection}/disconnect"))
    assert "Not connected" in page


def test_a_link_that_is_refused_says_why(looking: Looking) -> None:
    answer = looking.post("/links/keycrm/connect", {"arg.credential.api_key": "wrong", "arg.push": "no"})

    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert looking.post("/links/keycrm/connect", {"arg.warehouse_id": "main"}).status_code == 400
    assert looking.post("/links/nobody/connect").status_code == 404


def test_pictures_come_from_this_sandbox_only(looking: Looking, world: LabClient) -> None:
    world.do("woocommerce", "seed products", of=3)

    sources = re.findall(r'<img src="([^"]*woocommerce[^"]*)"', looking.page("/shop"))

    assert sources
    assert all(source.startswith(world.url.partition("127.0.0.1")[2].partition("/")[2] and "/") for source in sources)
    root = looking.url.split("/~")[0]
    assert requests.get(root + sources[0], timeout=10).status_code == 200
