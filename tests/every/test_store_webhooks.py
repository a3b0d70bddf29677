"""Everybody who takes a store's webhooks, emulator or sync: what is not what it should be has no effect, and what is
right is a hint to look, however old it is and however often it comes."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.scenarios.driver import Driver
from storelab.scenarios.merchant import wanted_connection
from storelab.sync.service import Server

SECRET = "the-secret-of-these-webhooks-and-of-no-others"
STORE = "https://shop.example"
ERROR = b'{"code":"woocommerce_rest_cannot_view","message":"Sorry.","data":{"status":401}}'
HTML = b"<!DOCTYPE html><title>Just a moment...</title>"
HUNG_UP = 0  # on somebody who goes on talking
TOO_LARGE = b'{"id":7,"name":"' + b"x" * (11 * 1024 * 1024) + b'"}'


@dataclass
class Receiver:
    """`follows`: what is looked at because of what came."""

    url: str
    secret: str
    source: str
    topic: str
    follows: Callable[[], set[str]]

    def send(
        self,
        body: bytes = b'{"id":7,"status":"checkout-draft","type":"simple"}',
        *,
        topic: str | None = None,
        signature: str | None = None,
        source: str = "",
    ) -> int:
        signed = base64.b64encode(hmac.digest(self.secret.encode(), body, "sha256")).decode()
        topic = self.topic if topic is None else topic
        headers = {
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": source or f"{self.source}/",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": topic.split(".")[0],
            "X-WC-Webhook-Event": topic.split(".")[-1],
            "X-WC-Webhook-Signature": signed if signature is None else signature,
            "X-WC-Webhook-ID": "1",
            "X-WC-Webhook-Delivery-ID": "d34d",
        }
        kept = {name: value for name, value in headers.items() if value}
        try:
            return requests.post(self.url, data=body, headers=kept, timeout=60).status_code
        except requests.ConnectionError:
            return HUNG_UP


def jobs(world: LabClient, *names: str) -> set[str]:
    """However often they were tried: nobody is at home in the stores of these receivers."""
    events = [(job["name"], {**job["event"], "tries": 0, "try": 0}) for job in world.jobs() if job["name"] in names]
    return {f"{name} {json.dumps(event, sort_keys=True)}" for name, event in events}


def golisto(world: LabClient, sync: Server) -> Receiver:
    made = world.state("golisto", "an approved store")
    url = f"{world.info()['backends']['golisto']['url']}/api/woocommerce/webhooks/{made['shop_id']}"
    follows = lambda: jobs(world, "read product")  # noqa: E731
    return Receiver(url, made["webhook_secret"], made["store_url"], "product.updated", follows)


def stockburst(world: LabClient, sync: Server) -> Receiver:
    made = world.state("stockburst", "a connected store", store_url=STORE, secret=SECRET)
    follows = lambda: jobs(world, "read product", "read order", "read customer")  # noqa: E731
    return Receiver(made["delivery_url"], SECRET, STORE, "product.updated", follows)


def spotler(world: LabClient, sync: Server) -> Receiver:
    made = world.state("spotler", "a connector", webhook_secret=SECRET)
    url = f"{world.info()['backends']['spotler']['url']}/connectors/{made['connector_id']}/webhooks/order.created"
    shop = str(world.fact("spotler", "connection")["shop_url"])
    return Receiver(url, SECRET, shop, "order.created", lambda: jobs(world, "work"))


def plugin(backend: str, hook: str, **entered: Any) -> Callable[[LabClient, Server], Receiver]:
    """The plugin of this backend, in the reference sync."""

    def connected(world: LabClient, sync: Server) -> Receiver:
        now = datetime.fromisoformat(world.clock(freeze=True)["now"])
        world.state("woocommerce", "a store in another currency", code="RSD")
        driver = Driver(sync.url)
        wanted = wanted_connection(world.info(), backend, entered, driver.wants(backend))
        made = driver.connect(wanted, now)
        with sync.service.ledger.begin() as book:
            connection = book.connection(made["id"])
            assert connection is not None
            secrets = sync.service.ledger.vault.unsealed(str(connection.secrets))
        waiting = lambda: {f"hint {n}" for n in range(driver.status(made["id"])["pending"]["inbox"])}  # noqa: E731
        store = world.info()["store"]["url"]
        return Receiver(made["hooks"][hook], secrets["webhook_secret"], store, "order.created", waiting)

    return connected


RECEIVERS = {
    "golisto": golisto,
    "stockburst": stockburst,
    "spotler": spotler,
    "plugin of sors": plugin("sors", "orders", database="MyDatabase2026", business_unit="01"),
    "plugin of spotler": plugin("spotler", "checkout"),
}


@pytest.fixture
def sync() -> Iterator[Server]:
    with Server(port=0) as running:
        yield running


@pytest.fixture(params=RECEIVERS)
def receiver(request: pytest.FixtureRequest, world: LabClient, sync: Server) -> Receiver:
    made = RECEIVERS[request.param](world, sync)
    world.call("POST", "/deliveries/hold")
    return made


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        ({"signature": ""}, {401}),
        ({"signature": "bm90IGl0"}, {401}),
        ({"signature": "\u00fcber"}, {401}),
        ({"source": "https://staging.shop.example/"}, {403, 409}),
        ({"topic": "coupon.created"}, {200, 400, 422}),
        ({"topic": "action.wp_login"}, {200, 400, 422}),
        ({"topic": "order"}, {200, 400, 422}),
        ({"topic": ""}, {200, 400, 401, 422}),
        ({"topic": "x" * 5000}, {200, 400, 422}),
        ({"body": ERROR}, {400, 422}),
        ({"body": HTML}, {400, 422}),
        ({"body": b"\xff\xfe"}, {400, 422}),
        ({"body": b"[" * 20_000}, {400, 422}),
        ({"body": b""}, {400, 422}),
        ({"body": TOO_LARGE}, {413, HUNG_UP}),
    ],
    ids=[
        "unsigned", "wrongly signed", "signed in no letters", "another store", "unknown topic", "an action",
        "half a topic", "no topic", "long topic", "error object", "HTML", "not UTF-8", "nested", "empty", "oversized",
    ],
)  # fmt: skip
def test_what_is_no_delivery_of_this_store_has_no_effect(
    receiver: Receiver, sent: dict[str, Any], statuses: set[int]
) -> None:
    status = receiver.send(**sent)

    assert status in statuses
    assert receiver.follows() == set()
    assert receiver.send() == 200  # and whoever took that takes what is right
    assert len(receiver.follows()) == 1


def test_what_is_stale_or_replayed_is_a_hint_to_look_once(receiver: Receiver) -> None:
    """A signature says who signed, not when: what was true last week is signed as well as what is true now."""
    stale = b'{"id":7,"status":"checkout-draft","type":"simple","date_modified_gmt":"2019-01-01T00:00:00"}'

    statuses = [receiver.send(), receiver.send(), receiver.send(stale), receiver.send(topic=receiver.topic)]

    assert statuses == [200, 200, 200, 200]
    assert len(receiver.follows()) == 1
