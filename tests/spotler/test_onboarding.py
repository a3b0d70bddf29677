"""Onboarding: each thing that was entered has an error of its own, and what is refused leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Connect


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"api_secret": ["cs_topsecret"]}, 'is not of type "string"'),
        ({"api_key": "ck_topsecret" * 20}, "is longer than 200 characters"),
        ({"preset": "topsecret"}, 'is not one of "ecommerce_with_e_fulfilment"'),
        ({"checkout_abandon_minutes": 0}, "is less than 1"),
        ({"name": ""}, "is shorter than 1"),
        ({"colour": "topsecret"}, "not allowed ('colour'"),
    ],
)
def test_a_refusal_says_what_is_wanted_and_repeats_nothing_that_was_sent(
    spotler: Connect, sent: dict[str, Any], said: str
) -> None:
    entered = {"name": "Shop", "timezone": "UTC", "preset": "fulfilment", "shop_url": "https://shop.example"}

    answer = spotler.ask("POST", "/connectors", {**entered, "api_key": "ck_1", "api_secret": "cs_1", **sent})

    assert answer.status_code == 422
    assert said in answer.json()["errors"][0]["message"]
    assert "topsecret" not in answer.text


@pytest.mark.parametrize(
    ("entered", "code", "field"),
    [
        ({"api_key": "ck_unknown"}, "key_unknown", "api_key"),
        ({"api_secret": "cs_wrong"}, "secret_wrong", "api_secret"),
        ({"shop_url": "http://127.0.0.1:9"}, "shop_unreachable", "shop_url"),
        ({"shop_url": "shop.example"}, "bad_shop_url", "shop_url"),
        ({"timezone": "Mars/Olympus"}, "timezone_unknown", "timezone"),
        ({"timezone": "Asia/Tokyo"}, "timezone_differs", "timezone"),
    ],
    ids=["key", "secret", "nobody", "no-address", "no-zone", "other-zone"],
)
def test_what_is_wrong_is_named(spotler: Connect, entered: dict[str, str], code: str, field: str) -> None:
    answer = spotler.ask("POST", "/connectors", spotler.entered(**entered))

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert spotler.fact("connectors") == {}
    assert spotler.world.fact("woocommerce", "webhooks") == []


def test_an_address_without_a_shop_is_told_from_a_wrong_key(spotler: Connect) -> None:
    answer = spotler.ask("POST", "/connectors", spotler.entered(shop_url=spotler.account["url"]))

    assert answer.json()["code"] == "not_a_shop"


def test_the_key_is_sent_nowhere_before_there_is_a_shop(spotler: Connect) -> None:
    spotler.ask("POST", "/connectors", spotler.entered(shop_url=spotler.account["url"]))

    sent = [e for e in spotler.world.journal() if e["direction"] == "out"]
    assert sent
    assert all("oauth" not in e["url"] and "authorization" not in str(e["request"]).lower() for e in sent)


def test_a_key_that_may_only_read_is_found_out(spotler: Connect) -> None:
    reads = spotler.store["read_only"]
    entered = spotler.entered(api_key=reads["consumer_key"], api_secret=reads["consumer_secret"])

    assert spotler.ask("POST", "/connectors", entered).json()["code"] == "key_without_permissions"


def test_a_store_before_3_5_is_refused(spotler: Connect) -> None:
    spotler.world.state("woocommerce", "an older store")

    answer = spotler.ask("POST", "/connectors", spotler.entered())

    assert (answer.status_code, answer.json()["code"]) == (422, "shop_too_old")


def test_a_shop_is_connected_once(spotler: Connect) -> None:
    number = spotler.connect()

    again = spotler.ask("POST", "/connectors", spotler.entered())

    assert (again.status_code, again.json()["connector_id"]) == (409, number)


def test_no_answer_shows_the_key_or_a_secret(spotler: Connect) -> None:
    number = spotler.connect()

    shown = spotler.ask("GET", f"/connectors/{number}").text

    assert spotler.store["consumer_key"] not in shown
    assert spotler.store["consumer_secret"] not in shown
