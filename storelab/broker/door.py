"""Who may ask the broker, and how a refusal is told."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Request
from werkzeug.routing import BaseConverter

from storelab.server import request_target

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Refused(Exception):
    """What a client is told instead: a status, and one sentence for each thing that is wrong."""

    def __init__(self, status: int, *errors: str) -> None:
        self.status, self.errors = status, errors


def admit(request: Request, token: str) -> None:
    """Raises when the caller may not ask. A page of another site that runs in somebody's browser may not, whatever
    name it has found for this machine."""
    try:
        origin = request.headers.get("Origin")
        foreign = bool(origin) and urlsplit(origin).netloc != request.host
        host = urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        raise Refused(400, "the Host or Origin header is no address") from None
    if foreign:
        raise Refused(403, "pages of other sites may not ask here")
    if not token and host not in LOOPBACK:
        raise Refused(403, f"without a token this broker answers to localhost only, not to {host!r}")
    if token and not hmac.compare_digest(_given(request).encode(), token.encode()):
        raise Refused(401, "the broker's token is wanted (PACT_BROKER_TOKEN)")


def _given(request: Request) -> str:
    """The bearer's token, or the password of anybody."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return value
    try:
        return base64.b64decode(value).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


class Name(BaseConverter):
    """One part of a path: branches have slashes in their names, which clients write as %2F."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return unquote(value)


def undecoded(app: Any) -> Any:
    """Hands the path over as it was sent, so that %2F in a name is no slash."""

    def called(environ: dict[str, Any], start_response: Any) -> Any:
        raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
        if raw:
            environ["PATH_INFO"] = request_target(raw).partition("?")[0]
        return app(environ, start_response)

    return called
