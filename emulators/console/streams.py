"""Live parts: the fragment at /map/parts is sent again from /events/map/parts whenever what it shows has changed.

A fragment that tells only what is new says with `X-Next` where it ended. That becomes the event's id, so that a browser
whose stream broke off goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from ..kernel.http import OURS, Reply, Request
from ..kernel.journal import Exchange
from ..kernel.lab import Lab

PATH = "/events"
PAUSE = 0.25  # seconds between two looks while there is traffic
ROUND = 2.0  # seconds after which what leaves no trace in the journal is looked at: clocks, links
NEXT = "X-Next"  # header of a fragment: what `after` is to be when it is asked for again
HEADERS = (("Content-Type", "text/event-stream"), ("X-Accel-Buffering", "no"), *OURS)

Page = Callable[[str, Request], Awaitable[Reply]]


class Streams:
    """`page` answers for a fragment. `hang_up` ends all streams, before the server stops."""

    def __init__(self, lab: Lab, page: Page) -> None:
        self._lab, self._page = lab, page
        self._bells: set[asyncio.Event] = set()
        self._over = False

    def hang_up(self) -> None:
        self._over = True
        self.ring()

    def ring(self) -> None:
        """Something has changed that no journal tells of: look again."""
        for bell in self._bells:
            bell.set()

    async def open(self, world: str, request: Request) -> Reply:
        """A refusal, as the fragment itself would be refused, or the stream."""
        fragment = replace(request, path=request.path.removeprefix(PATH))
        fragment = _after(fragment, request.headers.get("last-event-id", ""))
        first = await self._page(world, fragment)
        if first.status != 200:
            return first
        return Reply(200, self._told(world, fragment, first), HEADERS)

    async def _told(self, world: str, fragment: Request, reply: Reply) -> AsyncGenerator[bytes, None]:
        found, bell = self._lab.world(world), asyncio.Event()

        def ring(exchange: Exchange) -> None:
            bell.set()

        found.journal.watchers.append(ring)
        self._bells.add(bell)
        bell.set()  # nobody has heard what happened since the first fragment was made: it is looked at once more
        said = b""
        try:
            yield b"retry: 1000\n\n"
            while not self._over and found in self._lab:
                if reply.status != 200:
                    return
                number = dict(reply.headers).get(NEXT, "")
                yield _event(b"" if reply.body == said else reply.body, number)
                said = reply.body
                fragment = _after(fragment, number)
                try:
                    await asyncio.wait_for(bell.wait(), ROUND)
                    await asyncio.sleep(PAUSE)
                except TimeoutError:
                    pass
                bell.clear()
                reply = await self._page(world, fragment)
        finally:
            found.journal.watchers.remove(ring)
            self._bells.discard(bell)


def _event(html: bytes, number: str) -> bytes:
    """With nothing to show, a sign of life."""
    told = [b"id: " + number.encode()] if number else []
    told += [b"data: " + line for line in html.splitlines() if line.strip()]
    return b"\n".join(told or [b": still here"]) + b"\n\n"


def _after(fragment: Request, number: str) -> Request:
    if not number.isdigit():
        return fragment
    query = {**dict(parse_qsl(fragment.query_string, keep_blank_values=True)), "after": number}
    return replace(fragment, query_string=urlencode(query))
