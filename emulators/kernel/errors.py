"""The errors an emulator answers with, and what was wrong with a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class ApiError(Exception):
    """A refusal in the vendor's words. Subclasses carry the vendor's status and code.

    `detail` holds whatever else the vendor puts into the body; the emulator's `render_error` knows where.
    """

    status: int = 400
    code: str = ""

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        code: str | None = None,
        detail: Mapping[str, Any] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = self.status if status is None else status
        self.code = self.code if code is None else code
        self.detail = dict(detail or {})
        self.headers = headers


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a request, found by the OpenAPI document.

    `where` is "path", "query", "header" or "body"; `path` leads to the value: ("stocks", 0, "quantity").
    `rule` is the JSON Schema keyword that failed ("type", "required", "maximum", ...), or "json" or "utf8"
    for a body that could not be read. `limit` is the keyword's value in the document; of "anyOf" the members
    of which one is needed.
    """

    where: str
    path: tuple[str | int, ...]
    rule: str
    message: str
    value: Any = None
    limit: Any = None


@dataclass
class LabError(Exception):
    """Something the user of the laboratory asked for cannot be done: says what, and what to do instead."""

    message: str
    status: int = 400
    code: str = "bad_request"
    detail: dict[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.message
