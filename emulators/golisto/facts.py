"""What Golisto now believes. Nothing here changes anything, and nothing here is a credential."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ..kernel import Emulation
from ..kernel.emulator import Fact
from . import catalogue, sales, sites, worker
from .merchants import MERCHANTS, Merchant
from .sites import SITES, Site
from .status import stamp


def connection(here: Emulation, store: str = "") -> dict[str, Any]:
    """How a store stands; the newest one, unless its address or shop number is named. Nothing while there is none."""
    if not store and here.store[Site].count() == 0:
        return {"status": "unlinked"}
    site = sites.the(here, store)
    return {
        "shop_id": site.id,
        "store_url": site.store_url,
        "merchant": site.merchant,
        "status": site.status.value,
        "since": stamp(site.since),
        "reason": site.reason,
        "currency": site.currency,
        "has_key": bool(site.consumer_key),
        "linked_until": stamp(site.linked_until),
        "old_secret_until": stamp(site.old_secret_until),
        "last_sync_at": stamp(site.last_sync_at),
        "next_sync_at": stamp(worker.next_at(site, here.clock.now)),
        "trouble": site.trouble,
    }


def connections(here: Emulation) -> dict[str, str]:
    """The status of each store, by its address."""
    return {site.store_url: site.status.value for site in here.store[Site].all(order=[SITES.c.store_url])}


def listings(here: Emulation, store: str = "") -> dict[str, dict[str, Any]]:
    """What is for sale of a store, by SKU: titles, descriptions, prices, stock and images."""
    site = _site(here, store)
    if site is None:
        return {}
    left = worker.stock(here, site.id)
    return {
        one.name: {
            "product": one.product,
            "variation": one.variation,
            "title": one.title,
            "description": one.description,
            "price": one.price,
            "currency": site.currency,
            "stock": left[one.product, one.variation],
            "in_stock": one.in_stock,
            "images": one.images,
        }
        for one in catalogue.of_site(here, site.id)
    }


def images(here: Emulation, store: str = "") -> dict[str, list[str]]:
    """The pictures of what is for sale, by SKU: the names of their files."""
    return {
        name: [urlsplit(image).path.rpartition("/")[2] for image in one["images"]]
        for name, one in listings(here, store).items()
    }


def stock(here: Emulation, store: str = "") -> dict[str, int | None]:
    """Pieces by SKU that Golisto would sell; null where the store does not count."""
    return {name: one["stock"] for name, one in listings(here, store).items()}


def orders(here: Emulation) -> dict[str, dict[str, Any]]:
    """What was sold, and the store's order of it."""
    return {
        sale.id: {
            "status": sale.status.value,
            "order": sale.order or None,
            "told": sale.told,
            "lines": {
                line.sku or f"product {line.variation or line.product}": line.quantity for line in sale.all_lines()
            },
            "total": f"{sale.total:.2f}",
            "currency": sale.currency,
            "buyer_ref": sale.buyer_ref,
            "tracking_number": sale.shipment.get("tracking_number", ""),
            "carrier": sale.shipment.get("carrier", ""),
            "trouble": sale.trouble,
        }
        for sale in sorted(here.store[sales.Sale].all(), key=lambda sale: sites.number(sale.id))
    }


def payouts(here: Emulation) -> dict[str, dict[str, str]]:
    """What is paid for each sale that has a payout."""
    found = sorted(here.store[sales.Sale].all(), key=lambda sale: sites.number(sale.id))
    return {sale.id: sale.payout for sale in found if sale.payout}


def merchants(here: Emulation) -> list[str]:
    """Accounts, by e-mail address."""
    return [one.email for one in here.store[Merchant].all(order=[MERCHANTS.c.number])]


def _site(here: Emulation, store: str) -> Site | None:
    if not store and here.store[Site].count() == 0:
        return None
    return sites.the(here, store)


FACTS: dict[str, Fact] = {
    "catalogue": listings,
    "connection": connection,
    "connections": connections,
    "images": images,
    "merchants": merchants,
    "orders": orders,
    "payouts": payouts,
    "stock": stock,
}
