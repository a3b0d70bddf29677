"""KeyCRM: offers, stock by warehouse, orders, and the webhooks that tell of them.

Source: KeyCRM API document v1.2.0 and help pages; what public clients have seen live is the profile "observed".
Left out on purpose: cabinet pages, integrations with marketplaces and carriers, the bytes of uploaded files.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, Emulator
from . import (
    account,
    buyers,
    calls,
    cards,
    catalogue,
    categories,
    custom_fields,
    limits,
    order,
    pipelines,
    reading,
    references,
    stock,
    storage,
    transactions,
    users,
    webhooks,
)
from .auth import authenticate, with_limits
from .errors import not_found, refusal, render, server_error
from .facts import FACTS
from .fresh import fresh
from .moves import MOVES
from .states import STATES


def credentials(here: Emulation) -> dict[str, Any]:
    key = account.open_key(here)
    return {"api_key": key.key if key else ""}


EMULATOR = Emulator(
    name="keycrm",
    package=__name__,
    title="KeyCRM",
    tables=[
        account.ACCOUNTS,
        account.KEYS,
        buyers.BUYERS,
        buyers.COMPANIES,
        buyers.CONTACTS,
        calls.CALLS,
        cards.CARDS,
        catalogue.OFFERS,
        catalogue.PRODUCTS,
        categories.CATEGORIES,
        custom_fields.CUSTOM_FIELDS,
        limits.WINDOWS,
        order.EXPENSES,
        order.LINES,
        order.ORDERS,
        order.PAYMENTS,
        pipelines.PIPELINES,
        pipelines.STAGES,
        references.REFERENCES,
        references.STATUSES,
        stock.LEVELS,
        stock.MOVEMENTS,
        stock.WAREHOUSES,
        storage.FILES,
        transactions.TRANSACTIONS,
        users.USERS,
        webhooks.STOCK_WEBHOOKS,
        webhooks.TRIGGERS,
    ],
    states=STATES,
    moves=MOVES,
    facts=FACTS,
    fresh=fresh,
    credentials=credentials,
    authenticate=authenticate,
    read=reading.read,
    outgoing=with_limits,
    refusal=refusal,
    render_error=render,
    not_found=not_found,
    server_error=server_error,
    webhooks=webhooks.WEBHOOKS,
    secrets=frozenset({"api_key"}),
)
