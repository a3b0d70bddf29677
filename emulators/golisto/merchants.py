"""Merchants' accounts, and who is signed in on the connect page, by cookie."""

from __future__ import annotations

import hmac
from dataclasses import field, replace
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from ..kernel import Emulation, LabError, Table, dataclass
from ..kernel.http import Headers
from .errors import BadLink

COOKIE = "golisto_session"
LASTS = timedelta(hours=2)
WRONG = 5  # passwords in a row, then the account is shut
SHUT = timedelta(minutes=15)


@dataclass(frozen=True)
class Merchant:
    """`wrong`: wrong passwords since the last right one; `shut_until`: until then not even the right one opens."""

    email: str
    password: str = field(repr=False)
    number: int = 0
    wrong: int = 0
    shut_until: datetime | None = None


@dataclass(frozen=True)
class Session:
    """One browser on the connect page. `email` is empty until somebody has signed in; `form_token` proves that a form
    was shown to this browser."""

    token: str = field(repr=False)
    form_token: str = field(repr=False)
    until: datetime
    email: str = ""


MERCHANTS = Table(Merchant, "golisto_merchants", key="email", columns=("number",))
SESSIONS = Table(Session, "golisto_sessions", key="token", columns=("until",))


class TooManyWrong(BadLink):
    """The account is shut for a while."""

    status = 429


def add(here: Emulation, email: str) -> Merchant:
    """An account with a password of its own; the one of this address, if there is one."""
    known = here.store[Merchant].get(email)
    if known:
        return known
    number = here.ids.next("golisto.merchant")
    return here.store[Merchant].add(Merchant(email, here.ids.token(16), number))


def first(here: Emulation) -> Merchant:
    """The account of the credentials."""
    found = here.store[Merchant].first(order=[MERCHANTS.c.number])
    assert found is not None
    return found


def the(here: Emulation, email: str) -> Merchant:
    """This account, or the first one."""
    found = here.store[Merchant].get(email) if email else first(here)
    if found is None:
        raise LabError(f"there is no merchant {email!r} at Golisto", status=404, code="unknown_merchant")
    return found


def tried(merchant: Merchant, password: str, now: datetime) -> tuple[Merchant, bool]:
    """The account after this password was tried, and whether it was the right one.

    Errors: 429 while the account is shut.
    """
    if merchant.shut_until and merchant.shut_until > now:
        raise TooManyWrong("Too many wrong passwords. Try again in a quarter of an hour.")
    if hmac.compare_digest(password.encode("utf-8", "replace"), merchant.password.encode()):
        return replace(merchant, wrong=0, shut_until=None), True
    wrong = merchant.wrong + 1
    if wrong >= WRONG:
        return replace(merchant, wrong=0, shut_until=now + SHUT), False
    return replace(merchant, wrong=wrong), False


def session(here: Emulation) -> Session | None:
    """The session of the request's cookie."""
    header = here.request.headers.get("cookie", "") if here.request else ""
    try:
        cookie = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    found = here.store[Session].get(cookie.value.replace("\0", "")) if cookie else None
    return found if found and found.until > here.clock.now else None


def begun(here: Emulation, email: str = "") -> tuple[Session, Headers]:
    """A new session, and the header that gives it to the browser. Whoever signs in gets a new one: a cookie from
    before that somebody has put there is worth nothing."""
    now = here.clock.now
    here.store[Session].delete_where(SESSIONS.c.until < now)
    made = here.store[Session].add(Session(here.ids.token(40), here.ids.token(32), now + LASTS, email))
    path = f"{urlsplit(here.root).path}/woocommerce/connect"
    secure = "; Secure" if here.root.startswith("https:") else ""
    return made, (("Set-Cookie", f"{COOKIE}={made.token}; Path={path}; HttpOnly; SameSite=Lax{secure}"),)


def ended(here: Emulation, one: Session) -> None:
    here.store[Session].delete(one.token)
