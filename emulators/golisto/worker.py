"""What Golisto does by itself once a store is approved: it reads the catalogue, follows what webhooks hint at, compares
everything once a day, and tells the store of sales. Before approval, and after it was withdrawn, it calls nobody.

Source: Golisto Connector plugin page. Assumed: when the day's comparison runs, how often a silent store is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ..kernel import Emulation
from ..shop import Shop, ShopRefused, ShopSilent
from . import catalogue, orders, permission, sales, sites
from .catalogue import PRODUCT_FIELDS, VARIATION_FIELDS, Listing
from .permission import Stopped
from .sites import Site, Status

DAY = 86_400.0  # seconds
SOON = 60.0  # in which a plugin has made its webhooks


# -- what calls for work


def start(here: Emulation, site: Site) -> None:
    """The store was approved: everything is read now and then every day, and told what has waited."""
    here.later("read catalogue", {"site": site.id}, once=True)
    daily(here, site)
    for sale in sales.untold(here, site.id):
        orders.queue(here, sale)


def daily(here: Emulation, site: Site) -> None:
    """From now on everything is compared once a day."""
    here.later("reconcile", {"site": site.id}, after=DAY, every=DAY, once=True)
    here.store[Site].put(replace(site, daily_from=here.clock.now))


def webhooks_expected(here: Emulation, site: Site) -> None:
    """The plugin learns of the approval and makes its webhooks now. What has changed between the first reading and
    them would stay unknown till the next day, so everything is read once more."""
    here.store[Site].put(replace(site, plugin_knows=True))
    here.later("read catalogue", {"site": site.id}, after=SOON, once=True)


def stop(here: Emulation, site: Site) -> None:
    """Nothing by itself any more. What is under way stops before its next request."""
    here.cancel("reconcile", {"site": site.id})
    here.cancel("read catalogue", {"site": site.id})


def heard(here: Emulation, site: Site, product: int) -> None:
    """Something may have happened to this product."""
    here.later("read product", {"site": site.id, "product": product}, once=True)


def next_at(site: Site, now: datetime) -> datetime | None:
    """When the next comparison of everything is due."""
    if site.status is not Status.APPROVED or site.daily_from is None:
        return None
    day = timedelta(seconds=DAY)
    return site.daily_from + day * ((now - site.daily_from) // day + 1)


# -- the work


async def reconcile(here: Emulation, event: Mapping[str, Any]) -> None:
    """Once a day: the whole catalogue, what is not there any more, and sales that the store could not be told of."""
    await read_catalogue(here, event)
    if sites.approved(here, event["site"]):
        for sale in sales.untold(here, event["site"]):
            orders.queue(here, sale)


async def read_catalogue(here: Emulation, event: Mapping[str, Any]) -> None:
    """All that is for sale. What is missing at the end is dropped, and only then: half a list proves nothing."""
    id_, tries = event["site"], event.get("try", 1)
    try:
        site = permission.the(here, id_)
        shop = permission.shop(here, site)
        await _look_at_currency(here, shop, site)
        seen = set()
        async for row in shop.every("/products", status="publish", _fields=PRODUCT_FIELDS):
            permission.the(here, id_)
            if catalogue.is_for_sale(row):
                seen.add(int(row["id"]))
                await _keep(here, shop, id_, row)
        permission.the(here, id_)
        catalogue.drop_all_but(here, id_, seen)
        _noted(here, id_, "", read=True)
    except Stopped:
        return
    except (ShopRefused, ShopSilent) as failed:
        _noted(here, id_, str(failed))
        _again(here, "read catalogue", {"site": id_}, failed, tries)


async def read_product(here: Emulation, event: Mapping[str, Any]) -> None:
    """One product as it is now, whatever a webhook told."""
    id_, number, tries = event["site"], event["product"], event.get("try", 1)
    try:
        site = permission.the(here, id_)
        shop = permission.shop(here, site)
        await _look_at_currency(here, shop, site)
        try:
            row = permission.an_object(await shop.get(f"/products/{number}", _fields=PRODUCT_FIELDS), "id")
        except ShopRefused as refused:
            if refused.status not in (404, 410):
                raise
            row = {}
        permission.the(here, id_)
        if row and catalogue.is_for_sale(row):
            await _keep(here, shop, id_, row)
        else:
            catalogue.keep(here, id_, number, [])
        _noted(here, id_, "")
    except Stopped:
        return
    except (ShopRefused, ShopSilent) as failed:
        _noted(here, id_, str(failed))
        _again(here, "read product", {"site": id_, "product": number}, failed, tries)


async def _keep(here: Emulation, shop: Shop, id_: str, row: Mapping[str, Any]) -> None:
    """One product, with its variations if it has any."""
    number, listings = int(row["id"]), []
    if catalogue.is_variable(row):
        async for variation in shop.every(f"/products/{number}/variations", status="publish", _fields=VARIATION_FIELDS):
            permission.the(here, id_)
            listings.append(catalogue.variation_from(id_, row, variation, here.clock.now))
    else:
        listings.append(catalogue.listing_from(id_, row, here.clock.now))
    permission.the(here, id_)
    catalogue.keep(here, id_, number, listings)


async def _look_at_currency(here: Emulation, shop: Shop, site: Site) -> None:
    """Prices of another currency than the approved one are not taken: the merchant has to confirm the new one."""
    currency = permission.an_object(await shop.get("/data/currencies/current"), "code")["code"]
    site = permission.the(here, site.id)
    if currency == site.currency:
        return
    reason = f"The store sells in {currency} now; it was approved for {site.currency}. Confirm the connection again."
    here.store[Site].put(sites.moved(site, "suspend", at=here.clock.now, reason=reason))
    stop(here, site)
    raise Stopped


# -- how


def _noted(here: Emulation, id_: str, trouble: str, *, read: bool = False) -> None:
    site = here.store[Site].get(id_)
    if site and site.status is Status.APPROVED:
        last = here.clock.now if read else site.last_sync_at
        here.store[Site].put(replace(site, trouble=trouble, last_sync_at=last))


def _again(here: Emulation, job: str, event: Mapping[str, Any], failed: ShopRefused | ShopSilent, tries: int) -> None:
    after = permission.pause(failed, tries)
    if after is not None and sites.approved(here, event["site"]):
        here.later(job, {**event, "try": tries + 1}, after=after)


def stock(here: Emulation, site: str) -> dict[tuple[int, int], int | None]:
    """What may be sold of each thing now: what the store has, less what is sold and not yet told."""
    sold = sales.under_way(here, site)
    return {
        key: left(one, sold.get(key, 0))
        for one in catalogue.of_site(here, site)
        if (key := (one.product, one.variation))
    }


def left(listing: Listing, sold: int) -> int | None:
    if listing.stock is None:
        return None
    return max(0, listing.stock - sold)
