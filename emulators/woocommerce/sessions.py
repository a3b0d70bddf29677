"""Who is logged in to the store's pages, by cookie, and the nonces that their forms and links carry."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import field
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from ..kernel import Emulation, Table, dataclass
from . import settings

LASTS = timedelta(days=2)
_TICK = 12 * 3600  # seconds; a nonce is good in the tick it was made and in the next


@dataclass(frozen=True)
class Session:
    token: str = field(repr=False)
    user: str
    until: datetime


SESSIONS = Table(Session, "woo_sessions", key="token", columns=("until",))


def _cookie(here: Emulation) -> str:
    return "wordpress_logged_in_" + hashlib.md5(here.root.encode(), usedforsecurity=False).hexdigest()


def user(here: Emulation) -> str | None:
    """The name of whom the request's cookie belongs to."""
    header = here.request.headers.get("cookie", "") if here.request else ""
    if "wordpress_logged_in_" not in header:
        return None
    try:
        cookie = SimpleCookie(header).get(_cookie(here))
    except CookieError:
        return None
    session = here.store[Session].get(cookie.value) if cookie else None
    return session.user if session and session.until > here.clock.now else None


def started(here: Emulation, name: str) -> tuple[tuple[str, str], ...]:
    """The headers that log this browser in."""
    now = here.clock.now
    here.store[Session].delete_where(SESSIONS.c.until < now)
    session = here.store[Session].add(Session(here.ids.hex(32), name, now + LASTS))
    path = (urlsplit(here.root).path or "") + "/"
    return (("Set-Cookie", f"{_cookie(here)}={session.token}; path={path}; HttpOnly"),)


def nonce(here: Emulation, action: str, ticks_ago: int = 0) -> str:
    """Ten hexadecimal digits that prove that a form or link came from here."""
    tick = int(here.clock.now.timestamp()) // _TICK - ticks_ago
    text = f"{action}|{user(here) or ''}|{tick}"
    return hmac.new(settings.value(here, "nonce_salt").encode(), text.encode(), hashlib.sha256).hexdigest()[-12:-2]


def is_nonce(here: Emulation, action: str, given: str) -> bool:
    return any(hmac.compare_digest(nonce(here, action, ago).encode(), given.encode()) for ago in (0, 1))
