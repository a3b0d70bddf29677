"""The console as the laboratory sees it: a handler for whatever belongs to no service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..kernel.errors import LabError
from ..kernel.http import Reply, Request
from ..kernel.lab import Lab
from ..kernel.world import World
from . import streams
from .app import create_app, warmed
from .bridge import Bridge
from .gate import Gate
from .wsgi import answered, environ

AT_ONCE = 8  # pages


@dataclass(frozen=True)
class Sandbox:
    """What the console is told of the sandbox it belongs to. `info` is what `storelab up --json` prints of a world;
    `token` has to be shown by whoever does not come from this machine. `sync_url` is empty where there is no sync."""

    lab: Lab
    info: Callable[[World], dict[str, Any]]
    token: str = field(repr=False)
    token_required: bool
    sync_url: str = ""
    authority: str = ""  # file of the certificate authority that clients have to trust, with TLS


class Console:
    """Made and called within the event loop that serves the laboratory."""

    def __init__(self, lab: Lab, **sandbox: Any) -> None:
        """`sandbox` as in `Sandbox`."""
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(AT_ONCE, "console")
        self.flask = create_app(Sandbox(lab, **sandbox), Bridge(lab, self._loop))
        self._streams = streams.Streams(lab, self._page)
        self.flask.extensions["ring"] = self._ring
        self._warm = False

    def admit(self, request: Request) -> None:
        """`LabError` for whoever may not look, or sends from another site. Told by the headers alone."""
        gate: Gate = self.flask.extensions["gate"]
        with self.flask.request_context(environ(request, "")):
            if not gate.admits():
                raise LabError("the console is not for everybody", status=401, code="log_in_first")

    async def __call__(self, world: str, request: Request) -> Reply:
        if request.path.startswith(f"{streams.PATH}/"):
            return await self._streams.open(world, request)
        return await self._page(world, request)

    async def _page(self, world: str, request: Request) -> Reply:
        mounted = f"/~{world}" if world else ""
        reply = await self._loop.run_in_executor(self._threads, answered, self.flask, request, mounted)
        if not self._warm:
            self._warm = True
            self._loop.run_in_executor(self._threads, warmed, self.flask)
        return reply

    def _ring(self) -> None:
        """From any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._streams.ring)

    def close(self) -> None:
        """From another thread: live parts end, so that the server can."""
        self._loop.call_soon_threadsafe(self._streams.hang_up)
        self._threads.shutdown(wait=False, cancel_futures=True)
