"""An https address in front of an http one on this machine: what WooCommerce posts keys to, since it takes no other."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

from .server import listening

AT_ONCE = 65_536
PATIENCE = 60.0  # seconds without a byte, and the connection is closed


class TlsFront:
    """Ends the encryption and passes the bytes on to a port of this machine, both ways. `port` 0: any free one."""

    def __init__(self, host: str, port: int, certificate: tuple[Path, Path]) -> None:
        self._socket = listening(host, port)
        self._behind = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*map(str, certificate))
        self.port = self._socket.getsockname()[1]

    def start(self, behind: int) -> None:
        """`behind` is the port to pass everything on to."""
        self._behind = behind
        self._socket.listen(64)
        threading.Thread(target=self._accept, name="tls-front", daemon=True).start()

    def stop(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:  # it was closed: that is the end
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with suppress(OSError), plain:
            plain.settimeout(PATIENCE)
            with (
                self._context.wrap_socket(plain, server_side=True) as outside,
                socket.create_connection(("127.0.0.1", self._behind), timeout=PATIENCE) as inside,
            ):
                answering = threading.Thread(target=_pass_on, args=(inside, outside), daemon=True)
                answering.start()
                _pass_on(outside, inside)
                answering.join(PATIENCE)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Until the source has said all."""
    with suppress(OSError):
        while some := source.recv(AT_ONCE):
            target.sendall(some)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
