"""What Spotler Connect needs from the store it works in: who it is, its webhooks, what was there before, single things
to read again, and stock, shipments and contacts to write."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pact import match
from pact.interaction import HttpInteraction

from storelab.contracts import store
from storelab.contracts.actors import Actor
from storelab.contracts.examples import CONSUMER_KEY, CONSUMER_SECRET, given_value
from storelab.emulators.kernel import Emulation
from storelab.emulators.kernel.jobs import Job
from storelab.emulators.shop import ShopRefused
from storelab.emulators.spotler import contacts, looking, onboarding, orders, shipments, stock, webhooks
from storelab.emulators.spotler.connector import Connector, found, shop_of
from storelab.emulators.spotler.errors import Invalid
from storelab.emulators.spotler.goods import FIELDS

CONSUMER, PROVIDER = "spotler", "woocommerce"
JSON, API = store.JSON, store.API
LISTED = [("per_page", "100"), ("orderby", "id"), ("order", "asc")]
FIRST = ("page", "1")
DECADE = "2016-01-06T09:00:00"  # ten years before the time of the contracts
SHIRT: store.Given = (("a variable product", {"sku": "SHIRT", "quantity": 5}),)
JANE: store.Given = (("a customer", {"email": "jane@example.com"}),)
ORDER: store.Given = (("an order", {"sku": "MUG", "quantity": 1}),)

Asks = Callable[..., HttpInteraction]


@pytest.fixture
def number(actor: Actor) -> int:
    """A connector of the store of the contract, at work."""
    return connected(actor)


def connected(actor: Actor, **more: Any) -> int:
    keys = {"api_key": CONSUMER_KEY, "api_secret": CONSUMER_SECRET, "webhook_secret": store.SECRET}
    return int(actor.state("a connector", shop_url=store.URL, **keys, **more)["connector_id"])


def acting(actor: Actor, number: int, do: Callable[..., Any], *arguments: Any) -> Any:
    """Have Connect do this for the connector, as one of its jobs would."""

    def act(here: Emulation) -> Any:
        return do(here, found(here, number), *arguments)

    return actor.run(act)


def at(example: str, expression: str) -> Any:
    return given_value(f"{API}{example}", f"{API}{expression}")


def answers(asked: HttpInteraction, body: Any, status: int = 200) -> None:
    asked.will_respond_with(status).with_body(body, content_type=JSON)


def lists(asked: HttpInteraction, rows: Any, total: int) -> None:
    told = asked.will_respond_with(200).with_header("X-WP-Total", str(total))
    told.with_header("X-WP-TotalPages", "1" if total else "0").with_body(rows, content_type=JSON)


def refused(code: str, message: Any) -> dict[str, Any]:
    return {"code": code, "message": message}


# -- onboarding


def site(**more: Any) -> dict[str, Any]:
    return {
        "home": match.regex(store.URL, regex=r"^https?://.+$"),
        "timezone_string": "",
        "gmt_offset": match.regex("0", regex=r"^-?\d+(\.\d+)?$"),
        "namespaces": match.array_containing(["wc/v3"]),
        **more,
    }


def tries(actor: Actor, key: str = CONSUMER_KEY, secret: str = CONSUMER_SECRET) -> str:
    version: str = actor.run(lambda here: onboarding.checked(here, store.URL, key, secret, "UTC"))
    return version


STATUS = [("_fields", "environment")]


def test_a_store_is_known_by_its_index_and_tried_by_a_read_and_a_write_that_changes_nothing(
    actor: Actor, pact: Any, asks_store: Asks
) -> None:
    answers(asks_store("what site this is", "GET", "/wp-json/", basic=None), site())
    answers(
        asks_store("what the store runs on", "GET", "/system_status", STATUS),
        {"environment": {"version": match.regex("10.5.0", regex=r"^\d+\.\d+\.\d+$")}},
    )
    answers(asks_store("a write that changes nothing, to try the key", "POST", "/products/batch", body={}), [])

    with actor.meeting(pact):
        assert tries(actor) == "10.5.0"


def test_an_older_store_has_no_third_version_of_the_api(actor: Actor, pact: Any, asks_store: Asks) -> None:
    older: store.Given = (("an older store", {}),)
    answers(
        asks_store("what site this is, of an older store", "GET", "/wp-json/", given=older, basic=None),
        site(namespaces=match.array_containing(["wc/v1", "wc/v2"])),
    )

    with actor.meeting(pact), pytest.raises(Invalid) as told:
        tries(actor)

    assert told.value.code == "shop_too_old"


def test_a_key_that_was_never_issued_is_told(actor: Actor, pact: Any, asks_store: Asks) -> None:
    answers(asks_store("what site this is, before a wrong key", "GET", "/wp-json/", basic=None), site())
    answers(
        asks_store(
            "what the store runs on, with a key that was never issued",
            "GET",
            "/system_status",
            STATUS,
            basic=basic("ck_never", "cs_never"),
        ),
        refused("woocommerce_rest_cannot_view", match.string("Sorry.")),
        401,
    )
    answers(
        asks_store(
            "what the store runs on, with that key in the query",
            "GET",
            "/system_status",
            [*STATUS, ("consumer_key", "ck_never"), ("consumer_secret", "cs_never")],
            basic=None,
        ),
        refused("woocommerce_rest_cannot_view", match.string("Sorry.")),
        401,
    )

    with actor.meeting(pact), pytest.raises(Invalid) as told:
        tries(actor, "ck_never", "cs_never")

    assert told.value.code == "key_unknown"


def test_a_key_that_may_only_read_is_found_out(actor: Actor, pact: Any, asks_store: Asks) -> None:
    reads = (("an API key", {"description": "reads", "permissions": "read"}),)
    answers(asks_store("what site this is, before a key that only reads", "GET", "/wp-json/", basic=None), site())
    answers(
        asks_store("what the store runs on, by a key that only reads", "GET", "/system_status", STATUS, given=reads),
        {"environment": {"version": match.regex("10.5.0", regex=r"^\d+\.\d+\.\d+$")}},
    )
    answers(
        asks_store("a write by a key that only reads, to try it", "POST", "/products/batch", given=reads, body={}),
        refused(
            "woocommerce_rest_authentication_error",
            match.regex("No write permissions.", regex="^.*write permissions.*$"),
        ),
        401,
    )

    with actor.meeting(pact), pytest.raises(Invalid) as told:
        tries(actor)

    assert told.value.code == "key_without_permissions"


def basic(key: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{key}:{secret}'.encode()).decode()}"


# -- the first import


def product(sku: str = "MUG", **more: Any) -> dict[str, Any]:
    return {
        "id": match.integer(11),
        "type": "simple",
        "sku": sku,
        "global_unique_id": "",
        "name": match.string("Mug"),
        "status": "publish",
        "price": match.regex("10.00", regex=r"^\d+(\.\d+)?$"),
        "manage_stock": True,
        "stock_quantity": match.integer(12),
        **more,
    }


def order(**more: Any) -> dict[str, Any]:
    line = {
        "product_id": match.integer(11),
        "variation_id": 0,
        "quantity": 1,
        "sku": "MUG",
        "name": match.string("Mug"),
    }
    return {
        "id": match.integer(31),
        "number": match.string("31"),
        "status": "processing",
        "currency": match.regex("USD", regex="^[A-Z]{3}$"),
        "total": match.regex("10.00", regex=r"^\d+\.\d\d$"),
        "customer_note": "",
        "customer_id": 0,
        "date_created_gmt": match.regex("2026-01-05T09:00:00", regex=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"),
        "date_modified_gmt": match.regex("2026-01-05T09:00:00", regex=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"),
        "billing": {"email": match.string("ann@example.com"), "country": match.string("US")},
        "line_items": match.each_like(line),
        "meta_data": [],
        **more,
    }


def customer(**more: Any) -> dict[str, Any]:
    return {
        "id": match.integer(2),
        "email": "jane@example.com",
        "first_name": match.string("Jane"),
        "last_name": match.string(""),
        "billing": {"phone": match.string("")},
        "meta_data": [],
        **more,
    }


def since(days: str) -> list[tuple[str, str]]:
    return [("dates_are_gmt", "true"), ("after", days)]


def test_the_first_import_makes_webhooks_and_reads_what_was_there_before(
    actor: Actor, pact: Any, asks_store: Asks
) -> None:
    number = connected(actor, state="importing")
    given = (*store.MUG, *SHIRT, *JANE)
    lists(asks_store("the webhooks of a store that has none", "GET", "/webhooks", [*LISTED, FIRST]), [], 0)
    for topic in ("order.created", "order.updated", "customer.created", "customer.updated"):
        body = {
            "name": f"Spotler Connect: {topic}",
            "topic": topic,
            "delivery_url": acting(actor, number, lambda here, c, t=topic: c.hook(t)),
            "secret": store.SECRET,
        }
        answers(
            asks_store(f"a webhook for {topic}", "POST", "/webhooks", body=body),
            {"id": match.integer(1), "topic": topic, "status": "active"},
            201,
        )
    whole = [("status", "any"), ("after", DECADE), ("dates_are_gmt", "true"), ("_fields", FIELDS)]
    variable = {**product("SHIRT"), "type": "variable", "manage_stock": False, "stock_quantity": None, "price": "20.00"}
    rows = [product(), {**variable, "id": match.integer(12)}]
    lists(asks_store("products of ten years", "GET", "/products", [*LISTED, *whole, FIRST], given=given), rows, 2)
    variations = given_value(f"{API}/products/12/variations", f"{API}/products/${{SHIRT}}/variations")
    sizes = [
        {**product(sku, attributes=match.each_like({"option": match.string("S")})), "id": match.integer(n)}
        for n, sku in ((13, "SHIRT-S"), (14, "SHIRT-M"))
    ]
    for size in sizes:
        del size["type"]
    lists(
        asks_store("the variations of a product", "GET", variations, [*LISTED, ("status", "any"), FIRST], given=SHIRT),
        sizes,
        2,
    )
    lists(asks_store("the customers", "GET", "/customers", [*LISTED, FIRST], given=given), [customer()], 1)
    week = [*LISTED, ("after", "2025-12-29T09:00:00"), ("dates_are_gmt", "true"), FIRST]
    lists(asks_store("orders of a week", "GET", "/orders", week, given=ORDER), [order()], 1)

    with actor.meeting(pact):
        acting(actor, number, looking.first_import, "import")

    assert set(actor.fact("master products")) == {"MUG", "SHIRT-S", "SHIRT-M"}
    assert set(actor.fact("orders")) == {"31"}
    assert set(actor.fact("contacts")) == {"jane@example.com"}
    assert actor.fact("connection")["state"] == "active"


# -- every five minutes


def test_products_that_changed_since_the_last_look_are_read(
    actor: Actor, pact: Any, asks_store: Asks, number: int
) -> None:
    changed = [
        ("status", "any"),
        ("after", DECADE),
        ("modified_after", "2026-01-05T08:50:00"),
        ("dates_are_gmt", "true"),
        ("_fields", FIELDS),
    ]
    lists(
        asks_store("products that changed lately", "GET", "/products", [*LISTED, *changed, FIRST], given=store.MUG),
        [product()],
        1,
    )

    with actor.meeting(pact):
        acting(actor, number, look)

    assert actor.fact("master products")["MUG"]["links"] == 1


def look(here: Emulation, connector: Connector) -> Any:
    return looking.look_at_products(here, shop_of(here, connector), connector, whole=False)


def test_a_webhook_that_was_switched_off_is_seen_and_switched_on(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor, preset="fulfilment")
    hooks = {t: acting(actor, number, lambda here, c, t=t: c.hook(t)) for t in ("order.created", "order.updated")}
    given = [("a webhook", {"topic": t, "delivery_url": url, "status": "disabled"}) for t, url in hooks.items()]
    off = [
        {"id": match.integer(n), "topic": t, "status": "disabled", "delivery_url": url}
        for n, (t, url) in enumerate(hooks.items(), 1)
    ]
    lists(
        asks_store("webhooks that were switched off", "GET", "/webhooks", [*LISTED, FIRST], given=given),
        off,
        2,
    )
    one = given_value(f"{API}/webhooks/1", f"{API}/webhooks/${{id}}")
    answers(
        asks_store("a webhook to be switched on", "PUT", one, given=given[:1], body={"status": "active"}),
        {"id": match.integer(1), "topic": "order.created", "status": "active"},
    )
    two = given_value(f"{API}/webhooks/2", f"{API}/webhooks/${{id}}")
    answers(
        asks_store("another webhook to be switched on", "PUT", two, given=given[1:], body={"status": "active"}),
        {"id": match.integer(2), "topic": "order.updated", "status": "active"},
    )

    with actor.meeting(pact):
        acting(actor, number, webhooks.look)
        seen = actor.fact("connection")["webhooks"]
        acting(actor, number, webhooks.put_in_order)

    assert set(seen.values()) == {"disabled"}
    assert set(actor.fact("connection")["webhooks"].values()) == {"active"}


def test_webhooks_are_deleted_when_a_connector_is_removed(
    actor: Actor, pact: Any, asks_store: Asks, number: int
) -> None:
    url = acting(actor, number, lambda here, c: c.hook("order.created"))
    given = (("a webhook", {"topic": "order.created", "delivery_url": url}),)
    ours = [{"id": match.integer(1), "topic": "order.created", "status": "active", "delivery_url": url}]
    lists(asks_store("a webhook that is to go", "GET", "/webhooks", [*LISTED, FIRST], given=given), ours, 1)
    one = given_value(f"{API}/webhooks/1", f"{API}/webhooks/${{id}}")
    answers(
        asks_store("a webhook to be deleted", "DELETE", one, [("force", "true")], given=given), {"id": match.integer(1)}
    )

    with actor.meeting(pact):
        left = acting(actor, number, webhooks.take_away)

    assert left == 0


# -- what a webhook told of


def test_an_order_is_read_again(actor: Actor, pact: Any, asks_store: Asks, number: int) -> None:
    actor.state("a linked product", sku="MUG")
    answers(
        asks_store("an order that a webhook told of", "GET", at("/orders/31", "/orders/${id}"), given=ORDER), order()
    )

    with actor.meeting(pact):
        acting(actor, number, orders.bring_in, "31")

    assert actor.fact("orders")["31"]["lines"] == {"MUG": 1}


def test_an_order_that_is_gone_is_nothing_to_do(actor: Actor, pact: Any, asks_store: Asks, number: int) -> None:
    answers(
        asks_store("an order that is gone", "GET", "/orders/999999"),
        refused("woocommerce_rest_shop_order_invalid_id", match.string("Invalid ID.")),
        404,
    )

    with actor.meeting(pact):
        acting(actor, number, orders.bring_in, "999999")

    assert actor.fact("orders") == {}


def test_a_product_that_an_order_names_is_read_before_the_next_look(
    actor: Actor, pact: Any, asks_store: Asks, number: int
) -> None:
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


def test_a_customer_is_read_again(actor: Actor, pact: Any, asks_store: Asks, number: int) -> None:
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
        basic=None,
    )
    asked.will_respond_with(404)


def test_shipments_are_read_from_the_plugin(actor: Actor, pact: Any, asks_store: Asks, number: int) -> None:
    path = given_value("/api/storelab/v1/shipments/31", "/api/storelab/v1/shipments/${id}")
    asked = asks_store(
        "the shipments of an order",
        "GET",
        path,
        [("key", given_value("wc_order_1", "${order_key}"))],
        given=(*ORDER, COLUMN),
        basic=None,
    )
    answers(asked, {"shipments": []})
    row = {"id": 31, "order_key": "wc_order_1", "meta_data": [{"key": "_spotler_shipments", "value": [1]}]}

    with actor.meeting(pact):
        told = acting(actor, number, orders.with_shipments, row)

    assert told["meta_data"] == [{"key": "_spotler_shipments", "value": []}]


def test_stock_is_written_as_a_number(actor: Actor, pact: Any, asks_store: Asks, number: int) -> None:
    actor.state("a linked product", sku="MUG", quantity=7, item=11)
    path = at("/products/11", "/products/${id}")
    tells_nothing(asks_store, "/stock/11")
    answers(
        asks_store("the stock of a product", "PUT", path, given=store.MUG, body={"stock_quantity": 7}),
        {"manage_stock": True, "stock_quantity": 7},
    )

    with actor.meeting(pact):
        acting(actor, number, stock.export, "MUG")


def test_stock_of_a_variation_is_written_to_it(actor: Actor, pact: Any, asks_store: Asks, number: int) -> None:
    actor.state("a linked product", sku="SHIRT-S", quantity=3, item=13, parent=12)
    path = at("/products/12/variations/13", "/products/${SHIRT}/variations/${SHIRT-S}")
    plugin = given_value("/api/storelab/v1/stock/13", "/api/storelab/v1/stock/${SHIRT-S}")
    shown = asks_store("the stock that is shown", "GET", plugin, given=(*SHIRT, COLUMN), basic=None)
    answers(shown, {"quantity": match.integer(5)})
    answers(
        asks_store("the stock of a variation", "PUT", path, given=SHIRT, body={"stock_quantity": 3}),
        {"manage_stock": True, "stock_quantity": 3},
    )

    with actor.meeting(pact):
        acting(actor, number, stock.export, "SHIRT-S")


def test_a_shipment_completes_its_order_and_stands_in_its_note(
    actor: Actor, pact: Any, asks_store: Asks, number: int
) -> None:
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


def test_a_contact_is_found_by_its_address_and_written(actor: Actor, pact: Any, asks_store: Asks, number: int) -> None:
    contact = actor.state("a contact", email="jane@example.com", first_name="Janet")["contact_id"]
    answers(
        asks_store("the customer with an address", "GET", "/customers", [("email", "jane@example.com")], given=JANE),
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


def test_a_key_that_was_revoked_is_refused(actor: Actor, pact: Any, asks_store: Asks, number: int) -> None:
    answers(
        asks_store(
            "webhooks, by a key that was revoked",
            "GET",
            "/webhooks",
            [*LISTED, FIRST],
            basic=basic(CONSUMER_KEY, CONSUMER_SECRET),
        ),
        refused("woocommerce_rest_cannot_view", match.string("Sorry.")),
        401,
    )
    answers(
        asks_store(
            "webhooks, by a key in the query that was revoked",
            "GET",
            "/webhooks",
            [*LISTED, FIRST, ("consumer_key", CONSUMER_KEY), ("consumer_secret", CONSUMER_SECRET)],
            basic=None,
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
        ("order.created", store.MUG, store.move("place order", lines={"MUG": 1}), "order"),
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
    actor: Actor, hears_store: Callable[..., None], topic: str, given: Any, cause: Any, kind: str, number: int
) -> None:
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
