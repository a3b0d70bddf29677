"""Alerts: one for each object that could not be synchronised, mailed once, closed when the object succeeds.

Source: Spotler Connect help: personal settings and alerts. Assumed: that an alert closes by itself, and its fields.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Statement, Table, dataclass, emulation
from . import account
from .connector import Connector, found
from .moments import iso


@dataclass(frozen=True)
class Alert:
    """`direction` is "import" or "export"; `kind` and `ref` name the object ("order", "12"). `tries`: how often it was
    tried before somebody was told."""

    id: int
    connector: int
    direction: str
    kind: str
    ref: str
    code: str = ""
    message: str = ""
    tries: int = 1
    opened_at: datetime | None = None
    closed_at: datetime | None = None


ALERTS = Table(
    Alert,
    "spotler_alerts",
    columns=("connector", "direction", "kind", "ref", "closed_at"),
    indexes=[("connector", "kind", "ref")],
)
C = ALERTS.c
_OPEN = Statement(
    ALERTS.select.where(
        C.connector == sa.bindparam("connector"),
        C.direction == sa.bindparam("direction"),
        C.kind == sa.bindparam("kind"),
        C.ref == sa.bindparam("ref"),
        C.closed_at.is_(None),
    ).limit(1)
)


def raised(
    here: Emulation, connector: Connector, direction: str, kind: str, ref: str, code: str, message: str, tries: int = 1
) -> Alert:
    """Tell somebody, unless this object's alert is open already: then its reason is brought up to date, without a
    second mail."""
    old = _open(here, connector.id, direction, kind, ref)
    if old is not None:
        return here.store[Alert].put(replace(old, code=code, message=message, tries=tries))
    number = here.ids.next("spotler.alert")
    alert = here.store[Alert].add(
        Alert(number, connector.id, direction, kind, ref, code, message, tries, here.clock.now)
    )
    settings = account.account(here)
    if settings.alerts_on:
        subject = f"{connector.name}: {kind} {ref} could not be synchronised"
        account.sent(here, settings.alert_email, subject, message, f"alert {number}")
    return alert


def settled(here: Emulation, connector: int, direction: str, kind: str, ref: str) -> None:
    """The object succeeded: its alert, if there is one, is closed."""
    old = _open(here, connector, direction, kind, ref)
    if old is not None:
        here.store[Alert].put(replace(old, closed_at=here.clock.now))


def all_settled(here: Emulation, connector: int) -> None:
    still = here.store[Alert].all(C.connector == connector, C.closed_at.is_(None))
    here.store[Alert].put_all([replace(alert, closed_at=here.clock.now) for alert in still])


def count_open(here: Emulation, connector: int) -> int:
    return here.store[Alert].count(C.connector == connector, C.closed_at.is_(None))


def _open(here: Emulation, connector: int, direction: str, kind: str, ref: str) -> Alert | None:
    found = here.store[Alert].ask(_OPEN, connector=connector, direction=direction, kind=kind, ref=ref)
    return found[0] if found else None


def list_all(connector_id: int, state: str | None = None) -> dict[str, Any]:
    here = emulation()
    found(here, connector_id)
    where = [C.connector == connector_id]
    if state is not None:
        where.append(C.closed_at.is_(None) if state == "open" else C.closed_at.is_not(None))
    return {"data": [rendered(alert) for alert in here.store[Alert].all(*where, order=[C.id])]}


def rendered(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "state": "open" if alert.closed_at is None else "closed",
        "direction": alert.direction,
        "object": alert.kind,
        "ref": alert.ref,
        "code": alert.code,
        "message": alert.message,
        "tries": alert.tries,
        "opened_at": iso(alert.opened_at),
        "closed_at": iso(alert.closed_at),
    }
