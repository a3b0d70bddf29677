"""What all of StockBurst's work in a store has in common: which store, with which key, and what to do when it fails.

Assumed: how long StockBurst waits between tries, and that it gives up until the next daily compare.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..kernel import Emulation
from ..shop import Shop, ShopRefused, ShopSilent
from .account import account
from .integrations import Integration, Link, change

AGENT = "StockBurst/1.0"
DAY = 86_400.0
BACKOFF = (60.0, 300.0, 900.0, 3600.0, 3600.0, 3600.0, 3600.0, 3600.0)  # seconds before each further try

Do = Callable[[Emulation, Integration, Shop, Mapping[str, Any]], Awaitable[None]]


def shop_of(here: Emulation, integration: Integration) -> Shop:
    return Shop.of(here, integration.store_url, integration.consumer_key, integration.consumer_secret, agent=AGENT)


def job(name: str, do: Do) -> Callable[[Emulation, dict[str, Any]], Awaitable[None]]:
    """A job on one store. The key refused: nothing more is asked until somebody connects again. No answer, or too many
    requests: once more, later and later. While the account is suspended nothing is read or written."""

    async def work(here: Emulation, event: dict[str, Any]) -> None:
        integration = here.store[Integration].get(str(event["integration"]))
        if integration is None or integration.link is not Link.CONNECTED or not account(here).active:
            return
        try:
            await do(here, integration, shop_of(here, integration), event)
        except ShopSilent as silent:
            _again(here, name, event, silent)
            return
        except ShopRefused as refused:
            if renewed(here, integration):  # the key was replaced while it was asked with the former one
                here.later(name, event, once=True)
            elif clocks_differ(refused) or stranger(refused):
                _again(here, name, event, ShopSilent(str(refused)))
            elif refused.status in (401, 403):
                change(here, integration.id, link=Link.REFUSED, problem=f"the store refused the key: {refused.code}")
            else:
                change(here, integration.id, problem=f"{name}: the store answered {refused.status} {refused.code}")
            return
        now = here.store[Integration].get(integration.id)
        if now is not None and now.problem.startswith(f"{name}:"):
            change(here, integration.id, problem="")

    work.__doc__ = do.__doc__
    return work


def renewed(here: Emulation, before: Integration) -> bool:
    now = here.store[Integration].get(before.id)
    return now is not None and now.consumer_key != before.consumer_key


def clocks_differ(refused: ShopRefused) -> bool:
    """The key may be good: the request was too long on its way, or one of the two clocks is wrong."""
    return refused.status == 401 and "timestamp" in refused.message.lower()


def stranger(refused: ShopRefused) -> bool:
    """Somebody who is not WooCommerce said no: a guard before the store, a page of its host."""
    return refused.status in (401, 403) and not refused.code


def _again(here: Emulation, name: str, event: Mapping[str, Any], silent: ShopSilent) -> None:
    tries = int(event.get("tries", 0))
    change(here, str(event["integration"]), problem=f"{name}: the store does not answer ({silent.why})")
    if tries < len(BACKOFF):
        wait = max(BACKOFF[tries], silent.retry_after or 0.0)
        here.later(name, {**event, "tries": tries + 1}, after=wait, once=True)


def begin(here: Emulation, integration: str) -> None:
    """Read the whole store now, and again every day."""
    here.later("pull", {"integration": integration}, once=True)
    here.cancel("compare", {"integration": integration})
    here.later("compare", {"integration": integration}, after=DAY, every=DAY, once=True)


def end(here: Emulation, integration: str) -> None:
    here.cancel("pull", {"integration": integration})
    here.cancel("compare", {"integration": integration})
