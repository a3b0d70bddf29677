"""What is to be tried, and what came of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storelab.client import LabClient
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.errors import LabError
from storelab.emulators.kernel.spelling import meant, unknown

PHASES = ("examples", "coverage", "fuzzing", "stateful")
FRESH = ""  # the state of a world in which nothing was ever done
OURS = ("control", "connector")  # APIs of the laboratory itself: they have no states and no laws


@dataclass(frozen=True)
class Plan:
    """One service from one state.

    `seconds` ends it early; `operation` ("GET /offers") leaves all others out. `quick` leaves out methods that do what
    another one of their path does (WordPress takes POST, PUT and PATCH alike), and of the cases that a document
    spells out those that depart from it: they are thousands, and the phase "fuzzing" tries some.
    """

    service: str
    state: str = FRESH
    seed: int = 42
    examples: int = 10
    seconds: int | None = None
    phases: tuple[str, ...] = PHASES
    operation: str = ""
    quick: bool = False

    @property
    def title(self) -> str:
        return f"{self.service}, {self.state or 'fresh'}"

    @property
    def line(self) -> str:
        """The command that does this again."""
        words = ["storelab", "fuzz", self.service, "--state", self.state, "--seed", str(self.seed)]
        words += ["--max-examples", str(self.examples)]
        if self.phases != PHASES:
            words += ["--phases", ",".join(self.phases)]
        if self.operation:
            words += ["--operation", self.operation]
        if self.quick:
            words.append("--quick")
        return shlex.join(words)


@dataclass(frozen=True)
class Finding:
    """One thing that did not hold. `replay` is the command that shows it again, `curl` the request alone."""

    plan: Plan
    operation: str
    check: str
    title: str
    message: str
    curl: str

    @property
    def replay(self) -> str:
        return self.plan.line

    def as_json(self) -> dict[str, str]:
        return {
            "service": self.plan.service,
            "state": self.plan.state,
            "operation": self.operation,
            "check": self.check,
            "title": self.title,
            "message": self.message,
            "curl": self.curl,
            "replay": self.replay,
        }


@dataclass(frozen=True)
class Outcome:
    """What came of a plan. `stopped` says why it ended early, if it did."""

    plan: Plan
    findings: tuple[Finding, ...] = ()
    operations: int = 0
    requests: int = 0
    seconds: float = 0.0
    stopped: str = ""

    @property
    def held(self) -> bool:
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        return {
            "service": self.plan.service,
            "state": self.plan.state,
            "seed": self.plan.seed,
            "held": self.held,
            "operations": self.operations,
            "requests": self.requests,
            "seconds": round(self.seconds, 2),
            "stopped": self.stopped,
            "findings": [finding.as_json() for finding in self.findings],
        }


def plans(lab: LabClient, service: str = "", *, state: str | None = None, **settings: Any) -> list[Plan]:
    """For a service, or for all: from a fresh account and from each of its named states, or from `state` alone.
    `LabError` for whatever is not there: with nothing to try, everything would hold."""
    vocabulary = lab.vocabulary
    known = [*vocabulary, "control", *(["connector"] if "sync" in lab.info() else [])]
    if service and service not in known:
        raise LabError(unknown("there is no service", service, known), status=404, code="unknown_service")
    for phase in settings.get("phases", PHASES):
        if phase not in PHASES:
            raise LabError(unknown("there is no phase", phase, PHASES))
    wanted = _with_operation(
        [service] if service else known, settings.get("operation", ""), settings.get("quick", False)
    )
    states = {name: (FRESH, *(vocabulary[name]["states"] if name in vocabulary else ())) for name in wanted}
    if state is not None and not any(state in some for some in states.values()):
        named = dict.fromkeys(one for some in states.values() for one in some if one)
        raise LabError(unknown(f"{service} has no state" if service else "there is no state", state, named))
    return [
        Plan(name, one, **settings) for name, some in states.items() for one in some if state is None or one == state
    ]


def _with_operation(services: Sequence[str], operation: str, quick: bool) -> list[str]:
    """Those that have it; all without one."""
    if not operation:
        return list(services)
    tried = {name: operations(load_document(name), quick=quick) for name in services}
    having = [name for name, some in tried.items() if operation in some]
    if not having:
        every = [one for some in tried.values() for one in some]
        raise LabError(
            f"there is no operation {operation!r} to try.{meant(operation, every)} Write it as the document does, like "
            f"{every[0]!r}; what is not emulated is not tried, nor are aliases with --quick"
        )
    return having


def operations(document: Mapping[str, Any], *, quick: bool) -> list[str]:
    """What of a document is tried, as schemathesis calls it: "GET /offers"."""
    return [
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method, raw in item.items()
        if isinstance(raw, dict) and "responses" in raw and not left_out(raw, quick=quick)
    ]


def left_out(raw: Mapping[str, Any], *, quick: bool) -> bool:
    """Operations that are not emulated; with `quick` also those that do what another one of their path does."""
    return bool(raw.get("x-not-emulated") or (quick and raw.get("x-handler")))
