"""What Golisto's own worker needs from the store: the catalogue, one product again, orders that are found before they
are made, and what a sale comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from pact import Pact, match

from storelab.contracts import store
from storelab.contracts.actors import Actor
from storelab.contracts.examples import CONSUMER_KEY, CONSUMER_SECRET, given_value
from storelab.contracts.interactions import JSON, Asks, move
from storelab.contracts.store import FRESH, MUG, SHIRT, at, basic, lists
from storelab.emulators.golisto import orders, worker
from storelab.emulators.golisto.catalogue import PRODUCT_FIELDS, VARIATION_FIELDS, Listing
from storelab.emulators.golisto.credentials import tried
from storelab.emulators.golisto.errors import Invalid
from storelab.emulators.golisto.orders import FOUND_FIELDS
from storelab.emulators.golisto.sales import Line, Sale, SaleStatus
from storelab.emulators.golisto.sites import Site
from storelab.emulators.kernel import Emulation
from storelab.emulators.kernel.jobs import JOBS, Job

CONSUMER = "golisto"
PROVIDER = "woocommerce"
SITE = {"site": "shop_1"}
SALE = {"sale": "GOL_1"}
BY_ID = [("per_page", "100"), ("orderby", "id"), ("order", "asc")]
CATALOGUE = [*BY_ID, ("status", "publish"), ("_fields", PRODUCT_FIELDS), ("page", "1")]
VARIATIONS = [*BY_ID, ("status", "publish"), ("_fields", VARIATION_FIELDS), ("page", "1")]
SINCE = [*BY_ID, ("after", "2026-01-05T08:00:00"), ("dates_are_gmt", "true"), ("_fields", FOUND_FIELDS), ("page", "1")]
AN_ORDER = (("an order", {"sku": "MUG", "quantity": 2}),)

NOTHING: Any = []  # how the store writes an empty object


@pytest.fixture
def golisto(actor: Actor) -> Actor:
    """With one approved store, which is the one of the contracts."""
    actor.state(
        "an approved store",
        store_url=store.URL,
        currency="USD",
        consumer_key=CONSUMER_KEY,
        consumer_secret=CONSUMER_SECRET,
    )
    return actor


def product(**changed: Any) -> dict[str, Any]:
    return {
        "id": match.integer(11),
        "parent_id": 0,
        "type": "simple",
        "status": "publish",
        "sku": "MUG",
        "name": match.string("Mug"),
        "description": match.string(""),
        "short_description": match.string(""),
        "price": match.regex("10.00", regex=r"^\d+\.\d\d$"),
        "manage_stock": True,
        "stock_quantity": match.integer(12),
        "stock_status": "instock",
        "images": match.like([]),
        **changed,
    }


def variation(sku: str, number: int, size: str) -> dict[str, Any]:
    return {
        "id": match.integer(number),
        "sku": sku,
        "name": match.string(size),
        "status": "publish",
        "description": match.string(""),
        "price": match.regex("20.00", regex=r"^\d+\.\d\d$"),
        "manage_stock": True,
        "stock_quantity": match.integer(5),
        "stock_status": "instock",
        "attributes": match.each_like({"name": match.string("Size"), "option": match.string(size)}),
    }


def sells(asks_store: Asks, what: str) -> None:
    asks_store(f"the currency, {what}", "GET", "data/currencies/current").will_respond_with(200).with_body(
        {"code": match.regex("USD", regex="^[A-Z]{3}$")}, content_type=JSON
    )


def refused(code: str, status: int) -> dict[str, Any]:
    return {"code": code, "message": match.string("Why."), "data": match.like({"status": status})}


# -- the key that was handed over


def tries(golisto: Actor, secret: str = CONSUMER_SECRET) -> None:
    body = {"currency": "USD", "consumer_key": CONSUMER_KEY, "consumer_secret": secret}
    golisto.run(tried, store.URL, body)


def test_a_new_key_is_tried_by_a_read_and_a_write_that_changes_nothing(
    pact: Pact, golisto: Actor, asks_store: Asks
) -> None:
    asks_store("one product, to try a key", "GET", "products", ("per_page", "1"), ("_fields", "id")).will_respond_with(
        200
    ).with_body(match.like([]), content_type=JSON)
    asks_store("an empty batch, to try a key", "POST", "products/batch", body={}).will_respond_with(200).with_body(
        NOTHING, content_type=JSON
    )
    sells(asks_store, "to try a key")

    with golisto.meeting(pact):
        tries(golisto)


def test_a_key_that_may_only_read_is_not_taken(pact: Pact, golisto: Actor, asks_store: Asks) -> None:
    reads_only = (("an API key", {"permissions": "read"}),)
    asks_store(
        "one product with a key that may only read",
        "GET",
        "products",
        ("per_page", "1"),
        ("_fields", "id"),
        given=reads_only,
    ).will_respond_with(200).with_body(match.like([]), content_type=JSON)
    asks_store(
        "an empty batch with a key that may only read", "POST", "products/batch", given=reads_only, body={}
    ).will_respond_with(401).with_body(refused("woocommerce_rest_authentication_error", 401), content_type=JSON)

    with golisto.meeting(pact), pytest.raises(Invalid, match="refuses this key"):
        tries(golisto)


# -- reading


def test_the_catalogue_is_read_whole(pact: Pact, golisto: Actor, asks_store: Asks) -> None:
    sells(asks_store, "before the catalogue")
    lists(asks_store("all that is for sale", "GET", "products", *CATALOGUE, given=MUG), [product()])

    with golisto.meeting(pact):
        golisto.run(worker.read_catalogue, SITE)

    assert golisto.fact("stock") == {"MUG": 12}
    assert golisto.fact("catalogue")["MUG"]["price"] == "10.00"
    assert golisto.fact("connection")["trouble"] == ""


def test_variations_are_read_product_by_product(pact: Pact, golisto: Actor, asks_store: Asks) -> None:
    sells(asks_store, "before variations")
    parent = product(id=match.integer(20), type="variable", sku="SHIRT", manage_stock=False, stock_quantity=None)
    lists(asks_store("a catalogue of one variable product", "GET", "products", *CATALOGUE, given=SHIRT), [parent])
    lists(
        asks_store(
            "its variations",
            "GET",
            at("/products/20/variations", "/products/${SHIRT}/variations"),
            *VARIATIONS,
            given=SHIRT,
        ),
        [variation("SHIRT-S", 21, "S"), variation("SHIRT-M", 22, "M")],
    )

    with golisto.meeting(pact):
        golisto.run(worker.read_catalogue, SITE)

    assert golisto.fact("stock") == {"SHIRT-S": 5, "SHIRT-M": 5}


def test_one_product_is_read_again(pact: Pact, golisto: Actor, asks_store: Asks) -> None:
    sells(asks_store, "before one product")
    asks_store(
        "a product again", "GET", at("/products/11", "/products/${id}"), ("_fields", PRODUCT_FIELDS), given=MUG
    ).will_respond_with(200).with_body(product(), content_type=JSON)

    with golisto.meeting(pact):
        golisto.run(worker.read_product, {**SITE, "product": 11})

    assert golisto.fact("stock") == {"MUG": 12}


def test_a_product_that_is_gone_is_not_for_sale(pact: Pact, golisto: Actor, asks_store: Asks) -> None:
    sells(asks_store, "before a product that is gone")
    asks_store("a product that is gone", "GET", "products/999999", ("_fields", PRODUCT_FIELDS)).will_respond_with(
        404
    ).with_body(refused("woocommerce_rest_product_invalid_id", 404), content_type=JSON)

    with golisto.meeting(pact):
        golisto.run(worker.read_product, {**SITE, "product": 999_999})

    assert golisto.fact("connection")["trouble"] == ""


# -- orders


def sold(golisto: Actor, product_id: int = 11, order: int = 0, **changed: Any) -> None:
    """Two mugs, in the store of the contracts."""

    def sale(here: Emulation) -> None:
        line = Line(product_id, 0, "MUG", 2, "9.50")
        made = Sale("GOL_1", "shop_1", here.clock.now, [vars(line)], "buyer_1", BUYER, "USD", order=order)
        here.store[Sale].put(replace(made, **changed))

    golisto.run(sale)


BUYER = {
    "first_name": "Mia",
    "last_name": "Keller",
    "address_1": "Hauptstrasse 7",
    "city": "Berlin",
    "postcode": "10827",
    "country": "DE",
    "email": "buyer@golisto.example",
}


def order_of(product_id: Any) -> dict[str, Any]:
    return {
        "set_paid": True,
        "payment_method": "golisto",
        "payment_method_title": "Golisto",
        "currency": "USD",
        "billing": BUYER,
        "shipping": {name: value for name, value in BUYER.items() if name != "email"},
        "line_items": [{"product_id": product_id, "quantity": 2, "subtotal": "19.00", "total": "19.00"}],
        "meta_data": OURS,
    }


OURS = [{"key": "_golisto_order_id", "value": "GOL_1"}, {"key": "_golisto_buyer_ref", "value": "buyer_1"}]
NO_ORDERS = "the orders since the sale, of which there are none"


def test_a_sale_becomes_one_order_that_is_paid(pact: Pact, golisto: Actor, asks_store: Asks) -> None:
    lists(asks_store(NO_ORDERS, "GET", "orders", *SINCE), [])
    asks_store(
        "an order for a sale", "POST", "orders", given=MUG, body=order_of(given_value(11, "${id}"))
    ).will_respond_with(201).with_body(
        {
            "id": match.integer(30),
            "status": "processing",
            "meta_data": [match.like(entry) for entry in OURS],
        },
        content_type=JSON,
    )
    sold(golisto)

    with golisto.meeting(pact):
        golisto.run(orders.tell, SALE)

    found = golisto.fact("orders")["GOL_1"]
    assert (found["order"], found["told"], found["trouble"]) == (30, True, "")


def test_orders_of_others_are_not_taken_for_a_sale(pact: Pact, golisto: Actor, asks_store: Asks) -> None:
    row = {"id": match.integer(30), "status": match.string("processing"), "meta_data": match.like([])}
    lists(
        asks_store("the orders since the sale, of which one is another's", "GET", "orders", *SINCE, given=AN_ORDER),
        [row],
    )
    asks_store(
        "an order with a key that may only read",
        "POST",
        "orders",
        given=(*MUG, ("an API key", {"permissions": "read"})),
        body=order_of(given_value(11, "${MUG}")),
    ).will_respond_with(401).with_body(refused("woocommerce_rest_authentication_error", 401), content_type=JSON)
    sold(golisto)

    with golisto.meeting(pact):
        golisto.run(orders.tell, SALE)

    found = golisto.fact("orders")["GOL_1"]
    assert found["order"] is None
    assert "401" in found["trouble"]


SHIPMENT = {"id": "ship_1", "carrier": "DHL", "tracking_number": "JJD1", "tracking_url": "https://track.example/JJD1"}
SHIPPED = [
    *OURS,
    {"key": "_golisto_shipment_id", "value": "ship_1"},
    {"key": "_golisto_carrier", "value": "DHL"},
    {"key": "_golisto_tracking_number", "value": "JJD1"},
    {"key": "_golisto_tracking_url", "value": "https://track.example/JJD1"},
]
PAYOUT = {"id": "pay_1", "status": "paid", "amount": "19.00"}
PAID_OUT = [
    *OURS,
    {"key": "_golisto_payout_id", "value": "pay_1"},
    {"key": "_golisto_payout_status", "value": "paid"},
    {"key": "_golisto_payout_amount", "value": "19.00"},
]


@pytest.mark.parametrize(
    ("what", "changed", "body"),
    [
        ("shipment", {"status": "shipped", "shipment": SHIPMENT}, {"status": "completed", "meta_data": SHIPPED}),
        ("cancellation", {"status": "cancelled"}, {"status": "cancelled", "meta_data": OURS}),
        ("payout", {"payout": PAYOUT}, {"meta_data": PAID_OUT}),
    ],
)
def test_what_a_sale_comes_to_reaches_its_order(
    pact: Pact, golisto: Actor, asks_store: Asks, what: str, changed: Mapping[str, Any], body: dict[str, Any]
) -> None:
    one = at("/orders/30", "/orders/${id}")
    asks_store(f"an order before its {what}", "GET", one, ("_fields", FOUND_FIELDS), given=AN_ORDER).will_respond_with(
        200
    ).with_body({"id": match.integer(30), "status": "processing", "meta_data": match.like([])}, content_type=JSON)
    asks_store(f"the {what} of an order", "PUT", one, given=AN_ORDER, body=body).will_respond_with(200).with_body(
        {"id": match.integer(30), "status": body.get("status", "processing")}, content_type=JSON
    )
    status = {"status": SaleStatus(changed["status"])} if "status" in changed else {}
    sold(golisto, order=30, **{**changed, **status})

    with golisto.meeting(pact):
        golisto.run(orders.tell, SALE)

    assert golisto.fact("orders")["GOL_1"]["told"] is True


def test_an_order_that_the_store_has_deleted_is_trouble(pact: Pact, golisto: Actor, asks_store: Asks) -> None:
    asks_store("an order that is gone", "GET", "orders/999999", ("_fields", FOUND_FIELDS)).will_respond_with(
        404
    ).with_body(refused("woocommerce_rest_shop_order_invalid_id", 404), content_type=JSON)
    sold(golisto, order=999_999)

    with golisto.meeting(pact):
        golisto.run(orders.tell, SALE)

    assert "404" in golisto.fact("orders")["GOL_1"]["trouble"]


def test_a_key_that_was_revoked_is_told_and_nothing_is_thrown_away(
    pact: Pact, golisto: Actor, asks_store: Asks
) -> None:
    """What is refused as if the header had got lost is tried once more with the key in the query."""
    unknown = basic("ck_revoked", "cs_revoked")
    keys = [("consumer_key", "ck_revoked"), ("consumer_secret", "cs_revoked")]
    path = "data/currencies/current"
    asks_store("the currency with a key that was revoked", "GET", path, authorization=unknown).will_respond_with(
        401
    ).with_body(refused("woocommerce_rest_cannot_view", 401), content_type=JSON)
    asks_store("the same with the key in the query", "GET", path, *keys, authorization=None).will_respond_with(401)
    golisto.state("an approved store", store_url=store.URL, consumer_key="ck_revoked", consumer_secret="cs_revoked")
    golisto.run(listed_before)

    with golisto.meeting(pact):
        golisto.run(worker.read_catalogue, SITE)

    assert "401" in golisto.fact("connection")["trouble"]
    assert golisto.fact("stock") == {"MUG": 3}


def listed_before(here: Emulation) -> None:
    here.store[Listing].put(Listing("shop_1", 11, 0, "MUG", stock=3))


# -- webhooks


@pytest.mark.parametrize(
    ("what", "topic", "body", "cause", "given"),
    [
        (
            "a product that was made",
            "product.created",
            {"id": match.integer(12), "type": "simple"},
            store.request("POST", "/products", {"name": "Cap", "type": "simple", "sku": "CAP"}),
            FRESH,
        ),
        (
            "a product whose stock was changed",
            "product.updated",
            {"id": match.integer(11), "type": "simple"},
            move("adjust stock", sku="MUG", quantity=5),
            MUG,
        ),
        (
            "a product that was trashed",
            "product.deleted",
            {"id": match.integer(11)},
            move("trash product", sku="MUG"),
            MUG,
        ),
    ],
    ids=["created", "updated", "deleted"],
)
def test_a_webhook_is_heard_and_the_product_is_read_again(
    golisto: Actor,
    hears_store: Callable[..., None],
    what: str,
    topic: str,
    body: dict[str, Any],
    cause: Mapping[str, Any],
    given: Any,
) -> None:
    def secret_of_the_contracts(here: Emulation) -> None:
        site = here.store[Site].get("shop_1")
        assert site is not None
        here.store[Site].put(replace(site, webhook_secret=store.SECRET))

    golisto.run(secret_of_the_contracts)
    answers: list[tuple[int, Any]] = []

    def handed_over(headers: Mapping[str, str], raw: bytes) -> None:
        answers.append(golisto.receives("POST", "/api/woocommerce/webhooks/shop_1", headers, raw))

    hears_store(what, topic, body, handed_over, cause=cause, given=given)

    assert answers == [(200, {"heard": True})]
    assert [job.name for job in golisto.run(queued)] == ["read product"]


def queued(here: Emulation) -> list[Any]:
    return here.store[Job].all(~JOBS.c.standing)


def test_what_is_not_signed_with_the_secret_is_not_heard(golisto: Actor) -> None:
    raw = b'{"id": 11}'
    signed = store.headers("product.updated", raw, secret="another-secret-than-the-one-of-the-store")

    status, answer = golisto.receives("POST", "/api/woocommerce/webhooks/shop_1", signed, raw)

    assert (status, answer["code"]) == (401, "signature_invalid")
    assert golisto.run(queued) == []
