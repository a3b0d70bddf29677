"""What KeyCRM sends: stock webhooks, and the webhooks of automation triggers.

Sources: KeyCRM help, "stock webhook" (array of rows; several warehouses are summed, none named means all; every
change fires it, a write over the API too; nothing is sent when it is added) and "webhooks of triggers" (envelope of
event and context; POST or GET). Seen by receivers: three attempts of a trigger, only a 200 counts, no signature
on either. Assumed: the rows show the stock at the moment of the change, one request carries at most 500 of
them, a minute passes between attempts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any
from urllib.parse import urlencode

from ..kernel import Answer, Delivery, Emulation, Outgoing, Table, Webhooks, dataclass
from ..kernel.emulator import json_bytes
from ..quantities import rendered
from .account import account
from .catalogue import OFFERS, Offer
from .stock import Movement, Total, added_up, chunks, levels_of

ROWS = 500
TRIGGER_ATTEMPTS = 3
BETWEEN_ATTEMPTS = 60.0  # seconds
TIMEOUT = 30.0  # seconds
EVENTS = ("order.change_order_status", "order.change_payment_status", "lead.change_lead_status")
_HEADERS = (("Content-Type", "application/json"), ("User-Agent", "GuzzleHttp/7"))


@dataclass(frozen=True)
class StockWebhook:
    """Settings, Products, Stocks: who hears of changes in which warehouses (none: in all)."""

    id: int
    name: str
    url: str = field(repr=False)  # a token may be in it
    warehouses: tuple[int, ...] = ()


STOCK_WEBHOOKS = Table(StockWebhook, "keycrm_stock_webhooks")


@dataclass(frozen=True)
class Trigger:
    """An automation whose action is "send webhook"."""

    id: int
    event: str
    url: str = field(repr=False)  # a token may be in it
    method: str = "POST"
    name: str = ""


TRIGGERS = Table(Trigger, "keycrm_triggers", columns=("event",))


# -- what happened


def stock_changed(here: Emulation, movements: Sequence[Movement]) -> None:
    """Queue one delivery for each stock webhook whose warehouses moved."""
    listening = here.store[StockWebhook].all(order=[STOCK_WEBHOOKS.c.id])
    if not listening:
        return
    offer_ids = sorted({movement.offer_id for movement in movements})
    levels = levels_of(here, offer_ids)
    skus: dict[int, str | None] = {}
    for some in chunks(offer_ids):
        skus |= {offer.id: offer.sku for offer in here.store[Offer].all(OFFERS.c.id.in_(some))}
    for webhook in listening:
        heard = {m.offer_id for m in movements if not webhook.warehouses or m.warehouse_id in webhook.warehouses}
        totals = added_up(levels, webhook.warehouses)
        rows = [row(offer_id, skus.get(offer_id), totals.get(offer_id, Total())) for offer_id in sorted(heard)]
        for some_rows in chunks(rows, ROWS):
            here.deliver(f"stock:{webhook.id}", {"rows": list(some_rows)})


def triggered(here: Emulation, event: str, context: Mapping[str, Any]) -> None:
    """Queue one delivery for each trigger of this event."""
    for trigger in here.store[Trigger].all(TRIGGERS.c.event == event, order=[TRIGGERS.c.id]):
        here.deliver(f"trigger:{trigger.id}", {"event": event, "context": dict(context)})


# -- rules


def row(offer_id: int, sku: str | None, total: Total) -> dict[str, Any]:
    """One line of a stock webhook. The reserve is called `in_reserve` here and `reserve` in the API."""
    return {
        "offer_id": offer_id,
        "sku": sku,
        "in_stock": rendered(total.quantity),
        "in_reserve": rendered(total.reserve),
    }


def flattened(value: Any, name: str = "") -> list[tuple[str, str]]:
    """A value as query parameters, the way PHP writes them: context[id]=5; what is null is left out."""
    if isinstance(value, Mapping):
        return [pair for k, v in value.items() for pair in flattened(v, f"{name}[{k}]" if name else str(k))]
    if isinstance(value, list):
        return [pair for i, v in enumerate(value) for pair in flattened(v, f"{name}[{i}]")]
    if value is None:
        return []
    return [(name, str(int(value)) if isinstance(value, bool) else str(value))]


# -- deliveries


def build(here: Emulation, delivery: Delivery) -> Outgoing | None:
    kind, _, number = delivery.subscription.partition(":")
    if kind == "stock":
        webhook = here.store[StockWebhook].get(int(number))
        if webhook is None:
            return None
        return Outgoing("POST", webhook.url, _HEADERS, json_bytes(delivery.event["rows"]), timeout=TIMEOUT)
    trigger = here.store[Trigger].get(int(number))
    if trigger is None:
        return None
    if trigger.method == "GET":
        mark = "&" if "?" in trigger.url else "?"
        return Outgoing(
            "GET", f"{trigger.url}{mark}{urlencode(flattened(delivery.event))}", _HEADERS[1:], timeout=TIMEOUT
        )
    return Outgoing("POST", trigger.url, _HEADERS, json_bytes(delivery.event), timeout=TIMEOUT)


def outcome(here: Emulation, delivery: Delivery, answer: Answer) -> float | None:
    if accepted(answer):
        return None
    stock = delivery.subscription.startswith("stock:")
    most = account(here).stock_webhook_attempts if stock else TRIGGER_ATTEMPTS
    return BETWEEN_ATTEMPTS if len(delivery.attempts) < most else None


def accepted(answer: Answer) -> bool:
    return answer.status == 200


WEBHOOKS = Webhooks(build=build, outcome=outcome, accepted=accepted)
