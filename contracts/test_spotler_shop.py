"""What Spotler Connect needs from the store that it comes into: who it is, its webhooks, what was there before, and
what has changed every five minutes. What it reads and writes besides is in test_spotler_work."""

from __future__ import annotations

from typing import Any

import pytest
from pact import match

from storelab.contracts import store
from storelab.contracts.actors import Actor
from storelab.contracts.examples import CONSUMER_KEY, CONSUMER_SECRET
from storelab.contracts.interactions import Asks, Given
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
from storelab.contracts.store import SHIRT, answers, at, basic, lists
from storelab.emulators.kernel import Emulation
from storelab.emulators.spotler import looking, onboarding, webhooks
from storelab.emulators.spotler.connector import Connector, shop_of
from storelab.emulators.spotler.errors import Invalid
from storelab.emulators.spotler.goods import FIELDS

CONSUMER, PROVIDER = "spotler", "woocommerce"
DECADE = "2016-01-06T09:00:00"  # ten years before the time of the contracts


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
    answers(asks_store("what site this is", "GET", "/wp-json/", authorization=None), site())
    answers(
        asks_store("what the store runs on", "GET", "system_status", *STATUS),
        {"environment": {"version": match.regex("10.5.0", regex=r"^\d+\.\d+\.\d+$")}},
    )
    answers(asks_store("a write that changes nothing, to try the key", "POST", "products/batch", body={}), [])

    with actor.meeting(pact):
        assert tries(actor) == "10.5.0"


def test_an_older_store_has_no_third_version_of_the_api(actor: Actor, pact: Any, asks_store: Asks) -> None:
    older: Given = (("an older store", {}),)
    answers(
        asks_store("what site this is, of an older store", "GET", "/wp-json/", given=older, authorization=None),
        site(namespaces=match.array_containing(["wc/v1", "wc/v2"])),
    )

    with actor.meeting(pact), pytest.raises(Invalid) as told:
        tries(actor)

    assert told.value.code == "shop_too_old"


def test_a_key_that_was_never_issued_is_told(actor: Actor, pact: Any, asks_store: Asks) -> None:
    answers(asks_store("what site this is, before a wrong key", "GET", "/wp-json/", authorization=None), site())
    answers(
        asks_store(
            "what the store runs on, with a key that was never issued",
            "GET",
            "system_status",
            *STATUS,
            authorization=basic("ck_never", "cs_never"),
        ),
        refused("woocommerce_rest_cannot_view", match.string("Sorry.")),
        401,
    )
    answers(
        asks_store(
            "what the store runs on, with that key in the query",
            "GET",
            "system_status",
            *STATUS,
            ("consumer_key", "ck_never"),
            ("consumer_secret", "cs_never"),
            authorization=None,
        ),
        refused("woocommerce_rest_cannot_view", match.string("Sorry.")),
        401,
    )

    with actor.meeting(pact), pytest.raises(Invalid) as told:
        tries(actor, "ck_never", "cs_never")

    assert told.value.code == "key_unknown"


def test_a_key_that_may_only_read_is_found_out(actor: Actor, pact: Any, asks_store: Asks) -> None:
    reads = (("an API key", {"description": "reads", "permissions": "read"}),)
    answers(
        asks_store("what site this is, before a key that only reads", "GET", "/wp-json/", authorization=None), site()
    )
    answers(
        asks_store("what the store runs on, by a key that only reads", "GET", "system_status", *STATUS, given=reads),
        {"environment": {"version": match.regex("10.5.0", regex=r"^\d+\.\d+\.\d+$")}},
    )
    answers(
        asks_store("a write by a key that only reads, to try it", "POST", "products/batch", given=reads, body={}),
        refused(
            "woocommerce_rest_authentication_error",
            match.regex("No write permissions.", regex="^.*write permissions.*$"),
        ),
        401,
    )

    with actor.meeting(pact), pytest.raises(Invalid) as told:
        tries(actor)

    assert told.value.code == "key_without_permissions"


# -- the first import


def since(days: str) -> list[tuple[str, str]]:
    return [("dates_are_gmt", "true"), ("after", days)]


def test_the_first_import_makes_webhooks_and_reads_what_was_there_before(
    actor: Actor, pact: Any, asks_store: Asks
) -> None:
    number = connected(actor, state="importing")
    given = (*store.MUG, *SHIRT, *JANE)
    lists(asks_store("the webhooks of a store that has none", "GET", "webhooks", *LISTED, FIRST), [])
    for topic in ("order.created", "order.updated", "customer.created", "customer.updated"):
        body = {
            "name": f"Spotler Connect: {topic}",
            "topic": topic,
            "delivery_url": acting(actor, number, lambda here, c, t=topic: c.hook(t)),
            "secret": store.SECRET,
        }
        answers(
            asks_store(f"a webhook for {topic}", "POST", "webhooks", body=body),
            {"id": match.integer(1), "topic": topic, "status": "active"},
            201,
        )
    whole = [("status", "any"), ("after", DECADE), ("dates_are_gmt", "true"), ("_fields", FIELDS)]
    variable = {**product("SHIRT"), "type": "variable", "manage_stock": False, "stock_quantity": None, "price": "20.00"}
    rows = [product(), {**variable, "id": match.integer(12)}]
    lists(asks_store("products of ten years", "GET", "products", *LISTED, *whole, FIRST, given=given), rows)
    variations = at("/products/12/variations", "/products/${SHIRT}/variations")
    sizes = [
        {**product(sku, attributes=match.each_like({"option": match.string("S")})), "id": match.integer(n)}
        for n, sku in ((13, "SHIRT-S"), (14, "SHIRT-M"))
    ]
    for size in sizes:
        del size["type"]
    lists(
        asks_store("the variations of a product", "GET", variations, *LISTED, ("status", "any"), FIRST, given=SHIRT),
        sizes,
    )
    lists(asks_store("the customers", "GET", "customers", *LISTED, FIRST, given=given), [customer()])
    week = [*LISTED, ("after", "2025-12-29T09:00:00"), ("dates_are_gmt", "true"), FIRST]
    lists(asks_store("orders of a week", "GET", "orders", *week, given=ORDER), [order()])

    with actor.meeting(pact):
        acting(actor, number, looking.first_import, "import")

    assert set(actor.fact("master products")) == {"MUG", "SHIRT-S", "SHIRT-M"}
    assert set(actor.fact("orders")) == {"31"}
    assert set(actor.fact("contacts")) == {"jane@example.com"}
    assert actor.fact("connection")["state"] == "active"


# -- every five minutes


def test_products_that_changed_since_the_last_look_are_read(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    changed = [
        ("status", "any"),
        ("after", DECADE),
        ("modified_after", "2026-01-05T08:50:00"),
        ("dates_are_gmt", "true"),
        ("_fields", FIELDS),
    ]
    lists(
        asks_store("products that changed lately", "GET", "products", *LISTED, *changed, FIRST, given=store.MUG),
        [product()],
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
        asks_store("webhooks that were switched off", "GET", "webhooks", *LISTED, FIRST, given=given),
        off,
    )
    one = at("/webhooks/1", "/webhooks/${id}")
    answers(
        asks_store("a webhook to be switched on", "PUT", one, given=given[:1], body={"status": "active"}),
        {"id": match.integer(1), "topic": "order.created", "status": "active"},
    )
    two = at("/webhooks/2", "/webhooks/${id}")
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


def test_webhooks_are_deleted_when_a_connector_is_removed(actor: Actor, pact: Any, asks_store: Asks) -> None:
    number = connected(actor)
    url = acting(actor, number, lambda here, c: c.hook("order.created"))
    given = (("a webhook", {"topic": "order.created", "delivery_url": url}),)
    ours = [{"id": match.integer(1), "topic": "order.created", "status": "active", "delivery_url": url}]
    lists(asks_store("a webhook that is to go", "GET", "webhooks", *LISTED, FIRST, given=given), ours)
    one = at("/webhooks/1", "/webhooks/${id}")
    answers(
        asks_store("a webhook to be deleted", "DELETE", one, ("force", "true"), given=given), {"id": match.integer(1)}
    )

    with actor.meeting(pact):
        left = acting(actor, number, webhooks.take_away)

    assert left == 0
