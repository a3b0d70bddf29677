"""Golisto's refusals: a code for machines and a message for people; for data that does not fit, messages by field;
on the connect page, a page.

Assumed as a whole: nothing public shows an answer of Golisto's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..kernel import ApiError, Problem, Reply, Request
from . import pages

_MISSING = re.compile(r'"(.+)" is a required property', re.DOTALL)
_SERVER = {
    413: ("too_large", "The body is larger than 10 MB."),
    429: ("too_many_requests", "Too many requests. Come back later."),
    503: ("unavailable", "Golisto is being looked after. Come back later."),
}


class Refused(ApiError):
    """A refusal of the API."""


class BadRequest(Refused):
    code = "bad_request"


class TokenInvalid(Refused):
    """The connect token was never given, was used, or is for another store."""

    status, code = 401, "token_invalid"


class SiteTokenInvalid(Refused):
    """No site token, an unknown one, or one of a store that is disconnected."""

    status, code = 401, "site_token_invalid"


class SignatureInvalid(Refused):
    """A webhook without a signature, or with one that does not fit its body and the secret."""

    status, code = 401, "signature_invalid"


class NotApproved(Refused):
    """Nothing is taken from a store that Golisto has not approved, or not any more."""

    status, code = 403, "not_approved"


class OtherSource(Refused):
    """A webhook of another store than the one that is connected."""

    status, code = 403, "source_mismatch"


class UnknownStore(Refused):
    status, code = 404, "unknown_store"


class NotFound(Refused):
    status, code = 404, "not_found"


class MethodNotAllowed(Refused):
    status, code = 405, "method_not_allowed"


class AlreadyLinked(Refused):
    """The store is connected by another account."""

    status, code = 409, "store_already_linked"


class StoreMismatch(Refused):
    """The address is not the one that was connected."""

    status, code = 409, "store_mismatch"


class TokenExpired(Refused):
    status, code = 410, "token_expired"


class Gone(Refused):
    """The store is not connected any more."""

    status, code = 410, "disconnected"


class Invalid(Refused):
    """Data that does not fit. `errors` maps a field to what is wrong with it."""

    status, code = 422, "invalid"

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        first = next(iter(errors.values()))[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(first + more, detail={"errors": {name: list(said) for name, said in errors.items()}})


class BadLink(ApiError):
    """The connect page cannot be shown, or the form cannot be taken; told on a page, and nobody is led anywhere."""

    code = "bad_link"


class Denied(BadLink):
    """The form comes from another browser, or nobody is signed in."""

    status = 403


class OthersStore(BadLink):
    """Another account has this store."""

    status = 409


def render(error: ApiError) -> Reply:
    if isinstance(error, BadLink):
        return pages.refusal(error.status, error.message)
    return Reply(error.status, {"code": error.code, "message": error.message, **error.detail}, error.headers)


def not_found(request: Request) -> ApiError:
    return NotFound("There is nothing at this address.")


def server_error(status: int) -> ApiError:
    code, message = _SERVER.get(status, ("server_error", "Something went wrong at Golisto."))
    return Refused(message, status=status, code=code, headers=(("Retry-After", "60"),) if status == 429 else ())


def refusal(problems: Sequence[Problem]) -> ApiError:
    """The one answer to everything that is wrong with a request. A shop number that cannot be one is a 404."""
    if any(problem.where == "path" for problem in problems):
        return NotFound("There is no such shop.")
    if any(problem.rule in ("json", "utf8") for problem in problems):
        return BadRequest("The body cannot be read as JSON.")
    errors: dict[str, list[str]] = {}
    for problem in problems:
        field, said = explained(problem)
        if said not in errors.setdefault(field, []):
            errors[field].append(said)
    return Invalid(errors)


def bad_link(problems: Sequence[Problem]) -> ApiError:
    """What is wrong with the address of the connect page, or with its form."""
    return BadLink(" ".join(dict.fromkeys(explained(problem)[1] for problem in problems)))


def explained(problem: Problem) -> tuple[str, str]:
    """Field and message."""
    field = ".".join(str(part) for part in problem.path) or "body"
    missing = _MISSING.match(problem.message) if problem.rule == "required" else None
    if missing:
        return missing[1], f"{missing[1]} is missing."
    match problem.rule:
        case "type":
            return field, f"{field} is of the wrong type."
        case "minLength":
            return field, f"{field} is shorter than {problem.limit} characters."
        case "maxLength":
            return field, f"{field} is longer than {problem.limit} characters."
        case "required":
            return field, "The body is missing."
        case _:
            return field, f"{field} is not valid."
