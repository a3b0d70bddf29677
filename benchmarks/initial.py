"""The first sync of a large catalogue: memory, what a kill -9 costs, and time beside the same requests sent bare.

    python -m benchmarks.initial [--backend keycrm|sors] [--skus 100000] [--json]

Sandbox and sync are processes of their own; the sync's ledger is a file. The sync is driven on the world's clock, so
that no permitted pace has to be waited for, and killed twice: in the middle of the store and in the middle of what the
backend has. Afterwards the world is set back, and the same requests are sent again by a loop that does nothing else.
"At its pace" is how long it would have taken with the pace that the backend permits: a call waits until its time has
come, and what is done meanwhile costs nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from storelab.client import LabClient
from storelab.sync.connector import connectors
from storelab.sync.oauth import signed

from .processes import Process, process

SCHEMES = {"keycrm": "Bearer", "sors": "ApiKey"}


@dataclass(frozen=True)
class Backend:
    """`first` and `second`: in which list of pages the sync is killed."""

    prepare: Callable[[LabClient, int], None]
    settings: Mapping[str, Any]
    first: str
    second: str
    filled: Callable[[LabClient], int]  # how many products have the backend's stock


def _keycrm(world: LabClient, skus: int) -> None:
    world.state("woocommerce", "a catalogue", size=skus)
    world.state("keycrm", "a catalogue", size=skus, prefix="P-", quantity=77)


def _sors(world: LabClient, skus: int) -> None:
    world.state("woocommerce", "a store in another currency", code="RSD")
    world.state("sors", "a catalogue", size=skus, prefix="P-", quantity=77)


def _filled(world: LabClient) -> int:
    return sum(stock == 77 for stock in world.fact("woocommerce", "stock").values())


BACKENDS = {
    "keycrm": Backend(
        _keycrm, {"warehouse_id": 1, "first_sync": "keycrm"}, "/wc/v3/products", "/v1/offers/stocks", _filled
    ),
    "sors": Backend(
        _sors,
        {"database": "MyDatabase2026", "business_unit": "01", "images": False, "export_orders": False},
        "/articles",
        "/inventory",
        _filled,
    ),
}


class Onlooker(threading.Thread):
    """Collects what the sync sends while it works, and kills it once it is far enough into each of some lists."""

    def __init__(self, world: LabClient, kill: Callable[[], None], lists: Sequence[str], far: float) -> None:
        super().__init__(daemon=True)
        self.world, self._kill, self._lists, self._far = world, kill, [*lists], far
        self.sent: list[dict[str, Any]] = []
        self.killed: list[tuple[str, int]] = []
        self.over = threading.Event()
        self._newest = world.journal(limit=1)[-1]["number"]  # what connecting asked does not count

    def run(self) -> None:
        while not self.over.wait(0.5):
            self.look()

    def look(self) -> None:
        asked = {"direction": "in", "sender": "storelab-sync", "after": self._newest, "limit": 10_000}
        found = self.world.journal(**asked, bodies=True)
        self.sent += found
        self._newest = found[-1]["number"] if found else self._newest
        pages = [page for row in found if (page := page_of(row))]
        if self._lists and any(path.endswith(self._lists[0]) and page >= self._far for path, page in pages):
            self.killed.append(pages[-1])
            self._lists.pop(0)
            self._kill()


@dataclass
class Driven:
    """One connection on the world's clock. Seconds: `work` of real time in its calls; `paced` as with a live clock."""

    world: LabClient
    sync: str
    id: str
    now: str
    work: float = 0.0
    paced: float = 0.0

    def tick(self) -> bool:
        """Whether nothing is left to do; else it is the next call's time afterwards. `requests.ConnectionError` when it
        was killed."""
        started = time.monotonic()
        waits, idle = 0.0, False
        try:
            answer = requests.post(f"{self.sync}/connections/{self.id}/tick", json={"now": self.now}, timeout=3600)
            answer.raise_for_status()
            progress = answer.json()
            idle = bool(progress["idle"])
            if not idle:
                next_at = datetime.fromisoformat(progress["next_at"])
                waits = (next_at - datetime.fromisoformat(self.now)).total_seconds()
        finally:
            took = time.monotonic() - started
            self.work, self.paced = self.work + took, self.paced + max(took, waits)
        if waits:
            self.now = self.world.clock(advance=waits)["now"]
        return idle


def page_of(row: Mapping[str, Any]) -> tuple[str, int] | None:
    """Which page of which list was read."""
    parts = urlsplit(row["url"])
    query = dict(parse_qsl(parts.query))
    many = "include" in query or "sku" in query
    return (parts.path, int(query["page"])) if row["method"] == "GET" and "page" in query and not many else None


def bare(world: LabClient, rows: Iterable[Mapping[str, Any]], gap: float) -> tuple[float, float]:
    """Seconds that the same requests take, sent one after the other; and how long at the permitted pace."""
    info, session = world.info(), requests.Session()
    session.trust_env = False
    keys = {"key": info["store"]["consumer_key"], "secret": info["store"]["consumer_secret"]}
    work = paced = since = 0.0
    for row in rows:
        if row["status"] == 429:  # the loop keeps to the pace
            continue
        parts = urlsplit(row["url"])
        url, params = f"{parts.scheme}://{parts.netloc}{parts.path}", parse_qsl(parts.query)
        headers, body = {"Content-Type": "application/json"}, (row["request"].get("body") or "").encode()
        if row["service"] == "woocommerce":
            timestamp = int(datetime.fromisoformat(world.clock()["now"]).timestamp())
            plain = [pair for pair in params if not pair[0].startswith("oauth_")]
            params = signed(row["method"], url, plain, nonce=secrets.token_hex(16), timestamp=timestamp, **keys)
        else:
            key = info["backends"][row["service"]]["api_key"]
            headers["Authorization"] = f"{SCHEMES[row['service']]} {key}"
            world.clock(advance=gap)
            paced, since = paced + max(gap, since), 0.0
        started = time.monotonic()
        answer = session.request(row["method"], f"{url}?{urlencode(params)}", data=body, headers=headers, timeout=600)
        took = time.monotonic() - started
        if answer.status_code != row["status"]:
            raise SystemExit(f"{row['method']} {url} answers {answer.status_code} now, not {row['status']}")
        work, since = work + took, since + took
    return work, paced + since


def measured(name: str, skus: int, say: Callable[[str], None]) -> dict[str, Any]:
    backend, connector = BACKENDS[name], connectors()[name]
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        up = stack.enter_context(process("storelab.cli", "up", "--port", "0", "--no-sync", "--json"))
        world = LabClient(up.url, up.told["control"]["token"])
        say(f"making {skus} products")
        now = world.clock(freeze=True)["now"]
        backend.prepare(world, skus)
        world.call("PUT", "/snapshots/before")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        command = ["storelab.cli", "sync", "serve", "--port", port, "--workers", "0", "--jobs", "memory:", "--json"]
        command += ["--ledger", f"sqlite:///{folder}/ledger.sqlite"]

        sync: Process = stack.enter_context(process(*command))
        info = world.info()
        store = {key: info["store"][key] for key in ("url", "consumer_key", "consumer_secret")}
        body = {"backend": name, "store": store, "credentials": info["backends"][name], "settings": backend.settings}
        made = requests.post(f"{sync.url}/connections", json={**body, "now": now}, timeout=60)
        made.raise_for_status()
        driven = Driven(world, sync.url, made.json()["id"], now)
        onlooker = Onlooker(world, lambda: sync.kill(), (backend.first, backend.second), skus / 100 / 3)
        onlooker.start()
        most, idle = 0.0, False
        while not idle:
            try:
                idle = driven.tick()
                most = max(most, sync.most_memory())
            except requests.ConnectionError:
                say(f"killed at page {onlooker.killed[-1][1]} of {onlooker.killed[-1][0]}")
                sync = stack.enter_context(process(*command))
        most, cpu = max(most, sync.most_memory()), sync.cpu()
        onlooker.over.set()
        onlooker.join()
        onlooker.look()
        filled = backend.filled(world)

        pages = Counter(page for row in onlooker.sent if (page := page_of(row)))
        calls = Counter(row["service"] for row in onlooker.sent)
        say("the same requests, bare")
        world.call("POST", "/snapshots/before/restore")
        world.clock(freeze=now)
        work, paced = bare(world, onlooker.sent, connector.gap)
        return {
            "products with the backend's stock": filled,
            "calls": dict(calls),
            "memory of the sync, MB": round(most),
            "killed at": [f"page {page} of {path}" for path, page in onlooker.killed],
            "pages read again": sum(times - 1 for times in pages.values()),
            "seconds of a processor since the last kill": round(cpu, 1),
            "seconds of work": round(driven.work, 1),
            "seconds of work, bare": round(work, 1),
            "work, times bare": round(driven.work / work, 2),
            "seconds at its pace": round(driven.paced, 1),
            "seconds at its pace, bare": round(paced, 1),
            "at its pace, times bare": round(driven.paced / paced, 2),
            "load": round(os.getloadavg()[0], 1),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--backend", choices=BACKENDS, default="keycrm")
    parser.add_argument("--skus", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measured(given.backend, given.skus, lambda text: print(text, file=sys.stderr))
    if given.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:<46}{value}")


if __name__ == "__main__":
    main()
