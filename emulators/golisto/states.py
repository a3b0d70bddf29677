"""Named situations of a store at Golisto. A situation is quiet: nobody is called because of it.

The store is the one beside it in this laboratory unless its address is named. What a situation answers is what a
plugin would hold: the site token and the webhook secret are the same each time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..kernel import Emulation
from ..kernel.emulator import State
from . import addresses, catalogue, connect, disconnect, merchants, sales, sites, worker
from .account import MERCHANT, account
from .catalogue import Listing
from .sales import Line, Sale
from .sites import ConnectToken, Site, Status

OTHER = "other@golisto.example"
TOKEN = "example-connect-token-of-a-linked-store"  # noqa: S105 (an example)
OLD_SECRET = "an-old-secret-of-32-characters-x"  # noqa: S105 (an example)


def no_store(here: Emulation) -> None:
    """Golisto knows no store at all."""
    for site in here.store[Site].all():
        worker.stop(here, site)
        catalogue.forget(here, site.id)
    for table in (sites.SITES, sites.SITE_TOKENS, sites.CONNECT_TOKENS, sales.SALES, connect.VISITS):
        here.store.execute(table.sql.delete())


def a_merchant(here: Emulation, email: str = OTHER) -> dict[str, Any]:
    """An account with this address."""
    made = merchants.add(here, email)
    return {"email": made.email, "password": made.password}


def an_open_page(
    here: Emulation, store_url: str = "", return_url: str = "", currency: str = "USD", state: str = "example-state"
) -> dict[str, Any]:
    """A merchant has the connect page before them."""
    url = _address(here, store_url)
    visit = connect.Visit(connect.LAST, url, currency, return_url or f"{url}/wp-admin/admin.php?page=golisto", state)
    here.store[connect.Visit].put(visit)
    return {"store_url": url, "state": state}


def a_linked_store(here: Emulation, store_url: str = "", currency: str = "USD", token: str = TOKEN) -> dict[str, Any]:
    """Linked on the connect page a moment ago, and not confirmed yet."""
    site = _bare(here, store_url, currency)
    sites.give_connect_token(here, site, site.merchant, token)
    return {"shop_id": site.id, "store_url": site.store_url, "connect_token": token}


def an_expired_token(here: Emulation, store_url: str = "", currency: str = "USD", token: str = TOKEN) -> dict[str, Any]:
    """Linked eleven minutes ago, and never confirmed."""
    made = a_linked_store(here, store_url, currency, token)
    ago = here.clock.now - timedelta(minutes=11)
    _aged(here, token, until=ago + sites.LINK_LASTS)
    site = sites.the(here, made["shop_id"])
    here.store[Site].put(replace(site, since=ago, linked_until=ago + sites.LINK_LASTS))
    return made


def a_used_token(here: Emulation, store_url: str = "", currency: str = "USD", token: str = TOKEN) -> dict[str, Any]:
    """Linked and confirmed; the connect token has been used."""
    made = {**an_awaiting_store(here, store_url, currency), "connect_token": token}
    sites.give_connect_token(here, sites.the(here, made["shop_id"]), MERCHANT, token)
    _aged(here, token, used_as="something else")
    return made


def a_store_of_another_merchant(
    here: Emulation, store_url: str = "", currency: str = "USD", token: str = TOKEN
) -> dict[str, Any]:
    """Linked by two accounts and confirmed by the other one."""
    merchants.add(here, OTHER)
    made = a_linked_store(here, store_url, currency, token)
    site = sites.the(here, made["shop_id"])
    here.store[Site].put(_with_secrets(here, replace(site, merchant=OTHER, status=Status.AWAITING, linked_until=None)))
    return made


def an_awaiting_store(here: Emulation, store_url: str = "", currency: str = "USD") -> dict[str, Any]:
    """Confirmed, and waiting for its review."""
    return _standing(here, store_url, currency, Status.AWAITING)


def an_approved_store(
    here: Emulation, store_url: str = "", currency: str = "USD", consumer_key: str = "", consumer_secret: str = ""
) -> dict[str, Any]:
    """Approved. What it has for sale was not read yet; with a key, it is read from tomorrow on."""
    made = _standing(here, store_url, currency, Status.APPROVED)
    site = sites.the(here, made["shop_id"])
    if consumer_key:
        site = here.store[Site].put(replace(site, consumer_key=consumer_key, consumer_secret=consumer_secret))
    worker.daily(here, site)
    return made


def a_rejected_store(here: Emulation, store_url: str = "", reason: str = "Not for us.") -> dict[str, Any]:
    """Reviewed and rejected; what opened it is forgotten, and its token still tells so."""
    made = _standing(here, store_url, "USD", Status.REJECTED, reason)
    here.store[Site].put(sites.stripped(sites.the(here, made["shop_id"])))
    return made


def a_suspended_store(here: Emulation, store_url: str = "", reason: str = "A question is open.") -> dict[str, Any]:
    """Approved once, and suspended."""
    return _standing(here, store_url, "USD", Status.SUSPENDED, reason)


def a_disconnected_store(here: Emulation, store_url: str = "") -> dict[str, Any]:
    """It was connected, and is not any more: its token is revoked."""
    made = _standing(here, store_url, "USD", Status.AWAITING)
    disconnect.ended(here, sites.the(here, made["shop_id"]), "disconnected by the store")
    return made


def a_rotated_secret(here: Emulation, store_url: str = "") -> dict[str, Any]:
    """Approved; its webhook secret was renewed a moment ago, and the old one is still believed."""
    made = an_approved_store(here, store_url)
    site = sites.the(here, made["shop_id"])
    until = here.clock.now + sites.GRACE
    here.store[Site].put(replace(site, old_secret=OLD_SECRET, old_secret_until=until))
    return made


def a_listing(
    here: Emulation, sku: str = "MUG", product: int = 11, stock: int = 10, price: str = "9.50", title: str = ""
) -> dict[str, Any]:
    """An approved store, with one simple product that Golisto has read."""
    made = an_approved_store(here)
    listing = Listing(
        made["shop_id"],
        product,
        0,
        sku,
        title or sku.title(),
        price=catalogue.price_of(price),
        stock=max(0, stock),
        seen_at=here.clock.now,
    )
    here.store[Listing].put(listing)
    return {**made, "sku": sku, "product": product}


def a_sale(here: Emulation, sale: str = "GOL_1", sku: str = "MUG", quantity: int = 2, order: int = 0) -> dict[str, Any]:
    """A sale that the store has heard of already when `order` is its number, and not yet without."""
    made = a_listing(here, sku)
    line = Line(made["product"], 0, sku, quantity, "9.50")
    buyer = {"first_name": "Mia", "last_name": "Keller", "email": "buyer@golisto.example"}
    sold = Sale(
        sale, made["shop_id"], here.clock.now, [vars(line)], "buyer_1", buyer, "USD", order=order, told=bool(order)
    )
    here.store[Sale].put(sold)
    return {**made, "sale": sale}


# -- how


def _address(here: Emulation, store_url: str) -> str:
    """As it is kept; without one, the store beside Golisto in this laboratory."""
    return addresses.normal(store_url or here.root.rpartition("/")[0] + "/woocommerce")


def _bare(here: Emulation, store_url: str, currency: str) -> Site:
    """The store as if it had just been linked for the first time; its number stays."""
    url = _address(here, store_url)
    old = sites.of_address(here, url)
    if old is not None:
        worker.stop(here, old)
        sites.revoke_site_tokens(here, old)
        here.store[Site].delete(old.id)
    id_ = old.id if old else f"shop_{here.ids.next('golisto.shop')}"
    now = here.clock.now
    return here.store[Site].add(Site(id_, url, MERCHANT, Status.LINKED, now, "", currency, now + sites.LINK_LASTS))


def _standing(here: Emulation, store_url: str, currency: str, status: Status, reason: str = "") -> dict[str, Any]:
    site = _bare(here, store_url, currency)
    site = _with_secrets(here, replace(site, status=status, reason=reason, linked_until=None, plugin_knows=True))
    here.store[Site].put(site)
    sites.give_site_token(here, site, account(here).site_token)
    return {
        "shop_id": site.id,
        "store_url": site.store_url,
        "site_token": account(here).site_token,
        "webhook_secret": site.webhook_secret,
        "delivery_url": sites.delivery_url(here, site),
    }


def _with_secrets(here: Emulation, site: Site) -> Site:
    """A key that opens nothing, until a real one is put in its place, and the secret of the named situations."""
    key, secret = "ck_example", "cs_example"
    return replace(site, consumer_key=key, consumer_secret=secret, webhook_secret=account(here).webhook_secret)


def _aged(here: Emulation, token: str, **changes: Any) -> None:
    kept = here.store[ConnectToken].get(sites.digest(token))
    assert kept is not None
    here.store[ConnectToken].put(replace(kept, **changes))


STATES: dict[str, State] = {
    "a disconnected store": a_disconnected_store,
    "a linked store": a_linked_store,
    "a listing": a_listing,
    "a merchant": a_merchant,
    "a rejected store": a_rejected_store,
    "a rotated secret": a_rotated_secret,
    "a sale": a_sale,
    "a store of another merchant": a_store_of_another_merchant,
    "a suspended store": a_suspended_store,
    "a used token": a_used_token,
    "an approved store": an_approved_store,
    "an awaiting store": an_awaiting_store,
    "an expired token": an_expired_token,
    "an open page": an_open_page,
    "no store": no_store,
}
