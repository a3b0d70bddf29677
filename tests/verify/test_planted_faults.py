"""One fault of each kind, planted into a provider that is right otherwise: found, and named at the right place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.contracts import kit, pactfiles
from storelab.verify import run
from storelab.verify.pacts import Target
from storelab.verify.report import CONTRACT, DOCUMENT, WEBHOOK, Check

from .planted import Answer, Detour, Plant, Planted

SLOW = 0.4  # seconds; the slow provider takes longer, and nobody else does
PAGE = "the first page of stock"
OK = "a quantity of one SKU"


def rows(change: Callable[[dict[str, Any]], Any]) -> Plant:
    def plant(answer: Answer) -> Answer:
        body = answer.json
        for row in body.get("data", ()):
            change(row)
        return answer.saying(body)

    return plant


def body(change: Callable[[dict[str, Any]], Any]) -> Plant:
    return lambda answer: answer.saying(change(answer.json))


def status(wanted: int) -> Plant:
    return lambda answer: replace(answer, status=wanted)


def slow(answer: Answer) -> Answer:
    time.sleep(SLOW + 0.1)  # the one thing that only real time shows
    return answer


FAULTS: dict[str, tuple[str, str, Plant, str]] = {
    "another status": ("keycrm", OK, status(200), "status"),
    "a server error": ("keycrm", PAGE, status(500), "status"),
    "a redirect": ("keycrm", PAGE, lambda a: replace(a, status=302).with_header("Location", "/login"), "status"),
    "a field that is missing": ("keycrm", PAGE, body(lambda b: {n: v for n, v in b.items() if n != "total"}), "$"),
    "a field by another name": ("keycrm", PAGE, rows(lambda r: r.update(held=r.pop("reserve"))), "$.data[0]"),
    "another type": ("keycrm", PAGE, rows(lambda r: r.update(quantity="12")), "$.data[0].quantity"),
    "null where a value was": ("keycrm", PAGE, rows(lambda r: r.update(quantity=None)), "$.data[0].quantity"),
    "another value": ("keycrm", PAGE, rows(lambda r: r.update(sku="mug")), "$.data[0].sku"),
    "a value that is none of the known": (
        "golisto",
        "the status of an approved store",
        body(lambda b: {**b, "status": "APPROVED"}),
        "$.status",
    ),
    "a list without rows": ("keycrm", "stock of two SKUs", body(lambda b: {**b, "data": []}), "$.data"),
    "a header that is missing": (
        "keycrm",
        "a quantity in a minute that is used up",
        lambda a: a.with_header("Retry-After", None),
        "Retry-After",
    ),
    "a header that counts wrong": (
        "woocommerce",
        "a page of categories",
        lambda a: a.with_header("X-WP-Total", "many"),
        "X-WP-Total",
    ),
    "another content type": (
        "keycrm",
        PAGE,
        lambda a: a.with_header("Content-Type", "text/html"),
        "Content-Type",
    ),
    "a body that is no JSON": ("keycrm", PAGE, lambda a: replace(a, body=b"<html>"), "$"),
    "an error of another shape": (
        "keycrm",
        "a quantity with a revoked key",
        body(lambda b: {"error": {"text": "no"}}),
        "$",
    ),
    "a door that is open to all": ("keycrm", "a page of stock with a revoked key", status(200), "status"),
    "no answer": ("keycrm", PAGE, lambda a: replace(a, drop=True), "answer"),
    "an answer that is late": ("keycrm", PAGE, slow, "time"),
}


@pytest.fixture
def only(tmp_path: Path) -> Callable[[str, str], Path]:
    """A folder with one interaction of the contracts with a provider."""

    def made(provider: str, description: str) -> Path:
        for path in pactfiles.pact_files(provider=provider):
            pact = pactfiles.read(path)
            found = [i for i in pact["interactions"] if i["description"] == description]
            if found:
                pactfiles.kept({**pact, "interactions": found}, tmp_path / path.name)
                return tmp_path
        raise AssertionError(f"{provider} has no interaction {description!r}")

    return made


@pytest.fixture
def closing() -> Iterator[list[Any]]:
    opened: list[Any] = []
    yield opened
    for one in opened:
        one.close()


def verified(target: Target, **parts: Any) -> list[Check]:
    given = {"fuzz": "off", "patience": 5.0, **parts}
    return list(run.of_target(target, run.Parts(**given), tell=lambda check: None).checks)


def of_pact(folder: Path, target: Target, **parts: Any) -> list[Check]:
    """Only the contract of one consumer is looked at, and nothing beside it."""
    (file,) = folder.iterdir()
    return verified(replace(target, folder=folder, consumer=pactfiles.read(file)["consumer"]["name"]), **parts)


def states(world: LabClient, provider: str) -> str:
    return f"{world.url}/_lab/services/{provider}/pact-states"


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_found_where_it_is(
    world: LabClient, only: Callable[[str, str], Path], closing: list[Any], kind: str
) -> None:
    provider, description, plant, where = FAULTS[kind]
    planted = Planted(f"{world.url}/{provider}", plant)
    closing.append(planted)
    wait = SLOW if kind == "an answer that is late" else 10.0

    (check,) = of_pact(only(provider, description), Target(provider, planted.url, states(world, provider), slow=wait))

    assert (check.part, check.verdict) == (CONTRACT, kit.BROKEN)
    assert where in [difference.where for difference in check.differences]
    assert check.expected
    assert check.actual
    assert check.curl.startswith("curl ")
    assert check.basis


def test_a_question_that_changes_something_is_found(
    world: LabClient, only: Callable[[str, str], Path], closing: list[Any]
) -> None:
    def sells(answer: Answer) -> Answer:
        if answer.method == "GET":
            requests.post(
                states(world, "keycrm"),
                json={"action": "move", "move": "adjust stock", "params": {"sku": "MUG", "quantity": 1}},
                timeout=10,
            ).raise_for_status()
        return answer

    planted = Planted(f"{world.url}/keycrm", sells)
    closing.append(planted)

    (check,) = of_pact(only("keycrm", PAGE), Target("keycrm", planted.url, states(world, "keycrm")))

    (difference,) = check.differences
    assert (check.verdict, difference.where) == (kit.BROKEN, "state")
    assert "a GET changed something" in difference.message


def test_a_state_that_the_adapter_cannot_bring_about_is_named(
    world: LabClient, only: Callable[[str, str], Path]
) -> None:
    folder = only("keycrm", PAGE)
    pact = pactfiles.read(folder / "sync-keycrm.json")
    pact["interactions"][0]["providerStates"] = [{"name": "a blue moon"}]
    pactfiles.kept(pact, folder / "sync-keycrm.json")

    (check,) = of_pact(folder, Target("keycrm", f"{world.url}/keycrm", states(world, "keycrm")))

    assert check.verdict == kit.SKIPPED
    assert "a blue moon" in check.why


TOLD = "a product whose stock was changed"  # by woocommerce to golisto
MESSAGES: dict[str, tuple[str, str, Plant, str]] = {
    "a webhook without a signature": (
        "woocommerce",
        TOLD,
        lambda m: m.with_header("X-WC-Webhook-Signature", None),
        "signature",
    ),
    "a webhook that was changed on its way": (
        "woocommerce",
        TOLD,
        lambda m: replace(m, body=m.body.replace(b"MUG", b"CUP")),
        "signature",
    ),
    "a webhook about something else": (
        "woocommerce",
        TOLD,
        lambda m: m.with_header("X-WC-Webhook-Topic", "order.updated"),
        "x-wc-webhook-topic",
    ),
    "a webhook without a field": (
        "keycrm",
        "stock after a receipt",
        lambda m: m.saying([{n: v for n, v in row.items() if n != "in_reserve"} for row in m.json]),
        "$[0]",
    ),
    "a webhook that never comes": (
        "keycrm",
        "stock after a receipt",
        lambda m: replace(m, drop=True),
        "provider",
    ),
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_fault_of_a_webhook_is_found_where_it_is(
    world: LabClient, only: Callable[[str, str], Path], closing: list[Any], kind: str
) -> None:
    provider, description, plant, where = MESSAGES[kind]
    detour = Detour(states(world, provider), plant)
    closing.append(detour)

    (check,) = of_pact(
        only(provider, description), Target(provider, f"{world.url}/{provider}", detour.url), patience=0.5
    )

    assert (check.part, check.verdict) == (WEBHOOK, kit.BROKEN)
    assert where in [difference.where for difference in check.differences]


def test_what_departs_from_the_document_is_found_at_its_operation(world: LabClient, closing: list[Any]) -> None:
    def renamed(answer: Answer) -> Answer:
        if answer.path.startswith("/v1/users") and answer.status == 200:
            return answer.saying({"users": answer.json["data"]})
        return answer

    planted = Planted(f"{world.url}/keycrm", renamed)
    closing.append(planted)
    key = world.info()["backends"]["keycrm"]["api_key"]

    checks = verified(Target("keycrm", planted.url, given={"api_key": key}), fuzz="quick")

    tried = [check for check in checks if check.part == DOCUMENT]
    (broken,) = [check for check in tried if check.verdict == kit.BROKEN]
    assert broken.name == "GET /v1/users"
    assert "response_schema_conformance" in [difference.where for difference in broken.differences]
    assert '"Authorization: Bearer $KEYCRM_API_KEY"' in broken.curl
    assert key not in str(broken.as_json())
    assert len(tried) > 20


@pytest.mark.parametrize("intensity", ["quick", "thorough"])
def test_without_leave_to_write_nothing_but_questions_is_sent(
    world: LabClient, closing: list[Any], intensity: str
) -> None:
    planted = Planted(f"{world.url}/sors")
    closing.append(planted)
    key = world.info()["backends"]["sors"]["api_key"]

    verified(Target("sors", planted.url, given={"api_key": key}), fuzz=intensity, seconds=3)

    assert {method for method, _ in planted.came} <= {"GET", "HEAD"}
    assert len(planted.came) > 10
