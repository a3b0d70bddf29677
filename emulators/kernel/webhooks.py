"""Webhook deliveries: queued in the transaction of the change they tell of, sent when due, kept to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from .http import Answer, Outgoing
from .tables import Table

if TYPE_CHECKING:
    from .emulator import Emulation


class Attempt(TypedDict):
    at: str
    url: str
    status: int | None
    error: str
    seconds: float


@dataclass(frozen=True)
class Delivery:
    """One event for one subscription. `status`: pending, delivered, failed or dropped.

    `event` is what happened, as JSON; what is sent is built from it when the delivery falls due. `attempts`
    lists what was tried.
    """

    id: int
    service: str
    subscription: str
    due_at: datetime
    created_at: datetime
    status: str = "pending"
    event: dict[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    attempts: Annotated[list[dict[str, Any]], list[Attempt]] = field(default_factory=list)


DELIVERIES = Table(
    Delivery,
    "lab_deliveries",
    columns=("service", "subscription", "due_at", "status", "fingerprint"),
    indexes=[("status", "due_at"), ("service", "status", "subscription", "fingerprint")],
)


@dataclass(frozen=True)
class Webhooks:
    """A vendor's way with webhooks.

    `build` makes the request when the delivery is due, or returns None when there is nobody to send it to any
    more. `outcome` sees what came of it, may change the vendor's own records, and returns the seconds until the
    next attempt, or None when this was the last.
    `accepted` says which answers count as delivered.
    """

    build: Callable[[Emulation, Delivery], Outgoing | None]
    outcome: Callable[[Emulation, Delivery, Answer], float | None]
    accepted: Callable[[Answer], bool] = lambda answer: answer.status is not None and 200 <= answer.status < 300


class Outbox:
    """Puts deliveries into the store."""

    def add(self, here: Emulation, subscription: str, event: Mapping[str, Any], *, after: float, once: bool) -> None:
        from .emulator import json_bytes

        fingerprint = json_bytes(event).decode() if once else ""
        deliveries = here.store[Delivery]
        c = DELIVERIES.c
        if once and deliveries.first(
            c.service == here.emulator.name,
            c.status == "pending",
            c.subscription == subscription,
            c.fingerprint == fingerprint,
        ):
            return
        now = here.clock.now
        delivery = Delivery(
            id=here.ids.next("delivery"),
            service=here.emulator.name,
            subscription=subscription,
            due_at=now + timedelta(seconds=after),
            created_at=now,
            event=dict(event),
            fingerprint=fingerprint,
        )
        deliveries.add(delivery)
        here.has_queued(delivery)
