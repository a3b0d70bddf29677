"""Routes of a connector's plugin outside of WordPress's REST API, at /api: what the store shows of a product's stock,
and the Shipments column of an order. There are none while no plugin has such a column.

They stand for what some connectors warn of: a server that caches whatever begins with /api makes them tell of the past.
Guess: paths and answers are ours; stock is for everybody, as shoppers see it too, and shipments are for who knows the
key of the order.
"""

from __future__ import annotations

import hmac
from typing import Any

from ..kernel import Emulation, emulation
from . import errors, order_screen, php, stock
from .order_records import Order
from .params import Params
from .product import Product


def read_stock(params: Params) -> dict[str, Any]:
    """Of a product or variation. `quantity` is null where nobody counts its pieces. Errors: 404."""
    here = emulation()
    _installed(here)
    product = here.store[Product].get(php.integer(params["id"]))
    if product is None:
        raise errors.no_route()
    keeper = stock.keeper(here, product)
    return {"id": product.id, "quantity": keeper.stock_quantity if keeper is not None else None}


def read_shipments(params: Params) -> dict[str, Any]:
    """Of an order, for who knows its key. Errors: 404."""
    here = emulation()
    registered = _installed(here)
    order = here.store[Order].get(php.integer(params["id"]))
    key = php.text(params.get("key")).encode("utf-8", "replace")
    if order is None or not order.order_key or not hmac.compare_digest(order.order_key.encode(), key):
        raise errors.no_route()
    return {"id": order.id, "shipments": order_screen.shipments(registered, order)}


def _installed(here: Emulation) -> list[order_screen.Panel]:
    columns = [panel for panel in order_screen.panels(here) if panel.shipments]
    if not columns:
        here.explain("no plugin with a Shipments column is installed: there is no such route")
        raise errors.no_route()
    return columns
