"""/api/woocommerce/webhooks/{shop_id}: WooCommerce tells of a product. What it tells is a hint: the product is read
again before anything is believed, so that late, doubled and stale deliveries do no harm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..kernel import Emulation, Request, emulation
from ..shop import signature_fits
from . import addresses, sites, worker
from .errors import Gone, Invalid, NotApproved, NotFound, OtherSource, SignatureInvalid
from .sites import TOPICS, Site, Status

_PING = re.compile(rb"webhook_id=\d{1,20}")


def sender(here: Emulation, request: Request) -> Site:
    """The store whose webhook this is, by its signature.

    Errors: 401 without a signature that fits the body as it came, 404 for an unknown shop, 410 once it is disconnected.
    """
    ping, signature = is_ping(request), request.headers.get("x-wc-webhook-signature", "")
    if not ping and not signature:
        here.explain("the webhook is not signed")
        raise SignatureInvalid("A signature is needed.")
    site = here.store[Site].get(request.path.rstrip("/").rpartition("/")[2])
    if site is None or site.status is Status.LINKED:
        raise NotFound("There is no such shop.")
    if site.status not in sites.CONNECTED:
        raise Gone("This store is not connected any more.")
    secrets = sites.secrets_of(site, here.clock.now)
    if not ping and not any(signature_fits(secret, request.body, signature) for secret in secrets):
        here.explain("the signature does not fit the body and the secret")
        raise SignatureInvalid("The signature does not fit.")
    return site


def take(body: Mapping[str, Any] | None) -> dict[str, Any]:
    """Errors: 403 for a webhook of another store, or of one that is not approved; 422 where it tells of no product."""
    here = emulation()
    site: Site = here.caller
    request = here.request
    assert request is not None
    if body is None:
        return {"heard": False}
    source = request.headers.get("x-wc-webhook-source", "")
    if addresses.normal(source) != site.store_url:
        here.explain(f"sent by {source or 'nobody'}, connected is {site.store_url}")
        raise OtherSource("This webhook is sent by another store than the one that is connected.")
    if site.status is not Status.APPROVED:
        here.explain(f"{site.id} is {site.status.value}")
        raise NotApproved("Golisto takes nothing from a store that is not approved.")
    topic = request.headers.get("x-wc-webhook-topic", "")
    if topic not in TOPICS:
        raise Invalid({"topic": [f"Golisto listens to {', '.join(TOPICS)}."]})
    product = product_of(body)
    if not product:
        raise Invalid({"id": ["The body is not a product."]})
    worker.heard(here, site, product)
    return {"heard": True}


# -- rules


def is_ping(request: Request) -> bool:
    """The first request of a new webhook: a form with its number, unsigned."""
    return request.content_type == "application/x-www-form-urlencoded" and bool(_PING.fullmatch(request.body))


def product_of(body: Mapping[str, Any]) -> int:
    """The number of the product that a delivery tells of: of a variation, its parent. 0 when it tells of none, as
    when the owner of the webhook may not see products and the body is an error."""
    number, parent = body.get("id"), body.get("parent_id")
    if not _is_number(number) or ("code" in body and "message" in body):
        return 0
    return int(parent) if body.get("type") == "variation" and _is_number(parent) else int(number)  # type: ignore[arg-type]


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53
