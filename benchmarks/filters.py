"""What every documented filter and order of products and orders costs in a large store.

    python -m benchmarks.filters [--products 100000] [--orders 1000000] [--only TEXT] [--json]

In this process and without HTTP: routing, authentication, query, rendering and JSON of one page of 10. Milliseconds of
the processor, so that other work on the machine does not count; "first" is the first time after something was written,
"again" is when nothing was. There were searches before, so their index has grown. The store is a seeded one,
multiplied in SQL: names, SKUs, slugs and dates are told apart, the rest repeats.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from storelab.emulators.kernel import text_index
from storelab.emulators.kernel.databases import SqliteDatabases, create_tables
from storelab.emulators.kernel.http import Request
from storelab.emulators.kernel.lab import Lab, found_emulators
from storelab.emulators.kernel.world import World
from storelab.emulators.woocommerce.order_records import ITEMS, ORDERS, REFUNDS
from storelab.emulators.woocommerce.product import PRODUCT_TERMS, PRODUCTS

LIMIT = 50.0  # milliseconds
SEEDED = 2_000
_ROUNDS = 3


def multiplied(world: World, table: Any, copies: int, **changed: str) -> None:
    """Copies of all rows; `changed` are SQL expressions of columns, in which `k.n` is the number of the copy."""
    names = [column.name for column in table.sql.columns]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changed.get(name, f't."{name}"') for name in names)
    numbers = "with recursive k(n) as (select 1 union all select n + 1 from k where n < :copies)"
    statement = f"insert into {table.name} ({columns}) {numbers} select {values} from {table.name} t, k"
    if copies:
        world.store.execute(sa.text(statement), {"copies": copies})


def large_store(folder: Path, products: int, orders: int) -> tuple[Lab, World]:
    """In a file, as with `storelab up --data`: a world in memory holds 1 GiB at most."""
    lab = Lab(found_emulators(), SqliteDatabases(folder))
    world = lab.world()
    for pragma in ("journal_mode=off", "synchronous=off", "cache_size=-2000000"):  # while it is filled
        world.store.execute(sa.text(f"pragma {pragma}"))
    world.store.commit()
    few = {"products": min(products, SEEDED), "customers": 500, "orders": min(orders, SEEDED)}
    asyncio.run(world.set_state("woocommerce", "a believable store", few))
    for table in (PRODUCTS, PRODUCT_TERMS, ORDERS, ITEMS, REFUNDS):
        for index in table.sql.indexes:
            index.drop(world.database.connection)
    step, second = 10_000_000, 1_000_000
    for table, changed in (
        (
            PRODUCTS,
            {
                "id": f"t.id + k.n * {step}",
                "parent_id": f"case t.parent_id when 0 then 0 else t.parent_id + k.n * {step} end",
                "created": f"t.created + k.n * {second}",
                "modified": f"t.modified + k.n * {second}",
                **{name: f"t.{name} || ' ' || k.n" for name in ("name", "name_key", "words")},
                **{name: f"t.{name} || '-' || k.n" for name in ("sku", "sku_key", "slug")},
            },
        ),
        (PRODUCT_TERMS, {"product_id": f"t.product_id + k.n * {step}"}),
    ):
        multiplied(world, table, products // SEEDED - 1, **changed)
    moved = {"id": f"t.id + k.n * {step}", "order_id": f"t.order_id + k.n * {step}"}
    dated = {name: f"t.{name} - k.n * {second}" for name in ("created_at", "modified_at")}
    for table, changed in (
        (ORDERS, {**moved, **dated, "haystack": "t.haystack || char(10) || 'm' || k.n || '@example.com'"}),
        (ITEMS, {**moved, "product_id": f"t.product_id + (k.n % {max(products // SEEDED, 1)}) * {step}"}),
        (REFUNDS, {**moved, **dated}),
    ):
        multiplied(world, table, orders // SEEDED - 1, **changed)
    world.store.commit()
    create_tables(world.database.connection)
    lab.close()
    lab = Lab(found_emulators(), SqliteDatabases(folder))
    return lab, lab.world()


def cases(world: World) -> list[tuple[str, str]]:
    """(list, query): every documented filter and order."""
    one = world.store.execute(
        sa.select(PRODUCTS.c.id, PRODUCTS.c.sku, PRODUCTS.c.slug).where(~PRODUCTS.c.is_variation).limit(1).offset(900)
    ).one()
    term = world.store.execute(sa.select(PRODUCT_TERMS.c.term_id).limit(1).offset(700)).scalar_one()
    order = world.store.execute(sa.select(ORDERS.c.id).limit(1).offset(900)).scalar_one()
    shared = ("date", "id", "include", "title", "slug", "modified")
    orderings = (*shared, "popularity", "rating", "price", "menu_order")
    ways = ("asc", "desc")
    products = [
        "", "page=500", "per_page=100", "search=mug", "search=mug+classic", "search=zzzz", "search=mug+-classic",
        "search_sku=mug-00", f"sku={one.sku}", "search_name_or_sku=mug", "search=mug&search_fields=name",
        f"slug={one.slug}",
        "status=publish", "status=draft", "status=trash", "include_status=draft,pending", "exclude_status=draft",
        "type=simple", "type=variable", "type=external", "include_types=simple,external", "exclude_types=simple",
        "featured=true", "featured=false", "category=17", f"category={term}", "tag=41", "shipping_class=9",
        f"attribute=pa_colour&attribute_term={term}", "brand=9", "stock_status=instock", "stock_status=outofstock",
        "stock_status=onbackorder", "on_sale=true", "on_sale=false", "min_price=20&max_price=30", "min_price=400",
        "virtual=true", "virtual=false", "downloadable=true", "after=2026-01-01T00:00:00",
        "before=2025-03-01T00:00:00", "modified_after=2026-06-01T00:00:00", "modified_before=2025-06-01T00:00:00",
        f"include={one.id}", f"exclude={one.id}", f"parent={one.id}", f"parent_exclude={one.id}", "offset=50000",
        *(f"orderby={by}&order={way}" for by in orderings for way in ways), "orderby=random",
        "category=17&orderby=price&order=asc", "stock_status=outofstock&orderby=title&order=asc",
    ]  # fmt: skip
    orders = [
        "", "page=5000", "per_page=100", "status=processing", "status=completed", "status=pending,on-hold",
        "status=checkout-draft", "status=trash", "customer=5", "customer=0", f"product={one.id}", "search=smith",
        "search=zzzz", f"search={order}", "search=mug", f"include={order}", f"exclude={order}", "parent=5",
        "parent_exclude=5", "created_via=checkout", "created_via=rest-api", "after=2026-10-01T00:00:00",
        "before=2026-07-01T00:00:00", "modified_after=2026-11-01T00:00:00", "modified_before=2026-07-01T00:00:00",
        "status=processing&modified_after=2026-11-01T00:00:00", "offset=500000",
        *(f"orderby={by}&order={way}" for by in shared for way in ways),
    ]  # fmt: skip
    more = [("variations", ""), ("variations", "search=red"), ("refunds", ""), ("customers", "search=smith")]
    return [*(("products", q) for q in products), *(("orders", q) for q in orders), *more]


def searched(world: World) -> None:
    """Searches until their index has all that there is."""
    for column in (PRODUCTS.c.words, PRODUCTS.c.sku_key, ORDERS.c.haystack, ITEMS.c.name):
        while world.store.may_hold(column, ["zzzz"]) is None:
            world.store.commit()


async def measured(lab: Lab, world: World, what: str, query: str, rounds: int = _ROUNDS) -> tuple[float, float, int]:
    """Milliseconds the first time and again, and the status."""
    keys = world.credentials("woocommerce")
    token = base64.b64encode(f"{keys['consumer_key']}:{keys['consumer_secret']}".encode()).decode()
    headers = {"authorization": f"Basic {token}", "host": "shop.test"}
    request = Request("GET", f"/wp-json/wc/v3/{what}", "https://shop.test", query, headers)
    service = lab.services["woocommerce"]
    first, again, status = [], [], 0
    for _ in range(_ROUNDS):
        world._memos.clear()
        for took in (first, again):
            started = time.process_time()
            sent = await service.answer(world, request)
            took.append((time.process_time() - started) * 1000)
            status = sent.reply.status
        if first[-1] > 2_000:
            break
    return statistics.median(first), statistics.median(again), status


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        lab, world = large_store(Path(folder), given.products, given.orders)
        print(f"filled in {time.monotonic() - started:.0f} s", file=sys.stderr)
        if given.products > text_index.LARGE < given.orders:
            searched(world)
        for what, query in cases(world):
            if given.only in f"{what}?{query}":
                first, again, status = asyncio.run(measured(lab, world, what, query))
                rows.append({"list": what, "query": query, "first": first, "again": again, "status": status})
        lab.close()
    slow = [row for row in rows if row["first"] > LIMIT or row["status"] != 200]
    if given.json:
        print(json.dumps({"rows": rows, "slow": len(slow)}))
        return
    print(f"{'first':>9}{'again':>9}  {given.products:,} products, {given.orders:,} orders")
    for row in rows:
        mark = "*" if row in slow else " "
        print(f"{row['first']:>9.1f}{row['again']:>9.1f} {mark} {row['list']}?{row['query']} {row['status']}")
    print(f"{len(rows) - len(slow)} of {len(rows)} answer the first time in under {LIMIT:.0f} ms")


if __name__ == "__main__":
    main()
