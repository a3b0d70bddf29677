"""What no peer has: worlds, snapshots, webhooks, lifecycles, and memory in the long run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import requests

from storelab.cli.demo import STORY
from storelab.client import LabClient
from storelab.scenarios import player, story

from . import initial, worlds
from .contestants import Unmeasured, measured as asked
from .processes import process
from .storelabs import storelab

DELIVERIES = 2_000


def measured() -> dict[str, Any]:
    """Each figure by its name; what it cannot measure says why."""
    figures: dict[str, Any] = {}
    for name, measure in MEASURES.items():
        print(name, file=sys.stderr)
        try:
            figures[name] = measure()
        except Unmeasured as why:
            figures[name] = str(why)
    return figures


def of_worlds() -> dict[str, float]:
    """Milliseconds, with 200 products."""
    return {what: round(took, 2) for what, took in worlds.measured(200, 15).items()}


def webhooks() -> dict[str, float]:
    """Deliveries of one store to a receiver in a process beside it."""
    server = storelab()
    server.begin(10)
    receiver = subprocess.Popen([sys.executable, "-m", "benchmarks.receiver"], stdout=subprocess.PIPE, text=True)
    try:
        assert receiver.stdout is not None
        address = f"http://127.0.0.1:{int(receiver.stdout.readline())}/"
        hook = {"name": "a webhook", "arguments": {"topic": "product.updated", "delivery_url": address}}
        requests.post(f"{server.control}/services/woocommerce/states", json=hook, timeout=60).raise_for_status()
        requests.post(f"{server.control}/deliveries/hold", timeout=60)
        store = f"http://127.0.0.1:{server.port}/woocommerce/wp-json/wc/v3/products"
        ids = []
        for start in range(0, DELIVERIES, 100):
            made = {"create": [{"name": f"Mug {start + n}"} for n in range(100)]}
            answer = requests.post(f"{store}/batch", json=made, headers=server.headers, timeout=120).json()
            ids += [product["id"] for product in answer["create"]]
        for start in range(0, DELIVERIES, 100):
            changed = {"update": [{"id": id, "stock_quantity": 1} for id in ids[start : start + 100]]}
            requests.post(f"{store}/batch", json=changed, headers=server.headers, timeout=120).raise_for_status()
        before, started = server.cpu_seconds(), time.perf_counter()
        requests.post(f"{server.control}/deliveries/release", timeout=60).raise_for_status()
        requests.post(f"{server.control}/deliveries/settle", timeout=300).raise_for_status()
        took, spent = time.perf_counter() - started, server.cpu_seconds() - before
    finally:
        receiver.kill()
        server.stop()
    return {"per_second": round(DELIVERIES / took, 1), "cpu_ms": round(spent / DELIVERIES * 1000, 3)}


def memory() -> dict[str, float]:
    """Megabytes after so many requests of one client, half reading and half writing."""
    server = storelab()
    server.begin(100)
    try:
        out = {"idle": server.idle_megabytes}
        done = 0
        for goal in (10_000, 100_000):
            while done < goal:
                for operation in ("list", "stock"):
                    figure = asked(server, operation, 4, 2.0)
                    done += round(figure.per_second * 2)
            out[f"after {goal:,}"] = server.megabytes()
    finally:
        server.stop()
    return {name: round(value, 1) for name, value in out.items()}


def lifecycles() -> dict[str, float]:
    """The whole way from connect to sync, one backend after the other: median of three rounds."""
    with process("storelab.cli", "up", "--port", "0", "--json") as up:
        lab = LabClient(up.url, up.told["control"]["token"])
        took, spent = [], []
        for _ in range(3):
            started, before = time.perf_counter(), up.cpu()
            for backend in lab.info()["backends"]:
                path = next(path for path in story.stories(backend) if path.stem == STORY)
                if not player.result(path, lab).held:
                    raise Unmeasured(f"{path} did not hold")
            took.append(time.perf_counter() - started)
            spent.append(up.cpu() - before)
    return {"seconds": round(statistics.median(took), 2), "cpu_s": round(statistics.median(spent), 2)}


def demo() -> dict[str, float]:
    """`storelab demo`: start, the five lifecycles, and all contracts."""
    return _timed([sys.executable, "-m", "storelab.cli", "demo", "--exit", "--port", "0"])


def first_sync() -> dict[str, float]:
    """10,000 SKUs from KeyCRM, on the world's clock; "at its pace": how long the permitted pace would have made it."""
    found = initial.measured("keycrm", 10_000, lambda text: print(" ", text, file=sys.stderr))
    names = ("seconds of work", "work, times bare", "at its pace, times bare", "memory of the sync, MB")
    return {name: found[name] for name in names}


def test_fixture() -> dict[str, float]:
    """A first test with the pytest plugin, the interpreter's start included."""
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/test_it.py"
        with open(file, "w") as test:
            test.write("def test_it(storelab):\n    assert storelab.url\n")
        return _timed([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file])


def _timed(command: list[str], rounds: int = 3) -> dict[str, float]:
    """Seconds on the clock and of the processor."""
    import resource

    took, spent = [], []
    for _ in range(rounds):
        started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        run = subprocess.run(command, capture_output=True, check=False)
        if run.returncode:
            raise Unmeasured(f"{' '.join(command[2:5])} ended with {run.returncode}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(time.perf_counter() - started)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return {"seconds": round(statistics.median(took), 2), "cpu_s": round(statistics.median(spent), 2)}


MEASURES: dict[str, Callable[[], dict[str, float]]] = {
    "worlds of 200 products, ms": of_worlds,
    "webhooks to a local receiver": webhooks,
    "memory, MB": memory,
    "five lifecycles": lifecycles,
    "`storelab demo`": demo,
    "initial sync of 10,000 SKUs": first_sync,
    "a first test with the pytest plugin": test_fixture,
}
