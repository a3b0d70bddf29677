"""Stores that merchants have linked: how they stand, and the tokens they show.

Source: Golisto Connector plugin page (linked, awaiting approval, approved, disconnected; approval is a person's).
Assumed: rejected and suspended, what leads where, the tokens.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from ..kernel import Emulation, LabError, Lifecycle, Table, dataclass

LINK_LASTS = timedelta(minutes=10)
GRACE = timedelta(hours=1)  # how long an old webhook secret is believed after a new one came
TOPICS = ("product.created", "product.updated", "product.deleted")


class Status(Enum):
    LINKED = "linked"
    AWAITING = "awaiting_approval"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    REJECTED = "rejected"
    DISCONNECTED = "disconnected"


CONNECTED = frozenset({Status.AWAITING, Status.APPROVED, Status.SUSPENDED})

# `link` on a store that is connected changes nothing yet: its merchant may be about to confirm it anew. Another
# currency means other prices, and they have to be looked at again.
LIFECYCLE = Lifecycle(
    {
        (Status.LINKED, "link"): Status.LINKED,
        (Status.AWAITING, "link"): Status.AWAITING,
        (Status.APPROVED, "link"): Status.APPROVED,
        (Status.SUSPENDED, "link"): Status.SUSPENDED,
        (Status.REJECTED, "link"): Status.LINKED,
        (Status.DISCONNECTED, "link"): Status.LINKED,
        (Status.LINKED, "confirm"): Status.AWAITING,
        (Status.AWAITING, "confirm"): Status.AWAITING,
        (Status.APPROVED, "confirm"): Status.APPROVED,
        (Status.SUSPENDED, "confirm"): Status.SUSPENDED,
        (Status.AWAITING, "approve"): Status.APPROVED,
        (Status.AWAITING, "reject"): Status.REJECTED,
        (Status.APPROVED, "suspend"): Status.SUSPENDED,
        (Status.SUSPENDED, "resume"): Status.APPROVED,
        (Status.APPROVED, "withdraw approval"): Status.AWAITING,
        (Status.SUSPENDED, "withdraw approval"): Status.AWAITING,
        (Status.AWAITING, "change currency"): Status.AWAITING,
        (Status.APPROVED, "change currency"): Status.AWAITING,
        (Status.SUSPENDED, "change currency"): Status.AWAITING,
        (Status.LINKED, "disconnect"): Status.DISCONNECTED,
        (Status.AWAITING, "disconnect"): Status.DISCONNECTED,
        (Status.APPROVED, "disconnect"): Status.DISCONNECTED,
        (Status.SUSPENDED, "disconnect"): Status.DISCONNECTED,
        (Status.REJECTED, "disconnect"): Status.DISCONNECTED,
    }
)


@dataclass(frozen=True)
class Site:
    """One store. `store_url` is written as `addresses.normal` does; `since` is when it came to its status.

    `trouble` is why Golisto could not reach or read it the last time; empty when all is well. `plugin_knows`: the
    approval has been asked for by the plugin since. `daily_from`: since when it is compared once a day.
    """

    id: str
    store_url: str
    merchant: str
    status: Status = Status.LINKED
    since: datetime | None = None
    reason: str = ""
    currency: str = ""
    linked_until: datetime | None = None
    consumer_key: str = field(default="", repr=False)
    consumer_secret: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    old_secret: str = field(default="", repr=False)
    old_secret_until: datetime | None = None
    last_sync_at: datetime | None = None
    trouble: str = ""
    plugin_knows: bool = False
    daily_from: datetime | None = None


@dataclass(frozen=True)
class SiteToken:
    """What the plugin shows. Only its digest is kept. A revoked one is still known: it may say goodbye again."""

    digest: str
    site: str
    revoked: bool = False


@dataclass(frozen=True)
class ConnectToken:
    """What the way back of the connect page has carried. `used_as` is the digest of what it was used with."""

    digest: str
    site: str
    merchant: str
    store_url: str
    until: datetime
    used_as: str = ""


SITES = Table(Site, "golisto_sites", columns=("store_url",), unique=[("store_url",)])
SITE_TOKENS = Table(SiteToken, "golisto_site_tokens", key="digest", columns=("site",))
CONNECT_TOKENS = Table(ConnectToken, "golisto_connect_tokens", key="digest", columns=("site", "merchant"))


# -- rules


def moved(site: Site, event: str, *, at: datetime, reason: str = "") -> Site:
    """After this event; `NotAllowed` when it is not possible. What keeps its status keeps since when."""
    status = LIFECYCLE.after(site.status, event)
    if status is site.status:
        return replace(site, reason=reason)
    return replace(site, status=status, since=at, reason=reason, plugin_knows=False)


def stripped(site: Site) -> Site:
    """Without anything that opens the store."""
    return replace(
        site, consumer_key="", consumer_secret="", webhook_secret="", old_secret="", old_secret_until=None, trouble=""
    )


def secrets_of(site: Site, now: datetime) -> list[str]:
    """The webhook secrets that are believed now."""
    old = site.old_secret if site.old_secret_until and site.old_secret_until > now else ""
    return [secret for secret in (site.webhook_secret, old) if secret]


def digest(*secret: str) -> str:
    return hashlib.sha256("\n".join(secret).encode("utf-8", "replace")).hexdigest()


def fingerprint(body: Mapping[str, Any], store_url: str) -> str:
    """What a connect token was used with: whoever posts the same again is the same."""
    return digest(store_url, *(str(body.get(n) or "") for n in ("consumer_key", "consumer_secret", "webhook_secret")))


# -- in the store


def of_address(here: Emulation, store_url: str) -> Site | None:
    return here.store[Site].first(SITES.c.store_url == store_url)


def the(here: Emulation, store: str = "") -> Site:
    """The store with this address or shop number, or the newest."""
    sites = here.store[Site].all()
    found = [s for s in sites if store in (s.id, s.store_url)] if store else sorted(sites, key=lambda s: number(s.id))
    if not found:
        there = ", ".join(s.store_url for s in sites) or "none"
        raise LabError(f"Golisto knows no store {store!r}; it knows: {there}", status=404, code="unknown_store")
    return found[-1]


def number(id_: str) -> int:
    return int(id_.rpartition("_")[2])


def linked(here: Emulation, store_url: str, merchant: str, currency: str) -> Site:
    """The store after its merchant has pressed "link": a new one, or the one that it is already. Whose it is shows when
    it is confirmed: until then, several accounts may have linked it."""
    now, old = here.clock.now, of_address(here, store_url)
    until = now + LINK_LASTS
    if old is None:
        id_ = f"shop_{here.ids.next('golisto.shop')}"
        return here.store[Site].add(Site(id_, store_url, merchant, Status.LINKED, now, "", currency, until))
    if old.status not in CONNECTED:
        old = replace(stripped(old), merchant=merchant, currency=currency, since=now, reason="")
    return here.store[Site].put(replace(moved(old, "link", at=now, reason=old.reason), linked_until=until))


def give_connect_token(here: Emulation, site: Site, merchant: str, token: str = "") -> str:
    """Good once, for ten minutes, for this store. Those that the same account got before are worth nothing any more."""
    token = token or here.ids.token(40)
    C = CONNECT_TOKENS.c
    here.store[ConnectToken].delete_where(C.site == site.id, C.merchant == merchant)
    until = here.clock.now + LINK_LASTS
    here.store[ConnectToken].put(ConnectToken(digest(token), site.id, merchant, site.store_url, until))
    return token


def give_site_token(here: Emulation, site: Site, token: str) -> None:
    """From now on this one, and no other."""
    revoke_site_tokens(here, site)
    here.store[SiteToken].put(SiteToken(digest(token), site.id))


def revoke_site_tokens(here: Emulation, site: Site) -> None:
    tokens = here.store[SiteToken].all(SITE_TOKENS.c.site == site.id)
    here.store[SiteToken].put_all([replace(token, revoked=True) for token in tokens])


def derived(salt: str, *about: str) -> str:
    """A token that follows from these words: who posts the same again gets the same, and nobody keeps it."""
    return hmac.digest(salt.encode(), "\n".join(about).encode("utf-8", "replace"), hashlib.sha256).hex()


def delivery_url(here: Emulation, site: Site) -> str:
    return f"{here.root}/api/woocommerce/webhooks/{site.id}"


def approved(here: Emulation, id_: str) -> Site | None:
    """The store as it is now, if Golisto may work with it."""
    site = here.store[Site].get(id_)
    return site if site and site.status is Status.APPROVED and site.consumer_key else None
