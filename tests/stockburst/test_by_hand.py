"""A store that is set up without the plugin: the same work is done, with webhooks that StockBurst makes itself."""

from __future__ import annotations

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel import LabError
from storelab.sync.connectors.stockburst.joining import TOPICS


def keys(world: LabClient, which: str = "") -> dict[str, str]:
    store = world.info()["store"]
    pair = store[which] if which else store
    return {"store_url": store["url"], **{name: pair[name] for name in ("consumer_key", "consumer_secret")}}


def test_the_same_work_is_done_with_a_key_made_by_hand(world: LabClient) -> None:
    world.clock(freeze="2026-11-02T09:00:00Z")
    world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)

    world.do("stockburst", "set up by hand", **keys(world))
    world.settle()

    webhooks = world.fact("woocommerce", "webhooks")
    assert sorted(w["topic"] for w in webhooks) == sorted(TOPICS)
    assert {w["status"] for w in webhooks} == {"active"}
    assert world.fact("stockburst", "stock") == {"MUG": 10}
    world.do("woocommerce", "place order", lines={"MUG": 3}, email="ada@shopper.example")
    world.settle()
    assert world.fact("stockburst", "stock") == {"MUG": 7}
    assert [o["email"] for o in world.fact("stockburst", "orders").values()] == ["ada@shopper.example"]
    world.do("stockburst", "adjust stock", sku="MUG", quantity=20)
    world.settle()
    assert world.fact("woocommerce", "stock") == {"MUG": 20}
    connection = world.fact("stockburst", "connection")
    assert (connection["by_hand"], connection["token"], connection["problem"]) == (True, "none", "")


def test_set_up_again_it_makes_nothing_twice_and_mends_what_is_off(world: LabClient) -> None:
    world.do("stockburst", "set up by hand", **keys(world))
    world.settle()
    world.do("woocommerce", "disable webhook", webhook=world.fact("woocommerce", "webhooks")[2]["id"])

    world.do("stockburst", "set up by hand", **keys(world))
    world.settle()

    webhooks = world.fact("woocommerce", "webhooks")
    assert (len(webhooks), {w["status"] for w in webhooks}) == (9, {"active"})


@pytest.mark.parametrize("which", ["read_only", "write_only"])
def test_a_key_that_does_not_suffice_is_refused_and_nothing_is_kept(world: LabClient, which: str) -> None:
    with pytest.raises(LabError, match="does not take the key"):
        world.do("stockburst", "set up by hand", **keys(world, which))

    assert world.fact("stockburst", "connection") == {"status": "none"}


def test_an_address_without_https_is_refused(world: LabClient) -> None:
    with pytest.raises(LabError, match="must begin with https"):
        world.do("stockburst", "set up by hand", **{**keys(world), "store_url": "http://shop.example"})


def test_a_suspended_account_sets_nothing_up(world: LabClient) -> None:
    world.do("stockburst", "suspend account")

    with pytest.raises(LabError, match="not active"):
        world.do("stockburst", "set up by hand", **keys(world))
