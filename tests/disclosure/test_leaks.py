"""Leaks that were planted are found: each by what it is, in its phase, with the exchange that shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from storelab.disclosure.play import Played, played
from storelab.disclosure.table import tables
from storelab.sandbox import Sandbox
from storelab.scenarios.driver import Driver

Leaking = Callable[..., Played]
HEALTH = "/api/integrations/woocommerce/health"


def found(life: Played) -> set[tuple[str, str, str]]:
    """What was found, by kind, call and phase."""
    assert not life.held
    assert all(life.exchanges[b.number] for b in life.evidence.breaches)
    assert life.proof()
    return {(b.what, b.call, b.phase) for b in life.evidence.breaches}


def words(life: Played) -> str:
    return "\n".join(life.why)


def test_a_field_too_many(leaking: Leaking) -> None:
    def change(method: str, url: str, request: dict[str, Any]) -> None:
        if url.endswith(HEALTH):
            request["json_body"]["site_title"] = "The Secret Shop"

    life = leaking("stockburst", change)

    assert found(life) == {("field", "health.report", "connected")}
    assert "`site_title` is not in the disclosure of request health.report" in words(life)


def test_a_field_within_others(leaking: Leaking) -> None:
    def change(method: str, url: str, request: dict[str, Any]) -> None:
        if url.endswith("/woocommerce/connect"):
            request["json_body"]["store"]["owner"] = {"city": "Durban"}

    life = leaking("stockburst", change)

    assert ("field", "connecting.connect", "at connect") in found(life)
    assert "`store.owner.city`" in words(life)


def test_a_parameter_in_an_address(leaking: Leaking) -> None:
    def change(method: str, url: str, request: dict[str, Any]) -> None:
        if url.endswith("/offers/stocks") and method == "GET":
            request["params"] = [*request["params"], ("shop", "mugs.example")]

    assert ("field", "stocks.list_all", "connected") in found(leaking("keycrm", change))


def test_a_header(leaking: Leaking) -> None:
    def change(method: str, url: str, request: dict[str, Any]) -> None:
        if url.endswith("/offers/stocks") and method == "PUT":
            request["headers"] = {**request["headers"], "X-Shop-Owner": "Mia"}

    life = leaking("keycrm", change)

    assert found(life) == {("field", "stocks.set_levels", "connected")}
    assert "`header x-shop-owner`" in words(life)


def test_somebodys_address_in_a_field_that_may_be_there(leaking: Leaking) -> None:
    def change(method: str, url: str, request: dict[str, Any]) -> None:
        if url.endswith("/offers/stocks") and method == "PUT":
            request["json_body"]["stocks"][0]["sku"] = "for ada@shopper.example"

    life = leaking("keycrm", change)

    assert ("personal", "stocks.set_levels", "connected") in found(life)
    assert "ada@" not in words(life)


def test_a_person_in_a_product(leaking: Leaking, tmp_path: Path) -> None:
    life_of_one = (Path(__file__).parents[2] / "scenarios/golisto/disclosed.yaml").read_text(encoding="utf-8")
    story = tmp_path / "story.yaml"
    story.write_text(life_of_one.replace("Keeps your head warm", "Made for Adalbertine"), encoding="utf-8")

    life = leaking("golisto", story=story)

    assert {(what, phase) for what, _, phase in found(life)} == {("personal", "connected")}
    assert "`description` of webhook product.updated holds something personal, and is marked plain" in words(life)


def test_a_key_in_an_address(leaking: Leaking) -> None:
    def change(method: str, url: str, request: dict[str, Any]) -> None:
        if url.endswith("/articles"):
            request["params"] = [*request["params"], ("apiKey", request["headers"]["Authorization"])]

    life = leaking("sors", change)

    assert ("field", "catalogue.list_all", "connected") in found(life)
    assert "`?apiKey`" in words(life)


def test_a_key_in_a_field_that_may_be_there(leaking: Leaking, sandbox: Sandbox) -> None:
    def change(method: str, url: str, request: dict[str, Any]) -> None:
        if url.endswith("/offers/stocks") and method == "PUT":
            request["json_body"]["stocks"][0]["sku"] = request["headers"]["Authorization"].split()[1]

    assert ("secret", "stocks.set_levels", "connected") in found(leaking("keycrm", change))


def test_an_address_of_somebody_else(leaking: Leaking) -> None:
    def change(method: str, url: str, request: dict[str, Any]) -> None:
        if method == "POST" and url.endswith("/storelab/v1/webhooks") and "delivery_url" in request["json_body"]:
            request["json_body"]["delivery_url"] = "http://127.0.0.1:9/collect"

    life = leaking("golisto", change)

    assert ("address", "product.updated", "connected") in found(life)
    assert "went to http://127.0.0.1:9/collect, which is nowhere in the disclosure" in words(life)


class Talkative(Driver):
    """The reference sync behind somebody who tells more: `at` says when, `says` is what is told to the backend."""

    def __init__(self, url: str, token: str, at: str, says: Callable[[str], Any]) -> None:
        super().__init__(url, token=token)
        self._at, self._says, self._backend = at, says, ""

    def connect(self, wanted: Any, now: datetime) -> dict[str, Any]:
        self._backend = wanted["credentials"]["url"]
        if self._at == "connect":
            self._says(self._backend)
        return super().connect(wanted, now)

    def tick(self, connection: str, now: datetime) -> dict[str, Any]:
        if self._at == "tick":
            self._says(self._backend)
        return super().tick(connection, now)

    def disconnect(self, connection: str) -> dict[str, Any]:
        done = super().disconnect(connection)
        if self._at == "disconnect":
            self._says(self._backend)
        return done


@pytest.fixture
def talking(sandbox: Sandbox) -> Callable[..., Played]:
    def lived(backend: str, at: str, says: Callable[[str], Any]) -> Played:
        lab = sandbox.client
        (table,) = tables([backend])
        return played(table, lab, Talkative(sandbox.sync_url, sandbox.token, at, says))

    return lived


def test_a_call_before_consent(talking: Callable[..., Played]) -> None:
    life = talking("stockburst", "connect", lambda url: requests.post(url + HEALTH, json={}, timeout=10))

    assert ("phase", "health.report", "before consent") in found(life)
    assert "health.report before consent: it may only be connected" in words(life)


def test_a_call_in_the_wrong_phase(talking: Callable[..., Played]) -> None:
    path = "/api/woocommerce/status?store_url=x"

    life = talking("golisto", "disconnect", lambda url: requests.get(url + path, timeout=10))

    assert ("phase", "status.read", "at disconnect") in found(life)


def test_a_call_after_disconnecting(talking: Callable[..., Played]) -> None:
    life = talking("keycrm", "tick", lambda url: requests.get(f"{url}/v1/offers/stocks", timeout=10))

    assert ("phase", "stocks.list_all", "after disconnect") in found(life)


def test_a_call_that_nobody_knows(talking: Callable[..., Played]) -> None:
    life = talking("keycrm", "tick", lambda url: requests.get(f"{url}/v1/buyer", timeout=10))

    assert ("call", "buyers.list_all", "connected") in found(life)
    assert "the disclosure knows no request buyers.list_all" in words(life)
