"""Golisto: a marketplace that links WooCommerce stores, reviews them by hand, and then sells what they have.

Source: Golisto Connector plugin page: the four addresses, the steps of connecting, what is sent, the states that are
shown, and what Golisto may do once a store is approved. Everything else is assumed, and says so where it stands.
Left out on purpose: what buyers see, Golisto's fees, requests of Golisto's to the plugin (nothing tells that there
are any, and nothing that is sent on connect would tell where to).
"""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, Emulator
from . import account, catalogue, connect, merchants, orders, sales, sites, worker
from .auth import authenticate
from .errors import not_found, refusal, render, server_error
from .facts import FACTS
from .moves import MOVES
from .reading import read
from .states import STATES


def _given_out(here: Emulation) -> dict[str, Any]:
    """The first merchant's account, and the site token of the named situations."""
    merchant = merchants.first(here)
    return {"email": merchant.email, "password": merchant.password, "site_token": account.account(here).site_token}


EMULATOR = Emulator(
    name="golisto",
    package=__name__,
    title="Golisto",
    tables=[
        account.ACCOUNTS,
        catalogue.LISTINGS,
        connect.VISITS,
        merchants.MERCHANTS,
        merchants.SESSIONS,
        sales.SALES,
        sites.CONNECT_TOKENS,
        sites.SITES,
        sites.SITE_TOKENS,
    ],
    states=STATES,
    moves=MOVES,
    facts=FACTS,
    fresh=account.fresh,
    credentials=_given_out,
    authenticate=authenticate,
    read=read,
    refusal=refusal,
    render_error=render,
    not_found=not_found,
    server_error=server_error,
    jobs={
        "read catalogue": worker.read_catalogue,
        "read product": worker.read_product,
        "reconcile": worker.reconcile,
        "tell store": orders.tell,
    },
    secrets=frozenset({"connect_token", "consumer_key", "form_token", "site_token", "webhook_secret"}),
)
