"""/api/woocommerce/connect/credentials: what Golisto needs to work with a store.

Assumed but for what is sent: the same posted twice (a double click, an answer that got lost) is answered alike and
done once, because the site token follows from what was posted; with a site token, a connected store renews what it
has sent before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..kernel import Emulation, emulation
from ..shop import Shop, ShopRefused, ShopSilent
from . import addresses, permission, sites
from .account import account
from .errors import AlreadyLinked, Invalid, SiteTokenInvalid, StoreMismatch, TokenExpired, TokenInvalid
from .sites import CONNECTED, ConnectToken, Site

SHORTEST_SECRET = 32
CURRENCIES = frozenset(
    [
        "AUD",
        "BGN",
        "CAD",
        "CHF",
        "CZK",
        "DKK",
        "EUR",
        "GBP",
        "HUF",
        "JPY",
        "NOK",
        "NZD",
        "PLN",
        "RON",
        "RSD",
        "SEK",
        "UAH",
        "USD",
    ]
)


async def take(body: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """Errors: 401 token_invalid (unknown, used with something else, for another store), 409 store_already_linked (by
    another account) and store_mismatch, 410 token_expired, 422 invalid."""
    here = emulation()
    if body.get("connect_token"):
        return await _confirmed(here, body)
    if here.caller is None:
        raise TokenInvalid("A connect token is needed, or the site token of a store that is connected.")
    return await _renewed(here, here.caller, body)


async def _confirmed(here: Emulation, body: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    store_url = addresses.normal(body["store_url"])
    used_as = sites.fingerprint(body, store_url)
    token, again = _token(here, body["connect_token"], store_url, used_as)
    if not again:
        _refuse(wrong(body, new=True))
        await tried(here, store_url, body)
        token, again = _token(here, body["connect_token"], store_url, used_as)  # the world went on meanwhile
    site = here.store[Site].get(token.site)
    if site is None:
        raise TokenInvalid("The store of this connect token is gone.")
    site_token = sites.derived(account(here).salt, body["connect_token"], used_as)
    if again:
        if site.status not in CONNECTED or site.consumer_key != body["consumer_key"]:
            raise TokenInvalid("This connect token was used already.")
        return _connected(here, site, site_token), 201
    if site.status in CONNECTED and site.merchant != token.merchant:
        here.explain(f"{site.id} was confirmed by another account")
        raise AlreadyLinked("This store is connected with another Golisto account. Disconnect it there first.")
    site = here.store[Site].put(with_credentials(here, replace(site, merchant=token.merchant), body, "confirm"))
    here.store[ConnectToken].put(replace(token, used_as=used_as))
    sites.give_site_token(here, site, site_token)
    return _connected(here, site, site_token), 201


async def _renewed(here: Emulation, site: Site, body: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    if addresses.normal(body["store_url"]) != site.store_url:
        raise StoreMismatch(f"Connected is {site.store_url}, and this is another address.")
    _refuse(wrong(body, new=False))
    if body.get("consumer_key"):
        await tried(here, site.store_url, body)
    now = here.store[Site].get(site.id)
    if now is None or now.status not in CONNECTED:
        raise SiteTokenInvalid("This store is not connected any more.")
    kept = here.store[Site].put(with_credentials(here, now, body, "confirm"))
    assert here.request is not None
    return _connected(here, kept, here.request.headers["authorization"].partition(" ")[2].strip()), 200


def _token(here: Emulation, given: str, store_url: str, used_as: str) -> tuple[ConnectToken, bool]:
    """The connect token, and whether the very same was posted before."""
    token = here.store[ConnectToken].get(sites.digest(given))
    if token is None:
        raise TokenInvalid("This connect token is not known.")
    if token.store_url != store_url:
        here.explain(f"the connect token is for {token.store_url}")
        raise TokenInvalid("This connect token is for another store.")
    if token.used_as:
        if token.used_as != used_as:
            raise TokenInvalid("This connect token was used already.")
        return token, True
    if token.until <= here.clock.now:
        raise TokenExpired("This connect token is older than ten minutes. Link the store again.")
    return token, False


async def tried(here: Emulation, store_url: str, body: Mapping[str, Any]) -> None:
    """Whether the key opens the store, for reading and writing, and the currency is the store's.

    Errors: 422 with what the store said.
    """
    shop = Shop.of(here, store_url, body["consumer_key"], body["consumer_secret"], agent=permission.AGENT)
    try:
        await shop.rows("/products", per_page="1", _fields="id")
        await shop.post("/products/batch", {})
        code = permission.an_object(await shop.get("/data/currencies/current"), "code")["code"]
    except ShopRefused as refused:
        said = f"The store refuses this key: {refused.status} {refused.code}"
        raise Invalid({"consumer_key": [said]}) from None
    except ShopSilent as silent:
        raise Invalid({"store_url": [f"The store does not answer: {silent}"]}) from None
    if code != body["currency"]:
        raise Invalid({"currency": [f"The store sells in {code}, not in {body['currency']}."]})


# -- rules


def wrong(body: Mapping[str, Any], *, new: bool) -> dict[str, list[str]]:
    """What is wrong with what was sent, by field. A new connection needs a key; a renewal may leave it out."""
    errors: dict[str, list[str]] = {}
    url = addresses.normal(body["store_url"])
    if not url:
        errors["store_url"] = ["store_url is not the address of a store."]
    elif not addresses.secure(url):
        errors["store_url"] = ["store_url has to be an https address."]
    if body["currency"] not in CURRENCIES:
        errors["currency"] = [f"{body['currency']} is not a currency that Golisto sells in."]
    if len(body["webhook_secret"]) < SHORTEST_SECRET:
        errors["webhook_secret"] = [f"webhook_secret is shorter than {SHORTEST_SECRET} characters."]
    pair = [name for name in ("consumer_key", "consumer_secret") if body.get(name)]
    for name in ("consumer_key", "consumer_secret"):
        if name not in pair and (new or pair):
            errors[name] = [f"{name} is missing."]
    return errors


def with_credentials(here: Emulation, site: Site, body: Mapping[str, Any], event: str) -> Site:
    """The store with what was sent. Its old webhook secret is believed for an hour more."""
    now, currency = here.clock.now, body["currency"]
    if site.webhook_secret and body["webhook_secret"] != site.webhook_secret:
        site = replace(site, old_secret=site.webhook_secret, old_secret_until=now + sites.GRACE)
    if site.status in CONNECTED and currency != site.currency:
        reason = f"The store sells in {currency} now, not in {site.currency}: it is reviewed again."
        site = sites.moved(site, "change currency", at=now, reason=reason)
    else:
        site = sites.moved(site, event, at=now, reason=site.reason if site.status in CONNECTED else "")
    return replace(
        site,
        currency=currency,
        webhook_secret=body["webhook_secret"],
        consumer_key=body.get("consumer_key") or site.consumer_key,
        consumer_secret=body.get("consumer_secret") or site.consumer_secret,
        linked_until=None,
        plugin_knows=site.plugin_knows and not body.get("consumer_key"),
    )


def _refuse(errors: Mapping[str, list[str]]) -> None:
    if errors:
        raise Invalid(errors)


def _connected(here: Emulation, site: Site, site_token: str) -> dict[str, Any]:
    return {
        "shop_id": site.id,
        "status": site.status.value,
        "site_token": site_token,
        "webhooks": {"delivery_url": sites.delivery_url(here, site), "topics": list(sites.TOPICS)},
    }
