"""Reading requests: first the database, then what is asked of it."""

from __future__ import annotations

from typing import Any

from ..kernel import Operation, Request, emulation
from ..kernel.operations import Refused
from ..kernel.operations import read as read_by_document
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
        values = read_by_document(request, operation, path_params)
    except Refused as refused:
        raise refusal(refused.problems) from None
    return {name: cleaned(value) for name, value in values.items()}


def cleaned(value: Any) -> Any:
    """The value without null characters and with unpaired surrogates replaced, in every text of it."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: cleaned(item) for key, item in value.items()}
    return value
