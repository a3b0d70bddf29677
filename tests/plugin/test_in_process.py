"""Calls that reach the emulators without a port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import requests
from woocommerce import API

from storelab.emulators.kernel.errors import LabError
from storelab.testing import Journal, Laboratory, Service, World
from storelab.testing.in_process import InProcess

STOCKS = "https://openapi.keycrm.app/v1/offers/stocks"
Ask = Callable[..., Any]


async def _asked_async(method: str, url: str, **how: Any) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.request(method, url, **how)


def _by_async_httpx(method: str, url: str, **how: Any) -> httpx.Response:
    return asyncio.run(_asked_async(method, url, **how))


CLIENTS = {
    "requests": requests.request,
    "httpx": httpx.request,
    "async httpx": _by_async_httpx,
}


@pytest.fixture(params=CLIENTS)
def ask(request: pytest.FixtureRequest, in_process: InProcess) -> Ask:
    return CLIENTS[request.param]


@pytest.fixture
def key(keycrm: Service) -> dict[str, str]:
    return {"Authorization": f"Bearer {keycrm.api_key}"}


def test_a_vendors_own_address_is_answered(ask: Ask, keycrm: Service, journal: Journal, key: dict[str, str]) -> None:
    keycrm.an_offer_in_stock(sku="MUG", quantity=3)

    answer = ask("PUT", STOCKS, headers=key, json={"warehouse_id": 1, "stocks": [{"sku": "MUG", "quantity": 5}]})

    assert answer.status_code == 202
    assert keycrm.available() == {"MUG": 5}
    call = journal.assert_called(service="keycrm", method="PUT", path="/v1/offers/stocks")
    assert call.raw["url"] == STOCKS


@pytest.mark.parametrize("address", ["https://shop.example", "http://my.shop/sub/folder"])
def test_a_shop_is_wherever_the_test_says(ask: Ask, woo: Service, in_process: InProcess, address: str) -> None:
    in_process.answer(address, "woocommerce")
    mug = woo.a_product_in_stock(sku="MUG")

    index = ask("GET", f"{address}/wp-json").json()
    again = ask("GET", f"{address}/wp-json/wc/v3/products/{mug['id']}", headers={"Authorization": "Basic bm86bm8="})

    assert index["_links"]["help"]
    assert again.status_code == 401


def test_the_woocommerce_client_speaks_to_it(woo: Service, in_process: InProcess) -> None:
    for url in ("https://shop.example", "http://plain.example"):
        in_process.answer(url, "woocommerce")
        store = API(url=url, consumer_key=woo.consumer_key, consumer_secret=woo.consumer_secret, version="wc/v3")

        made = store.post("products", {"name": "Mug", "sku": url})

        assert made.status_code == 201
        assert made.headers["Location"].startswith(f"{url}/wp-json/wc/v3/products/")


def test_a_world_is_reached_at_its_own_address_too(
    ask: Ask, keycrm: Service, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.socket.connect", None)

    assert ask("GET", f"{keycrm.url}/v1/offers/stocks", headers=key).status_code == 200


def test_a_lost_connection_is_one(ask: Ask, keycrm: Service, key: dict[str, str]) -> None:
    keycrm.fault("reset")

    with pytest.raises((requests.ConnectionError, httpx.ReadError)):
        ask("GET", STOCKS, headers=key)


def test_half_an_answer_is_none(ask: Ask, keycrm: Service, key: dict[str, str]) -> None:
    keycrm.fault("truncate")

    with pytest.raises((requests.exceptions.ChunkedEncodingError, httpx.RemoteProtocolError)):
        ask("GET", STOCKS, headers=key)


def test_a_client_that_waits_no_longer_gives_up(ask: Ask, keycrm: Service, key: dict[str, str]) -> None:
    keycrm.fault("delay", seconds=30)

    with pytest.raises((requests.ReadTimeout, httpx.ReadTimeout)):
        ask("GET", STOCKS, headers=key, timeout=0.05)


def test_another_address_is_left_alone(ask: Ask) -> None:
    with pytest.raises((requests.ConnectionError, httpx.ConnectError)):
        ask("GET", "http://127.0.0.1:9/v1/offers", timeout=5)


def test_an_address_is_no_prefix_of_another_host(in_process: InProcess) -> None:
    assert in_process.knows("https://api.sors.rs/databases")
    assert not in_process.knows("https://api.sors.rs.example/databases")
    assert in_process.addresses["https://golisto.com"] == "golisto"


def test_everything_is_as_before_afterwards(storelab: World) -> None:
    before = (requests.Session.get_adapter, httpx.HTTPTransport.handle_request)
    with pytest.MonkeyPatch.context() as patches:
        InProcess(storelab).patch(patches)
        assert requests.Session.get_adapter is not before[0]

    assert (requests.Session.get_adapter, httpx.HTTPTransport.handle_request) == before


def test_a_sandbox_elsewhere_cannot_answer_here(storelab_laboratory: Laboratory) -> None:
    there = Laboratory(storelab_laboratory.client.url)

    with there.world() as world, pytest.raises(LabError, match="leave --storelab-url out"):
        InProcess(world)
