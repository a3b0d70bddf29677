"""Payments and expenses of orders.

Source: KeyCRM API document v1.2.0. A payment names its method by id or by name; a change reaches only the status and
the description of a payment. Assumed: an expense can be changed in the same two ways as it is made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..kernel import Emulation, emulation
from ..quantities import money
from .account import account, observed
from .errors import NotFound
from .order import Expense, Payment
from .order_book import found, moment, pay, pointed_at, recounted
from .order_view import render_expense, render_payment


def create(order_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    order = found(here, order_id)
    payment = pay(here, body, order_id=order_id)
    recounted(here, order)
    return shown(here, payment), 201


def update(order_id: int, payment_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    order = found(here, order_id)
    payment = here.store[Payment].get(payment_id)
    if payment is None or payment.order_id != order_id:
        raise NotFound
    payment = here.store[Payment].put(altered(here, payment, body))
    recounted(here, order)
    return shown(here, payment), 202


def altered(here: Emulation, payment: Payment, body: dict[str, Any]) -> Payment:
    return replace(
        payment,
        status=body.get("status") or payment.status,
        description=body.get("description", payment.description),
        updated_at=here.clock.now,
    )


def shown(here: Emulation, payment: Payment) -> dict[str, Any]:
    return render_payment(payment, seen=observed(here), currency=account(here).currency)


def shown_expense(here: Emulation, expense: Expense) -> dict[str, Any]:
    return render_expense(expense, seen=observed(here), currency=account(here).currency)


def create_expense(order_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    order = found(here, order_id)
    now = here.clock.now
    expense = here.store[Expense].add(
        Expense(
            id=here.ids.next("keycrm.expense"),
            order_id=order_id,
            expense_type_id=pointed_at(here, body, "expense_type"),
            amount=money(body["amount"]),
            created_at=now,
            updated_at=now,
            payment_date=moment(body.get("payment_date"), now),
            description=body.get("description"),
        )
    )
    recounted(here, order)
    return shown_expense(here, expense), 201


def update_expense(order_id: int, expense_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    order = found(here, order_id)
    expense = here.store[Expense].get(expense_id)
    if expense is None or expense.order_id != order_id:
        raise NotFound
    named = body.get("expense_type_id") is not None or body.get("expense_type")
    expense = here.store[Expense].put(
        replace(
            expense,
            expense_type_id=pointed_at(here, body, "expense_type") if named else expense.expense_type_id,
            amount=expense.amount if body.get("amount") is None else money(body["amount"]),
            description=body.get("description", expense.description),
            payment_date=moment(body.get("payment_date"), expense.payment_date),
            updated_at=here.clock.now,
        )
    )
    recounted(here, order)
    return shown_expense(here, expense), 202
