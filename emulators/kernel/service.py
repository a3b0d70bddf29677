"""How a service answers: route, authenticate, read, handle, check, and the faults in between."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import faults as faulty
from .arguments import Refused, read
from .clock import Clock
from .documents import load_document
from .emulator import Emulation, Emulator
from .errors import ApiError, LabError
from .faults import KINDS, Fault
from .http import Reply, Request, Written
from .journal import Exchange
from .operations import Document, Operation
from .records import replace
from .router import Match
from .world import World

NOT_EMULATED = (("X-Storelab", "not-emulated"),)
DELAYS: Callable[[float], Any] = asyncio.sleep


class Disagreement(Exception):
    """An answer of ours departs from the OpenAPI document: a defect of the emulator, shown loudly."""


@dataclass(frozen=True)
class Sent:
    """What goes to the caller. `reset`: the connection is closed without an answer; `cut`: the body breaks off; `at`:
    what the service's own clock says."""

    reply: Reply
    reset: bool = False
    cut: bool = False
    at: datetime | None = None


class Service:
    """One emulator with its document, ready to answer in any world."""

    def __init__(self, emulator: Emulator, *, check: bool, document: dict[str, Any] | None = None) -> None:
        self.emulator, self.check = emulator, check
        self.document = Document(document or load_document(emulator.name), emulator.package)

    def covered(self) -> list[dict[str, Any]]:
        """The vendor's operations: whether each is emulated, how many recorded calls show it, what is assumed."""
        return [
            {
                "operation": o.id,
                "method": o.method,
                "path": o.path,
                "emulated": o.emulated,
                "recorded": o.raw.get("x-recorded", 0),
                "assumed": o.assumed,
                "source": o.raw.get("x-source", ""),
                "listed": o.path in self.document.listed,
            }
            for o in self.document.operations.values()
            if not o.raw.get("x-storelab")  # ours, not the vendor's
        ]

    async def answer(self, world: World, request: Request) -> Sent:
        """The answer, journaled."""
        started = time.perf_counter()
        trail = _Trail()
        defect: Exception | None = None
        try:
            sent = await self._answer(world, request, trail)
        except Exception as bad:
            defect, sent = bad, Sent(Reply(bad.status if isinstance(bad, LabError) else 500, b""))
            trail.reason = world.services.masked(f"{type(bad).__name__}: {bad}")
        reply = sent.reply
        asked = trail.request or request
        now = world.now
        world.journal.add(
            Exchange(
                number=world.journal.next_number(),
                at=now,
                direction="in",
                service=self.emulator.name,
                operation=trail.operation.name if trail.operation else "",
                method=request.method,
                url=f"{request.root}{request.path}" + (f"?{request.query_string}" if request.query_string else ""),
                request_headers=tuple(request.headers.items()),
                request_body=request.body,
                status=None if sent.reset else reply.status,
                response_headers=reply.headers,
                response_body=reply.body,
                seconds=time.perf_counter() - started,
                sender=asked.sender,
                reason=trail.reason,
                fault=trail.fault,
                emulated=trail.emulated,
                secret_names=self.emulator.secrets,
            )
        )
        if defect is not None:
            raise defect
        return replace(sent, at=now + timedelta(seconds=trail.ahead) if trail.ahead else now)

    async def peek(self, world: World, request: Request) -> Reply:
        """What it would answer to a request that only reads: no fault strikes, and the journal does not hear of it."""
        asked = self.emulator.incoming(request)
        return await self._handled(world, asked, self.document.match(asked.method, asked.path), _Trail())

    async def _answer(self, world: World, request: Request, trail: _Trail) -> Sent:
        emulator, came = self.emulator, request
        request = trail.request = emulator.incoming(came)
        match = self.document.match(request.method, request.path)
        operation = trail.operation = match.operation
        struck: list[Fault] = []
        for fault in self._strikes(world, request, operation) if world.faults.active else ():
            trail.fault += f"{', ' if trail.fault else ''}{fault.kind} #{fault.id}"
            if fault.kind == "delay":
                await DELAYS(fault.seconds)
            elif fault.kind == "clock":
                trail.ahead += fault.seconds
            elif fault.kind == "strip":
                came = faulty.stripped(came, fault)
                request = trail.request = emulator.incoming(came)
            early = self._before(world, fault, came)
            if early is not None:
                return early
            struck.append(fault)
        sent = Sent(await self._handled(world, request, match, trail))
        for fault in reversed(struck):
            sent = self._after(world, fault, request, came, sent)
        return sent

    def _strikes(self, world: World, request: Request, operation: Operation | None) -> Iterator[Fault]:
        name = operation.name if operation else ""
        return world.faults.strikes(
            KINDS, self.emulator.name, name, request.method, request.sender, world.now, request.path
        )

    def _before(self, world: World, fault: Fault, came: Request) -> Sent | None:
        """What a fault does instead of the service."""
        if fault.kind == "block":
            return Sent(faulty.blocked(fault))
        if fault.kind == "cache" and came.method == "GET":
            kept = world.faults.remembered(fault, _url(came), world.now)
            return None if kept is None else Sent(kept)
        if fault.kind == "reset":
            return Sent(Reply(0, b""), reset=True)
        if fault.kind == "outage":
            return Sent(self._refused(503, None))
        if fault.kind == "status" and fault.phase == "before":
            return Sent(self._refused(fault.status, fault.retry_after))
        return None

    def _refused(self, status: int, retry_after: int | None) -> Reply:
        reply = self._encoded(self.emulator.render_error(self.emulator.server_error(status)))
        if retry_after is not None:
            reply = Reply(
                reply.status,
                reply.body,
                (
                    *(h for h in reply.headers if h[0].lower() != "retry-after"),
                    ("Retry-After", str(retry_after)),
                ),
            )
        return reply

    def _after(self, world: World, fault: Fault, request: Request, came: Request, sent: Sent) -> Sent:
        """What a fault does to an answer that was already given."""
        reply = sent.reply
        if sent.reset or sent.cut:
            return sent
        if fault.kind == "lost":
            return Sent(reply, reset=True)
        if fault.kind == "cache" and came.method == "GET":
            return Sent(world.faults.remember(fault, _url(came), reply, world.now))
        if fault.kind == "status":
            return Sent(self._refused(fault.status, fault.retry_after))
        if fault.kind == "truncate":
            return Sent(reply, cut=True)
        if fault.kind == "garble":
            return Sent(faulty.garbled(reply))
        if fault.kind == "stale" and request.method == "GET":
            return Sent(world.faults.stale(fault, f"{request.path}?{request.query_string}", reply))
        if fault.kind == "short":
            return Sent(faulty.shortened(reply))
        if fault.kind == "drift":
            page = dict(request.query).get("page", "1")
            return Sent(faulty.drifted(reply, int(page) if page.isdecimal() and len(page) < 10 else 1))
        return Sent(reply)

    async def _handled(self, world: World, request: Request, match: Match, trail: _Trail) -> Reply:
        emulator, operation = self.emulator, match.operation
        try:
            with world.visit(emulator, request) as here:
                if trail.ahead:
                    here.clock = Clock(here.clock.now + timedelta(seconds=trail.ahead))
                try:
                    reply = await self._carried_out(here, request, match, trail)
                finally:
                    trail.reason = here.reason
        except ApiError as refused:
            trail.reason = trail.reason or refused.message
            trail.emulated = trail.emulated and NOT_EMULATED[0] not in refused.headers
            with world.visit(emulator, request) as again:
                again.caller, again.allow = here.caller, here.allow
                reply = emulator.outgoing(again, request, operation, emulator.render_error(refused))
        if self.check and operation is not None and trail.emulated:
            self._checked(operation, reply)
        reply = self._encoded(reply)
        return replace(reply, body=b"") if request.method == "HEAD" else reply

    async def _carried_out(self, here: Emulation, request: Request, match: Match, trail: _Trail) -> Reply:
        emulator, operation = self.emulator, match.operation
        here.allow = match.allow
        here.operation = operation.name if operation else ""
        emulator.authenticate(here, request, operation)
        if operation is None:
            raise emulator.not_found(request)
        if not operation.emulated:
            trail.emulated = False
            here.explain(f"{operation.id} exists at the vendor and is not emulated")
            return Reply(
                501,
                {"error": "not emulated", "operation": operation.id, "service": emulator.name},
                NOT_EMULATED,
            )
        if emulator.read is not None:
            values = emulator.read(request, operation, match.path_params)
        else:
            try:
                values = read(request, operation, match.path_params)
            except Refused as refused:
                raise emulator.refusal(refused.problems) from None
        assert operation.handler is not None
        result = operation.handler(**values)
        if inspect.isawaitable(result):
            result = await result
        return emulator.outgoing(here, request, operation, _reply(result))

    def _encoded(self, reply: Reply) -> Reply:
        if isinstance(reply.body, bytes):
            return reply
        if reply.body is None:
            return replace(reply, body=b"")
        headers = reply.headers
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers = (("Content-Type", self.emulator.content_type), *headers)
        return Reply(reply.status, self.emulator.encode(reply.body), headers)

    def _checked(self, operation: Operation, reply: Reply) -> None:
        body = reply.body
        if isinstance(body, Written) and body.fresh is not None:
            written, body = body, body.fresh
            written.fresh = None
        if isinstance(body, bytes):
            return
        problems = operation.answer_problems(reply.status, body)
        if problems:
            raise Disagreement("; ".join(problems))


@dataclass
class _Trail:
    """What is found out about a request on its way, for the journal."""

    request: Request | None = None
    operation: Operation | None = None
    reason: str = ""
    fault: str = ""
    emulated: bool = True
    ahead: float = 0.0  # seconds that the service's clock is ahead of the world's


def _url(request: Request) -> str:
    return f"{request.root}{request.path}?{request.query_string}"


def _reply(result: Any) -> Reply:
    if isinstance(result, Reply):
        return result
    if isinstance(result, tuple):
        return Reply(result[1], result[0], tuple(result[2]) if len(result) > 2 else ())
    return Reply(200, result)
