"""Reading requests: by the document. The connect page answers in pages, and a webhook's first request is a form."""

from __future__ import annotations

from typing import Any

from ..kernel import Operation, Request
from ..kernel.arguments import Refused, read as read_by_document
from . import deliveries
from .errors import bad_link, refusal


def read(request: Request, operation: Operation, path_params: dict[str, str]) -> dict[str, Any]:
    """The arguments of the handler. Errors: 400 with a page, or 400, 404 and 422 as `errors.refusal` decides."""
    if operation.id == "deliveries.take" and deliveries.is_ping(request):
        return {"body": None}
    try:
        return read_by_document(request, operation, path_params)
    except Refused as refused:
        if operation.id.startswith("connect."):
            raise bad_link(refused.problems) from None
        raise refusal(refused.problems) from None
