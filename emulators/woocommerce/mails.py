"""What the store mails to a customer about an order. Nothing is really sent: it is kept, as a fact.

Written when it happens, with what the order said then. The words are ours; which mail goes when, and that it shows the
order's customer note, is WooCommerce's. A mail that is switched off in the settings, or has nobody to go to, is none.
Source: WooCommerce's public documentation of its e-mails. Guess: what is not in it (headings, rows of lines).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..kernel import Emulation, Table, dataclass
from . import dates, settings
from .order_records import Order

_WAITING = frozenset({"pending", "failed", "cancelled"})
SUBJECTS = {
    "customer_on_hold_order": "Your order {number} was received and waits for its payment",
    "customer_processing_order": "Your order {number} was received",
    "customer_completed_order": "Your order {number} is complete",
    "customer_refunded_order": "Your order {number} was refunded",
    "customer_failed_order": "The payment of your order {number} failed",
    "customer_cancelled_order": "Your order {number} was cancelled",
    "customer_note": "A note was added to your order {number}",
    "customer_invoice": "Details of your order {number}",
}


@dataclass(frozen=True)
class Mail:
    """`kind`: WooCommerce's own id of the mail. `customer_note`: the order's, as the mail shows it; `note`: what a
    mail about a note is about."""

    id: int
    order_id: int
    kind: str
    to: str
    subject: str
    customer_note: str = ""
    note: str = ""
    sent_at: datetime | None = None


MAILS = Table(Mail, "woo_mails", columns=("order_id",), indexes=[("order_id", "id")])


def of_change(before: str, after: str) -> str:
    """The mail that goes to the customer when an order moves from one status to another; "" for none."""
    if after == "completed":
        return "customer_completed_order"
    if after == "refunded":
        return "customer_refunded_order"
    if after == "processing" and before in _WAITING | {"on-hold"}:
        return "customer_processing_order"
    if after == "on-hold" and before in _WAITING:
        return "customer_on_hold_order"
    if after == "failed" and before in ("pending", "on-hold"):
        return "customer_failed_order"
    if after == "cancelled" and before in ("processing", "on-hold"):
        return "customer_cancelled_order"
    return ""


def sent(here: Emulation, order: Order, kind: str, note: str = "") -> None:
    """Keep what goes out about this order, unless it is switched off or there is no address."""
    to = order.billing.get("email", "")
    switch = f"woocommerce_{kind}_settings.enabled"
    if not kind or not to or settings.value(here, switch) == "no":
        return
    here.store[Mail].add(
        Mail(
            here.ids.next("mail"),
            order.id,
            kind,
            to,
            SUBJECTS[kind].format(number=order.id),
            order.customer_note,
            note,
            dates.second(here),
        )
    )


def listed(here: Emulation) -> list[dict[str, Any]]:
    """What customers were mailed about orders, oldest first: the mail, whom to, and the texts in it."""
    return [
        {
            "order": m.order_id,
            "mail": m.kind,
            "to": m.to,
            "subject": m.subject,
            "customer_note": m.customer_note,
            **({"note": m.note} if m.note else {}),
            "at": dates.gmt(m.sent_at),
        }
        for m in here.store[Mail].all(order=[MAILS.c.id])
    ]


FACTS: dict[str, Callable[..., Any]] = {"mails": listed}
