"""The plugin: what a click leaves behind when it fails, whom it calls, and what it says of itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given, strategies as st

from storelab.sync.connectors import stockburst
from storelab.sync.connectors.stockburst import CONNECTOR, HOST
from storelab.sync.connectors.stockburst.health import signal, state_of, told_of
from storelab.sync.connectors.stockburst.joining import TOPICS, jitter

from .conftest import Plugin
from .test_work import rest

STEPS = ("create_key", "create_webhooks", "update_webhook")


@pytest.mark.parametrize("kind", ["status", "reset", "lost"])
@pytest.mark.parametrize("step", STEPS)
def test_whatever_step_in_the_store_fails_nothing_is_left_in_it(plugin: Plugin, step: str, kind: str) -> None:
    plugin.world.do("stockburst", "issue setup code")
    plugin.world.fault(kind=kind, service="woocommerce", operation=f"store_side.{step}")

    answer = plugin.ask()

    assert answer.status_code >= 400
    assert plugin.left_in_store() == (0, 0)
    plugin.connect()
    assert plugin.left_in_store() == (1, 9)


def test_when_the_store_does_not_let_it_tidy_up_the_next_click_does(plugin: Plugin) -> None:
    plugin.world.do("stockburst", "issue setup code")
    plugin.world.fault(kind="status", status=500, operation="connecting.connect", service="stockburst")
    plugin.world.fault(kind="status", status=500, operation="store_side.list_webhooks", service="woocommerce")

    answer = plugin.ask()

    assert "could not be taken back yet" in answer.get_json()["message"]
    assert plugin.left_in_store() == (1, 9)
    plugin.connect()
    assert plugin.left_in_store() == (1, 9)
    assert {w["status"] for w in plugin.world.fact("woocommerce", "webhooks")} == {"active"}


def test_a_crash_at_any_point_leaves_nothing_twice_after_the_next_click(plugin: Plugin) -> None:
    plugin.connect()
    points = len(plugin.points)

    for crash in range(points):
        plugin.points.clear()
        plugin.crash_at = crash
        plugin.world.do("stockburst", "issue setup code")
        with pytest.raises(KeyboardInterrupt):
            plugin.ask()
        plugin.crash_at = -1
        plugin.connect()
        assert plugin.left_in_store() == (1, 9), f"after a crash at {crash}"
        keys = plugin.world.fact("stockburst", "connection")
        assert (keys["status"], keys["problem"]) == ("connected", ""), f"after a crash at {crash}"


def test_webhooks_that_were_deleted_are_made_anew_and_registered(plugin: Plugin) -> None:
    plugin.world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)
    plugin.connect()
    store = plugin.world.info()["store"]
    for number in (2, 5):
        rest(store, "DELETE", f"/webhooks/{number}?force=true")
    plugin.world.do("woocommerce", "adjust stock", sku="MUG", quantity=3)

    plugin.wait(3600)
    plugin.tick()

    assert plugin.left_in_store() == (1, 9)
    told = plugin.world.fact("stockburst", "health")
    assert (told["status"], told["webhooks"]["counts"]["missing"]) == ("degraded", 2)
    registered = plugin.world.fact("stockburst", "webhooks")
    assert {w["id"] for w in registered.values()} == {1, 3, 4, 6, 7, 8, 9, 10, 11}
    assert plugin.stock("stockburst") == {"MUG": 3}
    plugin.world.do("woocommerce", "adjust stock", sku="MUG", quantity=2)
    plugin.world.settle()
    assert plugin.stock("stockburst") == {"MUG": 2}


def test_the_plugin_takes_over_from_a_setup_by_hand(plugin: Plugin) -> None:
    store = plugin.world.info()["store"]
    keys = {name: store[name] for name in ("consumer_key", "consumer_secret")}
    plugin.world.do("stockburst", "set up by hand", store_url=store["url"], **keys)
    plugin.world.settle()
    before = plugin.world.fact("stockburst", "connection")["integration_id"]

    plugin.connect()

    now = plugin.world.fact("stockburst", "connection")
    assert (now["integration_id"], now["by_hand"], now["status"]) == (before, False, "connected")
    assert plugin.left_in_store() == (1, 9)


def test_the_screen_proposes_a_host_and_calls_the_one_that_is_chosen(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []

    def watched(self: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
        called.append(urlsplit(url).netloc)
        if urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
            raise requests.exceptions.ConnectTimeout
        return real(self, method, url, **more)

    real = requests.Session.request
    monkeypatch.setattr(requests.Session, "request", watched)
    plugin.world.do("stockburst", "issue setup code")
    code = plugin.world.info()["backends"]["stockburst"]["setup_code"]
    admin = {"username": "admin", "password": "password"}
    body = {
        "backend": "stockburst",
        "store": {"url": plugin.world.info()["store"]["url"], "admin": admin},
        "credentials": {"setup_code": code},
        "settings": {"consent": True},
        "now": plugin.now,
    }

    proposed = plugin.client.post("/connections", json=body)
    first, called[:] = set(called), []
    chosen = plugin.client.post(
        "/connections", json={**body, "credentials": {**body["credentials"], "url": "https://sb.example"}}
    )  # type: ignore[dict-item]

    here = urlsplit(plugin.world.url).netloc
    assert (proposed.status_code, first) == (503, {here, "app.stockburst.co.za"})
    assert (chosen.status_code, set(called)) == (503, {here, "sb.example"})
    assert dict(CONNECTOR.defaults) == {"url": HOST} == {"url": "https://app.stockburst.co.za"}
    assert plugin.left_in_store() == (0, 0)


def test_nobody_but_the_store_and_stockburst_is_called(plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a whole life, with a sale on a marketplace in it; the marketplace is StockBurst's business."""
    called: set[tuple[str, str]] = set()
    real = requests.Session.request

    def watched(self: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
        if "_lab" not in url:
            called.add((urlsplit(url).netloc, urlsplit(url).path.split("/")[2]))
        return real(self, method, url, **more)

    monkeypatch.setattr(requests.Session, "request", watched)
    plugin.world.state("woocommerce", "a product in stock", sku="MUG", quantity=10)
    plugin.connect()
    plugin.world.do("stockburst", "sell elsewhere", sku="MUG", quantity=2, marketplace="Takealot")
    plugin.world.settle()
    plugin.world.do("woocommerce", "disable webhook", webhook=plugin.world.fact("woocommerce", "webhooks")[0]["id"])
    for _ in range(3):
        plugin.wait(3600)
        assert plugin.tick()
    plugin.client.delete(f"/connections/{plugin.id}")
    plugin.world.settle()

    here = urlsplit(plugin.world.url).netloc
    assert called == {(here, "woocommerce"), (here, "stockburst")}
    assert plugin.stock("woocommerce") == {"MUG": 8}
    text = "".join(file.read_text() for file in Path(stockburst.__file__).parent.glob("*.py"))
    assert re.findall(r"https://[\w.]+", text) == [HOST]


def test_no_credential_is_in_what_people_and_stockburst_are_told(plugin: Plugin) -> None:
    plugin.connect()
    for _ in range(2):
        plugin.world.fault(kind="status", status=500, service="stockburst", operation="health.report", times=1)
        plugin.wait(3600)
        plugin.tick()

    shown = json.dumps(plugin.status()) + json.dumps(plugin.world.journal(limit=10_000))

    token = plugin.world.info()["backends"]["stockburst"]["token"]
    assert token not in shown
    assert not re.search(r"\bc[ks]_[0-9a-f]{40}", shown)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("", None),
        ("GET /x answered 500", "GET /x answered 500"),
        (f"key ck_{'a' * 40} and cs_{'b' * 40}", "key *** and ***"),
        ("Authorization: Bearer sbt_secret said no", "Authorization: *** said no"),
        ("Basic Y2tfOmNzXw== said no", "*** said no"),
        ("code SB-7K2M-9PQX", "code ***"),
    ],
)
def test_an_error_is_told_without_its_credentials(error: str, told: str | None) -> None:
    assert told_of(error) == told


@given(st.text())
def test_an_error_is_told_short(error: str) -> None:
    assert len(told_of(error * 50) or "") <= 300


@given(st.text(min_size=1))
def test_signals_are_spread_and_always_at_the_same_time_for_one_store(name: str) -> None:
    assert jitter(name) == jitter(name)
    assert 0 <= jitter(name) < 300


STATUSES = st.sampled_from(["active", "paused", "disabled", "deleted", "elsewhere"])


@given(st.lists(STATUSES, min_size=9, max_size=9))
def test_counts_add_up_to_what_there_should_be(statuses: list[str]) -> None:
    expected = {topic: n for n, topic in enumerate(TOPICS, 1)}
    found = [
        {
            "id": n,
            "topic": topic,
            "delivery_url": "there" if status == "elsewhere" else "here",
            "status": status if status in ("paused", "disabled") else "active",
            "failures": 1,
        }
        for (topic, n), status in zip(expected.items(), statuses, strict=True)
        if status != "deleted"
    ]

    told = state_of(expected, "here", found)

    counts = dict(told["counts"])
    assert counts.pop("expected") == 9 == sum(counts.values())
    assert counts["active"] == statuses.count("active")
    assert counts["missing"] == statuses.count("deleted") + statuses.count("elsewhere")
    kept = {"webhooks": expected, "delivery_url": "here", "integration_id": "int_1"}
    said = signal(kept, "https://shop.example", {}, found, "")["status"]
    assert said == {9: "healthy", 0: "error"}.get(counts["active"], "degraded")
