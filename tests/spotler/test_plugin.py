"""The plugin in the reference sync, where a story has no word for it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.sandbox import Sandbox
from storelab.sync.connectors.spotler.clicks import zone
from storelab.sync.connectors.spotler.runs import checkout_from, digest
from storelab.sync.joining import Refused

from .conftest import Connect


def click(sandbox: Sandbox, world: LabClient, **settings: Any) -> requests.Response:
    info, sync = world.info(), sandbox.client.info()["sync"]["url"]
    admin = info["store"]["admin"]
    body = {
        "backend": "spotler",
        "store": {"url": info["store"]["url"], "admin": {"username": admin["user"], "password": admin["password"]}},
        "credentials": info["backends"]["spotler"],
        "settings": settings,
        "now": str(world.clock()["now"]),
    }
    return requests.post(f"{sync}/connections", json=body, timeout=60)


def test_a_store_that_somebody_else_has_connected_is_left_alone(
    sandbox: Sandbox, world: LabClient, spotler: Connect
) -> None:
    number = spotler.connect()
    keys = world.fact("woocommerce", "API keys")

    answer = click(sandbox, world)

    assert (answer.status_code, answer.json()["code"]) == (422, "connected_elsewhere")
    assert f"connector {number}" in answer.json()["message"]
    assert spotler.fact("connection")["state"] == "active"
    assert world.fact("woocommerce", "API keys") == keys


def test_a_refusal_of_connect_is_told_in_its_own_words(sandbox: Sandbox, world: LabClient, spotler: Connect) -> None:
    answer = click(sandbox, world, timezone="Asia/Tokyo")

    assert answer.json()["code"] == "timezone_differs"
    assert spotler.fact("connectors") == {}


@pytest.mark.parametrize(
    ("site", "named"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("", "UTC"),
        ("+00:00", "UTC"),
        ("+02:00", "Etc/GMT-2"),
        ("-05:00", "Etc/GMT+5"),
    ],
)
def test_a_plain_offset_has_the_name_of_a_zone(site: str, named: str) -> None:
    assert zone(site) == named


def test_an_offset_that_no_zone_has_is_for_the_merchant_to_choose() -> None:
    with pytest.raises(Refused, match=r"\+05:30"):
        zone("+05:30")


def test_of_a_checkout_no_name_and_no_address_is_told() -> None:
    row = {
        "id": 31,
        "currency": "EUR",
        "total": "20.00",
        "billing": {"email": "ann@example.com", "first_name": "Ann", "address_1": "1 Main", "phone": "555"},
        "customer_note": "Ring twice",
        "date_created_gmt": "2026-11-02T09:00:00",
        "date_modified_gmt": "2026-11-02T09:01:00",
        "line_items": [{"name": "Mug", "sku": "MUG", "quantity": 2, "price": 10, "meta_data": [{"key": "x"}]}],
    }

    told = checkout_from(row)

    assert told.keys() == {"id", "email", "currency", "total", "items", "created_at", "updated_at"}
    assert told["items"] == [{"sku": "MUG", "name": "Mug", "quantity": 2, "price": "10"}]
    assert digest(told) == digest(checkout_from({**row, "date_modified_gmt": "2026-11-02T09:05:00"}))
    assert digest(told) != digest(checkout_from({**row, "total": "30.00"}))
