"""The short lists that orders point into: statuses, sources, payment methods, delivery services and so on.

Source: KeyCRM API document v1.2.0 (fields of statuses, sources, payment methods and delivery services); the fields of
tags, expense types and product statuses are assumed. Nothing of it can be written over the API.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Annotated, Any, TypedDict

from ..kernel import Emulation, Table, dataclass, emulation
from .account import account
from .dates import rendered as time_text
from .paging import listed

COMPLETED = 5  # groups of statuses: 1 new, 2 agreement, 3 production, 4 delivery, 5 completed, 6 cancelled


@dataclass(frozen=True)
class Status:
    """A status of orders. Units: `expiration_period` in seconds."""

    id: int
    name: str
    alias: str
    group_id: int = 1
    is_closing_order: bool = False
    is_reserved: bool = False
    expiration_period: int | None = None
    is_active: bool = True
    created_at: datetime | None = None


STATUSES = Table(Status, "keycrm_statuses", columns=("alias",))


class More(TypedDict, total=False):
    is_active: bool
    source_name: str | None
    driver: str
    source_uuid: str | None
    currency_code: str
    color: str


@dataclass(frozen=True)
class Reference:
    """Anything else with an id and a name. `kind`: tag, source, payment_method, expense_type, delivery_service,
    product_status; `more` holds the fields that only this kind has."""

    kind: str
    id: int
    name: str
    alias: str
    more: Annotated[dict[str, Any], More] = field(default_factory=dict)
    created_at: datetime | None = None


REFERENCES = Table(Reference, "keycrm_references", key=("kind", "id"), columns=("name",))


# -- handlers


def list_statuses(limit: int, page: int, sort: str | None = None) -> dict[str, Any]:
    here = emulation()
    return listed(
        here,
        STATUSES,
        limit=limit,
        page=page,
        sort=sort,
        render=lambda found: [render_status(one) for one in found],
    )


def list_tags(limit: int, page: int, sort: str | None = None) -> dict[str, Any]:
    return _listed("tag", limit, page, sort)


def list_sources(limit: int, page: int, sort: str | None = None) -> dict[str, Any]:
    return _listed("source", limit, page, sort)


def list_payment_methods(limit: int, page: int, sort: str | None = None) -> dict[str, Any]:
    return _listed("payment_method", limit, page, sort)


def list_expense_types(limit: int, page: int, sort: str | None = None) -> dict[str, Any]:
    return _listed("expense_type", limit, page, sort)


def list_delivery_services(limit: int, page: int, sort: str | None = None) -> dict[str, Any]:
    return _listed("delivery_service", limit, page, sort)


def list_product_statuses(limit: int, page: int, sort: str | None = None) -> dict[str, Any]:
    return _listed("product_status", limit, page, sort)


def _listed(kind: str, limit: int, page: int, sort: str | None) -> dict[str, Any]:
    return listed(
        emulation(),
        REFERENCES,
        REFERENCES.c.kind == kind,
        limit=limit,
        page=page,
        sort=sort,
        render=lambda found: [render(one) for one in found],
    )


# -- rules


def render_status(one: Status) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "alias": one.alias,
        "is_active": one.is_active,
        "group_id": one.group_id,
        "is_closing_order": one.is_closing_order,
        "is_reserved": one.is_reserved,
        "expiration_period": one.expiration_period,
        "created_at": time_text(one.created_at),
        "updated_at": time_text(one.created_at),
        "deleted_at": None,
    }


def render(one: Reference) -> dict[str, Any]:
    answer = {"id": one.id, "name": one.name, "alias": one.alias, **one.more}
    if one.kind in ("source", "tag"):
        answer |= {"created_at": time_text(one.created_at), "updated_at": time_text(one.created_at)}
    return answer


def aliased(name: str) -> str:
    """The alias of a name: small letters and digits, joined by underscores."""
    words = "".join(c if c.isalnum() else " " for c in name.lower()).split()
    return "_".join(words) or "unnamed"


# -- in the store


def known(here: Emulation, kind: str, number: int) -> Reference | None:
    return here.store[Reference].get((kind, number))


def named(here: Emulation, kind: str, name: str) -> Reference | None:
    return here.store[Reference].first(REFERENCES.c.kind == kind, REFERENCES.c.name == name)


def add(here: Emulation, kind: str, name: str, alias: str = "", **more: Any) -> Reference:
    number = here.ids.next(f"keycrm.{kind}")
    record = Reference(kind, number, name, alias or aliased(name), more, here.clock.now)
    return here.store[Reference].add(record)


def named_or_added(here: Emulation, kind: str, name: str) -> Reference:
    """The one with this name, made when there is none. Guess: a method named in a payment is made on the spot."""
    found = named(here, kind, name)
    return found if found is not None else add(here, kind, name, **more_of(here, kind))


def more_of(here: Emulation, kind: str) -> dict[str, Any]:
    """The fields that a new one of this kind has besides its name."""
    match kind:
        case "source":
            shop = {"driver": "api", "source_uuid": None, "source_name": None}
            return {**shop, "currency_code": account(here).currency}
        case "payment_method" | "expense_type" | "product_status":
            return {"is_active": True}
        case "delivery_service":
            return {"source_name": "custom"}
        case _:
            return {"color": "#808080"}


def status_by(here: Emulation, word: int | str) -> Status | None:
    """A status by its id or its alias."""
    if isinstance(word, int):
        return here.store[Status].get(word)
    return here.store[Status].first(STATUSES.c.alias == word, order=[STATUSES.c.id])


def first_status(here: Emulation) -> Status:
    found = here.store[Status].first(order=[STATUSES.c.id])
    assert found is not None, "an account always has statuses"
    return found
