"""A backend's own worker as a consumer of the store: what it asks, and what it hears."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

os.environ["PACT_DO_NOT_TRACK"] = "true"

from pact import Pact, match
from pact.error import MismatchesError

from storelab.client import LabClient
from storelab.contracts import actors, kit, store
from storelab.contracts.actors import Actor
from storelab.contracts.interactions import JSON, Asks, asked, move
from storelab.emulators.kernel import Emulation, Outgoing
from storelab.emulators.kernel.http import Request
from storelab.emulators.shop import Shop, signature_fits, webhook
from storelab.sandbox import Sandbox
from tests.kernel import acme

TEST = "test_actors.py::a_test"


@pytest.fixture
def lab(sandbox: Sandbox) -> LabClient:
    return sandbox.client


@pytest.fixture
def actor() -> Iterator[Actor]:
    made = Actor(acme.EMULATOR, acme.DOCUMENT)
    yield made
    made.close()


@pytest.fixture
def pact() -> Pact:
    return Pact("acme", "woocommerce")


@pytest.fixture
def asks_store(pact: Pact) -> Asks:
    return partial(asked, pact, TEST, **store.ASKED)


async def levels_read(here: Emulation) -> int:
    """As a worker does: all products of the store become items."""
    found = 0
    async for row in actors.shop(here, "Acme/1").every("/products", _fields="id,sku,stock_quantity"):
        acme.an_item(here, sku=row["sku"], level=row["stock_quantity"])
        found += 1
    return found


def test_what_a_worker_asks_is_a_contract_that_the_store_keeps(
    actor: Actor, pact: Pact, asks_store: Asks, lab: LabClient, tmp_path: Path
) -> None:
    query = [("per_page", "100"), ("orderby", "id"), ("order", "asc"), ("_fields", "id,sku,stock_quantity")]
    query.append(("page", "1"))
    row = {"id": match.integer(11), "sku": "MUG", "stock_quantity": 12}
    asks_store("all products", "GET", "products", *query, given=store.MUG).will_respond_with(200).with_header(
        "X-WP-Total", "1"
    ).with_header("X-WP-TotalPages", "1").with_body([row], content_type=JSON)

    with actor.meeting(pact) as backend:
        found = backend.run(levels_read)

    assert (found, actor.fact("levels")) == (1, {"MUG": 12})
    pact.write_file(tmp_path)
    report = kit.verify(lab, folder=tmp_path)
    assert [(v.consumer, v.provider, v.verdict) for v in report.verdicts] == [("acme", "woocommerce", "kept")]


def test_a_worker_may_ask_for_one_thing_by_its_id(
    actor: Actor, pact: Pact, asks_store: Asks, lab: LabClient, tmp_path: Path
) -> None:
    path = store.at("/products/11", "/products/${id}")
    asks_store("a new quantity", "PUT", path, given=store.MUG, body={"stock_quantity": 7}).will_respond_with(
        200
    ).with_body({"id": match.integer(11), "stock_quantity": 7}, content_type=JSON)

    async def written(shop: Shop) -> Any:
        return await shop.put("/products/11", {"stock_quantity": 7})

    with actor.meeting(pact) as backend:
        answered = backend.ask(written, agent="Acme/1")

    assert answered["stock_quantity"] == 7
    pact.write_file(tmp_path)
    assert kit.verify(lab, folder=tmp_path).held


def test_what_the_store_does_not_answer_is_broken(
    actor: Actor, pact: Pact, asks_store: Asks, lab: LabClient, tmp_path: Path
) -> None:
    asks_store("a wish", "GET", "products", given=store.MUG).will_respond_with(200).with_body(
        [{"id": match.integer(7), "wish": match.string("granted")}], content_type=JSON
    )

    with actor.meeting(pact) as backend:
        backend.ask(lambda shop: shop.rows("/products"))

    pact.write_file(tmp_path)
    (verdict,) = kit.verify(lab, folder=tmp_path).verdicts
    assert verdict.verdict == kit.BROKEN
    assert "$[0]" in [difference.where for difference in verdict.differences]


def test_what_was_agreed_on_and_never_asked_fails(actor: Actor, pact: Pact, asks_store: Asks) -> None:
    asks_store("never asked", "GET", "products").will_respond_with(200)

    with pytest.raises(MismatchesError), actor.meeting(pact):
        pass


def test_a_request_to_anywhere_else_is_a_mistake(actor: Actor, pact: Pact, asks_store: Asks) -> None:
    async def astray(here: Emulation) -> None:
        await here.fetch(Outgoing("GET", "https://elsewhere.example/"))

    with pytest.raises(AssertionError, match="where no store is agreed with"):
        actor.run(astray)
    asks_store("the list", "GET", "products").will_respond_with(200).with_body([], content_type=JSON)
    with actor.meeting(pact) as backend:
        backend.ask(lambda shop: shop.rows("/products"))
        with pytest.raises(AssertionError, match="elsewhere than to the store"):
            backend.run(astray)


def test_a_backend_is_asked_as_by_anybody_and_does_its_jobs(actor: Actor) -> None:
    key = {"x-key": "sesame"}

    made = actor.receives("POST", "/items", {**key, "content-type": "application/json"}, b'{"sku": "MUG"}')
    actor.do("plan")
    actor.settle()

    assert made == (201, {"id": 1, "sku": "MUG", "level": 0})
    assert actor.receives("GET", "/items", key, query="limit=5") == (200, [{"id": 1, "sku": "MUG", "level": 1}])
    assert actor.receives("GET", "/items")[0] == 401


def hears(actor: Actor, pact: Pact, body: Any, *, quantity: int) -> None:
    """Acme takes the new quantity out of a product's webhook."""

    def taken(here: Emulation, headers: Mapping[str, str], raw: bytes) -> None:
        request = Request("POST", "/hook", "https://acme.example", "", headers, raw)
        came = webhook(request)
        assert came is not None
        assert (came.topic, came.resource, came.event) == ("product.updated", "product", "updated")
        assert signature_fits(store.SECRET, raw, came.signature)
        acme.an_item(here, request.json["sku"], request.json["stock_quantity"])

    store.told(
        pact,
        TEST,
        "a product that was changed",
        "product.updated",
        body,
        lambda headers, raw: actor.run(taken, headers, raw),
        cause=move("adjust stock", sku="MUG", quantity=quantity),
        given=store.MUG,
    )


@pytest.mark.parametrize(("quantity", "verdict"), [(5, kit.KEPT), (6, kit.BROKEN)])
def test_what_a_backend_hears_is_what_the_store_sends(
    actor: Actor, pact: Pact, lab: LabClient, tmp_path: Path, quantity: int, verdict: str
) -> None:
    hears(actor, pact, {"id": match.integer(11), "sku": "MUG", "stock_quantity": 5}, quantity=quantity)

    assert actor.fact("levels") == {"MUG": 5}
    pact.write_file(tmp_path)
    assert [(v.kind, v.verdict) for v in kit.verify(lab, folder=tmp_path).verdicts] == [("message", verdict)]


def test_a_message_of_another_topic_is_broken(actor: Actor, pact: Pact, lab: LabClient, tmp_path: Path) -> None:
    hears(actor, pact, {"sku": "MUG", "stock_quantity": match.integer(5)}, quantity=5)
    pact.write_file(tmp_path)
    file = tmp_path / "acme-woocommerce.json"
    file.write_text(file.read_text().replace('"x-wc-webhook-topic": "product.updated"', '"x-wc-webhook-topic": "x.y"'))

    (verdict,) = kit.verify(lab, folder=tmp_path).verdicts

    assert verdict.verdict == kit.BROKEN
