"""What went wrong with connectors in the field: 52 failures that users reported, each a story, played and judged.

A story of this catalogue lies in scenarios/failures. It names the public report, the fault or the move that provokes
the failure, and what must hold; any connector that answers to the driver API can be held against it.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.faults import DELIVERY_KINDS
from storelab.emulators.kernel.spelling import unknown
from storelab.scenarios import player
from storelab.scenarios.driver import Driver
from storelab.scenarios.events import Failure, Result
from storelab.scenarios.expect import COUNTED
from storelab.scenarios.onlooker import Onlooker
from storelab.scenarios.scene import NOT_STRUCK
from storelab.scenarios.story import FAILURES, Story, read, stories
from storelab.scenarios.wire import shown

from .sandbox import Sandbox, Settings

MOST_AT_ONCE = 4
BEFORE = "this only set the scene: what the failure is about was not reached, so nothing is known of that yet"
UNHOOKED = (
    "no webhook was ever sent: nobody has made one for this connector (connect may have that done as `todo`, or do "
    "it itself), so what this failure is about cannot come to it"
)
MOST_SHOWN = 400  # characters of an exchange


@dataclass(frozen=True)
class Verdict:
    """One failure and what became of it. `held` is None where it could not be played with this connector; `why` is a
    sentence for each thing that was not as wanted, `where` the step that wanted it, `proof` what crossed the wire."""

    id: str
    title: str
    backend: str
    report: str
    about: str
    held: bool | None
    seconds: float = 0.0
    where: str = ""
    why: tuple[str, ...] = ()
    proof: tuple[str, ...] = ()
    steps: tuple[str, ...] = field(default=(), repr=False)  # the story, word by word

    @property
    def word(self) -> str:
        return {True: "held", False: "broken", None: "not played"}[self.held]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "held": self.held,
            "seconds": round(self.seconds, 3),
            "report": self.report,
            "backend": self.backend,
            "about": self.about,
            "where": self.where,
            "why": list(self.why),
            "proof": list(self.proof),
        }


def catalogue(only: Sequence[str] = ()) -> list[Story]:
    """The stories of all failures, or of these (F01), in their order."""
    every = {path.stem: path for path in stories(FAILURES)}
    for id_ in only:
        if id_.upper() not in every:
            raise LabError(unknown("there is no failure", id_, every))
    wanted = {id_.upper() for id_ in only} or every
    return [read(path) for id_, path in every.items() if id_ in wanted]


def played(failures: Sequence[Story], connector: str = "", *, url: str = "", at_once: int = 0) -> Iterator[Verdict]:
    """Plays them, each in a world of its own, and yields the verdicts as they come.

    `connector` is a driver API (the sandbox's own sync when left out), `url` a running sandbox. Without one, sandboxes
    are started for as long as it takes, `at_once` of them (as many as there are processors, at most four).
    """
    spoken = known_backends(connector)
    mute = [failure for failure in failures if spoken and failure.backend not in spoken]
    yield from (_not_played(failure, f"this connector does not know {failure.backend}") for failure in mute)
    rest = [failure for failure in failures if failure not in mute]
    if url:
        yield from _one_by_one(rest, connector, LabClient(url))
        return
    at_once = min(at_once or min(os.cpu_count() or 1, MOST_AT_ONCE), max(1, len(rest) // 4))
    if at_once == 1:
        yield from (_played_here(failure.path, connector) for failure in rest)
        return
    paths = sorted((f.path for f in rest), key=lambda path: path.stem)
    with ProcessPoolExecutor(at_once, mp_context=multiprocessing.get_context("spawn")) as processes:
        playing = [processes.submit(_played_here, path, connector) for path in paths]
        try:
            for done in as_completed(playing):
                yield done.result()
        finally:
            processes.shutdown(cancel_futures=True)


def observed(failures: Sequence[Story], onlooker: Onlooker) -> Iterator[Verdict]:
    """Plays them one after the other, in real time, with a connector that is told what to do, and watched."""
    for failure in failures:
        if any(s.word == "connect" and isinstance(s.value, dict) and s.value.get("handoff") for s in failure.steps):
            yield _not_played(failure, "a hand-off begins with an answer of the driver API")
            continue
        sandbox = _sandbox(tls=failure.needs == "https", sync=False)
        yield judged(failure, player.result(failure, sandbox.client, onlooker))


def known_backends(connector: str) -> list[str]:
    """The backends that this connector says it knows; nothing when it does not say, as it may."""
    if not connector:
        return []
    driver = Driver(connector)
    try:
        return driver.backends()
    finally:
        driver.close()


def _one_by_one(failures: Sequence[Story], connector: str, lab: LabClient) -> Iterator[Verdict]:
    for failure in failures:
        if failure.needs == "https" and not lab.url.startswith("https://"):
            yield _not_played(failure, "it is told on a sandbox with https: start that with --tls")
        else:
            yield judged(failure, player.result(failure, lab, connector or None))


def _played_here(path: Path, connector: str) -> Verdict:
    """In a sandbox of this process, which serves all that come after."""
    failure = read(path)
    sandbox = _sandbox(tls=failure.needs == "https", sync=not connector)
    return judged(failure, player.result(failure, sandbox.client, connector or None))


@cache
def _sandbox(*, tls: bool, sync: bool) -> Sandbox:
    return Sandbox(Settings(port=0, sync_port=0 if sync else None, tls=tls)).start()


def judged(failure: Story, result: Result) -> Verdict:
    """The verdict on a story that was played."""
    broken = result.failure
    if broken and broken.line in _handoffs(failure) and broken.said[0].startswith("was refused"):
        return _not_played(failure, f"this connector does not take WooCommerce's hand-off here: it {broken.said[0]}")
    if broken and result.webhooks == 0 and _only_webhooks(failure, broken):
        return _not_played(failure, UNHOOKED)
    return Verdict(
        **_told(failure),
        held=result.held,
        seconds=result.seconds,
        where=f"{failure.name}.yaml:{broken.line}: {broken.text}" if broken else "",
        why=(*broken.said, *([BEFORE] if broken.step == 0 else [])) if broken else (),
        proof=_proof(broken) if broken else (),
        steps=tuple(step.text() for step in failure.steps),
    )


def _proof(broken: Failure) -> tuple[str, ...]:
    lines = tuple(shown(exchange, most=MOST_SHOWN) for exchange in broken.exchanges)
    return lines or ("nothing at all",)


def _handoffs(failure: Story) -> set[int]:
    """The lines of a story of the hand-off at which it begins."""
    asked = [step for step in failure.steps if step.word == "connect" and isinstance(step.value, dict)]
    return {step.line for step in asked if failure.needs == "https" and step.value.get("handoff")}


def _only_webhooks(failure: Story, broken: Failure) -> bool:
    """Whether nothing is wrong but that a webhook did not come: to be counted, or to go astray."""
    astray = {s.line for s in failure.steps if isinstance(s.value, dict) and s.value.get("kind") in DELIVERY_KINDS}
    return all(said.startswith(COUNTED) or (said == NOT_STRUCK and broken.line in astray) for said in broken.said)


def _not_played(failure: Story, why: str) -> Verdict:
    return Verdict(**_told(failure), held=None, why=(why,), steps=tuple(step.text() for step in failure.steps))


def _told(failure: Story) -> dict[str, Any]:
    return {
        "id": failure.path.stem,
        "title": failure.title,
        "backend": failure.backend,
        "report": failure.report,
        "about": failure.about,
    }
