"""Holds what left a store against a table: what was seen where and in which phase, and what went beyond the promise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from storelab.emulators.kernel.spelling import nearest
from storelab.scenarios.compare import brief

from .flows import ELSEWHERE, Flow
from .table import PHASES, Line, Table

SHORTEST = 4  # characters: a shorter value (a state, a country) says nothing of anybody by itself
SHORTEST_SECRET = 10


@dataclass(frozen=True)
class Known:
    """Values to look for wherever they stand: of people in the story, and credentials."""

    people: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()

    def kind(self, value: str) -> str:
        """`secret` or `personal` when the value holds one that is known, else empty."""
        if any(secret in value for secret in self.secrets if len(secret) >= SHORTEST_SECRET):
            return "secret"
        folded = value.casefold()
        for text in self.people:
            if len(text) >= SHORTEST and re.search(rf"(?<!\w){re.escape(text.casefold())}(?!\w)", folded):
                return "personal"
        return ""


@dataclass(frozen=True)
class Seen:
    """A field that was seen, and the line that allows it. `times` and `number`: how often, and where first."""

    kind: str
    call: str
    phase: str
    field: str
    marked: str
    line: Line
    times: int
    number: int

    def as_json(self) -> dict[str, Any]:
        shown = {k: getattr(self, k) for k in ("kind", "call", "phase", "field", "marked", "times", "number")}
        return {**shown, "line": self.line.line}


@dataclass(frozen=True)
class Breach:
    """Something beyond the promise. `what` is address, call, phase, field, personal or secret."""

    what: str
    kind: str
    call: str
    phase: str
    number: int
    said: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Evidence:
    """`unseen` are lines that nothing in the story made use of."""

    table: Table
    seen: tuple[Seen, ...]
    breaches: tuple[Breach, ...]
    unseen: tuple[Line, ...]
    flows: int

    @property
    def held(self) -> bool:
        return not self.breaches and bool(self.flows)

    def as_json(self) -> dict[str, Any]:
        return {
            "backend": self.table.backend,
            "held": self.held,
            "flows": self.flows,
            "breaches": [b.as_json() for b in self.breaches],
            "seen": [s.as_json() for s in self.seen],
            "unseen": [{"line": one.line, one.kind: list(one.calls), "when": list(one.when)} for one in self.unseen],
        }


NOTHING = "(nothing but the call)"
Told = Callable[[str, str], Breach]
"""Makes a breach of this flow from its kind and a sentence."""


def judged(table: Table, flows: Iterable[Flow], known: Known) -> Evidence:
    """The evidence for all flows, in their order. A breach of one kind is told once for each call and phase."""
    found: dict[tuple[str, str, str, str, Line], Seen] = {}
    breaches: dict[tuple[str, ...], Breach] = {}
    count = 0
    for flow in flows:
        count += 1
        counted: set[tuple[str, str, str, str, Line]] = set()
        for one in _judged(table, flow, known):
            if isinstance(one, Breach):
                breaches.setdefault((one.what, one.kind, one.call, one.phase, one.said), one)
                continue
            line, name, marked = one
            key = (flow.kind, flow.call, flow.phase, name, line)
            if key in counted:  # again in the same list
                continue
            counted.add(key)
            old = found.get(key)
            times, first = (old.times + 1, old.number) if old else (1, flow.number)
            found[key] = Seen(flow.kind, flow.call, flow.phase, name, marked, line, times, first)
    used = {seen.line for seen in found.values()}
    seen = sorted(found.values(), key=lambda s: (PHASES.index(s.phase), s.number, s.field))
    return Evidence(table, tuple(seen), tuple(breaches.values()), tuple(x for x in table.lines if x not in used), count)


def _judged(table: Table, flow: Flow, known: Known) -> Iterator[Breach | tuple[Line, str, str]]:
    def breach(what: str, said: str) -> Breach:
        return Breach(what, flow.kind, flow.call, flow.phase, flow.number, said)

    if flow.kind == ELSEWHERE:
        names = brief(sorted({name for name, _ in flow.said}))
        yield breach("address", f"{flow.call} went to {flow.address}, which is nowhere in the disclosure, with {names}")
        return
    lines = [line for line in table.lines if line.kind == flow.kind and flow.call in line.calls]
    if not lines:
        calls = sorted({call for line in table.lines if line.kind == flow.kind for call in line.calls})
        close = nearest(flow.call, calls)
        hint = f"; nearest: {close}" if close else ""
        yield breach("call", f"the disclosure knows no {flow.kind} {flow.call} ({flow.address}){hint}")
        return
    now = [line for line in lines if flow.phase in line.when]
    if not now:
        phases = ", ".join(p for p in PHASES if any(p in line.when for line in lines))
        yield breach("phase", f"{flow.kind} {flow.call} {flow.phase}: it may only be {phases}")
        return
    if kind := known.kind(flow.path):
        yield breach(kind, f"{flow.kind} {flow.call} has something {kind} in its address")
    if flow.kind == "access":
        yield from _accessed(flow, now, known, breach)
        return
    for name, value in flow.said:
        yield _field(flow, lines, now, name, known.kind(value), breach)
    if not flow.said:
        yield now[0], NOTHING, "plain"


def _field(
    flow: Flow, lines: Sequence[Line], now: Sequence[Line], name: str, holds: str, breach: Told
) -> Breach | tuple[Line, str, str]:
    """One field: allowed by a line of this phase, and marked as what its value is."""
    fitting = [(line, marked) for line in now for marked in line.classes(name)]
    if not fitting:
        elsewhen = [phase for line in lines if line.classes(name) for phase in line.when]
        told = f"`{name}` is not in the disclosure of {flow.kind} {flow.call}"
        if elsewhen:
            told += f" {flow.phase}, only {', '.join(dict.fromkeys(elsewhen))}"
        elif close := nearest(name, sorted({pattern for line in now for pattern in line.fields})):
            told += f"; nearest: `{close}`"
        return breach("field", told)
    if holds and holds not in {marked for _, marked in fitting}:
        told = f"`{name}` of {flow.kind} {flow.call} holds something {holds}, and is marked {fitting[0][1]}"
        return breach(holds, told)
    line, marked = next(((one, m) for one, m in fitting if m == holds), fitting[0])
    return line, name, marked


def _accessed(flow: Flow, now: Sequence[Line], known: Known, breach: Told) -> Iterator[Breach | tuple[Line, str, str]]:
    """What the backend does with its key: the store answers whole records, so only what is personal is looked for."""
    for name, value in flow.said:
        if known.kind(value) == "personal" and not any("personal" in line.classes(name) for line in now):
            yield breach("personal", f"`{name}` in the answer to {flow.call} holds something personal")
    marked = "personal" if any("personal" in line.fields.values() for line in now) else "plain"
    yield now[0], "(what the store answers)", marked
