"""Many at once, over real HTTP: nothing is lost, nothing is counted twice, on SQLite and on PostgreSQL.

The real store sells over REST below zero, and counts exactly (WooCommerce 10.5.0, recorded 2026-11-21). On PostgreSQL
two servers share the store, and every other request goes to the second.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import local

import pytest

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings

from .receiver import Receiver
from .shop import Shop
from .test_webhooks import hooked

AT_ONCE = 20  # connections; requests queue behind them


@pytest.fixture(scope="module")
def database(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def servers(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The addresses of all servers of one fresh store."""
    if request.param == "sqlite":
        with Sandbox(Settings(port=0, sync_port=None)) as only:
            yield [only.url]
        return
    settings = Settings(port=0, sync_port=None, database=request.getfixturevalue("database"))
    with Sandbox(settings) as one, Sandbox(settings) as other:
        LabClient(one.url).call("POST", "/reset")
        yield [one.url, other.url]


Ask = Callable[[Shop, int], int]


def at_once(servers: Sequence[str], times: int, ask: Ask) -> Counter[int]:
    """Ask so many times, from many threads, and count the statuses."""
    mine = local()
    turn = itertools.count()

    def shop() -> Shop:
        if not hasattr(mine, "shop"):
            mine.shop = Shop(LabClient(servers[next(turn) % len(servers)]))
        found: Shop = mine.shop
        return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(lambda number: ask(shop(), number), range(times)))


def test_two_hundred_orders_for_the_last_hundred_pieces(servers: list[str]) -> None:
    shop = Shop(LabClient(servers[0]))
    mug = shop.product(stock=100)
    order = {"line_items": [{"product_id": mug["id"], "quantity": 1}], "set_paid": True}

    statuses = at_once(servers, 200, lambda shop, _: shop.call("POST", "orders", order).status_code)

    seen = shop.get(f"products/{mug['id']}")
    assert statuses == {201: 200}
    assert (seen["stock_quantity"], seen["stock_status"], seen["total_sales"]) == (-100, "outofstock", 200)
    total = shop.call("GET", "orders", per_page=1).headers["X-WP-Total"]
    assert total == "200"


def test_orders_and_their_cancelling_side_by_side_add_up(servers: list[str]) -> None:
    shop = Shop(LabClient(servers[0]))
    mug, cap = shop.product(stock=50), shop.product(sku="CAP", stock=50)
    lines = [{"product_id": p["id"], "quantity": 1} for p in (mug, cap)]
    first = [
        shop.post("orders", {"line_items": lines[:: 1 if n % 2 else -1], "set_paid": True})["id"] for n in range(20)
    ]

    def ask(shop: Shop, number: int) -> int:
        if number % 2:
            return shop.call("PUT", f"orders/{first[number // 2]}", {"status": "cancelled"}).status_code
        swapped = lines if number % 4 else lines[::-1]
        return shop.call("POST", "orders", {"line_items": swapped, "set_paid": True}).status_code

    statuses = at_once(servers, 40, ask)

    assert statuses == {201: 20, 200: 20}
    assert (shop.stock(mug), shop.stock(cap)) == (30, 30)


def test_six_at_once_for_one_sku_make_one_product(servers: list[str]) -> None:
    shop = Shop(LabClient(servers[0]))
    new = {"name": "Mug", "sku": "MUG", "regular_price": "10.00"}

    statuses = at_once(servers, 6, lambda shop, _: shop.call("POST", "products", new).status_code)

    assert statuses == {201: 1, 400: 5}
    assert len(shop.get("products", sku="MUG")) == 1


def test_ids_are_never_given_twice(servers: list[str]) -> None:
    shop = Shop(LabClient(servers[0]))

    statuses = at_once(servers, 60, lambda shop, n: shop.call("POST", "products", {"name": f"P{n}"}).status_code)

    assert statuses == {201: 60}
    assert len({p["id"] for p in shop.get("products", per_page=100)}) == 60


def test_one_order_cancelled_by_many_gives_its_stock_back_once(servers: list[str]) -> None:
    shop = Shop(LabClient(servers[0]))
    mug = shop.product(stock=10)
    order = shop.post("orders", {"line_items": [{"product_id": mug["id"], "quantity": 4}], "set_paid": True})["id"]

    statuses = at_once(
        servers, 10, lambda shop, _: shop.call("PUT", f"orders/{order}", {"status": "cancelled"}).status_code
    )

    assert statuses == {200: 10}
    assert shop.stock(mug) == 10


def test_many_who_change_one_product_lose_nothing_of_each_other(servers: list[str]) -> None:
    shop = Shop(LabClient(servers[0]))
    path = f"products/{shop.product()['id']}"

    def ask(shop: Shop, number: int) -> int:
        return shop.call("PUT", path, {"meta_data": [{"key": f"field {number}", "value": "kept"}]}).status_code

    statuses = at_once(servers, 30, ask)

    assert statuses == {200: 30}
    assert {m["key"] for m in shop.get(path)["meta_data"]} == {f"field {n}" for n in range(30)}


def test_a_webhook_is_delivered_once_by_all_servers_together(servers: list[str], receiver: Receiver) -> None:
    shop = Shop(LabClient(servers[0]))
    hooked(shop, receiver, "product.created")

    at_once(servers, 20, lambda shop, n: shop.call("POST", "products", {"name": f"P{n}"}).status_code)
    with ThreadPoolExecutor(len(servers)) as pool:
        list(pool.map(lambda url: LabClient(url).settle(), servers))
    LabClient(servers[0]).settle()

    assert sorted(g.json["name"] for g in receiver.deliveries) == sorted(f"P{n}" for n in range(20))
