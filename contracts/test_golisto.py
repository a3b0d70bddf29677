"""What the plugin needs from Golisto: the page of the first step, credentials that are taken or refused with a reason,
the status, and the end."""

from __future__ import annotations

from typing import Any

import pytest
from pact import Pact, match

from storelab.contracts.examples import CONSUMER_KEY, CONSUMER_SECRET, given_value
from storelab.contracts.interactions import JSON, Asks, Given
from storelab.sync.errors import GiveUp, Retry, Skip
from storelab.sync.golisto.client import TOPICS, Golisto, Standing, connect_page
from storelab.sync.transport import Http

PROVIDER = "golisto"
SHOP, TOKEN, SITE_TOKEN = "https://shop.example", "example-connect-token-of-a-linked-store", "example-site-token"
SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
KEY = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}
ASKED = {"authorization": given_value(f"Bearer {SITE_TOKEN}", "Bearer ${site_token}")}
STORE_URL = given_value(SHOP, "${store_url}")
CREDENTIALS = "/api/woocommerce/connect/credentials"

LINKED: Given = (("a linked store", {}),)
APPROVED: Given = (("an approved store", {}),)


def credentials(**changed: Any) -> dict[str, Any]:
    """What is posted: the store's own values where it matters, so that the key can be tried."""
    return {
        "connect_token": TOKEN,
        "store_url": STORE_URL,
        "currency": "USD",
        "consumer_key": given_value(CONSUMER_KEY, "${consumer_key}"),
        "consumer_secret": given_value(CONSUMER_SECRET, "${consumer_secret}"),
        "webhook_secret": SECRET,
        **changed,
    }


def connected(status: str) -> dict[str, Any]:
    return {
        "shop_id": match.string("shop_1"),
        "status": status,
        "site_token": match.string(SITE_TOKEN),
        "webhooks": {"delivery_url": match.regex(f"{SHOP}/w", regex=r"^https?://.+"), "topics": list(TOPICS)},
    }


def refusal(code: str) -> dict[str, Any]:
    """The code is exact, and the message is there for people."""
    return {"code": code, "message": match.string("Why.")}


def invalid(field: str) -> dict[str, Any]:
    return {**refusal("invalid"), "errors": {field: match.each_like(match.string("What is wrong."))}}


# -- the page


def test_the_connect_page_shows_itself(pact: Pact, asks: Asks, http: Http) -> None:
    asked = {"store_url": SHOP, "currency": "USD", "return_url": f"{SHOP}/return", "state": "example-state"}
    asks(
        "a browser that the plugin has sent",
        "GET",
        "/woocommerce/connect",
        *asked.items(),
        authorization=None,
    ).will_respond_with(200).with_header("Content-Type", "text/html; charset=utf-8")

    with pact.serve(addr="127.0.0.1") as golisto:
        answer = http.send("GET", connect_page(str(golisto.url), asked))

    assert answer.status == 200


def test_the_page_is_at_golisto_com_and_the_rest_at_its_api() -> None:
    assert connect_page("https://api.golisto.com", {"state": "x y"}) == (
        "https://golisto.com/woocommerce/connect?state=x%20y"
    )


# -- credentials


def test_credentials_are_taken_and_the_store_waits_for_its_review(pact: Pact, asks: Asks, http: Http) -> None:
    asks(
        "the credentials of a store that was linked",
        "POST",
        CREDENTIALS,
        given=LINKED,
        authorization=None,
        body=credentials(),
    ).will_respond_with(201).with_body(connected("awaiting_approval"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as golisto:
        accepted = Golisto(str(golisto.url), http).connect(TOKEN, SHOP, "USD", KEY, SECRET)

    assert (accepted.status, accepted.topics, accepted.site_token) == ("awaiting_approval", TOPICS, SITE_TOKEN)


@pytest.mark.parametrize(
    ("what", "given", "status", "code", "error"),
    [
        ("a connect token that nobody gave", (("no store", {}),), 401, "token_invalid", GiveUp),
        ("a connect token that was used", (("a used token", {}),), 401, "token_invalid", GiveUp),
        (
            "a connect token for another store",
            (("a linked store", {"store_url": "https://other.example"}),),
            401,
            "token_invalid",
            GiveUp,
        ),
        ("a connect token of eleven minutes ago", (("an expired token", {}),), 410, "token_expired", Skip),
        (
            "credentials of a store that another account has connected",
            (("a store of another merchant", {}),),
            409,
            "store_already_linked",
            Skip,
        ),
    ],
    ids=["unknown", "used", "other-store", "expired", "other-account"],
)
def test_a_link_that_is_not_good_is_refused(
    pact: Pact, asks: Asks, http: Http, what: str, given: Given, status: int, code: str, error: type[Exception]
) -> None:
    url = SHOP if "another store" in what else STORE_URL
    asks(what, "POST", CREDENTIALS, given=given, authorization=None, body=credentials(store_url=url)).will_respond_with(
        status
    ).with_body(refusal(code), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as golisto, pytest.raises(error, match=code):
        Golisto(str(golisto.url), http).connect(TOKEN, SHOP, "USD", KEY, SECRET)


@pytest.mark.parametrize(
    ("what", "field", "changed"),
    [
        ("a currency that Golisto does not sell in", "currency", {"currency": "XAU"}),
        ("a currency that the store does not sell in", "currency", {"currency": "EUR"}),
        ("a webhook secret that is too short", "webhook_secret", {"webhook_secret": "short"}),
        ("a key that does not open the store", "consumer_key", {"consumer_key": "ck_wrong"}),
    ],
    ids=["currency", "other-currency", "secret", "key"],
)
def test_credentials_that_do_not_fit_are_refused_by_field(
    pact: Pact, asks: Asks, http: Http, what: str, field: str, changed: dict[str, str]
) -> None:
    asks(what, "POST", CREDENTIALS, given=LINKED, authorization=None, body=credentials(**changed)).will_respond_with(
        422
    ).with_body(invalid(field), content_type=JSON)
    sent = {"currency": "USD", "webhook_secret": SECRET, **KEY, **changed}

    with pact.serve(addr="127.0.0.1") as golisto, pytest.raises(Skip, match="invalid"):
        Golisto(str(golisto.url), http).connect(TOKEN, SHOP, sent["currency"], sent, sent["webhook_secret"])


def test_a_store_over_plain_http_is_refused(pact: Pact, asks: Asks, http: Http) -> None:
    plain = "http://shop.example"
    asks(
        "credentials of a store without https",
        "POST",
        CREDENTIALS,
        given=(("a linked store", {"store_url": plain}),),
        authorization=None,
        body=credentials(store_url=plain),
    ).will_respond_with(422).with_body(invalid("store_url"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as golisto, pytest.raises(Skip, match="invalid"):
        Golisto(str(golisto.url), http).connect(TOKEN, plain, "USD", KEY, SECRET)


# -- renewal


@pytest.mark.parametrize(
    ("what", "currency", "status"),
    [
        ("a new webhook secret of an approved store", "USD", "approved"),
        ("another currency of an approved store", "EUR", "awaiting_approval"),
    ],
    ids=["secret", "currency"],
)
def test_a_connected_store_renews_what_it_has_sent(
    pact: Pact, asks: Asks, http: Http, what: str, currency: str, status: str
) -> None:
    body = {"store_url": STORE_URL, "currency": currency, "webhook_secret": SECRET}
    asks(what, "POST", CREDENTIALS, given=APPROVED, body=body).will_respond_with(200).with_body(
        connected(status), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as golisto:
        accepted = Golisto(str(golisto.url), http, SITE_TOKEN).renew(SHOP, currency, SECRET)

    assert accepted.status == status


def test_nobody_renews_without_a_token_that_is_good(pact: Pact, asks: Asks, http: Http) -> None:
    body = {"store_url": STORE_URL, "currency": "USD", "webhook_secret": SECRET}
    asks(
        "a new webhook secret of a store that is not connected any more",
        "POST",
        CREDENTIALS,
        given=(("a disconnected store", {}),),
        body=body,
    ).will_respond_with(401).with_body(refusal("site_token_invalid"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as golisto, pytest.raises(GiveUp, match="site_token_invalid"):
        Golisto(str(golisto.url), http, SITE_TOKEN).renew(SHOP, "USD", SECRET)


# -- status


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        ("an awaiting store", "awaiting_approval", ""),
        ("an approved store", "approved", ""),
        ("a suspended store", "suspended", "A question is open."),
        ("a rejected store", "rejected", "Not for us."),
    ],
)
def test_the_status_says_how_the_store_stands(
    pact: Pact, asks: Asks, http: Http, state: str, status: str, reason: str
) -> None:
    asks(
        f"the status of {state}", "GET", "/api/woocommerce/status", ("store_url", STORE_URL), given=((state, {}),)
    ).will_respond_with(200).with_body(
        {"status": status, "reason": match.string(reason) if reason else None}, content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as golisto:
        standing = Golisto(str(golisto.url), http, SITE_TOKEN).standing(SHOP)

    assert standing == Standing(status, reason)


@pytest.mark.parametrize(
    ("what", "given", "url", "status", "code"),
    [
        (
            "the status of a store that was disconnected",
            (("a disconnected store", {}),),
            STORE_URL,
            401,
            "site_token_invalid",
        ),
        ("the status of a copy of the store", APPROVED, "https://staging.shop.example", 404, "unknown_store"),
    ],
    ids=["disconnected", "copy"],
)
def test_a_status_that_there_is_not_ends_the_connection(
    pact: Pact, asks: Asks, http: Http, what: str, given: Given, url: Any, status: int, code: str
) -> None:
    asks(what, "GET", "/api/woocommerce/status", ("store_url", url), given=given).will_respond_with(status).with_body(
        refusal(code), content_type=JSON
    )

    with pact.serve(addr="127.0.0.1") as golisto, pytest.raises(GiveUp, match=code):
        Golisto(str(golisto.url), http, SITE_TOKEN).standing(url if isinstance(url, str) else SHOP)


# -- the end


@pytest.mark.parametrize("state", ["an approved store", "an awaiting store", "a disconnected store"])
def test_saying_goodbye_ends_it_also_the_second_time(pact: Pact, asks: Asks, http: Http, state: str) -> None:
    asks(
        f"goodbye of {state}",
        "POST",
        "/api/woocommerce/disconnect",
        given=((state, {}),),
        body={"store_url": STORE_URL, "reason": "moved on"},
    ).will_respond_with(200).with_body({"status": "disconnected"}, content_type=JSON)

    with pact.serve(addr="127.0.0.1") as golisto:
        Golisto(str(golisto.url), http, SITE_TOKEN).disconnect(SHOP, "moved on")


def test_a_copy_of_the_store_cannot_cut_it_off(pact: Pact, asks: Asks, http: Http) -> None:
    copy = "https://staging.shop.example"
    asks(
        "goodbye of a copy of the store",
        "POST",
        "/api/woocommerce/disconnect",
        given=APPROVED,
        body={"store_url": copy, "reason": "test"},
    ).will_respond_with(409).with_body(refusal("store_mismatch"), content_type=JSON)

    with pact.serve(addr="127.0.0.1") as golisto, pytest.raises(Skip, match="store_mismatch"):
        Golisto(str(golisto.url), http, SITE_TOKEN).disconnect(copy, "test")


# -- what the client makes of answers that nobody agreed on


def test_an_answer_that_connects_nothing_is_asked_for_again(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    from storelab.sync.transport import Answer

    asked: list[str] = []

    def send(method: str, url: str, **more: Any) -> Answer:
        asked.append(url)
        return Answer(f"{method} {url}", 201, {}, b"{}")

    monkeypatch.setattr(http, "send", send)

    with pytest.raises(Retry, match="nothing that connects"):
        Golisto("https://api.golisto.com", http).connect(TOKEN, SHOP, "USD", KEY, SECRET)

    assert asked == ["https://api.golisto.com/api/woocommerce/connect/credentials"] * 3
