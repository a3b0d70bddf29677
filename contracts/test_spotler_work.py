"""What Spotler Connect needs from the store it works in: what a webhook told of, read again; stock, shipments and
contacts to write; and the webhooks themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pact import match

from storelab.contracts import store
from storelab.contracts.actors import Actor
from storelab.contracts.examples import CONSUMER_KEY, CONSUMER_SECRET, given_value
from storelab.contracts.interactions import Asks, move
from storelab.contracts.spotler_shop import (
    FIRST,
    JANE,
    LISTED,
    ORDER,
    acting,
    connected,
    customer,
    order,
    product,
    refused,
)
from storelab.contracts.store import SHIRT, answers, at, basic
from storelab.emulators.kernel import Emulation
from storelab.emulators.kernel.jobs import Job
from storelab.emulators.shop import ShopRefused
from storelab.emulators.spotler import contacts, orders, shipments, stock, webhooks
from storelab.emulators.spotler.connector import Connector, shop_of

CONSUMER, PROVIDER = "spotler", "woocommerce"


# -- what a webhook told of


def test_an_order_is_read_again(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    actor.state("a linked product", sku="MUG")
    answers(
        asks_store("an order that a webhook told of", "GET", at("/orders/31", "/orders/${id}"), given=ORDER), order()
    )

    with actor.meeting(pact):
        acting(actor, number, orders.bring_in, "31")

    assert actor.fact("orders")["31"]["lines"] == {"MUG": 1}


def test_an_order_that_is_gone_is_nothing_to_do(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    answers(
        asks_store("an order that is gone", "GET", "orders/999999"),
        refused("woocommerce_rest_shop_order_invalid_id", match.string("Invalid ID.")),
        404,
    )

    with actor.meeting(pact):
        acting(actor, number, orders.bring_in, "999999")

    assert actor.fact("orders") == {}


def test_a_product_that_an_order_names_is_read_before_the_next_look(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    answers(
        asks_store("a product that an order names", "GET", at("/products/11", "/products/${id}"), given=store.MUG),
        product(),
    )
    line = {"line_items": [{"product_id": 11, "variation_id": 0}]}

    with actor.meeting(pact):
        acting(actor, number, with_products, line)

    assert actor.fact("master products")["MUG"]["links"] == 1


def with_products(here: Emulation, connector: Connector, row: Mapping[str, Any]) -> Any:
    return orders.with_products(here, shop_of(here, connector), connector, row)


def test_a_customer_is_read_again(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    answers(
        asks_store("a customer that a webhook told of", "GET", at("/customers/2", "/customers/${id}"), given=JANE),
        customer(),
    )

    with actor.meeting(pact):
        acting(actor, number, contacts.bring_in, "2")

    assert actor.fact("contacts")["jane@example.com"]["first_name"] == "Jane"


# -- writing, and the plugin's own routes


COLUMN = ("an order panel", {"shipments": "_spotler_shipments"})


def tells_nothing(asks_store: Asks, path: str) -> None:
    """No plugin is there."""
    asked = asks_store(
        f"{path} of a store without a plugin",
        "GET",
        given_value(f"/api/storelab/v1{path}", f"/api/storelab/v1{path}"),
        authorization=None,
    )
    asked.will_respond_with(404)


def test_shipments_are_read_from_the_plugin(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    path = given_value("/api/storelab/v1/shipments/31", "/api/storelab/v1/shipments/${id}")
    asked = asks_store(
        "the shipments of an order",
        "GET",
        path,
        ("key", given_value("wc_order_1", "${order_key}")),
        given=(*ORDER, COLUMN),
        authorization=None,
    )
    answers(asked, {"shipments": []})
    row = {"id": 31, "order_key": "wc_order_1", "meta_data": [{"key": "_spotler_shipments", "value": [1]}]}

    with actor.meeting(pact):
        told = acting(actor, number, orders.with_shipments, row)

    assert told["meta_data"] == [{"key": "_spotler_shipments", "value": []}]


def test_stock_is_written_as_a_number(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    actor.state("a linked product", sku="MUG", quantity=7, item=11)
    path = at("/products/11", "/products/${id}")
    tells_nothing(asks_store, "/stock/11")
    answers(
        asks_store("the stock of a product", "PUT", path, given=store.MUG, body={"stock_quantity": 7}),
        {"manage_stock": True, "stock_quantity": 7},
    )

    with actor.meeting(pact):
        acting(actor, number, stock.export, "MUG")


def test_stock_of_a_variation_is_written_to_it(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    actor.state("a linked product", sku="SHIRT-S", quantity=3, item=13, parent=12)
    path = at("/products/12/variations/13", "/products/${SHIRT}/variations/${SHIRT-S}")
    plugin = given_value("/api/storelab/v1/stock/13", "/api/storelab/v1/stock/${SHIRT-S}")
    shown = asks_store("the stock that is shown", "GET", plugin, given=(*SHIRT, COLUMN), authorization=None)
    answers(shown, {"quantity": match.integer(5)})
    answers(
        asks_store("the stock of a variation", "PUT", path, given=SHIRT, body={"stock_quantity": 3}),
        {"manage_stock": True, "stock_quantity": 3},
    )

    with actor.meeting(pact):
        acting(actor, number, stock.export, "SHIRT-S")


def test_a_shipment_completes_its_order_and_stands_in_its_note(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    actor.state("an imported order", number="31")
    path = at("/orders/31", "/orders/${id}")
    answers(asks_store("an order that was shipped", "GET", path, given=ORDER), order())
    note = "Tracking code: 3SABC (PostNL)"
    done = {"status": "completed", "customer_note": note}
    answers(asks_store("an order to be completed", "PUT", path, given=ORDER, body=done), done)
    shipped = actor.do("ship order", order="31", tracking_code="3SABC", carrier="PostNL")

    with actor.meeting(pact):
        acting(actor, number, shipments.export, str(shipped["id"]))

    assert actor.fact("shipments")["3SABC"]["in_shop"]


def test_a_contact_is_found_by_its_address_and_written(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    contact = actor.state("a contact", email="jane@example.com", first_name="Janet")["contact_id"]
    answers(
        asks_store("the customer with an address", "GET", "customers", ("email", "jane@example.com"), given=JANE),
        [customer()],
    )
    changed = {
        "first_name": "Janet",
        "last_name": "Lee",
        "meta_data": [{"key": "spotler_opt_in", "value": "yes"}],
    }
    answers(
        asks_store("a customer who changed", "PUT", at("/customers/2", "/customers/${id}"), given=JANE, body=changed),
        {"id": match.integer(2), "first_name": "Janet"},
    )

    with actor.meeting(pact):
        acting(actor, number, contacts.export, str(contact))


def test_a_key_that_was_revoked_is_refused(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    answers(
        asks_store(
            "webhooks, by a key that was revoked",
            "GET",
            "webhooks",
            *LISTED,
            FIRST,
            authorization=basic(CONSUMER_KEY, CONSUMER_SECRET),
        ),
        refused("woocommerce_rest_cannot_view", match.string("Sorry.")),
        401,
    )
    answers(
        asks_store(
            "webhooks, by a key in the query that was revoked",
            "GET",
            "webhooks",
            *LISTED,
            FIRST,
            ("consumer_key", CONSUMER_KEY),
            ("consumer_secret", CONSUMER_SECRET),
            authorization=None,
        ),
        refused("woocommerce_rest_cannot_view", match.string("Sorry.")),
        401,
    )

    with actor.meeting(pact), pytest.raises(ShopRefused) as told:
        acting(actor, number, webhooks.look)

    assert told.value.status == 401


# -- what the store sends


@pytest.mark.parametrize(
    ("topic", "given", "cause", "kind"),
    [
        ("order.created", store.MUG, move("place order", lines={"MUG": 1}), "order"),
        (
            "order.updated",
            store.MUG,
            store.request("POST", "/orders", {"status": "processing", "set_paid": True}),
            "order",
        ),
        ("customer.created", (), store.request("POST", "/customers", {"email": "new@example.com"}), "contact"),
        ("customer.updated", (), store.request("POST", "/customers", {"email": "new@example.com"}), "contact"),
    ],
    ids=["order-created", "order-updated", "customer-created", "customer-updated"],
)
def test_a_webhook_says_what_to_read_again(
    actor: Actor, hears_store: Callable[..., None], topic: str, given: Any, cause: Any, kind: str
) -> None:
    number = connected(actor)
    asked: list[int] = []

    def hand_over(headers: Mapping[str, str], body: bytes) -> None:
        status, answer = actor.receives("POST", f"/connectors/{number}/webhooks/{topic}", headers, body)
        assert (status, answer) == (200, {"status": "noted"})
        asked.append(json.loads(body)["id"])

    hears_store(f"{topic}, for Connect", topic, {"id": match.integer(31)}, hand_over, cause=cause, given=given)

    works = [job.event["work"] for job in actor.run(jobs)]
    assert works == [f"{number}/import/{kind}/{asked[0]}"]


def jobs(here: Emulation) -> Any:
    return [job for job in here.store[Job].all() if job.name == "work"]
