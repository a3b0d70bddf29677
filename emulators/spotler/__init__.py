"""Spotler Connect: the hub between a WooCommerce shop and the other systems of a merchant.

It works in the shop by itself, with an API key: it makes webhooks, reads orders, products and customers, and writes
stock, shipments and contacts. What is public is how it behaves (Spotler Connect help: WooCommerce connector overview,
connector settings, onboarding presets, data rules, WooCommerce statuses, products, personal settings and alerts).
Nothing is public of its API: the one here is assumed as a whole, so that its behaviour can be set up and looked at.
The other systems (a warehouse, a newsletter, a marketplace) are plain records inside of it.
Left out on purpose: bundles, images, prices out, contact lists, organisations and activities (which Connect does not
move for WooCommerce either), users of the account and their rights.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, Emulator
from . import (
    account,
    alerts,
    checkouts,
    connector,
    contacts,
    goods,
    jobs,
    orders,
    platforms,
    rule_book,
    shipments,
    stock,
    work,
)
from .auth import authenticate
from .errors import not_found, refusal, render, server_error
from .facts import FACTS
from .moves import MOVES
from .reading import read
from .states import STATES


def fresh(here: Emulation) -> None:
    """An account as it is given to a merchant: a token, and three other systems that are connected already."""
    account.issue_token(here)
    platforms.fresh(here)


def credentials(here: Emulation) -> dict[str, Any]:
    token = account.open_token(here)
    return {"token": token.token if token is not None else ""}


EMULATOR = Emulator(
    name="spotler",
    package=__name__,
    title="Spotler Connect",
    tables=[
        *account.TABLES,
        alerts.ALERTS,
        checkouts.CHECKOUTS,
        connector.CONNECTORS,
        *contacts.TABLES,
        *goods.TABLES,
        orders.ORDERS,
        *platforms.TABLES,
        rule_book.RULES,
        shipments.SHIPMENTS,
        *stock.TABLES,
        work.WORKS,
    ],
    states=STATES,
    moves=MOVES,
    facts=FACTS,
    jobs=jobs.JOBS,
    fresh=fresh,
    credentials=credentials,
    authenticate=authenticate,
    read=read,
    refusal=refusal,
    render_error=render,
    not_found=not_found,
    server_error=server_error,
    secrets=frozenset(
        {
            "token",
            "api_key",
            "api_secret",
            "secret",
            "consumer_key",
            "consumer_secret",
            "oauth_consumer_key",
            "oauth_signature",
        }
    ),
)
