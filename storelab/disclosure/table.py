"""The tables in `contracts/disclosure`: which fields may go where, in which phase, as a public readme says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import storelab.contracts
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.spelling import unknown
from storelab.scenarios.source import Place, Source, load

BEFORE, CONNECTING, AWAITING, CONNECTED, ENDING, AFTER = PHASES = (
    "before consent",
    "at connect",
    "awaiting approval",
    "connected",
    "at disconnect",
    "after disconnect",
)
KINDS = ("request", "webhook", "access", "answer")
"""How data leaves a store: the plugin asks the backend; the store sends a webhook; the backend uses its key of the
store; the plugin answers a call of the backend's."""
CLASSES = ("plain", "personal", "secret")
HOME = Path(next(iter(storelab.contracts.__path__))) / "disclosure"
_TEXTS = ("why", "address", "record")
_LINE = ("when", *_TEXTS, *CLASSES)
_TABLE = ("backend", "plugin", "service", "home", "about", "source", "assumed", "terms", "privacy")


@dataclass(frozen=True, eq=False)
class Line:
    """One thing that may happen. `calls` are operations, topics (`ping` for a try) or, of an answer, what it answers;
    `fields` says of which class a name may be; a name that ends with * stands for all that begin so."""

    kind: str
    calls: tuple[str, ...]
    when: tuple[str, ...]
    why: str
    fields: Mapping[str, str]
    address: str = ""
    record: str = ""  # the whole record that WooCommerce itself sends
    line: int = 0

    def classes(self, name: str) -> set[str]:
        """Of which classes a field of this name may be; none when the line does not speak of it."""
        return {
            kind
            for pattern, kind in self.fields.items()
            if pattern == name or (pattern.endswith("*") and name.startswith(pattern[:-1]))
        }


@dataclass(frozen=True)
class Phases:
    """Which of the backend's words for a connection means which phase; without a fact only the story tells."""

    fact: str = ""
    member: str = ""
    says: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    backend: str
    plugin: str
    service: str
    home: str
    about: str
    source: str
    path: Path
    lines: tuple[Line, ...]
    phases: Phases = Phases()
    consent: tuple[str, ...] = ()  # what has to be entered before anything may leave, by the names of the settings
    assumed: str = ""
    terms: str = ""
    privacy: str = ""


def tables(backends: Sequence[str] = ()) -> list[Table]:
    """The tables of these backends, all when none is named. `LabError` for one that nobody has written."""
    known = {path.stem: path for path in sorted(HOME.glob("*.yaml")) if path.stem != "records"}
    for name in backends:
        if name not in known:
            raise LabError(unknown("no disclosure is written for", name, known))
    return [read(known[name]) for name in backends or known]


def read(path: Path) -> Table:
    """One table. Errors name the file, the line, what was found and what is possible."""
    source = load(path)
    told = source.value
    if not isinstance(told, dict):
        raise source.bad((), "a disclosure is a mapping with a backend and lines")
    _only(source, (), told, (*_TABLE, "consent", "phases", "lines"))
    for name in ("backend", "plugin", "service", "home", "about", "source", "lines"):
        if not told.get(name):
            raise source.bad((), f"a disclosure needs {name!r}")
    lines = tuple(_line(source, ("lines", n), one) for n, one in enumerate(told["lines"]))
    texts = {name: str(told[name]) for name in _TABLE if name in told}
    return Table(
        **texts,
        path=path,
        lines=lines,
        consent=tuple(told.get("consent") or ()),
        phases=_phases(source, told.get("phases") or {}),
    )


def _phases(source: Source, told: Mapping[str, Any]) -> Phases:
    _only(source, ("phases",), told, ("fact", "member", "says"))
    for word, phase in (told.get("says") or {}).items():
        if phase not in PHASES:
            raise source.bad(("phases", "says", word), unknown("there is no phase", str(phase), PHASES))
    return Phases(**told)


def _line(source: Source, place: Place, told: Any) -> Line:
    if not isinstance(told, dict):
        raise source.bad(place, "a line is a mapping: `request: OPERATION`, `when`, `why` and fields")
    _only(source, place, told, (*KINDS, *_LINE))
    kinds = [kind for kind in KINDS if kind in told]
    if len(kinds) != 1 or not told.get("why") or not told.get("when"):
        raise source.bad(place, f"a line has `when`, `why` and one of {', '.join(KINDS)}")
    for phase in told["when"]:
        if phase not in PHASES:
            raise source.bad((*place, "when"), unknown("there is no phase", str(phase), PHASES))
    named = told.get("record")
    if named and named not in _records():
        raise source.bad((*place, "record"), unknown("there is no record", str(named), _records()))
    fields = dict(_fields(_records()[named])) if named else {}
    calls = told[kinds[0]]
    return Line(
        kind=kinds[0],
        calls=(calls,) if isinstance(calls, str) else tuple(calls),
        when=tuple(told["when"]),
        fields={**fields, **dict(_fields(told))},
        line=source.line(place),
        **{name: str(told.get(name, "")) for name in _TEXTS},
    )


def _fields(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind in CLASSES:
        for name in told.get(kind) or ():
            yield str(name), kind


@cache
def _records() -> dict[str, Any]:
    records: dict[str, Any] = load(HOME / "records.yaml").value
    return records


def _only(source: Source, place: Place, told: Mapping[str, Any], known: Sequence[str]) -> None:
    for name in told:
        if name not in known:
            raise source.bad((*place, name), unknown("a disclosure has no", str(name), known))
