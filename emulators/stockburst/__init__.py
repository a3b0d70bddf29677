"""StockBurst: setup codes, connected stores, and its own work in them: listings, stock, prices, orders, customers.

Source: StockBurst Connector plugin page (host, one-time code, consent, what setup and health carry, who sends the
webhooks, what stays after disconnecting). Paths, bodies and codes are not public: openapi/stockburst.yaml says at
each operation what is assumed, and why.
Left out on purpose: StockBurst's own pages, its marketplaces (a sale there is the move "sell elsewhere"), images.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, Emulator
from . import account, by_hand, incoming, integrations, inventory, orders, pulling, pushing
from .auth import authenticate
from .errors import not_found, refusal, render, server_error
from .facts import FACTS
from .moves import MOVES
from .reading import read
from .states import STATES
from .work import job


def credentials(here: Emulation) -> dict[str, Any]:
    """What gets in: the setup code that may be used now, and the site token of the newest store, if there is one."""
    found = integrations.newest(here)
    token = {"token": integrations.token_of(here, found)} if found and found.token_digest else {}
    return {"setup_code": account.open_code(here), **token}


def fresh(here: Emulation) -> None:
    """An active account in which nothing was ever done."""
    here.store[account.Account].put(account.Account())


EMULATOR = Emulator(
    name="stockburst",
    package=__name__,
    title="StockBurst",
    tables=[
        account.ACCOUNTS,
        account.CODES,
        account.GUESSERS,
        incoming.TALLIES,
        integrations.INTEGRATIONS,
        inventory.ARTICLES,
        inventory.LISTINGS,
        inventory.MOVEMENTS,
        orders.CUSTOMERS,
        orders.ORDERS,
    ],
    states=STATES,
    moves=MOVES,
    facts=FACTS,
    jobs={
        "compare": job("compare", pulling.pull),
        "make webhooks": job("make webhooks", by_hand.make_webhooks),
        "pull": job("pull", pulling.pull),
        "push": job("push", pushing.push),
        "read customer": job("read customer", pulling.read_customer),
        "read order": job("read order", pulling.read_order),
        "read product": job("read product", pulling.read_product),
    },
    fresh=fresh,
    credentials=credentials,
    authenticate=authenticate,
    read=read,
    refusal=refusal,
    render_error=render,
    not_found=not_found,
    server_error=server_error,
    secrets=frozenset({"setup_code", "site_token", "secret", "consumer_key", "consumer_secret", "token"}),
)
