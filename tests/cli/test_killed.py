"""The sandbox with --data, killed with SIGKILL in the middle of a load: what it acknowledged is there afterwards.

Killed once; with STORELAB_LONG=1 twelve times, on the same folder; STORELAB_KILLS=100 says how often.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

import requests

from .test_up import HTTPS, products, running

KILLS = int(os.environ.get("STORELAB_KILLS") or (12 if os.environ.get("STORELAB_LONG") else 1))


class Writer(threading.Thread):
    """Makes a product and counts its stock up, until nobody answers. `acknowledged`: id and the last stock of each."""

    def __init__(self, info: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self.info, self.acknowledged, self.writes = info, dict[int, int](), 0

    def run(self) -> None:
        try:
            while True:
                made = products(self.info, "POST", json={"name": "P", "manage_stock": True, "stock_quantity": 0}).json()
                self.acknowledged[made["id"]] = 0
                for quantity in range(1, 6):
                    self.write(made["id"], quantity)
                    self.acknowledged[made["id"]] = quantity
                    self.writes += 1
        except (requests.RequestException, ValueError):
            pass  # it was killed, perhaps in the middle of an answer

    def write(self, id_: int, quantity: int) -> None:
        store = self.info["store"]
        keys = (store["consumer_key"], store["consumer_secret"])
        url = f"{store['url']}/wp-json/wc/v3/products/{id_}"
        requests.put(url, auth=keys, headers=HTTPS, json={"stock_quantity": quantity}, timeout=20).raise_for_status()


def test_what_was_acknowledged_under_load_survives_kill_9(tmp_path: Path) -> None:
    chance, kept, writes = Random(5), dict[int, int](), 0
    for _ in range(KILLS):
        with running("--data", str(tmp_path), "--no-sync") as (info, process):
            writers = [Writer(info) for _ in range(3)]
            for writer in writers:
                writer.start()
            while not all(writer.writes for writer in writers):
                sleep(0.01)
            sleep(chance.uniform(0.05, 1.0))
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            for writer in writers:
                writer.join(25)
                kept |= writer.acknowledged
                writes += writer.writes

    with running("--data", str(tmp_path), "--no-sync") as (info, _):
        found: dict[int, int] = {}
        page = 1
        while rows := products(info, params={"per_page": "100", "page": str(page), "orderby": "id"}).json():
            found |= {row["id"]: row["stock_quantity"] for row in rows}
            page += 1

    assert writes > 3
    assert {id_: found.get(id_, -1) for id_ in kept if found.get(id_, -1) < kept[id_]} == {}
    assert all(found[id_] - stock <= 1 for id_, stock in kept.items())  # at most what was on its way
    print(f"{writes} writes, {len(kept)} products")
