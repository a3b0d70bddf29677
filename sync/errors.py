"""Sync's errors are named for what to do next, not for what broke. No credential is ever in a message."""

from __future__ import annotations

from typing import Any


class SyncError(Exception):
    """Anything sync raises on purpose."""


class Retry(SyncError):
    """The same call, later: 429, 5xx, timeouts, an answer that cannot be read.

    `after` is in seconds, None when the far end named none. `sent` says whether the request may have been
    carried out although nobody saw the answer: then look before doing it again.
    """

    def __init__(self, message: str, *, after: float | None = None, sent: bool = True) -> None:
        super().__init__(message)
        self.after, self.sent = after, sent


class Skip(SyncError):
    """This one item or request cannot be done; note it and go on. `detail` is the far end's own body."""

    def __init__(self, message: str, *, status: int = 0, detail: Any = None) -> None:
        super().__init__(message)
        self.status, self.detail = status, detail


class GiveUp(SyncError):
    """The link is over until a person mends it: key refused or revoked, address moved, wrong settings."""
