"""Fuzzing: every operation of a service's document, from every named state, with all checks and the laws on.

schemathesis generates the requests from `openapi/<service>.yaml`. Each plan gets a world of its own, with a frozen
clock, webhooks held back and a seed, so that the same plan sends the same requests.
"""

from __future__ import annotations

import base64
import shlex
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests

from . import laws
from .client import LabClient
from .emulators.kernel.documents import load_document
from .emulators.kernel.errors import LabError

PHASES = ("examples", "coverage", "fuzzing", "stateful")
START = "2026-01-05T09:00:00Z"  # a Monday morning
SETTINGS = Path(__file__).with_name("schemathesis.toml")
FRESH = ""  # the state of a world in which nothing was ever done
KEY_MOVES = (("issue key", "revoke key", "key"), ("create API key", "revoke API key", "consumer_key"))
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


@dataclass(frozen=True)
class Step:
    """Progress: an operation was tried in a phase."""

    phase: str
    operation: str
    held: bool
    requests: int


Progress = Callable[[Step], None]


@dataclass(frozen=True)
class Target:
    """Where the requests go, and what opens the door there."""

    url: str
    document: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def plans(lab: LabClient, service: str, **settings: Any) -> list[Plan]:
    """A plan for a fresh account and for each named state of the service."""
    if service in OURS:
        return [Plan(service, **settings)]
    vocabulary = lab.call("GET", "/vocabulary")
    if service not in vocabulary:
        known = ", ".join([*vocabulary, *OURS])
        raise LabError(f"there is no service {service!r}; there are: {known}", status=404, code="unknown_service")
    return [Plan(service, state, **settings) for state in (FRESH, *vocabulary[service]["states"])]


def services(lab: LabClient) -> list[str]:
    """Everything that has a document."""
    return [*lab.call("GET", "/vocabulary"), "control", *(["connector"] if "sync" in lab.info() else [])]


def fuzz(lab: LabClient, plan: Plan, progress: Progress | None = None) -> Outcome:
    """Carry the plan out against the sandbox, in a world that is dropped afterwards."""
    with _world(lab, plan.service) as world, _of_the_seed_alone():
        return _Run(world, plan, progress or (lambda step: None)).outcome()


@contextmanager
def _of_the_seed_alone() -> Iterator[None]:
    """Hypothesis also draws the numbers and texts that it finds in the modules of the program (and has no setting for
    it): then a seed sent other requests from a checkout than from an installation, and others after each import."""
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.constants_ast import Constants

    names = ("_get_local_constants", "CONSTANTS_CACHE")
    before, nothing = [getattr(providers, name) for name in names], Constants()
    for name, value in zip(names, (lambda: nothing, type(before[1])(before[1].max_size)), strict=True):
        setattr(providers, name, value)
    try:
        yield
    finally:
        for name, value in zip(names, before, strict=True):
            setattr(providers, name, value)


@contextmanager
def _world(lab: LabClient, service: str) -> Iterator[LabClient]:
    """A world with a name that is the same each time, if it is free; all worlds made meanwhile go with it."""
    before = set(lab.call("GET", "/worlds")["worlds"])
    name = f"fuzz-{service}"
    world = lab.make_world(name if name not in before else None, seed="fuzz")
    try:
        yield world
    finally:
        made = set(lab.call("GET", "/worlds")["worlds"]) - before
        for extra in made if service == "control" else made & {world.url.rsplit("/~", 1)[1]}:
            lab.call("DELETE", f"/worlds/{extra}")


def target(world: LabClient, service: str) -> Target:
    """Address, document and credentials of a service in this world."""
    info = world.info()
    document = load_document(service)
    if service == "control":
        return Target(f"{world.url}/_lab", document)
    if service == "connector":
        return Target(info["sync"]["url"], document)
    account = info["store"] if service == "woocommerce" else info["backends"][service]
    return Target(account["url"], document, credentials(document, account))


def credentials(document: Mapping[str, Any], account: Mapping[str, Any]) -> dict[str, str]:
    """Headers that open the door, by the first security scheme of the document that is one of HTTP's own.

    Basic credentials are taken only over https: the headers say that a proxy ended the encryption.
    """
    for scheme in document.get("components", {}).get("securitySchemes", {}).values():
        if scheme["type"] == "http" and scheme["scheme"] == "bearer":
            return {"Authorization": f"Bearer {account.get('api_key') or account.get('token')}"}
        if scheme["type"] == "http" and scheme["scheme"] == "basic":
            pair = f"{account['consumer_key']}:{account['consumer_secret']}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}", "X-Forwarded-Proto": "https"}
        if scheme["type"] == "apiKey" and scheme["in"] == "header":
            return {scheme["name"]: f"{scheme.get('x-prefix', '')}{account['api_key']}"}
    return {}


def configured(
    target: Target, *, seed: int, examples: int, phases: Sequence[str], seconds: int | None = None
) -> dict[str, Any]:
    """What schemathesis is told, as `schemathesis.toml` has it for this document. `seconds` end it early."""
    settings = tomllib.loads(SETTINGS.read_text())
    settings |= {"seed": seed, "base-url": target.url, "headers": dict(target.headers)}
    if seconds:
        settings["max-time"] = seconds
    settings["generation"] = {**settings.get("generation", {}), "max-examples": examples}
    configured_phases = settings.setdefault("phases", {})
    for phase in PHASES:
        configured_phases[phase] = {**configured_phases.get(phase, {}), "enabled": phase in phases}
    return settings


def revoked(world: LabClient, service: str, document: Mapping[str, Any]) -> dict[str, str]:
    """Headers with a key that was issued and then revoked; none where the service's cabinet has no such moves."""
    moves = world.call("GET", "/vocabulary")[service]["moves"]
    for issue, revoke, name in KEY_MOVES:
        if issue in moves and revoke in moves:
            key = world.do(service, issue)
            world.do(service, revoke, **{name: key.get(name) or key["api_key"]})
            return credentials(document, key)
    return {}


_kept_here: dict[str, Callable[[Any], None]] = {}


def before_call(ctx: Any, case: Any, kwargs: Any) -> None:
    """A hook of schemathesis, by its name: requests with addresses in them stay in the sandbox."""
    if keep := _kept_here.get(case.operation.schema.config.base_url):
        keep(case.body)


def _forget_hook() -> None:
    from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

    if not _kept_here:
        GLOBAL_HOOK_DISPATCHER.unregister(before_call)


class _Run:
    """One plan being carried out."""

    def __init__(self, world: LabClient, plan: Plan, progress: Progress) -> None:
        self.world, self.plan, self.progress = world, plan, progress
        self.target = target(world, plan.service)
        self.watch: laws.Watch | None = None
        self.findings: dict[tuple[str, str, str], Finding] = {}
        self.requests = 0
        self.stopped = ""

    def outcome(self) -> Outcome:
        from schemathesis.engine import events, from_schema

        started = time.monotonic()
        schema = self._schema()
        self._begin()
        try:
            for event in from_schema(schema).execute():
                if isinstance(event, events.PhaseStarted) and event.phase.name.value in self.plan.phases:
                    self._begin()
                elif isinstance(event, events.PhaseFinished):
                    self._end()
                elif isinstance(event, events.ScenarioFinished):
                    self._scenario(event)
                elif isinstance(event, events.NonFatalError):
                    self._broken(event.label, str(event.info.title), str(event.value))
                elif isinstance(event, events.FatalError):
                    raise LabError(f"fuzzing {self.plan.title} could not be done: {event.exception}")
                elif isinstance(event, events.EngineFinished) and event.stop_reason != "completed":
                    self.stopped = event.stop_reason.value
        finally:
            if self.watch:
                laws.release(self.watch)
            if _kept_here.pop(self.target.url, None):
                _forget_hook()
                self._disconnect()
        return Outcome(
            self.plan,
            tuple(self.findings.values()),
            schema.statistic.operations.selected,
            self.requests,
            time.monotonic() - started,
            self.stopped,
        )

    def _disconnect(self) -> None:
        """What was connected here would go on calling a world that is gone."""
        for connection in requests.get(f"{self.target.url}/connections", timeout=30).json():
            if connection["store"]["url"].startswith(self.world.url):
                requests.delete(f"{self.target.url}/connections/{connection['id']}", timeout=60)

    def _begin(self) -> None:
        """Each phase starts from the state, whatever the one before has left."""
        plan, world = self.plan, self.world
        if plan.service == "connector":
            return
        world.call("POST", "/reset")
        world.clock(freeze=START)
        world.call("POST", "/deliveries/hold")  # addresses are made up here: nothing is sent to them
        if plan.service in OURS:
            return
        if self.watch is None:
            self.watch = laws.Watch(world, plan.service, self.target.url)
            laws.keep(self.watch)
        self.watch.revoked = revoked(world, plan.service, self.target.document)
        if plan.state:
            world.state(plan.service, plan.state)
        self.watch.begin()

    def _end(self) -> None:
        """The answers since the last look are looked at too."""
        if self.watch and (problem := self.watch.problem()):
            law = laws.what_changes_may_change.__name__
            self._add(Finding(self.plan, "the last requests", law, "Something changed", problem, ""))

    def _add(self, found: Finding) -> None:
        self.findings.setdefault((found.operation, found.check, found.title), found)

    def _schema(self) -> Any:
        """The document as schemathesis reads it, without what is not emulated."""
        import schemathesis
        from schemathesis.config import SchemathesisConfig

        plan = self.plan
        tried = [p for p in plan.phases if p != "stateful" or not plan.operation]  # one alone makes no sequence
        settings = configured(self.target, seed=plan.seed, examples=plan.examples, phases=tried, seconds=plan.seconds)
        phases = settings["phases"]
        if plan.quick:
            phases["coverage"]["generation"] = {"mode": "positive"}
        config = SchemathesisConfig.from_dict(settings)
        whole = schemathesis.openapi.from_dict(dict(self.target.document), config=config)
        if plan.service == "connector":
            if not _kept_here:
                schemathesis.hook(before_call)
            _kept_here[self.target.url] = self._only_here
        return whole.exclude(self._left_out)

    def _left_out(self, ctx: Any) -> bool:
        """What is not emulated, and what the plan does not want."""
        raw = ctx.operation.definition.raw
        if raw.get("x-not-emulated") or (self.plan.quick and raw.get("x-handler")):
            return True
        return self.plan.operation not in ("", ctx.operation.label)

    def _only_here(self, body: Any) -> None:
        """A connector calls the addresses it is given: let them all be this world's, and every other key a good one."""
        if not isinstance(body, dict) or not isinstance(body.get("store"), dict):
            return
        info = self.world.info()
        for part, account in (("store", info["store"]), ("credentials", next(iter(info["backends"].values())))):
            given = body.get(part)
            if isinstance(given, dict) and isinstance(given.get("url"), str):
                given["url"] = account["url"]
                if self.requests % 2:
                    given |= {name: account[name] for name in given if isinstance(account.get(name), str)}

    def _scenario(self, event: Any) -> None:
        recorder = event.recorder
        self.requests += len(recorder.interactions)
        for checks in recorder.checks.values():
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    self._add(
                        Finding(
                            self.plan,
                            failure.operation,
                            check.name,
                            failure.title,
                            failure.message,
                            check.failure_info.code_sample,
                        )
                    )
        if recorder.interactions:
            held = event.status.value in ("success", "skip")
            self.progress(Step(event.phase.value, event.label or "in sequence", held, len(recorder.interactions)))

    def _broken(self, operation: str, title: str, message: str) -> None:
        self._add(Finding(self.plan, operation, "generation", title, message, ""))


def fuzz_all(
    lab: LabClient,
    names: Sequence[str] = (),
    *,
    states: Sequence[str] | None = None,
    progress: Callable[[Plan, Step], None] | None = None,
    **settings: Any,
) -> list[Outcome]:
    """Every plan of these services (all, when none is named), one after the other."""
    outcomes = []
    for service in names or services(lab):
        for plan in plans(lab, service, **settings):
            if states is not None and plan.state not in states:
                continue
            told = None if progress is None else (lambda step, plan=plan: progress(plan, step))
            outcomes.append(fuzz(lab, plan, told))
    return outcomes


def shrunk(plan: Plan, finding: Finding) -> Plan:
    """The plan with only the operation of this finding."""
    return replace(plan, operation=finding.operation)
