"""Who asks: the site token of a connected store. Assumed: a bearer token, issued when the store is connected."""

from __future__ import annotations

import hmac

from ..kernel import Emulation, Operation, Request
from .account import digest
from .errors import IntegrationRemoved, IntegrationUnknown, TokenRevoked, wrong_method
from .integrations import INTEGRATIONS, Integration, Link

OPEN = frozenset({"connecting.connect", "incoming.take"})  # those prove by a setup code and by a signature


def authenticate(here: Emulation, request: Request, operation: Operation | None) -> None:
    """Find the integration of the token.

    Errors: 401 for a token that opens nothing, 410 when its integration was removed, 405 for another method.
    """
    if operation is None:
        if here.allow:
            raise wrong_method(here.allow)
        return
    if operation.id in OPEN:
        return
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        here.explain("no site token in the Authorization header")
        raise TokenRevoked
    shown = digest(token.strip())
    found = here.store[Integration].first(INTEGRATIONS.c.token_digest == shown)
    if found is None or not hmac.compare_digest(found.token_digest, shown):
        here.explain("this site token was never issued, or another has taken its place")
        raise TokenRevoked
    if found.link is Link.REMOVED:
        here.explain(f"integration {found.id} was removed in StockBurst")
        raise IntegrationRemoved
    if found.token_revoked_at is not None:
        here.explain(f"the site token of {found.id} was revoked")
        raise TokenRevoked
    here.caller = found


def own(here: Emulation, integration_id: str) -> Integration:
    """The caller's integration, which the body must name too. Errors: 404 when it names another."""
    found: Integration = here.caller
    if found.id != integration_id:
        here.explain("the body names another integration than the token's")
        raise IntegrationUnknown
    return found
