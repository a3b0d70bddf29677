"""SORS's refusals: the common envelope with `success: false` and a list of errors with codes.

Source: Sors API Postman documentation says that one envelope is common to all answers. Assumed: its members, the
codes, and that the HTTP status says the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..kernel import ApiError, Problem, Reply, Request

_MISSING = re.compile(r'"(.+)" is a required property', re.DOTALL)
_SERVER = {
    429: ("RATE_LIMITED", "Too many requests."),
    500: ("INTERNAL", "The server could not carry this out."),
    502: ("UNAVAILABLE", "The server is not available."),
    503: ("UNAVAILABLE", "The server is not available."),
}
_CODES = {401: "UNAUTHORIZED", 403: "DATABASE_FORBIDDEN", 404: "NOT_FOUND", 409: "DUPLICATE", 422: "VALIDATION"}


class SorsError(ApiError):
    """`field`: the part of the request that it is about, if any ("items[0].quantity")."""

    def __init__(self, message: str, *, field: str | None = None, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message, detail={"field": field}, headers=headers)


class Unauthorized(SorsError):
    """No key, a scheme other than ApiKey, an unknown key or a revoked one."""

    status, code = 401, "UNAUTHORIZED"

    def __init__(self) -> None:
        super().__init__("The API key is missing or not valid.")


class DatabaseForbidden(SorsError):
    """The key is good and does not open this database; also when there is none of this name (assumed: who has no
    right to a database is not told whether it exists)."""

    status, code = 403, "DATABASE_FORBIDDEN"

    def __init__(self, database: str) -> None:
        super().__init__(f"This key does not open the database {database[:80]}.")


class DatabaseClosed(SorsError):
    """The fiscal year was closed: the database can be read and not written."""

    status, code = 409, "DATABASE_CLOSED"

    def __init__(self, database: str) -> None:
        super().__init__(f"The database {database} is closed; nothing can be entered into it any more.")


class NotFound(SorsError):
    status, code = 404, "NOT_FOUND"


class MethodNotAllowed(SorsError):
    status, code = 405, "METHOD_NOT_ALLOWED"

    def __init__(self, method: str, allow: Sequence[str]) -> None:
        super().__init__(f"{method[:20]} is not possible here.", headers=(("Allow", ", ".join(allow)),))


class InsufficientStock(SorsError):
    """Not so much is available, and the database does not allow negative stock."""

    status, code = 409, "INSUFFICIENT_STOCK"


class Duplicate(SorsError):
    """A customer with this PIB, or a document of this type with this external number, is there already."""

    status, code = 409, "DUPLICATE"


class RateLimited(SorsError):
    """More than the allowed requests in one minute. Units: `after` in whole seconds."""

    status, code = 429, "RATE_LIMITED"

    def __init__(self, after: int) -> None:
        super().__init__(_SERVER[429][1], headers=(("Retry-After", str(after)),))


class BadRequest(SorsError):
    """The body cannot be read."""

    status, code = 400, "BAD_REQUEST"


class Invalid(ApiError):
    """Data that does not fit: one error for each field, by its path ("items[0].quantity")."""

    status, code = 422, "VALIDATION"

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("The data is not valid.", detail={"fields": dict(errors)})


def render(error: ApiError) -> Reply:
    fields = error.detail.get("fields")
    if fields:
        errors = [{"code": error.code, "field": field or None, "message": said} for field, said in fields.items()]
    else:
        errors = [{"code": error.code, "field": error.detail.get("field"), "message": error.message}]
    body = {"success": False, "message": error.message, "data": None, "errors": errors, "meta": None}
    return Reply(error.status, body, error.headers)


def not_found(request: Request) -> ApiError:
    return NotFound("There is no such address.")


def server_error(status: int) -> ApiError:
    if status == 429:
        return RateLimited(60)
    code, message = _SERVER.get(status, (_CODES.get(status, "INTERNAL"), _SERVER[500][1]))
    return ApiError(message, status=status, code=code)


def refusal(problems: Sequence[Problem]) -> ApiError:
    """The one answer to everything that is wrong with a request. An id in the path that cannot be one is a 404."""
    if any(problem.where == "path" for problem in problems):
        return NotFound("There is no such record.")
    for problem in problems:
        if problem.rule in ("json", "utf8"):
            return BadRequest("The body is not JSON.")
    errors: dict[str, str] = {}
    for problem in problems:
        field, said = explained(problem)
        errors.setdefault(field, said)
    return Invalid(errors)


def explained(problem: Problem) -> tuple[str, str]:
    """Field and message."""
    field = ""
    for part in problem.path:
        field += f"[{part}]" if isinstance(part, int) else f".{part}" if field else part
    if problem.rule == "required" and (missing := _MISSING.match(problem.message)):
        return f"{field}.{missing[1]}" if field else missing[1], "This is required."
    return field, _complaint(problem)


def _complaint(problem: Problem) -> str:
    limit: Any = problem.limit
    match problem.rule:
        case "type":
            return "This is of a wrong type."
        case "minimum" | "exclusiveMinimum":
            return f"This must be {'at least' if problem.rule == 'minimum' else 'more than'} {limit}."
        case "maximum" | "exclusiveMaximum":
            return f"This must be at most {limit}."
        case "maxLength" | "maxItems":
            return f"This is longer than {limit}."
        case "minLength" | "minItems":
            return "This must not be empty."
        case "anyOf" if limit:
            return f"This needs {' or '.join(limit)}."
        case "enum":
            return "This is none of the possible values."
        case _:
            return "This is not valid."
