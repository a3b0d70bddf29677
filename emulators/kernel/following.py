"""Who follows what leads to what: what a request sends, queues and has done. A world has nobody who does, unless its
laboratory was given one (`Lab(follow=...)`)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .http import Outgoing
    from .jobs import Job
    from .journal import Exchange
    from .webhooks import Delivery


@dataclass(frozen=True)
class Spoken:
    """A move that is made, a state that is set, or a fact that is asked for."""

    service: str
    kind: str
    words: str


class Follower(Protocol):
    """Of one world. What it is told happens in the context (`contextvars`) of what led to it."""

    def told(self, exchange: Exchange) -> None:
        """What came into the journal, right after it."""

    def queued(self, record: Delivery | Job) -> None:
        """What is under way has queued this."""

    def during(self, what: Delivery | Job | Spoken) -> AbstractContextManager[None]:
        """While this is done. An error that passes through is none of the follower's."""

    def marked(self, outgoing: Outgoing) -> Outgoing:
        """A request as it is sent, so that whoever gets it can follow on."""
