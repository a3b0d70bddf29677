"""What KeyCRM now believes. Nothing here changes anything."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation
from ..kernel.emulator import Fact
from ..quantities import number, rendered
from .account import KEYS, ApiKey, account
from .cabinet import the_warehouse
from .catalogue import OFFERS, Offer
from .dates import stamp
from .order import ORDERS, Line, Order
from .references import Status
from .stock import LEVELS, MOVEMENTS, Level, Movement, Total, Warehouse, added_up, all_totals
from .webhooks import STOCK_WEBHOOKS, TRIGGERS, StockWebhook, Trigger


def stock(here: Emulation, warehouse: str = "") -> dict[str, dict[str, Any]]:
    """Quantity and reserve by SKU, over all warehouses or in one. Offers that share a SKU are added up."""
    if warehouse:
        place = the_warehouse(here, warehouse).id
        totals = added_up(here.store[Level].all(LEVELS.c.warehouse_id == place))
    else:
        totals = all_totals(here)
    return {
        sku: {"in_stock": rendered(total.quantity), "in_reserve": rendered(total.reserve)}
        for sku, total in _by_sku(here, totals).items()
    }


def available(here: Emulation) -> dict[str, int | float]:
    """What could be sold by SKU: the quantity less the reserve. May be below zero."""
    totals = _by_sku(here, all_totals(here))
    return {sku: rendered(total.quantity - total.reserve) for sku, total in totals.items()}


def movements(here: Emulation, sku: str = "") -> list[dict[str, Any]]:
    """Every movement, oldest first; those of one level add up to it."""
    skus = _skus(here)
    places = {w.id: w.name for w in here.store[Warehouse].all()}
    return [
        {
            "id": one.id,
            "sku": skus[one.offer_id],
            "offer_id": one.offer_id,
            "warehouse": places[one.warehouse_id],
            "kind": one.kind.value,
            "quantity": rendered(one.quantity),
            "reserve": rendered(one.reserve),
            "quantity_after": rendered(one.quantity_after),
            "reserve_after": rendered(one.reserve_after),
            "order_id": one.order_id,
            "at": stamp(one.at),
        }
        for one in here.store[Movement].all(order=[MOVEMENTS.c.id])
        if sku in ("", skus[one.offer_id])
    ]


def offers(here: Emulation) -> dict[str, dict[str, Any]]:
    """Offers by SKU."""
    return {
        offer.sku or f"offer {offer.id}": {
            "id": offer.id,
            "product_id": offer.product_id,
            "price": number(offer.price),
            "is_archived": offer.is_archived,
        }
        for offer in here.store[Offer].all(order=[OFFERS.c.id.desc()])
    }


def orders(here: Emulation) -> dict[str, dict[str, Any]]:
    """Orders by the shop's number of them, or by "#" and their id. Of several with one number the newest."""
    statuses = {status.id: status.alias for status in here.store[Status].all()}
    lines: dict[int, dict[str, int | float]] = {}
    for line in here.store[Line].all():
        lines.setdefault(line.order_id, {})[line.sku or line.name] = rendered(line.quantity)
    return {
        order.source_uuid or f"#{order.id}": {
            "id": order.id,
            "status": statuses[order.status_id],
            "payment_status": order.payment_status,
            "grand_total": number(order.grand_total),
            "products": lines.get(order.id, {}),
            "tracking_code": order.tracking_code,
        }
        for order in here.store[Order].all(order=[ORDERS.c.id])
    }


def webhooks(here: Emulation) -> list[dict[str, Any]]:
    """The stock webhooks."""
    places = {w.id: w.name for w in here.store[Warehouse].all()}
    return [
        {"id": one.id, "name": one.name, "url": one.url, "warehouses": [places[w] for w in one.warehouses]}
        for one in here.store[StockWebhook].all(order=[STOCK_WEBHOOKS.c.id])
    ]


def triggers(here: Emulation) -> list[dict[str, Any]]:
    """The automations that send webhooks."""
    return [
        {"id": one.id, "event": one.event, "url": one.url, "method": one.method}
        for one in here.store[Trigger].all(order=[TRIGGERS.c.id])
    ]


def keys(here: Emulation) -> list[dict[str, Any]]:
    """The API keys, without what opens the API."""
    return [{"id": one.id, "name": one.name, "open": one.opens} for one in here.store[ApiKey].all(order=[KEYS.c.id])]


def settings(here: Emulation) -> dict[str, Any]:
    """Profile, currency, and the numbers that moves can change."""
    now = account(here)
    return {
        "profile": now.profile.value,
        "currency": now.currency,
        "requests_a_minute": now.requests_a_minute,
        "stock_webhook_attempts": now.stock_webhook_attempts,
    }


def _skus(here: Emulation) -> dict[int, str]:
    rows = here.store.execute(sa.select(OFFERS.c.id, OFFERS.c.sku))
    return {row[0]: row[1] or f"offer {row[0]}" for row in rows}


def _by_sku(here: Emulation, totals: dict[int, Total]) -> dict[str, Total]:
    sums: dict[str, Total] = {}
    for offer_id, sku in sorted(_skus(here).items()):
        before, more = sums.get(sku, Total()), totals.get(offer_id, Total())
        sums[sku] = Total(before.quantity + more.quantity, before.reserve + more.reserve)
    return dict(sorted(sums.items()))


FACTS: dict[str, Fact] = {
    "available": available,
    "keys": keys,
    "movements": movements,
    "offers": offers,
    "orders": orders,
    "settings": settings,
    "stock": stock,
    "triggers": triggers,
    "webhooks": webhooks,
}
