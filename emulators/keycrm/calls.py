"""Calls that telephony reported. Read only over the API; a move of the cabinet logs one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..kernel import Table, dataclass, emulation
from .dates import rendered as time_text
from .paging import among, among_ids, included, inside, listed
from .users import shown as shown_user


@dataclass(frozen=True)
class Call:
    """Units: `duration` in seconds. `type`: incoming or outgoing."""

    id: int
    type: str
    client_phone: str
    created_at: datetime
    client_id: int | None = None
    lead_id: int | None = None
    manager_id: int | None = None
    reference_id: str | None = None
    duration: int = 0
    state: str = "success"


CALLS = Table(
    Call,
    "keycrm_calls",
    columns=("type", "client_phone", "created_at", "client_id", "lead_id", "manager_id", "reference_id"),
)


def list_all(limit: int, page: int, filter: dict[str, Any] | None = None, include: str | None = None) -> dict[str, Any]:
    here, asked, c = emulation(), filter or {}, CALLS.c
    where = [
        *among_ids(c.client_id, asked, "client_id"),
        *among(c.client_phone, asked, "client_phone"),
        *among_ids(c.lead_id, asked, "lead_id"),
        *among_ids(c.manager_id, asked, "manager_id"),
        *among(c.reference_id, asked, "reference_id"),
        *among(c.type, asked, "type"),
        *inside(c.created_at, asked, "created_between"),
    ]
    names = included(include)

    def shown(found: list[Call]) -> list[dict[str, Any]]:
        answer = [render(call) for call in found]
        if "manager" in names:
            for call, one in zip(found, answer, strict=True):
                one["manager"] = shown_user(here, call.manager_id)
        return answer

    return listed(here, CALLS, *where, limit=limit, page=page, render=shown)


def render(call: Call) -> dict[str, Any]:
    return {
        "id": call.id,
        "type": call.type,
        "state": call.state,
        "client_phone": call.client_phone,
        "client_id": call.client_id,
        "lead_id": call.lead_id,
        "manager_id": call.manager_id,
        "reference_id": call.reference_id,
        "duration": call.duration,
        "created_at": time_text(call.created_at),
    }
