"""uvicorn with an end to who does not agree on TLS: event loops allow a minute each, and any number at once."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

AGREED = 10.0  # seconds that a client may take to agree on the encryption
MOST = 100  # clients that do so at once; the next is closed


class TlsServer(uvicorn.Server):
    """Serves one socket. `certificate`: chain and key."""

    def __init__(self, config: uvicorn.Config, certificate: tuple[Path, Path]) -> None:
        super().__init__(config)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*map(str, certificate))
        self._agreeing: set[asyncio.Task[None]] = set()
        self._accepting: asyncio.Task[None] | None = None

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        assert sockets
        sockets[0].listen(self.config.backlog)
        sockets[0].setblocking(False)
        await super().startup([])
        self._accepting = asyncio.create_task(self._accept(sockets[0]))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in (self._accepting, *self._agreeing):
            if task is not None:
                task.cancel()
        await super().shutdown(sockets)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                plain, _ = await loop.sock_accept(listening)
            except OSError:  # there are no files left, for now
                await asyncio.sleep(0.1)
                continue
            if len(self._agreeing) >= MOST:
                plain.close()
                continue
            task = asyncio.create_task(self._agree(plain))
            self._agreeing.add(task)
            task.add_done_callback(self._agreeing.discard)

    async def _agree(self, plain: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol, plain, ssl=self._context, ssl_handshake_timeout=AGREED
            )
        except OSError:  # it is let go; what a client sends is no error of ours
            plain.close()

    def _protocol(self) -> asyncio.Protocol:
        made: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        return made(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
