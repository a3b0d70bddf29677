"""The business account, the setup codes it issues, and who has guessed at them.

Source: StockBurst Connector plugin page (a one-time code, generated under Business Settings, Integration,
WooCommerce; an active account is needed). Assumed: what a code looks like, its 15 minutes, that a newer one replaces
it, five wrong ones in a row.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

from ..kernel import Emulation, Table, dataclass

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is mistaken for something else when read aloud
LIFETIME = timedelta(minutes=15)
WRONG_CODES = 5  # and then no more is looked at ...
LOCKED_FOR = timedelta(minutes=15)  # ... for so long


@dataclass(frozen=True)
class Account:
    """One business."""

    id: int = 1
    name: str = "Karoo Traders"
    active: bool = True


ACCOUNTS = Table(Account, "stockburst_accounts")


@dataclass(frozen=True)
class SetupCode:
    """The code itself is shown once and not kept: only what can be recognised of it."""

    id: int
    digest: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    replaced_at: datetime | None = None  # when a newer one was issued


CODES = Table(SetupCode, "stockburst_codes", columns=("digest",), indexes=[("digest",)])


@dataclass(frozen=True)
class Guesser:
    """A caller that tried codes which nobody was given. A wrong code names no account, so callers are counted."""

    caller: str
    wrong: int = 0
    last_at: datetime | None = None
    locked_until: datetime | None = None


GUESSERS = Table(Guesser, "stockburst_guessers", key="caller")


class Verdict(Enum):
    GOOD = "good"
    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"


# -- rules


def plain(code: str) -> str:
    """As it is meant, however it was typed."""
    return code.strip().upper()


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def judged(code: SetupCode | None, now: datetime) -> Verdict:
    if code is None:
        return Verdict.UNKNOWN
    if code.used_at is not None:
        return Verdict.USED
    return Verdict.EXPIRED if now >= code.expires_at or code.replaced_at is not None else Verdict.GOOD


def guessed(guesser: Guesser, now: datetime) -> Guesser:
    """One wrong code more. Those from before a quiet spell do not count."""
    quiet = guesser.last_at is not None and now - guesser.last_at >= LOCKED_FOR
    wrong = 1 if quiet else guesser.wrong + 1
    if wrong >= WRONG_CODES:
        return replace(guesser, wrong=0, last_at=now, locked_until=now + LOCKED_FOR)
    return replace(guesser, wrong=wrong, last_at=now)


def seconds_locked(guesser: Guesser | None, now: datetime) -> float:
    """How long nothing of this caller is looked at; 0 when it is."""
    if guesser is None or guesser.locked_until is None:
        return 0.0
    return max(0.0, (guesser.locked_until - now).total_seconds())


# -- in the store


def account(here: Emulation) -> Account:
    return here.store[Account].get(1) or Account()


def set_active(here: Emulation, active: bool) -> None:
    here.store[Account].put(replace(account(here), active=active))


def spelled(here: Emulation, number: int) -> str:
    """The code of this number: drawn from the world's seed, so that the laboratory can say it again."""
    dice = here.ids.dice("stockburst", "setup code", number)
    letters = "".join(dice.choice(ALPHABET) for _ in range(8))
    return f"SB-{letters[:4]}-{letters[4:]}"


def issue_code(here: Emulation, code: str = "") -> tuple[SetupCode, str]:
    """A new code, and how it reads. Those that were open till now are not taken any more."""
    now, codes = here.clock.now, here.store[SetupCode]
    open_ones = [c for c in codes.all(order=[CODES.c.id]) if judged(c, now) is Verdict.GOOD]
    codes.put_all([replace(c, replaced_at=now) for c in open_ones])
    number = here.ids.next("stockburst.code")
    said = plain(code) or spelled(here, number)
    return codes.add(SetupCode(number, digest(said), now, now + LIFETIME)), said


def the_code(here: Emulation, said: str) -> SetupCode | None:
    """The newest with these letters."""
    return here.store[SetupCode].first(CODES.c.digest == digest(plain(said)), order=[CODES.c.id.desc()])


def burn(here: Emulation, code: SetupCode) -> None:
    here.store[SetupCode].put(replace(code, used_at=here.clock.now))


def open_code(here: Emulation) -> str:
    """The code that would be taken now, if the laboratory drew it itself."""
    for code in here.store[SetupCode].all(order=[CODES.c.id.desc()]):
        said = spelled(here, code.id)
        if judged(code, here.clock.now) is Verdict.GOOD and digest(said) == code.digest:
            return said
    return ""
