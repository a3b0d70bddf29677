"""Reading requests: by the document. The connect page answers in pages, and a webhook's first request is a form."""

from __future__ import annotations

from typing import Any

from ..kernel import Operation, Request
from ..kernel.operations import Refused
from ..kernel.operations import read as read_by_document
from . import deliveries
from .errors import bad_link, refusal


def read(request: Request, operation: Operation, path_params: dict[str, str]) -> dict[str, Any]:
    """The arguments of the handler. Errors: 400 with a page, or 400, 404 and 422 as `errors.refusal` decides."""
    if operation.id == "deliveries.take" and deliveries.is_ping(request):
        return {"body": None}
    try:
        values = read_by_document(request, operation, path_params)
    except Refused as refused:
        if operation.id.startswith("connect."):
            raise bad_link(refused.problems) from None
        raise refusal(refused.problems) from None
    return {name: cleaned(value) for name, value in values.items()}


def cleaned(value: Any) -> Any:
    """The value without null characters and with unpaired surrogates replaced, which no database keeps."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {cleaned(key): cleaned(item) for key, item in value.items()}
    return value
