"""/api/woocommerce/status: how a store stands. Source of the states: Golisto Connector plugin page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..kernel import emulation
from . import addresses, catalogue, worker
from .errors import UnknownStore
from .sites import Status


def read(store_url: str) -> dict[str, Any]:
    """Errors: 401 without the token of a connected store, 404 for another address than the connected one."""
    here = emulation()
    site = here.caller
    if addresses.normal(store_url) != site.store_url:
        here.explain(f"the site token belongs to {site.store_url}")
        raise UnknownStore("Golisto does not know a store at this address.")
    if site.status is Status.APPROVED and not site.plugin_knows:
        worker.webhooks_expected(here, site)
    return {
        "status": site.status.value,
        "since": stamp(site.since),
        "reason": site.reason or site.trouble or None,
        "last_sync_at": stamp(site.last_sync_at),
        "next_sync_at": stamp(worker.next_at(site, here.clock.now)),
        "products_synced": catalogue.count(here, site.id),
    }


def stamp(moment: datetime | None) -> str | None:
    """ISO 8601 in whole seconds, UTC."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
