"""The store as a provider: how a consumer asks it, and what it sends to one that listens.

A signature over plain http is never like another. So the contracts speak as behind a proxy that ends the encryption:
the keys travel as Basic credentials, and X-Forwarded-Proto tells the store so.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pact import Pact
from pact.interaction import HttpInteraction

from .examples import CONSUMER_KEY, CONSUMER_SECRET, given_value
from .provider import RECEIVER

API = "/wp-json/wc/v3"
JSON = "application/json"
URL = "https://shop.example"  # where consumers believe the store to be
SECRET = "webhook-secret"
BASIC = given_value(
    f"Basic {base64.b64encode(f'{CONSUMER_KEY}:{CONSUMER_SECRET}'.encode()).decode()}", "Basic ${basic}"
)

Given = Sequence[tuple[str, Mapping[str, Any]]]
FRESH: Given = (("a fresh store", {}),)
MUG: Given = (("a product in stock", {"sku": "MUG", "quantity": 12}),)


def asked(
    pact: Pact,
    test_name: str,
    what: str,
    method: str,
    path: Any,
    query: Sequence[tuple[str, Any]] = (),
    *,
    given: Given = FRESH,
    basic: Any = BASIC,
    body: Any = None,
) -> HttpInteraction:
    """The request half of an interaction. `path` is within version 3 ("/products"), begins with /wp-json itself, or is
    a matcher: `given_value("/wp-json/wc/v3/products/11", "/wp-json/wc/v3/products/${id}")`."""
    interaction = pact.upon_receiving(what)
    for state, arguments in given:
        interaction.given(state, dict(arguments))
    interaction.test_name(test_name)
    whole = f"{API}{path}" if isinstance(path, str) and not path.startswith("/wp-json") else path
    interaction.with_request(method, whole).with_header("X-Forwarded-Proto", "https")
    if basic is not None:
        interaction.with_header("Authorization", basic)
    for name, value in query:
        interaction.with_query_parameter(name, value)
    if body is not None:
        interaction.with_body(body, content_type=JSON)
    return interaction


def listening(topic: str) -> Given:
    """The state of a store whose webhook of this topic leads to whoever verifies."""
    return (("a webhook", {"topic": topic, "delivery_url": f"{RECEIVER}/hook", "secret": SECRET}),)


def told(
    pact: Pact,
    test_name: str,
    what: str,
    topic: str,
    body: Any,
    hand_over: Callable[[Mapping[str, str], bytes], None],
    *,
    cause: Mapping[str, Any],
    given: Given,
) -> None:
    """Agree on what the store sends after `cause` ({"move": ..., "arguments": ...} or {"request": ...}), and give it to
    `hand_over` as it would arrive: headers with lower-case names, signed with `SECRET`, and bytes. The webhook itself
    is added to what is `given`."""
    message = pact.upon_receiving(what, "Async")
    for state, arguments in (*given, *listening(topic)):
        message.given(state, dict(arguments))
    message.test_name(test_name).set_comment("cause", dict(cause))
    message.with_body(body, content_type=JSON).with_metadata({"contentType": JSON, "x-wc-webhook-topic": topic})

    def handle(content: str | bytes | None, metadata: dict[str, object]) -> None:
        raw = content if isinstance(content, bytes) else str(content).encode()
        hand_over(headers(topic, raw), raw)

    pact.verify(handle, "Async")


def headers(topic: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    """Of one delivery."""
    resource, _, event = topic.partition(".")
    return {
        "content-type": JSON,
        "user-agent": "WooCommerce/10.5.0 Hookshot (WordPress/6.9)",
        "x-wc-webhook-source": f"{URL}/",
        "x-wc-webhook-topic": topic,
        "x-wc-webhook-resource": resource,
        "x-wc-webhook-event": event,
        "x-wc-webhook-signature": signature(body, secret),
        "x-wc-webhook-id": "1",
        "x-wc-webhook-delivery-id": "0123456789abcdef0123456789abcdef",
    }


def signature(body: bytes, secret: str) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def move(name: str, **arguments: Any) -> dict[str, Any]:
    """A cause: what a person does in the store."""
    return {"move": name, "arguments": arguments}


def request(method: str, path: str, body: Any = None) -> dict[str, Any]:
    """A cause: a call of the store's API."""
    asking = {"Authorization": "Basic ${basic}", "X-Forwarded-Proto": "https"}
    asked = {"method": method, "path": f"{API}{path}", "headers": asking}
    return {"request": asked if body is None else {**asked, "body": body}}
