"""What a connector is: data with functions, found by the name of its module in `connectors/`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from .book import Book, Connection
from .errors import SyncError
from .transport import Http

if TYPE_CHECKING:
    from .desk import Desk


class BadSettings(SyncError):
    """What the merchant entered cannot be right. The message names the setting."""


@dataclass(frozen=True)
class Phase:
    """One step of a run: at most one call, to `service` ("store", "backend" or none at all). `do` returns in a few
    words what was done, after it has noted what came of it and where the run goes on."""

    service: str
    do: Callable[[Desk], str]


@dataclass(frozen=True)
class Kind:
    """A sort of run: its first phase, and its rank among runs that could go on (lowest first)."""

    first: str
    rank: int


@dataclass(frozen=True)
class HookCall:
    """A request to one of the plugin's own routes, its token already checked."""

    book: Book
    connection: Connection
    body: bytes
    now: datetime


@dataclass(frozen=True)
class Hook:
    """A route that the vendor's plugin has in the store. `take` notes what came; `push` routes run a push instead."""

    name: str
    method: str
    path: str
    take: Callable[[HookCall], tuple[dict[str, Any], int]] | None = None


@dataclass(frozen=True)
class Connector:
    """`gap` is the least number of seconds between two calls to the backend with one key.

    settings    checks what the merchant entered and fills in defaults; `BadSettings`
    client      the backend's client for these credentials and settings
    check       one request that shows whether the credentials are good; `GiveUp` when not
    due         which kinds of run should be open now, besides those (the set) that are
    meaning     settings that give the backend's numbers another meaning: changed, what was known is not known any more
    todo        what a person must do in the backend's cabinet, as moves: {service, move, args}
    """

    name: str
    title: str
    gap: float
    credentials: Sequence[str]
    settings: Callable[[Mapping[str, Any]], dict[str, Any]]
    client: Callable[[str, Mapping[str, Any], Mapping[str, Any], Http], Any]
    check: Callable[[Any], None]
    phases: Mapping[str, Phase]
    kinds: Mapping[str, Kind]
    due: Callable[[Book, Connection, set[str], datetime], list[str]]
    todo: Callable[[Mapping[str, str], Mapping[str, Any]], list[dict[str, Any]]]
    meaning: Sequence[str] = ()
    hooks: Sequence[Hook] = field(default_factory=tuple)


@cache
def connectors() -> dict[str, Connector]:
    from . import connectors as package

    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        connector: Connector = importlib.import_module(f"{package.__name__}.{module.name}").CONNECTOR
        found[connector.name] = connector
    return found
