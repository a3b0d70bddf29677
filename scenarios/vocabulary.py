"""Holds a story against the words that the sandbox knows, before anything is played."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from storelab.client import LabClient
from storelab.emulators.kernel.spelling import nearest, unknown

from .driver import IMMORTAL, Driver
from .source import Place
from .story import STORE, Step, Story

ROLE = "store"  # how a story names the store
STAGING = "staging"  # and its copy, once "clone to staging" has made one
EXPECTED = ("shelf", "received", "store", "staging", "status", "refused", "calls", "sent", "unsaid", "deliveries")
BY_SERVICE = ("calls", "sent", "unsaid", "deliveries")
SYNCS = ("once", "until idle", "push", "cron")  # to sync, whatever the connector; the rest are its buttons
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
SYNC, KILLED = "sync", "killed"  # the one fault of the connector itself
FAULT_WHERE = ("service", "operation", "method", "sender")
FAULT_HOW = ("times", "skip", "chance", "phase", "status", "retry_after", "seconds", "copies")
FAULT_ARGUMENTS = ("kind", *FAULT_WHERE, *FAULT_HOW)


@dataclass
class Vocabulary:
    """The words of a running sandbox, and the buttons of a connector where one is there to be asked."""

    client: LabClient
    driver: Driver | None = None

    @property
    def services(self) -> dict[str, Any]:
        """Service -> {"states": {words: {"arguments", "required"}}, "moves": ..., "facts": ...}."""
        return self.client.vocabulary

    @property
    def operations(self) -> dict[str, list[str]]:
        """Service -> the operations it has."""
        return self.client.operations

    @cached_property
    def faults(self) -> list[str]:
        return list(self.client.call("GET", "/faults")["kinds"])

    def buttons(self, backend: str) -> list[str] | None:
        """The runs that a person can start; None when the connector does not say."""
        told = self.driver.wants(backend).get("buttons") if self.driver else None
        return [str(button) for button in told] if isinstance(told, list) else None

    def words(self, service: str, kind: str) -> dict[str, Any]:
        """`kind` is states, moves or facts."""
        found: dict[str, Any] = self.services.get(STORE if service == STAGING else service, {}).get(kind, {})
        return found


def service_of(name: str) -> str:
    """The service that a story means by this name."""
    return STORE if name == ROLE else name


@dataclass(frozen=True)
class Phrase:
    """Words to be said to one service."""

    service: str
    words: str
    said: Any
    place: Place

    @property
    def arguments(self) -> dict[str, Any]:
        return self.said if isinstance(self.said, dict) else {}


def phrases(step: Step, backend: str, services: Iterable[str]) -> Iterator[Phrase]:
    """What a `state` or `move` says, and to whom: `store`, `staging` or a service's name before the words, else the
    backend."""
    yield from _phrases(step.value, step.place, backend, {ROLE, STAGING, *services})


def _phrases(value: Any, place: Place, service: str, names: set[str]) -> Iterator[Phrase]:
    if isinstance(value, str):
        yield Phrase(service, value, None, place)
        return
    for words, said in value.items():
        if words in names and isinstance(said, dict | str):
            yield from _phrases(said, (*place, words), service_of(words), set())
        else:
            yield Phrase(service, words, said, (*place, words))


def check(story: Story, vocabulary: Vocabulary) -> None:
    """`BadStory` with the first word that the sandbox does not know."""
    if story.backend not in vocabulary.services:
        backends = [name for name in vocabulary.services if name != STORE]
        raise story.source.bad(("backend",), unknown("there is no backend", story.backend, backends))
    for step in story.steps:
        for place, message in _CHECKS.get(step.word, _nothing)(step, story.backend, vocabulary):
            raise story.source.bad(place, message)


Complaints = Iterator[tuple[Place, str]]


def _nothing(step: Step, backend: str, vocabulary: Vocabulary) -> Complaints:
    yield from ()


def _spoken(step: Step, backend: str, vocabulary: Vocabulary) -> Complaints:
    kind = f"{step.word}s"
    for phrase in phrases(step, backend, vocabulary.services):
        known = vocabulary.words(phrase.service, kind)
        if phrase.words not in known:
            yield phrase.place, _unknown_words(phrase.service, step.word, phrase.words, vocabulary)
            return
        if isinstance(phrase.said, str):
            yield phrase.place, f"{phrase.words!r} is followed by {phrase.said!r}; it takes a mapping of its arguments."
            return
        yield from _arguments(phrase, known[phrase.words])


def _sync(step: Step, backend: str, vocabulary: Vocabulary) -> Complaints:
    if step.value in SYNCS or (buttons := vocabulary.buttons(backend)) is None or step.value in buttons:
        return
    yield step.place, unknown("sync cannot be", step.value, dict.fromkeys([*SYNCS, *buttons]))


def _arguments(phrase: Phrase, known: Mapping[str, Any]) -> Complaints:
    for name in phrase.arguments:
        if name not in known["arguments"]:
            what = f"{phrase.words!r} of {phrase.service} has no argument"
            yield (*phrase.place, name), unknown(what, name, known["arguments"])
    missing = [name for name in known["required"] if name not in phrase.arguments]
    if missing:
        takes = ", ".join(known["arguments"])
        yield phrase.place, f"{phrase.words!r} of {phrase.service} needs {', '.join(missing)}. It takes: {takes}."


def _unknown_words(service: str, kind: str, words: str, vocabulary: Vocabulary) -> str:
    """Where the words are known elsewhere, says how to write them."""
    said = unknown(f"{service} has no {kind}", words, vocabulary.words(service, f"{kind}s"))
    for other in vocabulary.services:
        if other != service and words in vocabulary.words(other, f"{kind}s"):
            role = ROLE if other == STORE else other
            return f"{other} has {words!r}: write {kind}: {{{role}: {{{words}: ...}}}}. {said}"
    return said


def _fault(step: Step, backend: str, vocabulary: Vocabulary) -> Complaints:
    if isinstance(step.value, str):
        return
    if kills(step):
        yield from _killing(step, vocabulary)
        return
    for name in step.value:
        if name not in FAULT_ARGUMENTS:
            yield (*step.place, name), unknown("fault has no", name, FAULT_ARGUMENTS)
    if step.value["kind"] == KILLED:
        yield step.place, f"only the sync is {KILLED}: write {{kind: {KILLED}, service: {SYNC}}}."
    elif step.value["kind"] not in vocabulary.faults:
        yield (*step.place, "kind"), unknown("there is no fault", str(step.value["kind"]), vocabulary.faults)
    service = step.value.get("service", backend)
    if service_of(service) not in vocabulary.services:
        yield (*step.place, "service"), unknown("there is no service", str(service), _names(vocabulary))
        return
    operation = step.value.get("operation")
    known = vocabulary.operations.get(service_of(service), [])
    if operation is not None and operation not in known:
        what = f"{service_of(service)} has no operation"
        yield (*step.place, "operation"), _shortened(what, str(operation), known)


def kills(step: Step) -> bool:
    """Whether the sync is to be killed."""
    return step.word == "fault" and isinstance(step.value, dict) and step.value.get("service") == SYNC


def _killing(step: Step, vocabulary: Vocabulary) -> Complaints:
    for name in step.value:
        if name not in ("kind", "service", "skip"):
            yield (*step.place, name), unknown("a fault of the sync has no", name, ("kind", "service", "skip"))
    if step.value["kind"] != KILLED:
        yield (*step.place, "kind"), unknown("the sync has no fault", str(step.value["kind"]), (KILLED,))
    skip = step.value.get("skip", 0)
    if isinstance(skip, bool) or not isinstance(skip, int) or skip < 0:
        yield (*step.place, "skip"), f"skip is {skip!r}; it takes how many points of its work are passed, from 0 on."
    if vocabulary.driver and not vocabulary.driver.mortal:
        yield step.place, f"{IMMORTAL}."


def _expect(step: Step, backend: str, vocabulary: Vocabulary) -> Complaints:
    facts = vocabulary.words(backend, "facts")
    for name in step.value:
        if name not in EXPECTED and name not in facts:
            yield (*step.place, name), unknown("nothing to expect is called", name, (*EXPECTED, *facts))
    for side in (ROLE, STAGING):
        for name in step.value.get(side) or ():
            known = vocabulary.words(STORE, "facts")
            if name not in known:
                yield (*step.place, side, name), unknown(f"{STORE} has no fact", name, known)
    for kind in BY_SERVICE:
        for service, wanted in (step.value.get(kind) or {}).items():
            place = (*step.place, kind, service)
            if service != STAGING and service_of(service) not in vocabulary.services:
                yield place, unknown("there is no service", service, _names(vocabulary))
            elif kind in ("calls", "sent") and isinstance(wanted, dict):
                yield from _operations(place, service, wanted, vocabulary, methods=kind == "calls")


def _operations(
    place: Place, service: str, wanted: Mapping[str, Any], vocabulary: Vocabulary, *, methods: bool
) -> Complaints:
    known = vocabulary.operations.get(STORE if service == STAGING else service_of(service), [])
    words = ("at least", "at most", *METHODS) if methods else ()
    for name in wanted:
        if name not in known and name not in words and not (methods and re.fullmatch(r"[1-5]\d\d", name)):
            yield (*place, name), _shortened(f"{service_of(service)} has no operation", name, [*known, *words])


def _shortened(what: str, word: str, known: list[str]) -> str:
    """A service can have hundreds of operations: those of the same resource are enough."""
    close = nearest(word, known)
    alike = [k for k in known if k.split(".")[0] in (word.split(".")[0], close.split(".")[0])] if "." in word else []
    return unknown(what, word, alike or ([close] if close else known[:12]))


def _names(vocabulary: Vocabulary) -> list[str]:
    return [ROLE, *(name for name in vocabulary.services if name != STORE)]


_CHECKS: dict[str, Callable[[Step, str, Vocabulary], Complaints]] = {
    "state": _spoken,
    "move": _spoken,
    "sync": _sync,
    "fault": _fault,
    "expect": _expect,
}
