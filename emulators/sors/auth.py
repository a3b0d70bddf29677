"""Who asks: the key in the Authorization header.

Source: Sors API Postman documentation: `Authorization: ApiKey <key>`, neither Bearer nor Basic.
Assumed: the scheme is compared letter by letter ("apikey" is refused, although HTTP would not care), exactly one space
follows it, and an address that does not exist is a 404 for everybody.
"""

from __future__ import annotations

from ..kernel import Emulation, Operation, Request
from .account import ApiKey, account, key_of
from .errors import MethodNotAllowed, RateLimited, Unauthorized
from .limits import Window, counted, current, wait

SCHEME = "ApiKey "


def authenticate(here: Emulation, request: Request, operation: Operation | None) -> None:
    """Let the caller in, and count the request. Pictures are open to whoever knows their address.

    Errors: 401 without an open key, 429 when its minute is used up, 405 for a method that the address does not have.
    """
    if operation is None:
        if here.allow:
            raise MethodNotAllowed(request.method, here.allow)
        return
    if operation.raw.get("security") == []:
        return
    key = _key(here, request)
    _count(here, key)
    here.caller = key


def _key(here: Emulation, request: Request) -> ApiKey:
    header = request.headers.get("authorization", "")
    if not header.startswith(SCHEME):
        scheme = header.partition(" ")[0][:20]
        here.explain(f"the scheme is {scheme!r}, not ApiKey" if header else "no Authorization header")
        raise Unauthorized
    key = key_of(here, header.removeprefix(SCHEME))
    if key is None:
        here.explain("this key was never issued")
        raise Unauthorized
    if not key.opens:
        here.explain(f"key {key.id} was revoked")
        raise Unauthorized
    return key


def _count(here: Emulation, key: ApiKey) -> None:
    """Counted at once and for good: a request that is refused later has used the minute as well."""
    limit = account(here).requests_a_minute
    if not limit:
        return
    now = here.clock.now
    window = current(here.store[Window].get(key.id, lock=True), key.id, now)
    if after := wait(window, now, limit):
        here.explain(f"key {key.id} has used its {limit} requests a minute")
        raise RateLimited(after)
    here.store[Window].put(counted(window))
    here.store.commit()
