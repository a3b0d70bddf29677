"""Record: what is clicked becomes the steps of a story that can be played again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app

from storelab.scenarios.writing import written

from .traffic import STORE

Step = Mapping[str, Any]
MOST_STEPS = 500
_SYNCED = (
    "state",
    "move",
    "wait",
    "connect",
    "sync",
)  # after these, a connector that works by itself has done its part


@dataclass
class Recording:
    steps: list[Step] = field(default_factory=list)
    on: bool = True


@dataclass
class Recorder:
    """One recording a world; it goes on until it is stopped."""

    recordings: dict[str, Recording] = field(default_factory=dict)

    def start(self, world: str) -> None:
        self.recordings[world] = Recording()

    def stop(self, world: str) -> None:
        if world in self.recordings:
            self.recordings[world].on = False

    def drop(self, world: str) -> None:
        self.recordings.pop(world, None)

    def of(self, world: str) -> Recording | None:
        return self.recordings.get(world)

    def said(self, world: str, service: str, kind: str, name: str, arguments: Mapping[str, Any]) -> None:
        self.add(world, {kind.removesuffix("s"): {service: {name: dict(arguments)}}})

    def add(self, world: str, step: Step) -> None:
        """A step as a story has it, but that the words of a backend stand under its name as those of the store do."""
        recording = self.recordings.get(world)
        if recording is not None and recording.on and len(recording.steps) < MOST_STEPS:
            recording.steps.append(step)


def recorder() -> Recorder:
    found: Recorder = current_app.extensions["recorder"]
    return found


def story(title: str, backend: str, steps: Sequence[Step], *, sync: bool) -> str:
    """The recorded steps as a scenario file. With `sync`, the connector works after each step, once there is one: it
    does so by itself in a live world, and has to be told in a story."""
    return written(title, backend, list(_told(steps, backend, sync=sync)))


def _told(steps: Sequence[Step], backend: str, *, sync: bool) -> Iterator[Step]:
    connected = False
    for step in steps:
        word, value = next(iter(step.items()))
        if word in ("state", "move"):
            yield {word: _spoken(value, backend)}
        elif word == "connect":
            if value["backend"] != backend:
                continue
            connected = value["said"] != "end"
            yield {word: value["said"]}
        elif word == "fault" and isinstance(value, Mapping):
            yield {word: {**value, "service": _role(value["service"], backend)}}
        else:
            yield step
        if sync and connected and word in _SYNCED:
            yield {"sync": "until idle"}


def _spoken(value: Mapping[str, Any], backend: str) -> Any:
    """Words of the story's backend stand alone, those of the store and of others under their names."""
    service, words = next(iter(value.items()))
    name, arguments = next(iter(words.items()))
    said = {name: dict(arguments)} if arguments else name
    return said if service == backend else {_role(service, backend): said}


def _role(service: str, backend: str) -> str:
    return "store" if service == STORE else service
