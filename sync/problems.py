"""What went wrong at a route of ours, as an answer: a status, a code, and a message for people."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.exceptions import HTTPException

from .joining import Refused
from .ledger import Busy

log = logging.getLogger("storelab.sync")


class Problem(Exception):
    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}


@dataclass(frozen=True)
class Told:
    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


def told(error: Exception) -> Told:
    match error:
        case Problem():
            return Told(error.status, error.code, error.message, error.headers)
        case Refused():
            after = {"Retry-After": str(max(1, round(error.after)))} if error.after is not None else {}
            return Told(error.status, error.code, str(error), after)
        case Busy():
            return Told(409, "busy", str(error))
        case HTTPException():
            code = (error.name or "error").lower().replace(" ", "_")
            allow = {k: v for k, v in error.get_headers() if k == "Allow"}
            return Told(error.code or 500, code, error.description or "", allow)
        case ValueError() if "zone" in str(error) or "isoformat" in str(error):
            return Told(400, "not_as_described", str(error))
    log.exception("a request failed", exc_info=error)
    return Told(500, "internal", "an error of the sync itself; see its log")
