"""What an emulator is, and where its functions find the world they run in.

An emulator is data with functions: one `Emulator` value per vendor, made in the vendor's `__init__.py`,
found by the name of its folder. Its vocabulary (states, moves, facts) serves contracts, scenarios, the
CLI, the console, the control API and the fuzzers alike.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from .errors import ApiError, Problem
from .http import Answer, Outgoing, Reply, Request
from .jobs import Job, Work, cancel, queue

if TYPE_CHECKING:
    from .clock import Clock
    from .faults import Faults
    from .ids import Ids
    from .operations import Operation
    from .store import Store
    from .tables import Table
    from .webhooks import Delivery, Outbox, Webhooks

State = Callable[..., Any]
"""A named situation: `def a_store(here, sku="MUG")`. Every argument but `here` has a default; doing it
twice is harmless. May return a JSON object of what it made (ids, keys): contracts inject such values."""

Move = Callable[..., Any]
"""What a person or the vendor does behind the API: `def approve(here, link="lnk_1")`. May be async.
Returns a JSON value worth showing, or None. Raises `LabError` when it cannot be done now."""

Fact = Callable[..., Any]
"""What the vendor now believes: `def stock(here) -> {"MUG": 12}`. Reads only; returns JSON."""


def json_bytes(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)


def _nothing(here: Emulation) -> None:
    """An account in which nothing was ever done."""


def _open_door(here: Emulation, request: Request, operation: Operation | None) -> None:
    """No authentication."""


def _as_it_came(request: Request) -> Request:
    return request


def _as_it_is(here: Emulation, request: Request, operation: Operation | None, reply: Reply) -> Reply:
    return reply


@dataclass(frozen=True)
class Emulator:
    """One vendor.

    The life of a request: `incoming` may rewrite it (method override, trailing slash) -> the operation is
    found in `openapi/<name>.yaml` -> `authenticate` raises the vendor's refusal or keeps who it is with
    `here.caller = ...` (it runs also when no operation was found) -> `not_found` if there is none ->
    `read` turns the request into the keyword arguments of the handler -> the handler `operationId`
    ("stock.set_level" is `set_level` in `stock.py`) -> `outgoing` may add headers or an envelope.
    Any `ApiError` on the way is turned into the answer by `render_error`.
    """

    name: str
    package: str  # the Python package of the handlers: `__name__` of the vendor's __init__
    title: str
    tables: Sequence[Table[Any]]
    render_error: Callable[[ApiError], Reply]
    not_found: Callable[[Request], ApiError]
    refusal: Callable[[Sequence[Problem]], ApiError]
    server_error: Callable[[int], ApiError]  # the vendor's own words for a 500, 502, 503, 429 ... (faults)
    states: Mapping[str, State] = field(default_factory=dict)
    moves: Mapping[str, Move] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    jobs: Mapping[str, Work] = field(default_factory=dict)  # what the vendor does by itself: `Emulation.later`
    fresh: Callable[[Emulation], None] = _nothing
    credentials: Callable[[Emulation], dict[str, Any]] = lambda here: {}
    authenticate: Callable[[Emulation, Request, Operation | None], None] = _open_door
    incoming: Callable[[Request], Request] = _as_it_came
    outgoing: Callable[[Emulation, Request, Operation | None, Reply], Reply] = _as_it_is
    read: Callable[[Request, Operation, dict[str, str]], dict[str, Any]] | None = None  # None: arguments.read
    encode: Callable[[Any], bytes] = json_bytes
    content_type: str = "application/json"
    webhooks: Webhooks | None = None
    secrets: frozenset[str] = frozenset()  # lower-case names of headers, parameters and fields to mask


@dataclass
class Emulation:
    """One vendor in one world during one request, move, state, fact or job. `emulation()` finds it."""

    emulator: Emulator
    store: Store
    clock: Clock
    ids: Ids
    root: str  # address of this service in this world, no slash at the end
    request: Request | None
    outbox: Outbox
    fetcher: Callable[[Emulation, Outgoing], Awaitable[Answer]]
    faults: Faults  # of the world: what stands between a service and its callers is a matter for moves
    copier: Callable[[str], str]
    world: str = ""
    caller: Any = None
    allow: tuple[str, ...] = ()  # the methods of the path that was asked for; empty: the path is unknown
    reason: str = ""
    queued: list[Delivery | Job] | None = None  # the world's postman is called when this is committed
    job: str = ""  # the name of the job under way, if it is one
    operation: str = ""  # the name of the operation under way, if it is one

    def has_queued(self, record: Delivery | Job) -> None:
        if self.queued is None:
            self.queued = []
        self.queued.append(record)

    def explain(self, reason: str) -> None:
        """Why this was refused, for the journal; the vendor's body stays as it is. Never a credential."""
        self.reason = reason

    def deliver(self, subscription: str, event: Mapping[str, Any], *, after: float = 0.0, once: bool = False) -> None:
        """Queue one webhook delivery in this transaction, due `after` seconds from now.

        `event` is JSON; `emulator.webhooks.build` turns it into a request when it is due. With `once`, nothing
        is queued when the same subscription already has the same event pending.
        """
        self.outbox.add(self, subscription, event, after=after, once=once)

    def later(
        self,
        name: str,
        event: Mapping[str, Any] | None = None,
        *,
        after: float = 0.0,
        every: float = 0.0,
        once: bool = False,
    ) -> None:
        """Queue one of the emulator's jobs in this transaction, due `after` seconds from now.

        `event` is JSON. With `every`, at least one second, the job stands: it comes again and again until it is
        cancelled. With `once`, the same job with the same event waits once, for the earlier of both times; one that
        stands stays as it is.
        """
        queue(self, name, event or {}, after=after, every=every, once=once)

    def cancel(self, name: str, event: Mapping[str, Any] | None = None) -> int:
        """Take jobs of this name out of the queue, with this event or, without one, all; how many there were. What
        is under way goes on, and does not come again."""
        return cancel(self, name, event)

    def copy_world(self, name: str) -> str:
        """Make a world of this name like this one, or make it so again; the address of this service there. What was
        written so far is committed first. Copies go when the world goes from which they were made."""
        address = f"{self.copier(name)}/{self.emulator.name}"
        enter(self)
        return address

    async def fetch(self, outgoing: Outgoing) -> Answer:
        """Send a request now. What was written so far is committed first; nothing is locked meanwhile."""
        return await self.fetcher(self, outgoing)


_here: ContextVar[Emulation] = ContextVar("emulation")


def emulation() -> Emulation:
    """The world and vendor of the request being handled: the only global, only here."""
    return _here.get()


def enter(here: Emulation) -> None:
    _here.set(here)


__all__ = ["Emulation", "Emulator", "Fact", "Move", "State", "emulation", "enter", "json_bytes"]
