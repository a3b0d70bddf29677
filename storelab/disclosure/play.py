"""Plays a life in a world of its own, and tells in which phase each exchange happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storelab.client import LabClient
from storelab.scenarios.driver import Driver
from storelab.scenarios.events import Crossed, Doing, Event, Result, Started
from storelab.scenarios.player import play
from storelab.scenarios.story import HOME, STORE, Step, Story, read
from storelab.scenarios.vocabulary import ROLE
from storelab.scenarios.wire import Exchange, shown

from .flows import Sandbox, flows
from .judge import Evidence, Known, judged
from .table import AFTER, BEFORE, CONNECTED, CONNECTING, ENDING, Phases, Table

STORY = "disclosed"  # the life that is played for a backend, in its folder of stories
MOST_PROOF = 20  # exchanges that are shown
PERSONAL = ("email", "billing", "shipping", "first_name", "last_name", "phone", "note", "customer")
"""Arguments of the store's moves and states that speak of a person."""


@dataclass(frozen=True)
class Played:
    """`result` is how the story itself ended: one that broke proves nothing about what comes after."""

    evidence: Evidence
    result: Result
    exchanges: Mapping[int, Exchange]  # by number

    @property
    def held(self) -> bool:
        return self.evidence.held and self.result.held

    @property
    def why(self) -> list[str]:
        """One sentence for each thing that is not as promised."""
        said = [f"exchange #{b.number}, {b.phase}: {b.said}" for b in self.evidence.breaches]
        if self.result.failure:
            said.append(f"the story broke: {'; '.join(self.result.failure.said)}")
        elif not self.evidence.flows:
            said.append("nothing left the store, so nothing is shown")
        return said

    def proof(self) -> list[str]:
        """The exchanges that show what went beyond the promise, each on a line."""
        numbers = sorted({b.number for b in self.evidence.breaches})
        return [shown(self.exchanges[number]) for number in numbers[:MOST_PROOF]]

    def as_json(self) -> dict[str, Any]:
        failure = self.result.failure.as_json() if self.result.failure else None
        return {**self.evidence.as_json(), "held": self.held, "story": self.result.story, "failure": failure}


def life_of(backend: str) -> Path:
    return HOME / backend / f"{STORY}.yaml"


def played(
    table: Table,
    client: LabClient,
    connector: str | Driver | None = None,
    *,
    story: Path | None = None,
    own: Iterable[str] = (),
    tell: Callable[[Event], None] = lambda event: None,
) -> Played:
    """Plays the story (the backend's whole life when left out) and holds what left the store against the table.

    `own` are further addresses (`host:port`) that belong to the connector itself; what arrives there has not left.
    `tell` hears what the story does, as it does it.
    """
    told = read(story or life_of(table.backend))
    if isinstance(connector, Driver):
        at_home = connector.url
    else:
        at_home = connector or str((client.info().get("sync") or {}).get("url", ""))
    where = Sandbox(urlsplit(client.url).netloc, table.backend, frozenset({urlsplit(at_home).netloc, *own}))
    watch = _Watch(told, table)
    for event in play(told, client, connector):
        watch.hear(event, client)
        tell(event)
    assert watch.result is not None
    known = Known(people_in(told), frozenset(watch.secrets))
    exchanges = {int(e["number"]): e for _, e in watch.crossed}
    return Played(judged(table, flows(watch.crossed, where), known), watch.result, exchanges)


def people_in(story: Story) -> frozenset[str]:
    """What the story says of people: values that must not stand where nothing personal may."""
    return frozenset(
        text
        for step in story.steps
        if step.word in ("move", "state") and isinstance(step.value, Mapping)
        for said in _said_to_store(step, story.backend)
        for name in PERSONAL
        if name in said
        for text in _texts(said[name])
    )


def _said_to_store(step: Step, backend: str) -> Iterator[Mapping[str, Any]]:
    told = step.value.get(ROLE) if backend != STORE else step.value
    if isinstance(told, Mapping):
        yield from (arguments for arguments in told.values() if isinstance(arguments, Mapping))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


@dataclass
class _Watch:
    """Follows a story and notes with each exchange in which phase it happened."""

    story: Story
    table: Table
    crossed: list[tuple[str, Exchange]] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)
    result: Result | None = None
    _world: LabClient | None = None
    _at: int = -1
    _phase: PhaseOf | None = None

    def hear(self, event: Any, client: LabClient) -> None:
        if isinstance(event, Started):
            self._world = client.beside(event.world.rsplit("/~", 1)[1])
            self._phase = PhaseOf(self.table)
        elif isinstance(event, Doing) and self._phase:
            self._at += 1
            steps = self.story.steps
            follows = steps[self._at + 1] if self._at + 1 < len(steps) else None
            self._phase.begin(steps[self._at], refused=bool(follows and _wants_refusal(follows)))
        elif isinstance(event, Crossed) and self._world and self._phase:
            self.secrets |= set(_credentials(self._world.info(), self.table.backend))
            phase = self._phase.now(self._fact())
            self.crossed += [(phase, exchange) for exchange in event.exchanges]
        elif isinstance(event, Result):
            self.result = event

    def _fact(self) -> Any:
        fact = self.table.phases.fact
        return self._world.fact(self.table.backend, fact) if fact and self._world else None


def _wants_refusal(step: Step) -> bool:
    return step.word == "expect" and "refused" in step.value


def _credentials(info: Mapping[str, Any], backend: str) -> Iterator[str]:
    store = info["store"]
    for value in (store["consumer_key"], store["consumer_secret"], *_texts(info["backends"].get(backend, {}))):
        if "://" not in value:
            yield value


@dataclass
class PhaseOf:
    """In which phase a step is: what somebody does (connect, end) tells the most of it, the rest the backend's fact."""

    table: Table
    begun: bool = False
    ended: bool = False
    _fixed: str = ""

    def begin(self, step: Step, *, refused: bool) -> None:
        """`refused`: the story expects that this step is."""
        self._fixed = ""
        if step.word != "connect":
            return
        if step.value == "end":
            self._fixed, self.ended = ENDING, True
        elif self._consented(step):
            self._fixed = CONNECTING
            if not refused:
                self.begun, self.ended = True, False

    def now(self, fact: Any) -> str:
        """The phase of what the step has set off, with what the backend says after it."""
        if self._fixed:
            return self._fixed
        if self.ended:
            return AFTER
        return phase_said(self.table.phases, fact) if self.begun else BEFORE

    def _consented(self, step: Step) -> bool:
        entered = step.value if isinstance(step.value, Mapping) else {}
        return all(entered.get(name, True) for name in self.table.consent)


def phase_said(phases: Phases, fact: Any) -> str:
    """What the backend's word means; connected where it says nothing that the table knows."""
    word = fact.get(phases.member, "") if isinstance(fact, Mapping) else ""
    return phases.says.get(word, CONNECTED)
