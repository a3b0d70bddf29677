"""Reading requests: first the database, then what is asked of it."""

from __future__ import annotations

from typing import Any

from ..kernel import Operation, Request, emulation
from ..kernel.arguments import Refused, read as read_by_document
from .databases import opened, written
from .errors import refusal


def read(request: Request, operation: Operation, path_params: dict[str, str]) -> dict[str, Any]:
    """The arguments of the handler.

    Errors: DATABASE_FORBIDDEN and DATABASE_CLOSED before anything else of the request is looked at, then 400, 404 or
    422, as `errors.refusal` decides.
    """
    if "database" in path_params:
        (opened if operation.method == "GET" else written)(emulation(), path_params["database"])
    try:
        return read_by_document(request, operation, path_params)
    except Refused as refused:
        raise refusal(refused.problems) from None
