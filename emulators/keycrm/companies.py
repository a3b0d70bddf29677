"""Companies that buyers belong to.

Source: KeyCRM API document v1.2.0 names the operations and their filters; the fields are assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..kernel import Emulation, emulation
from .buyers import COMPANIES, Company, of_company
from .custom_fields import filled, shown as shown_fields
from .dates import rendered as time_text
from .errors import NotFound, unknown
from .paging import among_ids, included, inside, listed
from .users import exists, shown as shown_user

TEXTS = ("name", "title", "bank_account", "edrpou", "note", "address")


def list_all(limit: int, page: int, filter: dict[str, Any] | None = None, include: str | None = None) -> dict[str, Any]:
    here, asked, c = emulation(), filter or {}, COMPANIES.c
    where = [
        *among_ids(c.id, asked, "company_id"),
        *inside(c.created_at, asked, "created_between"),
        *inside(c.updated_at, asked, "updated_between"),
    ]
    names = included(include)
    return listed(
        here,
        COMPANIES,
        *where,
        limit=limit,
        page=page,
        render=lambda found: [shown(here, one, names) for one in found],
    )


def read(company_id: int, include: str | None = None) -> dict[str, Any]:
    here = emulation()
    return shown(here, found(here, company_id), included(include))


def create(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    now = here.clock.now
    blank = Company(here.ids.next("keycrm.company"), body["name"], now, now)
    return shown(here, here.store[Company].add(changed(here, blank, body)), frozenset()), 201


def update(company_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """The one PUT of this API that answers 200."""
    here = emulation()
    company = here.store[Company].put(changed(here, found(here, company_id), body))
    return shown(here, company, frozenset())


def found(here: Emulation, company_id: int) -> Company:
    company = here.store[Company].get(company_id)
    if company is None:
        raise NotFound
    return company


def changed(here: Emulation, company: Company, body: Mapping[str, Any]) -> Company:
    manager_id = body.get("manager_id")
    if manager_id is not None and not exists(here, manager_id):
        raise unknown("manager_id")
    texts = {k: body[k] for k in TEXTS if k in body and not (k == "name" and body[k] is None)}
    return replace(
        company,
        **texts,
        manager_id=company.manager_id if manager_id is None else manager_id,
        custom_fields=filled(here, "client", body.get("custom_fields"), company.custom_fields),
        updated_at=here.clock.now,
    )


def shown(here: Emulation, company: Company, names: frozenset[str]) -> dict[str, Any]:
    one: dict[str, Any] = {
        "id": company.id,
        **{k: getattr(company, k) for k in TEXTS},
        "manager_id": company.manager_id,
        "created_at": time_text(company.created_at),
        "updated_at": time_text(company.updated_at),
    }
    if "manager" in names:
        one["manager"] = shown_user(here, company.manager_id)
    if "buyer" in names:
        one["buyer"] = of_company(here, company.id)
    if "custom_fields" in names:
        one["custom_fields"] = shown_fields(here, company.custom_fields)
    return one
