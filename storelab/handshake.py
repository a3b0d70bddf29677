"""TLS for the server, with an end to who does not come to an agreement: event loops allow any number a minute each."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

AGREED = 10.0  # seconds that a client may take to agree on the encryption
MOST = 100  # clients that do so at once; the next is closed


def encrypted(certificate: tuple[Path, Path], speaks: Callable[..., asyncio.Protocol]) -> Callable[..., Agreeing]:
    """What to hand a server instead of the protocol that it `speaks`. `certificate`: chain and key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*map(str, certificate))
    others: set[Agreeing] = set()
    return lambda **options: Agreeing(context, lambda: speaks(**options), others)


class Agreeing(asyncio.Protocol):
    """A connection until the encryption is agreed on; then another protocol takes its place."""

    def __init__(self, context: ssl.SSLContext, speaks: Callable[[], asyncio.Protocol], others: set[Agreeing]) -> None:
        self._context, self._speaks, self._others = context, speaks, others
        self._early = bytearray()  # what came with the end of the handshake
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        if len(self._others) >= MOST:
            transport.abort()
        else:
            self._others.add(self)
            transport.pause_reading()
            self._task = asyncio.get_running_loop().create_task(self._agree(transport))

    async def _agree(self, plain: asyncio.Transport) -> None:
        try:
            outside = await asyncio.get_running_loop().start_tls(
                plain, self, self._context, server_side=True, ssl_handshake_timeout=AGREED
            )
        except OSError:  # nothing that a client sends is an error of ours
            return
        finally:
            self._others.discard(self)
        if outside is None or outside.is_closing():
            return
        speaker = self._speaks()
        outside.set_protocol(speaker)
        speaker.connection_made(outside)
        if self._early:
            speaker.data_received(bytes(self._early))

    def data_received(self, data: bytes) -> None:
        self._early += data
