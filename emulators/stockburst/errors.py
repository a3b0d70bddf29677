"""StockBurst's refusals: a code for machines and a sentence for people. Assumed: all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..kernel import ApiError, Problem, Reply, Request

_MISSING = re.compile(r'"(.+)" is a required property', re.DOTALL)

_SERVER = {413: "too_large", 429: "too_many_requests", 503: "unavailable"}
_WORDS = {
    413: "A request may have 10 MB at most.",
    429: "Too many requests: try again later.",
    500: "Something went wrong at StockBurst.",
    503: "StockBurst is not available at the moment.",
}


class Refusal(ApiError):
    """`said` is the sentence unless another is given."""

    said = ""

    def __init__(self, message: str = "", **more: Any) -> None:
        super().__init__(message or self.said, **more)


class ConsentRequired(Refusal):
    status, code, said = 422, "consent_required", "Confirm that this store may be connected before connecting it."


class HttpsRequired(Refusal):
    status, code = 422, "https_required"


class CodeUnknown(Refusal):
    status, code, said = 404, "code_unknown", "This setup code does not exist: copy it again from Business Settings."


class CodeUsed(Refusal):
    status, code, said = 409, "code_used", "This setup code was used already: generate a new one in Business Settings."


class CodeExpired(Refusal):
    status, code, said = 410, "code_expired", "This setup code has expired: generate a new one in Business Settings."


class Locked(Refusal):
    """Too many wrong codes. Units: `after` in whole seconds."""

    status, code = 429, "too_many_codes"

    def __init__(self, after: int) -> None:
        super().__init__(
            "Too many wrong setup codes: wait before you try another.", headers=(("Retry-After", str(after)),)
        )


class AccountInactive(Refusal):
    status, code, said = 403, "account_inactive", "The StockBurst account is not active."


class CredentialsRejected(Refusal):
    status, code = 422, "credentials_rejected"


class StoreUnreachable(Refusal):
    """The key could not be tried; it may be good."""

    status, code = 422, "store_unreachable"


class TokenRevoked(Refusal):
    status, code, said = 401, "token_revoked", "This site token is not valid: connect the store again."


class IntegrationUnknown(Refusal):
    status, code, said = 404, "integration_unknown", "There is no such integration."


class IntegrationRemoved(Refusal):
    status, code, said = 410, "integration_removed", "This integration was removed in StockBurst."


class StoreUrlChanged(Refusal):
    status, code = 409, "store_url_changed"


class SignatureInvalid(Refusal):
    status, code, said = 401, "signature_invalid", "The signature does not fit the body."


class StoreMismatch(Refusal):
    status, code, said = 403, "store_mismatch", "This webhook comes from another store than the one connected."


class PayloadUnreadable(Refusal):
    status, code = 400, "payload_unreadable"


class Invalid(Refusal):
    """Data that does not fit: `errors` lists a dotted path and what is wrong with it."""

    status, code, said = 422, "invalid_request", "The request does not have the expected form."


def render(error: ApiError) -> Reply:
    return Reply(error.status, {"code": error.code, "message": error.message, **error.detail}, error.headers)


def not_found(request: Request) -> ApiError:
    return ApiError("There is no such address.", status=404, code="not_found")


def wrong_method(allow: Sequence[str]) -> ApiError:
    known = ", ".join(allow)
    return ApiError(f"This address takes {known}.", status=405, code="wrong_method", headers=(("Allow", known),))


def server_error(status: int) -> ApiError:
    if status == 401:
        return TokenRevoked()
    return ApiError(_WORDS.get(status, _WORDS[500]), status=status, code=_SERVER.get(status, "internal"))


def refusal(problems: Sequence[Problem]) -> ApiError:
    """The answer to what the document has against a request: JSON that cannot be read is a 400, the rest a 422."""
    if any(problem.where == "path" for problem in problems):
        return IntegrationUnknown()
    if any(problem.rule in ("json", "utf8") for problem in problems):
        return ApiError("The body is not JSON.", status=400, code="not_json")
    return Invalid(detail={"errors": [complaint(problem) for problem in problems[:20]]})


def complaint(problem: Problem) -> dict[str, str]:
    """Field and what is wrong with it. What was sent is never repeated: it may be a credential."""
    field = ".".join(map(str, problem.path)) or "body"
    missing = _MISSING.match(problem.message) if problem.rule == "required" else None
    if missing:
        return {"field": ".".join([*map(str, problem.path), missing[1]]), "message": "is missing"}
    if problem.rule == "required":
        return {"field": field, "message": "is missing"}
    if problem.rule == "additionalProperties":
        return {"field": field, "message": "holds a field that StockBurst does not take"}
    return {"field": field, "message": "does not have the expected form"}
