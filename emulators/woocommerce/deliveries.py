"""Deliveries: what a webhook sends when it is due, and what becomes of it when that is not accepted.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..kernel import Answer, ApiError, Delivery, Emulation, Outgoing, Webhooks, replace
from . import coupons, customers, dates, errors, orders, people, products, respond, site, topics, versions
from .webhooks import Webhook

MOST_FAILURES = 5  # one more is counted, and the next after that disables the webhook
PAYLOADS: dict[str, Callable[[Emulation, int], dict[str, Any]]] = {
    "product": products.payload,
    "order": orders.payload,
    "customer": customers.payload,
    "coupon": coupons.payload,
}


def build(here: Emulation, delivery: Delivery) -> Outgoing | None:
    """The request, with the thing as it is now. Nothing when the webhook was deleted; paused ones still send."""
    webhook = here.store[Webhook].get(int(delivery.subscription))
    if webhook is None:
        return None
    here.root = site.address(here)
    body = respond.json_bytes(seen(here, webhook, delivery.event["arg"]))
    return Outgoing("POST", webhook.delivery_url, headers(here, webhook, body), body, http="1.0")


def seen(here: Emulation, webhook: Webhook, argument: Any) -> dict[str, Any]:
    """The thing as the webhook's owner may see it now: a refusal in its place when that may not."""
    resource, event = topics.split(webhook.topic)
    if resource != "action" and event != "deleted" and (refused := people.blind(here, webhook.user_id)):
        return refused.body
    return payload(here, webhook.topic, argument)


def payload(here: Emulation, topic: str, argument: Any) -> dict[str, Any]:
    """What reading it by REST would answer, an error included."""
    resource, event = topics.split(topic)
    if resource == "action":
        return {"action": event, "arg": argument}
    if event == "deleted":
        return {"id": argument}
    try:
        return PAYLOADS[resource](here, int(argument))
    except ApiError as refused:
        gone: dict[str, Any] = errors.rendered(refused).body
        return gone


def headers(here: Emulation, webhook: Webhook, body: bytes) -> tuple[tuple[str, str], ...]:
    """In the order of the real store."""
    resource, event = topics.split(webhook.topic)
    return (
        ("User-Agent", versions.user_agent(here)),
        ("Accept", "*/*"),
        ("Accept-Encoding", "deflate, gzip, br, zstd"),
        ("Content-Type", "application/json"),
        ("X-WC-Webhook-Source", f"{here.root}/"),
        ("X-WC-Webhook-Topic", webhook.topic),
        ("X-WC-Webhook-Resource", resource),
        ("X-WC-Webhook-Event", event),
        ("X-WC-Webhook-Signature", signature(body, webhook.secret)),
        ("X-WC-Webhook-ID", str(webhook.id)),
        ("X-WC-Webhook-Delivery-ID", delivery_id(here.root, webhook.id, here.clock.now)),
        ("Connection", "close"),
        ("Content-Length", str(len(body))),
    )


def signature(body: bytes, secret: str) -> str:
    """Entities in a secret ("a&amp;b") sign as what they stand for: wp_specialchars_decode() of WordPress."""
    for entity, character in _ENTITIES:
        secret = secret.replace(entity, character)
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


_ENTITIES = (
    *(("&lt;", "<"), ("&#060;", "<"), ("&gt;", ">"), ("&#062;", ">")),
    *(("&quot;", '"'), ("&#034;", '"'), ("&#x22;", '"'), ("&#039;", "'"), ("&#x27;", "'")),
    *(("&#038;", "&"), ("&#x26;", "&"), ("&amp;", "&")),  # last: what they bring about is no entity
)


def delivery_id(root: str, webhook_id: int, at: datetime) -> str:
    """32 hex digits of the webhook and the second: two deliveries of one webhook in one second share it."""
    return hashlib.md5(f"{root} {webhook_id} {int(at.timestamp())}".encode(), usedforsecurity=False).hexdigest()


def accepted(answer: Answer) -> bool:
    """Any 2xx; also 300, 301 and 302, which are not followed. 303, 304, errors and silence are failures."""
    return answer.status is not None and 200 <= answer.status < 303


def outcome(here: Emulation, delivery: Delivery, answer: Answer) -> float | None:
    """Count; the seventh failure in a row disables. A delivery is never tried again."""
    webhook = here.store[Webhook].get(int(delivery.subscription))
    if webhook is not None:
        here.store[Webhook].put(counted(webhook, accepted=accepted(answer), at=dates.second(here)))
    return None


def counted(webhook: Webhook, *, accepted: bool, at: datetime) -> Webhook:
    if accepted:
        return replace(webhook, failures=0, modified_at=at)
    if webhook.failures > MOST_FAILURES:
        return replace(webhook, status="disabled", modified_at=at)
    return replace(webhook, failures=webhook.failures + 1, modified_at=at)


WEBHOOKS: Webhooks = Webhooks(build, outcome, accepted)
