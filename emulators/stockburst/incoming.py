"""What WooCommerce itself sends: webhooks of products, orders and customers, and the ping of a new one.

Source: WooCommerce 10.5.0, recorded (headers, signature, ping). Assumed: the address, and what is answered.
"""

from __future__ import annotations

from typing import Any, TypeGuard

from ..kernel import BadJson, Emulation, Request, Table, dataclass, emulation
from ..shop import signature_fits, webhook
from . import errors
from .integrations import TOPICS, Integration, Link, same_store

READERS = {"product": "read product", "order": "read order", "customer": "read customer"}


@dataclass(frozen=True)
class Tally:
    """How many webhooks of a topic were taken in."""

    integration: str
    topic: str
    count: int = 0


TALLIES = Table(Tally, "stockburst_tallies", key=("integration", "topic"))


def take(integration: str) -> dict[str, Any]:
    """Note what a webhook is about; it is read again later. Twice the same is once.

    Errors: 404, 410 for an integration that is not there (any more), 401 for a signature that does not fit the body
    as it came, 403 from another store, 400 for a body that tells of nothing (WooCommerce sends an error object when
    the webhook's owner is gone).
    """
    here = emulation()
    found = here.store[Integration].get(integration)
    assert here.request is not None
    if found is None:
        raise errors.IntegrationUnknown
    if found.link is Link.REMOVED:
        here.explain(f"integration {found.id} was removed in StockBurst")
        raise errors.IntegrationRemoved
    came = webhook(here.request)
    if came is not None and came.ping:  # a webhook was made over REST: nothing follows from it
        return {"ok": True}
    if came is None or not signature_fits(found.secret, here.request.body, came.signature):
        raise errors.SignatureInvalid
    if not same_store(came.source, found.store_url):
        here.explain(f"a webhook of {came.source}, where {found.store_url} is connected")
        raise errors.StoreMismatch
    resource = came.topic.partition(".")[0]  # that of the other header is the sender's word, and no part of a topic
    event = {"integration": found.id, **told(resource, _body(here.request))}
    if came.topic in TOPICS:
        _note(here, found, came.topic)
        here.later(READERS[resource], event, once=True)
    return {"ok": True}


def _body(request: Request) -> Any:
    try:
        return request.json
    except BadJson:
        raise errors.PayloadUnreadable("The body is not JSON.") from None


def told(resource: str, body: Any) -> dict[str, int]:
    """What a payload tells of, and no more: the number of the thing, and for a variation that of its product.

    Errors: 400 when there is no number.
    """
    number = body.get("id") if isinstance(body, dict) else None
    if not _is_number(number):
        raise errors.PayloadUnreadable("The body tells of no product, order or customer.")
    if resource == "product" and body.get("type") == "variation" and _is_number(body.get("parent_id")):
        return {"product": body["parent_id"], "variation": number}
    return {resource: number}


def _is_number(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53


def _note(here: Emulation, integration: Integration, topic: str) -> None:
    tally = here.store[Tally].get((integration.id, topic)) or Tally(integration.id, topic)
    here.store[Tally].put(Tally(tally.integration, tally.topic, tally.count + 1))
