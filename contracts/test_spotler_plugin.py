"""What the plugin of Spotler Connect needs inside the store, beside what every plugin needs: its keys found again, a
Shipments column, drafts of the checkout that webhooks tell of, and one of them read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pact import Pact, match

from storelab.contracts import store
from storelab.contracts.examples import CONSUMER_KEY, CONSUMER_SECRET, NOW
from storelab.contracts.interactions import JSON, Asks, Given, move
from storelab.sync.book import Book
from storelab.sync.connector import HookCall
from storelab.sync.connectors.spotler import CONNECTOR
from storelab.sync.connectors.spotler.clicks import COLUMN, PANEL
from storelab.sync.connectors.spotler.runs import checkout_from, hear
from storelab.sync.errors import Skip
from storelab.sync.site import Site
from storelab.sync.transport import Http
from storelab.sync.woocommerce import Store

PROVIDER = "woocommerce"
CONNECTION = {"backend": CONNECTOR.name, "settings": CONNECTOR.chosen({})}
INSIDE = "/wp-json/storelab/v1"
LOGIN, PASSWORD = "manager", "a-password"
MANAGER: Given = (("a WordPress user", {"login": LOGIN, "password": PASSWORD, "role": "shop_manager"}),)
AS_MANAGER = store.basic(LOGIN, PASSWORD)


def site(server: Any, http_to_store: Http) -> Site:
    return Site(str(server.url), LOGIN, PASSWORD, http_to_store)


# -- inside the store


def test_keys_are_found_again_by_their_description(pact: Pact, asks_store: Asks, http_to_store: Http) -> None:
    key = {"key_id": match.integer(7), "description": match.string("API key"), "ends_in": match.string("0123456")}
    asks_store(
        "the keys of the store", "GET", f"{INSIDE}/keys", given=MANAGER, authorization=AS_MANAGER
    ).will_respond_with(200).with_body(match.each_like(key), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop:
        rows = site(shop, http_to_store).call("GET", "/keys")

    assert rows[0].keys() >= {"key_id", "description", "ends_in"}


def test_a_shipments_column_is_registered(pact: Pact, asks_store: Asks, http_to_store: Http) -> None:
    body = {"title": "Spotler Connect", "shipments": COLUMN}
    asks_store(
        "a Shipments column", "PUT", f"{INSIDE}/panels/{PANEL}", given=MANAGER, authorization=AS_MANAGER, body=body
    ).will_respond_with(200).with_body({"name": PANEL, "shipments": COLUMN}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop:
        site(shop, http_to_store).call("PUT", f"/panels/{PANEL}", body)


def test_a_shipments_column_is_taken_away(pact: Pact, asks_store: Asks, http_to_store: Http) -> None:
    given = (*MANAGER, ("an order panel", {"name": PANEL}))
    asks_store(
        "a Shipments column to be taken away",
        "DELETE",
        f"{INSIDE}/panels/{PANEL}",
        given=given,
        authorization=AS_MANAGER,
    ).will_respond_with(200).with_body({"name": PANEL}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as shop:
        site(shop, http_to_store).call("DELETE", f"/panels/{PANEL}")


def test_a_column_that_is_gone_is_a_404(pact: Pact, asks_store: Asks, http_to_store: Http) -> None:
    asks_store(
        "a Shipments column that is gone", "DELETE", f"{INSIDE}/panels/{PANEL}", given=MANAGER, authorization=AS_MANAGER
    ).will_respond_with(404)

    with pact.serve(addr="127.0.0.1") as shop, pytest.raises(Skip) as missing:
        site(shop, http_to_store).call("DELETE", f"/panels/{PANEL}")

    assert missing.value.status == 404


# -- checkouts


def draft(**more: Any) -> dict[str, Any]:
    """What the plugin reads of a draft; its status decides."""
    moment = match.regex("2026-01-05T09:00:00", regex=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
    line = {"sku": "MUG", "name": match.string("Mug"), "quantity": 2, "price": match.number(10)}
    return {
        "id": match.integer(31),
        "status": "checkout-draft",
        "currency": match.regex("USD", regex="^[A-Z]{3}$"),
        "total": match.regex("20.00", regex=r"^\d+\.\d\d$"),
        "date_created_gmt": moment,
        "date_modified_gmt": moment,
        "billing": {"email": "ann@example.com"},
        "line_items": [line],
        **more,
    }


def test_a_draft_is_read_again(pact: Pact, asks_store: Asks, http_to_store: Http) -> None:
    given = (("an order", {"sku": "MUG", "quantity": 2, "status": "checkout-draft"}),)
    path = store.at("/orders/31", "/orders/${id}")
    asks_store("a draft of the checkout", "GET", path, given=given).will_respond_with(200).with_body(
        draft(), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as shop:
        row = Store(str(shop.url), CONSUMER_KEY, CONSUMER_SECRET, http_to_store, mode="header").one("/orders/31")

    assert checkout_from(row) == {
        "id": "31",
        "email": "ann@example.com",
        "currency": "USD",
        "total": 20.0,
        "items": [{"sku": "MUG", "name": "Mug", "quantity": 2, "price": "10"}],
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
    }


@pytest.mark.parametrize(
    ("what", "topic", "cause", "noted"),
    [
        (
            "order.created, for a checkout that is filled in",
            "order.created",
            move("abandon checkout", lines={"MUG": 1}),
            True,
        ),
        (
            "order.updated, for an order that is no checkout",
            "order.updated",
            store.request("POST", "/orders", {"status": "processing", "set_paid": True}),
            False,
        ),
    ],
    ids=["draft", "order"],
)
def test_only_drafts_are_noted(
    hears_store: Callable[..., None], book: Book, what: str, topic: str, cause: Any, noted: bool
) -> None:
    def hand_over(headers: Mapping[str, str], body: bytes) -> None:
        connection = book.connection("con")
        assert connection is not None
        news, answer, status = hear(HookCall(connection, body, NOW, headers))
        book.learn(connection.id, news, NOW)
        assert (status, answer["noted"]) == (200, "order" if noted else None)

    status = "checkout-draft" if noted else "processing"
    hears_store(what, topic, {"id": match.integer(31), "status": status}, hand_over, cause=cause, given=store.MUG)

    assert book.inbox.has("con", "order") is noted
