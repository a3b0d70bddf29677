"""Answers that have to come whole within a time. A timeout of `requests` is a silence between two bytes, so whoever
drips an answer, or its head, could hold us for as long as he likes."""

from __future__ import annotations

import http.client
import io
import socket
from time import monotonic
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from .book import Run

CONNECT = 5.0  # seconds
SILENCE = 30.0  # seconds between two bytes of an answer
LONGEST = 60.0  # seconds from the request to the end of its answer: less than a lease on the connection it is for


class Adapter(HTTPAdapter):
    """For a session. An answer that is late fails as one that is not there does."""

    def at_work_on(self, run: Run) -> None:
        """The calls that follow are a part of this run. It is nothing to them; who follows a run wants to know."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


class _InTime(io.RawIOBase):
    """What is read from a socket."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw, self._socket, self._until = raw, sock, monotonic() + LONGEST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(min(left, SILENCE))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_InTime(self.fp.detach(), sock))


class _Plain(HTTPConnection):
    response_class = _Answer


class _Secure(HTTPSConnection):
    response_class = _Answer


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure
