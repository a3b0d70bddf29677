"""External transactions: what payment services reported, tied to payments.

Source: KeyCRM API document v1.2.0 (operations, filters, `transaction_id` or `transaction_uuid`). Assumed: the fields
of a transaction, the answer, and that an unknown uuid is kept on the payment as it is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..kernel import Emulation, Table, dataclass, emulation
from ..quantities import money, number
from .dates import stamp
from .errors import NotFound, unknown
from .order import Payment
from .paging import among, among_ids, inside, is_true, listed


@dataclass(frozen=True)
class Transaction:
    id: int
    uuid: str
    gateway_id: int
    amount: Decimal
    currency: str
    created_at: datetime
    payment_id: int | None = None
    description: str | None = None


TRANSACTIONS = Table(
    Transaction,
    "keycrm_transactions",
    columns=("uuid", "gateway_id", "created_at", "payment_id"),
    indexes=[("uuid",)],
)


def list_all(limit: int, page: int, filter: dict[str, Any] | None = None) -> dict[str, Any]:
    here, asked, c = emulation(), filter or {}, TRANSACTIONS.c
    where = [
        *inside(c.created_at, asked, "created_between"),
        *among_ids(c.gateway_id, asked, "gateway_id"),
        *among_ids(c.id, asked, "id"),
        *among(c.uuid, asked, "transaction_uuid"),
    ]
    attached = is_true(asked, "is_attached")
    if attached is not None:
        where.append(c.payment_id.is_not(None) if attached else c.payment_id.is_(None))
    return listed(
        here, TRANSACTIONS, *where, limit=limit, page=page, render=lambda found: [render(one) for one in found]
    )


def attach(payment_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Errors: 404 for an unknown payment, 422 for an unknown transaction_id."""
    here = emulation()
    payment = here.store[Payment].get(payment_id)
    if payment is None:
        raise NotFound
    number, uuid = body.get("transaction_id"), body.get("transaction_uuid")
    if number is not None:
        one = here.store[Transaction].get(number)
        if one is None:
            raise unknown("transaction_id")
    else:
        one = here.store[Transaction].first(TRANSACTIONS.c.uuid == uuid, order=[TRANSACTIONS.c.id])
    if one is not None:
        uuid = here.store[Transaction].put(replace(one, payment_id=payment_id)).uuid
    here.store[Payment].put(replace(payment, transaction_uuid=uuid, updated_at=here.clock.now))
    return {"status": True}, 201


def added(here: Emulation, amount: float, currency: str, description: str) -> Transaction:
    """A payment service reports a transaction."""
    number = here.ids.next("keycrm.transaction")
    one = Transaction(
        number, here.ids.token(16), 1, money(amount), currency, here.clock.now, description=description or None
    )
    return here.store[Transaction].add(one)


def render(one: Transaction) -> dict[str, Any]:
    return {
        "id": one.id,
        "uuid": one.uuid,
        "gateway_id": one.gateway_id,
        "amount": number(one.amount),
        "currency": one.currency,
        "description": one.description,
        "payment_id": one.payment_id,
        "created_at": stamp(one.created_at),
    }
