"""SORS: databases by fiscal year under one key, articles with stock, prices and pictures, customers, documents.

Source: Sors API Postman documentation (base address, Authorization header, one key for all databases, Demo2, one
envelope), SORS API for WooCommerce plugin page (resources, the five documents, what a shop sends), SORS help pages.
Paths and fields are not public: they are assumed, and `openapi/sors.yaml` says so operation by operation.
Left out on purpose: incoming documents, payments, min and max stock, stock of others' goods, the older exchange of
text files.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, Emulator
from . import account, catalogue, customers, databases, documents, images, limits, stock
from .auth import authenticate
from .envelope import outgoing
from .errors import not_found, refusal, render, server_error
from .facts import FACTS
from .fresh import fresh
from .moves import MOVES
from .reading import read
from .states import STATES


def credentials(here: Emulation) -> dict[str, Any]:
    key = account.open_key(here)
    return {"api_key": key.key if key else ""}


EMULATOR = Emulator(
    name="sors",
    package=__name__,
    title="SORS",
    tables=[
        account.ACCOUNTS,
        account.KEYS,
        catalogue.ARTICLES,
        catalogue.GROUPS,
        customers.CUSTOMERS,
        customers.ENTRIES,
        databases.DATABASES,
        databases.UNITS,
        documents.DOCUMENTS,
        images.IMAGES,
        limits.WINDOWS,
        stock.LEVELS,
        stock.MOVEMENTS,
    ],
    states=STATES,
    moves=MOVES,
    facts=FACTS,
    fresh=fresh,
    credentials=credentials,
    authenticate=authenticate,
    outgoing=outgoing,
    read=read,
    refusal=refusal,
    render_error=render,
    not_found=not_found,
    server_error=server_error,
    secrets=frozenset({"api_key"}),
)
