"""An https address in front of an http one on this machine: what WooCommerce posts keys to, since it takes no other."""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path

from .server import listening

AT_ONCE = 65_536
PATIENCE = 60.0  # seconds without a byte, and the connection is closed
AGREED = 10.0  # seconds that a client may take to agree on the encryption
MOST = 100  # connections; the next is closed


class TlsFront:
    """Ends the encryption and passes the bytes on to a port of this machine, both ways. `port` 0: any free one."""

    def __init__(self, host: str, port: int, certificate: tuple[Path, Path]) -> None:
        self._socket = listening(host, port)
        self._behind = 0
        self._free = threading.BoundedSemaphore(MOST)
        self._stopping = threading.Event()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*map(str, certificate))
        self.port = self._socket.getsockname()[1]

    def start(self, behind: int) -> None:
        """`behind` is the port to pass everything on to."""
        self._behind = behind
        self._socket.listen(64)
        threading.Thread(target=self._accept, name="tls-front", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                if self._socket.fileno() < 0 or self._stopping.wait(0.1):  # else there are no files left, for now
                    return
                continue
            if self._free.acquire(blocking=False):
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()
            else:
                plain.close()

    def _serve(self, plain: socket.socket) -> None:
        try:
            with suppress(OSError), plain:
                self._passed_on(plain)
        finally:
            self._free.release()

    def _passed_on(self, plain: socket.socket) -> None:
        """Whoever drips a request, or reads no answer, is hung up on by what stands behind."""
        with self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) as outside:
            _agree(outside)
            outside.settimeout(PATIENCE)
            with socket.create_connection(("127.0.0.1", self._behind), timeout=PATIENCE) as inside:
                answering = threading.Thread(target=_pass_on, args=(inside, outside, socket.SHUT_RDWR), daemon=True)
                answering.start()
                _pass_on(outside, inside, socket.SHUT_WR)
                answering.join(PATIENCE)


def _agree(outside: ssl.SSLSocket) -> None:
    """The handshake, within a time that no dripping makes longer."""
    end = time.monotonic() + AGREED
    outside.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(outside, selectors.EVENT_READ)
        while True:
            try:
                return outside.do_handshake()
            except ssl.SSLWantReadError:
                selector.modify(outside, selectors.EVENT_READ)
            except ssl.SSLWantWriteError:
                selector.modify(outside, selectors.EVENT_WRITE)
            if not selector.select(max(0.0, end - time.monotonic())):
                raise TimeoutError


def _pass_on(source: socket.socket, target: socket.socket, then: int) -> None:
    """Until the source has said all. `then`: what of the target is shut."""
    with suppress(OSError):
        while some := source.recv(AT_ONCE):
            target.sendall(some)
    with suppress(OSError):
        target.shutdown(then)
