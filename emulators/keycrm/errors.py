"""KeyCRM's refusals: a message, and for data that does not fit a map of messages by field.

Source: the API document v1.2.0 gives the codes; the bodies are what public clients read. The map of a 422 and
the headers of a 429 are assumed to be Laravel's, which the rest of the API looks like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..kernel import ApiError, Problem, Reply, Request

_MISSING = re.compile(r'"(.+)" is a required property', re.DOTALL)
_TYPES = {
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "array": "an array",
    "object": "an array",
    "boolean": "true or false",
}
_SERVER = {
    413: "The file is larger than 10 MB.",
    429: "Too Many Attempts.",
    500: "Server Error",
    503: "Service Unavailable",
}


class Unauthenticated(ApiError):
    """No key, an unknown one, or a revoked one."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Unauthenticated.")


class NotFound(ApiError):
    status = 404

    def __init__(self) -> None:
        super().__init__("Not found")


class BadRequest(ApiError):
    """What was asked cannot be done to this record, or the body cannot be read."""


class MethodNotAllowed(ApiError):
    """The route exists, for other methods."""

    status = 405

    def __init__(self, method: str, allow: Sequence[str]) -> None:
        known = ", ".join(["GET", "HEAD", *(m for m in allow if m != "GET")] if "GET" in allow else allow)
        super().__init__(
            f"The {method} method is not supported for this route. Supported methods: {known}.",
            headers=(("Allow", known),),
        )


class TooLarge(ApiError):
    """A file over 10 MB."""

    status = 413

    def __init__(self) -> None:
        super().__init__(_SERVER[413])


class Invalid(ApiError):
    """Data that does not fit. `errors` maps a dotted path ("stocks.0.quantity") to what is wrong with it."""

    status = 422

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(
            "The given data was invalid.", detail={"errors": {path: list(said) for path, said in errors.items()}}
        )


class TooMany(ApiError):
    """More than the allowed requests in one minute. Units: `after` in whole seconds."""

    status = 429

    def __init__(self, limit: int, after: int) -> None:
        super().__init__(
            _SERVER[429],
            headers=(
                ("Retry-After", str(after)),
                ("X-RateLimit-Limit", str(limit)),
                ("X-RateLimit-Remaining", "0"),
            ),
        )


def unknown(field: str) -> Invalid:
    """The refusal of an id that leads nowhere."""
    return Invalid({field: [f"The selected {_spoken(field)} is invalid."]})


def render(error: ApiError) -> Reply:
    return Reply(error.status, {"message": error.message, **error.detail}, error.headers)


def not_found(request: Request) -> ApiError:
    return NotFound()


def server_error(status: int) -> ApiError:
    if status == 401:
        return Unauthenticated()
    if status == 429:
        return TooMany(60, 60)
    return ApiError(_SERVER.get(status, _SERVER[500]), status=status)


def refusal(problems: Sequence[Problem]) -> ApiError:
    """The one answer to everything that is wrong with a request. An id in the path that cannot be one is a 404."""
    if any(problem.where == "path" for problem in problems):
        return NotFound()
    for problem in problems:
        if problem.rule in ("json", "utf8"):
            return BadRequest("The request body could not be read as JSON.")
    errors: dict[str, list[str]] = {}
    for problem in problems:
        path, said = explained(problem)
        errors.setdefault(path, [])
        if said not in errors[path]:
            errors[path].append(said)
    return Invalid(errors)


def explained(problem: Problem) -> tuple[str, str]:
    """Field and message, in the words of Laravel's validator."""
    path = ".".join(str(part) for part in problem.path)
    if problem.rule == "required":
        missing = _MISSING.match(problem.message)
        if missing:
            path = f"{path}.{missing[1]}" if path else missing[1]
        return path or "body", f"The {_spoken(path or 'body')} field is required."
    field = path or "body"
    return field, f"The {_spoken(field)} field {_complaint(problem)}."


def _complaint(problem: Problem) -> str:
    limit: Any = problem.limit
    size = isinstance(problem.value, str)
    match problem.rule:
        case "type":
            wanted = re.findall(r'"(\w+)"', problem.message.rpartition(" is not of type")[2])
            return f"must be {_TYPES.get(wanted[0] if wanted else '', 'valid')}"
        case "minimum" | "exclusiveMinimum":
            return f"must be at least {limit}"
        case "maximum" | "exclusiveMaximum":
            return f"must not be greater than {limit}"
        case "maxLength":
            return f"must not be greater than {limit} characters"
        case "minLength":
            return f"must be at least {limit} characters" if size else "is required"
        case "maxItems":
            return f"must not have more than {limit} items"
        case "minItems":
            return f"must have at least {limit} items"
        case "anyOf" if limit:
            return f"must have {' or '.join(limit)}"
        case "pattern":
            return "format is invalid"
        case _:
            return "is invalid"


def _spoken(field: str) -> str:
    return field.replace("_", " ")
