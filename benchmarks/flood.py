"""A flood of webhooks: how fast the sync takes them in, and how often it asks for each product because of them.

    python -m benchmarks.flood [--deliveries 10000] [--products 1000] [--skus 10000] [--senders 4] [--json]

`storelab sync serve` runs with its ledger in a file, in a process of its own, for one store and KeyCRM with so many
SKUs. A second process sends the deliveries, each over a connection of its own as webhooks come, while the sync reads
both sides whole and plans, again and again: how long did they wait? Then they are sent once more, within ten seconds of
the world's clock: how often was KeyCRM asked for one product because of them?
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings


async def send(url: str, deliveries: int, products: int, senders: int) -> dict[str, Any]:
    """Every delivery tells of one product; how long each answer took, in milliseconds."""
    parts = urlsplit(url)
    numbers = iter(range(deliveries))
    took: list[float] = []
    refused = 0

    async def one_by_one() -> None:
        nonlocal refused
        for number in numbers:
            sku = number * 7919 % products + 1
            row = {"sku": f"P-{sku:06}", "offer_id": sku, "in_stock": 100_000 + number, "in_reserve": 0}
            body = json.dumps([row]).encode()
            head = (
                f"POST {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            started = time.perf_counter()
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.write(head.encode() + body)
            answer = await reader.read()
            took.append((time.perf_counter() - started) * 1000)
            refused += answer[9:10] != b"2"
            writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(one_by_one() for _ in range(senders)))
    cuts = statistics.quantiles(took, n=1000)
    return {
        "deliveries": len(took),
        "refused": refused,
        "seconds": round(time.perf_counter() - started, 1),
        "ms_median": round(cuts[499], 1),
        "ms_p99": round(cuts[989], 1),
        "ms_max": round(max(took), 1),
    }


@contextmanager
def sync_served(folder: str) -> Iterator[str]:
    command = [sys.executable, "-m", "storelab.cli", "sync", "serve", "--port", "0", "--json", "--workers", "1"]
    command += ["--ledger", f"sqlite:///{folder}/ledger.sqlite", "--jobs", "memory:"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait(20)


class Hand:
    """Drives one connection on the world's clock, so that no pace of KeyCRM's has to be waited for."""

    def __init__(self, world: LabClient, sync: str) -> None:
        self.world, self.sync = world, sync
        self.now = world.clock(freeze=True)["now"]
        info = world.info()
        store = {name: info["store"][name] for name in ("url", "consumer_key", "consumer_secret")}
        settings = {"warehouse_id": 1, "first_sync": "keycrm"}
        body = {"backend": "keycrm", "store": store, "credentials": info["backends"]["keycrm"], "settings": settings}
        made = requests.post(f"{sync}/connections", json={**body, "now": self.now}, timeout=60).json()
        self.id, self.hook = made["id"], made["hooks"]["stock"]

    def wait(self, seconds: float) -> None:
        self.now = self.world.clock(advance=seconds)["now"]

    def tick(self) -> dict[str, Any]:
        url = f"{self.sync}/connections/{self.id}/tick"
        answer = requests.post(url, json={"now": self.now}, timeout=300)
        answer.raise_for_status()
        return dict(answer.json())

    def run(self) -> list[str]:
        """Until nothing is left to do; the steps that were done."""
        steps: list[str] = []
        while True:
            progress = self.tick()
            steps += [did["step"] for did in progress["did"]]
            if progress["idle"]:
                return steps
            self.wait(1)

    def look(self) -> None:
        """Both sides are due to be read whole, and are."""
        self.wait(3600)
        self.run()

    def second(self) -> None:
        """What the sync does in a second of the world's clock, of which the flood lasts at most ten."""
        self.tick()
        self.wait(1)
        time.sleep(self.pause)

    pause = 2.0

    def while_sending(self, command: list[str], work: Callable[[], None]) -> dict[str, Any]:
        over, times = threading.Event(), 0

        def working() -> None:
            nonlocal times
            while not over.is_set() and (times < 10 or work == self.look):
                work()
                times += 1

        worker = threading.Thread(target=working)
        worker.start()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        over.set()
        worker.join()
        return {"sent": json.loads(done.stdout), "times": times}


def asked_for(world: LabClient, since: int) -> Counter[str]:
    """How often each offer was asked for by its id or SKU."""
    counted: Counter[str] = Counter()
    for row in world.journal(service="keycrm", direction="in", sender="storelab-sync", limit=10_000, after=since):
        query = parse_qs(urlsplit(row["url"]).query)
        for name in ("filter[offers_id]", "filter[offers_sku]"):
            counted.update(one for text in query.get(name, []) for one in text.split(","))
    return counted


def measured(deliveries: int, products: int, skus: int, senders: int) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(Settings(port=0, sync_port=None)) as sandbox,
        sync_served(folder) as sync,
    ):
        world = LabClient(sandbox.url, sandbox.token)
        world.state("woocommerce", "a catalogue", size=skus)
        world.state("keycrm", "a catalogue", size=skus, prefix="P-")
        hand = Hand(world, sync)
        started = time.perf_counter()
        hand.run()
        first = time.perf_counter() - started
        command = [sys.executable, "-m", "benchmarks.flood", "--send", hand.hook]
        command += ["--deliveries", str(deliveries), "--products", str(products), "--senders", str(senders)]
        planned = hand.while_sending(command, hand.look)
        hand.run()
        since = max(row["number"] for row in world.journal(limit=1))
        counted = hand.while_sending(command, hand.second)
        hand.run()
        reads = asked_for(world, since)
        return {
            **planned["sent"],
            "first_sync_seconds": round(first, 1),
            "looks_meanwhile": planned["times"],
            "products_read": len(reads),
            "most_reads_of_one": max(reads.values(), default=0),
            "clock_seconds": counted["times"],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--products", type=int, default=1_000)
    parser.add_argument("--skus", type=int, default=10_000)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--send", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.send:
        print(json.dumps(asyncio.run(send(given.send, given.deliveries, given.products, given.senders))))
        return
    figures = measured(given.deliveries, given.products, given.skus, given.senders)
    if given.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):<24}{value:>12}")


if __name__ == "__main__":
    main()
