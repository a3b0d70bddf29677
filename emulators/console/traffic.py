"""Who has spoken to whom: the journal's exchanges, counted by the way they took."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from ..kernel.journal import Exchange
from ..kernel.lab import found_emulators
from ..kernel.world import World

STORE, SYNC, CLIENTS = "woocommerce", "sync", "clients"
SYNC_AGENT = "storelab-sync"
MOST_SENDERS = 1_000
RECENT = 2.0  # seconds of real time for which a way is shown as busy


@dataclass
class Way:
    """What went from one party to another. Times are real, on the clock that never jumps."""

    calls: int = 0
    refused: int = 0
    last: int = 0  # number of the exchange
    newest: Exchange | None = None  # that exchange
    seen: float = float("-inf")
    hurt: float = float("-inf")  # when one was refused

    @property
    def busy(self) -> bool:
        return time.monotonic() - self.seen < RECENT

    @property
    def failing(self) -> bool:
        return time.monotonic() - self.hurt < RECENT


@dataclass
class Traffic:
    """Of one world, since its journal was cleared. Counts by itself once it is made: it watches the journal."""

    services: tuple[str, ...]
    sync_url: str
    base_url: str
    ways: dict[tuple[str, str], Way] = field(default_factory=dict)
    cleared: int = 0
    _asked: dict[tuple[str, str], tuple[str, str] | None] = field(default_factory=dict)  # remembered

    def watch(self, world: World) -> None:
        for exchange in world.journal:
            self.count(exchange, float("-inf"))
        self.cleared = world.journal.cleared

        def seen(exchange: Exchange) -> None:
            self.forget(world.journal.cleared)
            self.count(exchange, time.monotonic())

        world.journal.watchers.append(seen)

    def forget(self, cleared: int) -> None:
        """`cleared` is the last number that the journal was cleared of: what was counted by then counts no more."""
        if cleared != self.cleared:
            self.cleared = cleared
            self.ways.clear()

    def count(self, exchange: Exchange, seen: float) -> None:
        ends = self.ends(exchange)
        if ends is None:
            return
        way = self.ways.setdefault(ends, Way())
        way.calls += 1
        way.refused += exchange.refused
        way.last, way.seen = exchange.number, seen
        way.newest = exchange
        if exchange.refused:
            way.hurt = seen

    def ends(self, exchange: Exchange) -> tuple[str, str] | None:
        """From whom and to whom; None for what is told a second time: a service that asks another writes down what it
        sent, and the other what it was asked."""
        if exchange.direction == "out":
            return exchange.service, self._owner(exchange.url)
        asked = exchange.sender, exchange.service
        if asked not in self._asked:
            if len(self._asked) > MOST_SENDERS:
                self._asked.clear()
            self._asked[asked] = self._askers(*asked)
        return self._asked[asked]

    def _askers(self, sender: str, service: str) -> tuple[str, str] | None:
        sender = sender.lower()
        if sender == SYNC_AGENT:
            return SYNC, service
        if any(sender.startswith(name) for name in self.services if name != service):
            return None
        return CLIENTS, service

    def _owner(self, url: str) -> str:
        if url.startswith(self.base_url + "/"):
            name = urlsplit(url).path.removeprefix(urlsplit(self.base_url).path).strip("/").split("/")[0]
            if name in self.services:
                return name
        if self.sync_url and urlsplit(url).netloc == urlsplit(self.sync_url).netloc:
            return SYNC
        return CLIENTS


@cache
def _prefix() -> re.Pattern[str]:
    return re.compile(rf"/(?:~[^/]+/)?(?:{'|'.join(found_emulators())})(?=/|$)")


def within(path: str) -> str:
    """A path as the service knows it: without the world and without the service's name, whichever it is."""
    found = _prefix().match(path)
    return path[found.end() :] or "/" if found else path


def newest(ways: Iterable[Way]) -> Way:
    return max(ways, key=lambda way: way.last, default=Way())


def between(ways: Mapping[tuple[str, str], Way], one: str, other: str) -> Way:
    """Both directions together."""
    both = [way for ends, way in ways.items() if ends in ((one, other), (other, one))]
    last = newest(both)
    return Way(
        sum(way.calls for way in both),
        sum(way.refused for way in both),
        last.last,
        last.newest,
        max((way.seen for way in both), default=float("-inf")),
        max((way.hurt for way in both), default=float("-inf")),
    )
