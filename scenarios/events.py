"""What the player tells while it plays. Each event is a plain value; `as_json` makes a JSON object of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .wire import shown


@dataclass(frozen=True)
class Started:
    """A world was made for the story. `steps` does not count what is given."""

    story: str
    title: str
    backend: str
    steps: int
    world: str

    def as_json(self) -> dict[str, Any]:
        return {"event": "started", **self.__dict__}


@dataclass(frozen=True)
class Doing:
    """A step begins. `number` is 0 for what is given."""

    number: int
    line: int
    word: str
    text: str

    def as_json(self) -> dict[str, Any]:
        return {"event": "doing", **self.__dict__}


@dataclass(frozen=True)
class Crossed:
    """What crossed the wire during the step: exchanges as the journal has them."""

    number: int
    exchanges: tuple[Mapping[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        return {"event": "crossed", "number": self.number, "exchanges": [dict(e) for e in self.exchanges]}

    def lines(self) -> list[str]:
        return [shown(e) for e in self.exchanges]


@dataclass(frozen=True)
class Believes:
    """What each side now believes, told when it has changed: pieces by SKU in the store and in the backend, and
    what the connector says of the connection."""

    number: int
    shelf: Mapping[str, Any]
    received: Mapping[str, Any]
    status: str

    def as_json(self) -> dict[str, Any]:
        return {"event": "believes", **{k: dict(v) if isinstance(v, Mapping) else v for k, v in self.__dict__.items()}}


@dataclass(frozen=True)
class Failure:
    """Where and why a story did not hold. `said` is one sentence for each thing that is not as wanted; `exchanges`
    are those that prove it, or that came nearest to what was wanted."""

    line: int
    step: int
    text: str
    said: tuple[str, ...]
    exchanges: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "line": self.line,
            "step": self.step,
            "text": self.text,
            "said": list(self.said),
            "exchanges": [dict(e) for e in self.exchanges],
        }


@dataclass(frozen=True)
class Result:
    """How a story ended. `seconds` is real time; `world` is where it can be looked at, when it was kept."""

    story: str
    title: str
    backend: str
    held: bool
    steps: int
    seconds: float
    shows: tuple[str, ...] = ()
    report: str = ""
    failure: Failure | None = None
    world: str = ""
    calls: Mapping[str, int] = field(default_factory=dict)  # requests to each service, given ones left out
    webhooks: int = 0  # that anybody sent, to whomever

    def as_json(self) -> dict[str, Any]:
        return {
            "event": "result",
            **self.__dict__,
            "shows": list(self.shows),
            "calls": dict(self.calls),
            "seconds": round(self.seconds, 3),
            "failure": self.failure.as_json() if self.failure else None,
        }

    def lines(self) -> list[str]:
        """The result for people: one line when it held, the reasons and the proof when not."""
        if self.failure is None:
            return [f"held    {self.title} ({self.steps} steps, {self.seconds:.2f} s)"]
        broken = [f"BROKEN  {self.title}", f"  {self.story}.yaml:{self.failure.line}: {self.failure.text}"]
        broken += [f"    {sentence}" for sentence in self.failure.said]
        if self.failure.exchanges:
            broken += ["  what crossed the wire:", *(f"    {shown(e)}" for e in self.failure.exchanges)]
        return broken


Event = Started | Doing | Crossed | Believes | Result
