"""Reading requests: by the document.

Deliveries (`x-raw-body`) are left as they came: they are signed byte by byte, and a ping is no JSON.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..kernel import Operation, Request
from ..kernel.arguments import Refused, read as read_by_document
from .errors import refusal


def read(request: Request, operation: Operation, path_params: dict[str, str]) -> dict[str, Any]:
    """The arguments of the handler. Errors: 400, 404 or 422, as `errors.refusal` decides."""
    if operation.raw.get("x-raw-body"):
        request = replace(request, body=b"")
    try:
        return read_by_document(request, operation, path_params)
    except Refused as refused:
        raise refusal(refused.problems) from None
