"""A sandbox asked in its own process: what would cross the wire goes to the application itself, without a port."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from storelab.client import PATIENCE, Answered
from storelab.emulators.kernel.errors import LabError

if TYPE_CHECKING:
    from .server import AsgiApp


@dataclass(frozen=True)
class Heard:
    """An answer; `whole` is false when the connection was closed in the midst of it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    whole: bool


async def heard(
    app: AsgiApp, method: str, url: str, path: str, headers: Iterable[tuple[str, str]], body: bytes, root: str = ""
) -> Heard:
    """What is answered to this request, in the application's own loop. `path` is where it goes, whatever the path of
    the URL is; `root` is what the service takes for its own address. `ConnectionResetError` when a fault closes the
    connection first."""
    parts = urlsplit(url)
    sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if not any(name == b"host" for name, _ in sent):
        sent.append((b"host", parts.netloc.encode()))
    scope: dict[str, Any] = {
        "type": "http",
        "method": method.upper(),
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": parts.query.encode("latin-1"),
        "headers": sent,
        "scheme": parts.scheme,
        "extensions": {"storelab.root": root} if root else {},
    }
    start: dict[str, Any] = {}
    parts_of_body: list[bytes] = []
    waiting = [{"type": "http.request", "body": body}]

    async def receive() -> dict[str, Any]:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts_of_body.append(message.get("body", b""))

    whole = True
    try:
        await app(scope, receive, send)
    except ConnectionResetError:
        if not start:
            raise
        whole = False
    answered = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in start["headers"]]
    return Heard(start["status"], answered, b"".join(parts_of_body), whole)


class Nearby:
    """How a client reaches the control API of a sandbox in this process, from any thread but the sandbox's own."""

    def __init__(self, app: AsgiApp, loop: asyncio.AbstractEventLoop) -> None:
        self._app, self._loop = app, loop

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answered:
        asked = heard(self._app, method, url, urlsplit(url).path, headers.items(), body)
        if self._loop.is_closed():
            asked.close()
            raise LabError(f"the sandbox at {url.partition('/_lab')[0]} was stopped", code="no_sandbox")
        answer = asyncio.run_coroutine_threadsafe(asked, self._loop).result(PATIENCE)
        kind = next((value for name, value in answer.headers if name.lower() == "content-type"), "")
        return Answered(answer.status, kind, answer.body)
