"""Cards: leads on their way through a pipeline.

Source: KeyCRM API document v1.2.0 (operations, filters, associations, what can be sent). The fields of the answers are
assumed, and that a stage of another pipeline takes the card there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..kernel import Emulation, Table, dataclass, emulation
from ..quantities import money, number, rendered, thousandths
from .account import account, observed
from .buyers import Buyer, brief, of_order
from .custom_fields import filled, shown as shown_fields
from .dates import parsed, rendered as time_text, stamp
from .errors import BadRequest, NotFound, unknown
from .order import PAYMENTS, ZERO, Payment, paid_total
from .order_book import pay
from .order_view import render_payment
from .paging import among_ids, included, inside, listed
from .payments import altered, shown as shown_payment
from .pipelines import Pipeline, Stage, first_pipeline, first_stage, render_stage
from .references import known
from .storage import File
from .users import exists, shown as shown_user
from .webhooks import triggered

MARKS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
TEXTS = ("title", "manager_comment", *MARKS)


@dataclass(frozen=True)
class Card:
    id: int
    pipeline_id: int
    status_id: int
    client_id: int
    created_at: datetime
    updated_at: datetime
    source_id: int | None = None
    manager_id: int | None = None
    communicate_at: datetime | None = None
    title: str | None = None
    manager_comment: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None
    products: list[dict[str, Any]] = field(default_factory=list)  # rows as the API shows them
    custom_fields: dict[str, Any] = field(default_factory=dict)
    files: tuple[int, ...] = ()


CARDS = Table(Card, "keycrm_cards", columns=("pipeline_id", "status_id", "source_id", "created_at", "updated_at"))


# -- handlers


def list_all(limit: int, page: int, filter: dict[str, Any] | None = None, include: str | None = None) -> dict[str, Any]:
    here, asked, c = emulation(), filter or {}, CARDS.c
    where = [
        *inside(c.created_at, asked, "created_between"),
        *inside(c.updated_at, asked, "updated_between"),
        *among_ids(c.pipeline_id, asked, "pipeline_id"),
        *among_ids(c.source_id, asked, "source_id"),
        *among_ids(c.status_id, asked, "status_id"),
    ]
    names = included(include)
    return listed(
        here,
        CARDS,
        *where,
        limit=limit,
        page=page,
        render=lambda found: [shown(here, card, names) for card in found],
    )


def read(card_id: int, include: str | None = None) -> dict[str, Any]:
    here = emulation()
    return shown(here, found(here, card_id), included(include))


def create(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """A card in the first stage of a pipeline (the first one unless named), for a known client or a new one."""
    here = emulation()
    now = here.clock.now
    number = body.get("pipeline_id")
    pipeline = first_pipeline(here) if number is None else here.store[Pipeline].get(number)
    stage = first_stage(here, pipeline.id) if pipeline else None
    if pipeline is None or stage is None:
        raise unknown("pipeline_id")
    client_id = (body["contact"] or {}).get("client_id")
    client = here.store[Buyer].get(client_id) if client_id is not None else None
    client = client or of_order(here, body["contact"])
    blank = Card(here.ids.next("keycrm.card"), pipeline.id, stage.id, client.id, now, now)
    card = here.store[Card].add(changed(here, blank, body))
    for position, row in enumerate(body.get("payments") or []):
        pay(here, row, card_id=card.id, at=f"payments.{position}.")
    return shown(here, card, frozenset()), 201


def update(card_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    before = found(here, card_id)
    card = here.store[Card].put(changed(here, before, body))
    if card.status_id != before.status_id:
        triggered(here, "lead.change_lead_status", render(card, ZERO))
    return shown(here, card, frozenset()), 202


def create_payment(card_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    found(here, card_id)
    return shown_payment(here, pay(here, body, card_id=card_id)), 201


def update_payment(card_id: int, payment_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    found(here, card_id)
    payment = here.store[Payment].get(payment_id)
    if payment is None or payment.card_id != card_id:
        raise NotFound
    return shown_payment(here, here.store[Payment].put(altered(here, payment, body))), 202


def attach_file(card_id: int, file_id: int) -> tuple[dict[str, Any], int]:
    here = emulation()
    card = found(here, card_id)
    if here.store[File].get(file_id) is None:
        raise NotFound
    if file_id not in card.files:
        here.store[Card].put(replace(card, files=(*card.files, file_id), updated_at=here.clock.now))
    return {"status": True}, 202


def detach_file(card_id: int, file_id: int) -> tuple[dict[str, Any], int]:
    here = emulation()
    card = found(here, card_id)
    if file_id not in card.files:
        raise BadRequest("The file is not attached to the card.")
    rest = tuple(file for file in card.files if file != file_id)
    here.store[Card].put(replace(card, files=rest, updated_at=here.clock.now))
    return {"status": True}, 201


# -- in the store


def found(here: Emulation, card_id: int) -> Card:
    card = here.store[Card].get(card_id)
    if card is None:
        raise NotFound
    return card


def changed(here: Emulation, card: Card, body: Mapping[str, Any]) -> Card:
    """The card with what the body brings. Errors: 422 for a stage, manager or source that does not exist."""
    stage = here.store[Stage].get(card.status_id if body.get("status_id") is None else body["status_id"])
    if stage is None:
        raise unknown("status_id")
    if body.get("manager_id") is not None and not exists(here, body["manager_id"]):
        raise unknown("manager_id")
    if body.get("source_id") is not None and known(here, "source", body["source_id"]) is None:
        raise unknown("source_id")
    plain: dict[str, Any] = {k: body[k] for k in (*TEXTS, "manager_id", "source_id") if k in body}
    if "communicate_at" in body:
        plain["communicate_at"] = parsed(body["communicate_at"] or "")
    if body.get("products") is not None:
        first = here.ids.next("keycrm.card_line", len(body["products"])) if body["products"] else 0
        plain["products"] = [lined(first + i, row) for i, row in enumerate(body["products"])]
    return replace(
        card,
        **plain,
        status_id=stage.id,
        pipeline_id=stage.pipeline_id,
        custom_fields=filled(here, "lead", body.get("custom_fields"), card.custom_fields),
        updated_at=here.clock.now,
    )


def lined(line_id: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """A product of a card, as it is kept and shown."""
    return {
        "id": line_id,
        "sku": row.get("sku"),
        "name": row.get("name") or row.get("sku") or "",
        "price": number(money(row.get("price") or 0)),
        "quantity": rendered(thousandths(row.get("quantity", 1))),
        "unit_type": row.get("unit_type"),
        "picture": row.get("picture"),
    }


# -- as the API shows them


def shown(here: Emulation, card: Card, names: frozenset[str]) -> dict[str, Any]:
    payments = here.store[Payment].all(PAYMENTS.c.card_id == card.id, order=[PAYMENTS.c.id])
    one = render(card, paid_total(payments))
    if "contact" in names:
        client = here.store[Buyer].get(card.client_id)
        assert client is not None
        whole = brief(client)
        one["contact"] = {key: whole[key] for key in ("id", "full_name", "email", "phone")}
        one["contact"]["client_id"] = client.id
        if "contact.client" in names:
            one["contact"]["client"] = whole
    if "products" in names:
        one["products"] = card.products
    if "manager" in names:
        one["manager"] = shown_user(here, card.manager_id)
    if "status" in names:
        stage = here.store[Stage].get(card.status_id)
        assert stage is not None
        one["status"] = render_stage(stage)
    if "payments" in names:
        seen, currency = observed(here), account(here).currency
        one["payments"] = [render_payment(payment, seen=seen, currency=currency) for payment in payments]
    if "custom_fields" in names:
        one["custom_fields"] = shown_fields(here, card.custom_fields)
    return one


def render(card: Card, paid: Decimal) -> dict[str, Any]:
    total = sum((money(row["price"]) * thousandths(row["quantity"]) / 1000 for row in card.products), ZERO)
    return {
        "id": card.id,
        "title": card.title or str(card.id),
        "pipeline_id": card.pipeline_id,
        "status_id": card.status_id,
        "contact_id": card.client_id,
        "source_id": card.source_id,
        "manager_id": card.manager_id,
        "manager_comment": card.manager_comment,
        "communicate_at": time_text(card.communicate_at),
        **{mark: getattr(card, mark) for mark in MARKS},
        "products_total": number(money(total)),
        "payments_total": number(paid),
        "created_at": stamp(card.created_at),
        "updated_at": stamp(card.updated_at),
    }
