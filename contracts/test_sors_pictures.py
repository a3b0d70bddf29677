"""What the store needs from SORS: the bytes of a picture at an address that wants no key."""

from __future__ import annotations

from typing import Any

from pact import Pact

from storelab.contracts.actors import Actor
from storelab.contracts.examples import given_value
from storelab.emulators.kernel.wire import send
from storelab.emulators.woocommerce import images
from storelab.emulators.woocommerce.errors import WooError

CONSUMER, PROVIDER = "woocommerce", "sors"


def fetched(actor: Actor, pact: Pact, path: str) -> Any:
    with pact.serve(addr="127.0.0.1") as sors:
        actor.world.send = send
        address = f"{str(sors.url).rstrip('/')}{path}"
        return actor.run(images.fetched, [{"src": address}])[address]


def test_the_store_fetches_a_picture(pact: Pact, actor: Actor, test_name: str) -> None:
    path = given_value("/pictures/1.png", "/pictures/${picture}")
    asked = pact.upon_receiving("a picture").given("an article with pictures").test_name(test_name)
    asked.with_request("GET", path).will_respond_with(200).with_header("Content-Type", "image/png")

    found = fetched(actor, pact, "/pictures/1.png")

    assert isinstance(found, images.Picture)
    assert found.filename == "1.png"


def test_a_picture_that_is_gone_is_not_there(pact: Pact, actor: Actor, test_name: str) -> None:
    asked = pact.upon_receiving("a picture that is gone").given("an empty account").test_name(test_name)
    asked.with_request("GET", "/pictures/gone.png").will_respond_with(404)

    found = fetched(actor, pact, "/pictures/gone.png")

    assert isinstance(found, WooError)
    assert "Not Found" in found.message
