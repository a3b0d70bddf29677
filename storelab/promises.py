"""What the five connectors promise, what proves it, and whether it holds.

A promise is proved by the stories that name it (`shows: [K1]`) and by tests, contracts and disclosures named in
`promises.yaml`. It is held when every proof holds, broken when one does not, unproven when there is none.
"""

from __future__ import annotations

import importlib.resources
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml

from storelab import named_tests
from storelab.client import LabClient
from storelab.disclosure.play import played as disclosure
from storelab.disclosure.table import tables
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.spelling import meant
from storelab.named_tests import Tell
from storelab.scenarios.player import result
from storelab.scenarios.story import HOME, Story, read, stories

HELD, BROKEN, UNPROVEN = "held", "broken", "unproven"
DISCLOSURE = "disclosure"


@dataclass(frozen=True)
class Proof:
    """What shows a promise: `kind` is story, disclosure, test or contract; `name` is the story's, the backend whose
    whole life is held against its disclosure, or what pytest calls it."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Promise:
    """`promise` in our words; `how` says what a proof has to look at."""

    id: str
    backend: str
    promise: str
    how: str
    proofs: tuple[Proof, ...] = ()

    def as_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in ("id", "backend", "promise", "how")}
        return {**told, "proofs": [str(proof) for proof in self.proofs]}


@dataclass(frozen=True)
class Verdict:
    """Whether one proof held, and in a sentence why not."""

    proof: Proof
    held: bool
    seconds: float = 0.0
    why: str = ""


@dataclass(frozen=True)
class Row:
    """A promise and its verdict: held, broken or unproven."""

    id: str
    backend: str
    promise: str
    how: str
    proof: str
    verdict: str
    verdicts: tuple[Verdict, ...] = field(default=())

    @property
    def why(self) -> str:
        return "; ".join(v.why for v in self.verdicts if v.why)

    @property
    def seconds(self) -> float:
        return sum(v.seconds for v in self.verdicts)

    def as_json(self) -> dict[str, Any]:
        shown = {name: getattr(self, name) for name in ("id", "backend", "promise", "how", "proof", "verdict", "why")}
        return {**shown, "seconds": round(self.seconds, 3)}


def promises() -> list[Promise]:
    """All promises with their proofs, in their order. `LabError` when a story names one that nobody made."""
    shown = _shown()
    table = [
        Promise(
            row["id"],
            backend,
            row["promise"],
            row["how"],
            (*(Proof("story", story.name) for story in shown.pop(row["id"], ())), *map(_proof, row.get("proof", ()))),
        )
        for backend, rows in _data().items()
        for row in rows
    ]
    if shown:
        wrong = ", ".join(f"{story.name} shows {id_}" for id_, some in sorted(shown.items()) for story in some)
        raise LabError(f"there is no such promise: {wrong}")
    return table


@cache
def _data() -> dict[str, list[dict[str, Any]]]:
    text = importlib.resources.files("storelab").joinpath("promises.yaml").read_text(encoding="utf-8")
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(text)
    return loaded


def _shown() -> dict[str, list[Story]]:
    """Promise -> the stories that say they show it."""
    found: dict[str, list[Story]] = {}
    for path in stories():
        story = read(path)
        for id_ in story.shows:
            found.setdefault(id_, []).append(story)
    return found


def _proof(written: str) -> Proof:
    kind, _, name = written.partition(" ")
    if kind not in ("test", "contract", DISCLOSURE) or not name:
        raise LabError(
            f"promises.yaml: a proof is `test PATH::NAME`, `contract PATH` or `disclosure BACKEND`, not {written!r}"
        )
    return Proof(kind, name)


def chosen(only: Sequence[str] = ()) -> list[Promise]:
    """Those of these names: promises (K1) or backends (keycrm); all when there is none."""
    every = promises()
    known = {name for promise in every for name in (promise.id, promise.backend)}
    asked = {name if name in known else name.upper() for name in only}
    for name in sorted(asked - known):
        backends = ", ".join(dict.fromkeys(p.backend for p in every))
        raise LabError(
            f"nobody promised {name!r}.{meant(name, known)} Possible: {backends}, and the promises "
            f"{every[0].id} to {every[-1].id}, which `storelab promises --list` names"
        )
    return [p for p in every if not asked or asked & {p.id, p.backend}]


def table(
    client: LabClient | None = None,
    connector_url: str | None = None,
    *,
    only: Sequence[str] = (),
    tell: Tell = lambda line: None,
) -> Iterator[Row]:
    """Runs the proofs and yields a row for each promise, in their order.

    `client` speaks to a running sandbox; without one a sandbox of its own is started for as long as it takes.
    `only` names promises (K1) or backends (keycrm); all when empty. `tell` hears of every proof when it is over.
    """
    wanted = chosen(only)
    if client is not None or not any(p.proofs for p in wanted):
        yield from _rows(wanted, client, connector_url, tell)
        return
    from .sandbox import Sandbox, Settings

    with Sandbox(Settings(port=0, sync_port=None if connector_url else 0)) as sandbox:
        yield from _rows(wanted, sandbox.client, connector_url, tell)


def _rows(wanted: Sequence[Promise], client: LabClient | None, connector_url: str | None, tell: Tell) -> Iterator[Row]:
    """Stories are played here, while one pytest runs all tests."""
    names = [proof.name for promise in wanted for proof in promise.proofs if proof.kind in ("test", "contract")]
    known: dict[Proof, Verdict] = {}  # one proof may show several promises: it is run once
    with ThreadPoolExecutor(max_workers=1) as beside:
        tested = beside.submit(named_tests.run, names, tell=tell)
        for promise in wanted:
            for proof in promise.proofs:
                if proof not in known:
                    if proof.kind in ("test", "contract"):
                        known[proof] = _tested(proof, tested)
                    else:
                        known[proof] = _PLAYED[proof.kind](proof, client, connector_url)
                    tell(f"{proof} {HELD.upper() if known[proof].held else BROKEN.upper()}")
            verdicts = tuple(known[proof] for proof in promise.proofs)
            shown = ", ".join(str(proof) for proof in promise.proofs)
            yield Row(promise.id, promise.backend, promise.promise, promise.how, shown, judged(verdicts), verdicts)


def judged(verdicts: Sequence[Verdict]) -> str:
    """Unproven without a proof, broken when one of them is, else held."""
    if not verdicts:
        return UNPROVEN
    return HELD if all(v.held for v in verdicts) else BROKEN


def _played(proof: Proof, client: LabClient | None, connector_url: str | None) -> Verdict:
    assert client is not None
    name, started = proof.name, time.perf_counter()
    played = result(HOME / f"{name}.yaml", client, connector_url)
    failure = played.failure
    why = f"{name}.yaml:{failure.line}: {'; '.join(failure.said)}" if failure else ""
    return Verdict(proof, played.held, time.perf_counter() - started, why)


def _disclosed(proof: Proof, client: LabClient | None, connector_url: str | None) -> Verdict:
    assert client is not None
    (table,) = tables([proof.name])
    started = time.perf_counter()
    life = disclosure(table, client, connector_url)
    return Verdict(proof, life.held, time.perf_counter() - started, "; ".join(life.why))


_PLAYED: dict[str, Callable[[Proof, LabClient | None, str | None], Verdict]] = {
    "story": _played,
    DISCLOSURE: _disclosed,
}


def _tested(proof: Proof, outcomes: Future[dict[str, named_tests.Outcome]]) -> Verdict:
    outcome = outcomes.result()[proof.name]
    return Verdict(proof, outcome.held, outcome.seconds, outcome.why)
