"""The account: its settings and its API keys. One key opens every database of the account.

Source: Sors API Postman documentation (key issued by Softkom, one key for all databases of a user).
"""

from __future__ import annotations

import hmac
from dataclasses import field, replace
from datetime import datetime

from ..kernel import Emulation, Table, dataclass


@dataclass(frozen=True)
class Account:
    """`always_200`: errors are answered with HTTP 200 and `success: false`. `repeated_numbers`: a second document of
    one type may have the external number of the first."""

    id: int = 1
    requests_a_minute: int = 120
    always_200: bool = False
    repeated_numbers: bool = False


ACCOUNTS = Table(Account, "sors_accounts")


@dataclass(frozen=True)
class ApiKey:
    """An opaque string. A revoked one opens nothing and is never issued again."""

    id: int
    key: str = field(repr=False)
    created_at: datetime
    revoked_at: datetime | None = None

    @property
    def opens(self) -> bool:
        return self.revoked_at is None


KEYS = Table(ApiKey, "sors_keys", columns=("key",), unique=[("key",)])


def account(here: Emulation) -> Account:
    return here.store[Account].get(1) or Account()


def change(here: Emulation, **settings: object) -> Account:
    return here.store[Account].put(replace(account(here), **settings))  # type: ignore[arg-type]


def issue_key(here: Emulation) -> ApiKey:
    return here.store[ApiKey].add(ApiKey(here.ids.next("sors.key"), here.ids.token(40), here.clock.now))


def open_key(here: Emulation) -> ApiKey | None:
    """The newest key that still opens the API."""
    return next((k for k in here.store[ApiKey].all(order=[KEYS.c.id.desc()]) if k.opens), None)


def key_of(here: Emulation, secret: str) -> ApiKey | None:
    """The key with this text, open or revoked. Every key is compared whole, so that time tells nothing."""
    given, found = secret.encode(), None
    for one in here.store[ApiKey].all(order=[KEYS.c.id]):
        if hmac.compare_digest(one.key.encode(), given):
            found = one
    return found


def revoke_keys(here: Emulation, key: str = "") -> int:
    """Revoke this key, or all; how many were still open."""
    found = [k for k in here.store[ApiKey].all() if k.opens and key in ("", k.key)]
    here.store[ApiKey].put_all([replace(k, revoked_at=here.clock.now) for k in found])
    return len(found)
