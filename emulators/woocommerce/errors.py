"""Refusals in WooCommerce's words: a code, a message, and data that repeats the status."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..kernel import ApiError, Problem, Reply, Request, emulation

HTML = "text/html; charset=UTF-8"


class WooError(ApiError):
    """A refusal. `data` is what the body's `data` holds beside the status.

    `bare`: the body's `data` is this number alone, as refunds have it.
    """

    def __init__(self, code: str, message: str, status: int = 400, *, bare: int | None = None, **data: Any) -> None:
        super().__init__(message, status=status, code=code, detail={"status": status, **data})
        self.bare = bare

    @property
    def body(self) -> dict[str, Any]:
        """The answer's body; also what a webhook delivers in place of an object that is gone."""
        return {"code": self.code, "message": self.message, "data": self.detail if self.bare is None else self.bare}


class Untold(WooError):
    """A refusal of WordPress that its API passes on without a status, which makes it one of the server's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message, 500)

    @property
    def body(self) -> dict[str, Any]:
        return {**super().body, "data": None}


class Page(WooError):
    """An answer that is a page, or a redirect, and no JSON: the store's, but not the API's."""

    def __init__(self, status: int, html: str = "", headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__("", "", status)
        self.reply = Reply(status, html.encode(), (("Content-Type", HTML), *headers))


def no_route() -> WooError:
    """An unknown path, and a known path with a method it does not have: never 405."""
    return WooError("rest_no_route", "No route was found matching the URL and request method.", 404)


class Critical(WooError):
    """PHP died half way. What was written before stays written in the real store."""

    @property
    def body(self) -> dict[str, Any]:
        return {**super().body, "additional_errors": []}


def critical(why: str = "Uncaught TypeError", status: int = 500) -> Critical:
    """The answer of a store whose PHP died. `why` stands for the stack trace, which is nobody's contract."""
    return Critical(
        "internal_server_error",
        "<p>There has been a critical error on this website.</p>"
        '<p><a href="https://wordpress.org/documentation/article/faq-troubleshooting/">'
        "Learn more about troubleshooting WordPress.</a></p>",
        status,
        error={"type": 1, "message": why, "file": "", "line": 0},
    )


def rendered(error: ApiError) -> Reply:
    if isinstance(error, Page):
        return error.reply
    body = error.body if isinstance(error, WooError) else WooError(error.code, error.message, error.status).body
    return Reply(error.status, body, error.headers)


# Other APIs of a WordPress with WooCommerce, and older versions of this one.
# What is emulated there is left out: an id that is none is no route.
_ELSEWHERE = re.compile(
    r"/wp-json/(?!wp/v2/users(/[^/]*)?/?$|wc/v[12]/products/(?!(attributes|batch|categories|reviews|shipping_classes|tags)$)[^/]*$)"
    r"(wc/(v1|v2|store|private|pos)|wc-\w+|wccom-site|wp|wp-\w[\w-]*|oembed|jetpack)(/|$)",
    re.IGNORECASE,
)


class NotEmulated(WooError):
    """A route that the store may well have, in a part that is not emulated. No answer of the store's."""

    def __init__(self, request: Request) -> None:
        super().__init__("not_emulated", f"{request.path} may exist in the store and is not emulated", 501)
        self.headers = (("X-Storelab", "not-emulated"),)
        self._path = request.path

    @property
    def body(self) -> dict[str, Any]:
        return {"error": "not emulated", "operation": self._path, "service": "woocommerce"}


def not_found(request: Request) -> ApiError:
    """Within the API its own words; outside of it a page, as the store's theme shows one."""
    if not request.path.startswith("/wp-json"):
        return Page(404, "<!DOCTYPE html><title>Page not found</title><h1>Page not found</h1>\n")
    known = bool(emulation().allow)  # the path is, the method is not
    return NotEmulated(request) if not known and _ELSEWHERE.match(request.path) else no_route()


def refusal(problems: Sequence[Problem]) -> ApiError:
    """Only what `params` does not read itself comes here: the first problem, in WordPress's form."""
    first = problems[0]
    name = str(first.path[0]) if first.path else first.where
    return WooError(
        "rest_invalid_param",
        f"Invalid parameter(s): {name}",
        400,
        params={name: first.message},
        details={name: {"code": "rest_invalid_type", "message": first.message, "data": {"param": name}}},
    )


_FAULTS = {
    413: ("request_entity_too_large", "Request Entity Too Large"),
    429: ("too_many_requests", "Too Many Requests"),
    502: ("bad_gateway", "Bad Gateway"),
    503: ("service_unavailable", "Service Unavailable"),
    504: ("gateway_timeout", "Gateway Timeout"),
}


def server_error(status: int) -> ApiError:
    """What a store in trouble answers: WordPress's own words for 500, its web server's for the others."""
    if status not in _FAULTS:
        return critical("Allowed memory size exhausted", status)
    code, message = _FAULTS[status]
    return WooError(code, message, status)
