"""Connect's refusals: a code for programs, a message for people, and which field is meant.

Guess: nobody outside has seen a refusal of Connect's; the form is ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..kernel import ApiError, Problem, Reply, Request

_MISSING = re.compile(r'"(.+)" is a required property', re.DOTALL)
NO_MOMENT = "must be a time like 2026-11-02T09:00:00Z"
_SERVER = {
    413: ("too_large", "The body is larger than 10 MB."),
    429: ("too_many_requests", "Too many requests. Try again later."),
    500: ("server_error", "Something went wrong on our side."),
    503: ("unavailable", "Connect is not available at the moment. Try again later."),
}


class Unauthorized(ApiError):
    """No token, an unknown one, or a revoked one."""

    status, code = 401, "unauthorized"

    def __init__(self) -> None:
        super().__init__("A token of the account is needed, as a bearer token.")


class NotFound(ApiError):
    status, code = 404, "not_found"

    def __init__(self, what: str = "There is nothing at this address.") -> None:
        super().__init__(what)


class MethodNotAllowed(ApiError):
    status, code = 405, "method_not_allowed"

    def __init__(self, method: str, allow: Sequence[str]) -> None:
        super().__init__(
            f"{method} is not possible here; there is {', '.join(allow)}.", headers=(("Allow", ", ".join(allow)),)
        )


class Conflict(ApiError):
    """It cannot be done as things stand."""

    status = 409


class Gone(ApiError):
    """The connector was removed: whoever still sends may stop."""

    status, code = 410, "connector_removed"

    def __init__(self) -> None:
        super().__init__("This connector was removed.")


class BadSignature(ApiError):
    """A delivery that the shop did not sign with the secret of this connector."""

    status, code = 401, "bad_signature"

    def __init__(self) -> None:
        super().__init__("The signature does not fit the body.")


class BadRequest(ApiError):
    status, code = 400, "bad_request"


class Invalid(ApiError):
    """What was sent does not fit. `errors` maps a dotted path ("conditions.0.op") to what is wrong with it."""

    status, code = 422, "invalid"

    def __init__(self, errors: Mapping[str, str], *, code: str = "invalid") -> None:
        field, said = next(iter(errors.items()))
        listed = [{"field": where, "message": what} for where, what in errors.items()]
        super().__init__(f"{field}: {said}", code=code, detail={"errors": listed})


def render(error: ApiError) -> Reply:
    body: dict[str, Any] = {"code": error.code or "bad_request", "message": error.message, **error.detail}
    return Reply(error.status, body, error.headers)


def not_found(request: Request) -> ApiError:
    return NotFound()


def server_error(status: int) -> ApiError:
    if status == 401:
        return Unauthorized()
    code, message = _SERVER.get(status, _SERVER[500])
    headers = (("Retry-After", "60"),) if status == 429 else ()
    return ApiError(message, status=status, code=code, headers=headers)


def refusal(problems: Sequence[Problem]) -> ApiError:
    """The one answer to everything that is wrong with a request. An id in the path that cannot be one is a 404."""
    if any(problem.where == "path" for problem in problems):
        return NotFound()
    if any(problem.rule in ("json", "utf8") for problem in problems):
        return BadRequest("The body is not JSON.")
    errors: dict[str, str] = {}
    for problem in problems:
        path = ".".join(str(part) for part in problem.path)
        if problem.rule == "required" and (missing := _MISSING.match(problem.message)):
            path, said = f"{path}.{missing[1]}" if path else missing[1], "is missing"
        else:
            said = _complaint(problem)
        errors.setdefault(path or problem.where, said)
    return Invalid(errors)


def _complaint(problem: Problem) -> str:
    """What is wanted. What was sent is not repeated: it may be a credential."""
    limit = problem.limit
    match problem.rule:
        case "type" | "enum":
            words = "is not of type" if problem.rule == "type" else "is not one of"
            return f"{words}{problem.message.rpartition(words)[2]}"[:200]
        case "minLength" | "maxLength":
            return f"is {'shorter' if problem.rule == 'minLength' else 'longer'} than {limit} characters"
        case "minItems" | "maxItems" | "minProperties" | "maxProperties":
            return f"has {'fewer' if problem.rule.startswith('min') else 'more'} than {limit} entries"
        case "minimum" | "maximum":
            return f"is {'less' if problem.rule == 'minimum' else 'more'} than {limit}"
        case "additionalProperties":
            return problem.message.splitlines()[0][:200]
        case "pattern" if problem.path and str(problem.path[-1]).endswith("_at"):
            return NO_MOMENT
        case _:
            return "does not have the form that is wanted"
