"""Spotler Connect: what its WordPress plugin does in the store. All else Connect does by itself, with the key it gets.

The click on connect makes an API key in the name of whoever clicked, enters shop, key and preset in Connect, and
registers the Shipments column. From then on the plugin catches checkouts: it hears of the store's drafts, reads them
again and posts what is new. It looks after Connect's webhooks and shows Connect's alerts on its status page. Disconnect
removes the connector in Connect, then key, webhooks and column.

Sources: Spotler Connect help: WooCommerce connector overview, connector settings, onboarding presets, WooCommerce
statuses. The plugin itself is only given to customers: assumed are the route it listens on, that it makes the key, how
it repairs, and how often it looks.
"""

from __future__ import annotations

from typing import Any

from ...connector import ADMIN, Connector, Hook, Kind, Phase, due_by_schedule
from .clicks import connect, leave
from .client import OPT_IN, PRESETS, Connect, client
from .runs import alerts, ask, hear, look, mend, mend_own, read, tell

SHAPE: dict[str, Any] = {
    "preset": {"type": "string", "enum": list(PRESETS), "default": "ecommerce_with_e_fulfilment"},
    "name": {"type": "string", "maxLength": 200, "default": ""},  # empty: the site's own
    "timezone": {"type": "string", "maxLength": 64, "default": ""},  # empty: the site's own
    "opt_in_strategy": {"type": "string", "enum": list(OPT_IN), "default": "both"},
    "checkout_abandon_minutes": {"type": "integer", "minimum": 1, "maximum": 10080, "default": 30},
    "health_every": {"type": "integer", "minimum": 60, "maximum": 86400, "default": 900},  # seconds
}

CONNECTOR = Connector(
    name="spotler",
    title="Spotler Connect",
    gap=0.0,
    credentials=("url", "token"),
    needs=ADMIN,
    shape=SHAPE,
    client=client,
    check=Connect.check,
    join=connect,
    leave=leave,
    phases={
        "read": Phase("store", read),
        "tell": Phase("backend", tell),
        "ask": Phase("backend", ask),
        "alerts": Phase("backend", alerts),
        "look": Phase("store", look),
        "mend": Phase("backend", mend),
        "mend own": Phase("store", mend_own),
    },
    kinds={
        "checkouts": Kind("read", 0),
        "repair": Kind("mend", 1),
        "health": Kind("ask", 2, every=lambda settings: float(settings["health_every"])),
    },
    due=due_by_schedule({"order": "checkouts"}),
    buttons=("repair", "health"),
    hooks=(Hook("checkout", "POST", "spotler/v1/checkout", hear, guard="signature"),),
)
