"""What a connector is: data with functions, found by the name of its module in `connectors/`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from jsonschema_rs import validator_for

from .book import Book, Connection
from .errors import SyncError
from .inbox import Malformed, News, Notice, told
from .transport import Http

if TYPE_CHECKING:
    from .desk import Desk
    from .joining import Joined, Joining

KEYS = ("consumer_key", "consumer_secret")
ADMIN = ("admin",)


class BadSettings(SyncError):
    """What the merchant entered cannot be right. The message names the setting."""


@dataclass(frozen=True)
class Phase:
    """One step of a run: at most one call, to `service` ("store", "backend" or none at all). `do` returns in a few
    words what was done, after it has noted what came of it and where the run goes on."""

    service: str
    do: Callable[[Desk], str]


def _never(settings: Mapping[str, Any]) -> float | None:
    return None


@dataclass(frozen=True)
class Kind:
    """A sort of run: its first phase, and its rank among runs that could go on (lowest first). `every`: seconds from
    the start of one that was due to the next one, by these settings; None: it does not come again by itself."""

    first: str
    rank: int
    every: Callable[[Mapping[str, Any]], float | None] = _never


@dataclass(frozen=True)
class HookCall:
    """A request to one of the plugin's own routes, which has shown what its guard wants to see. Header names are
    lower case."""

    connection: Connection
    body: bytes = field(repr=False)
    now: datetime
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)


Guard = Literal["token", "signature", "none"]


@dataclass(frozen=True)
class Hook:
    """A route that the vendor's plugin has in the store. One of webhooks has `hear`: what there is to know, and the
    answer with its status. It touches nothing, so that whoever sends a flood of them waits for nobody. Others have
    `take`, which notes what came in the ledger, and answers (a text is a page for a browser). A route with neither
    runs a push.

    `guard`: "token" in the address; "signature" of a WooCommerce webhook of the store that is connected; "none" where
    `take` itself knows whom it may believe.
    """

    name: str
    method: str
    path: str
    hear: Callable[[HookCall], tuple[News, Any, int]] | None = None
    take: Callable[[HookCall, Book], tuple[Any, int]] | None = None
    guard: Guard = "token"


def _no_client(url: str, credentials: Mapping[str, Any], settings: Mapping[str, Any], http: Http) -> Any:
    raise NotImplementedError


def _no_check(client: Any) -> None:
    """Nothing to ask."""


def _both(joining: Joining) -> Joined:
    from .joining import both_checked

    return both_checked(joining)


def _nothing_to_do(hooks: Mapping[str, str], settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    return []


@dataclass(frozen=True)
class Connector:
    """`gap` is the least number of seconds between two calls to the backend with one key.

    credentials what the merchant enters of the backend; `defaults` proposes some of them
    needs       what of the store: its keys, or the admin who clicks, in whose name the plugin makes keys and webhooks
    shape       the settings: a JSON Schema for each, with its default
    settings    holds settings of the right shape against each other, and may complete them; `BadSettings`
    client      the backend's client for these credentials and settings (under "learned": what was learned)
    check       one request that shows whether the credentials are good; `GiveUp` when not
    join        what happens on the click; `Refused`, and then it has taken back what it had done so far
    confirm     what happens when the merchant confirms what `join` began, where it takes that
    leave       what happens on disconnect, before all secrets are forgotten; what it could not do, for people
    due         which kinds of run should be open now, besides those (the set) that are
    buttons     the kinds of run that a person may start
    meaning     settings that give the backend's numbers another meaning: changed, what was known is not known any more
    todo        what a person must do in the backend's cabinet, as moves: {service, move, args}
    """

    name: str
    title: str
    gap: float
    credentials: Sequence[str]
    phases: Mapping[str, Phase]
    kinds: Mapping[str, Kind]
    due: Callable[[Book, Connection, set[str], datetime], list[str]]
    shape: Mapping[str, Any] = field(default_factory=dict)
    settings: Callable[[dict[str, Any]], dict[str, Any]] = dict
    client: Callable[[str, Mapping[str, Any], Mapping[str, Any], Http], Any] = _no_client
    check: Callable[[Any], None] = _no_check
    defaults: Mapping[str, str] = field(default_factory=dict)
    needs: Sequence[str] = KEYS
    join: Callable[[Joining], Joined] = _both
    confirm: Callable[[Joining], Joined] | None = None
    leave: Callable[[Joining], str] | None = None
    buttons: Sequence[str] = ()
    todo: Callable[[Mapping[str, str], Mapping[str, Any]], list[dict[str, Any]]] = _nothing_to_do
    meaning: Sequence[str] = ()
    hooks: Sequence[Hook] = field(default_factory=tuple)

    @property
    def schema(self) -> dict[str, Any]:
        """Of the settings as a whole."""
        return {"type": "object", "additionalProperties": False, "properties": dict(self.shape)}

    def chosen(self, entered: Mapping[str, Any]) -> dict[str, Any]:
        """The settings that were entered, and the defaults of the rest; `BadSettings`."""
        if unknown := sorted(entered.keys() - self.shape.keys()):
            there = ", ".join(self.shape) or "none"
            raise BadSettings(f"unknown setting {', '.join(unknown)}; there are {there}")
        for error in validator_for(self.schema).iter_errors(dict(entered)):
            raise BadSettings(f"{'.'.join(map(str, error.instance_path))}: {str(error.message).splitlines()[0][:200]}")
        return self.settings({**{name: part.get("default") for name, part in self.shape.items()}, **entered})


def due_by_schedule(inbox: Mapping[str, str]) -> Callable[[Book, Connection, set[str], datetime], list[str]]:
    """`due` of a connector whose runs come by their schedule, or because something lies in the inbox: `inbox` names
    the kind of run for each kind of entry."""

    def due(book: Book, connection: Connection, going: set[str], now: datetime) -> list[str]:
        kinds = book.timetable.due(connection.id, now)
        kinds += [run for entry, run in inbox.items() if book.inbox.has(connection.id, entry)]
        return [kind for kind in dict.fromkeys(kinds) if kind not in going]

    return due


def hear_webhook(call: HookCall, kind: str) -> tuple[News, dict[str, Any], int]:
    """Which thing of this kind a webhook of WooCommerce's tells of, for the run that sees to them. One of another kind
    is nobody's mistake (somebody made it by hand, with this address), and no run would ever see to it."""
    if call.headers.get("x-wc-webhook-topic", "").split(".")[:-1] != [kind]:
        return News(), {"noted": None}, 200
    try:
        what = told(call.headers, call.body)
    except Malformed as bad:
        topic = call.headers.get("x-wc-webhook-topic", "a webhook")[:80]
        unusable = News(unusable={topic: f"a delivery could not be used: {bad}"})
        return unusable, {"code": "malformed", "message": str(bad)}, 422
    found = Notice(what.kind, str(what.id), what.topic[:80])
    return News(notices=(found,)), {"noted": what.kind, "id": what.id}, 200


def hearing(kind: str) -> Callable[[HookCall], tuple[News, Any, int]]:
    """`hear` of a hook for webhooks about things of this kind: "order"."""
    return lambda call: hear_webhook(call, kind)


@cache
def connectors() -> dict[str, Connector]:
    from . import connectors as package
    from .handoff import offered

    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        connector: Connector = importlib.import_module(f"{package.__name__}.{module.name}").CONNECTOR
        found[connector.name] = offered(connector)
    return found
