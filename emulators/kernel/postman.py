"""The postman of a world: sends what is due, in order for each subscription, side by side for different ones. What
else is due, the jobs of the vendors, is done on the same round."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .emulator import Emulator
from .errors import LabError
from .faults import DELIVERY_KINDS, Fault
from .http import Answer, Outgoing
from .statements import Statement
from .webhooks import DELIVERIES, Delivery

if TYPE_CHECKING:
    from .world import World

AT_ONCE = 50  # deliveries read per round
C = DELIVERIES.c
_FIRST_DUE = Statement(sa.select(sa.func.min(C.due_at, type_=C.due_at.type)).where(C.status == "pending"))


class Postman:
    """`held` keeps every delivery in the queue until it is released: to pile events up, or to look at them first."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.held = False
        self._last: dict[tuple[str, str], Outgoing] = {}  # what was sent last, by service and address
        self._task: asyncio.Task[None] | None = None
        self._wakeup: asyncio.Event | None = None
        self._busy = asyncio.Lock()

    def wake(self) -> None:
        """Something was queued or time was moved. Without a running event loop there is nobody to wake."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._wakeup = asyncio.Event()
            self._busy = asyncio.Lock()
            self._task = loop.create_task(self._round_and_round(self._wakeup))
        assert self._wakeup is not None
        self._wakeup.set()

    def stop(self) -> None:
        if self._task is not None and not self._task.done() and not self._task.get_loop().is_closed():
            self._task.cancel()
        self._task = None

    def forget(self) -> None:
        """The state is about to be replaced: what is on its way now belongs to no world."""
        self.held = False
        self._last.clear()
        self.stop()

    def recover(self) -> None:
        """What was being sent when the last process ended is due again: better twice than never."""
        statement = sa.update(DELIVERIES.sql).where(C.status == "sending").values(status="pending")
        self._world.store.execute(statement)
        self._world.store.commit()

    def next_due(self, *, standing: bool = True) -> datetime | None:
        """When the next delivery or job falls due, if any; with or without the jobs that come again and again."""
        return min(filter(None, (self._next_delivery(), self._world.worker.next_due(standing=standing))), default=None)

    def _next_delivery(self) -> datetime | None:
        world = self._world
        world.read_clock()
        due: datetime | None = None
        if not self.held:
            ((due,),) = world.store.run(_FIRST_DUE)
        world.store.rollback()
        return due

    async def settle(self) -> None:
        """Send and do everything that is due now, also what falls due by being sent or done."""
        while True:
            async with self._busy:  # whoever is on a round now may leave something due behind
                if not await self._round():
                    return

    async def _round(self) -> bool:
        """What falls due first: deliveries up to the next job, or jobs before the next delivery."""
        world, now = self._world, self._world.now
        delivery, job = self._next_delivery(), world.worker.next_due()
        if delivery is not None and delivery <= now and (job is None or delivery <= job):
            await self._deliver_due(now if job is None else min(now, job))
            return True
        if job is not None and job <= now:
            await world.worker.run_due(now if delivery is None else min(now, delivery))
            return True
        return False

    async def _round_and_round(self, wakeup: asyncio.Event) -> None:
        while True:
            wakeup.clear()
            await self.settle()
            due = self.next_due()
            seconds = None if due is None else self._world.real_seconds_until(due)
            if seconds == 0.0:
                continue
            try:
                await asyncio.wait_for(wakeup.wait(), seconds)
            except TimeoutError:
                continue

    async def _deliver_due(self, until: datetime) -> None:
        world = self._world
        world.store.be_alone()
        world.read_clock()
        due = world.store[Delivery].all(C.status == "pending", C.due_at <= until, order=[C.due_at, C.id], limit=AT_ONCE)
        for delivery in due:
            world.store[Delivery].put(replace(delivery, status="sending"))
        world.store.commit()
        await self._side_by_side(due)

    async def _side_by_side(self, deliveries: list[Delivery]) -> None:
        lines: dict[tuple[str, str], list[Delivery]] = {}
        for delivery in deliveries:
            lines.setdefault((delivery.service, delivery.subscription), []).append(delivery)
        await asyncio.gather(*(self._one_by_one(line) for line in lines.values()))

    async def _one_by_one(self, line: list[Delivery]) -> None:
        for delivery in line:
            await self._deliver(delivery)

    async def redeliver(self, number: int) -> Delivery:
        """Send one delivery again now, whatever became of it before."""
        world = self._world
        delivery = world.store[Delivery].get(number)
        world.store.rollback()
        if delivery is None:
            raise LabError(f"there is no delivery {number}", status=404, code="unknown_delivery")
        await self._deliver(delivery)
        again = world.store[Delivery].get(number)
        assert again is not None
        return again

    async def redeliver_missed(self, service: str = "", since: datetime | None = None) -> list[Delivery]:
        """Send again what was never accepted and will not be tried any more, oldest first, as a vendor's support
        does after an outage of the receiver. What was made before `since` is left alone."""
        world = self._world
        where = [C.status.in_(("failed", "dropped")), *([C.service == service] if service else [])]
        async with self._busy:
            world.store.be_alone()
            found = world.store[Delivery].all(*where, order=[C.id])
            missed = [d for d in found if since is None or d.created_at >= since]
            world.store[Delivery].put_all([replace(d, status="sending") for d in missed])
            world.store.commit()
            await self._side_by_side(missed)
            numbers = {d.id for d in missed}
            again = [d for d in world.store[Delivery].all(order=[C.id]) if d.id in numbers]
            world.store.rollback()
        return again

    async def _deliver(self, delivery: Delivery) -> None:
        with self._world.following(delivery):
            await self._delivered(delivery)

    async def _delivered(self, delivery: Delivery) -> None:
        world = self._world
        emulator = world.services[delivery.service]
        assert emulator.webhooks is not None
        fault = world.faults.struck(DELIVERY_KINDS, delivery.service, "", "", "", world.now)
        if fault is not None and self._put_aside(delivery, fault):
            return
        with world.visit(emulator) as here:
            outgoing = emulator.webhooks.build(here, delivery)
            if outgoing is None:
                here.store[Delivery].put(replace(delivery, status="dropped"))
                return
        before = self._last.get((delivery.service, outgoing.url))
        self._last[delivery.service, outgoing.url] = outgoing
        name = fault.kind if fault else ""
        if name == "outdated" and before is not None:
            outgoing = _outdated(outgoing, before)
        elif name in _SPOILED:
            outgoing = _SPOILED[name](outgoing)
        answer = await world.sent(delivery.service, outgoing, fault=name, operation="webhook")
        if fault is not None and name == "duplicate":
            for _ in range(fault.copies - 1):
                await world.sent(delivery.service, outgoing, fault=name, operation="webhook")
        self._keep_outcome(emulator, delivery, outgoing, answer)

    def _put_aside(self, delivery: Delivery, fault: Fault) -> bool:
        world = self._world
        if fault.kind == "drop":
            aside = replace(delivery, status="dropped")
        elif fault.kind == "late":
            aside = replace(delivery, status="pending", due_at=world.now + timedelta(seconds=fault.seconds))
        elif fault.kind == "reorder":
            aside = replace(delivery, status="pending", due_at=world.now + timedelta(seconds=1))
        else:
            return False
        world.store[Delivery].put(aside)
        world.store.commit()
        return True

    def _keep_outcome(self, emulator: Emulator, delivery: Delivery, outgoing: Outgoing, answer: Answer) -> None:
        world = self._world
        assert emulator.webhooks is not None
        with world.visit(emulator) as here:
            attempt = {
                "at": here.clock.now.isoformat(),
                "url": outgoing.url,
                "status": answer.status,
                "error": answer.error,
                "seconds": round(answer.seconds, 4),
            }
            tried = replace(delivery, attempts=[*delivery.attempts, attempt])
            again = emulator.webhooks.outcome(here, tried, answer)
            if emulator.webhooks.accepted(answer):
                kept = replace(tried, status="delivered")
            elif again is None:
                kept = replace(tried, status="failed")
            else:
                kept = replace(tried, status="pending", due_at=here.clock.now + timedelta(seconds=again))
            here.store[Delivery].put(kept)


def _corrupted(outgoing: Outgoing) -> Outgoing:
    """The same request, with a signature that fits something else (or, unsigned, a body cut short)."""
    if not any(_signs(n) for n, _ in outgoing.headers):
        return replace(outgoing, body=outgoing.body[: len(outgoing.body) // 2])
    headers = tuple((n, v[::-1]) if _signs(n) else (n, v) for n, v in outgoing.headers)
    return replace(outgoing, headers=headers)


def _unsigned(outgoing: Outgoing) -> Outgoing:
    """The same request from somebody who knows the address and no secret."""
    headers = tuple((n, v) for n, v in outgoing.headers if not _signs(n))
    return replace(outgoing, headers=headers, url=outgoing.url.partition("?")[0])


def _outdated(outgoing: Outgoing, before: Outgoing) -> Outgoing:
    """The request with the body of an earlier one, and what belongs to that body."""
    of_body = {n: v for n, v in before.headers if _signs(n) or n.lower() == "content-length"}
    return replace(outgoing, body=before.body, headers=tuple((n, of_body.get(n, v)) for n, v in outgoing.headers))


def _signs(header: str) -> bool:
    return "signature" in header.lower()


_SPOILED = {"corrupt": _corrupted, "unsigned": _unsigned}
