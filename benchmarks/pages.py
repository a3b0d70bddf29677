"""What the console's pages cost a server that holds much: 100,000 products, KeyCRM offers and rows of the journal.

    python -m benchmarks.pages [--products 100000] [--rows 100000] [--limit 100] [--json]

Milliseconds of the processor for the whole answer, of the server and the client that asks: at the first look after the
sandbox was started and its console opened, and at a later one (the median of five). With `--limit`, exit code 1 when a
page takes more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from dataclasses import replace
from typing import Any

import requests

from storelab.client import LabClient
from storelab.emulators.kernel.journal import Exchange
from storelab.emulators.kernel.world import World
from storelab.sandbox import Sandbox, Settings

AGAIN = 5
WARM = 3.0  # seconds that somebody looks at the map before going on
PAGES = {
    "map": "/",
    "journal": "/journal",
    "journal, refused": "/journal?status=refused",
    "journal, a text in one row": "/journal?text=SKU-77",
    "follow, in one row": "/journal/follow?text=SKU-77",
    "follow, nowhere": "/journal/follow?text=nobody-says-this",
    "an old exchange": "/journal/77",
    "clock": "/clock",
    "faults": "/faults",
    "worlds": "/worlds",
    "scenarios": "/scenarios",
    "a scenario": "/scenarios/keycrm/echo",
    "WooCommerce": "/services/woocommerce",
    "WooCommerce, stock": "/services/woocommerce/facts/stock",
    "KeyCRM": "/services/keycrm",
    "KeyCRM, stock": "/services/keycrm/facts/stock",
    "products": "/store/products",
    "products, searched": "/store/products?search=P-077777",
    "orders": "/store/orders",
    "customers": "/store/customers",
    "webhooks": "/store/webhooks",
    "keys": "/store/keys",
    "shop": "/shop",
    "checkout": "/shop/checkout",
    "reports": "/reports",
    "failures": "/reports/failures",
    "a contract": "/reports/contracts/sync-keycrm",
    "coverage": "/reports/coverage/woocommerce",
    "disclosure": "/reports/disclosure/keycrm",
}


def fill(sandbox: Sandbox, products: int, rows: int) -> None:
    lab = LabClient(sandbox.url, sandbox.token)
    lab.state("woocommerce", "a catalogue", size=products)
    lab.state("keycrm", "a catalogue", size=products)
    requests.get(f"{sandbox.url}/woocommerce/wp-json/wc/v3/products", timeout=60)
    requests.get(f"{sandbox.url}/keycrm/v1/offers", timeout=60)
    world = sandbox.lab.world()
    first, second = list(world.journal)[-2:]

    async def filled() -> None:
        for number in range(rows):
            _row(world, first if number % 3 else second, number)

    assert sandbox.loop is not None
    asyncio.run_coroutine_threadsafe(filled(), sandbox.loop).result()


def _row(world: World, like: Exchange, number: int) -> None:
    body = json.dumps({"sku": f"SKU-{number}", "name": f"Product {number}", "description": "x" * 600}).encode()
    status = 200 if number % 10 else 429
    world.journal.add(replace(like, number=world.journal.next_number(), status=status, response_body=body))


def looked(session: requests.Session, url: str) -> float:
    began = time.process_time()
    answer = session.get(url, timeout=300)
    took = time.process_time() - began
    answer.raise_for_status()
    return took * 1000


def measured(products: int, rows: int) -> dict[str, dict[str, float]]:
    figures: dict[str, dict[str, float]] = {}
    with Sandbox(Settings(port=0, sync_port=0, journal=rows + 10)) as sandbox, requests.Session() as session:
        fill(sandbox, products, rows)
        figures["map"] = {"first": looked(session, sandbox.url)}
        time.sleep(WARM)
        for name, path in PAGES.items():
            figures.setdefault(name, {"first": looked(session, sandbox.url + path)})
        for name, path in PAGES.items():
            figures[name]["later"] = statistics.median(looked(session, sandbox.url + path) for _ in range(AGAIN))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--limit", type=float, default=0.0, help="milliseconds that a page may take")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures: dict[str, Any] = measured(given.products, given.rows)
    if given.json:
        print(json.dumps(figures))
    else:
        print(f"{'ms of the processor':<30}{'first look':>12}{'later':>10}")
        for name, figure in figures.items():
            print(f"{name:<30}{figure['first']:>12.1f}{figure['later']:>10.1f}")
    slow = [name for name, figure in figures.items() if given.limit and max(figure.values()) > given.limit]
    if slow:
        sys.exit(f"over {given.limit:g} ms: {', '.join(slow)}")


if __name__ == "__main__":
    main()
