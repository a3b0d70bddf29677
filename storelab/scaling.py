"""A day of many stores on the virtual clock: real store, real backend, real sync; only nobody waits.

Each store is a world of its own with KeyCRM beside it. Shoppers buy and goods arrive by seeded chance, more by day than
by night; the merchant's cron pushes every so often. The connections' work is done by a number of workers that are
simulated: one is busy for as long, on the virtual clock, as the work really took here, so that lag shows what one
machine can carry.
"""

from __future__ import annotations

import heapq
import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from time import perf_counter
from typing import Any

import requests

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings
from storelab.sync.service import Server, Service

BACKEND = "keycrm"
BEGINNING = "2026-11-02T00:00:00+00:00"
BUCKETS = 48  # columns of the plots


@dataclass(frozen=True)
class Plan:
    """`changes`: sales and deliveries of one store in an hour, on average over a day. `poll`: seconds between two
    pushes."""

    stores: int = 3
    skus: int = 50
    hours: float = 6.0
    changes: float = 6.0
    poll: float = 300.0
    workers: int = 4
    seed: int = 42


@dataclass
class Tally:
    """Lags are in seconds of the virtual clock: `waits` from when a connection had something to do until a worker
    took it, `lags` from a change on one side until the other side has it."""

    changes: int = 0
    jobs: int = 0
    waits: list[tuple[float, float]] = field(default_factory=list)  # when, and how long
    lags: list[tuple[float, float]] = field(default_factory=list)
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


class Site:
    """One store with its backend and its connection."""

    def __init__(self, lab: LabClient, service: Service, url: str, plan: Plan, number: int) -> None:
        self.world = lab.make_world(seed=f"scale {plan.seed} {number}")
        self.service, self.url = service, url
        self.now = datetime.fromisoformat(str(self.world.clock(freeze=BEGINNING)["now"]))
        self.world.state("woocommerce", "a catalogue", size=plan.skus)
        self.world.state(BACKEND, "a catalogue", size=plan.skus, prefix="P-", quantity=100)
        info = self.world.info()
        store = {name: info["store"][name] for name in ("url", "consumer_key", "consumer_secret")}
        body = {
            "backend": BACKEND,
            "store": store,
            "credentials": info["backends"][BACKEND],
            "settings": {"warehouse_id": 1, "first_sync": BACKEND},
            "now": self.now.isoformat(),
        }
        answer = requests.post(f"{url}/connections", json=body, timeout=60)
        answer.raise_for_status()
        made = answer.json()
        self.id = str(made["id"])
        for todo in made["todo"]:
            self.world.do(todo["service"], todo["move"], **todo["args"])
        self.pending: dict[str, float] = {}  # SKUs that differ, and since when

    def go_to(self, moment: datetime) -> None:
        """The world's clock never goes back."""
        if moment > self.now:
            self.world.clock(advance=(moment - self.now).total_seconds())
            self.now = moment
        self.service.clock.tell(self.id, self.now)

    def change(self, chance: Random, skus: int, at: float) -> None:
        sku = f"P-{chance.randint(1, skus):06}"
        if chance.random() < 0.5:
            self.world.do(BACKEND, "receive", sku=sku, quantity=chance.randint(1, 5))
        else:
            self.world.do("woocommerce", "place order", lines={sku: 1})
        self.pending.setdefault(sku, at)
        self.world.settle()

    def work(self) -> tuple[datetime | None, bool, float]:
        """Let the sync do what is due: when it wants to go on, whether it did anything, seconds it really took."""
        started = perf_counter()
        progress = self.service.engine.advance(self.id, self.now)
        took = perf_counter() - started
        self.world.settle()
        return progress.next_at, bool(progress.did), took

    def push(self) -> None:
        requests.post(f"{self.url}/connections/{self.id}/push", json={"now": self.now.isoformat()}, timeout=60)

    def differing(self) -> set[str]:
        """SKUs of which the two sides say different numbers."""
        ours = self.world.fact("woocommerce", "stock")
        theirs = self.world.fact(BACKEND, "stock")
        has = {sku: row["in_stock"] - row.get("in_reserve", 0) for sku, row in theirs.items()}
        return {sku for sku in has if max(0, ours.get(sku) or 0) != max(0, math.floor(has[sku]))}


def simulated(plan: Plan, progress: Any = lambda done: None) -> dict[str, Any]:
    """Live through it; what came of it."""
    started = perf_counter()
    with Sandbox(Settings(port=0, sync_port=None)) as sandbox, Server(port=0) as server:
        lab = LabClient(sandbox.url, sandbox.token)
        sites = [Site(lab, server.service, server.url, plan, number) for number in range(plan.stores)]
        prepared = perf_counter() - started
        tally = _lived(plan, sites, progress)
        for site in sites:
            _ended(site, plan, tally)
    return report(plan, tally, prepared, perf_counter() - started - prepared)


def _lived(plan: Plan, sites: Sequence[Site], progress: Any) -> Tally:
    """The events in their order: something changes, the cron pushes, a connection has work to do."""
    tally, chance = Tally(), Random(plan.seed)  # noqa: S311 - traffic, not a secret
    end, first = plan.hours * 3600, {site.id: site.now for site in sites}
    free = [0.0] * plan.workers
    queue: list[tuple[float, int, str]] = []
    due: dict[int, float] = {}

    def wanted(number: int, at: float) -> None:
        if at < due.get(number, math.inf):
            due[number] = at
            heapq.heappush(queue, (at, number, "work"))

    for number in range(len(sites)):
        wanted(number, 0.0)
        for at in traffic(plan, chance):
            heapq.heappush(queue, (at, number, "change"))
        at = chance.uniform(0, plan.poll) if plan.poll else end
        while at < end:
            heapq.heappush(queue, (at, number, "push"))
            at += plan.poll
    while queue and queue[0][0] < end:
        at, number, what = heapq.heappop(queue)
        site, begun = sites[number], first[sites[number].id]
        if what == "work":
            if due.get(number) != at:
                continue
            del due[number]
            start = max(at, heapq.heappop(free))
            site.go_to(begun + timedelta(seconds=start))
            next_at, did, took = site.work()
            heapq.heappush(free, start + took)
            tally.jobs += 1
            tally.busy += took
            tally.waits.append((at, start - at))
            if did and site.pending:
                left = site.differing()
                tally.lags += [(since, start + took - since) for sku, since in site.pending.items() if sku not in left]
                site.pending = {sku: since for sku, since in site.pending.items() if sku in left}
            if next_at is not None:
                wanted(number, max(start + took, (next_at - begun).total_seconds()))
        else:
            site.go_to(max(site.now, begun + timedelta(seconds=at)))
            if what == "push":
                site.push()
            else:
                site.change(chance, plan.skus, at)
                tally.changes += 1
            wanted(number, max(at, (site.now - begun).total_seconds()))
        progress(at / end)
    return tally


def _ended(site: Site, plan: Plan, tally: Tally) -> None:
    """What was asked of both sides all day, and whether they agree once the last changes are carried."""
    begun = datetime.fromisoformat(BEGINNING)
    counted = site.world.journal(direction="in", sender="storelab-sync", limit=10_000)
    for row in counted:
        tally.calls[row["service"]] += 1
        at = (datetime.fromisoformat(row["at"]) - begun).total_seconds() / (plan.hours * 3600)
        tally.calls_at[min(BUCKETS - 1, max(0, int(at * BUCKETS)))] += 1
    site.push()
    at_rest = 0
    while at_rest < 2:  # once more, for the webhooks that the last work brought
        next_at, _, _ = site.work()
        if next_at is None or next_at - site.now > timedelta(minutes=5):
            at_rest += 1
        else:
            at_rest = 0
            site.go_to(max(site.now + timedelta(seconds=1), next_at))
    tally.converged += not site.differing()


def report(plan: Plan, tally: Tally, prepared: float, took: float) -> dict[str, Any]:
    calls = sum(tally.calls.values())
    return {
        "stores": plan.stores,
        "skus": plan.skus,
        "hours": plan.hours,
        "workers": plan.workers,
        "changes": tally.changes,
        "carried": len(tally.lags),
        "jobs": tally.jobs,
        "calls": dict(sorted(tally.calls.items())),
        "calls_per_worker_second": round(calls / tally.busy, 1) if tally.busy else 0.0,
        "utilization": round(tally.busy / (plan.hours * 3600 * plan.workers), 4),
        "wait": quantiles([wait for _, wait in tally.waits]),
        "lag": quantiles([lag for _, lag in tally.lags]),
        "converged": tally.converged,
        "seconds_to_prepare": round(prepared, 1),
        "seconds": round(took, 1),
        "plots": {
            "calls": tally.calls_at,
            "lag": _worst(tally.lags, plan),
            "wait": _worst(tally.waits, plan),
        },
    }


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """Seconds."""
    if not values:
        return {}
    cuts = statistics.quantiles(values, n=100) if len(values) > 1 else [values[0]] * 99
    named = {"median": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(values)}
    return {name: round(min(value, max(values)), 2) for name, value in named.items()}


def _worst(when: Sequence[tuple[float, float]], plan: Plan) -> list[float]:
    """The greatest of each part of the day."""
    found = [0.0] * BUCKETS
    for at, value in when:
        place = min(BUCKETS - 1, int(at / (plan.hours * 3600) * BUCKETS))
        found[place] = round(max(found[place], value), 2)
    return found


BLOCKS = " ▁▂▃▄▅▆▇█"
UNITS: Mapping[str, str] = {"calls": "", "lag": " s", "wait": " s"}


def lines(found: Mapping[str, Any]) -> list[str]:
    """One row of blocks for each plot, with its greatest value."""
    drawn = []
    for name, values in found["plots"].items():
        top = max(values) or 1
        blocks = "".join(BLOCKS[math.ceil(value / top * (len(BLOCKS) - 1))] for value in values)
        drawn.append(f"{name:<6}|{blocks}| {max(values):g}{UNITS[name]}")
    return drawn


def svg(found: Mapping[str, Any]) -> str:
    """The same as a picture: bars over the simulated hours."""
    width, height, gap = 960, 120, 40
    plots = found["plots"]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 80} {len(plots) * (height + gap) + 50}" '
        'font-family="sans-serif" font-size="12">',
        f'<text x="40" y="20" font-size="14">{found["stores"]} stores, {found["skus"]} SKUs each, {found["hours"]:g} '
        f"hours, {found['workers']} workers</text>",
    ]
    for row, (name, values) in enumerate(plots.items()):
        base, top = 40 + row * (height + gap) + height, max(values) or 1
        parts.append(f'<text x="40" y="{base - height - 4}">{name}: at most {max(values):g}{UNITS[name]}</text>')
        parts.append(f'<line x1="40" y1="{base}" x2="{40 + width}" y2="{base}" stroke="#888"/>')
        for place, value in enumerate(values):
            tall = value / top * (height - 12)
            wide = width / len(values)
            parts.append(
                f'<rect x="{40 + place * wide:.1f}" y="{base - tall:.1f}" width="{wide - 2:.1f}" '
                f'height="{tall:.1f}" fill="#3b6ea5"/>'
            )
        for quarter in range(5):
            x, hour = 40 + width * quarter / 4, found["hours"] * quarter / 4
            parts.append(f'<text x="{x:.0f}" y="{base + 14}" text-anchor="middle" fill="#555">{hour:g} h</text>')
    return "\n".join([*parts, "</svg>", ""])
