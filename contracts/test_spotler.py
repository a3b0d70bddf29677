"""What sync needs from Spotler Connect: a connector that is made, read, changed, mended and removed, and checkouts that
are taken."""

from __future__ import annotations

from typing import Any

import pytest
from pact import Pact, match

from storelab.contracts.examples import given_value
from storelab.contracts.interactions import EMPTY, JSON, Asks, Given
from storelab.sync.connectors.spotler.client import Connect, said
from storelab.sync.errors import GiveUp, Retry, Skip
from storelab.sync.transport import Http

PROVIDER = "spotler"
TOKEN = "spc_example"
ASKED = {"always": EMPTY, "authorization": given_value(f"Bearer {TOKEN}", "Bearer ${token}")}
SHOP = "http://127.0.0.1:9/shop"
PRESET = "ecommerce_with_e_fulfilment"
TOPICS = ("order.created", "order.updated", "customer.created", "customer.updated")
NUMBER = 4

CONNECTED: Given = (("a connector", {}),)
OF_THE_STORE: Given = (
    (
        "a connector",
        {"shop_url": "${store_url}", "api_key": "${consumer_key}", "api_secret": "${consumer_secret}"},
    ),
)


def of(path: str = "") -> Any:
    """The address of the connector that the state made."""
    return given_value(f"/connectors/{NUMBER}{path}", f"/connectors/${{connector_id}}{path}")


def connector(**fields: Any) -> dict[str, Any]:
    """As sync reads it: the state decides, so it is exact."""
    return {
        "id": match.integer(NUMBER),
        "state": "active",
        "problem": None,
        "key_ends_in": match.string("example"),
        "open_alerts": match.integer(0),
        "flows": match.each_like(
            {"object": match.string("orders"), "direction": match.regex("in", regex="^(in|out)$")}
        ),
        "webhooks": match.each_like({"topic": match.string("order.created"), "status": match.string("active")}),
        **fields,
    }


def refusal(code: str) -> dict[str, Any]:
    return {"code": code, "message": match.string("Why it is so.")}


def entered(shop: Any = SHOP, key: Any = "ck_example", secret: Any = "cs_example") -> dict[str, Any]:
    return {
        "name": "My shop",
        "timezone": "UTC",
        "preset": PRESET,
        "shop_url": shop,
        "opt_in_strategy": "both",
        "checkout_abandon_minutes": 30,
        "api_key": key,
        "api_secret": secret,
    }


def checkout(number: str = "21") -> dict[str, Any]:
    return {
        "id": number,
        "email": "ann@example.com",
        "currency": "USD",
        "total": 10.0,
        "items": [{"sku": "MUG", "name": "Mug", "quantity": 1, "price": "10"}],
        "created_at": "2026-01-05T08:59:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
    }


def client(spotler: Any, http: Http) -> Connect:
    return Connect(str(spotler.url), TOKEN, http)


# -- the token, and what is there


def test_a_good_token_opens_the_list_of_connectors(pact: Pact, asks: Asks, http: Http) -> None:
    asks("the connectors of an account without any", "GET", "/connectors").will_respond_with(200).with_body(
        {"data": []}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as spotler:
        client(spotler, http).check()


def test_a_revoked_token_ends_the_connection(pact: Pact, asks: Asks, http: Http) -> None:
    revoked = given_value(f"Bearer {TOKEN}", "Bearer ${revoked_token}")
    asks(
        "the connectors with a revoked token",
        "GET",
        "/connectors",
        given=(("a revoked token", {}),),
        authorization=revoked,
    ).will_respond_with(401).with_body(refusal("unauthorized"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler, pytest.raises(GiveUp, match="401"):
        client(spotler, http).check()


def test_a_shop_that_is_connected_is_found_by_its_address(pact: Pact, asks: Asks, http: Http) -> None:
    asks("the connectors of one shop", "GET", "/connectors", ("shop_url", SHOP), given=CONNECTED).will_respond_with(
        200
    ).with_body({"data": [connector()]}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler:
        (there,) = client(spotler, http).connectors(SHOP)

    assert (there.state, there.key_ends_in) == ("active", "example")


# -- connecting


def test_a_shop_that_opens_is_connected_and_imported(pact: Pact, asks: Asks, http: Http) -> None:
    body = entered(
        given_value("https://shop.example", "${store_url}"),
        given_value("ck_example", "${consumer_key}"),
        given_value("cs_example", "${consumer_secret}"),
    )
    asks("a shop to connect, with its key", "POST", "/connectors", body=body).will_respond_with(201).with_body(
        connector(state="importing", webhooks=[]), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as spotler:
        made = client(spotler, http).create(entered("https://shop.example"))

    assert (made.id, made.state) == (NUMBER, "importing")


@pytest.mark.parametrize(
    ("what", "body", "code", "sent"),
    [
        (
            "a shop to connect, with a key that it does not know",
            entered(given_value("https://shop.example", "${store_url}"), "ck_unknown", "cs_unknown"),
            "key_unknown",
            entered("https://shop.example", "ck_unknown", "cs_unknown"),
        ),
        (
            "a shop to connect, with the secret of another key",
            entered(
                given_value("https://shop.example", "${store_url}"),
                given_value("ck_example", "${consumer_key}"),
                "cs_unknown",
            ),
            "secret_wrong",
            entered("https://shop.example", "ck_example", "cs_unknown"),
        ),
        ("a shop to connect, at an address where nobody is", entered(SHOP), "shop_unreachable", entered(SHOP)),
    ],
    ids=["key", "secret", "address"],
)
def test_what_is_wrong_is_told_apart(
    pact: Pact, asks: Asks, http: Http, what: str, body: Any, code: str, sent: Any
) -> None:
    asks(what, "POST", "/connectors", body=body).will_respond_with(422).with_body(
        {**refusal(code), "errors": match.each_like({"field": match.string("f"), "message": match.string("m")})},
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as spotler, pytest.raises(Skip) as refused:
        client(spotler, http).create(sent)

    assert (refused.value.status, said(refused.value)) == (422, "Why it is so.")


def test_a_shop_is_connected_once(pact: Pact, asks: Asks, http: Http) -> None:
    asks("a shop that is connected already", "POST", "/connectors", given=CONNECTED, body=entered()).will_respond_with(
        409
    ).with_body(refusal("connected_already"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler, pytest.raises(Skip) as refused:
        client(spotler, http).create(entered())

    assert refused.value.status == 409


# -- a connector


def test_an_active_connector_is_read(pact: Pact, asks: Asks, http: Http) -> None:
    hooks = [{"topic": topic, "status": "active"} for topic in TOPICS]
    asks("the connector while it works", "GET", of(), given=CONNECTED).will_respond_with(200).with_body(
        connector(webhooks=hooks), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as spotler:
        known = client(spotler, http).read(NUMBER)

    assert (known.state, known.webhooks["order.created"]) == ("active", "active")


def test_a_connector_in_error_says_why(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "the connector while the shop refuses its key", "GET", of(), given=(("a connector in error", {}),)
    ).will_respond_with(200).with_body(
        connector(state="error", problem={"code": match.string("key_refused"), "message": match.string("Why.")}),
        content_type=JSON,
    )

    with pact.serve(addr="127.0.0.1") as spotler:
        known = client(spotler, http).read(NUMBER)

    assert (known.state, known.problem) == ("error", "Why.")


def test_a_removed_connector_can_still_be_read(pact: Pact, asks: Asks, http: Http) -> None:
    asks("the connector after it was removed", "GET", of(), given=(("a removed connector", {}),)).will_respond_with(
        200
    ).with_body(connector(state="removed", key_ends_in=None, webhooks=[]), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler:
        known = client(spotler, http).read(NUMBER)

    assert known.state == "removed"


def test_a_connector_that_never_was_is_a_404(pact: Pact, asks: Asks, http: Http) -> None:
    asks("a connector that never was", "GET", "/connectors/999999").will_respond_with(404).with_body(
        refusal("not_found"), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as spotler, pytest.raises(Skip) as missing:
        client(spotler, http).read(999_999)

    assert missing.value.status == 404


def test_settings_are_changed(pact: Pact, asks: Asks, http: Http) -> None:
    changes = {"name": "Another name", "opt_in_strategy": "none", "checkout_abandon_minutes": 60}
    asks("new settings of the connector", "PATCH", of(), given=CONNECTED, body=changes).will_respond_with(
        200
    ).with_body(connector(), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler:
        assert client(spotler, http).change(NUMBER, changes).state == "active"


def test_settings_of_a_removed_connector_are_gone(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "new settings of a removed connector",
        "PATCH",
        of(),
        given=(("a removed connector", {}),),
        body={"name": "Another name"},
    ).will_respond_with(410).with_body(refusal("connector_removed"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler, pytest.raises(Skip) as gone:
        client(spotler, http).change(NUMBER, {"name": "Another name"})

    assert gone.value.status == 410


def test_a_paused_connector_goes_on(pact: Pact, asks: Asks, http: Http) -> None:
    asks("a paused connector to go on", "POST", of("/resume"), given=(("a paused connector", {}),)).will_respond_with(
        200
    ).with_body(connector(), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler:
        assert client(spotler, http).resume(NUMBER).state == "active"


@pytest.mark.parametrize("given", [CONNECTED, (("a removed connector", {}),)], ids=["once", "twice"])
def test_a_connector_is_removed_and_twice_is_once(pact: Pact, asks: Asks, http: Http, given: Given) -> None:
    what = "the connector to be removed" if given is CONNECTED else "a removed connector to be removed"
    gone = connector(state="removed", key_ends_in=None, webhooks=[])
    del gone["problem"]  # whether some webhooks were left is no matter: they are looked for in the store
    asks(what, "DELETE", of(), given=given).will_respond_with(200).with_body(gone, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler:
        assert client(spotler, http).remove(NUMBER).state == "removed"


def test_open_alerts_say_what_could_not_be_synchronised(pact: Pact, asks: Asks, http: Http) -> None:
    alert = {"direction": "import", "object": "order", "ref": "12", "message": match.string("Why.")}
    asks(
        "the open alerts of the connector", "GET", of("/alerts"), ("state", "open"), given=(("an open alert", {}),)
    ).will_respond_with(200).with_body({"data": [alert]}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler:
        (row,) = client(spotler, http).alerts(NUMBER)

    assert (row["object"], row["ref"]) == ("order", "12")


def test_webhooks_are_put_in_order(pact: Pact, asks: Asks, http: Http) -> None:
    hooks = [{"topic": topic, "status": "active"} for topic in TOPICS]
    asks("the webhooks to be put in order", "POST", of("/webhooks"), given=OF_THE_STORE).will_respond_with(
        200
    ).with_body({"data": hooks}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler:
        assert client(spotler, http).repair(NUMBER) == dict.fromkeys(TOPICS, "active")


def test_webhooks_of_a_shop_that_does_not_answer_are_for_later(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "the webhooks of a shop that does not answer to be put in order", "POST", of("/webhooks"), given=CONNECTED
    ).will_respond_with(503).with_body(refusal("shop_does_not_answer"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler, pytest.raises(Retry):
        client(spotler, http).repair(NUMBER)


def test_webhooks_of_a_paused_connector_are_left_alone(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "the webhooks of a paused connector to be put in order",
        "POST",
        of("/webhooks"),
        given=(("a paused connector", {}),),
    ).will_respond_with(409).with_body(refusal("connector_paused"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as spotler, pytest.raises(Skip) as refused:
        client(spotler, http).repair(NUMBER)

    assert refused.value.status == 409


# -- checkouts


@pytest.mark.parametrize(
    ("what", "given", "status", "word"),
    [
        ("a checkout that is new", CONNECTED, 201, "pending"),
        ("a checkout that has changed", (("a connector", {}), ("a checkout", {"id": "21"})), 200, "pending"),
        (
            "a checkout that was an order before",
            (("a connector", {}), ("a checkout", {"id": "21", "status": "completed"})),
            200,
            "completed",
        ),
    ],
    ids=["new", "changed", "completed"],
)
def test_a_checkout_is_taken(
    pact: Pact, asks: Asks, http: Http, what: str, given: Given, status: int, word: str
) -> None:
    asks(what, "POST", of("/checkouts"), given=given, body=checkout()).will_respond_with(status).with_body(
        {"id": "21", "status": word}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as spotler:
        assert client(spotler, http).checkout(NUMBER, checkout()) == word


@pytest.mark.parametrize(
    ("what", "given", "status", "code"),
    [
        (
            "a checkout where the preset moves none",
            (("a connector", {"preset": "fulfilment"}),),
            409,
            "not_in_preset",
        ),
        ("a checkout after the connector was removed", (("a removed connector", {}),), 410, "connector_removed"),
        ("a checkout while the connector is paused", (("a paused connector", {}),), 409, "connector_paused"),
    ],
    ids=["preset", "removed", "paused"],
)
def test_a_checkout_that_is_not_wanted_is_refused(
    pact: Pact, asks: Asks, http: Http, what: str, given: Given, status: int, code: str
) -> None:
    asks(what, "POST", of("/checkouts"), given=given, body=checkout()).will_respond_with(status).with_body(
        refusal(code), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as spotler, pytest.raises(Skip) as refused:
        client(spotler, http).checkout(NUMBER, checkout())

    assert refused.value.status == status
