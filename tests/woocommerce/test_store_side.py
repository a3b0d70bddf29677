"""What a plugin's PHP does inside the store beside keys and options: the site, webhooks, and panels of orders."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, example, given, settings, strategies as st

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.woocommerce.deliveries import signature

from .receiver import Receiver
from .shop import Shop
from .test_nonsense import values
from .test_plugins import php

NOWHERE = "http://127.0.0.1:9/hook"


# ---------------------------------------------------------------------------------------------- the site


def test_a_plugin_reads_where_it_runs(shop: Shop) -> None:
    shop.world.do("woocommerce", "change setting", name="woocommerce_currency", value="ZAR")
    shop.world.do("woocommerce", "change setting", name="timezone_string", value="Africa/Johannesburg")

    assert php(shop, "GET", "site").json() == {
        "url": shop.url,
        "name": "Storelab",
        "currency": "ZAR",
        "timezone": "Africa/Johannesburg",
        "versions": {"wordpress": "6.9.7", "woocommerce": "10.5.0", "php": "8.2.35"},
    }


def test_an_older_store_says_so_everywhere(shop: Shop, receiver: Receiver) -> None:
    mug = shop.product()
    php(shop, "POST", "webhooks", {"topics": ["product.updated"], "delivery_url": receiver.url})
    shop.world.state("woocommerce", "an older store", version="8.1.2")
    shop.put(f"products/{mug['id']}", {"name": "Cup"})
    shop.world.settle()

    status = shop.get("system_status")
    assert php(shop, "GET", "site").json()["versions"]["woocommerce"] == "8.1.2"
    assert status["environment"]["version"] == status["active_plugins"][0]["version"] == "8.1.2"
    assert receiver.deliveries[0].header("User-Agent") == "WooCommerce/8.1.2 Hookshot (WordPress/6.9.7)"
    assert "wc/v3" in requests.get(f"{shop.url}/wp-json/", timeout=30).json()["namespaces"]


def test_a_store_before_3_5_has_no_version_3_of_the_api(shop: Shop) -> None:
    shop.world.state("woocommerce", "an older store")

    assert shop.refusal("GET", "products")[:2] == (404, "rest_no_route")
    assert shop.session.get(f"{shop.url}/wp-json/wc/v2/products", timeout=30).status_code == 200
    assert "wc/v3" not in requests.get(f"{shop.url}/wp-json/", timeout=30).json()["namespaces"]
    with pytest.raises(LabError, match="is no version"):
        shop.world.state("woocommerce", "an older store", version="old")


# ---------------------------------------------------------------------------------------------- webhooks


def test_webhooks_are_made_paused_and_without_a_ping(shop: Shop, receiver: Receiver) -> None:
    asked = {"topics": ["product.updated", "order.created"], "delivery_url": receiver.url, "status": "paused"}
    made = php(shop, "POST", "webhooks", asked)
    mug = shop.product()
    shop.put(f"products/{mug['id']}", {"name": "Cup"})
    shop.world.settle()

    assert made.status_code == 201
    assert [(w["topic"], w["status"]) for w in made.json()] == [
        ("product.updated", "paused"),
        ("order.created", "paused"),
    ]
    assert len({w["secret"] for w in made.json()}) == 2
    assert receiver.got == []

    for webhook in made.json():
        php(shop, "PUT", f"webhooks/{webhook['id']}", {"status": "active"})
    shop.put(f"products/{mug['id']}", {"name": "Jug"})
    shop.world.settle()

    assert receiver.topics() == ["product.updated"]


def test_a_webhook_is_signed_with_the_secret_that_the_plugin_chose(shop: Shop, receiver: Receiver) -> None:
    mug = shop.product()
    made = php(
        shop, "POST", "webhooks", {"topics": ["product.updated"], "delivery_url": receiver.url, "secret": "one"}
    ).json()
    shop.put(f"products/{mug['id']}", {"name": "Cup"})
    shop.world.settle()
    php(shop, "PUT", f"webhooks/{made[0]['id']}", {"secret": "two"})
    shop.put(f"products/{mug['id']}", {"name": "Jug"})
    shop.world.settle()

    assert [g.header("X-WC-Webhook-Signature") for g in receiver.deliveries] == [
        signature(g.body, secret) for g, secret in zip(receiver.deliveries, ("one", "two"), strict=True)
    ]


def test_the_list_of_webhooks_counts_failures_and_keeps_secrets(shop: Shop) -> None:
    mug = shop.product()
    asked = {"topics": ["product.updated"], "delivery_url": NOWHERE, "name": "Sync", "secret": "hush-hush"}
    number = php(shop, "POST", "webhooks", asked).json()[0]["id"]
    shop.put(f"products/{mug['id']}", {"name": "Cup"})
    shop.world.settle()

    listed = php(shop, "GET", "webhooks")
    changed = php(shop, "PUT", f"webhooks/{number}", {"delivery_url": f"{NOWHERE}2", "status": "disabled"})

    assert listed.json() == [
        {
            "id": number,
            "name": "Sync",
            "topic": "product.updated",
            "status": "active",
            "delivery_url": NOWHERE,
            "failures": 1,
        }
    ]
    assert "hush-hush" not in listed.text + changed.text
    assert (changed.json()["delivery_url"], changed.json()["status"]) == (f"{NOWHERE}2", "disabled")
    assert php(shop, "DELETE", f"webhooks/{number}").status_code == 200
    assert php(shop, "GET", "webhooks").json() == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"topics": ["order.exploded"], "delivery_url": NOWHERE}, "woocommerce_rest_shop_webhook_invalid_topic"),
        (
            {"topics": ["order.created"], "delivery_url": "nowhere"},
            "woocommerce_rest_shop_webhook_invalid_delivery_url",
        ),
        ({"topics": ["order.created"]}, "rest_missing_callback_param"),
        ({"topics": ["order.created"], "delivery_url": NOWHERE, "status": "asleep"}, "rest_invalid_param"),
    ],
)
def test_a_webhook_that_cannot_be_is_not_made(shop: Shop, body: dict[str, Any], code: str) -> None:
    assert php(shop, "POST", "webhooks", body).json()["code"] == code
    assert php(shop, "GET", "webhooks").json() == []


def test_one_bad_topic_among_good_ones_makes_nothing(shop: Shop) -> None:
    asked = {"topics": ["order.created", "order.exploded"], "delivery_url": NOWHERE}

    assert php(shop, "POST", "webhooks", asked).status_code == 400
    assert php(shop, "GET", "webhooks").json() == []


def test_there_is_no_webhook_with_any_number(shop: Shop) -> None:
    assert php(shop, "PUT", "webhooks/99", {"status": "active"}).json()["code"] == "storelab_unknown_webhook"
    assert php(shop, "DELETE", "webhooks/99").json()["code"] == "storelab_unknown_webhook"


# ---------------------------------------------------------------------------------------------- the screen of an order

PANEL: dict[str, Any] = {
    "title": "Golisto",
    "fields": [{"key": "_golisto_order_id", "label": "Order at Golisto"}, {"key": "_golisto_payout_id"}],
}


def ordered(shop: Shop) -> int:
    shop.product()
    number: int = shop.world.do("woocommerce", "check out", lines={"MUG": 1})["id"]
    return number


def test_a_panel_shows_what_the_order_has_of_it(shop: Shop) -> None:
    order = ordered(shop)
    php(shop, "PUT", "panels/golisto", PANEL)
    before = php(shop, "GET", f"orders/{order}/screen").json()["panels"]
    shop.put(f"orders/{order}", {"meta_data": [{"key": "_golisto_order_id", "value": "G-1"}]})

    after = php(shop, "GET", f"orders/{order}/screen").json()["panels"]

    assert before == []
    assert after == [
        {
            "name": "golisto",
            "title": "Golisto",
            "fields": [{"key": "_golisto_order_id", "label": "Order at Golisto", "value": "G-1"}],
        }
    ]
    assert shop.world.fact("woocommerce", "order screens") == {str(order): {"golisto": {"Order at Golisto": "G-1"}}}


def test_what_is_no_field_is_not_shown_by_a_panel(shop: Shop) -> None:
    kept = php(shop, "PUT", "panels/golisto", {**PANEL, "fields": [[1], {"key": "a"}]})

    assert kept.json()["fields"] == [{"key": "a", "label": "a"}]


def test_a_panel_that_is_taken_away_shows_nothing(shop: Shop) -> None:
    order = ordered(shop)
    shop.put(f"orders/{order}", {"meta_data": [{"key": "_golisto_order_id", "value": "G-1"}]})
    php(shop, "PUT", "panels/golisto", {**PANEL, "fields": [*PANEL["fields"], {"label": "No key"}]})

    assert len(php(shop, "GET", "panels").json()[0]["fields"]) == 2
    assert php(shop, "GET", "panels").json()[0]["fields"][1] == {
        "key": "_golisto_payout_id",
        "label": "_golisto_payout_id",
    }
    assert php(shop, "DELETE", "panels/golisto").status_code == 200
    assert php(shop, "GET", f"orders/{order}/screen").json()["panels"] == []
    assert php(shop, "DELETE", "panels/golisto").json()["code"] == "storelab_unknown_panel"


def test_a_shipment_in_the_column_travels_with_the_order(shop: Shop, receiver: Receiver) -> None:
    order = ordered(shop)
    php(shop, "PUT", "panels/spotler", {"title": "Spotler", "shipments": "_shipments"})
    php(shop, "POST", "webhooks", {"topics": ["order.updated"], "delivery_url": receiver.url})

    for number in ("3S1", "3S2"):
        shop.world.do(
            "woocommerce", "create shipment", order=order, provider="PostNL", url="https://post.nl/1", number=number
        )
        shop.world.settle()

    column = php(shop, "GET", f"orders/{order}/screen").json()["shipments"]
    assert [(s["provider"], s["link"], s["number"]) for s in column] == [
        ("PostNL", "https://post.nl/1", "3S1"),
        ("PostNL", "https://post.nl/1", "3S2"),
    ]
    carried = {m["key"]: m["value"] for m in receiver.deliveries[-1].json["meta_data"]}
    assert carried["_shipments"] == column
    assert shop.world.fact("woocommerce", "order screens")[str(order)]["shipments"] == column


def test_without_a_plugin_there_is_no_column_for_shipments(shop: Shop) -> None:
    order = ordered(shop)
    php(shop, "PUT", "panels/golisto", PANEL)

    with pytest.raises(LabError, match="plugin with a Shipments column is needed; there are: none"):
        shop.world.do("woocommerce", "create shipment", order=order)


# ---------------------------------------------------------------------------------------------- mails


def mails(shop: Shop) -> list[Any]:
    found: list[Any] = shop.world.fact("woocommerce", "mails")
    return found


def test_the_mail_of_completion_shows_the_note_of_the_order(shop: Shop) -> None:
    order = ordered(shop)
    shop.put(f"orders/{order}", {"status": "completed", "customer_note": "Track it: 3S1"})
    shop.put(f"orders/{order}", {"customer_note": "Later"})

    assert [(m["mail"], m["order"], m["to"], m["customer_note"]) for m in mails(shop)] == [
        ("customer_processing_order", order, "ann@example.com", ""),
        ("customer_completed_order", order, "ann@example.com", "Track it: 3S1"),
    ]


@pytest.mark.parametrize(
    ("statuses", "wanted"),
    [
        (["on-hold", "processing"], ["customer_processing_order"]),
        (["cancelled"], ["customer_cancelled_order"]),
        (["refunded"], ["customer_refunded_order"]),
        (["pending", "failed", "on-hold"], ["customer_failed_order", "customer_on_hold_order"]),
        (["completed", "processing"], ["customer_completed_order"]),
    ],
)
def test_changes_of_status_are_mailed_as_woocommerce_does(shop: Shop, statuses: list[str], wanted: list[str]) -> None:
    order = ordered(shop)
    seen = len(mails(shop))

    for status in statuses:
        shop.put(f"orders/{order}", {"status": status})

    assert [m["mail"] for m in mails(shop)[seen:]] == wanted


def test_notes_and_mails_by_hand_go_out_too(shop: Shop) -> None:
    order = ordered(shop)
    seen = len(mails(shop))

    shop.post(f"orders/{order}/notes", {"note": "On its way", "customer_note": True})
    shop.post(f"orders/{order}/notes", {"note": "Between us"})
    shop.post(f"orders/{order}/actions/send_email", {"template_id": "customer_processing_order"})

    assert [(m["mail"], m.get("note")) for m in mails(shop)[seen:]] == [
        ("customer_note", "On its way"),
        ("customer_processing_order", None),
    ]


def test_a_mail_that_is_switched_off_is_none(shop: Shop) -> None:
    shop.put("settings/email_customer_processing_order/enabled", {"value": "no"})

    ordered(shop)

    assert mails(shop) == []


def test_an_order_without_an_address_is_mailed_to_nobody(shop: Shop) -> None:
    shop.product()
    shop.post("orders", {"status": "processing", "line_items": [{"sku": "MUG", "quantity": 1}]})

    assert mails(shop) == []


# ---------------------------------------------------------------------------------------------- nothing in public


def test_what_plugins_keep_is_shown_to_nobody_outside(shop: Shop) -> None:
    """Every address of the store that answers without a login, and every webhook's body, looked through."""
    secrets = ["t0ken-of-the-connector", "hook-s3cret", "s3cret-of-mia"]
    php(shop, "PUT", "options/connector", {"value": {"token": secrets[0]}})
    php(shop, "POST", "webhooks", {"topics": ["order.created"], "delivery_url": NOWHERE, "secret": secrets[1]})
    shop.world.state("woocommerce", "a WordPress user", login="mia", password=secrets[2])
    key = php(shop, "POST", "keys", {}).json()
    ordered(shop)

    listed = shop.world.call("GET", "/coverage")["woocommerce"]
    paths = {o["path"].replace("{id}", "1") for o in listed if o["method"] == "GET" and o["emulated"]}
    paths |= {f"/wp-json/storelab/v1/{p}" for p in ("options", "options/connector", "keys", "webhooks", "site", "me")}
    answers = [requests.get(shop.url + path, timeout=30) for path in sorted(paths | {"/", "/wp-json/"})]

    assert any(a.ok for a in answers)
    for secret in [*secrets, key["consumer_secret"], key["consumer_key"]]:
        assert [a.url for a in answers if secret in a.text + str(a.headers)] == []


# ---------------------------------------------------------------------------------------------- nonsense

ROUTES = {
    "POST keys": "permissions description",
    "PUT options/connector": "value",
    "POST webhooks": "topics delivery_url secret name status",
    "PUT webhooks/1": "status delivery_url secret",
    "PUT panels/golisto": "title fields shipments",
    "POST orders/12/notes": "note for_customer by",
}


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    route = draw(st.sampled_from(list(ROUTES)))
    kinds = values | st.sampled_from(
        ["order.created", ["order.created"], NOWHERE, "active", [{"key": "a"}], [{"label": "b"}], "read"]
    )
    method, path = route.split()
    return method, path, draw(st.dictionaries(st.sampled_from(ROUTES[route].split()), kinds, max_size=5))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=calls())
@example(call=("PUT", "webhooks/1", {"status": None}))
def test_whatever_a_plugin_says_is_taken_or_refused(world: LabClient, call: tuple[str, str, dict[str, Any]]) -> None:
    world.call("POST", "/reset")
    shop = Shop(world)
    ordered(shop)
    php(shop, "POST", "webhooks", {"topics": ["order.created"], "delivery_url": NOWHERE})

    answer = php(shop, *call)

    assert answer.status_code < 500, answer.text[:500]
    for path in ("webhooks", "panels", "options", "keys", "orders/12/screen"):
        assert php(shop, "GET", path).ok
