"""Buyers: the customers of the shops, told apart by phone and e-mail, and the companies they belong to.

Source: KeyCRM API document v1.2.0, "buyer". Assumed: an order's buyer is matched by phone, then by e-mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Table, dataclass, emulation
from ..quantities import money, number
from .custom_fields import filled, shown as shown_fields
from .dates import rendered as time_text
from .errors import NotFound, unknown
from .paging import among_ids, included, inside, listed
from .users import exists, shown as shown_user

ADDRESS = (
    "address",
    "additional_address",
    "city",
    "region",
    "zip_code",
    "country",
    "recipient_full_name",
    "recipient_phone",
    "warehouse_ref",
    "shipping_service",
)


@dataclass(frozen=True)
class Company:
    id: int
    name: str
    created_at: datetime
    updated_at: datetime
    title: str | None = None
    bank_account: str | None = None
    edrpou: str | None = None
    note: str | None = None
    address: str | None = None
    manager_id: int | None = None
    custom_fields: dict[str, Any] = field(default_factory=dict)


COMPANIES = Table(Company, "keycrm_companies", columns=("name", "created_at", "updated_at"))


@dataclass(frozen=True)
class Buyer:
    id: int
    full_name: str
    created_at: datetime
    updated_at: datetime
    company_id: int | None = None
    birthday: str | None = None
    email: tuple[str, ...] | None = None
    phone: tuple[str, ...] | None = None
    note: str | None = None
    discount: Decimal | None = None
    manager_id: int | None = None
    shipping: list[dict[str, Any]] = field(default_factory=list)
    custom_fields: dict[str, Any] = field(default_factory=dict)


BUYERS = Table(Buyer, "keycrm_buyers", columns=("company_id", "created_at", "updated_at"))


@dataclass(frozen=True)
class Contact:
    """One e-mail address or phone number of a buyer, to find the buyer by."""

    kind: str
    value: str
    buyer_id: int


CONTACTS = Table(Contact, "keycrm_contacts", key=("kind", "value", "buyer_id"), indexes=[("buyer_id",)])


# -- handlers


def list_all(limit: int, page: int, filter: dict[str, Any] | None = None, include: str | None = None) -> dict[str, Any]:
    here, asked, c = emulation(), filter or {}, BUYERS.c
    where = [
        *among_ids(c.id, asked, "buyer_id"),
        *reached(c.id, asked, "buyer_email", "email"),
        *reached(c.id, asked, "buyer_phone", "phone"),
        *inside(c.created_at, asked, "created_between"),
        *inside(c.updated_at, asked, "updated_between"),
    ]
    names = included(include)
    return listed(
        here,
        BUYERS,
        *where,
        limit=limit,
        page=page,
        render=lambda found: [shown(here, buyer, names) for buyer in found],
    )


def read(buyer_id: int, include: str | None = None) -> dict[str, Any]:
    here = emulation()
    return shown(here, found(here, buyer_id), included(include))


def create(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    return shown(here, added(here, body), frozenset()), 201


def create_many(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """All or none. The answer names no ids."""
    here = emulation()
    for position, row in enumerate(body["buyers"]):
        added(here, row, at=f"buyers.{position}.")
    return {"status": True}, 201


def update(buyer_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    buyer = kept(here, changed(here, found(here, buyer_id), body))
    return shown(here, buyer, frozenset()), 202


# -- in the store


def found(here: Emulation, buyer_id: int) -> Buyer:
    buyer = here.store[Buyer].get(buyer_id)
    if buyer is None:
        raise NotFound
    return buyer


def added(here: Emulation, body: Mapping[str, Any], *, at: str = "") -> Buyer:
    now = here.clock.now
    blank = Buyer(here.ids.next("keycrm.buyer"), body["full_name"], now, now)
    return kept(here, changed(here, blank, body, at=at))


def of_order(here: Emulation, body: Mapping[str, Any]) -> Buyer:
    """The buyer an order names: the one with this phone or e-mail, else a new one."""
    for kind in ("phone", "email"):
        if body.get(kind):
            where = (CONTACTS.c.kind == kind, CONTACTS.c.value == body[kind])
            contact = here.store[Contact].first(*where, order=[CONTACTS.c.buyer_id])
            if contact is not None:
                return found(here, contact.buyer_id)
    row = {"full_name": body.get("full_name") or ""}
    return added(here, {**row, **{k: [body[k]] for k in ("email", "phone") if body.get(k)}})


def kept(here: Emulation, buyer: Buyer) -> Buyer:
    here.store[Contact].delete_where(CONTACTS.c.buyer_id == buyer.id)
    values = [("email", value) for value in buyer.email or ()] + [("phone", value) for value in buyer.phone or ()]
    here.store[Contact].put_all([Contact(kind, value, buyer.id) for kind, value in dict.fromkeys(values)])
    return here.store[Buyer].put(buyer)


def changed(here: Emulation, buyer: Buyer, body: Mapping[str, Any], *, at: str = "") -> Buyer:
    """The buyer with what the body brings; what it leaves out stays, null empties."""
    if body.get("company_id") is not None and here.store[Company].get(body["company_id"]) is None:
        raise unknown(f"{at}company_id")
    if body.get("manager_id") is not None and not exists(here, body["manager_id"]):
        raise unknown(f"{at}manager_id")
    plain: dict[str, Any] = {k: body[k] for k in ("birthday", "note", "company_id", "manager_id") if k in body}
    lists: dict[str, Any] = {k: None if body[k] is None else tuple(body[k]) for k in ("email", "phone") if k in body}
    if "discount" in body:
        plain["discount"] = None if body["discount"] is None else money(body["discount"])
    return replace(
        buyer,
        **plain,
        **lists,
        full_name=body.get("full_name") or buyer.full_name,
        shipping=buyer.shipping if body.get("shipping") is None else [addressed(row) for row in body["shipping"]],
        custom_fields=filled(here, "client", body.get("custom_fields"), buyer.custom_fields),
        updated_at=here.clock.now,
    )


def addressed(row: Mapping[str, Any]) -> dict[str, Any]:
    """An address with the fields that KeyCRM knows."""
    return {key: row[key] for key in ADDRESS if key in row}


def reached(column: Any, asked: Mapping[str, Any], key: str, kind: str) -> list[Any]:
    """The condition that a buyer has one of these addresses or numbers."""
    if (text := asked.get(key)) is None:
        return []
    values = [part.strip() for part in str(text).split(",")]
    inner = sa.select(CONTACTS.c.buyer_id).where(CONTACTS.c.kind == kind, CONTACTS.c.value.in_(values))
    return [column.in_(inner)]


# -- as the API shows them


def shown(here: Emulation, buyer: Buyer, names: frozenset[str]) -> dict[str, Any]:
    one = render(buyer)
    if "manager" in names:
        one["manager"] = shown_user(here, buyer.manager_id)
    if "shipping" in names:
        one["shipping"] = buyer.shipping
    if "company" in names:
        company = None if buyer.company_id is None else here.store[Company].get(buyer.company_id)
        one["company"] = None if company is None else {"id": company.id, "name": company.name}
    if "loyalty" in names:
        one["loyalty"] = {"discount": number(buyer.discount)}
    if "custom_fields" in names:
        one["custom_fields"] = shown_fields(here, buyer.custom_fields)
    return one


def render(buyer: Buyer) -> dict[str, Any]:
    return {
        "id": buyer.id,
        "company_id": buyer.company_id,
        "manager_id": buyer.manager_id,
        "full_name": buyer.full_name,
        "birthday": buyer.birthday,
        "email": _listed(buyer.email),
        "phone": _listed(buyer.phone),
        "note": buyer.note,
        "created_at": time_text(buyer.created_at),
        "updated_at": time_text(buyer.updated_at),
    }


def brief(buyer: Buyer) -> dict[str, Any]:
    """As an order shows its buyer: one address, one number."""
    return {
        "id": buyer.id,
        "full_name": buyer.full_name,
        "email": next(iter(buyer.email or ()), None),
        "phone": next(iter(buyer.phone or ()), None),
        "company_id": buyer.company_id,
        "manager_id": buyer.manager_id,
    }


def of_company(here: Emulation, company_id: int) -> list[dict[str, Any]]:
    members = here.store[Buyer].all(BUYERS.c.company_id == company_id, order=[BUYERS.c.id])
    return [brief(buyer) for buyer in members]


def _listed(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
