"""The account: its settings, its API keys, the people who use it, and what a new one holds."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime
from enum import Enum

from ..kernel import Emulation, Table, dataclass


class Profile(Enum):
    """Which KeyCRM answers: the one of the API document, or the one that public clients have seen live."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"


@dataclass(frozen=True)
class Account:
    """Settings of the account. `stock_webhook_attempts`: how often an unanswered stock webhook is sent in all.

    Guess: KeyCRM's help is silent about a second attempt of the stock webhook, so there is none unless switched on.
    """

    id: int = 1
    profile: Profile = Profile.DOCUMENTED
    currency: str = "UAH"
    requests_a_minute: int = 60
    stock_webhook_attempts: int = 1
    warehouse_id: int = 1  # where orders are shipped from unless somebody says otherwise


ACCOUNTS = Table(Account, "keycrm_accounts")


@dataclass(frozen=True)
class ApiKey:
    """An opaque string from Settings, General. A revoked one opens nothing and is never issued again."""

    id: int
    key: str = field(repr=False)
    name: str = ""
    created_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def opens(self) -> bool:
        return self.revoked_at is None


KEYS = Table(ApiKey, "keycrm_keys", columns=("key",), unique=[("key",)])


def account(here: Emulation) -> Account:
    return here.store[Account].get(1) or Account()


def observed(here: Emulation) -> bool:
    return account(here).profile is Profile.OBSERVED


def change(here: Emulation, **settings: object) -> Account:
    return here.store[Account].put(replace(account(here), **settings))  # type: ignore[arg-type]


def issue_key(here: Emulation, name: str = "") -> ApiKey:
    key = ApiKey(here.ids.next("keycrm.key"), here.ids.token(48), name, here.clock.now)
    return here.store[ApiKey].add(key)


def open_key(here: Emulation) -> ApiKey | None:
    """The newest key that still opens the API."""
    return next((k for k in here.store[ApiKey].all(order=[KEYS.c.id.desc()]) if k.opens), None)


def revoke_keys(here: Emulation, key: str = "") -> int:
    """Revoke this key, or all; how many were still open."""
    found = [k for k in here.store[ApiKey].all() if k.opens and key in ("", k.key)]
    here.store[ApiKey].put_all([replace(k, revoked_at=here.clock.now) for k in found])
    return len(found)
