"""What sync needs from StockBurst: a setup code that connects or says why not, and health signals that are taken or
say what has changed."""

from __future__ import annotations

from typing import Any

import pytest
from pact import Pact, match

from storelab.contracts.examples import given_value
from storelab.contracts.interactions import EMPTY, JSON, Asks, Given
from storelab.sync.connectors.stockburst.client import StockBurst, rows_of
from storelab.sync.connectors.stockburst.health import signal
from storelab.sync.errors import GiveUp, Retry, Skip
from storelab.sync.joining import Refused
from storelab.sync.transport import Http

PROVIDER = "stockburst"
CODE, TOKEN, INTEGRATION = "SB-2345-6789", "sbt_example", "int_example"
STORE = "https://shop.example"
KEY, SECRET = "ck_" + "1" * 40, "cs_" + "2" * 40
CONNECTED_STORE = "http://127.0.0.1:9/shop"  # the store that the provider's states connect
DELIVERY = "http://stockburst.example/incoming"
VERSIONS = {"wordpress": "6.9.7", "woocommerce": "10.5.0", "php": "8.2.35"}

ASKED = {
    "within": "/api/integrations/woocommerce",
    "always": EMPTY,
    "authorization": given_value(f"Bearer {TOKEN}", "Bearer ${site_token}"),
}
OPEN: Given = (("an open setup code", {"code": CODE}),)
CONNECTED: Given = (("a connected store", {}),)


# -- connecting


def setup(store: Any = STORE, key: Any = KEY, secret: Any = SECRET) -> dict[str, Any]:
    return {
        "setup_code": CODE,
        "consent": {"accepted": True},
        "store": {"url": store},
        "versions": {"plugin": "1.0.1", **VERSIONS},
        "credentials": {"consumer_key": key, "consumer_secret": secret},
    }


def refusal(code: str) -> dict[str, Any]:
    """Exact where sync branches on it or shows it."""
    return {"code": code, "message": match.string("Why it is so.")}


def connect(pact: Pact, http: Http, store: str = STORE, key: str = KEY, secret: str = SECRET) -> dict[str, Any]:
    with pact.serve(addr="127.0.0.1") as stockburst:
        return StockBurst(str(stockburst.url), http).connect(CODE, store, VERSIONS, key, secret)


def test_a_good_code_with_a_key_that_opens_the_store_connects(pact: Pact, asks: Asks, http: Http) -> None:
    body = setup(
        given_value(STORE, "${store_url}"),
        given_value(KEY, "${consumer_key}"),
        given_value(SECRET, "${consumer_secret}"),
    )
    asks("a good setup code", "POST", "connect", body=body, given=OPEN, authorization=None).will_respond_with(
        201
    ).with_body(
        {
            "integration_id": match.string(INTEGRATION),
            "site_token": match.string(TOKEN),
            "webhook": {
                "delivery_url": match.regex(DELIVERY, regex=r"^https?://.+"),
                "secret": match.regex("s3cret", regex=r"^[0-9A-Za-z]+$"),
                "topics": match.each_like(match.regex("order.created", regex=r"^\w+\.\w+$"), min=1),
            },
            "health": {"interval_seconds": match.integer(3600)},
        },
        content_type=JSON,
    )

    given = connect(pact, http)

    assert given == {
        "integration_id": INTEGRATION,
        "site_token": TOKEN,
        "delivery_url": DELIVERY,
        "secret": "s3cret",
        "topics": ["order.created"],
        "interval": 3600,
    }


@pytest.mark.parametrize(
    ("what", "state", "status", "code"),
    [
        ("a setup code that nobody was given", (), 404, "code_unknown"),
        ("a setup code that was used", (("a used setup code", {"code": CODE}),), 409, "code_used"),
        ("a setup code that has expired", (("an expired setup code", {"code": CODE}),), 410, "code_expired"),
        (
            "a good setup code of an inactive account",
            (("an open setup code", {"code": CODE}), ("an inactive account", {})),
            403,
            "account_inactive",
        ),
    ],
    ids=["unknown", "used", "expired", "inactive"],
)
def test_a_code_that_is_not_taken_says_why(
    pact: Pact, asks: Asks, http: Http, what: str, state: Given, status: int, code: str
) -> None:
    asks(what, "POST", "connect", body=setup(), given=state, authorization=None).will_respond_with(status).with_body(
        refusal(code), content_type=JSON
    )

    with pytest.raises(Refused) as told:
        connect(pact, http)

    assert (told.value.code, str(told.value)) == (code, "Why it is so.")


def test_a_key_that_does_not_open_the_store_is_refused(pact: Pact, asks: Asks, http: Http) -> None:
    body = setup(given_value(STORE, "${store_url}"))
    asks(
        "a good setup code with a key that opens nothing", "POST", "connect", body=body, given=OPEN, authorization=None
    ).will_respond_with(422).with_body(refusal("credentials_rejected"), content_type=JSON)

    with pytest.raises(Refused) as told:
        connect(pact, http)

    assert told.value.code == "credentials_rejected"


def test_a_store_without_encryption_is_refused(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "a good setup code of a store without https",
        "POST",
        "connect",
        body=setup("http://shop.example"),
        given=OPEN,
        authorization=None,
    ).will_respond_with(422).with_body(refusal("https_required"), content_type=JSON)

    with pytest.raises(Refused) as told:
        connect(pact, http, "http://shop.example")

    assert told.value.code == "https_required"


def test_after_too_many_wrong_codes_one_has_to_wait(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "a setup code after too many wrong ones",
        "POST",
        "connect",
        body=setup(),
        given=(*OPEN, ("too many wrong codes", {})),
        authorization=None,
    ).will_respond_with(429).with_header("Retry-After", match.regex("900", regex=r"^\d+$")).with_body(
        refusal("too_many_codes"), content_type=JSON
    )

    with pytest.raises(Retry) as told:
        connect(pact, http)

    assert (told.value.after, told.value.sent) == (900, False)


# -- webhooks


def registration() -> dict[str, Any]:
    address = given_value(DELIVERY, "${delivery_url}")
    return {
        "integration_id": given_value(INTEGRATION, "${integration_id}"),
        "webhooks": [{"id": 7, "topic": "order.created", "status": "active", "delivery_url": address}],
    }


def register(pact: Pact, http: Http) -> None:
    with pact.serve(addr="127.0.0.1") as stockburst:
        StockBurst(str(stockburst.url), http).register(TOKEN, INTEGRATION, rows_of({"order.created": 7}, DELIVERY))


def test_the_webhooks_that_were_made_are_registered(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "the webhooks of a connected store", "POST", "webhooks", body=registration(), given=CONNECTED
    ).will_respond_with(200).with_body({"ok": True}, content_type=JSON)

    register(pact, http)


def test_webhooks_are_not_registered_with_a_revoked_token(pact: Pact, asks: Asks, http: Http) -> None:
    webhook = {"id": 7, "topic": "order.created", "status": "active", "delivery_url": DELIVERY}
    body = {"integration_id": given_value(INTEGRATION, "${integration_id}"), "webhooks": [webhook]}
    given: Given = (("a revoked token", {}),)
    asks("webhooks with a revoked token", "POST", "webhooks", body=body, given=given).will_respond_with(401).with_body(
        refusal("token_revoked"), content_type=JSON
    )

    with pytest.raises(GiveUp, match="token_revoked"):
        register(pact, http)


def test_webhooks_of_a_removed_integration_are_not_registered(pact: Pact, asks: Asks, http: Http) -> None:
    given: Given = (("a removed integration", {}),)
    asks("webhooks of a removed integration", "POST", "webhooks", body=registration(), given=given).will_respond_with(
        410
    ).with_body(refusal("integration_removed"), content_type=JSON)

    with pytest.raises(Skip) as told:
        register(pact, http)

    assert told.value.status == 410


# -- health


def told_health(*, store: str, status: str, error: str | None, state: str) -> dict[str, Any]:
    counts = {
        name: int(name in ("expected", state)) for name in ("expected", "active", "paused", "disabled", "missing")
    }
    return {
        "integration_id": given_value(INTEGRATION, "${integration_id}"),
        "store_url": store,
        "versions": {"plugin": "1.0.1", **VERSIONS},
        "status": status,
        "last_error": error,
        "webhooks": {
            "delivery_url": DELIVERY,
            "counts": counts,
            "topics": [{"topic": "order.created", "status": state, "failure_count": 6 * (state == "disabled")}],
        },
    }


def report(pact: Pact, http: Http, *, store: str = CONNECTED_STORE, state: str = "active", error: str = "") -> Any:
    kept = {"integration_id": INTEGRATION, "delivery_url": DELIVERY, "webhooks": {"order.created": 7}}
    row = {"id": 7, "topic": "order.created", "status": state, "delivery_url": DELIVERY}
    found = [] if state == "missing" else [{**row, "failures": 6 * (state == "disabled")}]
    body = signal(kept, store, VERSIONS, found, error)
    with pact.serve(addr="127.0.0.1") as stockburst:
        return StockBurst(str(stockburst.url), http).report(TOKEN, body)


@pytest.mark.parametrize(
    ("what", "status", "error", "state"),
    [
        ("a signal of a healthy store", "healthy", "", "active"),
        ("a signal that tells of an earlier error", "degraded", "POST /health answered 503", "active"),
        ("a signal whose webhooks are switched off", "error", "order.created is switched off", "disabled"),
        ("a signal whose webhooks are missing", "error", "order.created is missing", "missing"),
        ("a signal whose webhooks are paused", "error", "order.created is switched off", "paused"),
    ],
    ids=["healthy", "after-an-error", "off", "missing", "paused"],
)
def test_a_signal_is_taken_and_says_when_the_next_is_wanted(
    pact: Pact, asks: Asks, http: Http, what: str, status: str, error: str, state: str
) -> None:
    body = told_health(store=CONNECTED_STORE, status=status, error=error or None, state=state)
    asks(what, "POST", "health", body=body, given=CONNECTED).will_respond_with(200).with_body(
        {"ok": True, "next_ping_seconds": match.integer(3600)}, content_type=JSON
    )

    answer = report(pact, http, state=state, error=error)

    assert (answer.code, answer.next_ping) == ("", 3600)


@pytest.mark.parametrize(
    ("what", "given", "store", "status", "code"),
    [
        ("a signal with a revoked token", "a revoked token", CONNECTED_STORE, 401, "token_revoked"),
        ("a signal from another address", "a connected store", "https://moved.example", 409, "store_url_changed"),
        ("a signal of a removed integration", "a removed integration", CONNECTED_STORE, 410, "integration_removed"),
    ],
    ids=["revoked", "moved", "removed"],
)
def test_a_signal_that_is_not_taken_says_what_has_changed(
    pact: Pact, asks: Asks, http: Http, what: str, given: str, store: str, status: int, code: str
) -> None:
    body = told_health(store=store, status="healthy", error=None, state="active")
    asks(what, "POST", "health", body=body, given=((given, {}),)).will_respond_with(status).with_body(
        refusal(code), content_type=JSON
    )

    answer = report(pact, http, store=store)

    assert (answer.code, answer.message) == (code, "Why it is so.")


def test_a_signal_of_an_inactive_account_is_not_taken(pact: Pact, asks: Asks, http: Http) -> None:
    body = told_health(store=CONNECTED_STORE, status="healthy", error=None, state="active")
    given = (*CONNECTED, ("an inactive account", {}))
    asks("a signal of an inactive account", "POST", "health", body=body, given=given).will_respond_with(403).with_body(
        refusal("account_inactive"), content_type=JSON
    )

    assert report(pact, http).code == "account_inactive"
