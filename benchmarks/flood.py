"""A flood of webhooks: how fast the sync takes them in, and how often it asks for each product because of them.

    python -m benchmarks.flood [--deliveries 10000] [--products 1000] [--skus 10000] [--senders 4] [--json]

Two processes share a ledger in a file, for one store and KeyCRM with so many SKUs: one takes deliveries in, the other
works, as `storelab sync serve` has it. A third sends deliveries, each over a connection of its own as webhooks come:
first while nothing is done, then while both sides are read whole and planned, again and again. Every second block of
them goes to a server that does nothing at all, which shows what this machine and its load cost. Then the deliveries are
sent once more, within ten seconds of the world's clock: how often was KeyCRM asked for one product because of them?
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings

from .processes import process

BLOCK = 250  # deliveries in a row to one server
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


async def send(urls: Sequence[str], deliveries: int, products: int, senders: int) -> list[list[tuple[float, float]]]:
    """So many to each address, block by block. Of each delivery: when it began, and after how many seconds it was
    answered."""
    took: list[list[tuple[float, float]]] = [[] for _ in urls]

    async def one_by_one(numbers: Iterator[int], which: int) -> None:
        parts = urlsplit(urls[which])
        for number in numbers:
            sku = number * 7919 % products + 1
            row = {"sku": f"P-{sku:06}", "offer_id": sku, "in_stock": 100_000 + number, "in_reserve": 0}
            body = json.dumps([row]).encode()
            head = (
                f"POST {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            started = time.monotonic()
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            writer.write(head.encode() + body)
            answer = await reader.read()
            took[which].append((started, time.monotonic() - started))
            writer.close()
            if answer[9:10] != b"2":
                raise SystemExit(f"a delivery was refused: {answer[:300]!r}")

    for block in range(0, deliveries, BLOCK):
        for which in range(len(urls)):
            numbers = iter(range(block, min(block + BLOCK, deliveries)))
            await asyncio.gather(*(one_by_one(numbers, which) for _ in range(senders)))
    return took


async def do_nothing() -> None:
    """Reads a request and answers it."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(json.dumps({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"}), flush=True)
    await server.serve_forever()


class Hand:
    """Drives one connection on the world's clock, so that no pace of KeyCRM's has to be waited for."""

    pause = 2.0  # real seconds in which a second of the world's clock passes, while deliveries are counted

    def __init__(self, world: LabClient, sync: str) -> None:
        self.world, self.sync = world, sync
        self.now = world.clock(freeze=True)["now"]
        info = world.info()
        store = {name: info["store"][name] for name in ("url", "consumer_key", "consumer_secret")}
        settings = {"warehouse_id": 1, "first_sync": "keycrm"}
        body = {"backend": "keycrm", "store": store, "credentials": info["backends"]["keycrm"], "settings": settings}
        made = requests.post(f"{sync}/connections", json={**body, "now": self.now}, timeout=60).json()
        self.id, self.hook = made["id"], urlsplit(made["hooks"]["stock"])
        self.planned: list[tuple[float, float]] = []  # from when until when

    def wait(self, seconds: float) -> None:
        self.now = self.world.clock(advance=seconds)["now"]

    def tick(self) -> dict[str, Any]:
        started = time.monotonic()
        answer = requests.post(f"{self.sync}/connections/{self.id}/tick", json={"now": self.now}, timeout=900)
        answer.raise_for_status()
        progress: dict[str, Any] = answer.json()
        if any(did["step"] == "plan" for did in progress["did"]):
            self.planned.append((started, time.monotonic()))
        return progress

    def run(self) -> None:
        """Until nothing is left to do."""
        while not self.tick()["idle"]:
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


def while_sending(command: Sequence[str], work: Callable[[], None] | None, most: int = 1_000) -> tuple[Any, int]:
    """What the sender tells, and how often the work was done meanwhile."""
    over, times = threading.Event(), 0

    def working() -> None:
        nonlocal times
        while work and not over.is_set() and times < most:
            work()
            times += 1

    worker = threading.Thread(target=working)
    worker.start()
    done = subprocess.run([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True, check=True)
    over.set()
    worker.join()
    return json.loads(done.stdout), times


def asked_for(world: LabClient, since: int) -> Counter[str]:
    """How often each offer was asked for by its id or SKU."""
    counted: Counter[str] = Counter()
    for row in world.journal(service="keycrm", direction="in", sender="storelab-sync", limit=10_000, after=since):
        query = parse_qs(urlsplit(row["url"]).query)
        for name in ("filter[offers_id]", "filter[offers_sku]"):
            counted.update(one for text in query.get(name, []) for one in text.split(","))
    return counted


def figures(took: Sequence[Sequence[float]]) -> dict[str, float]:
    """Milliseconds."""
    if len(took) < 2:
        return {}
    cuts = statistics.quantiles((seconds * 1000 for _, seconds in took), n=1000)
    return {
        "deliveries": len(took),
        "median": round(cuts[499], 1),
        "p99": round(cuts[989], 1),
        "max": round(max(seconds for _, seconds in took) * 1000, 1),
    }


def measured(deliveries: int, products: int, skus: int, senders: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, Sandbox(Settings(port=0, sync_port=None)) as sandbox:
        serve = ["storelab.cli", "sync", "serve", "--port", "0", "--workers", "0", "--jobs", "memory:", "--json"]
        serve += ["--ledger", f"sqlite:///{folder}/ledger.sqlite"]
        with process(*serve) as door, process(*serve) as at_work, process("benchmarks.flood", "--nothing") as nothing:
            world = LabClient(sandbox.url, sandbox.token)
            world.state("woocommerce", "a catalogue", size=skus)
            world.state("keycrm", "a catalogue", size=skus, prefix="P-")
            hand = Hand(world, at_work.url)
            started = time.monotonic()
            hand.run()
            found: dict[str, Any] = {"first sync, seconds": round(time.monotonic() - started, 1)}
            hook = f"{door.url}{hand.hook.path}?{hand.hook.query}"
            sender = ["benchmarks.flood", "--deliveries", str(deliveries), "--products", str(products)]
            sender += ["--senders", str(senders), "--send"]

            for when, work in (("idle", None), ("at work", hand.look)):
                hand.planned.clear()
                cpu = door.cpu()
                (ours, bare), times = while_sending([*sender, hook, nothing.url], work)
                found[when] = figures(ours)
                found[f"{when}, a server that does nothing"] = figures(bare)
                found[f"{when}, ms of a processor for one"] = round((door.cpu() - cpu) / deliveries * 1000, 2)
                hand.run()
            found["looks meanwhile"] = times
            spans = hand.planned
            for name, took in (("while it plans", ours), ("while it plans, a server that does nothing", bare)):
                found[name] = figures([one for one in took if any(a <= one[0] <= b for a, b in spans)])

            since = max(row["number"] for row in world.journal(limit=1))
            _, times = while_sending([*sender, hook], hand.second, most=10)
            hand.run()
            reads = asked_for(world, since)
            found |= {"seconds of the clock": times, "products read": len(reads)}
            return {**found, "most reads of one": max(reads.values(), default=0), "load": round(os.getloadavg()[0], 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--products", type=int, default=1_000)
    parser.add_argument("--skus", type=int, default=10_000)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--send", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--nothing", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.send:
        print(json.dumps(asyncio.run(send(given.send, given.deliveries, given.products, given.senders))))
    elif given.nothing:
        asyncio.run(do_nothing())
    else:
        found = measured(given.deliveries, given.products, given.skus, given.senders)
        if given.json:
            print(json.dumps(found))
            return
        for name, value in found.items():
            shown = (
                ", ".join(f"{what} {number}" for what, number in value.items()) if isinstance(value, dict) else value
            )
            print(f"{name:<45}{shown}")


if __name__ == "__main__":
    main()
