"""What a shop sends: webhooks, signed with the secret of their connector. A delivery is a hint; the object is read
again.

Source: WooCommerce REST API documentation (webhooks). Assumed: the address of a delivery, and its answers.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from ..kernel import Emulation, emulation
from ..shop import Webhook, signature_fits, webhook
from . import alerts, webhooks
from .connector import Connector, State, found
from .errors import BadRequest, BadSignature, Conflict, Gone, Invalid
from .presets import IN
from .work import ask

KINDS = {"order": ("orders", "order"), "customer": ("contacts", "contact")}  # resource: what flows, what is imported


def receive(connector_id: int, topic: str) -> dict[str, Any]:
    """Errors: 400 for what is no delivery, 401 for a wrong signature, 409 for another shop's, 410 after removal, 422
    for a body that names nothing: then somebody is told."""
    here = emulation()
    assert here.request is not None
    connector = found(here, connector_id)
    if not connector.is_alive:
        raise Gone
    delivery = webhook(here.request)
    if delivery is None:
        raise BadRequest("This is no delivery of a WooCommerce webhook.")
    if delivery.ping:
        return {"status": "pong"}
    if not signature_fits(connector.webhook_secret, here.request.body, delivery.signature):
        here.explain("signed with another secret than that of this connector, or not at all")
        raise BadSignature
    if not same_place(delivery.source, connector.shop_url):
        here.explain(f"it comes from {delivery.source}, and this connector is {connector.shop_url}: a copy of the shop")
        raise Conflict("This delivery is of another shop than the one that is connected.", code="other_shop")
    if delivery.topic != topic:
        raise BadRequest(f"A delivery of {delivery.topic} does not belong here.")
    return _noted(here, connector, delivery)


def _noted(here: Emulation, connector: Connector, delivery: Webhook) -> dict[str, Any]:
    assert here.request is not None
    number = _id_in(here.request.body)
    if number is None:
        said = (
            f"A delivery of {delivery.topic} named no {delivery.resource}: the shop could not show it to its webhook."
        )
        alerts.raised(here, connector, "import", "delivery", delivery.topic, "malformed_delivery", said)
        webhooks.missed_something(here, connector)
        here.store.commit()  # the refusal that follows would take it back
        raise Invalid({"id": "the body names nothing by its number"}, code="malformed_delivery")
    alerts.settled(here, connector.id, "import", "delivery", delivery.topic)
    flow, kind = KINDS.get(delivery.resource, ("", ""))
    if not flow or not connector.carries(flow, IN) or connector.state is State.PAUSED:
        return {"status": "ignored"}
    ask(here, connector.id, "import", kind, number)
    return {"status": "noted"}


def _id_in(body: bytes) -> int | None:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    number = told.get("id") if isinstance(told, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**53 else None


def same_place(one: str, other: str) -> bool:
    """Whether two addresses are of the same shop: host, port and path, whatever the case of the host."""
    first, second = (_place(url) for url in (one, other))
    return first is not None and first == second


def _place(url: str) -> tuple[str, int | None, str] | None:
    try:
        parts = urlsplit(url.strip())
        return (parts.hostname or "", parts.port, parts.path.rstrip("/"))
    except ValueError:
        return None
