"""The account: its tokens, where its alerts go, and the mail that it has sent."""

from __future__ import annotations

import hmac
from dataclasses import field, replace
from datetime import datetime

from ..kernel import Emulation, Table, dataclass


@dataclass(frozen=True)
class Account:
    """Source: Spotler Connect help: personal settings (an alert e-mail for each object that failed, on by default, to
    an address of its own)."""

    id: int = 1
    name: str = "Merchant"
    alert_email: str = "alerts@merchant.example"
    alerts_on: bool = True


@dataclass(frozen=True)
class Token:
    """What opens the control API. A revoked one opens nothing and is never given again."""

    id: int
    token: str = field(repr=False)
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class Mail:
    """A mail that Connect has sent. `about`: "alert 3" or "rule 2"."""

    id: int
    to: str
    subject: str
    text: str
    about: str
    at: datetime | None = None


ACCOUNTS = Table(Account, "spotler_accounts")
TOKENS = Table(Token, "spotler_tokens", columns=("token",), unique=[("token",)])
MAILS = Table(Mail, "spotler_mails", columns=("about",))
TABLES = (ACCOUNTS, TOKENS, MAILS)


def account(here: Emulation) -> Account:
    return here.store[Account].get(1) or Account()


def change(here: Emulation, **settings: object) -> Account:
    return here.store[Account].put(replace(account(here), **settings))  # type: ignore[arg-type]


def issue_token(here: Emulation) -> Token:
    return here.store[Token].add(Token(here.ids.next("spotler.token"), f"spc_{here.ids.token(40)}"))


def open_token(here: Emulation) -> Token | None:
    """The newest that still opens the API."""
    return next((one for one in here.store[Token].all(order=[TOKENS.c.id.desc()]) if one.revoked_at is None), None)


def revoke_tokens(here: Emulation, token: str = "") -> int:
    """Revoke this one, or all; how many still opened the API."""
    found = [one for one in here.store[Token].all() if one.revoked_at is None and token in ("", one.token)]
    here.store[Token].put_all([replace(one, revoked_at=here.clock.now) for one in found])
    return len(found)


def opens(here: Emulation, secret: str) -> str:
    """Why this token does not open the API; empty when it does."""
    for one in here.store[Token].all():
        if hmac.compare_digest(one.token.encode(), secret.encode()):
            return "" if one.revoked_at is None else f"token {one.id} was revoked"
    return "this token was never given by the account"


def sent(here: Emulation, to: str, subject: str, text: str, about: str) -> Mail:
    mail = Mail(here.ids.next("spotler.mail"), to, subject, text, about, here.clock.now)
    return here.store[Mail].add(mail)
