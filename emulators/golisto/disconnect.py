"""/api/woocommerce/disconnect: the end of a connection, from either side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..kernel import Emulation, emulation
from . import addresses, catalogue, sites, worker
from .errors import StoreMismatch
from .sites import Site, Status


def take(body: Mapping[str, Any]) -> dict[str, Any]:
    """Errors: 401 without a site token, 409 store_mismatch for another address than the connected one: a copy of a
    store must not cut off the store itself."""
    here = emulation()
    site: Site = here.caller
    if addresses.normal(body["store_url"]) != site.store_url:
        here.explain(f"connected is {site.store_url}")
        raise StoreMismatch(f"Connected is {site.store_url}, and this is another address.")
    ended(here, site, body.get("reason") or "disconnected by the store")
    return {"status": "disconnected"}


def ended(here: Emulation, site: Site, reason: str) -> Site:
    """Golisto forgets what opened the store, and what it had to sell there. What was sold stays on the books."""
    sites.revoke_site_tokens(here, site)
    worker.stop(here, site)
    catalogue.forget(here, site.id)
    if site.status is Status.DISCONNECTED:
        return site
    over = sites.moved(sites.stripped(site), "disconnect", at=here.clock.now, reason=reason)
    return here.store[Site].put(replace(over, linked_until=None))
