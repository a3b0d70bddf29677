"""What StockBurst says to a setup code, in which order, and what it keeps of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.stockburst.integrations import safe_address, same_store

from .conftest import PATH

CODE = "SB-7K2M-9PQX"


class Door:
    """StockBurst's address, and what a good plugin sends."""

    def __init__(self, world: LabClient) -> None:
        info = world.info()
        self.world, self.store = world, info["store"]
        self.url = info["backends"]["stockburst"]["url"] + PATH

    def body(self, **changed: Any) -> dict[str, Any]:
        return {
            "setup_code": CODE,
            "consent": {"accepted": True},
            "store": {"url": self.store["url"]},
            "versions": {"plugin": "1.0.1", "wordpress": "6.9.7", "woocommerce": "10.5.0", "php": "8.2.35"},
            "credentials": {name: self.store[name] for name in ("consumer_key", "consumer_secret")},
            **changed,
        }

    def connect(self, headers: dict[str, str] | None = None, **changed: Any) -> requests.Response:
        return requests.post(f"{self.url}/connect", json=self.body(**changed), headers=headers, timeout=30)


@pytest.fixture
def door(world: LabClient) -> Door:
    world.clock(freeze="2026-11-02T09:00:00Z")
    world.state("stockburst", "an open setup code", code=CODE)
    return Door(world)


def said(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


NO_KEY = {"consumer_key": "ck_" + "0" * 40, "consumer_secret": "cs_" + "0" * 40}


def test_the_refusals_come_in_their_order_each_hiding_the_next(door: Door) -> None:
    """Everything is wrong at first; then one thing after the other is put right."""
    world = door.world
    wrong: dict[str, Any] = {
        "consent": {"accepted": False},
        "store": {"url": "http://shop.example"},
        "setup_code": "SB-NNNN-NNNN",
        "credentials": NO_KEY,
    }
    world.state("stockburst", "an inactive account")
    world.state("stockburst", "too many wrong codes")

    found = [said(door.connect(**wrong))]
    wrong.pop("consent")
    found.append(said(door.connect(**wrong)))
    wrong.pop("store")
    found.append(said(door.connect(**wrong)))
    world.clock(advance=901)
    world.state("stockburst", "an open setup code", code=CODE)
    found.append(said(door.connect(**wrong)))
    wrong.pop("setup_code")
    found.append(said(door.connect(**wrong)))
    world.do("stockburst", "reactivate account")
    found.append(said(door.connect(**wrong)))

    assert found == [
        (422, "consent_required"),
        (422, "https_required"),
        (429, "too_many_codes"),
        (404, "code_unknown"),
        (403, "account_inactive"),
        (422, "credentials_rejected"),
    ]
    assert door.connect().status_code == 201


@pytest.mark.parametrize("without", [{"consent": None}, {"consent": {}}, {"consent": {"accepted": "yes"}}])
def test_nothing_but_true_is_consent(door: Door, without: dict[str, Any]) -> None:
    body = door.body(**without)
    if body["consent"] is None:
        body.pop("consent")

    answer = requests.post(f"{door.url}/connect", json=body, timeout=30)

    assert answer.status_code == 422
    assert door.world.fact("stockburst", "connection") == {"status": "none"}


@pytest.mark.parametrize(
    "more",
    [
        {"store": {"url": "https://shop.example", "admin": "merchant"}},
        {"email": "merchant@shop.example"},
        {"versions": {"plugin": "1", "wordpress": "6", "woocommerce": "10", "php": "8", "mysql": "8"}},
        {"credentials": {**NO_KEY, "permissions": "write"}},
    ],
    ids=["admin", "email", "version", "permissions"],
)
def test_what_nobody_would_send_is_not_taken(door: Door, more: dict[str, Any]) -> None:
    assert said(door.connect(**more)) == (422, "invalid_request")


def test_a_connector_that_tells_of_consent_and_store_is_taken_and_nothing_of_it_is_kept(door: Door) -> None:
    body = door.body()
    body["consent"] |= {"at": "2026-11-02T09:00:00Z", "user_login_hash": "ab" * 32}
    body["store"] |= {"name": "Karoo Shop", "currency": "ZAR", "timezone": "Africa/Johannesburg"}
    body["credentials"]["permissions"] = "read_write"

    answer = requests.post(f"{door.url}/connect", json=body, timeout=30)

    assert answer.status_code == 201
    assert "Karoo Shop" not in str(door.world.fact("stockburst", "integrations"))


def test_what_is_missing_is_named(door: Door) -> None:
    answer = requests.post(f"{door.url}/connect", json={"setup_code": CODE, "store": {}}, timeout=30)

    assert {one["field"] for one in answer.json()["errors"]} == {"store.url", "versions", "credentials"}


def test_a_refusal_repeats_nothing_that_was_sent(door: Door) -> None:
    answer = door.connect(credentials="cs_topsecret", setup_code=["SB-SECR-ETSE"])

    assert answer.status_code == 422
    assert "secret" not in answer.text
    assert "SECR" not in answer.text


def test_code_and_token_are_kept_only_as_something_to_recognise_them_by(door: Door) -> None:
    token = door.connect().json()["site_token"]
    shown = door.world.do("stockburst", "issue setup code")["setup_code"]

    door.world.call("PUT", "/snapshots/kept")
    whole = door.world.call("GET", "/snapshots/kept")

    assert isinstance(whole, bytes)
    assert door.store["consumer_key"].encode() in whole  # what StockBurst has to keep is there to be found
    assert [secret for secret in (CODE, token, shown) if secret.encode() in whole] == []


def test_a_code_is_taken_however_it_was_typed(door: Door) -> None:
    assert door.connect(setup_code=f" {CODE.lower()} ").status_code == 201


def test_a_code_used_twice_at_the_same_time_connects_once(door: Door) -> None:
    with ThreadPoolExecutor(4) as four:
        answers = [f.result() for f in [four.submit(door.connect) for _ in range(4)]]

    assert sorted(a.status_code for a in answers) == [201, 409, 409, 409]


def test_wrong_codes_are_counted_for_each_caller_and_forgotten_after_a_while(door: Door) -> None:
    def wrong(caller: str) -> int:
        return door.connect(setup_code="SB-NNNN-NNNN", headers={"X-Forwarded-For": caller}).status_code

    assert [wrong("192.0.2.1") for _ in range(6)] == [404] * 5 + [429]
    assert [wrong("192.0.2.2") for _ in range(4)] == [404] * 4
    locked = door.connect(headers={"X-Forwarded-For": "192.0.2.1"})
    assert locked.headers["Retry-After"] == "900"
    assert said(locked) == (429, "too_many_codes")
    door.world.clock(advance=900)
    assert wrong("192.0.2.2") == 404
    assert wrong("192.0.2.1") == 404


def test_a_store_that_cannot_be_asked_burns_no_code(door: Door) -> None:
    door.world.fault(kind="outage", service="woocommerce", seconds=60)

    assert said(door.connect()) == (422, "store_unreachable")
    assert door.world.fact("stockburst", "codes")[0]["used"] is False


@pytest.mark.parametrize(("which", "status"), [("read_only", 422), ("write_only", 422)])
def test_a_key_that_may_not_both_read_and_write_is_refused(door: Door, which: str, status: int) -> None:
    answer = door.connect(credentials=door.store[which])

    assert said(answer) == (status, "credentials_rejected")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://shop.example", True),
        ("http://shop.example", False),
        ("http://127.0.0.1:8700/woocommerce", True),
        ("http://localhost/shop", True),
        ("http://localhost.evil.example", False),
        ("http://[::1]:80", True),
        ("http://[::1", False),
        ("https://", False),
        ("ftp://127.0.0.1", True),
    ],
)
def test_an_address_is_safe_with_https_or_on_this_machine(url: str, safe: bool) -> None:
    assert safe_address(url) is safe


def test_a_slash_and_capitals_make_no_other_store() -> None:
    assert same_store("https://Shop.Example/a/", "https://shop.example/a")
    assert not same_store("https://shop.example/a", "https://shop.example/b")
    assert not same_store("http://shop.example", "https://shop.example")


# -- health


def test_a_token_opens_only_its_own_integration(door: Door) -> None:
    given = door.connect().json()
    other = door.world.state("stockburst", "a connected store", store_url="https://other.example")
    body = {"integration_id": other["integration_id"], "webhooks": []}
    headers = {"Authorization": f"Bearer {given['site_token']}"}

    answer = requests.post(f"{door.url}/webhooks", json=body, headers=headers, timeout=30)

    assert said(answer) == (404, "integration_unknown")


def test_connecting_again_ends_the_former_token(door: Door) -> None:
    first = door.connect().json()
    code = door.world.do("stockburst", "issue setup code")["setup_code"]
    second = door.connect(setup_code=code).json()

    def register(token: str) -> int:
        body = {"integration_id": first["integration_id"], "webhooks": []}
        headers = {"Authorization": f"Bearer {token}"}
        return requests.post(f"{door.url}/webhooks", json=body, headers=headers, timeout=30).status_code

    assert first["integration_id"] == second["integration_id"]
    assert (register(first["site_token"]), register(second["site_token"])) == (401, 200)


def test_webhooks_that_deliver_elsewhere_are_not_registered(door: Door) -> None:
    given = door.connect().json()
    webhook = {"id": 1, "topic": "order.created", "status": "active", "delivery_url": "https://elsewhere.example/"}
    body = {"integration_id": given["integration_id"], "webhooks": [webhook]}
    headers = {"Authorization": f"Bearer {given['site_token']}"}

    answer = requests.post(f"{door.url}/webhooks", json=body, headers=headers, timeout=30)

    assert said(answer) == (422, "invalid_request")
