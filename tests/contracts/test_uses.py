"""No call without its contract: what crosses the wire in the stories, held against the pacts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.contracts import pactfiles, uses
from storelab.contracts.uses import Use
from storelab.sandbox import Sandbox
from storelab.scenarios import story

SYNC_URL = "http://127.0.0.1:8701"
LAB = "http://127.0.0.1:8700/~w1"


@pytest.fixture
def lab(sandbox: Sandbox) -> LabClient:
    return sandbox.client


def test_there_is_a_story_of_the_whole_way_for_each_backend() -> None:
    backends = {path.parent.name for path in story.stories()}

    assert {path.parent.name for path in uses.demos()} == backends


@pytest.mark.parametrize("path", uses.demos(), ids=lambda path: path.parent.name)
def test_every_call_on_the_whole_way_has_a_contract(lab: LabClient, path: Path) -> None:
    found = uses.coverage(lab, [path])

    assert found.rows
    assert [row.as_json() for row in found.gaps] == []


@pytest.mark.parametrize(
    ("file", "gone", "gap"),
    [
        ("sync-keycrm.json", "/v1/users", "GET users.list_all"),
        ("sync-woocommerce.json", "/wp-json/wc/v3/variations", "GET variations.list_everywhere"),
        ("sync-keycrm.json", "", "webhook"),
    ],
    ids=["a backend's operation", "a store's operation", "a webhook"],
)
def test_a_planted_gap_is_found(lab: LabClient, tmp_path: Path, file: str, gone: str, gap: str) -> None:
    for path in pactfiles.pact_files():
        pact = pactfiles.read(path)
        if path.name == file:
            kept = [i for i in pact["interactions"] if i.get("request", {}).get("path", "") != gone]
            assert len(kept) < len(pact["interactions"])
            pact["interactions"] = kept
        pactfiles.kept(pact, tmp_path / path.name)

    found = uses.coverage(lab, story.found("keycrm/connect_to_sync"), folder=tmp_path)

    assert [row.use.what for row in found.gaps] == [gap]
    assert not found.whole


def test_only_what_one_provider_was_asked_is_told(lab: LabClient) -> None:
    found = uses.coverage(lab, story.found("keycrm/connect_to_sync"), provider="keycrm")

    assert {row.use.provider for row in found.rows} == {"keycrm"}


def test_an_answer_of_another_kind_wants_an_interaction_of_its_own(lab: LabClient) -> None:
    found = uses.coverage(lab, story.found("keycrm/wrong_key"))

    assert [(row.use.what, row.use.outcome) for row in found.rows if row.use.provider == "keycrm"] == [
        ("GET users.list_all", "4xx")
    ]
    assert found.whole


# -- reading a journal


def exchange(direction: str, service: str, url: str, **more: Any) -> dict[str, Any]:
    """As the journal shows one."""
    agent, body, headers = more.pop("agent", "Acme/1"), more.pop("body", ""), more.pop("headers", [])
    return {
        "direction": direction,
        "service": service,
        "operation": "",
        "method": "GET",
        "url": url,
        "status": 200,
        "sender": agent.split("/")[0],
        "fault": "",
        "request": {"headers": [["User-Agent", agent], *headers], "body": body},
        **more,
    }


def seen(*exchanges: dict[str, Any]) -> list[Use]:
    return list(uses.uses(exchanges, SYNC_URL))


PRODUCTS = f"{LAB}/woocommerce/wp-json/wc/v3/products"


def test_a_request_of_a_backends_worker_is_the_backends() -> None:
    asked = exchange("in", "woocommerce", f"{PRODUCTS}?page=1", operation="products.list_all", status=404)
    sent = exchange("out", "keycrm", f"{PRODUCTS}?page=1", operation="poll", status=404)

    assert seen(asked, sent) == [Use("keycrm", "woocommerce", "request", "GET products.list_all", "4xx")]


def test_a_request_of_nobody_we_know_is_told_under_its_own_name() -> None:
    assert seen(exchange("in", "woocommerce", PRODUCTS, agent="curl/8")) == [
        Use("curl", "woocommerce", "request", "GET /~w1/woocommerce/wp-json/wc/v3/products", "2xx")
    ]


@pytest.mark.parametrize(
    "more", [{"agent": "Mozilla/5.0"}, {"fault": "status #1", "status": 503}, {"status": None}], ids=str
)
def test_browsers_faults_and_broken_connections_want_no_contract(more: dict[str, Any]) -> None:
    assert seen(exchange("in", "woocommerce", PRODUCTS, **more)) == []


TOPIC = [["X-WC-Webhook-Topic", "order.created"]]


@pytest.mark.parametrize(
    ("sent", "use"),
    [
        (
            exchange("out", "woocommerce", f"{LAB}/keycrm/hook", operation="webhook", method="POST", headers=TOPIC),
            [Use("keycrm", "woocommerce", "message", "order.created")],
        ),
        (
            exchange("out", "woocommerce", f"{SYNC_URL}/hooks/1", operation="webhook", headers=TOPIC),
            [Use("sync", "woocommerce", "message", "order.created")],
        ),
        (
            exchange("out", "woocommerce", f"{SYNC_URL}/auth", method="POST", body='{"consumer_key": "***"}'),
            [Use("sync", "woocommerce", "message", "call-back")],
        ),
        (
            exchange("out", "keycrm", f"{SYNC_URL}/hooks/1", operation="webhook"),
            [Use("sync", "keycrm", "message", "webhook")],
        ),
        (exchange("out", "woocommerce", f"{LAB}/keycrm/hook", method="POST", body="webhook_id=3"), []),
        (exchange("out", "woocommerce", "http://127.0.0.1:9/hook", operation="webhook", headers=TOPIC), []),
        (exchange("out", "keycrm", PRODUCTS, operation="poll"), []),
    ],
    ids=["to a backend", "to sync", "a call-back", "of a backend", "a ping", "to somebody else", "a request"],
)
def test_what_is_sent_is_a_message_by_its_topic(sent: dict[str, Any], use: list[Use]) -> None:
    arrived = (
        {**sent, "direction": "in", "service": "keycrm", "operation": "hook"} if "keycrm/hook" in sent["url"] else None
    )

    assert seen(*([arrived] if arrived else []), sent) == use
