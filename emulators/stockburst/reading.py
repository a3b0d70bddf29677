"""Reading requests: by the document, but for WooCommerce's webhooks, whose bytes are what their signature is about."""

from __future__ import annotations

from typing import Any

from ..kernel import Operation, Request
from ..kernel.arguments import Refused, read as read_by_document
from .errors import refusal


def read(request: Request, operation: Operation, path_params: dict[str, str]) -> dict[str, Any]:
    """The arguments of the handler. Errors: as `errors.refusal` decides."""
    if operation.id == "incoming.take":
        return {"integration": path_params["integration"].replace("\0", "")[:100]}
    try:
        return read_by_document(request, operation, path_params)
    except Refused as refused:
        raise refusal(refused.problems) from None
