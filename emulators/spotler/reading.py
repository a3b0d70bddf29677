"""Reading requests: by the document, then without the characters that a database cannot keep.

Deliveries (`x-raw-body`) are left as they came: they are signed byte by byte, and a ping is no JSON.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..kernel import Operation, Request
from ..kernel.operations import Refused
from ..kernel.operations import read as read_by_document
from .errors import refusal


def read(request: Request, operation: Operation, path_params: dict[str, str]) -> dict[str, Any]:
    """The arguments of the handler. Errors: 400, 404 or 422, as `errors.refusal` decides."""
    if operation.raw.get("x-raw-body"):
        request = replace(request, body=b"")
    try:
        values = read_by_document(request, operation, path_params)
    except Refused as refused:
        raise refusal(refused.problems) from None
    return {name: kept(value) for name, value in values.items()}


def kept(value: Any) -> Any:
    """The value without null characters and with unpaired surrogates replaced, in every text of it."""
    if isinstance(value, str):
        if "\0" in value or not value.isprintable():
            return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
        return value
    if isinstance(value, list):
        return [kept(item) for item in value]
    if isinstance(value, dict):
        return {kept(key): kept(item) for key, item in value.items()}
    return value
