"""What the plugin tells Connect at its own routes, which begin with /api: the stock that the shop shows, and the
Shipments column. A server that caches these routes makes both stale: Connect then takes the past for the present.

Source: Spotler Connect help: WooCommerce connector overview (routes beginning with /api must not be cached, or stock
and shipments are not up to date). Assumed: which routes these are, and what Connect asks them for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ..kernel import Emulation, Outgoing
from .connector import AGENT, Connector

API = "/api/storelab/v1"


async def shown_stock(here: Emulation, connector: Connector, item: int) -> int | None:
    """Pieces of a product or variation that the shop shows now; None without the plugin, or where it counts none."""
    told = await _asked(here, connector, f"/stock/{item}")
    quantity = told.get("quantity") if told is not None else None
    return quantity if isinstance(quantity, int) and not isinstance(quantity, bool) else None


async def column(here: Emulation, connector: Connector, order: Mapping[str, Any]) -> list[Any] | None:
    """The shipments of an order; None without the plugin."""
    key = urlencode({"key": str(order.get("order_key") or "")})
    told = await _asked(here, connector, f"/shipments/{order['id']}?{key}")
    rows = told.get("shipments") if told is not None else None
    return rows if isinstance(rows, list) else None


async def _asked(here: Emulation, connector: Connector, path: str) -> dict[str, Any] | None:
    headers = (("User-Agent", AGENT), ("Accept", "application/json"))
    answer = await here.fetch(Outgoing("GET", f"{connector.shop_url}{API}{path}", headers, timeout=30.0))
    if answer.status != 200:
        return None
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None
