"""A world: an isolated universe of state, clock, ids, faults and journal, in which all services live."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from .clock import Clock, ClockSetting, real_time
from .databases import Database, Databases, Image, is_full
from .emulator import Emulation, Emulator, enter, json_bytes
from .errors import ApiError, LabError
from .faults import Faults
from .following import Follower, Spoken
from .http import Answer, Outgoing, Request
from .ids import Ids
from .images import checked_image
from .jobs import Job
from .journal import MOST, Exchange, Journal
from .postman import Postman
from .services import Services
from .spelling import unknown
from .store import Store
from .tables import Table
from .webhooks import Delivery, Outbox
from .wire import send
from .words import fitted
from .worker import Worker

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class World:
    """One universe. Its functions are called from the event loop only, one at a time."""

    def __init__(
        self,
        name: str,
        services: Services,
        databases: Databases,
        *,
        seed: str,
        base_url: str,
        tables: dict[type[Any], Table[Any]],
        fresh: Callable[[World], Image] | None = None,
        copier: Callable[[World, str], World] | None = None,
        now: Callable[[], datetime] = real_time,
        check: bool = False,
        journal: int = MOST,
    ) -> None:
        self.name, self.services, self.seed, self.base_url = name, services, seed, base_url
        self._databases, self._tables, self._real, self._check = databases, tables, now, check
        self._fresh, self._copier = fresh, copier
        self.journal = Journal(most=journal)
        self.faults = Faults(seed)
        self.outbox = Outbox()
        # in the place of which a test may put another far end
        self.send: Callable[[Outgoing], Awaitable[Answer]] = partial(send, own=urlsplit(base_url).hostname or "")
        self.postman = Postman(self)
        self.worker = Worker(self)
        self.follower: Follower | None = None
        self.generation = 0  # grows when the state is replaced as a whole
        self._versions: dict[str, int] = {}
        self._memos: dict[Any, Any] = {}
        self.database: Database
        self.database, existed = databases.open(name)
        if existed:
            self._attach()
            self._recover()
        else:
            self.reset()

    def _recover(self) -> None:
        self.postman.recover()
        self.worker.recover()

    # -- state

    def _attach(self) -> None:
        """Look at the database anew: it was opened, or replaced as a whole."""
        self.generation += 1
        self._versions.clear()
        self._memos.clear()
        shared = self.database.shared
        self.store = Store(
            self.database.connection,
            self._tables,
            versions=self._versions,
            memos=None if shared else self._memos,
            lasting=self.database.lasting,
        )
        self.ids = Ids(self.store, self.seed)
        self._clock = self.store[ClockSetting].get(1) or ClockSetting()
        self.store.rollback()

    def reset(self) -> None:
        """As a new world is: fresh accounts, no faults, an empty journal, the clock live."""
        self._forget()
        self.faults.clear()
        self.journal.clear()
        if self._fresh is not None:
            self.database.reset(self._fresh(self))
            self._attach()
            if self.worker.next_due() is not None:  # something stands from the first day
                self.postman.wake()
            return
        self.database.reset(None)
        self._attach()
        for emulator in self.services.emulators.values():
            with self.visit(emulator) as here:
                emulator.fresh(here)

    def _forget(self) -> None:
        self.postman.forget()
        self.worker.forget()

    def image(self) -> Image:
        self.store.rollback()
        self.store.sequences.write()
        self.store.commit()
        return self.database.image()

    def save(self, snapshot: str) -> None:
        self._databases.save(self.name, snapshot, self.image())

    def restore(self, snapshot: str) -> None:
        self.become(self._databases.load(self.name, snapshot))

    def become(self, image: Image) -> None:
        self._forget()
        self.database.reset(image)
        self._attach()
        self._recover()
        self.postman.wake()

    def exported(self, snapshot: str) -> Image:
        """A snapshot as a file's content."""
        return self._databases.load(self.name, snapshot)

    async def keep(self, snapshot: str, image: Image) -> None:
        """Keep a file's content as a snapshot; `LabError` when it is none of ours. A large one is looked at for a
        while, beside whatever else is asked."""
        checked = await asyncio.to_thread(checked_image, image, self.database.shared)
        self._databases.save(self.name, snapshot, checked)

    def snapshots(self) -> list[str]:
        return self._databases.snapshots(self.name)

    def close(self) -> None:
        self.generation += 1
        self.postman.stop()
        self.database.close()

    # -- time

    @property
    def now(self) -> datetime:
        return self._clock.time(self._real())

    @property
    def clock(self) -> ClockSetting:
        return self._clock

    def read_clock(self) -> None:
        """Within a transaction: look at the clock anew where another server may have moved it."""
        if self.database.shared:
            self._clock = self.store[ClockSetting].get(1) or ClockSetting()

    def set_clock(self, setting: ClockSetting) -> None:
        self._clock = setting
        self.store[ClockSetting].put(setting)
        self.store.commit()
        self.postman.wake()

    def real_seconds_until(self, moment: datetime) -> float | None:
        """How long to wait in real time; None while the clock is frozen before it."""
        seconds = (moment - self.now).total_seconds()
        if seconds <= 0:
            return 0.0
        return None if self._clock.frozen_at is not None else seconds

    async def advance(self, seconds: float) -> None:
        """Move the clock by exactly this; everything that falls due on the way happens in its order and at its time.
        What that takes in real time does not count."""
        await self._advanced(seconds)
        self._complain()

    async def _advanced(self, seconds: float) -> None:
        due = self.postman.next_due()
        goal = self._clock.advanced(seconds)
        target = goal.time(self._real())
        while due is not None and due <= target:
            ahead = (due - self.now).total_seconds()
            if ahead > 0:
                self.set_clock(self._clock.advanced(ahead))
            await self.postman.settle()
            due = self.postman.next_due()
        real, clock = self._real(), self._clock
        as_before = (clock.frozen_at is None) == (goal.frozen_at is None)  # else somebody froze or freed it meanwhile
        if as_before and goal.time(real) > clock.time(real):
            self.set_clock(goal)

    async def run_until_idle(self, *, most: timedelta = timedelta(days=30)) -> None:
        """Move the clock to whatever is due next, until nothing is but jobs that come again and again."""
        end = self.now + most
        await self.postman.settle()
        while (due := self.postman.next_due(standing=False)) is not None and due <= end:
            await self._advanced(max(0.0, (due - self.now).total_seconds()))
            await self.postman.settle()
        self._complain()

    async def settle(self) -> None:
        """Send and do everything that is due now."""
        await self.postman.settle()
        self._complain()

    def _complain(self) -> None:
        """Where our own work is checked, a job that failed is told to whoever waited for it."""
        if self._check:
            self.worker.complain()

    # -- work

    def url(self, service: str) -> str:
        return f"{self.base_url}/{service}"

    @contextmanager
    def visit(self, emulator: Emulator, request: Request | None = None) -> Iterator[Emulation]:
        """One transaction of one service: kept when the block ends well, undone when it raises. What may change
        something is alone in its world, also where several servers share it."""
        store = self.store
        if request is None or request.method not in _READING:
            store.be_alone()
        self.read_clock()
        here = Emulation(
            emulator=emulator,
            store=store,
            clock=Clock(self.now),
            ids=self.ids,
            root=request.root if request else self.url(emulator.name),
            request=request,
            outbox=self.outbox,
            fetcher=self._fetch,
            faults=self.faults,
            copier=self._copied,
            world=self.name,
        )
        enter(here)
        changes = store.changes
        try:
            yield here
            store.commit()
        except BaseException as bad:
            store.rollback()
            if store.changes != changes:  # what was remembered of them is no longer so
                self._memos.clear()
            if is_full(bad):
                raise LabError(self._full(), status=507, code="world_full") from None
            raise
        if here.queued:
            self._call_the_postman(here.queued)

    def _call_the_postman(self, queued: Iterable[Delivery | Job]) -> None:
        if self.follower:
            for record in queued:
                self.follower.queued(record)
        self.postman.wake()

    def following(self, what: Delivery | Job | Spoken) -> AbstractContextManager[None]:
        """While this is done, whoever follows knows of what it is a part."""
        return self.follower.during(what) if self.follower else nullcontext()

    def _full(self) -> str:
        if self.database.lasting:
            return "the disk is full: nothing of this was kept. Make room where --data is, and ask again."
        return (
            f"world {self.name!r} is full: nothing of this was kept. In memory a world holds 1 GiB; reset it, or start "
            "the sandbox with --data, where there is no such limit."
        )

    def _copied(self, name: str) -> str:
        if self._copier is None:
            raise LabError("this world cannot be copied")
        self.store.commit()
        return self._copier(self, name).base_url

    async def _fetch(self, here: Emulation, outgoing: Outgoing) -> Answer:
        self.store.commit()
        if here.queued:
            self._call_the_postman(here.queued)
        fault = self.faults.call_back(here.emulator.name, here.operation, self.now) if here.operation else None
        name = fault.kind if fault else ""
        answer = await self.sent(here.emulator.name, outgoing, fault=name, operation=here.job)
        self.store.be_alone()
        self.read_clock()
        enter(here)
        here.clock = Clock(self.now)
        return answer

    async def sent(self, service: str, outgoing: Outgoing, *, fault: str = "", operation: str = "") -> Answer:
        """Send, and write it into the journal. `LabError` when the world is another one by the time of the answer:
        whoever waited must not go on with what no longer is."""
        generation = self.generation
        if self.follower:
            outgoing = self.follower.marked(outgoing)
        if fault == "unreachable":
            answer = Answer(None, error="nobody listens there (fault)")
        elif fault == "drop":
            return Answer(200)
        else:
            answer = await self.send(outgoing)
        if fault == "unheard":
            answer = Answer(None, error="the answer was lost (fault)", seconds=answer.seconds)
        if self.generation != generation:
            raise LabError(
                "the world was reset, restored or dropped while a request of its own was under way",
                status=409,
                code="world_replaced",
            )
        self.journal.add(
            Exchange(
                number=self.journal.next_number(),
                at=self.now,
                direction="out",
                service=service,
                operation=operation,
                method=outgoing.method,
                url=outgoing.url,
                request_headers=outgoing.headers,
                request_body=outgoing.body,
                status=answer.status,
                response_headers=answer.headers,
                response_body=answer.body,
                seconds=answer.seconds,
                reason=answer.error,
                fault=fault,
                secret_names=self.services[service].secrets,
            )
        )
        return answer

    async def do(self, service: str, words: str, arguments: Mapping[str, Any]) -> Any:
        """A move."""
        emulator = self.services[service]
        return await self._spoken(emulator, "move", emulator.moves, words, arguments)

    async def set_state(self, service: str, words: str, arguments: Mapping[str, Any]) -> Any:
        """A named situation."""
        emulator = self.services[service]
        return await self._spoken(emulator, "state", emulator.states, words, arguments)

    async def fact(self, service: str, words: str, arguments: Mapping[str, Any]) -> Any:
        emulator = self.services[service]
        return await self._spoken(emulator, "fact", emulator.facts, words, arguments)

    async def _spoken(
        self,
        emulator: Emulator,
        kind: str,
        vocabulary: Mapping[str, Callable[..., Any]],
        words: str,
        arguments: Mapping[str, Any],
    ) -> Any:
        if words not in vocabulary:
            told = unknown(f"{emulator.name} has no {kind}", words, sorted(vocabulary))
            raise LabError(told, status=404, code=f"unknown_{kind}")
        function, title = vocabulary[words], f"{kind} {words!r} of {emulator.name}"
        try:
            with self.following(Spoken(emulator.name, kind, words)), self.visit(emulator) as here:
                bound = fitted(title, function, here, arguments)
                result = function(*bound.args, **bound.kwargs)
                if inspect.isawaitable(result):
                    result = await result
                json_bytes(result)
        except ApiError as refused:  # the vendor's own rules, which hold for its people too
            told = "; ".join(map(str, filter(None, (refused.message, refused.detail or ""))))
            raise LabError(f"{title}: {told or type(refused).__name__}", code="refused") from None
        return result

    def credentials(self, service: str) -> dict[str, Any]:
        emulator = self.services[service]
        with self.visit(emulator) as here:
            return emulator.credentials(here)
