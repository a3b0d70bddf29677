"""Connect at work in a store, where a story has no word for it."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest

from storelab.client import LabClient

from .conftest import PRESET, Connect

SECRET = "a-secret-of-the-webhooks"


def deliver(spotler: Connect, number: int, body: bytes, **headers: str) -> Any:
    topic = "order.created"
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
    sent = {
        "Content-Type": "application/json",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": "order",
        "X-WC-Webhook-Source": "http://127.0.0.1:9/shop/",
        "X-WC-Webhook-Signature": signature,
        **headers,
    }
    url = f"{spotler.account['url']}/connectors/{number}/webhooks/{topic}"
    return spotler.session.post(url, data=body, headers=sent, timeout=30)


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b'{"id": 12}', {"X-WC-Webhook-Signature": "AAAA"}, 401, "bad_signature"),
        (b'{"id": 12}', {"X-WC-Webhook-Signature": ""}, 401, "bad_signature"),
        (b'{"id": 12}', {"X-WC-Webhook-Source": "https://staging.shop.example/"}, 409, "other_shop"),
        (b'{"id": 12}', {"X-WC-Webhook-Topic": "order.updated"}, 400, "bad_request"),
        (b'{"code": "woocommerce_rest_cannot_view"}', {}, 422, "malformed_delivery"),
        (b'{"id":12,"note":"gr\\u00fc\\/n"}', {}, 200, ""),
    ],
    ids=["forged", "unsigned", "clone", "topic", "malformed", "good"],
)
def test_a_delivery_is_believed_only_from_the_shop_itself(
    spotler: Connect, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    number = spotler.state("a connector", webhook_secret=SECRET)["connector_id"]

    answer = deliver(spotler, number, body, **headers)

    assert answer.status_code == status, answer.text
    assert answer.json().get("code", "") == code


def test_the_ping_of_a_new_webhook_is_answered_though_nobody_signed_it(spotler: Connect) -> None:
    number = spotler.state("a connector", webhook_secret=SECRET)["connector_id"]
    url = f"{spotler.account['url']}/connectors/{number}/webhooks/order.created"

    answer = spotler.session.post(url, data={"webhook_id": "3"}, timeout=30)

    assert (answer.status_code, answer.json()) == (200, {"status": "pong"})


@pytest.mark.parametrize("status", ["auto-draft", "checkout-draft", "trash"])
def test_an_order_that_is_none_yet_or_no_more_is_not_taken_in(spotler: Connect, status: str) -> None:
    product = spotler.world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)["id"]
    spotler.connect()

    orders = spotler.store["url"] + "/wp-json/wc/v3/orders"
    key = spotler.store["consumer_key"], spotler.store["consumer_secret"]
    body = {
        "status": "pending" if status == "trash" else status,
        "line_items": [{"product_id": product, "quantity": 1}],
    }
    made = spotler.session.post(orders, json=body, auth=key, headers={"X-Forwarded-Proto": "https"}, timeout=30)
    assert made.status_code == 201, made.text
    if status == "trash":
        url = f"{orders}/{made.json()['id']}"
        spotler.session.delete(url, auth=key, headers={"X-Forwarded-Proto": "https"}, timeout=30)
    spotler.world.settle()

    assert (spotler.fact("orders"), spotler.fact("alerts")) == ({}, {})


def test_what_a_removed_connector_knew_is_gone_and_its_neighbour_keeps_all(spotler: Connect) -> None:
    spotler.world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)
    spotler.state("a connector")
    other = spotler.state("an imported order", number="12")
    number = spotler.connect()

    assert spotler.ask("DELETE", f"/connectors/{number}").status_code < 300
    spotler.world.settle()

    assert spotler.ask("GET", f"/connectors/{other['connector_id']}/orders/12").status_code == 200


def test_a_delivery_that_names_nothing_is_told_of(spotler: Connect) -> None:
    number = spotler.state("a connector", webhook_secret=SECRET)["connector_id"]

    deliver(spotler, number, b'{"code": "woocommerce_rest_cannot_view"}')

    assert spotler.fact("alerts")["delivery order.created"]["code"] == "malformed_delivery"


def test_a_removed_connector_is_gone_for_its_shop(spotler: Connect) -> None:
    number = spotler.state("a removed connector")["connector_id"]

    assert deliver(spotler, number, b'{"id": 12}').status_code == 410


LISTED = {
    "batch.products",
    "customers.list_all",
    "customers.read",
    "customers.update",
    "index.site",
    "orders.list_all",
    "orders.read",
    "orders.update",
    "plugin_routes.read_stock",
    "products.list_all",
    "products.update",
    "system_status.read",
    "variations.list_all",
    "variations.update",
    "webhooks.create",
    "webhooks.delete",
    "webhooks.list_all",
}


def test_nothing_travels_but_orders_products_stock_shipments_contacts_and_checkouts(spotler: Connect) -> None:
    """No contact lists, no organisations, no activities: of all that a store has, Connect asks for this and no more."""
    spotler.world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)
    spotler.world.state("woocommerce", "a variable product", sku="SHIRT", quantity=5)
    spotler.world.state("woocommerce", "a customer", email="jane@example.com")
    for sku in ("MUG", "SHIRT-S"):
        spotler.state("goods in the warehouse", sku=sku, quantity=20)
    number = spotler.connect()
    spotler.shop("place order", lines={"MUG": 1})
    spotler.do("ship order")
    spotler.do("change contact", email="jane@example.com", first_name="Janet", subscribed=True)
    spotler.world.clock(advance=7200)
    spotler.ask("DELETE", f"/connectors/{number}")

    asked = {e["operation"] for e in spotler.world.journal(service="woocommerce") if e["direction"] == "in"}

    assert asked == LISTED
    given = {name.split(" ")[0] for rows in spotler.fact("elsewhere").values() for name in rows}
    assert given <= {"order", "product", "contact", "checkout"}


def test_a_dry_run_shows_what_each_rule_does_and_changes_nothing(spotler: Connect) -> None:
    spotler.state("a rule", name="Large orders", value=100)
    before = spotler.world.call("GET", "/services/spotler/facts")["result"]
    rule = {
        "object": "order",
        "conditions": [{"field": "country", "op": "equals", "value": "NL"}],
        "actions": [{"type": "set", "field": "status", "value": "on_hold"}, {"type": "notify"}],
    }

    kept = spotler.ask("POST", "/rules/dry-run", {"object": "order", "values": {"total": 150}}).json()
    tried = spotler.ask("POST", "/rules/dry-run", {"object": "order", "values": {"country": "NL"}, "rule": rule}).json()

    assert (kept["blocked_by"], kept["steps"][0]["did"]) == (1, ["block import"])
    assert [step["fits"] for step in (*kept["steps"], *tried["steps"])] == [True, True]
    assert tried["values"]["status"] == "on_hold"
    assert len(tried["notices"]) == 1
    assert spotler.world.call("GET", "/services/spotler/facts")["result"] == before


def test_what_a_customer_wrote_reaches_the_rules(spotler: Connect) -> None:
    spotler.world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)
    condition = {"field": "customer_note", "op": "contains", "value": "gift"}
    rule = {"name": "Gifts", "object": "order", "on": "import", "conditions": [condition]}
    answer = spotler.ask("POST", "/rules", {**rule, "actions": [{"type": "block_import"}]})
    assert answer.status_code == 201, answer.text
    spotler.connect()

    plain, gift = (spotler.shop("place order", lines={"MUG": 1}, note=note)["id"] for note in ("", "A gift, please"))

    assert str(plain) in spotler.fact("orders")
    assert str(gift) not in spotler.fact("orders")


@pytest.mark.parametrize(("sent", "missing"), [("api_key", "api_secret"), ("api_secret", "api_key")])
def test_a_key_is_changed_together_with_its_secret(spotler: Connect, sent: str, missing: str) -> None:
    number = spotler.connect()

    answer = spotler.ask("PATCH", f"/connectors/{number}", {sent: "c_new"})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [missing]
    assert "c_new" not in answer.text


def test_a_wider_preset_takes_in_what_the_old_one_left(spotler: Connect) -> None:
    spotler.world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)
    spotler.world.state("woocommerce", "a customer", email="jane@example.com")
    number = spotler.connect(preset="fulfilment")
    before = spotler.fact("contacts")

    changed = spotler.ask("PATCH", f"/connectors/{number}", {"preset": PRESET})
    spotler.world.settle()

    assert (changed.status_code, changed.json()["preset"]) == (200, PRESET)
    assert (before, "jane@example.com" in spotler.fact("contacts")) == ({}, True)


def test_the_same_shipment_twice_is_one(spotler: Connect) -> None:
    number = spotler.state("an imported order", number="12")["connector_id"]
    body = {"order_number": "12", "tracking_code": "3SABC"}

    first = spotler.ask("POST", f"/connectors/{number}/shipments", body)
    again = spotler.ask("POST", f"/connectors/{number}/shipments", body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]


def test_levels_that_name_an_unknown_sku_are_not_taken_at_all(spotler: Connect) -> None:
    number = spotler.state("a linked product", sku="MUG", quantity=3)["connector_id"]
    items = [{"sku": "MUG", "quantity": 9}, {"sku": "?", "quantity": 1}]

    answer = spotler.ask("POST", f"/connectors/{number}/stock", {"items": items})

    assert [error["field"] for error in answer.json()["errors"]] == ["items.1"]
    assert spotler.fact("stock") == {"MUG": 3}


def test_an_older_checkout_changes_nothing(spotler: Connect) -> None:
    number = spotler.state("a connector")["connector_id"]
    body = {"id": "21", "currency": "EUR", "total": 20, "items": [], "updated_at": "2026-11-02T08:59:00Z"}
    spotler.ask("POST", f"/connectors/{number}/checkouts", body)

    older = spotler.ask(
        "POST", f"/connectors/{number}/checkouts", {**body, "total": 5, "updated_at": "2026-11-02T08:00:00Z"}
    )

    assert older.json()["total"] == 20


@pytest.mark.parametrize("day", ["2026-11-01", "2026-11-29", "2026-11-30", "2026-12-31", "2028-02-29"])
def test_a_checkout_is_taken_on_every_day_of_the_year(spotler: Connect, day: str) -> None:
    number = spotler.state("a connector")["connector_id"]
    body = {"id": "21", "currency": "EUR", "total": 20, "items": [], "updated_at": f"{day}T08:59:00Z"}

    answer = spotler.ask("POST", f"/connectors/{number}/checkouts", body)

    assert (answer.status_code, answer.json()["updated_at"]) == (201, f"{day}T08:59:00Z")


@pytest.mark.parametrize("name", ["created_at", "updated_at"])
@pytest.mark.parametrize("moment", ["2026-02-30T08:59:00Z", "2026-11-00T08:59:00Z", "yesterday"])
def test_a_checkout_of_a_day_that_there_is_not_is_refused(spotler: Connect, name: str, moment: str) -> None:
    number = spotler.state("a connector")["connector_id"]
    body = {"id": "21", "currency": "EUR", "total": 20, "items": [], "updated_at": "2026-11-02T08:59:00Z"}

    answer = spotler.ask("POST", f"/connectors/{number}/checkouts", {**body, name: moment})

    wanted = {"field": name, "message": "must be a time like 2026-11-02T09:00:00Z"}
    assert (answer.status_code, answer.json()["errors"]) == (422, [wanted])


def test_an_answer_from_the_past_does_not_undo_an_order(spotler: Connect, world: LabClient) -> None:
    world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)
    spotler.connect()
    number = spotler.shop("place order", lines={"MUG": 1})["id"]
    world.fault(kind="stale", service="woocommerce", operation="orders.read")
    world.clock(advance=2)
    spotler.shop("edit order", order=number, note="kept by the cache")
    world.clock(advance=2)
    spotler.shop("change order status", order=number, status="completed")
    world.call("DELETE", "/faults")

    world.clock(advance=120)

    assert spotler.fact("orders")[str(number)]["status"] == "completed"


def test_alerts_can_be_switched_off(spotler: Connect) -> None:
    spotler.state("alerts are off")

    spotler.state("an open alert")

    assert spotler.fact("alerts")["order 12"]["state"] == "open"
    assert spotler.fact("mails") == []


def test_the_status_map_is_the_documents(spotler: Connect) -> None:
    told = spotler.ask("GET", "/order-statuses").json()

    assert {row["shop"]: row["connect"] for row in told["data"]}["cancelled"] == "cancelled"
    assert json.dumps(told["known"]).count("partially") == 3
