"""One trace through whoever takes part: connector, backend and store."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.sandbox import Sandbox, Settings
from storelab.scenarios import player
from storelab.scenarios.story import found
from tests.woocommerce.receiver import Receiver as Hooked

from .receiver import Receiver, path

TRACE, CALLER = "a" * 32, "b" * 16
TRACEPARENT = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
HTTPS = {"X-Forwarded-Proto": "https"}
PRODUCTS = "/wp-json/wc/v3/products"


def asked(world: LabClient, method: str, where: str, **body: Any) -> requests.Response:
    store = world.info()["store"]
    keys = (store["consumer_key"], store["consumer_secret"])
    return requests.request(
        method, f"{store['url']}{where}", json=body or None, auth=keys, headers={**HTTPS, **TRACEPARENT}, timeout=20
    )


def held(sandbox: Sandbox, story: str) -> bool:
    return player.result(found(story)[0], sandbox.client).held


def test_a_request_is_a_part_of_its_callers_trace(traced: Sandbox, receiver: Receiver) -> None:
    assert asked(traced.client, "GET", f"{PRODUCTS}/99").status_code == 404

    span = receiver.one(kind="server", service="woocommerce")
    assert (span.trace, span.parent) == (TRACE, CALLER)
    assert span.name == "GET /woocommerce/wp-json/wc/v3/products/{id}"
    assert span.events == {"storelab.refused": "Invalid ID."}
    assert traced.client.journal()[-1]["number"] == span.attributes["storelab.journal.entry"]
    assert receiver.paths[0] == "/v1/traces"


def test_a_world_of_its_own_is_named(traced: Sandbox, receiver: Receiver) -> None:
    world = traced.client.make_world("mine")

    assert asked(world, "GET", PRODUCTS).status_code == 200

    assert receiver.one(kind="server").attributes["storelab.world"] == "mine"


def test_a_webhook_goes_on_with_the_trace_of_what_led_to_it(traced: Sandbox, receiver: Receiver) -> None:
    with Hooked() as hooked:
        hook = {"name": "n", "topic": "product.created", "delivery_url": f"{hooked.url}/hook", "secret": "s"}
        assert asked(traced.client, "POST", "/wp-json/wc/v3/webhooks", **hook).status_code == 201
        assert asked(traced.client, "POST", PRODUCTS, name="Mug").status_code == 201
        traced.client.settle()

        sent = receiver.one(name="POST webhook")
        cause = receiver.one(name="POST /woocommerce/wp-json/wc/v3/products")
        assert sent.parent == cause.id
        (delivery,) = hooked.deliveries
        assert delivery.header("traceparent") == f"00-{TRACE}-{sent.id}-01"
        journaled = traced.client.journal(operation="webhook")[-1]["request"]["headers"]
        assert ["traceparent", delivery.header("traceparent")] in journaled  # as it was sent


def test_without_the_flag_nothing_is_added_to_what_is_sent(
    monkeypatch: pytest.MonkeyPatch, world: LabClient, receiver: Receiver
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    with Hooked() as hooked:
        hook = {"name": "n", "topic": "product.created", "delivery_url": f"{hooked.url}/hook", "secret": "s"}
        assert asked(world, "POST", "/wp-json/wc/v3/webhooks", **hook).status_code == 201
        assert asked(world, "POST", PRODUCTS, name="Mug").status_code == 201
        world.settle()

        (delivery,) = hooked.deliveries
    assert not delivery.header("traceparent")
    assert not receiver.spans


def test_what_a_person_does_begins_a_trace(traced: Sandbox, receiver: Receiver) -> None:
    traced.client.do("woocommerce", "add product", sku="MUG", stock=3)

    span = receiver.one(name="move add product")
    assert (span.service, span.kind, span.parent) == ("woocommerce", "internal", "")
    assert span.attributes["storelab.move"] == "add product"


def test_a_fault_is_seen_in_the_trace_of_whom_it_struck(traced: Sandbox, receiver: Receiver) -> None:
    traced.client.call("POST", "/faults", {"kind": "status", "service": "woocommerce", "status": 503})

    assert asked(traced.client, "GET", PRODUCTS).status_code == 503

    span = receiver.one(kind="server")
    assert span.failed
    assert span.attributes["storelab.fault"].startswith("status #")
    assert span.attributes["error.type"] == "503"


def test_a_run_of_the_connector_is_one_trace_through_sync_backend_and_store(
    traced: Sandbox, receiver: Receiver
) -> None:
    assert held(traced, "stockburst/makes_key_and_webhooks")

    connected = receiver.one(kind="server", name="POST /connections")
    worked = receiver.one(trace=connected.trace, kind="server", name="GET /woocommerce/wp-json/wc/v3/customers")
    assert path(receiver.spans, worked) == [
        ("sync", "POST /connections"),
        ("sync", "connect"),
        ("sync", "POST"),
        ("stockburst", "POST /stockburst/api/integrations/woocommerce/connect"),
        ("stockburst", "job pull"),
        ("stockburst", "GET pull"),
        ("woocommerce", "GET /woocommerce/wp-json/wc/v3/customers"),
    ]


def test_what_the_connector_heard_leads_to_what_it_does_next(traced: Sandbox, receiver: Receiver) -> None:
    assert held(traced, "sors/order_at_once")

    placed = receiver.one(name="move place order")
    exported = receiver.one(trace=placed.trace, name="POST /sors/databases/{database}/documents")
    assert path(receiver.spans, exported) == [
        ("woocommerce", "move place order"),
        ("woocommerce", "POST webhook"),
        ("sync", "POST /hooks/{connection}/sors/v1/orders"),
        ("sync", "run export"),  # which began with reading the order
        ("sync", "run export"),  # and went on later, at the pace that is allowed
        ("sync", "POST"),
        ("sors", "POST /sors/databases/{database}/documents"),
    ]


@pytest.mark.parametrize("story", ["sors/order_at_once", "golisto/connect_to_sync", "spotler/shipments"])
def test_every_span_has_its_parent_and_none_a_credential(traced: Sandbox, receiver: Receiver, story: str) -> None:
    assert held(traced, story)
    traced.stop()

    ids = {span.id for span in receiver.spans}
    assert len(ids) == len(receiver.spans)
    assert not [span for span in receiver.spans if span.parent and span.parent not in ids]
    assert all(span.began <= span.ended for span in receiver.spans)
    text = "\n".join(f"{s.name} {s.attributes} {s.events}" for s in receiver.spans)
    assert not re.findall(r"c[sk]_[0-9a-f]{20,}|token=(?!\*\*\*)\w+|secret=(?!\*\*\*)\w+", text)


def test_what_is_no_address_is_told_before_anything_starts() -> None:
    with pytest.raises(LabError, match="http or https address of a collector"):
        Sandbox(Settings(port=0, sync_port=None, otlp="localhost"))


def test_libraries_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [m for m in sys.modules if m.startswith("storelab.tracing")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    with pytest.raises(Exception, match=r"pip install 'storelab\[otel\]'"):
        Sandbox(Settings(port=0, sync_port=None, otlp="http://127.0.0.1:4318"))
