"""A connector: one shop that is connected, its settings, and where it is in its life."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, TypedDict

from ..kernel import Emulation, Lifecycle, Table, dataclass
from ..shop import Shop
from .errors import NotFound
from .presets import Preset, flows

AGENT = "SpotlerConnect/1.0"
POLL = 300.0  # seconds between two looks at the products of a shop


class State(Enum):
    VALIDATING = "validating"
    IMPORTING = "importing"
    ACTIVE = "active"
    ERROR = "error"
    PAUSED = "paused"
    REMOVED = "removed"


_LIVING = (State.VALIDATING, State.IMPORTING, State.ACTIVE, State.ERROR, State.PAUSED)
# Assumed: the states. What was imported once is not imported from the start again after a pause or a mistake.
LIFE = Lifecycle(
    {
        (State.VALIDATING, "accept"): State.IMPORTING,
        (State.IMPORTING, "finish import"): State.ACTIVE,
        (State.IMPORTING, "fail"): State.ERROR,
        (State.ACTIVE, "fail"): State.ERROR,
        (State.ERROR, "recover"): State.ACTIVE,
        (State.ERROR, "start import again"): State.IMPORTING,
        (State.IMPORTING, "pause"): State.PAUSED,
        (State.ACTIVE, "pause"): State.PAUSED,
        (State.ERROR, "pause"): State.PAUSED,
        (State.PAUSED, "recover"): State.ACTIVE,
        (State.PAUSED, "start import again"): State.IMPORTING,
        **{(state, "remove"): State.REMOVED for state in _LIVING},
    }
)
WORKING = (State.IMPORTING, State.ACTIVE)


class SeenWebhook(TypedDict):
    id: int | None  # None: the shop has none
    status: str


@dataclass(frozen=True)
class Connector:
    """`webhooks`: by topic, its number in the shop and the status it was last seen in. `heard_until`: while a webhook
    of orders is out of order, up to when everything is known to have arrived. `problem`: {code, message}."""

    id: int
    state: State
    shop_url: str
    name: str = ""
    timezone: str = "UTC"
    preset: Preset = Preset.E_FULFILMENT
    consumer_key: str = field(default="", repr=False)
    consumer_secret: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    address: str = ""  # of this service, as the shop reaches it
    opt_in_strategy: str = "both"
    checkout_abandon_minutes: int = 30
    version: str = ""
    problem: dict[str, str] | None = None
    webhooks: Annotated[dict[str, dict[str, Any]], dict[str, SeenWebhook]] = field(default_factory=dict)
    created_at: datetime | None = None
    imported_at: datetime | None = None
    polled_at: datetime | None = None
    compared_at: datetime | None = None
    heard_until: datetime | None = None
    silent_polls: int = 0
    removed_at: datetime | None = None

    @property
    def is_alive(self) -> bool:
        return self.state is not State.REMOVED

    def carries(self, kind: str, direction: str) -> bool:
        return flows(self.preset, kind, direction)

    def hook(self, topic: str) -> str:
        return f"{self.address}/connectors/{self.id}/webhooks/{topic}"


CONNECTORS = Table(Connector, "spotler_connectors", columns=("shop_url",))


def found(here: Emulation, number: int) -> Connector:
    """Errors: 404. A connector that was removed can still be looked at."""
    connector = here.store[Connector].get(number)
    if connector is None:
        raise NotFound(f"There is no connector {number}.")
    return connector


def alive(here: Emulation) -> list[Connector]:
    return [one for one in here.store[Connector].all(order=[CONNECTORS.c.id]) if one.is_alive]


def newest(here: Emulation) -> Connector | None:
    """The one that was made last and is still there."""
    return next(iter(reversed(alive(here))), None)


def changed(here: Emulation, number: int, **values: Any) -> Connector:
    """The connector as it is kept now, with these values."""
    return here.store[Connector].put(replace(found(here, number), **values))


def moved(here: Emulation, number: int, event: str, **values: Any) -> Connector:
    """In the state that follows. Raises `NotAllowed`."""
    connector = found(here, number)
    return here.store[Connector].put(replace(connector, state=LIFE.after(connector.state, event), **values))


def shop_of(here: Emulation, connector: Connector) -> Shop:
    return Shop.of(here, connector.shop_url, connector.consumer_key, connector.consumer_secret, agent=AGENT)


def carrying(here: Emulation, kind: str, direction: str) -> list[Connector]:
    """Connectors at work that move this kind of data this way."""
    return [c for c in alive(here) if c.state in WORKING and c.carries(kind, direction)]
