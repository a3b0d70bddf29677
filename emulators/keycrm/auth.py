"""Who asks: the key in the Authorization header, and how often it and its address have asked.

Source: KeyCRM API document v1.2.0 (http bearer; the key is an opaque string, not a JWT).
"""

from __future__ import annotations

from ..kernel import Emulation, Operation, Reply, Request, dataclass
from .account import KEYS, ApiKey, account
from .errors import MethodNotAllowed, TooMany, Unauthenticated
from .limits import Window, counted, current, wait


@dataclass(frozen=True)
class Caller:
    """Who asks, and how many requests are left in this minute; both numbers are 0 where there is no limit."""

    key: ApiKey
    limit: int = 0
    left: int = 0


def authenticate(here: Emulation, request: Request, operation: Operation | None) -> None:
    """Let the caller in, and count the request.

    Errors: 401 without an open key, 429 when the minute of the key or of the address is used up.
    A route that does not exist is a 404 and one without this method a 405, whoever asks (assumed: Laravel finds
    the route first).
    """
    if operation is None:
        if here.allow:
            raise MethodNotAllowed(request.method, here.allow)
        return
    key = _key(here, request)
    here.caller = Caller(key, *_counted(here, [f"key:{key.id}", f"ip:{_address(request)}"]))


def _key(here: Emulation, request: Request) -> ApiKey:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        here.explain("no bearer key in the Authorization header")
        raise Unauthenticated
    key = here.store[ApiKey].first(KEYS.c.key == secret.strip().replace("\0", ""))
    if key is None:
        here.explain("this key was never issued by the account")
        raise Unauthenticated
    if not key.opens:
        here.explain(f"key {key.id} was revoked")
        raise Unauthenticated
    return key


def _address(request: Request) -> str:
    """The caller's address where a proxy tells it; everybody else is the same machine."""
    return request.headers.get("x-forwarded-for", "").split(",")[0].strip() or "127.0.0.1"


def with_limits(here: Emulation, request: Request, operation: Operation | None, reply: Reply) -> Reply:
    """The answer with what is left of the minute (assumed: Laravel's limiter says so on every answer)."""
    if not isinstance(here.caller, Caller) or not here.caller.limit:
        return reply
    limit, left = str(here.caller.limit), str(here.caller.left)
    return reply.with_headers((("X-RateLimit-Limit", limit), ("X-RateLimit-Remaining", left)))


def _counted(here: Emulation, buckets: list[str]) -> tuple[int, int]:
    """Counted at once and for good: a request that is refused later has used the minute as well.

    The limit, and how many requests are left.
    """
    limit = account(here).requests_a_minute
    if not limit:
        return 0, 0
    now = here.clock.now
    windows = [current(here.store[Window].get(bucket, lock=True), bucket, now) for bucket in buckets]
    for window in windows:
        if after := wait(window, now, limit):
            here.explain(f"{window.bucket} has used its {limit} requests a minute")
            raise TooMany(limit, after)
    here.store[Window].put_all([counted(window) for window in windows])
    here.store.commit()
    return limit, limit - 1 - max(window.hits for window in windows)
