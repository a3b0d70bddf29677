"""What Connect now believes. Nothing here changes anything."""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation
from . import (
    account,
    alerts as alert_book,
    checkouts as checkout_book,
    contacts as contact_book,
    goods,
    orders as order_book,
    platforms,
    shipments as shipment_book,
    stock as warehouse,
)
from .connector import CONNECTORS, Connector, newest
from .rule_book import RULES, Kept


def connection(here: Emulation) -> dict[str, Any]:
    """The newest connector that is still there: state, preset, problem, and each webhook as it was last seen. Empty
    when there is none."""
    one = newest(here)
    return {} if one is None else _told(one)


def connectors(here: Emulation) -> dict[str, dict[str, Any]]:
    """All connectors by number, also those that were removed."""
    return {str(one.id): _told(one) for one in here.store[Connector].all(order=[CONNECTORS.c.id])}


def _told(one: Connector) -> dict[str, Any]:
    return {
        "name": one.name,
        "state": one.state.value,
        "problem": one.problem["code"] if one.problem else None,
        "shop_url": one.shop_url,
        "preset": one.preset.value,
        "timezone": one.timezone,
        "opt_in_strategy": one.opt_in_strategy,
        "has_key": bool(one.consumer_key),
        "webhooks": {topic: seen["status"] for topic, seen in one.webhooks.items()},
    }


def orders(here: Emulation) -> dict[str, dict[str, Any]]:
    """Imported orders by number: status, total, and pieces by SKU."""
    found = here.store[order_book.Order].all(order=[order_book.C.connector, order_book.C.shop_id])
    return {
        o.number: {
            "status": o.status,
            "total": o.values["total"],
            "email": o.values["email"],
            "note": o.values["customer_note"],
            "lines": {line["sku"] or line["name"]: line["quantity"] for line in o.lines},
        }
        for o in found
    }


def master_products(here: Emulation) -> dict[str, dict[str, Any]]:
    """Master products by SKU (by barcode or number where there is none): how many products of shops are linked."""
    found = here.store[goods.Master].all(order=[goods.M.id])
    told = {}
    for m in found:
        label = m.label or f"#{m.id}"
        links = here.store[goods.Listing].count(goods.L.master == m.id, goods.L.present)
        told[label if label not in told else f"{label} ({m.id})"] = {
            "name": m.name,
            "barcode": m.barcode,
            "status": m.status,
            "price": m.price,
            "links": links,
        }
    return told


def contacts(here: Emulation) -> dict[str, dict[str, Any]]:
    """Contacts by e-mail address."""
    found = here.store[contact_book.Contact].all(order=[contact_book.C.id])
    return {c.email: {name: getattr(c, name) for name in contact_book.OWNED} for c in found}


def stock(here: Emulation) -> dict[str, int]:
    """Pieces that may be sold, by SKU, of what the warehouse knows: on the shelves less what is set aside."""
    return {sku: row["available"] for sku, row in warehouse_levels(here).items()}


def warehouse_levels(here: Emulation) -> dict[str, dict[str, int]]:
    """On the shelves, set aside and available, by SKU."""
    told = {}
    for level in here.store[warehouse.Level].all(order=[warehouse.LEVELS.c.master]):
        master, held = here.store[goods.Master].get(level.master), warehouse.held(here, level.master)
        label = master.label if master is not None else f"#{level.master}"
        told[label] = {"on_hand": level.on_hand, "reserved": held, "available": level.on_hand - held}
    return told


def checkouts(here: Emulation) -> dict[str, dict[str, Any]]:
    """Checkouts by the plugin's number for them."""
    found = here.store[checkout_book.Checkout].all(order=[checkout_book.C.key])
    return {c.reference: {"status": c.status, "email": c.values["email"], "total": c.values["total"]} for c in found}


def shipments(here: Emulation) -> dict[str, dict[str, Any]]:
    """Shipments by tracking code: of which order, where it was made, whether the shop has it, who else was told."""
    found = here.store[shipment_book.Shipment].all(order=[shipment_book.C.id])
    return {
        s.tracking_code: {
            "order": s.number,
            "carrier": s.carrier,
            "made_in": s.made_in,
            "in_shop": s.exported_at is not None,
            "passed_to": s.passed_to,
        }
        for s in found
    }


def alerts(here: Emulation) -> dict[str, dict[str, Any]]:
    """The newest alert of each object ("order 12"): its state, why, and how many mails went out about the object."""
    told: dict[str, dict[str, Any]] = {}
    for alert in here.store[alert_book.Alert].all(order=[alert_book.C.id]):
        name = f"{alert.kind} {alert.ref}"
        mails = here.store[account.Mail].count(account.MAILS.c.about == f"alert {alert.id}")
        told[name] = {
            "state": "open" if alert.closed_at is None else "closed",
            "direction": alert.direction,
            "code": alert.code,
            "message": alert.message,
            "tries": alert.tries,
            "mails": mails + told.get(name, {}).get("mails", 0),
        }
    return told


def mails(here: Emulation) -> list[dict[str, Any]]:
    """What Connect has mailed."""
    return [{"to": m.to, "subject": m.subject} for m in here.store[account.Mail].all(order=[account.MAILS.c.id])]


def elsewhere(here: Emulation) -> dict[str, dict[str, Any]]:
    """What each other system was given ({"order 12": ...}), and the orders it has of its own."""
    told: dict[str, dict[str, Any]] = {}
    for platform in here.store[platforms.Platform].all(order=[platforms.PLATFORMS.c.id]):
        given = here.store[platforms.Passed].all(
            platforms.PASSED.c.platform == platform.id, order=[platforms.PASSED.c.key]
        )
        own = here.store[platforms.PlatformOrder].all(
            platforms.PLATFORM_ORDERS.c.platform == platform.id, order=[platforms.PLATFORM_ORDERS.c.key]
        )
        rows: dict[str, Any] = {f"{one.kind} {one.ref}": one.data for one in given}
        for order in own:
            codes = [shipment["tracking_code"] for shipment in order.shipments]
            rows[f"own order {order.number}"] = {"status": order.status, "lines": order.lines, "shipments": codes}
        told[platform.name] = rows
    return told


def rules(here: Emulation) -> dict[str, str]:
    """Rules by number: their names."""
    return {str(one.id): one.name for one in here.store[Kept].all(order=[RULES.c.id])}


FACTS = {
    "alerts": alerts,
    "checkouts": checkouts,
    "connection": connection,
    "connectors": connectors,
    "contacts": contacts,
    "elsewhere": elsewhere,
    "mails": mails,
    "master products": master_products,
    "orders": orders,
    "rules": rules,
    "shipments": shipments,
    "stock": stock,
    "warehouse": warehouse_levels,
}
