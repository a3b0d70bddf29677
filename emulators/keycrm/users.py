"""The people who use the account. Public clients list them to check a key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..kernel import Emulation, Table, dataclass, emulation
from .dates import rendered as time_text
from .paging import among, among_ids, inside, listed


@dataclass(frozen=True)
class User:
    id: int
    email: str
    full_name: str
    status: str = "active"
    role_id: int = 1
    phone: str | None = None
    created_at: datetime | None = None
    last_logged_at: datetime | None = None


USERS = Table(
    User,
    "keycrm_users",
    columns=("email", "full_name", "status", "role_id", "phone", "created_at", "last_logged_at"),
)


def list_all(limit: int, page: int, filter: dict[str, Any] | None = None) -> dict[str, Any]:
    here, asked, c = emulation(), filter or {}, USERS.c
    where = [
        *among_ids(c.id, asked, "id"),
        *among(c.email, asked, "email"),
        *among(c.full_name, asked, "full_name"),
        *among(c.phone, asked, "phone"),
        *among_ids(c.role_id, asked, "role_id"),
        *among(c.status, asked, "status"),
        *inside(c.created_at, asked, "created_between"),
        *inside(c.last_logged_at, asked, "last_logged_between"),
    ]
    return listed(here, USERS, *where, limit=limit, page=page, render=lambda found: [render(user) for user in found])


def render(user: User) -> dict[str, Any]:
    first, _, last = user.full_name.partition(" ")
    return {
        "id": user.id,
        "first_name": first,
        "last_name": last,
        "full_name": user.full_name,
        "email": user.email,
        "phone": user.phone,
        "role_id": user.role_id,
        "status": user.status,
        "created_at": time_text(user.created_at),
        "last_logged_at": time_text(user.last_logged_at),
    }


def shown(here: Emulation, user_id: int | None) -> dict[str, Any] | None:
    user = None if user_id is None else here.store[User].get(user_id)
    return None if user is None else render(user)


def exists(here: Emulation, user_id: int) -> bool:
    return here.store[User].get(user_id) is not None
