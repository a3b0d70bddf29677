"""A store set up without the plugin: the merchant enters its address and a key made by hand, and StockBurst makes
its webhooks itself.

Source: StockBurst Connector plugin page (manual setup is still possible). Assumed: how.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kernel import Emulation, LabError
from ..shop import Shop
from . import errors, work
from .account import account
from .connecting import tried
from .integrations import TOPICS, Integration, delivery_url, keep, safe_address


async def set_up(here: Emulation, store_url: str, consumer_key: str, consumer_secret: str) -> dict[str, Any]:
    """Business Settings, Integration, WooCommerce, manual setup: the key is tried, then the store is read and
    webhooks are made in it. Entered again, it takes a new key."""
    if not account(here).active:
        raise LabError(errors.AccountInactive.said)
    if not safe_address(store_url):
        raise LabError(f"The address of the store must begin with https: {store_url[:200]}")
    try:
        await tried(Shop.of(here, store_url, consumer_key, consumer_secret, agent=work.AGENT))
    except errors.Refusal as refused:
        raise LabError(refused.message, code=refused.code) from None
    integration = keep(here, store_url, consumer_key, consumer_secret, by_hand=True)
    here.later("make webhooks", {"integration": integration.id}, once=True)
    work.begin(here, integration.id)
    return {"integration_id": integration.id}


async def make_webhooks(here: Emulation, integration: Integration, shop: Shop, event: Mapping[str, Any]) -> None:
    """One for each topic that has none yet; those that WooCommerce has disabled are switched on again. Made over
    REST, WooCommerce pings each at once and has it active."""
    address = delivery_url(here, integration)
    there: dict[str, Mapping[str, Any]] = {}
    async for row in shop.every("/webhooks"):
        if row.get("delivery_url") == address:
            there.setdefault(str(row.get("topic")), row)
    for topic in TOPICS:
        if topic not in there:
            body = {
                "name": f"StockBurst {topic}",
                "topic": topic,
                "delivery_url": address,
                "secret": integration.secret,
            }
            await shop.post("/webhooks", body)
        elif there[topic].get("status") != "active":
            await shop.put(f"/webhooks/{there[topic]['id']}", {"status": "active"})
