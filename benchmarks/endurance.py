"""Endurance: a sandbox and a sync under mixed random load on the real clock, and whether both are at its end as before.

    python -m benchmarks.endurance [--minutes 2] [--clients 3] [--rate 0] [--seed 1] [--json]  (an hour: --minutes 60)

Three processes: the sandbox, a sync that takes in, and a worker of it, which is killed (kill -9) and started again all
the time. Clients read and write, do moves of the vocabulary, put faults, save and restore snapshots, make worlds and
drop them; one world that is connected to KeyCRM goes on through all of it. `--rate` has them do so many things a second
together and wait in between; 0 is as many as they can.

Then laws are looked at: no server error without a reason, both sides of the connected world agree, its journal has come
to its bound and stayed within it, no memory, file or thread is left, and a request costs as much of the processor as in
a sandbox that was started just now (asked in turns, so that whatever else the machine does meets both).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import requests

from storelab.client import LabClient
from storelab.emulators.kernel.journal import BYTES_EACH

from .mixed_load import SKUS, Client, Tally
from .processes import Process, process

PROBES = 200  # requests whose cost is measured at a time
TIMES = 7  # of each sandbox, in turns; the least counts: what else runs on the machine only adds to it
JOURNAL = 200  # exchanges that a world of this sandbox keeps: few enough to come to it within a minute
KILL_EVERY = (4.0, 12.0)  # seconds between two ends of a worker
SETTLED = 60.0  # seconds until both sides of the connected world have to agree


class Shop:
    """The world that is connected to KeyCRM through all of it."""

    def __init__(self, url: str, sync: str) -> None:
        self.world = LabClient(url).make_world()
        for sku in SKUS:
            self.world.state("woocommerce", "a product in stock", sku=sku, quantity=10, name=sku)
            self.world.state("keycrm", "an offer in stock", sku=sku, quantity=10)
        info = self.world.info()
        store = {name: info["store"][name] for name in ("url", "consumer_key", "consumer_secret")}
        body = {"backend": "keycrm", "store": store, "credentials": info["backends"]["keycrm"]}
        body["settings"] = {"warehouse_id": 1, "first_sync": "keycrm"}
        made = requests.post(f"{sync}/connections", json=body, timeout=30)
        made.raise_for_status()
        for todo in made.json().get("todo") or ():
            self.world.do(todo["service"], todo["move"], **(todo.get("args") or {}))

    def touch(self, chance: Random) -> None:
        self.world.do("keycrm", "adjust stock", sku=chance.choice(SKUS), quantity=chance.randint(0, 90))

    def sides(self) -> tuple[dict[str, Any], dict[str, Any]]:
        ours, theirs = self.world.fact("woocommerce", "stock"), self.world.fact("keycrm", "available")
        return {sku: ours[sku] for sku in SKUS}, {sku: theirs[sku] for sku in SKUS}

    def kept(self) -> tuple[int, int]:
        """Exchanges in its journal, and their bytes."""
        told = self.world.call("GET", "/metrics").decode()
        counts = [re.search(rf"^storelab_journal_{name} (\S+)$", told, re.M) for name in ("exchanges", "bytes")]
        exchanges, bytes_ = [int(float(found[1])) for found in counts if found]
        return exchanges, bytes_

    def agrees(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ours, theirs = self.sides()
            if ours == theirs:
                return True
            time.sleep(0.5)
        return False


@dataclass(frozen=True)
class Result:
    """Memory in MB, of the sandbox and of the sync that takes in; costs in milliseconds of the processor for one
    request, of a sandbox just started and of this one."""

    seconds: float
    actions: dict[str, int]
    kills: int
    memory: tuple[float, float]  # in the second fifth, and in the last one
    files: tuple[int, int]
    threads: tuple[int, int]
    cost: tuple[float, float]
    crossed: int  # exchanges of the connected world
    kept: tuple[int, int]  # the most of them that were in its journal, and their bytes
    busy: float  # seconds of the processor that the sandbox and the sync that takes in have used
    agrees: bool
    unexplained: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def broken(self) -> list[str]:
        """The laws that do not hold, each in a sentence."""
        grown = self.memory[1] / self.memory[0]
        return [
            *self.unexplained[:5],
            *([f"memory grew to {grown:.2f} of what it was"] if grown > 1.10 + 15 / self.seconds else []),
            *([f"files: {self.files}"] if self.files[1] > self.files[0] + 8 else []),
            *([f"threads: {self.threads}"] if self.threads[1] > self.threads[0] + 4 else []),
            *([f"a request costs {self.cost} ms"] if self.cost[1] > 1.4 * self.cost[0] else []),
            *self._journal(),
            *([] if self.agrees else ["store and KeyCRM do not agree at the end"]),
        ]

    def _journal(self) -> Iterator[str]:
        exchanges, held = self.kept
        if exchanges > JOURNAL or held > JOURNAL * BYTES_EACH:
            yield f"the journal held {exchanges} exchanges, {held} bytes"
        elif self.crossed > JOURNAL and exchanges < JOURNAL and held < JOURNAL * BYTES_EACH / 2:
            yield f"of {self.crossed} exchanges the journal never held more than {exchanges}"


def endured(
    seconds: float, *, clients: int = 3, rate: float = 0.0, seed: int = 1, tell: Callable[[str], None] = print
) -> Result:
    """So many seconds of load. `rate`: things that are done a second; 0 for as many as can be."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as all_of_it:
        places = ("--ledger", f"sqlite:///{folder}/ledger.db", "--jobs", f"sqlite:///{folder}/jobs.db")
        up = ("storelab.cli", "up", "--port", "0", "--no-sync", "--journal-rows", str(JOURNAL), "--json")
        sandbox = all_of_it.enter_context(process(*up))
        sync = all_of_it.enter_context(
            process("storelab.cli", "sync", "serve", "--port", "0", "--workers", "0", *places, "--json")
        )
        worker = lambda: process(  # noqa: E731
            "storelab.cli", "sync", "worker", "--public-url", sync.url, *places, "--json"
        )
        tally, stop, chance = Tally(), threading.Event(), Random(seed)
        cost(sandbox, _probe(sandbox), PROBES)  # what is made at the first request is there when memory is looked at
        shop = Shop(sandbox.url, sync.url)
        at_first = sampled(sandbox, sync)
        pause = clients / rate if rate else 0.0
        threads: list[threading.Thread] = [Client(n, sandbox.url, seed, tally, stop, pause) for n in range(clients)]
        killer = threading.Thread(target=_killing, args=(worker, tally, stop, Random(seed)), daemon=True)
        killer.start()
        tally.working.wait(120)
        for thread in threads:
            thread.start()
        threads.append(killer)
        began = time.monotonic()
        while (gone := time.monotonic() - began) < seconds:
            time.sleep(min(1.0, seconds / 20))
            shop.touch(chance)
            tally.samples.append((gone, *sampled(sandbox, sync)))
            kept = shop.kept()
            tally.kept = max(tally.kept[0], kept[0]), max(tally.kept[1], kept[1])
            tell(f"{gone:.0f} s of {seconds:.0f}: {sum(tally.done.values())} actions, {tally.kills} workers killed")
        stop.set()
        for thread in threads:
            thread.join(60)
        with worker():
            agrees = shop.agrees(SETTLED)
        crossed = shop.world.journal(limit=1)[-1]["number"]
        shop.world.drop()
        at_last, busy = sampled(sandbox, sync), sandbox.cpu() + sync.cpu()
        with process(*up) as fresh:
            costs = compared(fresh, sandbox)
        return Result(
            seconds=round(seconds, 1),
            actions=dict(tally.done),
            kills=tally.kills,
            memory=(_memory(tally, 0.2, 0.4, seconds), _memory(tally, 0.8, 1.0, seconds)),
            files=(at_first[1], at_last[1]),
            threads=(at_first[2], at_last[2]),
            cost=costs,
            crossed=crossed,
            kept=tally.kept,
            busy=round(busy, 1),
            agrees=agrees,
            unexplained=tuple(tally.unexplained),
        )


def _killing(worker: Any, tally: Tally, stop: threading.Event, chance: Random) -> None:
    """A worker, killed and started again."""
    while not stop.is_set():
        with worker() as doomed:
            tally.working.set()
            stop.wait(chance.uniform(*KILL_EVERY))
            doomed.kill()
            tally.kills += 1


def _probe(sandbox: Process) -> LabClient:
    """A world with a page of products."""
    world = LabClient(sandbox.url).make_world()
    for number in range(10):
        world.state("woocommerce", "a product in stock", sku=f"P-{number}", name=f"P-{number}")
    return world


def compared(*sandboxes: Process) -> tuple[float, float]:
    """What a request costs each of two, asked in turns."""
    probes = [(sandbox, _probe(sandbox)) for sandbox in sandboxes]
    for sandbox, world in probes:
        cost(sandbox, world, PROBES)
    rounds = [[cost(sandbox, world, PROBES) for sandbox, world in probes] for _ in range(TIMES)]
    one, other = (round(min(costs), 3) for costs in zip(*rounds, strict=True))
    return one, other


def cost(sandbox: Process, world: LabClient, requests_: int) -> float:
    """Milliseconds of the processor that a page of ten products costs."""
    store = world.info()["store"]
    with requests.Session() as http:
        http.trust_env = False
        http.auth, http.headers["X-Forwarded-Proto"] = (store["consumer_key"], store["consumer_secret"]), "https"
        began = sandbox.cpu()
        for _ in range(requests_):
            http.get(f"{store['url']}/wp-json/wc/v3/products", timeout=60).raise_for_status()
        return 1000 * (sandbox.cpu() - began) / requests_


def sampled(*processes: Process) -> tuple[float, int, int]:
    """MB that are held (resident), open files, threads; of all of them together."""
    held, files, threads = 0.0, 0, 0
    for each in processes:
        place = Path(f"/proc/{each.running.pid}")
        [line] = [line for line in (place / "status").read_text().splitlines() if line.startswith("VmRSS")]
        held += int(line.split()[1]) / 1024
        files += len(list((place / "fd").iterdir()))
        threads += len(list((place / "task").iterdir()))
    return held, files, threads


def _memory(tally: Tally, start: float, end: float, seconds: float) -> float:
    held = [mb for at, mb, _, _ in tally.samples if start * seconds <= at <= end * seconds + 1]
    return round(statistics.median(held), 1)


def told(result: Result) -> Iterator[str]:
    per_second = sum(result.actions.values()) / result.seconds
    yield f"{result.seconds:.0f} s, {sum(result.actions.values())} actions ({per_second:.0f}/s), {result.kills} kills"
    yield ", ".join(f"{count} {name}" for name, count in sorted(result.actions.items()))
    yield f"memory {result.memory[0]:.0f} MB, at the end {result.memory[1]:.0f} MB"
    yield f"files {result.files[0]}, at the end {result.files[1]}; threads {result.threads[0]}, {result.threads[1]}"
    yield f"a page of ten products costs {result.cost[1]:.2f} ms, in a sandbox just started {result.cost[0]:.2f} ms"
    yield f"{result.crossed} exchanges in the connected world, at most {result.kept[0]} of them kept"
    yield f"sandbox and sync used {result.busy:.0f} s of the processor"
    yield "store and KeyCRM agree" if result.agrees else "store and KeyCRM do not agree"
    yield from (f"BROKEN  {law}" for law in result.broken())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--clients", type=int, default=3)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # what it has started ends with it

    def tell(line: str) -> None:
        print(f"\r{line}", end="", flush=True, file=sys.stderr)

    result = endured(60 * asked.minutes, clients=asked.clients, rate=asked.rate, seed=asked.seed, tell=tell)
    print(file=sys.stderr)
    print(json.dumps(result.as_json()) if asked.json else "\n".join(told(result)))
    raise SystemExit(1 if result.broken() else 0)


if __name__ == "__main__":
    main()
