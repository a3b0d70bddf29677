"""Connecting a store with a setup code, and what the plugin then registers. Assumed: paths, bodies and codes.

The plugin's page lists what setup may carry, and says "nothing else" of the rest: so name, currency and time zone of
the store, and who has consented and when, are not asked for. A connector that sends them is not turned away, nothing
of it is kept, and `storelab disclosure` names it. StockBurst reads what it needs through the key.
"""

from __future__ import annotations

import math
from typing import Any

from ..kernel import Emulation, Reply, emulation
from ..shop import Shop, ShopRefused, ShopSilent
from . import errors, work
from .account import Guesser, SetupCode, Verdict, account, burn, guessed, judged, seconds_locked, the_code
from .auth import own
from .integrations import BASE, INTERVAL, TOPICS, Integration, change, delivery_url, issue_token, keep, safe_address

_REFUSALS = {Verdict.USED: errors.CodeUsed, Verdict.EXPIRED: errors.CodeExpired, Verdict.UNKNOWN: errors.CodeUnknown}


async def connect(body: dict[str, Any]) -> Reply:
    """Take a setup code, try the key it comes with against the store, and connect the two.

    Errors, in this order: 422 consent_required, https_required; 429 too_many_codes; 404, 409, 410 for the code; 403
    account_inactive; 422 credentials_rejected or store_unreachable. Only a connect that succeeds burns the code.
    """
    here = emulation()
    if (body.get("consent") or {}).get("accepted") is not True:
        raise errors.ConsentRequired
    url = body["store"]["url"].strip()
    if not safe_address(url):
        raise errors.HttpsRequired(f"The address of the store must begin with https: {url[:200]}")
    _good_code(here, body["setup_code"])
    if not account(here).active:
        raise errors.AccountInactive
    key, secret = body["credentials"]["consumer_key"], body["credentials"]["consumer_secret"]
    await tried(Shop.of(here, url, key, secret, agent=work.AGENT))
    code = _good_code(here, body["setup_code"])  # somebody may have used it while the store was asked
    if not account(here).active:
        raise errors.AccountInactive
    burn(here, code)
    integration, token = issue_token(here, keep(here, url, key, secret, by_hand=False, versions=body["versions"]))
    work.begin(here, integration.id)
    return Reply(
        201,
        {
            "integration_id": integration.id,
            "site_token": token,
            "webhook": {
                "delivery_url": delivery_url(here, integration),
                "secret": integration.secret,
                "topics": list(TOPICS),
            },
            "health": {"url": f"{here.root}{BASE}/health", "interval_seconds": INTERVAL},
        },
    )


def _good_code(here: Emulation, said: str) -> SetupCode:
    """The code, if it may be used now. One that nobody was ever given is counted against the caller."""
    now, caller = here.clock.now, _caller(here)
    guesser = here.store[Guesser].get(caller, lock=True)
    if locked := seconds_locked(guesser, now):
        here.explain(f"{caller} has tried too many setup codes")
        raise errors.Locked(math.ceil(locked))
    code = the_code(here, said)
    verdict = judged(code, now)
    if verdict is Verdict.GOOD and code is not None:
        return code
    if verdict is Verdict.UNKNOWN:
        here.store[Guesser].put(guessed(guesser or Guesser(caller), now))
        here.store.commit()  # a wrong code counts although the request is refused
    raise _REFUSALS[verdict]


def _caller(here: Emulation) -> str:
    """The caller's address where a proxy tells it; everybody else is the same machine."""
    headers = here.request.headers if here.request else {}
    return headers.get("x-forwarded-for", "").split(",")[0].strip()[:100] or "127.0.0.1"


async def tried(shop: Shop) -> None:
    """One read and one write that changes nothing. Errors: 422 when the store takes one of them not, or is silent."""
    try:
        await shop.rows("/products", per_page="1", _fields="id")
        await shop.post("/products/batch", {})
    except ShopRefused as refused:
        raise errors.CredentialsRejected(
            f"The store does not take the key: it answered {refused.status} ({refused.code or 'no reason given'})."
        ) from None
    except ShopSilent as silent:
        raise errors.StoreUnreachable(f"The store could not be asked: {silent.why}") from None


def register_webhooks(body: dict[str, Any]) -> dict[str, Any]:
    """The webhooks that the plugin has made in the store, for the page of the integration.

    Errors: 404 for another integration, 422 for a webhook that delivers elsewhere.
    """
    here = emulation()
    integration: Integration = own(here, body["integration_id"])
    address = delivery_url(here, integration)
    for webhook in body["webhooks"]:
        if webhook["delivery_url"] != address:
            raise errors.Invalid("A webhook delivers to another address than this integration's.")
    change(here, integration.id, webhooks=[dict(webhook) for webhook in body["webhooks"]])
    return {"ok": True, "registered": len(body["webhooks"])}
