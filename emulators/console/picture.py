"""The map as a picture: where everything stands, and which lines join what. Plain numbers; a template draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .traffic import CLIENTS, STORE, SYNC, Way, between


@dataclass(frozen=True)
class Box:
    name: str
    title: str
    x: int
    y: int
    width: int
    height: int
    lines: tuple[str, ...]  # below the title
    tone: str  # "", good, waiting or bad

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
    tall, gap, top = 74, 16, 64
    height = top + len(backends) * (tall + gap) + 40
    centre = top + (len(backends) * (tall + gap) - gap) // 2
    store = _box(STORE, titles, 30, centre - 34, 190, 68, ways)
    hub = _box(SYNC, {SYNC: "Sync"}, 370, centre - 34, 160, 68, ways, lines=None if sync else ("not running",))
    clients = _box(CLIENTS, {CLIENTS: "Your clients"}, 30, 14, 190, 58, ways)
    boxes = [store, hub, clients]
    lines = []
    if sync:
        lines.append(_line(f"M{store.right} {centre} H{hub.x}", between(ways, STORE, SYNC), linked=True, main=True))
    lines.append(_line(f"M{clients.middle[0]} {clients.bottom} V{store.y}", between(ways, CLIENTS, STORE)))
    for number, name in enumerate(backends):
        y = top + number * (tall + gap)
        link = links.get(name, Link())
        box = _box(name, titles, 680, y, 210, tall, ways, lines=(link.words,) if sync else None, tone=link.tone)
        middle = box.middle[1]
        boxes.append(box)
        if sync:
            path = f"M{hub.right} {centre} C{hub.right + 80} {centre} {box.x - 80} {middle} {box.x} {middle}"
            lines.append(_line(path, between(ways, SYNC, name), linked=link.tone != "", main=True))
        apart = 4 * number  # so that no two of them lie on each other
        below, up = height - 14 - apart, clients.middle[1] - 8 + apart
        asks = f"M{box.right} {middle + 12} h{14 + apart} V{below} H{store.middle[0] + apart} V{store.bottom}"
        lines.append(_line(asks, between(ways, name, STORE)))
        called = f"M{clients.right} {up} H{box.right + 40 + apart} V{middle - 12} H{box.right}"
        lines.append(_line(called, between(ways, CLIENTS, name)))
    if sync:
        lines.append(_line(f"M{clients.right} 66 H{hub.middle[0]} V{hub.y}", between(ways, CLIENTS, SYNC)))
    return Picture(960, height, tuple(boxes), _seen(lines))


def narrow(titles: Mapping[str, str], ways: Ways, links: Mapping[str, Link], *, sync: bool = True) -> Picture:
    """The same from top to bottom, for a telephone."""
    backends = [name for name in titles if name != STORE]
    clients = _box(CLIENTS, {CLIENTS: "Clients"}, 6, 8, 142, 58, ways)
    store = _box(STORE, titles, 176, 8, 178, 58, ways)
    hub = _box(SYNC, {SYNC: "Sync"}, 176, 104, 178, 58, ways, lines=None if sync else ("not running",))
    boxes, lines = [clients, store, hub], []
    lines.append(_line(f"M{clients.right} 36 H{store.x}", between(ways, CLIENTS, STORE)))
    if sync:
        lines.append(_line(f"M262 {store.bottom} V{hub.y}", between(ways, STORE, SYNC), linked=True, main=True))
    y = 196
    for name in backends:
        link = links.get(name, Link())
        box = _box(name, titles, 120, y, 232, 74, ways, lines=(link.words,) if sync else None, tone=link.tone)
        boxes.append(box)
        middle = box.middle[1]
        if sync:
            path = f"M{hub.x} 133 H96 V{middle + 10} H{box.x}"
            lines.append(_line(path, between(ways, SYNC, name), linked=link.tone != "", main=True))
        lines.append(_line(f"M{clients.x + 20} {clients.bottom} V{middle - 10} H{box.x}", between(ways, CLIENTS, name)))
        lines.append(_line(f"M{store.x} 50 H160 V88 H62 V{middle} H{box.x}", between(ways, name, STORE)))
        y += 84
    return Picture(360, y, tuple(boxes), _seen(lines))


def _box(
    name: str,
    titles: Mapping[str, str],
    x: int,
    y: int,
    width: int,
    height: int,
    ways: Ways,
    *,
    lines: Sequence[str] | None = None,
    tone: str = "",
) -> Box:
    mine = [way for ends, way in ways.items() if name in ends]
    calls, refused = sum(way.calls for way in mine), sum(way.refused for way in mine)
    counted = f"{calls:,} call{'s' if calls > 1 else ''}" if calls else "no traffic yet"
    counted += f", {refused:,} refused" if refused else ""
    return Box(name, titles[name], x, y, width, height, (*(lines or ()), counted), tone)


def _seen(lines: Sequence[Line]) -> tuple[Line, ...]:
    """What joins the sync with everybody is always there; the other ways once somebody has gone them."""
    return tuple(line for line in lines if line.beat or line.main)


def _line(path: str, way: Way, *, linked: bool = False, main: bool = False) -> Line:
    tone = ("bad" if way.failing else "busy") if way.busy else ""
    return Line(path, tone, linked, main, way.last)
