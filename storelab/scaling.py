"""A day of many stores on the virtual clock: real store, real backend, real sync; only nobody waits.

Each store is a world of its own with a backend beside it, begun as `scenarios/BACKEND/traffic.yaml` tells, whose moves
then happen by seeded chance, more by day than by night. The connections' work is done by workers that are simulated, so
that lag shows what one machine can carry: a piece of work takes the time of a processor that it really took here (which
workers in threads of one process share), and for each call the time that an answer is said to take.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from time import perf_counter, thread_time
from typing import Any

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.sandbox import Sandbox, Settings
from storelab.scenarios.driver import Driver
from storelab.scenarios.merchant import Browser
from storelab.scenarios.scene import Scene
from storelab.scenarios.story import HOME, STORE, Step, Story, read
from storelab.scenarios.vocabulary import SYNCS, Vocabulary, phrases
from storelab.sync.service import Server, Service

STORY = "traffic"
SKU = "P-000001"  # stands for all in the story
FEW = 50  # what arrives at once; a greater number in a move is one that was counted
BEGINNING = datetime.fromisoformat("2026-11-02T00:00:00+00:00")
APART = 300.0  # seconds within which the stores were connected: a thousand that look at once are nobody's day
BUCKETS = 48  # columns of the plots


@dataclass(frozen=True)
class Plan:
    """`changes`: what happens in one store and its backend in an hour, on average over a day. `poll`: seconds between
    two pushes, of a connector that has such. `answer`: seconds that store and backend take for one call."""

    backend: str = "keycrm"
    stores: int = 3
    skus: int = 20
    hours: float = 6.0
    changes: float = 6.0
    poll: float = 300.0
    answer: float = 0.05
    workers: int = 4
    seed: int = 42


@dataclass
class Tally:
    """Seconds of the virtual clock: `lags` from when a connection had something to do until it was done, `ways` from a
    change on one side until the other side was seen to have it. With each, when it was."""

    changes: int = 0
    jobs: int = 0
    lags: list[tuple[float, float]] = field(default_factory=list)
    ways: list[tuple[float, float]] = field(default_factory=list)
    cpu: float = 0.0
    busy: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    calls_at: list[int] = field(default_factory=lambda: [0] * BUCKETS)
    converged: int = 0


def daily(hour: float) -> float:
    """How busy this hour of the day is; 1 on average, least at four in the morning."""
    return 1 - 0.8 * math.cos((hour - 4) / 24 * 2 * math.pi)


def traffic(plan: Plan, chance: Random) -> list[float]:
    """Seconds from the beginning at which something changes in one store."""
    found, at, fastest = [], 0.0, plan.changes * 1.8 / 3600
    while fastest and (at := at + chance.expovariate(fastest)) < plan.hours * 3600:
        if chance.random() < daily(at / 3600 % 24) / 1.8:
            found.append(at)
    return found


def told(backend: str) -> Story:
    """The backend's traffic; `LabError` with those that there are."""
    path = HOME / backend / f"{STORY}.yaml"
    if not path.is_file():
        there = ", ".join(sorted(other.parent.name for other in HOME.glob(f"*/{STORY}.yaml")))
        raise LabError(f"nobody has told how {backend} is busy (scenarios/{backend}/{STORY}.yaml); there is {there}")
    return read(path)


def with_sku(said: Any, sku: str) -> Any:
    """The same of another SKU."""
    if isinstance(said, dict):
        return {with_sku(name, sku): with_sku(value, sku) for name, value in said.items()}
    return sku if said == SKU else said


def sized(said: Any, skus: int) -> Any:
    """The same with a catalogue of so many."""
    if not isinstance(said, dict):
        return said
    return {name: skus if name == "size" else sized(value, skus) for name, value in said.items()}


@dataclass(frozen=True)
class Script:
    """A story of traffic, taken apart. `button` is what the merchant's cron presses, if it does."""

    story: Story
    beginning: tuple[Step, ...]
    moves: tuple[Step, ...]
    button: str

    @classmethod
    def of(cls, story: Story, skus: int) -> Script:
        first = next(n for n, step in enumerate(story.steps) if step.word == "expect")
        beginning: list[Step] = []
        for step in story.steps[:first]:
            each = SKU in str(step.value)
            numbers = range(1, skus + 1) if each else (1,)
            beginning += [replace(step, value=sized(with_sku(step.value, f"P-{n:06}"), skus)) for n in numbers]
        rest = story.steps[first:]
        buttons = [str(step.value) for step in rest if step.word == "sync" and step.value not in ("once", "until idle")]
        return cls(
            story, tuple(beginning), tuple(step for step in rest if step.word == "move"), next(iter(buttons), "")
        )


class Site:
    """One store with its backend and its connection."""

    def __init__(self, world: LabClient, service: Service, driver: Driver, words: Vocabulary, script: Script) -> None:
        world.clock(freeze=BEGINNING.isoformat())
        self.service, self.script = service, script
        self.scene = Scene(script.story, world, driver, words, BEGINNING, browser=Browser(world.verify))
        for step in script.beginning:
            self.scene.act(step)
            self.scene.nothing_was_refused()
        self.scene.settle()
        self.id, self.begun = self.scene.connection, self.scene.now
        self.seen = max((row["number"] for row in world.journal(limit=1)), default=0)
        self.pending: dict[str, float] = {}  # SKUs that differ, and since when

    @property
    def now(self) -> float:
        """Seconds since traffic began."""
        return (self.scene.now - self.begun).total_seconds()

    def go_to(self, at: float) -> None:
        """The world's clock never goes back."""
        if at > self.now:
            self.scene.read_clock(self.scene.world.clock(advance=at - self.now))
        self.service.clock.tell(self.id, self.scene.now)

    def change(self, chance: Random, skus: int) -> None:
        sku, step = f"P-{chance.randint(1, skus):06}", chance.choice(self.script.moves)
        some = replace(step, value=with_sku(_varied(step.value, chance), sku))
        for phrase in phrases(some, self.scene.story.backend, self.scene.vocabulary.services):
            self.scene.world.do(phrase.service, phrase.words, **phrase.arguments)
        self.pending.setdefault(sku, self.now)
        self.scene.settle()

    def work(self) -> tuple[float | None, float]:
        """Let the sync do what is due: when it wants to go on, and seconds of a processor that it took."""
        started = thread_time()
        progress = self.service.engine.advance(self.id, self.scene.now)
        took = thread_time() - started
        self.scene.settle()
        next_at = progress.next_at
        return None if next_at is None else (next_at - self.begun).total_seconds(), took

    def press(self) -> None:
        if self.script.button in SYNCS:
            self.scene.driver.push(self.id, self.scene.now)
        else:
            self.scene.driver.start(self.id, self.script.button, self.scene.now)

    def differing(self) -> set[str]:
        """SKUs of which the two sides say different numbers."""
        ours, theirs = self.scene.pieces(STORE), self.scene.pieces(self.scene.story.backend)
        return {sku for sku, number in theirs.items() if sku in ours and max(0, ours[sku] or 0) != max(0, number or 0)}

    def arrived(self) -> Iterator[float]:
        """Since when that was pending which both sides agree on now."""
        left = self.differing() if self.pending else set()
        yield from (since for sku, since in self.pending.items() if sku not in left)
        self.pending = {sku: since for sku, since in self.pending.items() if sku in left}


def _varied(said: Any, chance: Random) -> Any:
    """What is counted is counted anew each time; what arrives or is sold is what the story says."""
    if isinstance(said, dict):
        anew = {"quantity": chance.randint(90, 140)} if said.get("quantity", 0) > FEW else {}
        return {**{name: _varied(value, chance) for name, value in said.items()}, **anew}
    return said


Progress = Callable[[str, float], None]  # what is being done, and how much of it is


def simulated(plan: Plan, progress: Progress = lambda what, done: None) -> tuple[Tally, dict[str, float]]:
    """Live through it; what came of it, and seconds it really took."""
    script, asked, started = Script.of(told(plan.backend), plan.skus), Counter[str](), perf_counter()
    connected = Random(plan.seed)  # noqa: S311 - traffic, not a secret

    def point(where: str) -> None:
        asked["calls"] += where.startswith("before ")

    with Sandbox(Settings(port=0, sync_port=None)) as sandbox, Server(port=0, point=point) as server:
        lab = sandbox.client
        driver, sites = Driver(server.url), list[Site]()
        words = Vocabulary(lab, driver)
        for number in range(plan.stores):
            world = lab.make_world(seed=f"scale {plan.seed} {number}")
            site = Site(world, server.service, driver, words, script)
            site.begun += timedelta(seconds=connected.uniform(0, APART))
            sites.append(site)
            progress("stores", (number + 1) / plan.stores)
        prepared = perf_counter() - started
        tally = Life(plan, sites, asked).lived(progress)
        for site in sites:
            _ended(site, plan, tally)
    return tally, {"prepare": round(prepared, 1), "live": round(perf_counter() - started - prepared, 1)}


class Life:
    """Everything in its order: something changes, the cron presses the button, a connection has something to do."""

    def __init__(self, plan: Plan, sites: Sequence[Site], asked: Counter[str]) -> None:
        self.plan, self.sites, self.asked = plan, sites, asked
        self.tally, self.chance = Tally(), Random(plan.seed)  # noqa: S311 - traffic, not a secret
        self.end = plan.hours * 3600
        self.workers, self.processor = [0.0] * plan.workers, 0.0  # when each is free
        self.queue: list[tuple[float, int, str]] = []
        self.due: dict[int, float] = {}
        for number, site in enumerate(sites):
            self._wanted(number, 0.0)
            for at in traffic(plan, self.chance):
                heapq.heappush(self.queue, (at, number, "change"))
            at = self.chance.uniform(0, plan.poll) if plan.poll and site.script.button else self.end
            while at < self.end:
                heapq.heappush(self.queue, (at, number, "press"))
                at += plan.poll

    def _wanted(self, number: int, at: float) -> None:
        if at < self.due.get(number, math.inf):
            self.due[number] = at
            heapq.heappush(self.queue, (at, number, "work"))

    def lived(self, progress: Progress) -> Tally:
        while self.queue and self.queue[0][0] < self.end:
            at, number, what = heapq.heappop(self.queue)
            if what == "work":
                self._work(number, at)
            else:
                site = self.sites[number]
                site.go_to(at)
                if what == "press":
                    site.press()
                else:
                    site.change(self.chance, self.plan.skus)
                    self.tally.changes += 1
                self._came_true(site)
                self._wanted(number, max(at, site.now))
            progress("traffic", at / self.end)
        return self.tally

    def _work(self, number: int, at: float) -> None:
        if self.due.get(number) != at:
            return
        del self.due[number]
        site, start = self.sites[number], max(at, heapq.heappop(self.workers))
        site.go_to(start)
        before = self.asked["calls"]
        next_at, cpu = site.work()
        waits = (self.asked["calls"] - before) * self.plan.answer
        self.processor = max(start, self.processor) + cpu
        end = self.processor + waits
        heapq.heappush(self.workers, end)
        self.tally.jobs += 1
        self.tally.cpu += cpu
        self.tally.busy += end - start
        self.tally.lags.append((at, end - at))
        self._came_true(site)
        if next_at is not None:
            self._wanted(number, max(end, next_at))

    def _came_true(self, site: Site) -> None:
        self.tally.ways += [(since, site.now - since) for since in site.arrived()]


def _ended(site: Site, plan: Plan, tally: Tally) -> None:
    """What was asked of both sides all day, and whether they agree once the last changes are carried."""
    end = plan.hours * 3600
    for row in site.scene.world.journal(direction="in", limit=10_000, after=site.seen, bodies=False):
        tally.calls[f"{row['sender'].removeprefix('storelab-')} to {row['service']}"] += 1
        at = (datetime.fromisoformat(row["at"]) - site.begun).total_seconds() / end
        tally.calls_at[min(BUCKETS - 1, max(0, int(at * BUCKETS)))] += 1
    if site.script.button:
        site.press()
    until = site.scene.now + timedelta(minutes=20)  # the slowest backend's own look, twice
    while site.scene.now < until:
        next_at, _ = site.work()
        rest = (until - site.begun).total_seconds()
        site.go_to(min(rest, max(site.now + 1, rest if next_at is None else next_at)))
    tally.converged += not site.differing()
