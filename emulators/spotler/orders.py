"""Orders: in from a shop, and never out.

Source: Spotler Connect help: connector overview (in real time by webhook, not exported), WooCommerce statuses (a
status that nothing maps is an import error). Assumed: an order that another plugin brought into the shop from a
marketplace says so in two custom fields, and the plugin's Shipments column is a list in a third.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Annotated, Any, TypedDict

from ..kernel import Emulation, Table, dataclass, emulation
from ..shop import Shop, ShopRefused
from . import checkouts, goods, platforms, plugin, shipments, stock
from .connector import Connector, found, shop_of
from .errors import NotFound
from .goods import Listing
from .moments import iso, read as moment
from .presets import OUT
from .rule_book import judged
from .statuses import GONE, HOLDING, KNOWN, NOT_YET, from_shop
from .work import Again, Failed

SOURCE_PLATFORM, SOURCE_NUMBER = "_source_platform", "_source_order_number"
_GIVES_BACK = frozenset({"cancelled", "pending_payment"})  # statuses in which a shop puts pieces back by itself


class Values(TypedDict):
    """What data rules may look at and change."""

    number: str
    status: str
    paid: bool
    created_at: str | None
    total: float
    currency: str
    email: str
    country: str
    payment_method: str
    customer_note: str


class Line(TypedDict):
    sku: str | None
    name: str
    quantity: int
    total: str
    master_product_id: int | None


@dataclass(frozen=True)
class Order:
    """An order as Connect has it. `source`: {"platform", "number"} of the marketplace it came from, or nothing.
    `modified_at` is the shop's own time."""

    key: str  # "connector/order"
    connector: int
    shop_id: int
    number: str
    status: str = ""
    values: Annotated[dict[str, Any], Values] = field(default_factory=dict)
    lines: Annotated[list[dict[str, Any]], list[Line]] = field(default_factory=list)
    source: dict[str, str] = field(default_factory=dict)
    customer_id: int = 0
    modified_at: datetime | None = None
    imported_at: datetime | None = None


ORDERS = Table(
    Order, "spotler_orders", key="key", columns=("connector", "shop_id", "number"), indexes=[("connector", "number")]
)
C = ORDERS.c


def normalised(row: Mapping[str, Any]) -> dict[str, Any]:
    billing = row.get("billing") or {}
    return {
        "number": str(row.get("number") or row["id"]),
        "status": from_shop(str(row.get("status", ""))),
        "paid": row.get("date_paid_gmt") is not None,
        "created_at": row.get("date_created_gmt"),
        "total": float(row.get("total") or 0),
        "currency": str(row.get("currency") or ""),
        "email": str(billing.get("email") or ""),
        "country": str(billing.get("country") or ""),
        "payment_method": str(row.get("payment_method") or ""),
        "customer_note": str(row.get("customer_note") or ""),
    }


def source_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Which marketplace an order came from, if its custom fields say so."""
    fields = {m.get("key"): m.get("value") for m in row.get("meta_data") or ()}
    platform, number = fields.get(SOURCE_PLATFORM), fields.get(SOURCE_NUMBER)
    return {"platform": str(platform), "number": str(number)} if platform and number else {}


async def bring_in(here: Emulation, connector: Connector, ref: str) -> None:
    """Read one order and take it in. One that is gone is nothing to do."""
    shop = shop_of(here, connector)
    try:
        row = await shop.get(f"/orders/{ref}")
    except ShopRefused as refused:
        if refused.status != 404:
            raise
        return
    await with_products(here, shop, connector, row)
    take(here, connector, await with_shipments(here, connector, row))


async def with_shipments(here: Emulation, connector: Connector, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The order with its Shipments column as the plugin tells it; without the plugin, as the order carries it."""
    if not connector.carries("shipments", OUT) or shipments.in_column(row) is None:
        return row
    told = await plugin.column(here, connector, row)
    if told is None:
        return row
    others = [m for m in row.get("meta_data") or () if m.get("key") != shipments.COLUMN]
    return {**row, "meta_data": [*others, {"key": shipments.COLUMN, "value": told}]}


async def with_products(here: Emulation, shop: Shop, connector: Connector, row: Mapping[str, Any]) -> None:
    """Take in the products of an order that are newer than the last look at the products."""
    for line in row.get("line_items") or ():
        product, variation = int(line.get("product_id") or 0), int(line.get("variation_id") or 0)
        if not product or here.store[Listing].get(f"{connector.id}/{variation or product}") is not None:
            continue
        try:
            parent = await shop.get(f"/products/{product}")
            child = await shop.get(f"/products/{product}/variations/{variation}") if variation else None
        except ShopRefused as refused:
            if refused.status != 404:
                raise
            continue
        if child is not None:
            goods.take(here, connector, child, parent)
        elif not goods.stands_for_others(parent):
            goods.take(here, connector, parent)


def take(here: Emulation, connector: Connector, row: Mapping[str, Any]) -> Order | None:
    """Take in an order as it is now: the same once more changes nothing. None for what is no order (yet), or blocked.

    Raises `Failed` for a status that no rule maps, `Again` for an answer older than what is known.
    """
    status = str(row.get("status", ""))
    if status in NOT_YET or status == GONE:
        return None
    key = f"{connector.id}/{row['id']}"
    old = here.store[Order].get(key)
    modified = moment(row.get("date_modified_gmt"))
    if old is not None and old.modified_at and modified and modified < old.modified_at:
        raise Again(f"order {row['id']} was answered as it was at {iso(modified)}, before {iso(old.modified_at)}")
    values = normalised(row)
    about = f"order {values['number']} of {connector.name}"
    outcome = judged(here, "order", "import", connector.id, values, zone=connector.timezone, about=about)
    if outcome.blocked_by is not None:
        return None
    values = dict(outcome.values)
    if values["status"] not in KNOWN:
        said = f"has the status {status!r}, which no rule maps to one of Connect's"
        raise Failed("unmapped_status", f"Order {values['number']} {said}.")
    order = here.store[Order].put(
        Order(
            key,
            connector.id,
            int(row["id"]),
            values["number"],
            values["status"],
            values,
            [_line(here, connector, line) for line in row.get("line_items") or ()],
            source_of(row),
            int(row.get("customer_id") or 0),
            modified,
            old.imported_at if old is not None else here.clock.now,
        )
    )
    _set_aside(here, connector, order)
    checkouts.complete(here, connector, str(order.shop_id), order.number)
    platforms.pass_on(here, connector, "order", order.number, _whole(order))
    shipments.read_column(here, connector, order.shop_id, order.number, row)
    return order


def _line(here: Emulation, connector: Connector, line: Mapping[str, Any]) -> dict[str, Any]:
    item = int(line.get("variation_id") or line.get("product_id") or 0)
    listing = here.store[Listing].get(f"{connector.id}/{item}")
    return {
        "sku": str(line.get("sku") or "") or None,
        "name": str(line.get("name") or ""),
        "quantity": int(line.get("quantity") or 0),
        "total": str(line.get("total") or "0"),
        "master_product_id": listing.master if listing is not None and listing.master else None,
    }


def _set_aside(here: Emulation, connector: Connector, order: Order) -> None:
    """Pieces of an open order are set aside in the warehouse until they are shipped."""
    pieces: dict[int, int] = {}
    if order.status in HOLDING and not shipments.left_the_warehouse(here, connector.id, order.shop_id):
        for line in order.lines:
            if line["master_product_id"] is not None:
                pieces[line["master_product_id"]] = pieces.get(line["master_product_id"], 0) + line["quantity"]
    changes = stock.hold(here, owner_of(order), pieces)
    more = {m: n for m, n in changes.items() if n > 0 or order.status in _GIVES_BACK}
    stock.counted_along(here, connector.id, more)
    stock.moved(here, changes)


def owner_of(order: Order) -> str:
    return f"{order.connector}/{order.shop_id}"


def let_go(here: Emulation, order: Order) -> dict[int, int]:
    """Nothing is set aside for it any more; what was, by master product."""
    return {m: -n for m, n in stock.hold(here, owner_of(order), {}).items()}


def forget(here: Emulation, connector: int) -> None:
    """The orders of a connector that is removed; the warehouse lets go of what it kept for them."""
    touched: set[int] = set()
    for order in here.store[Order].all(C.connector == connector):
        touched |= let_go(here, order).keys()
    here.store[Order].delete_where(C.connector == connector)
    stock.moved(here, touched)


def numbered(here: Emulation, connector: int, number: str) -> Order | None:
    return here.store[Order].first(C.connector == connector, C.number == number)


# ---------------------------------------------------------------------------------------------- over the API


def list_all(connector_id: int) -> dict[str, Any]:
    here = emulation()
    found(here, connector_id)
    orders = here.store[Order].all(C.connector == connector_id, order=[C.shop_id])
    return {"data": [rendered(order) for order in orders]}


def read_one(connector_id: int, number: str) -> dict[str, Any]:
    """Errors: 404."""
    here = emulation()
    found(here, connector_id)
    order = numbered(here, connector_id, number)
    if order is None:
        raise NotFound(f"Connector {connector_id} has imported no order {number}.")
    return rendered(order)


def _whole(order: Order) -> dict[str, Any]:
    return {**order.values, "lines": order.lines}


def rendered(order: Order) -> dict[str, Any]:
    return {
        **_whole(order),
        "shop_id": order.shop_id,
        "source": order.source or None,
        "imported_at": iso(order.imported_at),
        "modified_at": iso(order.modified_at),
    }
