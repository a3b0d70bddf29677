"""What is written to a store costs the same however much there is in it: every statement on the way finds its rows in
an index, as SQLite itself says."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import Any

import pytest

from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.http import Request
from storelab.emulators.kernel.lab import Lab, found_emulators
from storelab.emulators.kernel.world import World

GROWING = "woo_products|woo_product_terms|woo_orders|woo_order_items|woo_order_notes|woo_mails|lab_deliveries|lab_jobs"
WALKED = re.compile(rf"SCAN ({GROWING})|SEARCH ({GROWING}) .*\((is_variation=\?)?( AND )?(trashed=\?)?\)$")
MADE = {
    "product": ("POST", "products", {"name": "Mug", "sku": "MUG", "regular_price": "9.90", "manage_stock": True}),
    "another of its name": ("POST", "products", {"name": "Mug", "global_unique_id": "4006381333931"}),
    "stock": ("PUT", "products/{P-000001}", {"stock_quantity": 5}),
    "name": ("PUT", "products/{P-000001}", {"name": "Cap", "slug": "p-000002", "tags": [{"name": "new"}]}),
    "trash": ("DELETE", "products/{P-000002}", None),
    "order": ("POST", "orders", {"line_items": [{"sku": "P-000003", "quantity": 1}], "set_paid": True}),
    "reading": ("GET", "products/{P-000001}", None),
}


@pytest.fixture(scope="module")
def lab() -> Lab:
    lab = Lab(found_emulators(), SqliteDatabases(None))
    asyncio.run(lab.world().set_state("woocommerce", "a catalogue", {"size": 5}))
    hook = {"topic": "product.updated", "delivery_url": "http://127.0.0.1:9/"}
    asyncio.run(lab.world().set_state("woocommerce", "a webhook", hook))
    return lab


def _asked(lab: Lab, world: World, method: str, path: str, body: Any) -> list[str]:
    """Every statement that this request needs."""
    keys = world.credentials("woocommerce")
    token = base64.b64encode(f"{keys['consumer_key']}:{keys['consumer_secret']}".encode()).decode()
    headers = {"authorization": f"Basic {token}", "host": "shop.test", "content-type": "application/json"}
    sent = b"" if body is None else json.dumps(body).encode()
    request = Request(method, f"/wp-json/wc/v3/{path}", "https://shop.test", "", headers, sent)
    statements: list[str] = []
    driver: Any = world.store.driver
    driver.set_trace_callback(statements.append)
    answer = asyncio.run(lab.services["woocommerce"].answer(world, request))
    driver.set_trace_callback(None)
    assert answer.reply.status < 300
    return [s for s in statements if s.startswith(("SELECT", "UPDATE", "DELETE"))]


@pytest.mark.parametrize("made", list(MADE))
def test_no_statement_walks_through_what_grows(lab: Lab, made: str) -> None:
    method, path, body = MADE[made]
    world = lab.world()
    driver: Any = world.store.driver
    ids = dict(driver.execute("SELECT sku, id FROM woo_products WHERE sku <> ''"))

    statements = _asked(lab, world, method, path.format_map(ids), body)

    plans = {s: [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {s}")] for s in statements}
    assert statements
    assert {s: plan for s, plan in plans.items() if any(WALKED.search(step) for step in plan)} == {}
