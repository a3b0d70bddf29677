"""The map as a picture: where everything stands, and which lines join what. Plain numbers; a template draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..kernel.journal import Exchange
from .traffic import CLIENTS, STORE, SYNC, Way, between, newest, within

LETTER = 7.4  # how wide a letter of a box's last line is


@dataclass(frozen=True)
class Box:
    name: str
    title: str
    x: int
    y: int
    width: int
    height: int
    status: str  # of its link with the store, beside the title; empty for what has none
    tone: str  # "", good, waiting or bad
    counted: str
    refused: int
    last: str  # the newest exchange, cut to the width of the box
    bad: bool  # whether that was refused

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True)
class Line:
    """`beat` changes with each exchange, so that the picture can show that there was one."""

    path: str
    tone: str  # "", busy, bad
    linked: bool
    main: bool
    beat: int


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Link:
    """How the sync stands with one backend, in words; `tone` as a box has it."""

    words: str = "not connected"
    tone: str = ""


Ways = Mapping[tuple[str, str], Way]


def wide(titles: Mapping[str, str], ways: Ways, links: Mapping[str, Link], *, sync: bool = True) -> Picture:
    """Store, sync and backends from left to right; around them the wire by which services speak to each other and
    clients to all of them."""
    backends = [name for name in titles if name != STORE]
    tall, gap, top = 74, 12, 54
    height = top + len(backends) * (tall + gap) + 30
    centre = top + (len(backends) * (tall + gap) - gap) // 2
    store = _box(STORE, titles, (24, centre - tall // 2, 226, tall), ways)
    hub = _box(SYNC, {SYNC: "Sync"}, (336, centre - tall // 2, 170, tall), ways, _hub(sync))
    clients = _box(CLIENTS, {CLIENTS: "Your clients"}, (24, 14, 226, tall), ways)
    boxes = [store, hub, clients]
    lines = []
    if sync:
        lines.append(_line(f"M{store.right} {centre} H{hub.x}", between(ways, STORE, SYNC), linked=True, main=True))
    lines.append(_line(f"M{clients.middle[0]} {clients.bottom} V{store.y}", between(ways, CLIENTS, STORE)))
    for number, name in enumerate(backends):
        link = links.get(name, Link()) if sync else Link("")
        box = _box(name, titles, (602, top + number * (tall + gap), 310, tall), ways, link)
        middle = box.middle[1]
        boxes.append(box)
        if sync:
            path = f"M{hub.right} {centre} C{hub.right + 62} {centre} {box.x - 62} {middle} {box.x} {middle}"
            lines.append(_line(path, between(ways, SYNC, name), linked=link.tone != "", main=True))
        apart = 4 * number  # so that no two of them lie on each other
        below, up = height - 10 - apart, clients.y + 10 + apart
        asks = f"M{box.right} {middle + 12} h{12 + apart} V{below} H{store.middle[0] + apart} V{store.bottom}"
        lines.append(_line(asks, between(ways, name, STORE)))
        called = f"M{clients.right} {up} H{box.right + 34 + apart} V{middle - 12} H{box.right}"
        lines.append(_line(called, between(ways, CLIENTS, name)))
    if sync:
        path = f"M{clients.right} {clients.bottom - 14} H{hub.middle[0]} V{hub.y}"
        lines.append(_line(path, between(ways, CLIENTS, SYNC)))
    return Picture(976, height, tuple(boxes), _seen(lines))


def narrow(titles: Mapping[str, str], ways: Ways, links: Mapping[str, Link], *, sync: bool = True) -> Picture:
    """The same from top to bottom, for a telephone."""
    backends = [name for name in titles if name != STORE]
    tall, gap = 72, 12
    clients = _box(CLIENTS, {CLIENTS: "Clients"}, (4, 8, 160, tall), ways)
    store = _box(STORE, titles, (184, 8, 172, tall), ways)
    hub = _box(SYNC, {SYNC: "Sync"}, (184, 108, 172, tall), ways, _hub(sync))
    boxes, lines = [clients, store, hub], []
    lines.append(_line(f"M{clients.right} 36 H{store.x}", between(ways, CLIENTS, STORE)))
    if sync:
        path = f"M{store.middle[0]} {store.bottom} V{hub.y}"
        lines.append(_line(path, between(ways, STORE, SYNC), linked=True, main=True))
        path = f"M{clients.middle[0]} {clients.bottom} V{hub.middle[1] - 16} H{hub.x}"
        lines.append(_line(path, between(ways, CLIENTS, SYNC)))
    y = 206
    for name in backends:
        link = links.get(name, Link()) if sync else Link("")
        box = _box(name, titles, (84, y, 272, tall + 16), ways, link)
        boxes.append(box)
        middle = box.middle[1]
        if sync:
            path = f"M{hub.x} {hub.middle[1] + 10} H64 V{middle + 14} H{box.x}"
            lines.append(_line(path, between(ways, SYNC, name), linked=link.tone != "", main=True))
        path = f"M{clients.x + 20} {clients.bottom} V{middle - 14} H{box.x}"
        lines.append(_line(path, between(ways, CLIENTS, name)))
        path = f"M{store.x} {store.bottom - 14} H174 V94 H44 V{middle} H{box.x}"
        lines.append(_line(path, between(ways, name, STORE)))
        y += box.height + gap
    return Picture(360, y, tuple(boxes), _seen(lines))


def _hub(sync: bool) -> Link:
    return Link("", "") if sync else Link("not running", "")


def _box(
    name: str,
    titles: Mapping[str, str],
    place: tuple[int, int, int, int],
    ways: Ways,
    link: Link | None = None,
) -> Box:
    mine = [way for ends, way in ways.items() if name in ends]
    calls, last = sum(way.calls for way in mine), newest(mine)
    counted = f"{calls:,} call{'s' if calls > 1 else ''}" if calls else "no traffic yet"
    said = _said(last.newest, int((place[2] - 28) / LETTER)) if last.newest else ""
    status, tone = (link.words, link.tone) if link else ("", "")
    refused = sum(way.refused for way in mine)
    bad = last.newest is not None and last.newest.refused
    return Box(name, titles[name], *place, status, tone, counted, refused, said, bad)


def _said(exchange: Exchange, most: int) -> str:
    """On one line, the answer first; of a long path its end."""
    head = f"{exchange.status or 'no answer'} {exchange.method} "
    path = within(urlsplit(exchange.url).path)
    over = len(head) + len(path) - most
    return head + (path if over <= 0 else "…" + path[over + 1 :])


def _seen(lines: Sequence[Line]) -> tuple[Line, ...]:
    """What joins the sync with everybody is always there; the other ways once somebody has gone them."""
    return tuple(line for line in lines if line.beat or line.main)


def _line(path: str, way: Way, *, linked: bool = False, main: bool = False) -> Line:
    tone = ("bad" if way.failing else "busy") if way.busy else ""
    return Line(path, tone, linked, main, way.last)
