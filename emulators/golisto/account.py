"""What Golisto itself knows in secret, and what named situations hand out."""

from __future__ import annotations

from dataclasses import field

from ..kernel import Emulation, Table, dataclass
from . import merchants

MERCHANT = "merchant@golisto.example"


@dataclass(frozen=True)
class Account:
    """`salt` is what site tokens are derived with. The other two are given by the named situations: they are the same
    whatever happened before, so that whoever was told them beforehand can use them."""

    id: int = 1
    salt: str = field(default="", repr=False)
    site_token: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)


ACCOUNTS = Table(Account, "golisto_accounts")


def fresh(here: Emulation) -> None:
    """One merchant without a store."""
    merchants.add(here, MERCHANT)
    here.store[Account].put(Account(1, here.ids.token(32), here.ids.token(48), here.ids.token(48)))


def account(here: Emulation) -> Account:
    found = here.store[Account].get(1)
    assert found is not None
    return found
