"""WooCommerce's webhooks at StockBurst's door."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
import requests

from storelab.client import LabClient

from .conftest import Plugin
from .test_work import rest

STORE = "https://shop.example"
SECRET = "a-webhook-secret"


class Incoming:
    def __init__(self, world: LabClient) -> None:
        made = world.state("stockburst", "a connected store", store_url=STORE, secret=SECRET)
        self.world, self.url = world, made["delivery_url"]

    def send(self, body: bytes, **changed: str) -> requests.Response:
        signature = base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
        headers = {
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"{STORE}/",
            "X-WC-Webhook-Topic": "product.updated",
            "X-WC-Webhook-Resource": "product",
            "X-WC-Webhook-Event": "updated",
            "X-WC-Webhook-Signature": signature,
            "X-WC-Webhook-ID": "1",
            "X-WC-Webhook-Delivery-ID": "d",
            **{f"X-WC-Webhook-{name.title()}": value for name, value in changed.items()},
        }
        return requests.post(self.url, data=body, headers=headers, timeout=30)

    def jobs(self) -> set[tuple[str, Any]]:
        """What was called for. The store is not there, so that nothing comes of it."""
        return {(job["name"], job["event"].get("product")) for job in self.world.call("GET", "/jobs")["jobs"]}


@pytest.fixture
def incoming(world: LabClient) -> Incoming:
    return Incoming(world)


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":7}',
        '{"id":7,"name":"Caf\u00e9 \u2603"}'.encode(),
        b'{"id":7,"name":"Caf\\u00e9"}',
        b'{"id":7,"url":"https:\\/\\/shop.example\\/"}',
        b'{ "id": 7 ,\n "b": 1.0 }',
    ],
    ids=["plain", "unicode", "escaped", "slashes", "spaces"],
)
def test_the_signature_is_about_the_bytes_that_came(incoming: Incoming, body: bytes) -> None:
    answer = incoming.send(body)

    assert answer.status_code == 200, answer.text
    assert incoming.jobs() == {("read product", 7)}


@pytest.mark.parametrize("signature", ["", "AAAA", "\u00fcber".encode().decode("latin-1")])
def test_without_a_fitting_signature_nothing_follows(incoming: Incoming, signature: str) -> None:
    answer = incoming.send(b'{"id":7}', signature=signature)

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_invalid")
    assert incoming.jobs() == set()


def test_each_webhook_is_taken_and_each_thing_is_read(incoming: Incoming) -> None:
    for number in (7, 7, 8, 7):
        assert incoming.send(b'{"id":%d}' % number).status_code == 200

    assert incoming.jobs() == {("read product", 7), ("read product", 8)}


def test_a_webhook_of_another_store_is_turned_away(incoming: Incoming) -> None:
    answer = incoming.send(b'{"id":7}', source="https://staging.shop.example/")

    assert (answer.status_code, answer.json()["code"]) == (403, "store_mismatch")
    assert incoming.jobs() == set()


@pytest.mark.parametrize(
    "body",
    [
        b'{"code":"woocommerce_rest_cannot_view","message":"Sorry.","data":{"status":401}}',
        b"[]",
        b"",
        b'{"id":"7"}',
        b'{"id":true}',
        b'{"id":-1}',
        b'{"id":0}',
        b'{"id":1e400}',
        b'{"id":99999999999999999999}',
        b"{",
        b"\xff",
    ],
)
def test_a_body_that_tells_of_nothing_is_refused(incoming: Incoming, body: bytes) -> None:
    answer = incoming.send(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "payload_unreadable")
    assert incoming.jobs() == set()


def test_a_ping_is_answered_and_means_nothing(incoming: Incoming) -> None:
    answer = requests.post(incoming.url, data={"webhook_id": "7"}, timeout=30)

    assert (answer.status_code, incoming.jobs()) == (200, set())


def test_an_unknown_and_a_removed_integration_are_told_apart(world: LabClient) -> None:
    gone = world.state("stockburst", "a removed integration")["delivery_url"]

    unknown = requests.post(f"{gone}x", json={"id": 1}, timeout=30)
    removed = requests.post(gone, json={"id": 1}, timeout=30)

    assert (unknown.status_code, unknown.json()["code"]) == (404, "integration_unknown")
    assert (removed.status_code, removed.json()["code"]) == (410, "integration_removed")


def test_webhooks_of_somebody_who_was_deleted_carry_an_error_and_are_refused(plugin: Plugin) -> None:
    """WooCommerce reads what it sends with the eyes of whoever made the webhook."""
    world = plugin.world
    world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)
    world.state("woocommerce", "a WordPress user", login="mia", role="shop_manager")
    world.do("stockburst", "issue setup code")
    plugin.id = plugin.ask(store={"admin": {"username": "mia", "password": "password"}}).get_json()["id"]
    world.settle()

    world.do("woocommerce", "delete user", login="mia")
    world.do("woocommerce", "adjust stock", sku="MUG", quantity=3)
    world.settle()

    heard = [e for e in plugin.asked("stockburst") if e["operation"] == "incoming.take"]
    assert [e["status"] for e in heard] == [400]
    assert "woocommerce_rest_cannot_view" in heard[0]["request"]["body"]
    assert plugin.stock("stockburst") == {"MUG": 10}


# -- what they carry


def personal_paths(document: dict[str, Any], schema: dict[str, Any], path: str = "") -> set[str]:
    """Paths of the fields that the document marks as personal."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if schema.get("x-personal"):
        return {path}
    found: set[str] = set()
    for name, inner in schema.get("properties", {}).items():
        found |= personal_paths(document, inner, f"{path}.{name}" if path else name)
    if "items" in schema:
        found |= personal_paths(document, schema["items"], path)
    return found


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves(inner, f"{path}.{name}" if path else name)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner, path)]
    return [(path, value)]


PERSON = {
    "first_name": "Zelda",
    "last_name": "Quibble",
    "company": "Quibble Ltd",
    "address_1": "99 Hidden Lane",
    "address_2": "Attic",
    "city": "Xanadu",
    "state": "CA",
    "postcode": "99799",
    "country": "US",
    "email": "zelda@quibble.example",
    "phone": "+1-555-0199",
}


def test_what_webhooks_carry_of_people_is_marked_in_the_document(plugin: Plugin) -> None:
    """Whatever holds something of this person, wherever in the payload, must be marked: and all that is marked must
    really be sent, or the disclosure would speak of what does not exist."""
    from storelab.emulators.kernel.documents import load_document

    world = plugin.world
    world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)
    plugin.connect()
    store = world.info()["store"]
    customer = rest(store, "POST", "/customers", {**{k: PERSON[k] for k in ("email", "first_name", "last_name")},
                    "username": "zelda-q", "billing": PERSON, "shipping": PERSON,
                    "meta_data": [{"key": "birthday", "value": "Zelda 1.1.1990"}]})  # fmt: skip
    rest(
        store,
        "POST",
        "/orders",
        {
            "customer_id": customer["id"],
            "billing": PERSON,
            "shipping": PERSON,
            "customer_note": "ring at Quibble",
            "transaction_id": "paid-by-zelda",
            "line_items": [{"product_id": 11, "quantity": 1}],
            "meta_data": [{"key": "vat", "value": "Quibble 123"}],
        },
    )
    world.settle()
    document = load_document("stockburst")
    schemas = document["components"]["schemas"]
    words = ("zelda", "quibble", "hidden lane", "attic", "xanadu", "99799", "0199")
    sent: dict[str, set[str]] = {"Order": set(), "Customer": set(), "Product": set()}
    told: dict[str, set[str]] = {name: set() for name in sent}
    for exchange in world.journal(service="stockburst", direction="in", limit=10_000):
        if exchange["operation"] != "incoming.take":
            continue
        headers = {name.lower(): value for name, value in exchange["request"]["headers"]}
        kind = headers["x-wc-webhook-resource"].title()
        for path, value in leaves(json.loads(exchange["request"]["body"])):
            sent[kind].add(path)
            if any(word in str(value).lower() for word in words):
                told[kind].add(path)

    for kind in sent:
        marked = personal_paths(document, schemas[kind])
        covered = {p for p in told[kind] if any(p == m or p.startswith(f"{m}.") for m in marked)}
        assert told[kind] - covered == set(), f"{kind}: not marked"
        real = {m for m in marked if any(p == m or p.startswith(f"{m}.") for p in sent[kind])}
        assert marked - real <= {"shipping.email"}, f"{kind}: marked and never sent"
    assert len(told["Order"]) > 15
    assert len(told["Customer"]) > 15
    assert told["Product"] == set()
