"""The store as a provider: how a consumer asks it, and what it sends to one that listens.

A signature over plain http is never like another. So the contracts speak as behind a proxy that ends the encryption:
the keys travel as Basic credentials, and X-Forwarded-Proto tells the store so.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from pact import Pact
from pact.interaction import HttpInteraction

from . import interactions
from .examples import CONSUMER_KEY, CONSUMER_SECRET, given_value
from .interactions import JSON, Given
from .provider import RECEIVER

API = "/wp-json/wc/v3"
URL = "https://shop.example"  # where consumers believe the store to be
SECRET = "webhook-secret"


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


BASIC = given_value(basic(CONSUMER_KEY, CONSUMER_SECRET), "Basic ${basic}")
FRESH: Given = (("a fresh store", {}),)
MUG: Given = (("a product in stock", {"sku": "MUG", "quantity": 12}),)
SHIRT: Given = (("a variable product", {"sku": "SHIRT", "quantity": 5}),)


ASKED: Mapping[str, Any] = {
    "within": API,
    "given": FRESH,
    "authorization": BASIC,
    "headers": {"X-Forwarded-Proto": "https"},
}
"""What all requests to the store have in common, for `interactions.asked`: a path that begins with no slash is within
version 3, `given` and `authorization` are what they are unless something else is said."""


def at(example: str, expression: str) -> Any:
    """A path within version 3 that depends on what the states made: `at("/products/11", "/products/${id}")`."""
    return given_value(f"{API}{example}", f"{API}{expression}")


def answers(asked: HttpInteraction, body: Any, status: int = 200) -> None:
    asked.will_respond_with(status).with_body(body, content_type=JSON)


def lists(asked: HttpInteraction, rows: Any) -> None:
    """A list of which this is all."""
    answer = asked.will_respond_with(200).with_header("X-WP-Total", str(len(rows)))
    answer.with_header("X-WP-TotalPages", "1" if rows else "0").with_body(rows, content_type=JSON)


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
    interactions.told(
        pact,
        test_name,
        what,
        body,
        lambda raw: hand_over(headers(topic, raw), raw),
        cause=cause,
        given=(*given, *listening(topic)),
        metadata={"x-wc-webhook-topic": topic},
    )


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


def request(method: str, path: str, body: Any = None) -> dict[str, Any]:
    """A cause: a call of the store's API."""
    asking = {"Authorization": "Basic ${basic}", "X-Forwarded-Proto": "https"}
    asked = {"method": method, "path": f"{API}{path}", "headers": asking}
    return {"request": asked if body is None else {**asked, "body": body}}
