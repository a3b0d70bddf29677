"""What StockBurst's own worker needs from the store: lists to read, single things to read again, stock and prices to
write, and webhooks that tell it of changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pact import match

from storelab.contracts import store
from storelab.contracts.actors import Actor
from storelab.contracts.examples import CONSUMER_KEY, CONSUMER_SECRET, given_value
from storelab.contracts.interactions import Asks, Given, move
from storelab.contracts.store import SHIRT, answers, at, lists
from storelab.emulators.kernel import Emulation, LabError
from storelab.emulators.shop import Shop
from storelab.emulators.stockburst.moves import adjust_stock
from storelab.emulators.stockburst.pushing import sent

CONSUMER, PROVIDER = "stockburst", "woocommerce"
FIELDS = "id,parent_id,type,name,status,sku,manage_stock,stock_quantity,regular_price,meta_data"
LISTED = [("per_page", "100"), ("orderby", "id"), ("order", "asc")]
MARK = {"meta_data": [{"key": "_stockburst_write", "value": "1.1"}]}


@pytest.fixture
def connected(actor: Actor) -> str:
    """The number of the integration: StockBurst is connected with the store of the contract."""
    keys = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}
    made = actor.state("a connected store", store_url=store.URL, secret=store.SECRET, **keys)
    return str(made["integration_id"])


def begin(actor: Actor, job: str, integration: str, **event: Any) -> None:
    """Have StockBurst do this, as a webhook or a person would."""

    def queue(here: Emulation) -> None:
        here.later(job, {"integration": integration, **event})

    actor.run(queue)


def product(sku: str = "MUG", quantity: Any = 12, **more: Any) -> dict[str, Any]:
    """What StockBurst reads of a product or variation: numbers and prices are exact, it copies them."""
    return {
        "id": match.integer(11),
        "name": match.string("Mug"),
        "status": "publish",
        "sku": sku,
        "manage_stock": True,
        "stock_quantity": quantity,
        "regular_price": match.regex("10.00", regex=r"^\d+\.\d\d$"),
        "meta_data": [],
        **more,
    }


# -- the key is tried


KEYS = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET, "store_url": store.URL}


def tried(asks_store: Asks) -> None:
    first = [("per_page", "1"), ("_fields", "id")]
    answers(
        asks_store("one product to try the key", "GET", "products", *first, given=store.MUG),
        [{"id": match.integer(11)}],
    )
    answers(asks_store("a write that changes nothing", "POST", "products/batch", given=store.MUG, body={}), [])


def test_a_key_is_tried_by_a_read_and_a_write_that_changes_nothing(actor: Actor, pact: Any, asks_store: Asks) -> None:
    tried(asks_store)

    with actor.meeting(pact):
        actor.do("set up by hand", **KEYS)

    assert actor.fact("connection")["status"] == "connected"


def test_a_key_that_may_only_read_is_found_out(actor: Actor, pact: Any, asks_store: Asks) -> None:
    key = {"authorization": given_value(store.BASIC.value, "Basic ${basic}")}
    reads = (("an API key", {"description": "reads", "permissions": "read"}),)
    first = [("per_page", "1"), ("_fields", "id")]
    answers(asks_store("one product by a key that only reads", "GET", "products", *first, given=reads, **key), [])
    answers(
        asks_store("a write by a key that only reads", "POST", "products/batch", given=reads, body={}, **key),
        {"code": match.string("woocommerce_rest_authentication_error")},
        401,
    )

    with actor.meeting(pact), pytest.raises(LabError, match="does not take the key: it answered 401"):
        actor.do("set up by hand", **KEYS)


# -- reading


def test_everything_is_read_when_a_store_is_connected(
    actor: Actor, pact: Any, asks_store: Asks, connected: str
) -> None:
    shirt = at("/products/20/variations", "/products/${SHIRT}/variations")
    fields = [*LISTED, ("_fields", FIELDS), ("page", "1")]
    variable = {**product("SHIRT"), "id": 20, "type": "variable", "manage_stock": False, "stock_quantity": None}
    lists(
        asks_store("all products", "GET", "products", *fields, given=SHIRT),
        [{**variable, "id": match.integer(20), "regular_price": "", "name": match.string("Shirt")}],
    )
    lists(
        asks_store("all variations of a product", "GET", shirt, *fields, given=SHIRT),
        [product("SHIRT-S", 5, id=match.integer(21)), product("SHIRT-M", 5, id=match.integer(22))],
    )
    order = {
        "id": match.integer(31),
        "number": match.string("31"),
        "status": "processing",
        "line_items": match.each_like(line()),
    }
    since = ("modified_after", "2025-12-29T09:00:00")
    lists(
        asks_store(
            "orders since the last time",
            "GET",
            "orders",
            *LISTED,
            since,
            ("dates_are_gmt", "true"),
            ("page", "1"),
            given=(("an order", {"sku": "MUG", "quantity": 2}),),
        ),
        [order],
    )
    customer = {"id": match.integer(2), "email": "jane@example.com", "first_name": "Jane"}
    lists(
        asks_store("all customers", "GET", "customers", *LISTED, ("page", "1"), given=(("a customer", {}),)),
        [customer],
    )

    with actor.meeting(pact):
        begin(actor, "pull", connected)
        actor.settle()

    assert actor.fact("stock") == {"SHIRT-S": 5, "SHIRT-M": 5}
    assert actor.fact("orders")["31"]["lines"] == {"MUG": 2}
    assert actor.fact("customers") == {"jane@example.com": {"id": 2, "name": "Jane", "phone": ""}}


def line() -> dict[str, Any]:
    return {
        "sku": "MUG",
        "quantity": 2,
        "product_id": match.integer(11),
        "variation_id": match.integer(0),
    }


def test_a_product_is_read_again_when_a_webhook_tells_of_it(
    actor: Actor, pact: Any, asks_store: Asks, connected: str
) -> None:
    asked = asks_store("one product", "GET", at("/products/11", "/products/${id}"), given=store.MUG)
    answers(asked, product(type="simple"))

    with actor.meeting(pact):
        begin(actor, "read product", connected, product=11)
        actor.settle()

    assert actor.fact("stock") == {"MUG": 12}
    assert actor.fact("prices") == {"MUG": "10.00"}


def test_a_variation_is_read_again_by_its_own_path(actor: Actor, pact: Any, asks_store: Asks, connected: str) -> None:
    path = at("/products/20/variations/21", "/products/${SHIRT}/variations/${SHIRT-S}")
    answers(asks_store("one variation", "GET", path, given=SHIRT), product("SHIRT-S", 5, id=match.integer(21)))

    with actor.meeting(pact):
        begin(actor, "read product", connected, product=20, variation=21)
        actor.settle()

    assert actor.fact("stock") == {"SHIRT-S": 5}


@pytest.mark.parametrize(
    ("job", "path", "event", "code"),
    [
        ("read product", "products/999999", {"product": 999_999}, "woocommerce_rest_product_invalid_id"),
        ("read order", "orders/999999", {"order": 999_999}, "woocommerce_rest_shop_order_invalid_id"),
        ("read customer", "customers/999999", {"customer": 999_999}, "woocommerce_rest_invalid_id"),
    ],
    ids=["product", "order", "customer"],
)
def test_what_is_gone_is_not_found(
    actor: Actor, pact: Any, asks_store: Asks, connected: str, job: str, path: str, event: Any, code: str
) -> None:
    answers(asks_store(f"{job} that is gone", "GET", path), {"code": match.string(code)}, 404)

    with actor.meeting(pact):
        begin(actor, job, connected, **event)
        actor.settle()

    assert actor.fact("connection")["problem"] == ""


def test_an_order_is_read_again_and_then_what_was_sold(
    actor: Actor, pact: Any, asks_store: Asks, connected: str
) -> None:
    order: Given = (("an order", {"sku": "MUG", "quantity": 2}),)
    said = {"id": match.integer(31), "number": match.string("31"), "status": "processing", "line_items": [line()]}
    answers(asks_store("one order", "GET", at("/orders/31", "/orders/${id}"), given=order), said)
    sold = asks_store("one product that was sold", "GET", at("/products/11", "/products/${id}"), given=store.MUG)
    answers(sold, product(type="simple"))

    with actor.meeting(pact):
        begin(actor, "read order", connected, order=31)
        actor.settle()

    assert actor.fact("orders")["31"]["status"] == "processing"
    assert actor.fact("stock") == {"MUG": 12}


def test_a_customer_is_read_again(actor: Actor, pact: Any, asks_store: Asks, connected: str) -> None:
    asked = asks_store("one customer", "GET", at("/customers/2", "/customers/${id}"), given=(("a customer", {}),))
    answers(asked, {"id": match.integer(2), "role": "customer", "email": "jane@example.com", "first_name": "Jane"})

    with actor.meeting(pact):
        begin(actor, "read customer", connected, customer=2)
        actor.settle()

    assert actor.fact("customers")["jane@example.com"]["name"] == "Jane"


@pytest.mark.parametrize(
    ("job", "what", "path", "query", "event"),
    [
        ("read product", "one product", at("/products/11", "/products/${id}"), [], {"product": 11}),
        ("compare", "all products", "products", [*LISTED, ("_fields", FIELDS), ("page", "1")], {}),
    ],
    ids=["one", "all"],
)
def test_a_key_that_was_revoked_ends_the_work(
    actor: Actor, pact: Any, asks_store: Asks, job: str, what: str, path: Any, query: list[Any], event: dict[str, int]
) -> None:
    """It is shown once more in the query: a host may have kept the header from the store."""
    refused = {"code": match.regex("woocommerce_rest_cannot_view", regex=r"^woocommerce_rest_cannot_\w+$")}
    gone: dict[str, Any] = {"given": store.MUG, "authorization": "Basic Y2tfZ29uZTpjc19nb25l"}
    answers(asks_store(f"{what} by a key that is gone", "GET", path, *query, **gone), refused, 401)
    shown = [*query, ("consumer_key", "ck_gone"), ("consumer_secret", "cs_gone")]
    in_query: dict[str, Any] = {"given": store.MUG, "authorization": None}
    answers(asks_store(f"{what} by a key that is gone, in the query", "GET", path, *shown, **in_query), refused, 401)
    keys = {"consumer_key": "ck_gone", "consumer_secret": "cs_gone"}
    made = actor.state("a connected store", store_url=store.URL, **keys)

    with actor.meeting(pact):
        begin(actor, job, made["integration_id"], **event)
        actor.settle()

    assert actor.fact("connection")["status"] == "refused"


# -- writing


def write(actor: Actor, pact: Any, **moves: Mapping[str, Any]) -> None:
    with actor.meeting(pact):
        for words, arguments in moves.items():
            actor.do(words.replace("_", " "), **arguments)
        actor.settle()


def listed(actor: Actor, sku: str, item: int, parent: int = 0, quantity: int = 12) -> None:
    actor.state("a listed article", sku=sku, item=item, parent=parent, quantity=quantity, price="10.00")


def reads_again(asks_store: Asks, what: str, path: Any, include: Any, rows: list[Any], given: Given) -> None:
    query = [("include", include), *LISTED, ("_fields", FIELDS)]
    answers(asks_store(what, "GET", path, *query, given=given), rows)


def test_stock_is_read_again_and_written_to_one_product(
    actor: Actor, pact: Any, asks_store: Asks, connected: str
) -> None:
    listed(actor, "MUG", 11)
    row = [product(type="simple")]
    reads_again(asks_store, "a product before it is written", "products", given_value("11", "${id}"), row, store.MUG)
    body = {"stock_quantity": 7, **MARK}
    asked = asks_store("stock of a product", "PUT", at("/products/11", "/products/${id}"), given=store.MUG, body=body)
    answers(asked, {"id": match.integer(11), "stock_quantity": 7})

    write(actor, pact, adjust_stock={"sku": "MUG", "quantity": 7})

    assert actor.fact("listings")["MUG"]["stock"] == 7


def test_a_price_is_written_alone(actor: Actor, pact: Any, asks_store: Asks, connected: str) -> None:
    listed(actor, "MUG", 11)
    row = [{**product(type="simple"), "regular_price": "10.00"}]
    reads_again(asks_store, "a product before its price", "products", given_value("11", "${id}"), row, store.MUG)
    body = {"regular_price": "12.50", **MARK}
    asked = asks_store(
        "the price of a product", "PUT", at("/products/11", "/products/${id}"), given=store.MUG, body=body
    )
    answers(asked, {"id": match.integer(11), "regular_price": "12.50"})

    write(actor, pact, change_price={"sku": "MUG", "price": "12.50"})

    assert actor.fact("listings")["MUG"]["price"] == "12.50"


def test_stock_is_written_to_one_variation_by_its_own_path(
    actor: Actor, pact: Any, asks_store: Asks, connected: str
) -> None:
    listed(actor, "SHIRT-S", 21, 20, 5)
    path = at("/products/20/variations", "/products/${SHIRT}/variations")
    row = [product("SHIRT-S", 5, id=match.integer(21))]
    reads_again(asks_store, "a variation before it is written", path, given_value("21", "${SHIRT-S}"), row, SHIRT)
    own = at("/products/20/variations/21", "/products/${SHIRT}/variations/${SHIRT-S}")
    asked = asks_store("stock of a variation", "PUT", own, given=SHIRT, body={"stock_quantity": 2, **MARK})
    answers(asked, {"id": match.integer(21), "stock_quantity": 2})

    write(actor, pact, adjust_stock={"sku": "SHIRT-S", "quantity": 2})

    assert actor.fact("listings")["SHIRT-S"]["stock"] == 2


def test_several_variations_are_written_together(actor: Actor, pact: Any, asks_store: Asks, connected: str) -> None:
    path = at("/products/20/variations", "/products/${SHIRT}/variations")
    ids = [given_value(21, "${SHIRT-S}"), given_value(22, "${SHIRT-M}")]
    both = given_value("21,22", "${SHIRT-S},${SHIRT-M}")
    rows = [product("SHIRT-S", 5, id=match.integer(21)), product("SHIRT-M", 5, id=match.integer(22))]
    reads_again(asks_store, "variations before they are written", path, both, rows, SHIRT)
    batch = at("/products/20/variations/batch", "/products/${SHIRT}/variations/batch")
    body = {"update": [{"id": number, "stock_quantity": 1, **MARK} for number in ids]}
    done = [{"id": match.integer(21), "stock_quantity": 1}, {"id": match.integer(22), "stock_quantity": 1}]
    answers(asks_store("stock of two variations", "POST", batch, given=SHIRT, body=body), {"update": done})
    for sku, item in (("SHIRT-S", 21), ("SHIRT-M", 22)):
        listed(actor, sku, item, 20, 5)

    def both_adjusted(here: Emulation) -> None:
        for sku in ("SHIRT-S", "SHIRT-M"):
            adjust_stock(here, sku, 1)

    with actor.meeting(pact):
        actor.run(both_adjusted)
        actor.settle()

    assert {sku: one["stock"] for sku, one in actor.fact("listings").items()} == {"SHIRT-S": 1, "SHIRT-M": 1}


def test_one_row_of_many_that_fails_is_told_from_the_others(actor: Actor, pact: Any, asks_store: Asks) -> None:
    """The store answers 200 for the whole, and says beside the row what is wrong with it."""
    failed = {"code": "woocommerce_rest_product_invalid_id", "message": match.string("Invalid ID.")}
    body = {"update": [{"id": given_value(11, "${id}"), "stock_quantity": 3}, {"id": 999_999, "stock_quantity": 3}]}
    answers(
        asks_store("stock of two products, one of them gone", "POST", "products/batch", given=store.MUG, body=body),
        {"update": [{"id": match.integer(11), "stock_quantity": 3}, {"id": 999_999, "error": failed}]},
    )

    async def written(shop: Shop) -> dict[int, str]:
        return await sent(shop, "/products", [{"id": 11, "stock_quantity": 3}, {"id": 999_999, "stock_quantity": 3}])

    with actor.meeting(pact):
        errors = actor.ask(written)

    assert errors == {11: "", 999_999: "woocommerce_rest_product_invalid_id: Invalid ID."}


# -- webhooks made by StockBurst itself


def test_webhooks_are_made_and_switched_on_over_rest(actor: Actor, pact: Any, asks_store: Asks, connected: str) -> None:
    address = f"{actor.world.url('stockburst')}{PATH}/incoming/{connected}"
    topics = [
        f"{thing}.{event}" for thing in ("product", "order", "customer") for event in ("created", "updated", "deleted")
    ]
    off = {"id": match.integer(5), "topic": topics[0], "status": "disabled", "delivery_url": address}
    hook: Given = (("a webhook", {"topic": topics[0], "delivery_url": address, "status": "disabled"}),)
    listed_hooks = asks_store("all webhooks", "GET", "webhooks", *LISTED, ("page", "1"), given=hook)
    lists(listed_hooks, [off])
    asked = asks_store(
        "a webhook is switched on", "PUT", at("/webhooks/5", "/webhooks/${id}"), given=hook, body={"status": "active"}
    )
    answers(asked, {"id": match.integer(5), "status": "active"})
    for topic in topics[1:]:
        body = {"name": f"StockBurst {topic}", "topic": topic, "delivery_url": address, "secret": store.SECRET}
        answers(
            asks_store(f"a webhook for {topic}", "POST", "webhooks", body=body),
            {"id": match.integer(6), "topic": topic, "status": "active"},
            201,
        )

    with actor.meeting(pact):
        begin(actor, "make webhooks", connected)
        actor.settle()

    assert actor.fact("connection")["problem"] == ""


# -- webhooks of the store


PATH = "/api/integrations/woocommerce"


ORDER: Given = (("an order", {"sku": "MUG", "quantity": 1}),)
ANN = {"email": "ann@example.com"}
ANNA: Given = (("a customer", ANN),)
TOLD = {
    "product.created": (store.FRESH, move("add product", sku="CAP"), {}),
    "product.updated": (store.MUG, move("edit product", sku="MUG", price="11.00"), {}),
    "product.deleted": (store.MUG, move("trash product", sku="MUG"), {}),
    "order.created": (store.MUG, move("place order", lines={"MUG": 1}), {"status": "processing"}),
    "order.updated": (store.MUG, move("place order", lines={"MUG": 1}), {"status": "processing"}),
    "order.deleted": (ORDER, move("trash order", order=12), {}),
    "customer.updated": (ANNA, store.request("PUT", "/customers/2", {"first_name": "Anna"}), {"first_name": "Anna"}),
    "customer.deleted": (ANNA, store.request("DELETE", "/customers/2?force=true"), {}),
    "customer.created": (store.FRESH, store.request("POST", "/customers", ANN), ANN),
}


@pytest.mark.parametrize("topic", TOLD)
def test_a_webhook_is_a_hint_what_to_read_again(
    actor: Actor, hears_store: Callable[..., None], connected: str, topic: str
) -> None:
    """Nothing is read from it but its number; that the rest is there shows that it is no error of the store's."""
    given, cause, more = TOLD[topic]
    body = {"id": match.integer(11), **more}

    def arrives(headers: Mapping[str, str], raw: bytes) -> None:
        path = f"{PATH}/incoming/{connected}"
        assert actor.receives("POST", path, headers, raw) == (200, {"ok": True})
        spoiled = {**headers, "x-wc-webhook-signature": "c3BvaWxlZA=="}
        assert actor.receives("POST", path, spoiled, raw)[0] == 401

    hears_store(f"a webhook of {topic}", topic, body, arrives, cause=cause, given=given)

    assert actor.fact("heard") == {topic: 1}
