"""A believable store: the same seed gives the same one, and the API shows all of it as it shows what people made."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.kernel import LabError
from storelab.emulators.woocommerce.seed_words import words
from storelab.emulators.woocommerce.uploads import colour_of, painted
from storelab.sandbox import Sandbox

from .shop import Shop

NOON = "2026-03-02T12:00:00Z"


@pytest.fixture(scope="module")
def seeded(sandbox: Sandbox) -> Iterator[Shop]:
    """A believable store that tests only look at; all its answers are held against the document."""
    world = sandbox.client.make_world()
    world.clock(freeze=NOON)
    world.state("woocommerce", "a believable store", products=60, customers=30, orders=120, months=3)
    yield Shop(world)
    world.drop()


def everything(shop: Shop) -> dict[str, Any]:
    lists = ("products", "variations", "customers", "orders", "refunds", "products/categories", "products/attributes")
    return {name: [bare(item) for item in shop.get(name, per_page=100, orderby="id")] for name in lists[:5]} | {
        name: [bare(item) for item in shop.get(name)] for name in lists[5:]
    }


def bare(item: dict[str, Any]) -> str:
    """An item without the address of its world."""
    return str(item).replace(urlsplit(item["_links"]["collection"][0]["href"]).path.split("/wp-json")[0], "")


def test_the_same_seed_gives_the_same_store(sandbox: Sandbox) -> None:
    seen = []
    for seed in ("a", "a", "b"):
        world = sandbox.client.make_world(seed=seed)
        world.clock(freeze=NOON)
        world.state("woocommerce", "a believable store", products=12, customers=5, orders=10)
        seen.append(everything(Shop(world)))
        world.drop()

    assert seen[0] == seen[1]
    assert seen[0]["products"] != seen[2]["products"]


def test_products_are_told_apart_by_name_slug_and_sku(seeded: Shop) -> None:
    products = seeded.get("products", per_page=100) + seeded.get("variations", per_page=100)

    assert len({p["sku"] for p in products}) == len(products)
    assert len({p["permalink"] for p in products}) == len(products)


def test_a_variable_product_has_the_price_and_the_stock_of_its_variations(seeded: Shop) -> None:
    parent = seeded.get("products", type="variable", status="publish")[0]

    variations = seeded.get(f"products/{parent['id']}/variations", per_page=100)

    assert sorted(parent["variations"]) == sorted(v["id"] for v in variations)
    assert float(parent["price"]) == min(float(v["price"]) for v in variations)
    offered = {a["name"]: set(a["options"]) for a in parent["attributes"] if a["variation"]}
    for variation in variations:
        assert all(a["option"] in offered[a["name"]] for a in variation["attributes"])


def test_categories_stand_in_departments_and_have_pictures(seeded: Shop) -> None:
    shelves = seeded.get("products/categories", per_page=100)

    names = {shelf["id"]: shelf["name"] for shelf in shelves}
    assert names[next(s["parent"] for s in shelves if s["name"] == "Mugs")] == "Kitchen"
    assert all(s["image"]["src"] for s in shelves if s["name"] != "Uncategorized")


def test_an_order_costs_what_its_lines_add_up_to(seeded: Shop) -> None:
    orders = seeded.get("orders", per_page=100)

    for order in orders:
        lines = [*order["line_items"], *order["shipping_lines"]]
        assert float(order["total"]) == pytest.approx(sum(float(line["total"]) for line in lines))
        assert order["line_items"]
        assert order["status"] not in ("processing", "completed") or order["date_paid"]
        assert (order["status"] == "refunded") <= bool(order["refunds"])


def test_old_orders_are_mostly_completed_and_have_a_history(seeded: Shop) -> None:
    orders = seeded.get("orders", per_page=100, order="asc")

    completed = [o for o in orders[:60] if o["status"] == "completed"]
    notes = seeded.get(f"orders/{completed[0]['id']}/notes")

    assert len(completed) > 40
    assert orders[0]["date_created"] < "2025-12-10"
    assert any("Completed" in note["note"] for note in notes)


def test_what_was_sold_is_counted(seeded: Shop) -> None:
    best = seeded.get("products", orderby="popularity")[0]

    assert best["total_sales"] > 0


def test_buyers_are_customers_or_guests(seeded: Shop) -> None:
    orders = seeded.get("orders", per_page=100)
    known = {c["id"]: c for c in seeded.get("customers", per_page=100)}

    buyers = [order for order in orders if order["customer_id"]]

    assert 0 < len(buyers) < len(orders)
    for order in buyers:
        assert order["billing"]["email"] == known[order["customer_id"]]["email"]
        assert order["billing"]["email"].rsplit("@", 1)[1].startswith("example.")


def test_cancelling_an_order_gives_its_stock_back(world: LabClient) -> None:
    world.state("woocommerce", "a believable store", products=20, customers=5, orders=80)
    shop = Shop(world)
    order, line, before = next(
        (order, line, product["stock_quantity"])
        for order in shop.get("orders", status="completed", per_page=100)
        for line in order["line_items"]
        if (product := shop.get(f"products/{line['variation_id'] or line['product_id']}"))["manage_stock"] is True
    )

    shop.put(f"orders/{order['id']}", {"status": "cancelled"})

    sold = sum(
        same["quantity"]
        for same in order["line_items"]
        if (same["variation_id"] or same["product_id"]) == (line["variation_id"] or line["product_id"])
    )
    assert shop.get(f"products/{line['variation_id'] or line['product_id']}")["stock_quantity"] == before + sold


def test_a_store_is_filled_in_pieces_up_to_what_was_asked_for(world: LabClient) -> None:
    first = world.do("woocommerce", "seed products", of=7, most=5)
    second = world.do("woocommerce", "seed products", of=7, most=5)
    third = world.do("woocommerce", "seed products", of=7)

    assert [first, second, third] == [
        {"made": 5, "have": 5, "left": 2},
        {"made": 2, "have": 7, "left": 0},
        {"made": 0, "have": 7, "left": 0},
    ]
    assert len(Shop(world).get("products", per_page=100)) == 7


def test_somebody_elses_sku_and_slug_are_left_alone(world: LabClient) -> None:
    world.do("woocommerce", "seed products", of=1)
    shop = Shop(world)
    (mine,) = shop.get("products")
    world.call("POST", "/reset")
    shop = Shop(world)
    shop.product(mine["sku"], name=mine["name"])

    world.do("woocommerce", "seed products", of=1)
    found = shop.get("products")

    assert len({p["sku"] for p in found}) == len({p["slug"] for p in found}) == 2


@pytest.mark.parametrize("wrong", [{"of": -1}, {"of": 10**9}, {"of": 5, "most": 0}])
def test_nobody_asks_for_less_than_nothing(world: LabClient, wrong: dict[str, int]) -> None:
    with pytest.raises(LabError, match="can be made"):
        world.do("woocommerce", "seed products", **wrong)


def test_orders_of_an_empty_shop_have_no_lines_and_no_error(world: LabClient) -> None:
    world.do("woocommerce", "seed orders", of=3)

    assert [o["line_items"] for o in Shop(world).get("orders")] == [[], [], []]


def test_src_leads_to_a_picture_of_that_size(seeded: Shop) -> None:
    picture = next(p for p in seeded.get("products") if p["images"])["images"][0]
    for address, side in ((picture["src"], 640), (picture["thumbnail"], 300)):
        path = urlsplit(address).path
        answer = requests.get(f"{seeded.url.split('/~')[0]}{path}", timeout=10)

        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
        assert struct.unpack(">II", answer.content[16:24]) == (side, side)
        assert len(answer.content) < 1_000


def test_a_file_that_is_not_there_is_not_found(shop: Shop) -> None:
    answer = requests.get(f"{shop.url}/wp-content/uploads/2024/11/nothing.png", timeout=10)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_picture_has_the_colour_of_its_name() -> None:
    assert colour_of("2024/11/t-shirt-red.png") == bytes.fromhex("b3262e")
    assert painted("a-red.png", 10, 20) != painted("a-blue.png", 10, 20)
    assert painted("x.png", 0, 0)[:4] == b"\x89PNG"


def test_names_repeat_only_when_all_were_used() -> None:
    vocabulary = words(1)

    assert len({vocabulary.named(n)[2] for n in range(20_000)}) == 20_000
    assert vocabulary.named(vocabulary.names)[2] == vocabulary.named(0)[2] + " 2"
