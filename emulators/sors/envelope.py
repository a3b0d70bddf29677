"""The envelope of every answer, lists in pages, and the account that answers errors with 200.

Source: Sors API Postman documentation (one common envelope). Assumed: its members, and the paging.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..kernel import Emulation, Operation, Reply, Request, Table
from .account import account

R = TypeVar("R")


def answered(data: Any, meta: dict[str, int] | None = None) -> dict[str, Any]:
    return {"success": True, "message": None, "data": data, "errors": [], "meta": meta}


def page_of(
    here: Emulation,
    table: Table[R],
    *where: Any,
    page: int,
    size: int,
    order: Any,
    render: Callable[[list[R]], list[Any]],
) -> dict[str, Any]:
    """One page of a table."""
    total = here.store[table.record].count(*where)
    start = (page - 1) * size
    records = here.store[table.record].all(*where, order=[order], limit=size, offset=start) if start < total else []
    return answered(render(records), {"page": page, "pageSize": size, "total": total})


def page_from(rows: list[Any], *, page: int, size: int) -> dict[str, Any]:
    """One page of a list that is there already."""
    start = (page - 1) * size
    return answered(rows[start : start + size], {"page": page, "pageSize": size, "total": len(rows)})


def outgoing(here: Emulation, request: Request, operation: Operation | None, reply: Reply) -> Reply:
    """Errors come with their own status, or all with 200 where the account is so set: APIs with a common envelope
    often do, and a client that looks at the status only takes every error for a success."""
    if reply.status >= 400 and account(here).always_200:
        return Reply(200, reply.body, reply.headers)
    return reply
