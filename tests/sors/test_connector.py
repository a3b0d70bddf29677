"""The plugin against a store and SORS: killed at any step, and silent about its secrets."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.operations import Document
from storelab.sandbox import Sandbox
from storelab.sync.service import Server
from tests.sync.executioner import Executioner

from .shop import Shop


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(port=0) as running:
        yield running


def carried_in(shop: Shop, told: str) -> None:
    """A first sync of an article with groups and a picture, and a second one."""
    world = shop.world
    world.state("sors", "an article in stock", code="MUG", quantity=10, group="Kuhinja", second_group="Posude")
    world.state("sors", "an article with pictures", code="MUG")

    shop.connect(export_orders=False).run().press("catalogue")

    card = world.fact("woocommerce", "product cards")["MUG"]
    assert world.fact("woocommerce", "stock") == {"MUG": 10}, told
    assert len(world.fact("woocommerce", "products")) == 1, told
    assert (card["categories"], card["pictures"]) == (["Kuhinja/Posude"], 1), told
    assert len(world.fact("woocommerce", "categories")) == 3, told  # with the one that every store has


def carried_out(shop: Shop, told: str) -> None:
    """An order of a new customer, and another look at the orders."""
    world = shop.world
    world.state("sors", "repeated numbers accepted")
    world.state("sors", "an article in stock", code="MUG", quantity=10)
    world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)
    shop.connect(catalogue=False, stock=False, prices=False, images=False)
    world.do("woocommerce", "place order", lines={"MUG": 3}, email="ana@kupac.example")
    world.settle()

    shop.run().press("orders")

    assert list(world.fact("sors", "numbers").values()) == [1], told
    assert len(world.fact("sors", "customers")) == 1, told
    assert world.fact("sors", "available") == {"MUG": 7}, told
    assert len(world.fact("woocommerce", "webhooks")) == 1, told


def killed(sandbox: Sandbox, way: Callable[[Shop, str], None], at: int) -> int:
    """Played with an engine that dies at point `at` (0: never). Points passed."""
    world, executioner = sandbox.client.make_world(), Executioner(at)
    with Server(port=0) as server:
        shop = Shop(world, server, executioner)
        way(shop, f"killed at point {at}")
        assert shop.status()["failed"] == 0, executioner.told
    world.drop()
    return len(executioner.passed)


@pytest.mark.parametrize("way", [carried_in, carried_out], ids=["in", "out"])
def test_killed_at_any_point_nothing_is_lost_and_nothing_done_twice(
    sandbox: Sandbox, way: Callable[[Shop, str], None]
) -> None:
    """Every fourth point is tried; with STORELAB_LONG=1 each of them."""
    points = killed(sandbox, way, 0)

    for at in range(1, points + 1, 1 if "STORELAB_LONG" in os.environ else 4):
        killed(sandbox, way, at)

    assert points > 20


def whole_run(world: LabClient, server: Server) -> Shop:
    world.state("sors", "an article in stock", code="MUG", quantity=10)
    world.state("sors", "an article with pictures", code="MUG")
    shop = Shop(world, server).connect().run()
    world.do("woocommerce", "place order", lines={"MUG": 1}, fields={"_billing_pib": "100002887"})
    world.settle()
    return shop.run()


def test_every_call_carries_the_key_in_its_header_and_nowhere_else(world: LabClient, server: Server) -> None:
    key = world.info()["backends"]["sors"]["api_key"]

    whole_run(world, server)

    calls = world.journal(service="sors", direction="in", sender="storelab-sync", limit=10_000)
    assert len(calls) > 10
    for call in calls:
        names = [name.lower() for name, _ in call["request"]["headers"]]
        assert names.count("authorization") == 1, call
        assert call["status"] < 400, call
        others = [value for name, value in call["request"]["headers"] if name.lower() != "authorization"]
        assert key not in json.dumps([call["url"], call["request"]["body"], others])
    elsewhere = world.journal(service="woocommerce", limit=10_000)
    assert not any(key in json.dumps(call) for call in elsewhere)


def test_nothing_that_the_store_or_the_plugin_shows_holds_a_credential(world: LabClient, server: Server) -> None:
    info = world.info()
    key = info["backends"]["sors"]["api_key"]
    shop = whole_run(world, server)
    session = requests.Session()
    session.trust_env = False
    known = {"X-Forwarded-Proto": "https"}, (info["store"]["consumer_key"], info["store"]["consumer_secret"])
    document = Document(load_document("woocommerce"), None)
    paths = sorted({o.path for o in document.operations.values() if o.method == "GET" and "{" not in o.path})
    asked = 0

    for path in ["/", *paths]:
        for headers, auth in (({}, None), known):
            answer = session.get(f"{info['store']['url']}{path}", headers=headers, auth=auth, timeout=60)
            assert key not in answer.text, path
            asked += answer.ok
    for path in ("/", "/backends", "/connections", f"/connections/{shop.id}", "/openapi.json"):
        answer = session.get(f"{server.url}{path}", timeout=60)
        secrets = (key, info["store"]["consumer_secret"])
        assert not any(secret in answer.text for secret in secrets), path
    for hook in shop.status()["hooks"].values():
        assert key not in session.get(hook, timeout=60).text
        assert session.post(hook, json={"id": 1}, timeout=60).status_code >= 400  # nobody has signed it
    sent = world.journal(service="woocommerce", direction="out", limit=1000)
    assert sent
    assert asked > 40
    assert not any(key in json.dumps(one) for one in sent)


def test_a_refused_click_leaves_no_webhook_in_the_store(world: LabClient, server: Server) -> None:
    world.fault(kind="lost", service="woocommerce", operation="webhooks.create", times=1)
    shop = Shop(world, server)

    with pytest.raises(AssertionError, match="try_later"):
        shop.connect()

    assert world.fact("woocommerce", "webhooks") == []
    shop.connect()
    assert len(world.fact("woocommerce", "webhooks")) == 1


def test_a_webhook_that_was_deleted_is_made_anew_and_the_gap_is_closed(world: LabClient, server: Server) -> None:
    world.state("sors", "an article in stock", code="MUG", quantity=5)
    shop = Shop(world, server).connect().run()
    store = world.info()["store"]
    keys = store["consumer_key"], store["consumer_secret"]
    address = f"{store['url']}/wp-json/wc/v3/webhooks/1?force=true"
    assert requests.delete(address, auth=keys, headers={"X-Forwarded-Proto": "https"}, timeout=60).ok
    world.do("woocommerce", "place order", lines={"MUG": 1})
    world.settle()
    assert world.fact("sors", "documents") == {}

    shop.press("orders")

    assert list(world.fact("sors", "numbers").values()) == [1]
    (webhook,) = world.fact("woocommerce", "webhooks")
    assert (webhook["status"], webhook["id"] > 1) == ("active", True)
    world.do("woocommerce", "place order", lines={"MUG": 1})
    world.settle()
    shop.run()
    assert list(world.fact("sors", "numbers").values()) == [1, 1]


def test_a_status_page_says_what_failed_and_why(world: LabClient, server: Server) -> None:
    world.state("sors", "an article in stock", code="MUG", quantity=5)
    shop = Shop(world, server).connect().run()
    world.do("sors", "adjust stock", code="MUG", quantity=1)
    world.do("woocommerce", "place order", lines={"MUG": 3})
    world.settle()

    page = shop.run().status()

    (failure,) = page["failures"]
    assert (failure["direction"], failure["sku"][:6]) == ("out", "order ")
    assert "INSUFFICIENT_STOCK" in failure["reason"]
    assert "only 1 are available, not 3" in failure["reason"]
    assert page["twins"]["order failed"] == 1


def test_a_customer_whom_sors_has_and_does_not_show_is_looked_for_once_more(world: LabClient, server: Server) -> None:
    """Not round and round: the merchant is told, and the next look at the orders tries again."""
    world.state("sors", "an article in stock", code="MUG", quantity=10)
    shop = Shop(world, server).connect().run()
    error = {"code": "DUPLICATE", "field": "taxId", "message": "There is one."}
    body = json.dumps({"success": False, "errors": [error]})
    fault = {"kind": "block", "service": "sors", "operation": "customers.create", "status": 409}
    world.fault(**fault, content_type="application/json", body=body)
    world.do("woocommerce", "place order", lines={"MUG": 2}, fields={"_billing_pib": "100002887"})
    world.settle()

    shop.run()

    assert len(world.journal(service="sors", operation="customers.create")) == 2
    assert "There is one." in str(shop.status()["failures"])
    world.call("DELETE", "/faults")
    shop.press("orders")
    assert world.fact("sors", "numbers") == {"WC-12": 1}
