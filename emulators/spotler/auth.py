"""Who asks: the account's token. Deliveries of a shop carry a signature instead, which `hooks` looks at.

Guess: a bearer token for the account; the help shows no API of Connect.
"""

from __future__ import annotations

from ..kernel import Emulation, Operation, Request
from .account import opens
from .errors import MethodNotAllowed, Unauthorized


def authenticate(here: Emulation, request: Request, operation: Operation | None) -> None:
    """Errors: 405 for a path without this method, 401 without an open token."""
    if operation is None:
        if here.allow:
            raise MethodNotAllowed(request.method, here.allow)
        return
    if operation.raw.get("security") == []:
        return
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        here.explain("no bearer token in the Authorization header")
        raise Unauthorized
    if why := opens(here, secret.strip()):
        here.explain(why)
        raise Unauthorized
