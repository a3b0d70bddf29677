"""What people do: the merchant in the browser, the reviewer at Golisto, whoever buys, ships and pays there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from ..kernel import Emulation, LabError, NotAllowed, Outgoing
from ..kernel.emulator import Move
from ..kernel.http import Answer
from . import catalogue, connect, disconnect, orders, sales, sites, worker
from .catalogue import Listing
from .errors import BadLink
from .merchants import the as the_merchant
from .sales import SALE, Line, Sale
from .sites import Site, Status

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ADDRESS = {
    "address_1": "Hauptstrasse 7",
    "city": "Berlin",
    "postcode": "10827",
    "country": "DE",
    "email": "buyer@golisto.example",
}


# -- the merchant, in the browser


async def open_connect_page(here: Emulation, url: str) -> dict[str, Any]:
    """The browser opens the connect page, at the address that the plugin has led it to."""
    if not url.startswith(f"{here.root}/woocommerce/connect?"):
        raise LabError(
            f"{url.partition('?')[0]!r} is not the connect page, which is at {here.root}/woocommerce/connect"
        )
    return {"status": (await _browsed(here, url)).status}


async def link_store(here: Emulation, email: str = "", returns: bool = True) -> dict[str, Any]:
    """The merchant signs in on the connect page that was opened last and links the store; the browser goes back to the
    store. With `returns` false the tab is closed on the way, and the store never hears of it."""
    asked, merchant = _page(here), the_merchant(here, email)
    try:
        back = connect.link(here, asked, merchant.email)
    except BadLink as refused:
        raise LabError(refused.message, status=409, code="refused") from None
    return {"result": "linked", **(await _back(here, back) if returns else {})}


async def deny_store(here: Emulation) -> dict[str, Any]:
    """The merchant denies; the browser goes back to the store."""
    return {"result": "denied", **await _back(here, connect.deny(here, _page(here)))}


def close_the_tab(here: Emulation) -> None:
    """The merchant leaves the connect page without an answer, or leaves the store after linking: nothing more comes
    from this browser."""
    asked = connect.last_visit(here)
    if asked is not None:
        connect.closed(here, asked)


def _page(here: Emulation) -> connect.Asked:
    asked = connect.last_visit(here)
    if asked is None:
        raise LabError("no connect page is open: a store has to begin, and its merchant to open the page", status=409)
    return asked


async def _back(here: Emulation, url: str) -> dict[str, Any]:
    return {"store_answered": (await _browsed(here, url)).status}


async def _browsed(here: Emulation, url: str) -> Answer:
    headers = (("User-Agent", BROWSER), ("Accept", "text/html"))
    return await here.fetch(Outgoing("GET", url, headers, timeout=30.0, redirects=3))


# -- the reviewer


def approve(here: Emulation, store: str = "") -> dict[str, Any]:
    """The review ends well: Golisto begins to read the store."""
    site = _moved(here, store, "approve")
    worker.start(here, site)
    return told(site)


def reject(
    here: Emulation, reason: str = "Your products do not fit our marketplace.", store: str = ""
) -> dict[str, Any]:
    """The review ends badly. What opened the store is forgotten."""
    return told(here.store[Site].put(sites.stripped(_moved(here, store, "reject", reason))))


def suspend(
    here: Emulation, reason: str = "We have a question about your products.", store: str = ""
) -> dict[str, Any]:
    """Nothing is synchronised until further notice."""
    return _paused(here, store, "suspend", reason)


def resume(here: Emulation, store: str = "") -> dict[str, Any]:
    """A suspended store is synchronised again."""
    site = _moved(here, store, "resume")
    worker.start(here, site)
    return told(site)


def withdraw_approval(here: Emulation, reason: str = "We look at your store again.", store: str = "") -> dict[str, Any]:
    """The store has to wait for another review."""
    return _paused(here, store, "withdraw approval", reason)


def end_connection(here: Emulation, reason: str = "disconnected at Golisto", store: str = "") -> dict[str, Any]:
    """The connection is ended at Golisto, by the merchant or by us: the store's token opens nothing any more."""
    site = sites.the(here, store)
    if site.status is Status.DISCONNECTED:
        raise LabError(f"{site.store_url} is disconnected already", status=409, code="not_allowed")
    return told(disconnect.ended(here, site, reason))


def remove_store(here: Emulation, store: str = "") -> None:
    """Golisto deletes everything it knows of a store; what was sold stays on the books."""
    site = disconnect.ended(here, sites.the(here, store), "removed")
    here.store[sites.SiteToken].delete_where(sites.SITE_TOKENS.c.site == site.id)
    here.store[sites.ConnectToken].delete_where(sites.CONNECT_TOKENS.c.site == site.id)
    here.store[Site].delete(site.id)


def reconcile(here: Emulation, store: str = "") -> None:
    """The day's comparison of everything, now."""
    site = _approved(here, store)
    here.later("read catalogue", {"site": site.id}, once=True)


def _moved(here: Emulation, store: str, event: str, reason: str = "") -> Site:
    site = sites.the(here, store)
    try:
        return here.store[Site].put(sites.moved(site, event, at=here.clock.now, reason=reason))
    except NotAllowed as refused:
        raise LabError(f"{site.store_url}: {refused}", status=409, code="not_allowed") from None


def _paused(here: Emulation, store: str, event: str, reason: str) -> dict[str, Any]:
    site = _moved(here, store, event, reason)
    worker.stop(here, site)
    return told(site)


def _approved(here: Emulation, store: str) -> Site:
    site = sites.the(here, store)
    if site.status is not Status.APPROVED:
        raise LabError(f"{site.store_url} is {site.status.value}, not approved", status=409, code="not_allowed")
    return site


def told(site: Site) -> dict[str, Any]:
    return {"shop_id": site.id, "store_url": site.store_url, "status": site.status.value, "reason": site.reason}


# -- what is sold


def sell(here: Emulation, lines: Mapping[str, int], buyer: str = "Mia Keller", store: str = "") -> dict[str, Any]:
    """Somebody buys at Golisto: pieces by SKU, at the price and from the stock that Golisto believes."""
    site = _approved(here, store)
    left = worker.stock(here, site.id)
    taken = [_line(here, site, sku, quantity, left) for sku, quantity in lines.items()]
    if not taken:
        raise LabError("a sale has at least one line: {SKU: pieces}")
    first, _, last = buyer.strip().rpartition(" ")
    number = here.ids.next("golisto.sale") + 1000
    sale = here.store[Sale].add(
        Sale(
            f"GOL_{number}",
            site.id,
            here.clock.now,
            [asdict(line) for line in taken],
            f"buyer_{here.ids.hex(10)}",
            {"first_name": first or last, "last_name": last if first else "", **ADDRESS},
            site.currency,
        )
    )
    orders.queue(here, sale)
    return {"sale": sale.id, "total": f"{sale.total:.2f}"}


def _line(here: Emulation, site: Site, sku: str, quantity: int, left: Mapping[tuple[int, int], int | None]) -> Line:
    listing: Listing | None = catalogue.by_sku(here, site.id, sku)
    if listing is None:
        raise LabError(f"Golisto has no {sku!r} of {site.store_url} for sale", status=404, code="unknown_sku")
    if quantity < 1:
        raise LabError(f"at least 1 piece of {sku!r} is sold, not {quantity}")
    pieces = left[listing.product, listing.variation]
    if not listing.in_stock or (pieces is not None and pieces < quantity):
        raise LabError(f"Golisto has {pieces or 0} of {sku!r} to sell, not {quantity}", status=409, code="sold_out")
    return Line(listing.product, listing.variation, listing.sku, quantity, listing.price)


def cancel_sale(here: Emulation, sale: str = "") -> dict[str, Any]:
    """The buyer has changed their mind; the pieces go back on the store's shelf."""
    return _changed(here, _after(here, sale, "cancel"))


def ship(
    here: Emulation, carrier: str = "DHL", tracking_number: str = "", tracking_url: str = "", sale: str = ""
) -> dict[str, Any]:
    """A sale is on its way, or has got another parcel number."""
    sent = _after(here, sale, "ship")
    number = tracking_number or f"JJD{here.ids.token(16, '0123456789')}"
    shipment = {
        "id": sent.shipment.get("id") or f"ship_{here.ids.next('golisto.shipment')}",
        "carrier": carrier,
        "tracking_number": number,
        "tracking_url": tracking_url or f"https://track.golisto.example/{number}",
    }
    return _changed(here, replace(sent, shipment=shipment))


def pay_out(here: Emulation, amount: str = "", status: str = "paid", sale: str = "") -> dict[str, Any]:
    """Golisto pays the merchant for a sale: its total, or this amount. `status` is "pending" until the money is out."""
    due = sales.the(here, sale)
    if due.status is sales.SaleStatus.CANCELLED:
        raise LabError(f"{due.id} was cancelled: nothing is paid out for it", status=409, code="not_allowed")
    if status not in ("pending", "paid"):
        raise LabError(f'a payout is "pending" or "paid", not {status!r}')
    payout = {
        "id": due.payout.get("id") or f"pay_{here.ids.next('golisto.payout')}",
        "status": status,
        "amount": f"{_amount(amount) if amount else due.total:.2f}",
    }
    return _changed(here, replace(due, payout=payout))


def _amount(amount: str) -> Decimal:
    try:
        found = Decimal(amount)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0 or found >= 10**12:
        raise LabError(f"an amount is written like 12.50, not {amount!r}")
    return found


def _after(here: Emulation, sale: str, event: str) -> Sale:
    found = sales.the(here, sale)
    try:
        return replace(found, status=SALE.after(found.status, event))
    except NotAllowed as refused:
        raise LabError(f"{found.id}: {refused}", status=409, code="not_allowed") from None


def _changed(here: Emulation, sale: Sale) -> dict[str, Any]:
    kept = here.store[Sale].put(replace(sale, told=False))
    orders.queue(here, kept)
    return {"sale": kept.id, "status": kept.status.value, **kept.shipment, **kept.payout, "id": kept.id}


MOVES: dict[str, Move] = {
    "approve": approve,
    "cancel sale": cancel_sale,
    "close the tab": close_the_tab,
    "deny store": deny_store,
    "end connection": end_connection,
    "link store": link_store,
    "open connect page": open_connect_page,
    "pay out": pay_out,
    "reconcile": reconcile,
    "reject": reject,
    "remove store": remove_store,
    "resume": resume,
    "sell": sell,
    "ship": ship,
    "suspend": suspend,
    "withdraw approval": withdraw_approval,
}
