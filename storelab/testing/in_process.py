"""Calls of `requests` and `httpx` that reach the emulators without a port: the addresses of vendors and of a shop lead
to a world in this process while the fixture is used, and nowhere else afterwards."""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib.util
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from storelab.emulators.kernel.errors import LabError
from storelab.nearby import Heard, heard

if TYPE_CHECKING:
    from .world import World

SHOP = "https://shop.example"  # where the store is, unless it is told to be elsewhere


class Patches(Protocol):
    """What pytest's `monkeypatch` does."""

    def setattr(self, target: Any, name: str, value: Any) -> None: ...


class InProcess:
    """Where calls of this process lead: `answer` adds an address; the vendors' own, the world's, and
    https://shop.example for the store are known from the beginning."""

    def __init__(self, world: World) -> None:
        sandbox = world.laboratory.sandbox
        if sandbox is None or sandbox.loop is None:
            raise LabError(
                "calls can be answered in this process only by a sandbox in it: leave --storelab-url out, which names "
                "another"
            )
        self._world, self._app, self._loop = world, sandbox.app, sandbox.loop
        self._routes: dict[str, tuple[str, str]] = {}  # address -> the path it stands for, and what the service sees
        for name, service in sandbox.lab.services.items():
            self.answer(f"{world.url}/{name}", name)
            for address in service.document.raw.get("x-vendor-addresses", ()):
                self.answer(address, name)
        self.answer(SHOP, "woocommerce")

    def answer(self, url: str, service: str) -> None:
        """Calls to this address, and to what is below it, reach this service: `answer("https://my.shop/en",
        "woocommerce")`. A path in it stands for the service's own root."""
        self._world.service(service)
        address = url.rstrip("/")
        self._routes[address] = (f"/~{self._world.name}/{service}", address)

    @property
    def addresses(self) -> dict[str, str]:
        """Every address that is answered, and by which service."""
        return {address: path.rpartition("/")[2] for address, (path, _) in self._routes.items()}

    def knows(self, url: str) -> bool:
        return self._route(url) is not None

    def _route(self, url: str) -> tuple[str, str, str] | None:
        """The longest address that this URL is at or below: the path it stands for, itself, and the rest."""
        at = max((a for a in self._routes if url == a or url.startswith((f"{a}/", f"{a}?"))), key=len, default=None)
        return None if at is None else (*self._routes[at], url[len(at) :])

    async def call(self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> Heard:
        """One request, in the sandbox's own loop. `ConnectionResetError` when a fault closes the connection first."""
        route = self._route(url)
        assert route is not None, "only addresses that are known are asked"
        path, root, rest = route
        target = path + (rest.partition("#")[0].partition("?")[0] or "/")
        return await heard(self._app, method, url, target, headers, body, root)

    def begin(
        self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes
    ) -> concurrent.futures.Future[Heard]:
        return asyncio.run_coroutine_threadsafe(self.call(method, url, list(headers), body), self._loop)

    def patch(self, patches: Patches) -> None:
        """Have `requests`, and `httpx` where it is installed, come here with what is known."""
        theirs, ours = requests.Session.get_adapter, Adapter(self)

        def get_adapter(session: requests.Session, url: str) -> BaseAdapter:
            return ours if self.knows(url) else theirs(session, url)

        patches.setattr(requests.Session, "get_adapter", get_adapter)
        if importlib.util.find_spec("httpx"):
            from .httpx_transport import patch

            patch(self, patches)


class Adapter(HTTPAdapter):
    """Answers what `requests` sends."""

    def __init__(self, where: InProcess) -> None:
        super().__init__()
        self._where = where

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        answer = self._where.begin(
            request.method or "GET", request.url or "", _texts(request.headers), _bytes(request.body)
        )
        patience = timeout[1] if isinstance(timeout, tuple) else timeout
        try:
            heard = answer.result(patience)
        except concurrent.futures.TimeoutError:
            answer.cancel()
            raise requests.ReadTimeout(f"no answer in {patience} s", request=request) from None
        except ConnectionResetError as reset:
            raise requests.ConnectionError(reset, request=request) from None
        if not heard.whole:
            raise requests.exceptions.ChunkedEncodingError("the connection was closed within the answer")
        raw = HTTPResponse(
            body=io.BytesIO(heard.body),
            headers=HTTPHeaderDict(heard.headers),
            status=heard.status,
            preload_content=False,
            request_url=request.url,
        )
        return self.build_response(request, raw)


def _texts(headers: Mapping[Any, Any]) -> list[tuple[str, str]]:
    def text(value: Any) -> str:
        return value.decode("latin-1") if isinstance(value, bytes) else str(value)

    return [(text(name), text(value)) for name, value in headers.items()]


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        return _bytes(body.read())
    return b"".join(_bytes(part) for part in body)
