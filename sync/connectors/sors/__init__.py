"""SORS: its catalogue, pictures, stock and prices into the store, the store's orders to SORS as documents.

What the plugin SORS API for WooCommerce does, as far as its page tells, done carefully; everything happens inside the
plugin, SORS itself calls nobody. Sources: SORS API for WooCommerce 1.0.0, plugin page; Sors API Postman documentation.
Assumed: the settings beyond database, unit, document type, price type and stock mode; the number under which an order
is known in SORS; that products and articles belong together by SKU and code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...book import Book, Connection
from ...connector import Connector, Hook, Kind, Phase, due_by_schedule, hearing
from ...transport import Http
from .catalogue import articles, categories, category, enter, groups, match, year
from .client import Sors
from .images import framed, hang, pictured, pictures, upload
from .joining import HOOK, join, leave
from .orders import customer, document, new_customer, next_order, number, order, since_then, webhook
from .settings import SHAPE, settings
from .stock import ORDER, fill, inventory, shelf

_scheduled = due_by_schedule({ORDER: "export"})


def client(url: str, credentials: Mapping[str, Any], chosen: Mapping[str, Any], http: Http) -> Sors:
    learned = chosen.get("learned") or {}
    return Sors(
        url,
        credentials["api_key"],
        http,
        database=learned.get("database", ""),
        unit=learned.get("unit", 0),
        price_type=chosen["price_type"],
        stock_mode=chosen["stock_mode"],
    )


def due(book: Book, connection: Connection, going: set[str], now: datetime) -> list[str]:
    """Stock and pictures wait until the catalogue is through: there have to be products first."""
    kinds = _scheduled(book, connection, going, now)
    waits = {"stock", "images"} if "catalogue" in {*going, *kinds} else set()
    waits |= set() if connection.settings["export_orders"] else {"export"}
    return [kind for kind in kinds if kind not in waits]


def every(chosen: Mapping[str, Any]) -> float:
    return float(chosen["sync_every"])


CONNECTOR = Connector(
    name="sors",
    title="SORS",
    gap=0.5,
    credentials=("url", "api_key"),
    defaults={"url": "https://api.sors.rs"},
    shape=SHAPE,
    settings=settings,
    client=client,
    join=join,
    leave=leave,
    phases={
        "year": Phase("backend", year),
        "groups": Phase("backend", groups),
        "categories": Phase("store", categories),
        "category": Phase("store", category),
        "articles": Phase("backend", articles),
        "match": Phase("store", match),
        "enter": Phase("store", enter),
        "inventory": Phase("backend", inventory),
        "shelf": Phase("store", shelf),
        "fill": Phase("store", fill),
        "pictured": Phase("backend", pictured),
        "framed": Phase("store", framed),
        "pictures": Phase("backend", pictures),
        "hang": Phase("store", hang),
        "upload": Phase("store", upload),
        "webhook": Phase("store", webhook),
        "since": Phase("store", since_then),
        "next": Phase("", next_order),
        "order": Phase("store", order),
        "customer": Phase("backend", customer),
        "new_customer": Phase("backend", new_customer),
        "number": Phase("backend", number),
        "document": Phase("backend", document),
    },
    kinds={
        "export": Kind("next", 0),
        "orders": Kind("webhook", 1, every),
        "catalogue": Kind("year", 2, every),
        "stock": Kind("year", 3, every),
        "images": Kind("year", 4, every),
    },
    due=due,
    buttons=("catalogue", "stock", "images", "orders"),
    meaning=("database", "business_unit"),
    hooks=(Hook(HOOK, "POST", "sors/v1/orders", hearing(ORDER), guard="signature"),),
)
