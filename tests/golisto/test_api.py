"""Golisto's API over HTTP: credentials, status, goodbye and webhooks, with a real store beside it."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from storelab.client import LabClient

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def ask(world: LabClient) -> Callable[..., requests.Response]:
    """`ask("GET", "/status", params=...)`; `token` is the site token."""
    url = world.info()["backends"]["golisto"]["url"]

    def asked(method: str, path: str, *, token: str = "", **more: Any) -> requests.Response:
        headers = {**more.pop("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        return requests.request(method, f"{url}/api/woocommerce{path}", headers=headers, timeout=60, **more)

    return asked


def credentials(world: LabClient, **changed: Any) -> dict[str, Any]:
    """For the store beside Golisto, which was just linked."""
    linked, store = world.state("golisto", "a linked store"), world.info()["store"]
    return {
        "connect_token": linked["connect_token"],
        "store_url": store["url"],
        "currency": "USD",
        "consumer_key": store["consumer_key"],
        "consumer_secret": store["consumer_secret"],
        "webhook_secret": SECRET,
        **changed,
    }


Asks = Callable[..., requests.Response]


# -- credentials


def test_the_key_is_tried_against_the_store_before_it_is_taken(world: LabClient, ask: Asks) -> None:
    answer = ask("POST", "/connect/credentials", json=credentials(world))

    asked = [(e["method"], e["operation"]) for e in world.journal(service="woocommerce", sender="Golisto")]
    assert answer.status_code == 201
    assert asked == [
        ("GET", "products.list_all"),
        ("POST", "batch.products"),
        ("GET", "data.read_current_currency"),
    ]


def test_a_double_click_at_the_same_moment_connects_one_shop(world: LabClient, ask: Asks) -> None:
    body = credentials(world)

    with ThreadPoolExecutor(4) as clicks:
        answers = list(clicks.map(lambda n: ask("POST", "/connect/credentials", json=body), range(4)))

    assert [a.status_code for a in answers] == [201] * 4
    assert len({a.text for a in answers}) == 1
    assert len(world.fact("golisto", "connections")) == 1
    token = answers[0].json()["site_token"]
    assert ask("GET", "/status", token=token, params={"store_url": body["store_url"]}).status_code == 200


def test_the_same_posted_later_is_answered_alike(world: LabClient, ask: Asks) -> None:
    world.clock(freeze="2026-03-02T08:00:00Z")
    body = credentials(world)
    first = ask("POST", "/connect/credentials", json=body)

    world.clock(advance=3600)
    again = ask("POST", "/connect/credentials", json=body)

    assert (first.status_code, first.json()) == (again.status_code, again.json())


@pytest.mark.parametrize("name", ["consumer_key", "consumer_secret", "webhook_secret"])
def test_a_used_token_takes_nothing_else(world: LabClient, ask: Asks, name: str) -> None:
    body = credentials(world)
    ask("POST", "/connect/credentials", json=body)
    before = world.fact("golisto", "connection")

    other = ask("POST", "/connect/credentials", json={**body, name: body[name][::-1]})

    assert (other.status_code, other.json()["code"]) == (401, "token_invalid")
    assert world.fact("golisto", "connection") == before


def test_after_disconnecting_the_same_credentials_connect_nothing(world: LabClient, ask: Asks) -> None:
    body = credentials(world)
    token = ask("POST", "/connect/credentials", json=body).json()["site_token"]
    ask("POST", "/disconnect", token=token, json={"store_url": body["store_url"]})

    again = ask("POST", "/connect/credentials", json=body)

    assert (again.status_code, again.json()["code"]) == (401, "token_invalid")
    assert world.fact("golisto", "connection")["status"] == "disconnected"


def test_a_refusal_leaves_the_token_good(world: LabClient, ask: Asks) -> None:
    body = credentials(world)

    wrong = ask("POST", "/connect/credentials", json={**body, "consumer_secret": "cs_wrong"})
    right = ask("POST", "/connect/credentials", json=body)

    assert (wrong.status_code, right.status_code) == (422, 201)
    assert "refuses this key" in wrong.json()["errors"]["consumer_key"][0]


def test_a_token_is_good_for_ten_minutes(world: LabClient, ask: Asks) -> None:
    world.clock(freeze="2026-03-02T08:00:00Z")
    body = credentials(world)
    world.clock(advance=600)

    answer = ask("POST", "/connect/credentials", json=body)

    assert (answer.status_code, answer.json()["code"]) == (410, "token_expired")


def test_a_store_that_nobody_reaches_is_not_connected(world: LabClient, ask: Asks) -> None:
    url = "http://127.0.0.1:9/shop"
    world.state("golisto", "a linked store", store_url=url)
    body = {**credentials(world), "store_url": url}
    body["connect_token"] = world.state("golisto", "a linked store", store_url=url)["connect_token"]

    answer = ask("POST", "/connect/credentials", json=body)

    assert answer.status_code == 422
    assert "does not answer" in answer.json()["errors"]["store_url"][0]


def test_everything_that_is_wrong_is_told_at_once(world: LabClient, ask: Asks) -> None:
    body = credentials(world, currency="XAU", webhook_secret="short", consumer_key="")

    answer = ask("POST", "/connect/credentials", json={k: v for k, v in body.items() if v})

    assert answer.status_code == 422
    assert answer.json()["errors"].keys() == {"currency", "webhook_secret", "consumer_key"}
    assert world.journal(service="woocommerce") == []


def test_credentials_without_any_token_are_refused(world: LabClient, ask: Asks) -> None:
    body = credentials(world)
    del body["connect_token"]

    answer = ask("POST", "/connect/credentials", json=body)

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


def test_what_was_handed_over_is_nowhere_to_be_read(world: LabClient, ask: Asks) -> None:
    body = credentials(world)
    token = ask("POST", "/connect/credentials", json=body).json()["site_token"]

    facts = json.dumps(world.call("GET", "/services/golisto/facts"))
    journal = json.dumps(world.journal(limit=100)) + json.dumps(world.call("GET", "/journal/har"))

    for secret in (body["consumer_secret"], body["connect_token"], SECRET, token):
        assert secret not in facts
        assert secret not in journal


# -- renewal


def test_an_old_secret_is_believed_for_an_hour(world: LabClient, ask: Asks) -> None:
    world.clock(freeze="2026-03-02T08:00:00Z")
    made = world.state("golisto", "an approved store")
    old = made["webhook_secret"]
    body = {"store_url": made["store_url"], "currency": "USD", "webhook_secret": SECRET}
    renewed = ask("POST", "/connect/credentials", token=made["site_token"], json=body)

    at_once = [hook(ask, made, secret=s).status_code for s in (old, SECRET)]
    world.clock(advance=3599)
    before = hook(ask, made, secret=old).status_code
    world.clock(advance=1)
    after = [hook(ask, made, secret=s).status_code for s in (old, SECRET)]

    assert (renewed.status_code, renewed.json()["status"]) == (200, "approved")
    assert (at_once, before, after) == ([200, 200], 200, [401, 200])


def test_a_renewed_key_is_tried_first(world: LabClient, ask: Asks) -> None:
    made = world.state("golisto", "an approved store")
    body = {"store_url": made["store_url"], "currency": "USD", "webhook_secret": SECRET}

    half = ask("POST", "/connect/credentials", token=made["site_token"], json={**body, "consumer_key": "ck_x"})
    wrong = ask(
        "POST",
        "/connect/credentials",
        token=made["site_token"],
        json={**body, "consumer_key": "ck_x", "consumer_secret": "cs_x"},
    )

    assert half.json()["errors"].keys() == {"consumer_secret"}
    assert wrong.json()["errors"].keys() == {"consumer_key"}
    assert world.fact("golisto", "connection")["old_secret_until"] is None


# -- status and goodbye


def test_the_status_tells_what_was_synced(world: LabClient, ask: Asks) -> None:
    made = world.state("golisto", "a listing")

    answer = ask("GET", "/status", token=made["site_token"], params={"store_url": made["store_url"]}).json()

    assert (answer["status"], answer["products_synced"], answer["reason"]) == ("approved", 1, None)
    assert answer["next_sync_at"] is not None


@pytest.mark.parametrize("state", ["an awaiting store", "a suspended store", "a rejected store"])
def test_who_is_not_approved_has_no_next_sync(world: LabClient, ask: Asks, state: str) -> None:
    made = world.state("golisto", state)

    answer = ask("GET", "/status", token=made["site_token"], params={"store_url": made["store_url"]}).json()

    assert answer["next_sync_at"] is None


def test_a_copy_of_the_store_neither_asks_nor_says_goodbye(world: LabClient, ask: Asks) -> None:
    made = world.state("golisto", "an approved store")
    copy = made["store_url"].replace("woocommerce", "staging")

    status = ask("GET", "/status", token=made["site_token"], params={"store_url": copy})
    goodbye = ask("POST", "/disconnect", token=made["site_token"], json={"store_url": copy})

    assert (status.status_code, goodbye.status_code) == (404, 409)
    assert world.fact("golisto", "connection")["status"] == "approved"


def test_goodbye_can_be_said_twice(world: LabClient, ask: Asks) -> None:
    made = world.state("golisto", "an approved store")
    body = {"store_url": made["store_url"] + "/", "reason": "moved on"}

    answers = [ask("POST", "/disconnect", token=made["site_token"], json=body) for _ in range(2)]

    assert [(a.status_code, a.json()) for a in answers] == [(200, {"status": "disconnected"})] * 2
    assert world.fact("golisto", "connection")["reason"] == "moved on"


@pytest.mark.parametrize("token", ["", "made-up"])
def test_nobody_else_says_goodbye(world: LabClient, ask: Asks, token: str) -> None:
    made = world.state("golisto", "an approved store")

    answer = ask("POST", "/disconnect", token=token, json={"store_url": made["store_url"]})

    assert answer.status_code == 401
    assert world.fact("golisto", "connection")["status"] == "approved"


# -- webhooks


def hook(
    ask: Asks,
    made: dict[str, Any],
    body: Any = None,
    *,
    secret: str | None = None,
    topic: str = "product.updated",
    source: str = "",
    signature: str | None = None,
) -> requests.Response:
    """One delivery, signed as WooCommerce does, unless told otherwise."""
    raw = body if isinstance(body, bytes) else json.dumps(body or {"id": 11, "type": "simple"}).encode()
    digest = hmac.digest((secret or made["webhook_secret"]).encode(), raw, "sha256")
    headers = {
        "Content-Type": "application/json",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Source": source or made["store_url"] + "/",
        "X-WC-Webhook-Signature": base64.b64encode(digest).decode() if signature is None else signature,
    }
    return ask("POST", f"/webhooks/{made['shop_id']}", headers=headers, data=raw)


def queued(world: LabClient) -> list[dict[str, Any]]:
    return [job for job in world.call("GET", "/jobs")["jobs"] if job["name"] == "read product"]


@pytest.fixture
def approved(world: LabClient) -> dict[str, Any]:
    world.call("POST", "/deliveries/hold")
    made: dict[str, Any] = world.state("golisto", "an approved store")
    return made


def test_signed_webhooks_are_hints_and_the_same_hint_is_one(
    world: LabClient, ask: Asks, approved: dict[str, Any]
) -> None:
    answers = [hook(ask, approved).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert {json.dumps(job["event"]) for job in queued(world)} == {json.dumps({"site": "shop_1", "product": 11})}


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"signature": ""}, 401, "signature_invalid"),
        ({"signature": "bm90IGl0"}, 401, "signature_invalid"),
        ({"secret": "another-secret-of-more-than-32-characters"}, 401, "signature_invalid"),
        ({"source": "https://copy.example/"}, 403, "source_mismatch"),
        ({"topic": "order.created"}, 422, "invalid"),
        ({"topic": ""}, 422, "invalid"),
        ({"body": {"code": "woocommerce_rest_cannot_view", "message": "Sorry.", "id": 5}}, 422, "invalid"),
        ({"body": {"id": "11"}}, 422, "invalid"),
        ({"body": b"not json"}, 400, "bad_request"),
    ],
    ids=["unsigned", "wrong", "other-secret", "copy", "topic", "no-topic", "error", "id", "not-json"],
)
def test_what_is_not_a_signed_hint_of_this_store_has_no_effect(
    world: LabClient, ask: Asks, approved: dict[str, Any], changed: dict[str, Any], status: int, code: str
) -> None:
    answer = hook(ask, approved, **changed)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert queued(world) == []
    assert world.journal(service="woocommerce") == []


def test_a_signature_holds_for_the_bytes_that_came(world: LabClient, ask: Asks, approved: dict[str, Any]) -> None:
    raw = '{ "id":11,"name":"Tasse \\u00e4 \\/ é" }'.encode()

    assert hook(ask, approved, raw).status_code == 200
    assert len(queued(world)) == 1


def test_the_first_request_of_a_new_webhook_is_answered_and_has_no_effect(
    world: LabClient, ask: Asks, approved: dict[str, Any]
) -> None:
    answer = ask("POST", f"/webhooks/{approved['shop_id']}", data={"webhook_id": "7"})

    assert (answer.status_code, answer.json()) == (200, {"heard": False})
    assert queued(world) == []


def test_a_form_that_is_more_than_that_is_unsigned(world: LabClient, ask: Asks, approved: dict[str, Any]) -> None:
    answer = ask("POST", f"/webhooks/{approved['shop_id']}", data={"webhook_id": "7", "id": "11"})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("an awaiting store", 403, "not_approved"),
        ("a suspended store", 403, "not_approved"),
        ("a rejected store", 410, "disconnected"),
        ("a disconnected store", 410, "disconnected"),
    ],
)
def test_nothing_is_taken_from_a_store_that_is_not_approved(
    world: LabClient, ask: Asks, state: str, status: int, code: str
) -> None:
    world.call("POST", "/deliveries/hold")
    made = world.state("golisto", state)

    answer = hook(ask, made)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert queued(world) == []


def test_a_shop_that_is_not_there_is_not_found(world: LabClient, ask: Asks, approved: dict[str, Any]) -> None:
    assert hook(ask, {**approved, "shop_id": "shop_999"}).status_code == 404
    linked = world.state("golisto", "a linked store", store_url="https://other.example")
    assert hook(ask, {**approved, "shop_id": linked["shop_id"]}).status_code == 404
