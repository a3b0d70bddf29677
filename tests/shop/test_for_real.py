"""A backend's worker and the emulated store, over real http and https."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel import Emulation, Emulator
from storelab.emulators.kernel.wire import send
from storelab.emulators.shop import Shop, ShopRefused, ShopSilent
from storelab.sandbox import Sandbox, Settings


@pytest.fixture(scope="module")
def over_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    data: Path = tmp_path_factory.mktemp("data")
    with Sandbox(Settings(port=0, sync_port=None, data=data, tls=True, check=True)) as running:
        yield running


@pytest.fixture(params=["http", "https"])
def store(request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path) -> Iterator[LabClient]:
    if request.param == "http":
        lab = sandbox.client
    else:
        running = request.getfixturevalue("over_tls")
        lab = LabClient(running.url, verify=str(running.authority))
    made = lab.make_world()
    yield made
    made.drop()


def shop_of(world: LabClient, secret: str = "") -> Shop:
    store, numbers = world.info()["store"], itertools.count()
    return Shop(
        store["url"],
        store["consumer_key"],
        secret or store["consumer_secret"],
        send,
        agent="Acme/1.0",
        now=lambda: datetime.now(UTC),
        nonce=lambda: f"nonce{next(numbers)}",
    )


def test_products_are_made_read_changed_and_deleted(store: LabClient) -> None:
    shop = shop_of(store)

    async def story() -> list[Any]:
        made = await shop.post("/products", {"name": "Grüner Becher", "sku": "MUG", "regular_price": "9.50"})
        read = await shop.rows("/products", sku="MUG", search="Grüner Becher", _fields="id,name")
        put = await shop.put(f"/products/{made['id']}", {"regular_price": "10"})
        gone = await shop.delete(f"/products/{made['id']}", force=True)
        return [read == [{"id": made["id"], "name": "Grüner Becher"}], put["regular_price"], gone["id"] == made["id"]]

    assert asyncio.run(story()) == [True, "10", True]
    assert {e["sender"] for e in store.journal(direction="in")} == {"Acme"}


def test_every_product_is_read_over_several_pages(store: LabClient) -> None:
    shop = shop_of(store)

    async def story() -> tuple[set[str], list[str]]:
        rows = [{"name": f"P{n}", "sku": f"P{n}"} for n in range(45)]
        await shop.post("/products/batch", {"create": rows})
        return {row["sku"] for row in rows}, [row["sku"] async for row in shop.every("/products", per_page=20)]

    made, read = asyncio.run(story())

    assert made <= set(read)
    assert len(read) == len(set(read))


def test_a_wrong_secret_is_refused_in_the_stores_words(store: LabClient) -> None:
    with pytest.raises(ShopRefused) as told:
        asyncio.run(shop_of(store, "cs_wrong").rows("/orders"))

    assert (told.value.status, told.value.code) == (401, "woocommerce_rest_authentication_error")


def test_a_store_that_is_down_is_silence(store: LabClient) -> None:
    store.fault(service="woocommerce", kind="status", status=503, retry_after=20)

    with pytest.raises(ShopSilent) as told:
        asyncio.run(shop_of(store).rows("/orders"))

    assert told.value.retry_after == 20


def test_a_host_that_strips_the_header_is_asked_by_query(over_tls: Sandbox) -> None:
    world = LabClient(over_tls.url, verify=str(over_tls.authority)).make_world()
    world.fault(service="woocommerce", kind="strip", header="authorization")
    shop = shop_of(world)

    async def story() -> list[Any]:
        return [await shop.rows("/products"), (await shop.post("/products", {"name": "Mug"}))["name"]]

    assert asyncio.run(story())[1] == "Mug"
    assert shop.mode == "query"
    world.drop()


def test_a_stores_address_elsewhere_is_never_asked() -> None:
    shop = Shop("https://192.0.2.1", "ck", "cs", send, agent="A", now=lambda: datetime.now(UTC), nonce=lambda: "n")

    with pytest.raises(ShopSilent, match="not this machine"):
        asyncio.run(shop.rows("/products"))


def test_a_backend_asks_from_within_its_world(world: LabClient, sandbox: Sandbox) -> None:
    """`Shop.of`: the backend's own ids and clock, and its journal."""
    inner = sandbox.lab.world(world.url.rsplit("/~", 1)[1])
    account = world.info()["store"]
    backend: Emulator = inner.services["keycrm"]

    async def asked(here: Emulation) -> Any:
        shop = Shop.of(here, account["url"], account["consumer_key"], account["consumer_secret"], agent="Acme/2")
        return await shop.rows("/products", per_page=1)

    async def visited() -> Any:
        with inner.visit(backend) as here:
            return await asked(here)

    assert asyncio.run(visited()) == []
    assert [(e["sender"], e["status"]) for e in world.journal(direction="in")] == [("Acme", 200)]
    assert [(e["service"], e["status"]) for e in world.journal(direction="out")] == [("keycrm", 200)]
