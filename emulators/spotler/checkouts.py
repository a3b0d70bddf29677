"""Checkouts: caught by the plugin, abandoned when no order follows, completed when one does.

Source: Spotler Connect help: WooCommerce statuses (pending, abandoned without an order after 30 minutes unless set
otherwise, completed). Assumed: what the plugin sends; that a checkout and its order share their number, as a shop's
drafts do; that an abandoned checkout is completed by a late order, and pending again when the shopper goes on.
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Any

from ..kernel import Emulation, Table, dataclass, emulation
from . import orders, platforms
from .connector import Connector, State, found
from .errors import NO_MOMENT, Conflict, Gone, Invalid
from .moments import iso, read as moment
from .presets import IN
from .rule_book import judged

PENDING, ABANDONED, COMPLETED, BLOCKED = "pending", "abandoned", "completed", "blocked"


@dataclass(frozen=True)
class Checkout:
    key: str  # "connector/reference"
    connector: int
    reference: str
    status: str = PENDING
    values: dict[str, Any] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    updated_at: datetime | None = None
    order_number: str = ""


CHECKOUTS = Table(Checkout, "spotler_checkouts", key="key", columns=("connector", "status"))
C = CHECKOUTS.c


def list_all(connector_id: int, status: str | None = None) -> dict[str, Any]:
    here = emulation()
    found(here, connector_id)
    where = [C.connector == connector_id, *([C.status == status] if status is not None else [])]
    return {"data": [rendered(one) for one in here.store[Checkout].all(*where, order=[C.key])]}


def take(connector_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """A checkout as it is now: 201 when it is new, 200 after. What was sent is older than what is known: nothing
    changes. Errors: 422 for a day that there is not, 410 for a removed connector, 409 where it moves no checkouts or is
    not at work."""
    here = emulation()
    wrong = [name for name in ("created_at", "updated_at") if name in body and moment(body[name]) is None]
    if wrong:
        raise Invalid(dict.fromkeys(wrong, NO_MOMENT))
    connector = found(here, connector_id)
    if not connector.is_alive:
        raise Gone
    if not connector.carries("checkouts", IN):
        raise Conflict(f"The preset {connector.preset.value} moves no checkouts.", code="not_in_preset")
    if connector.state is State.PAUSED:
        raise Conflict("This connector is paused.", code="connector_paused")
    key = f"{connector_id}/{body['id']}"
    old = here.store[Checkout].get(key)
    updated = moment(body["updated_at"]) or here.clock.now
    if old is not None and (old.status == COMPLETED or (old.updated_at is not None and updated < old.updated_at)):
        return rendered(old), 200
    values = {
        "id": body["id"],
        "email": body.get("email", ""),
        "total": float(body["total"]),
        "currency": body["currency"],
        "created_at": body.get("created_at") or body["updated_at"],
    }
    about = f"checkout {body['id']} of {connector.name}"
    outcome = judged(here, "checkout", "import", connector.id, values, zone=connector.timezone, about=about)
    checkout = Checkout(key, connector_id, body["id"], PENDING, dict(outcome.values), body["items"], updated)
    if outcome.blocked_by is not None:
        return {**rendered(checkout), "status": BLOCKED}, 200
    order = here.store[orders.Order].get(f"{connector_id}/{body['id']}")
    if order is not None:
        checkout = replace(checkout, status=COMPLETED, order_number=order.number)
    else:
        _wait(here, connector, checkout)
    _keep(here, connector, checkout)
    kept = here.store[Checkout].get(key)
    assert kept is not None
    return rendered(kept), 200 if old is not None else 201


def _wait(here: Emulation, connector: Connector, checkout: Checkout) -> None:
    """Look again when it should have become an order."""
    assert checkout.updated_at is not None
    end = checkout.updated_at + timedelta(minutes=connector.checkout_abandon_minutes)
    after = max(0.0, (end - here.clock.now).total_seconds())
    here.later("abandon checkout", {"checkout": checkout.key}, after=after)


def _keep(here: Emulation, connector: Connector, checkout: Checkout) -> None:
    here.store[Checkout].put(checkout)
    data = {**checkout.values, "status": checkout.status, "items": checkout.items}
    platforms.pass_on(here, connector, "checkout", checkout.reference, data)


def abandon(here: Emulation, event: dict[str, Any]) -> None:
    """The job "abandon checkout": no order came in time. One that changed meanwhile has a later end."""
    checkout = here.store[Checkout].get(event["checkout"])
    if checkout is None or checkout.status != PENDING or checkout.updated_at is None:
        return
    connector = found(here, checkout.connector)
    end = checkout.updated_at + timedelta(minutes=connector.checkout_abandon_minutes)
    if connector.is_alive and end <= here.clock.now:
        _keep(here, connector, replace(checkout, status=ABANDONED))


def wait_anew(here: Emulation, connector: Connector) -> None:
    """The minutes were changed: they count for what is pending already."""
    for checkout in here.store[Checkout].all(C.connector == connector.id, C.status == PENDING, order=[C.key]):
        _wait(here, connector, checkout)


def complete(here: Emulation, connector: Connector, reference: str, number: str) -> None:
    """The order came."""
    checkout = here.store[Checkout].get(f"{connector.id}/{reference}")
    if checkout is not None and checkout.status != COMPLETED:
        _keep(here, connector, replace(checkout, status=COMPLETED, order_number=number))


def forget(here: Emulation, connector: int) -> None:
    here.store[Checkout].delete_where(C.connector == connector)


def rendered(checkout: Checkout) -> dict[str, Any]:
    return {
        "id": checkout.reference,
        "status": checkout.status,
        "email": checkout.values["email"] or None,
        "total": checkout.values["total"],
        "currency": checkout.values["currency"],
        "items": checkout.items,
        "updated_at": iso(checkout.updated_at),
        "order_number": checkout.order_number or None,
    }
