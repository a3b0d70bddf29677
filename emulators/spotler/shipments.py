"""Shipments: out to the shop, where they complete the order; and from the plugin's column on to the order's source.

Source: Spotler Connect help: connector overview (a shipment sets the order to completed; the tracking code goes into
the order's customer note; what is edited in WooCommerce does not come back; a shipment made in the plugin's Shipments
column, with provider, link and number, goes to Connect and on to the platform that the order came from).
Assumed: how the note is worded, that what the customer wrote stays in it, and where the column is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..kernel import Emulation, Table, dataclass, emulation
from . import orders, platforms, stock
from .connector import Connector, found, shop_of
from .errors import Conflict, Invalid
from .moments import iso
from .presets import OUT
from .rule_book import judged
from .statuses import ENDED, from_shop
from .work import Failed, ask

COLUMN = "_spotler_shipments"  # the custom field of an order in which the plugin keeps its Shipments column
WAREHOUSE, PLUGIN = "warehouse", "plugin"
_OVER = (*ENDED, "trash")
MOST_LISTED = 100


@dataclass(frozen=True)
class Shipment:
    """`made_in`: "warehouse" or "plugin". `exported_at`: when the shop had it; `passed_to`: who else has it."""

    id: int
    connector: int
    shop_id: int
    number: str
    tracking_code: str
    carrier: str = ""
    tracking_url: str = ""
    made_in: str = WAREHOUSE
    shipped_at: datetime | None = None
    exported_at: datetime | None = None
    passed_to: str = ""


SHIPMENTS = Table(
    Shipment,
    "spotler_shipments",
    columns=("connector", "shop_id", "tracking_code"),
    unique=[("connector", "shop_id", "tracking_code")],
)
C = SHIPMENTS.c


def left_the_warehouse(here: Emulation, connector: int, shop_id: int) -> bool:
    return any(one.made_in == WAREHOUSE for one in of_order(here, connector, shop_id))


def of_order(here: Emulation, connector: int, shop_id: int) -> list[Shipment]:
    return here.store[Shipment].all(C.connector == connector, C.shop_id == shop_id, order=[C.id])


# ---------------------------------------------------------------------------------------------- out to the shop


def noted(note: str, shipment: Shipment) -> str:
    """The customer note with this shipment in it, once; what stood there before stays."""
    if shipment.tracking_code in note:
        return note
    told = f"Tracking code: {shipment.tracking_code}"
    if shipment.carrier:
        told += f" ({shipment.carrier})"
    if shipment.tracking_url:
        told += f" {shipment.tracking_url}"
    return f"{note.rstrip()}\n{told}" if note.strip() else told


async def export(here: Emulation, connector: Connector, ref: str) -> None:
    """Complete the order, with the code in its note: both in one write, so that the mail about it has the code.

    Raises `Failed` for an order that was cancelled or refunded meanwhile.
    """
    shipment = here.store[Shipment].get(int(ref))
    if shipment is None or not connector.carries("shipments", OUT):
        return
    values = {
        "number": shipment.number,
        "carrier": shipment.carrier,
        "tracking_code": shipment.tracking_code,
        "shipped_at": iso(shipment.shipped_at),
    }
    about = f"shipment {shipment.tracking_code} to {connector.name}"
    outcome = judged(here, "shipment", "export", connector.id, values, zone=connector.timezone, about=about)
    if outcome.blocked_by is not None:
        return
    told = replace(shipment, carrier=outcome.values["carrier"], tracking_code=outcome.values["tracking_code"])
    shop = shop_of(here, connector)
    row = await shop.get(f"/orders/{shipment.shop_id}")
    if from_shop(str(row.get("status") or "")) in _OVER:
        said = f"is {row['status']} in the shop, so shipment {shipment.tracking_code} was not written to it"
        raise Failed("order_is_over", f"Order {shipment.number} {said}.")
    note = noted(str(row.get("customer_note") or ""), told)
    if row.get("status") != "completed" or note != row.get("customer_note"):
        await shop.put(f"/orders/{shipment.shop_id}", {"status": "completed", "customer_note": note})
    now = here.store[Shipment].get(shipment.id)
    if now is not None:
        here.store[Shipment].put(replace(now, exported_at=here.clock.now))


# ---------------------------------------------------------------------------------------------- from the plugin


def in_column(row: Mapping[str, Any]) -> Any:
    return next((m.get("value") for m in row.get("meta_data") or () if m.get("key") == COLUMN), None)


def read_column(here: Emulation, connector: Connector, shop_id: int, number: str, row: Mapping[str, Any]) -> None:
    """Take in what stands in the plugin's column and is new; what is known stays as it was taken in."""
    if not connector.carries("shipments", OUT):
        return
    column = in_column(row)
    for entry in column[:MOST_LISTED] if isinstance(column, list) else ():
        code = str(entry.get("number") or "") if isinstance(entry, Mapping) else ""
        known = C.connector == connector.id, C.shop_id == shop_id, C.tracking_code == code
        if not code or here.store[Shipment].first(*known) is not None:
            continue
        shipment = here.store[Shipment].add(
            Shipment(
                here.ids.next("spotler.shipment"),
                connector.id,
                shop_id,
                number,
                code,
                str(entry.get("provider") or ""),
                str(entry.get("link") or ""),
                PLUGIN,
                here.clock.now,
                here.clock.now,
            )
        )
        pass_to_source(here, connector, shipment)


def pass_to_source(here: Emulation, connector: Connector, shipment: Shipment) -> None:
    """Give it to the platform that the order came from, if it came from one."""
    order = orders.numbered(here, connector.id, shipment.number)
    if order is not None and order.source:
        ask(here, connector.id, "import", "shipment", shipment.id)


async def reach_source(here: Emulation, connector: Connector, ref: str) -> None:
    """Raises `Failed` when the platform has no such order."""
    shipment = here.store[Shipment].get(int(ref))
    order = orders.numbered(here, connector.id, shipment.number) if shipment is not None else None
    if shipment is None or order is None or not order.source:
        return
    platform, number = order.source["platform"], order.source["number"]
    theirs = platforms.order_of(here, platform, number)
    if theirs is None:
        said = f"came from {platform}, which has no order {number}"
        raise Failed("no_source_order", f"Order {shipment.number} {said}.")
    told = {"carrier": shipment.carrier, "tracking_code": shipment.tracking_code, "url": shipment.tracking_url}
    platforms.shipped(here, theirs, told)
    here.store[Shipment].put(replace(shipment, passed_to=platform))


# ---------------------------------------------------------------------------------------------- over the API


def list_all(connector_id: int) -> dict[str, Any]:
    here = emulation()
    found(here, connector_id)
    return {"data": [rendered(one) for one in here.store[Shipment].all(C.connector == connector_id, order=[C.id])]}


def create(connector_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The warehouse has shipped an order. The same code for the same order again is the same shipment (200).

    Errors: 409 where the preset moves no shipments, 422 for an order that was not imported.
    """
    here = emulation()
    connector = found(here, connector_id)
    if not connector.is_alive:
        raise Conflict("This connector was removed.", code="connector_removed")
    if not connector.carries("shipments", OUT):
        raise Conflict(f"The preset {connector.preset.value} moves no shipments.", code="not_in_preset")
    order = orders.numbered(here, connector_id, body["order_number"])
    if order is None:
        raise Invalid({"order_number": f"this connector has imported no order {body['order_number']!r}"})
    known = C.connector == connector_id, C.shop_id == order.shop_id, C.tracking_code == body["tracking_code"]
    old = here.store[Shipment].first(*known)
    if old is not None:
        return rendered(old), 200
    return rendered(shipped(here, connector, order, body)), 201


def shipped(here: Emulation, connector: Connector, order: orders.Order, body: Mapping[str, Any]) -> Shipment:
    """Goods have left the warehouse: its pieces go, the shop is told, and so is the platform it came from."""
    shipment = here.store[Shipment].add(
        Shipment(
            here.ids.next("spotler.shipment"),
            connector.id,
            order.shop_id,
            order.number,
            body["tracking_code"],
            body.get("carrier", ""),
            body.get("tracking_url", ""),
            WAREHOUSE,
            here.clock.now,
        )
    )
    for master, pieces in orders.let_go(here, order).items():
        level = here.store[stock.Level].get(master)
        if level is not None:
            here.store[stock.Level].put(replace(level, on_hand=level.on_hand - pieces))
    ask(here, connector.id, "export", "shipment", shipment.id)
    pass_to_source(here, connector, shipment)
    return shipment


def rendered(shipment: Shipment) -> dict[str, Any]:
    return {
        "id": shipment.id,
        "order_number": shipment.number,
        "carrier": shipment.carrier or None,
        "tracking_code": shipment.tracking_code,
        "tracking_url": shipment.tracking_url or None,
        "made_in": shipment.made_in,
        "shipped_at": iso(shipment.shipped_at),
        "exported_at": iso(shipment.exported_at) if shipment.made_in == WAREHOUSE else None,
        "passed_to": shipment.passed_to or None,
    }
