"""The ASGI application: finds the world and the service of a request, and sends what they answer.

`/woocommerce/...` is the store of the default world, `/~NAME/woocommerce/...` that of another; `/_lab` is the
control API of either, and everything else belongs to the page.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

from .errors import LabError
from .http import OURS, Reply, Request
from .lab import Lab
from .service import Disagreement, Sent

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
log = logging.getLogger("storelab")

MOST_BYTES = 10 * 1024 * 1024
MOST_BYTES_OF_A_STRANGER = 64 * 1024  # to the control API and the console: a log-in is short
MOST_BYTES_OF_A_WORLD = 1024 * 1024 * 1024
MOST_BYTES_UNREAD = 100 * 1024 * 1024  # of a body that is too large: so its client sees the answer


class _GoneAway(Exception):
    """The caller hung up before all of the body was there."""


class Handler(Protocol):
    """What answers a request that belongs to no vendor: the control API, the page. A body that is an asynchronous
    generator of bytes is sent as it comes, until it ends or the caller hangs up."""

    async def __call__(self, world: str, request: Request) -> Reply: ...


class Gate(Handler, Protocol):
    """The control API and the console, which do not answer everybody."""

    def admit(self, request: Request) -> None:
        """`LabError` for whoever may not ask, which is told before the body of the request is read."""


class App:
    def __init__(self, lab: Lab, *, control: Gate, page: Gate) -> None:
        self.lab, self._control, self._page = lab, control, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send, self.lab)
            return
        if scope["type"] != "http":
            return
        try:
            sent = await self._answered(scope, receive)
        except _GoneAway:
            return  # half a request is none: nothing is done, and there is nobody to answer
        except ConnectionResetError:
            raise
        except Exception as bug:  # every request gets an answer, and ours never looks like the vendor's
            log.error("%s %s: %s", scope["method"], scope["path"], self.lab.vocabulary.masked(traceback.format_exc()))
            kind = "an answer departs from the OpenAPI document" if isinstance(bug, Disagreement) else "a defect"
            said = self.lab.vocabulary.masked(f"{type(bug).__name__}: {bug}")
            sent = Sent(_own_error(500, "storelab_defect", f"{kind} of storelab: {said}"))
        await _send(sent, scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive) -> Sent:
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        path = raw_path.decode("latin-1").split("?", 1)[0]
        world, rest = "", path
        if path.startswith("/~"):
            world, _, rest = path[2:].partition("/")
            rest = "/" + rest
        service, _, inner = rest.lstrip("/").partition("/")
        headers = _headers(scope)
        server_scheme: str = scope["scheme"]
        scheme = headers.get("x-forwarded-proto", server_scheme).split(",")[0].strip()
        if scheme not in ("http", "https"):
            scheme = server_scheme
        host = headers.get("host", "localhost")
        if not _is_host(host):
            await _body(receive, MOST_BYTES_OF_A_STRANGER)  # or its client would be gone before it sees the answer
            return Sent(_own_error(400, "bad_host", "the Host header is no address"))
        prefix = f"/~{world}" if world else ""
        mounted = service in self.lab.services or service == "_lab"
        root = f"{scheme}://{host}{prefix}" + (f"/{service}" if mounted else "")
        root = scope.get("extensions", {}).get("storelab.root", root)
        inner = "/" + inner if mounted else rest
        query = scope["query_string"].decode("latin-1")
        most = MOST_BYTES
        if service not in self.lab.services:
            most = self._most(service, Request(scope["method"], inner, root, query, headers))
        body = await _body(receive, most)
        if body is None:
            return Sent(self._too_large(service, most))
        request = Request(scope["method"], inner, root, query, headers, body)
        try:
            if service == "_lab":
                return Sent(await self._control(world, request))
            if service in self.lab.services:
                return await self.lab.services[service].answer(self.lab.world(world), request)
            return Sent(await self._page(world, request))
        except LabError as refused:
            return Sent(_own_error(refused.status, refused.code, refused.message).with_headers(refused.headers))

    def _most(self, service: str, request: Request) -> int:
        """Bytes of a body that comes with a request to the laboratory itself. As much as a world is read only for those
        who may ask."""
        gate, large = (self._control, "/snapshots/") if service == "_lab" else (self._page, "/snapshots/import")
        try:
            gate.admit(request)
        except LabError:
            return MOST_BYTES_OF_A_STRANGER
        return MOST_BYTES_OF_A_WORLD if request.path.startswith(large) else MOST_BYTES

    def _too_large(self, service: str, most: int) -> Reply:
        message = f"the body is larger than {most} bytes"
        if service not in self.lab.services:
            return _own_error(413, "body_too_large", message)
        emulator = self.lab.services[service].emulator
        reply = emulator.render_error(emulator.server_error(413))
        return Reply(413, emulator.encode(reply.body), (("Content-Type", emulator.content_type), *reply.headers))


_HOST = re.compile(r"(\[[\w:.%]+\]|[\w.~%+!$&'()*,;=-]+)(:\d{0,5})?", re.ASCII)


@lru_cache(maxsize=256)
def _is_host(text: str) -> bool:
    """Whether addresses can be made of it, and taken apart again."""
    try:
        return _HOST.fullmatch(text) is not None and urlsplit(f"//{text}").port != 0
    except ValueError:
        return False


def _headers(scope: Scope) -> dict[str, str]:
    return {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in scope["headers"]}


def _own_error(status: int, code: str, message: str) -> Reply:
    from .emulator import json_bytes

    body = json_bytes({"error": {"code": code, "message": message}})
    return Reply(status, body, (("Content-Type", "application/json"), ("X-Storelab", "error"), *OURS))


async def _body(receive: Receive, most: int) -> bytes | None:
    """The whole body; None when it is larger than `most` bytes (what comes then is thrown away)."""
    body = bytearray()
    size, more = 0, True
    while more and size <= most + MOST_BYTES_UNREAD:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneAway
        part = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(part)
        if size <= most:
            if not more and not body:
                return bytes(part)  # whole at once, as most are
            body += part
        else:
            body.clear()
    return bytes(body) if size <= most else None


async def _send(sent: Sent, scope: Scope, receive: Receive, send: Send) -> None:
    reply = sent.reply
    if sent.reset:
        await _hang_up(scope, receive, flush=False)
        return
    if isinstance(reply.body, AsyncGenerator):
        await _stream(reply, receive, send)
        return
    bodiless = scope["method"] == "HEAD" or reply.status in (204, 304)
    body = reply.body if isinstance(reply.body, bytes) and not bodiless else b""
    headers = [_header(*header) for header in reply.headers]
    if not bodiless and not any(name.lower() == "content-length" for name, _ in reply.headers):
        headers.append((b"Content-Length", b"%d" % len(body)))
    if sent.at is not None:
        headers.append((b"Date", _http_date(int(sent.at.timestamp()))))
    if not sent.cut and (answer := scope.get("extensions", {}).get("storelab.answer")):
        await answer(reply.status, headers, body)
        return
    lowered = [(name.lower(), value) for name, value in headers]  # as ASGI wants them
    await send({"type": "http.response.start", "status": reply.status, "headers": lowered})
    if sent.cut:
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await _hang_up(scope, receive, flush=True)
        return
    await send({"type": "http.response.body", "body": body})


@lru_cache(maxsize=1024)
def _header(name: str, value: str) -> tuple[bytes, bytes]:
    """As bytes, the name as the vendor writes it: clients in PHP look for `X-WP-TotalPages` by exactly that name. Most
    headers are the same in every answer."""
    return name.encode("latin-1", "replace"), value.encode("latin-1", "replace")


async def _stream(reply: Reply, receive: Receive, send: Send) -> None:
    headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})

    async def tell() -> None:
        async for part in reply.body:
            await send({"type": "http.response.body", "body": part, "more_body": True})

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    telling, listening = asyncio.ensure_future(tell()), asyncio.ensure_future(listen())
    try:
        await asyncio.wait((telling, listening), return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended = telling.done()
        for task in (telling, listening):
            task.cancel()
        await asyncio.gather(telling, listening, return_exceptions=True)
        await reply.body.aclose()
    if ended:
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": b""})


@lru_cache(maxsize=64)
def _http_date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


async def _hang_up(scope: Scope, receive: Receive, *, flush: bool) -> None:
    """Close the connection, and wait until the server knows. The server passes its transport in (see
    `storelab.server`); a caller in the same process gets the error itself."""
    transport = scope.get("extensions", {}).get("storelab.transport")
    if transport is None:
        raise ConnectionResetError("the connection was closed on purpose by a fault")
    if flush:
        transport.close()
    else:
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _lifespan(receive: Receive, send: Send, lab: Lab) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            lab.wake()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            lab.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
