"""Answers what `httpx` sends, in a client of either kind."""

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from storelab.nearby import Heard

    from .in_process import InProcess, Patches


def patch(where: InProcess, patches: Patches) -> None:
    """Clients that exist already are meant too: what is patched is how their transports send."""
    here, here_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if not where.knows(str(request.url)):
            return here(transport, request)
        answer = _begun(where, request, request.read())
        patience = _patience(request)
        try:
            return _response(request, answer.result(patience))
        except concurrent.futures.TimeoutError:
            answer.cancel()
            raise httpx.ReadTimeout(f"no answer in {patience} s", request=request) from None
        except ConnectionResetError as reset:
            raise httpx.ReadError(str(reset), request=request) from None

    async def handle_async_request(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        if not where.knows(str(request.url)):
            return await here_async(transport, request)
        answer = asyncio.wrap_future(_begun(where, request, await request.aread()))
        patience = _patience(request)
        try:
            return _response(request, await asyncio.wait_for(answer, patience))
        except TimeoutError:
            raise httpx.ReadTimeout(f"no answer in {patience} s", request=request) from None
        except ConnectionResetError as reset:
            raise httpx.ReadError(str(reset), request=request) from None

    patches.setattr(httpx.HTTPTransport, "handle_request", handle_request)
    patches.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle_async_request)


def _begun(where: InProcess, request: httpx.Request, body: bytes) -> concurrent.futures.Future[Heard]:
    headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in request.headers.raw]
    return where.begin(request.method, str(request.url), headers, body)


def _patience(request: httpx.Request) -> float | None:
    """Seconds that the client waits for an answer."""
    patience: Any = request.extensions.get("timeout", {}).get("read")
    return None if patience is None else float(patience)


def _response(request: httpx.Request, heard: Heard) -> httpx.Response:
    if not heard.whole:
        raise httpx.RemoteProtocolError("the connection was closed within the answer", request=request)
    return httpx.Response(heard.status, headers=heard.headers, content=heard.body, request=request)
