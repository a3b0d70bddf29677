"""Spotler Connect at work in a store, for the contracts: a connector that acts, and what it reads there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pact import match

from storelab.contracts import store
from storelab.contracts.actors import Actor
from storelab.contracts.examples import CONSUMER_KEY, CONSUMER_SECRET
from storelab.contracts.interactions import Given
from storelab.emulators.kernel import Emulation
from storelab.emulators.spotler.connector import found

LISTED = [("per_page", "100"), ("orderby", "id"), ("order", "asc")]
FIRST = ("page", "1")
JANE: Given = (("a customer", {"email": "jane@example.com"}),)
ORDER: Given = (("an order", {"sku": "MUG", "quantity": 1}),)


def connected(actor: Actor, **more: Any) -> int:
    keys = {"api_key": CONSUMER_KEY, "api_secret": CONSUMER_SECRET, "webhook_secret": store.SECRET}
    return int(actor.state("a connector", shop_url=store.URL, **keys, **more)["connector_id"])


def acting(actor: Actor, number: int, do: Callable[..., Any], *arguments: Any) -> Any:
    """Have Connect do this for the connector, as one of its jobs would."""

    def act(here: Emulation) -> Any:
        return do(here, found(here, number), *arguments)

    return actor.run(act)


def refused(code: str, message: Any) -> dict[str, Any]:
    return {"code": code, "message": message}


def product(sku: str = "MUG", **more: Any) -> dict[str, Any]:
    return {
        "id": match.integer(11),
        "type": "simple",
        "sku": sku,
        "global_unique_id": "",
        "name": match.string("Mug"),
        "status": "publish",
        "price": match.regex("10.00", regex=r"^\d+(\.\d+)?$"),
        "manage_stock": True,
        "stock_quantity": match.integer(12),
        **more,
    }


def order(**more: Any) -> dict[str, Any]:
    line = {
        "product_id": match.integer(11),
        "variation_id": 0,
        "quantity": 1,
        "sku": "MUG",
        "name": match.string("Mug"),
    }
    return {
        "id": match.integer(31),
        "number": match.string("31"),
        "status": "processing",
        "currency": match.regex("USD", regex="^[A-Z]{3}$"),
        "total": match.regex("10.00", regex=r"^\d+\.\d\d$"),
        "customer_note": "",
        "customer_id": 0,
        "date_created_gmt": match.regex("2026-01-05T09:00:00", regex=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"),
        "date_modified_gmt": match.regex("2026-01-05T09:00:00", regex=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"),
        "billing": {"email": match.string("ann@example.com"), "country": match.string("US")},
        "line_items": match.each_like(line),
        "meta_data": [],
        **more,
    }


def customer(**more: Any) -> dict[str, Any]:
    return {
        "id": match.integer(2),
        "email": "jane@example.com",
        "first_name": match.string("Jane"),
        "last_name": match.string(""),
        "billing": {"phone": match.string("")},
        "meta_data": [],
        **more,
    }
