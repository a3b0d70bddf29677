"""A plan being carried out, by schemathesis, in a world of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

from storelab import laws
from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from .plan import OURS, Finding, Outcome, Plan, left_out
from .target import configured, revoked, target

START = "2026-01-05T09:00:00Z"  # a Monday morning


def fuzz(lab: LabClient, plan: Plan) -> Outcome:
    """Carry the plan out against the sandbox, in a world that is dropped afterwards."""
    with _world(lab, plan.service) as world, _of_the_seed_alone():
        return _Run(world, plan).outcome()


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

    def __init__(self, world: LabClient, plan: Plan) -> None:
        self.world, self.plan = world, plan
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
        return whole.exclude(
            lambda ctx: (
                left_out(ctx.operation.definition.raw, quick=plan.quick)
                or plan.operation not in ("", ctx.operation.label)
            )
        )

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

    def _broken(self, operation: str, title: str, message: str) -> None:
        self._add(Finding(self.plan, operation, "generation", title, message, ""))
