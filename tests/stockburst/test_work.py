"""StockBurst's own work in the store: what it does when the store does not do as it should."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from .conftest import Plugin

TIMESTAMP = json.dumps({"code": "woocommerce_rest_authentication_error", "message": "Invalid timestamp."})


@pytest.fixture
def connected(plugin: Plugin) -> Plugin:
    plugin.world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)
    return plugin.connect()


@pytest.mark.parametrize(
    ("body", "kind"),
    [(TIMESTAMP, "application/json"), ("<h1>Forbidden</h1>", "text/html")],
    ids=["the clocks differ", "a guard before the store"],
)
def test_a_refusal_that_is_not_about_the_key_is_tried_again(connected: Plugin, body: str, kind: str) -> None:
    world = connected.world
    world.fault(kind="block", service="woocommerce", path="/wp-json/wc", status=401, body=body, content_type=kind)

    world.do("stockburst", "adjust stock", sku="MUG", quantity=4)
    world.settle()

    assert connected.stock("woocommerce") == {"MUG": 10}
    assert world.fact("stockburst", "connection")["status"] == "connected"
    world.call("DELETE", "/faults")
    connected.wait(120)
    assert connected.stock("woocommerce") == {"MUG": 4}
    assert world.fact("stockburst", "connection")["problem"] == ""


def test_it_gives_up_after_some_hours_and_the_daily_compare_makes_up_for_it(connected: Plugin) -> None:
    world = connected.world
    world.fault(kind="outage", service="woocommerce", seconds=60_000)
    world.do("stockburst", "adjust stock", sku="MUG", quantity=4)
    world.settle()

    connected.wait(60_001)
    tried = [datetime.fromisoformat(e["at"]) for e in connected.asked("woocommerce") if e["status"] == 503]
    connected.wait(3_600 * 4)

    minutes = [round((later - earlier).total_seconds() / 60) for earlier, later in pairwise(tried)]
    assert minutes == [1, 5, 15, 60, 60, 60, 60, 60]
    assert connected.stock("woocommerce") == {"MUG": 10}
    assert "does not answer" in world.fact("stockburst", "connection")["problem"]
    connected.wait(86_400)
    assert connected.stock("woocommerce") == {"MUG": 4}
    assert world.fact("stockburst", "connection")["problem"] == ""


def test_a_count_that_finds_what_is_known_is_no_movement(connected: Plugin) -> None:
    before = connected.world.fact("stockburst", "movements")

    connected.world.do("stockburst", "adjust stock", sku="MUG", quantity=10)

    assert connected.world.fact("stockburst", "movements") == before


def test_many_products_are_written_in_batches_of_a_hundred(plugin: Plugin) -> None:
    world = plugin.world
    world.state("woocommerce", "a catalogue", size=130)
    plugin.connect()
    have = plugin.stock("stockburst")
    world.fault(kind="outage", service="woocommerce", seconds=30)
    for sku in have:
        world.do("stockburst", "adjust stock", sku=sku, quantity=have[sku] + 1)
    before = len(plugin.asked("woocommerce"))

    plugin.wait(61)

    writes = [e for e in plugin.asked("woocommerce")[before:] if e["method"] in ("POST", "PUT")]
    assert [len(json.loads(e["request"]["body"])["update"]) for e in writes] == [100, len(have) - 100]
    assert plugin.stock("woocommerce") == {sku: quantity + 1 for sku, quantity in have.items()}


def test_a_row_that_the_store_refuses_is_noted_and_not_tried_again_until_the_next_day(connected: Plugin) -> None:
    """Another plugin holds stock of one product fast."""
    world = connected.world
    refused = json.dumps({"code": "woocommerce_rest_cannot_edit_product", "message": "Held by another plugin."})
    world.fault(kind="block", service="woocommerce", operation="products.update", status=400, body=refused,
                content_type="application/json", times=1)  # fmt: skip
    world.do("stockburst", "adjust stock", sku="MUG", quantity=4)
    world.settle()

    assert "Held by another plugin" in world.fact("stockburst", "listings")["MUG"]["problem"]
    world.do("woocommerce", "edit product", sku="MUG", name="Mug, blue")
    world.settle()
    assert connected.stock("woocommerce") == {"MUG": 10}
    connected.wait(86_401)
    assert connected.stock("woocommerce") == {"MUG": 4}
    assert world.fact("stockburst", "listings")["MUG"]["problem"] == ""


def test_two_products_with_one_sku_are_not_mixed_up(plugin: Plugin) -> None:
    """A variation without a SKU of its own shows that of its product."""
    world = plugin.world
    world.state("woocommerce", "a variable product", sku="SHIRT", quantity=5)
    world.do("woocommerce", "edit product", sku="SHIRT-S", new_sku="")
    plugin.connect()

    assert plugin.stock("stockburst") == {"SHIRT-M": 5}
    world.do("stockburst", "adjust stock", sku="SHIRT-M", quantity=2)
    world.settle()
    assert plugin.stock("woocommerce")["SHIRT-M"] == 2


def test_a_sku_that_is_renamed_takes_its_pieces_along(connected: Plugin) -> None:
    connected.world.do("woocommerce", "edit product", sku="MUG", new_sku="CUP")
    connected.world.settle()

    assert connected.stock("stockburst") == {"CUP": 10, "MUG": 0}
    assert connected.world.fact("stockburst", "listings")["CUP"]["stock"] == 10


def test_stock_that_is_not_counted_is_not_zero(connected: Plugin) -> None:
    world = connected.world
    connected_store = world.info()["store"]
    put(connected_store, "/products/11", {"manage_stock": False})
    world.settle()

    assert world.fact("stockburst", "listings")["MUG"]["stock"] is None
    assert connected.stock("stockburst") == {"MUG": 10}
    world.do("stockburst", "adjust stock", sku="MUG", quantity=3)
    world.settle()
    written = [
        e for e in connected.asked("woocommerce") if e["operation"] == "products.update" and e["sender"] == "StockBurst"
    ]
    assert written == []


def put(store: dict[str, Any], path: str, body: dict[str, Any]) -> dict[str, Any]:
    return rest(store, "PUT", path, body)


def rest(store: dict[str, Any], method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    import requests

    keys = (store["consumer_key"], store["consumer_secret"])
    headers = {"X-Forwarded-Proto": "https"}
    url = f"{store['url']}/wp-json/wc/v3{path}"
    answer = requests.request(method, url, json=body, auth=keys, headers=headers, timeout=30)
    assert answer.status_code < 300, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_customers_come_go_and_people_who_run_the_store_are_none(connected: Plugin) -> None:
    world, store = connected.world, connected.world.info()["store"]
    ann = rest(store, "POST", "/customers", {"email": "ann@shopper.example", "first_name": "Ann", "username": "ann"})
    world.state("woocommerce", "a WordPress user", login="mia", role="shop_manager")
    world.settle()
    assert world.fact("stockburst", "customers") == {
        "ann@shopper.example": {"id": ann["id"], "name": "Ann", "phone": ""}
    }

    rest(store, "DELETE", f"/customers/{ann['id']}?force=true")
    world.settle()

    assert world.fact("stockburst", "customers") == {}


def test_a_copy_of_the_store_changes_nothing(connected: Plugin) -> None:
    """It has the key and the webhooks of the store, and delivers to the same address."""
    world = connected.world
    copy = world.do("woocommerce", "clone to staging")
    staging = world.beside(copy["world"])
    before = len(connected.asked("stockburst"))

    staging.do("woocommerce", "adjust stock", sku="MUG", quantity=1)
    staging.settle()

    heard = connected.asked("stockburst")[before:]
    assert [(e["operation"], e["status"]) for e in heard] == [("incoming.take", 403)]
    assert connected.stock("stockburst") == {"MUG": 10}


def test_a_key_that_was_replaced_while_it_was_in_use_is_no_refusal(connected: Plugin) -> None:
    """The store answers late, and refuses the former key; by then StockBurst has a new one."""
    world = connected.world
    world.fault(kind="delay", service="woocommerce", operation="products.list_all", sender="StockBurst", seconds=2)
    world.do("stockburst", "compare now")
    connected.world.do("stockburst", "issue setup code")

    answer = connected.ask()
    world.settle()

    assert answer.status_code == 200
    connection = world.fact("stockburst", "connection")
    assert (connection["status"], connection["problem"]) == ("connected", "")
    late = [e for e in connected.asked("woocommerce") if e["fault"].startswith("delay")]
    assert len(late) == 1
