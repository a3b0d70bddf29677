"""Who asks: a store by its site token, or a webhook by its signature. Whoever asks is kept as `here.caller`."""

from __future__ import annotations

from ..kernel import Emulation, Operation, Request
from . import deliveries
from .errors import MethodNotAllowed, SiteTokenInvalid
from .sites import Site, SiteToken, digest


def authenticate(here: Emulation, request: Request, operation: Operation | None) -> None:
    """Errors: 401 without a token or signature that is good for this, 405 for a method that the address has not."""
    if operation is None:
        if here.allow:
            raise MethodNotAllowed(
                f"This address takes {' and '.join(here.allow)}.", headers=(("Allow", ", ".join(here.allow)),)
            )
        return
    match operation.id:
        case "status.read":
            here.caller = _site(here, request)
        case "disconnect.take":
            here.caller = _site(here, request, goodbye=True)
        case "credentials.take" if "authorization" in request.headers:
            here.caller = _site(here, request)
        case "deliveries.take":
            here.caller = deliveries.sender(here, request)


def _site(here: Emulation, request: Request, *, goodbye: bool = False) -> Site:
    """The store whose token this is. With `goodbye`, a revoked one will do: saying goodbye twice is harmless."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        here.explain("no site token in the Authorization header")
        raise SiteTokenInvalid("A site token is needed.")
    token = here.store[SiteToken].get(digest(secret.strip()))
    site = here.store[Site].get(token.site) if token else None
    if token is None or site is None:
        here.explain("this site token was never given")
        raise SiteTokenInvalid("This site token is not known.")
    if token.revoked and not goodbye:
        here.explain(f"the site token of {site.id} was revoked")
        raise SiteTokenInvalid("This store is not connected any more.")
    return site
