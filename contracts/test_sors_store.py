"""What sync needs from the store for SORS: products by SKU, categories, pictures, orders, and a webhook for new ones.

The contract speaks as behind a proxy that ends the encryption: see `contracts/store.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pact import Pact, match
from pact.interaction import HttpInteraction

from storelab.contracts import store as shop
from storelab.contracts.examples import given_value
from storelab.contracts.interactions import JSON, Asks, move
from storelab.contracts.store import MUG, at
from storelab.sync.connectors.sors.catalogue import FIELDS
from storelab.sync.connectors.sors.orders import LIST
from storelab.sync.connectors.sors.rules import changes, export_of, gallery, stock_changes
from storelab.sync.connectors.sors.settings import SHAPE
from storelab.sync.errors import Skip
from storelab.sync.inbox import check_signature, told
from storelab.sync.watching import ailing
from storelab.sync.woocommerce import Store, error_in

PROVIDER = "woocommerce"
PAGE = [("per_page", "100"), ("page", "1"), ("orderby", "id"), ("order", "asc")]
HOOK = "http://127.0.0.1:9/hooks/con_1/sors/v1/orders"
SETTINGS = {name: part.get("default") for name, part in SHAPE.items()}
DINARS = (("a store in another currency", {"code": "RSD"}),)
ORDERED = (*DINARS, *MUG, ("an order", {"sku": "MUG", "quantity": 2}))


def listed(interaction: HttpInteraction, rows: Any, total: str = "1") -> None:
    interaction.will_respond_with(200).with_header("X-WP-Total", match.regex(total, regex=r"^\d+$")).with_body(
        rows, content_type=JSON
    )


# -- products


def test_a_product_is_found_by_its_code_with_all_that_is_compared(
    pact: Pact, asks_store: Asks, store: Callable[..., Store]
) -> None:
    query = [*PAGE, ("sku", "MUG"), ("_fields", FIELDS)]
    row = {
        "id": match.integer(11),
        "type": "simple",
        "sku": "MUG",
        "name": match.string("Mug"),
        "status": "publish",
        "regular_price": match.string("10.00"),
        "categories": match.each_like({"id": match.integer(15)}),
        "global_unique_id": "",
        "manage_stock": True,
        "stock_quantity": match.integer(12),
    }
    listed(asks_store("products with what SORS owns", "GET", "products", *query, given=MUG), [row])

    with pact.serve(addr="127.0.0.1") as server:
        (found,) = store(server).rows("/products", 1, [("sku", "MUG"), ("_fields", FIELDS)]).rows

    assert changes(found, {"name": "Mug", "category": 15}, frozenset({15})) == {}
    assert stock_changes(found, 7, "1200.00", manage=True)[0] == {"regular_price": "1200.00", "stock_quantity": 7}


NEW = {
    "sku": "MUG", "type": "simple", "status": "publish", "name": "Solja", "regular_price": "1200.00",
    "manage_stock": True,
}  # fmt: skip


def test_a_product_is_made_in_a_batch(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    body = {"create": [NEW], "update": []}
    asks_store("a new product of SORS", "POST", "products/batch", body=body).will_respond_with(200).with_body(
        {"create": [{"id": match.integer(11), "sku": "MUG", "regular_price": "1200.00"}]}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as server:
        answered = store(server).call("POST", "/products/batch", [], body).json()

    assert [(row["id"], error_in(row)) for row in answered["create"]] == [(11, "")]


def test_a_sku_that_is_taken_is_an_error_in_its_place(
    pact: Pact, asks_store: Asks, store: Callable[..., Store]
) -> None:
    body = {"create": [NEW], "update": []}
    error = {"code": match.string("product_invalid_sku"), "message": match.string("already")}
    asks_store("a new product whose SKU is taken", "POST", "products/batch", given=MUG, body=body)\
        .will_respond_with(200).with_body({"create": [{"id": 0, "error": error}]}, content_type=JSON)  # fmt: skip

    with pact.serve(addr="127.0.0.1") as server:
        answered = store(server).call("POST", "/products/batch", [], body).json()

    assert "sku" in error_in(answered["create"][0])


def test_names_and_prices_are_updated_in_a_batch(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    row = {"id": given_value(11, "${MUG}"), "name": "Solja", "regular_price": "1200.00"}
    body: dict[str, Any] = {"create": [], "update": [row]}
    asks_store("name and price of a product", "POST", "products/batch", given=MUG, body=body).will_respond_with(
        200
    ).with_body({"update": [{"id": match.integer(11), "name": "Solja", "regular_price": "1200.00"}]}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as server:
        sent = {"create": [], "update": [{"id": 11, "name": "Solja", "regular_price": "1200.00"}]}
        answered = store(server).call("POST", "/products/batch", [], sent).json()

    assert error_in(answered["update"][0]) == ""


def test_a_products_pictures_are_read(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    path, query = at("/products/11", "/products/${MUG}"), [("_fields", "id,images")]
    asks_store("the pictures of a product", "GET", path, *query, given=MUG).will_respond_with(200).with_body(
        {"id": match.integer(11), "images": []}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as server:
        found = store(server).one("/products/11", query)

    wanted = gallery(found, ["https://api.sors.rs/pictures/1.png"], {})
    assert wanted is not None
    assert wanted[0] == [{"src": "https://api.sors.rs/pictures/1.png"}]


def test_a_products_pictures_are_taken_away(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    path, query = at("/products/11", "/products/${MUG}"), [("_fields", "id,images")]
    asks_store("no pictures for a product", "PUT", path, *query, given=MUG, body={"images": []}).will_respond_with(
        200
    ).with_body({"id": match.integer(11), "images": []}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as server:
        answered = store(server).call("PUT", "/products/11", query, {"images": []}).json()

    assert answered["images"] == []


def test_a_picture_that_cannot_be_fetched_is_refused(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    path, query = at("/products/11", "/products/${MUG}"), [("_fields", "id,images")]
    body = {"images": [{"src": "http://127.0.0.1:9/nothing.png"}]}
    asks_store("a picture that is not there", "PUT", path, *query, given=MUG, body=body).will_respond_with(
        400
    ).with_body({"code": "woocommerce_product_image_upload_error", "message": match.string("x")}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as server, pytest.raises(Skip, match="image_upload_error"):
        store(server).call("PUT", "/products/11", query, body)


# -- the currency


def test_the_store_says_what_it_sells_in(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store("the currency of the store", "GET", "data/currencies/current", given=DINARS).will_respond_with(
        200
    ).with_body({"code": "RSD"}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as server:
        assert store(server).call("GET", "/data/currencies/current").json()["code"] == "RSD"


# -- categories


def test_categories_come_with_the_one_above_them(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    query = [("_fields", "id,name,parent")]
    row = {"id": match.integer(15), "name": "Uncategorized", "parent": 0}
    listed(asks_store("a page of categories", "GET", "products/categories", *PAGE, *query), [row])

    with pact.serve(addr="127.0.0.1") as server:
        page = store(server).rows("/products/categories", 1, query)

    assert (page.rows[0]["name"], page.last) == ("Uncategorized", True)


def test_a_category_is_made(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    body = {"name": "Kuhinja", "parent": 0}
    asks_store("a new category", "POST", "products/categories", body=body).will_respond_with(201).with_body(
        {"id": match.integer(16), "name": "Kuhinja", "parent": 0}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as server:
        assert store(server).call("POST", "/products/categories", [], body).json()["id"] == 16


def test_a_category_is_renamed(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    body = {"name": "Kuhinja", "parent": 0}
    asks_store("another name for a category", "PUT", "products/categories/15", body=body).will_respond_with(
        200
    ).with_body({"id": 15, "name": "Kuhinja", "parent": 0}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as server:
        assert store(server).call("PUT", "/products/categories/15", [], body).json()["name"] == "Kuhinja"


# -- orders


def test_an_order_is_read_with_all_that_is_exported(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    path = at("/orders/17", "/orders/${id}")
    line = {"sku": "MUG", "quantity": 2, "subtotal": match.string("20.00"), "subtotal_tax": match.string("0.00"),
            "total": match.string("20.00"), "total_tax": match.string("0.00")}  # fmt: skip
    person = ("first_name", "last_name", "company", "address_1", "address_2", "city", "postcode", "country", "phone")
    asks_store("an order", "GET", path, given=ORDERED).will_respond_with(200).with_body(
        {
            "id": match.integer(17),
            "number": match.string("17"),
            "status": match.string("processing"),
            "currency": "RSD",
            "date_created": match.string("2026-11-02T09:00:00"),
            "customer_note": match.string(""),
            "billing": {"email": match.string("ann@example.com"), **{name: match.string("x") for name in person}},
            "meta_data": match.type([], min=0),
            "line_items": [line],
            "shipping_lines": match.type([], min=0),
        },
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as server:
        export = export_of(store(server).one("/orders/17"), SETTINGS)

    assert (export.external, export.day, export.problem) == ("WC-17", "2026-11-02", "")
    assert [line.sent() for line in export.lines] == [{"code": "MUG", "quantity": 2, "unitPrice": 10}]
    assert export.customer["email"] == "ann@example.com"


def test_an_order_that_is_gone_is_not_there(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    asks_store("an order that is gone", "GET", "orders/999999").will_respond_with(404).with_body(
        {"code": match.string("x"), "message": match.string("Invalid ID.")}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as server, pytest.raises(Skip) as missing:
        store(server).one("/orders/999999")

    assert missing.value.status == 404


def test_orders_since_a_time_are_listed(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    query = [("modified_after", "2020-01-01T00:00:00"), ("dates_are_gmt", "true"), ("_fields", LIST)]
    row = {
        "id": match.integer(17),
        "number": match.string("17"),
        "status": match.string("processing"),
        "date_created_gmt": match.string("2026-11-02T09:00:00"),
    }
    listed(asks_store("orders since a time", "GET", "orders", *PAGE, *query, given=ORDERED), [row])

    with pact.serve(addr="127.0.0.1") as server:
        page = store(server).rows("/orders", 1, query)

    assert [order["number"] for order in page.rows] == ["17"]


# -- the webhook


def test_the_webhook_for_new_orders_is_made_over_rest(
    pact: Pact, asks_store: Asks, store: Callable[..., Store]
) -> None:
    body = {"topic": "order.created", "delivery_url": HOOK, "secret": "webhook-secret", "status": "paused"}
    asks_store("a new webhook for orders", "POST", "webhooks", body=body).will_respond_with(201).with_body(
        {"id": match.integer(1)}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as server:
        made = store(server).make_webhooks(["order.created"], HOOK, "webhook-secret", status="paused")

    assert made == {"order.created": 1}


def test_a_webhook_that_was_switched_off_is_seen(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    given = (("a webhook", {"topic": "order.created", "delivery_url": HOOK, "secret": "s", "status": "disabled"}),)
    row = {"id": match.integer(1), "topic": "order.created", "delivery_url": HOOK, "status": "disabled"}
    listed(asks_store("the webhooks, one of them off", "GET", "webhooks", *PAGE, given=given), [row])

    with pact.serve(addr="127.0.0.1") as server:
        (ill,) = ailing({"order.created": 1}, HOOK, store(server).webhooks())

    assert ill.trouble == "off"


def test_a_webhook_is_switched_on_again(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    given = (("a webhook", {"topic": "order.created", "delivery_url": HOOK, "secret": "s", "status": "paused"}),)
    body = {"status": "active", "delivery_url": HOOK, "secret": "webhook-secret"}
    path = at("/webhooks/1", "/webhooks/${id}")
    asks_store("a webhook switched on", "PUT", path, given=given, body=body).will_respond_with(200).with_body(
        {"id": match.integer(1), "status": "active"}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as server:
        store(server).set_webhook(1, **body)


def test_a_webhook_is_deleted(pact: Pact, asks_store: Asks, store: Callable[..., Store]) -> None:
    given = (("a webhook", {"topic": "order.created", "delivery_url": HOOK, "secret": "s"}),)
    path = at("/webhooks/1", "/webhooks/${id}")
    asks_store("a webhook taken away", "DELETE", path, ("force", "true"), given=given).will_respond_with(200).with_body(
        {"id": match.integer(1)}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as server:
        store(server).delete_webhook(1)


def test_a_new_order_is_told_of_with_a_signature(hears_store: Callable[..., None]) -> None:
    heard: list[tuple[str, int]] = []

    def hand_over(headers: Mapping[str, str], body: bytes) -> None:
        check_signature([shop.SECRET], headers, body)
        what = told(headers, body)
        heard.append((what.topic, what.id))

    hears_store(
        "a new order",
        "order.created",
        {"id": match.integer(17), "status": match.string("processing")},
        hand_over,
        cause=move("place order", lines={"MUG": 1}),
        given=MUG,
    )

    assert heard == [("order.created", 17)]
