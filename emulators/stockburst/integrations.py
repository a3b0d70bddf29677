"""Integrations: a store that is connected, by the plugin or by hand, and what StockBurst knows of its health.

Assumed: all of it, but for what the plugin's page says is exchanged.
"""

from __future__ import annotations

import string
from dataclasses import field, replace
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, TypedDict
from urllib.parse import urlsplit

from ..kernel import Emulation, Lifecycle, Table, dataclass
from .account import digest

BASE = "/api/integrations/woocommerce"
TOPICS = tuple(
    f"{thing}.{event}" for thing in ("product", "order", "customer") for event in ("created", "updated", "deleted")
)
INTERVAL = 3600  # seconds between two health signals
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LETTERS = string.ascii_letters + string.digits


class Link(Enum):
    """How StockBurst stands to the store."""

    CONNECTED = "connected"
    REFUSED = "refused"  # the store does not take the key any more: nothing is read until somebody connects again
    REMOVED = "removed"


# A new setup code or a new key opens a refused link again; nothing brings back what was removed.
LIFE = Lifecycle(
    {
        (Link.CONNECTED, "connect"): Link.CONNECTED,
        (Link.REFUSED, "connect"): Link.CONNECTED,
        (Link.CONNECTED, "refuse"): Link.REFUSED,
        (Link.REFUSED, "refuse"): Link.REFUSED,
        (Link.CONNECTED, "remove"): Link.REMOVED,
        (Link.REFUSED, "remove"): Link.REMOVED,
    }
)


class Registered(TypedDict):
    """A webhook as the plugin registered it."""

    id: int
    topic: str
    status: str
    delivery_url: str


@dataclass(frozen=True)
class Integration:
    """`tokens` counts the site tokens that were issued; the last one is kept as a digest only. The key pair opens the
    store and `secret` proves its webhooks: those StockBurst has to keep. `health` is the last signal as it came."""

    id: str
    number: int
    store_url: str
    link: Link = Link.CONNECTED
    by_hand: bool = False
    consumer_key: str = field(default="", repr=False)
    consumer_secret: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    tokens: int = 0
    token_digest: str = ""
    token_revoked_at: datetime | None = None
    connected_at: datetime | None = None
    removed_at: datetime | None = None
    pulled_at: datetime | None = None  # when the store was last read as a whole
    versions: dict[str, str] = field(default_factory=dict)
    webhooks: Annotated[list[dict[str, Any]], list[Registered]] = field(default_factory=list)
    health: dict[str, Any] = field(default_factory=dict)
    health_at: datetime | None = None
    problem: str = ""  # why the last work came to nothing, for people


INTEGRATIONS = Table(Integration, "stockburst_integrations", columns=("number", "store_url", "token_digest"))
C = INTEGRATIONS.c


# -- rules


def same_store(one: str, other: str) -> bool:
    """Whether two addresses are one store: the case of the host and a slash at the end mean nothing."""
    return _normal(one) == _normal(other)


def _normal(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url.strip())
        return parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/")
    except ValueError:
        return "", "", url


def safe_address(url: str) -> bool:
    """https, or this machine: a developer's sandbox has no certificate."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or parts.hostname in LOOPBACK)
    except ValueError:
        return False


def joined(old: Integration, now: datetime, **values: Any) -> Integration:
    """Connected, or connected again: what was known of its health is about the time before."""
    return replace(
        old, link=LIFE.after(old.link, "connect"), connected_at=now, health={}, health_at=None, problem="", **values
    )


# -- in the store


def live_one(here: Emulation, store_url: str) -> Integration | None:
    """The integration of this store that was not removed."""
    found = here.store[Integration].all(order=[C.number.desc()])
    return next((i for i in found if i.link is not Link.REMOVED and same_store(i.store_url, store_url)), None)


def newest(here: Emulation) -> Integration | None:
    return here.store[Integration].first(order=[C.number.desc()])


def live(here: Emulation) -> list[Integration]:
    return [i for i in here.store[Integration].all(order=[C.number]) if i.link is not Link.REMOVED]


def keep(here: Emulation, store_url: str, key: str, secret: str, **values: Any) -> Integration:
    """Connect this store: anew, or again where it is connected already, so that nothing is there twice."""
    old = live_one(here, store_url)
    if old is None:
        number = here.ids.next("stockburst.integration")
        id_ = f"int_{here.ids.token(16, string.ascii_lowercase + string.digits)}"
        old = Integration(id_, number, store_url.rstrip("/"), secret=here.ids.token(40, _LETTERS))
    made = joined(old, here.clock.now, consumer_key=key, consumer_secret=secret, **values)
    return here.store[Integration].put(made)


def token_of(here: Emulation, integration: Integration) -> str:
    """The site token that was issued last: drawn from the world's seed, so that the laboratory can say it again."""
    dice = here.ids.dice("stockburst", "site token", integration.id, integration.tokens)
    return "sbt_" + "".join(dice.choice(_LETTERS) for _ in range(40))


def issue_token(here: Emulation, integration: Integration) -> tuple[Integration, str]:
    """A new site token; the one before opens nothing any more."""
    counted = replace(integration, tokens=integration.tokens + 1, token_revoked_at=None)
    token = token_of(here, counted)
    return here.store[Integration].put(replace(counted, token_digest=digest(token))), token


def change(here: Emulation, id_: str, **values: Any) -> None:
    """Note something about an integration, as it is now."""
    if (now := here.store[Integration].get(id_)) is not None:
        here.store[Integration].put(replace(now, **values))


def delivery_url(here: Emulation, integration: Integration) -> str:
    return f"{here.root}{BASE}/incoming/{integration.id}"
