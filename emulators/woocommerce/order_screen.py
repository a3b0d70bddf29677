"""What the merchant sees of an order in wp-admin, beside its lines: fields, notes, and what plugins put there.

A plugin registers a panel: the custom fields that it shows and their labels, and where it keeps shipments if it has
a Shipments column. An order shows of a panel what it has a value for.
Source: WooCommerce 10.5.0 (custom fields and notes); Golisto Connector's plugin page (shipment, tracking and payout in
the order's screen); Spotler Connect's help (a Shipments column with provider, link and number). Guess: one list in one
custom field of the order for the shipments, so that order.updated carries it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Any

from ..kernel import Emulation, LabError, Table, dataclass, replace
from . import dates, meta, order_moves, order_records, order_status
from .errors import WooError
from .order_records import NOTES, ORDERS, Note, Order

MOST_SHIPMENTS = 100


@dataclass(frozen=True)
class Panel:
    """What a plugin shows of an order. `fields`: {"key", "label"} of custom fields, in their order. `shipments`: the
    custom field that holds its shipments; empty when it has no such column."""

    name: str
    title: str = ""
    fields: list[dict[str, str]] = field(default_factory=list)
    shipments: str = ""


PANELS = Table(Panel, "woo_order_panels", key="name")


def panels(here: Emulation) -> list[Panel]:
    return here.store[Panel].all(order=[PANELS.c.name])


def no_panel() -> WooError:
    return WooError("storelab_unknown_panel", "There is no panel with this name.", 404)


def shown(here: Emulation, order: Order) -> dict[str, Any]:
    """The whole screen. Fields whose name begins with an underscore are listed apart: only panels show those."""
    notes = here.store[Note].all(NOTES.c.order_id == order.id, order=[NOTES.c.created_at.desc(), NOTES.c.id.desc()])
    fields = [{"key": m["key"], "value": m["value"]} for m in order.meta_data]
    registered = panels(here)
    return {
        "id": order.id,
        "title": f"Order #{order.id} details",
        "status": order.status,
        "payment": order.payment_method_title or order.payment_method,
        "customer_note": order.customer_note,
        "custom_fields": [f for f in fields if not f["key"].startswith("_")],
        "hidden_fields": [f for f in fields if f["key"].startswith("_")],
        "panels": _filled(registered, order),
        "shipments": shipments(registered, order),
        "notes": [
            {"note": n.note, "by": n.author, "for_customer": n.customer_note, "at": dates.local(here, n.created_at)}
            for n in notes
        ],
    }


def _filled(registered: list[Panel], order: Order) -> list[dict[str, Any]]:
    """The panels of which this order has something to show."""
    values = {m["key"]: m["value"] for m in order.meta_data}
    filled = []
    for panel in registered:
        rows = [{**f, "value": values[f["key"]]} for f in panel.fields if values.get(f["key"]) not in (None, "")]
        if rows:
            filled.append({"name": panel.name, "title": panel.title, "fields": rows})
    return filled


def shipments(registered: list[Panel], order: Order) -> list[dict[str, Any]]:
    """The Shipments column of this order, of all plugins that have one."""
    keys = [panel.shipments for panel in registered if panel.shipments]
    lists = (meta.value(order.meta_data, key) for key in keys)
    return [s for kept in lists if isinstance(kept, list) for s in kept if isinstance(s, dict)]


# ---------------------------------------------------------------------------------------------- vocabulary


def create_shipment(
    here: Emulation, order: int, provider: str = "PostNL", url: str = "", number: str = "3STEST123", plugin: str = ""
) -> dict[str, Any]:
    """The merchant enters a shipment in the Shipments column (provider, link, number): order.updated carries it in the
    custom field of the plugin whose column it is (`plugin`, when there are several)."""
    old = order_moves.wanted(here, order)
    if old.status == order_status.TRASH:
        raise LabError(f"order {order} is in the trash")
    if not provider or not number:
        raise LabError("a shipment needs a provider and a number")
    key = _column(here, plugin).shipments
    kept = meta.value(old.meta_data, key)
    before = kept if isinstance(kept, list) else []
    if len(before) >= MOST_SHIPMENTS:
        raise LabError(f"order {order} has {len(before)} shipments already")
    made = {"provider": provider, "link": url, "number": number, "created_at": dates.gmt(dates.second(here))}
    new = replace(old, meta_data=meta.added(here, old.meta_data, key, [*before, made]))
    order_moves.changed(here, old, new)
    return {"order": order, **made}


def _column(here: Emulation, plugin: str) -> Panel:
    columns = [p for p in panels(here) if p.shipments and plugin in ("", p.name)]
    if len(columns) != 1:
        there = ", ".join(p.name for p in columns) or "none"
        raise LabError(f"one plugin with a Shipments column is needed; there are: {there}")
    return columns[0]


def screens(here: Emulation) -> dict[str, dict[str, Any]]:
    """Orders by number, as far as plugins show something of them: the panels by name ({"label": value}), and the
    shipments."""
    registered = panels(here)
    out: dict[str, dict[str, Any]] = {}
    if not registered:
        return {}
    for order in here.store[Order].all(ORDERS.c.status.not_in(order_records.HIDDEN), order=[ORDERS.c.id]):
        rows: dict[str, Any] = {
            p["name"]: {f["label"]: f["value"] for f in p["fields"]} for p in _filled(registered, order)
        }
        if made := shipments(registered, order):
            rows["shipments"] = made
        if rows:
            out[str(order.id)] = rows
    return out


def an_order_panel(here: Emulation, name: str = "shipments", shipments: str = "_shipments") -> dict[str, Any]:
    """A plugin shows something in the screens of orders: a Shipments column that is kept in this custom field."""
    panel = here.store[Panel].put(Panel(name, name, shipments=shipments))
    return {"panel": panel.name, "shipments": panel.shipments}


STATES: dict[str, Callable[..., Any]] = {"an order panel": an_order_panel}
MOVES: dict[str, Callable[..., Any]] = {"create shipment": create_shipment}
FACTS: dict[str, Callable[..., Any]] = {"order screens": screens}
