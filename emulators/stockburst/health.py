"""The hourly signal of the plugin. Assumed: path, body and codes; what it may carry is on the plugin's page."""

from __future__ import annotations

from typing import Any

from ..kernel import emulation
from . import errors
from .account import account
from .auth import own
from .integrations import INTERVAL, change, same_store


def report(body: dict[str, Any]) -> dict[str, Any]:
    """Keep the signal, and say when the next one is wanted. A store that is not well, or was not, is read as a whole:
    its webhooks may have been missed.

    Errors: 404 for another integration, 403 while the account is suspended, 409 from another address than the one
    connected (a copy of the store, or one that has moved). 401 and 410 come before: see `auth`.
    """
    here = emulation()
    integration = own(here, body["integration_id"])
    if not account(here).active:
        raise errors.AccountInactive
    if not same_store(body["store_url"], integration.store_url):
        raise errors.StoreUrlChanged(
            f"This integration belongs to {integration.store_url}: has the store moved, connect it again."
        )
    before = integration.health.get("status", "healthy")
    if "healthy" not in (body["status"], before) or body["status"] != before:
        here.later("compare", {"integration": integration.id}, once=True)  # webhooks may have been missed meanwhile
    kept = {name: body[name] for name in ("versions", "status", "last_error", "webhooks") if name in body}
    change(here, integration.id, health=kept, health_at=here.clock.now, versions=body["versions"])
    return {"ok": True, "next_ping_seconds": INTERVAL}
