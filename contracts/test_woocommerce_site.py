"""What the plugins of sync need inside the store, in the name of who clicks: rights, facts, keys and webhooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pact import Pact, match
from pact.interaction import HttpInteraction

from storelab.contracts.examples import given_value
from storelab.contracts.interactions import JSON, Asks
from storelab.contracts.store import basic
from storelab.sync.errors import GiveUp
from storelab.sync.site import API, Site
from storelab.sync.transport import Http

PROVIDER = "woocommerce"
LOGIN, PASSWORD = "ann", "correct horse"
BASIC = basic(LOGIN, PASSWORD)
DELIVERY = "https://service.example/hooks/1"
SECRET = "abcdefghijklmnopqrstuvwxyz0123456789"
TOPICS = ["order.created", "order.updated"]


def somebody(role: str = "shop_manager") -> tuple[str, dict[str, Any]]:
    return "a WordPress user", {"login": LOGIN, "password": PASSWORD, "role": role}


@pytest.fixture
def asks(asks_store: Asks) -> Asks:
    """In the name of a shop manager, unless somebody else is `given`."""

    def made(
        what: str,
        method: str,
        path: Any,
        *more: tuple[str, dict[str, Any]],
        role: str = "shop_manager",
        basic: str = BASIC,
        body: Any = None,
    ) -> HttpInteraction:
        whole = f"{API}{path}" if isinstance(path, str) else path
        return asks_store(what, method, whole, given=(somebody(role), *more), authorization=basic, body=body)

    return made


@pytest.fixture
def site(http_to_store: Http) -> Callable[..., Site]:
    def made(server: Any, password: str = PASSWORD) -> Site:
        return Site(str(server.url), LOGIN, password, http_to_store)

    return made


def at(example: str, expression: str) -> Any:
    return given_value(f"{API}{example}", f"{API}{expression}")


def webhook(status: str = "active") -> dict[str, Any]:
    return {
        "id": match.integer(4),
        "topic": "order.created",
        "status": status,
        "delivery_url": match.string(DELIVERY),
        "failures": match.integer(0),
    }


def listed(*rows: dict[str, Any]) -> Any:
    return list(rows)


A_WEBHOOK = ("a webhook", {"topic": "order.created", "delivery_url": DELIVERY})


@pytest.mark.parametrize(("role", "may"), [("shop_manager", True), ("editor", False)])
def test_who_clicks_is_asked_for_the_right_to_manage(
    pact: Pact, asks: Asks, site: Callable[..., Site], role: str, may: bool
) -> None:
    asks(f"who I am, as {role}", "GET", "/me", role=role).will_respond_with(200).with_body(
        {"login": LOGIN, "manage_woocommerce": may}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as store:
        assert site(store).may_manage() is may


def test_a_wrong_password_ends_it(pact: Pact, asks: Asks, site: Callable[..., Site]) -> None:
    asks("who I am, with a wrong password", "GET", "/me", basic=basic(LOGIN, "guess")).will_respond_with(401)

    with pact.serve(addr="127.0.0.1") as store, pytest.raises(GiveUp, match="401"):
        site(store, "guess").may_manage()


def test_who_may_not_manage_gets_no_key(pact: Pact, asks: Asks, site: Callable[..., Site]) -> None:
    body = {"description": "Acme", "permissions": "read_write"}
    asks("a key, as an editor", "POST", "/keys", role="editor", body=body).will_respond_with(403)

    with pact.serve(addr="127.0.0.1") as store, pytest.raises(GiveUp, match="403"):
        site(store).make_key("Acme", "read_write")


def test_keys_are_listed_by_their_names(pact: Pact, asks: Asks, site: Callable[..., Site]) -> None:
    """So that a plugin finds its own again; nothing in the list opens anything."""
    key = {"key_id": match.integer(4), "description": match.string("Acme"), "permissions": match.string("read_write")}
    asks("all keys", "GET", "/keys").will_respond_with(200).with_body(match.each_like(key), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as store:
        (listed_key,) = site(store).api_keys()

    assert (listed_key["key_id"], listed_key["description"]) == (4, "Acme")


def test_the_store_says_what_it_is(pact: Pact, asks: Asks, site: Callable[..., Site]) -> None:
    versions = {name: match.regex("10.5.0", regex=r"^\d+(\.\d+)+") for name in ("wordpress", "woocommerce", "php")}
    asks("what store this is", "GET", "/site").will_respond_with(200).with_body(
        {
            "url": match.regex("https://shop.example", regex=r"^https?://.+$"),
            "name": match.string("Shop"),
            "currency": match.regex("USD", regex="^[A-Z]{3}$"),
            "timezone": match.string("UTC"),
            "versions": versions,
        },
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as store:
        found = site(store).described()

    assert found["currency"] == "USD"
    assert found["versions"].keys() == {"wordpress", "woocommerce", "php"}


@pytest.mark.parametrize("permissions", ["read", "read_write"])
def test_a_key_is_made_with_its_rights(pact: Pact, asks: Asks, site: Callable[..., Site], permissions: str) -> None:
    body = {"description": "Acme", "permissions": permissions}
    asks(f"a key to {permissions}", "POST", "/keys", body=body).will_respond_with(201).with_body(
        {
            "key_id": match.integer(7),
            "consumer_key": match.regex("ck_0123", regex="^ck_.+$"),
            "consumer_secret": match.regex("cs_0123", regex="^cs_.+$"),
            "key_permissions": permissions,
        },
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as store:
        made = site(store).make_key("Acme", permissions)

    assert (made.id, made.consumer_key, made.consumer_secret) == (7, "ck_0123", "cs_0123")


def test_a_key_is_revoked(pact: Pact, asks: Asks, site: Callable[..., Site]) -> None:
    asks("the end of a key", "DELETE", at("/keys/7", "/keys/${key_id}"), ("an API key", {})).will_respond_with(200)

    with pact.serve(addr="127.0.0.1") as store:
        site(store).revoke_key(7)


def test_a_key_that_is_gone_already_is_no_trouble(pact: Pact, asks: Asks, site: Callable[..., Site]) -> None:
    asks("the end of a key that is gone", "DELETE", "/keys/999999").will_respond_with(404)

    with pact.serve(addr="127.0.0.1") as store:
        site(store).revoke_key(999999)


@pytest.mark.parametrize("status", ["paused", "active"])
def test_webhooks_are_made_without_a_ping(pact: Pact, asks: Asks, site: Callable[..., Site], status: str) -> None:
    body = {"topics": TOPICS, "delivery_url": DELIVERY, "secret": SECRET, "status": status}
    made: Any = [{"id": match.integer(n), "topic": topic, "status": status} for n, topic in enumerate(TOPICS, 4)]
    asks(f"two webhooks, {status}", "POST", "/webhooks", body=body).will_respond_with(201).with_body(
        made, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as store:
        found = site(store).make_webhooks(TOPICS, DELIVERY, SECRET, status=status)

    assert found == {"order.created": 4, "order.updated": 5}


def test_webhooks_are_listed_with_their_health(pact: Pact, asks: Asks, site: Callable[..., Site]) -> None:
    asks("all webhooks", "GET", "/webhooks", A_WEBHOOK).will_respond_with(200).with_body(
        listed(webhook()), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as store:
        (found,) = site(store).webhooks()

    assert (found["topic"], found["status"], found["failures"]) == ("order.created", "active", 0)
    assert "secret" not in found


@pytest.mark.parametrize(
    ("what", "values"),
    [
        ("is switched on", {"status": "active"}),
        ("pauses", {"status": "paused"}),
        ("gets another address and secret", {"status": "active", "delivery_url": DELIVERY, "secret": SECRET}),
    ],
)
def test_a_webhook_is_changed(
    pact: Pact, asks: Asks, site: Callable[..., Site], what: str, values: dict[str, str]
) -> None:
    path = at("/webhooks/4", "/webhooks/${id}")
    asks(f"a webhook that {what}", "PUT", path, A_WEBHOOK, body=values).will_respond_with(200).with_body(
        webhook(values["status"]), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as store:
        site(store).set_webhook(4, **values)


def test_a_webhook_is_taken_away(pact: Pact, asks: Asks, site: Callable[..., Site]) -> None:
    path = at("/webhooks/4", "/webhooks/${id}")
    asks("the end of a webhook", "DELETE", path, A_WEBHOOK).will_respond_with(200)

    with pact.serve(addr="127.0.0.1") as store:
        site(store).delete_webhook(4)


def test_a_webhook_that_is_gone_already_is_no_trouble(pact: Pact, asks: Asks, site: Callable[..., Site]) -> None:
    asks("the end of a webhook that is gone", "DELETE", "/webhooks/999999").will_respond_with(404)

    with pact.serve(addr="127.0.0.1") as store:
        site(store).delete_webhook(999999)


def test_a_panel_shows_what_orders_carry(pact: Pact, asks: Asks, site: Callable[..., Site]) -> None:
    panel = {"title": "Acme", "fields": [{"key": "_acme_order_id", "label": "Acme order"}]}
    asks("a panel in the screen of an order", "PUT", "/panels/acme", body=panel).will_respond_with(200).with_body(
        {"name": "acme", **panel}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as store:
        assert site(store).call("PUT", "/panels/acme", panel)["name"] == "acme"
