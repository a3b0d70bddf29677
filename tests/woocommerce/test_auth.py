"""Who is let in, with what, and what the others are told. Signatures made by others are in the recordings."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.woocommerce import php
from storelab.emulators.woocommerce.auth import signature

CANNOT_VIEW = (401, "woocommerce_rest_cannot_view")
AUTH_ERROR = (401, "woocommerce_rest_authentication_error")


class Door:
    """The store of a world, knocked at with whatever one likes."""

    def __init__(self, world: LabClient) -> None:
        self.world = world
        self.store: dict[str, Any] = world.info()["store"]
        self.key, self.secret = self.store["consumer_key"], self.store["consumer_secret"]
        self.api = f"{self.store['url']}/wp-json/wc/v3"

    def knock(
        self, method: str = "GET", path: str = "/products", *, https: bool = True, **more: Any
    ) -> tuple[int, str, str]:
        """Status, code and message; "" for both where there is no error."""
        headers = {"X-Forwarded-Proto": "https"} if https else {}
        headers |= more.pop("headers", {})
        answer = requests.request(method, f"{self.api}{path}", headers=headers, timeout=30, **more)
        body = answer.json() if answer.content else {}
        if answer.status_code < 400 or not body:
            return answer.status_code, "", ""
        return answer.status_code, body["code"], body["message"]

    def signed(self, method: str = "GET", path: str = "/products", **changes: Any) -> dict[str, str]:
        """OAuth parameters for a request; a change to None leaves one out."""
        oauth = {
            "oauth_consumer_key": self.key,
            "oauth_timestamp": str(int(datetime.fromisoformat(self.world.clock()["now"]).timestamp())),
            "oauth_nonce": "n1",
            "oauth_signature_method": "HMAC-SHA256",
        }
        extra = changes.pop("extra", {})
        secret = changes.pop("secret", self.secret)
        oauth = {k: v for k, v in {**oauth, **changes}.items() if v is not None}
        method_name = oauth.get("oauth_signature_method", "HMAC-SHA256")
        if "oauth_signature" not in oauth:
            algorithm = method_name if method_name in ("HMAC-SHA1", "HMAC-SHA256") else "HMAC-SHA256"
            oauth["oauth_signature"] = signature(method, f"{self.api}{path}", {**oauth, **extra}, secret, algorithm)
        return {**oauth, **extra}


@pytest.fixture
def door(world: LabClient) -> Door:
    return Door(world)


def test_a_key_opens_by_basic_and_in_the_query_over_https(door: Door) -> None:
    assert door.knock(auth=(door.key, door.secret))[0] == 200
    assert door.knock(params={"consumer_key": door.key, "consumer_secret": door.secret})[0] == 200


def test_over_plain_http_neither_opens_and_the_journal_says_why(door: Door) -> None:
    assert door.knock(https=False, auth=(door.key, door.secret))[:2] == CANNOT_VIEW
    assert door.knock(https=False, params={"consumer_key": door.key, "consumer_secret": door.secret})[:2] == CANNOT_VIEW

    told = [exchange["reason"] for exchange in door.world.call("GET", "/journal")["exchanges"]]
    assert any("plain http" in reason for reason in told)


def test_a_wrong_key_looks_like_none_and_a_wrong_secret_does_not(door: Door) -> None:
    assert door.knock(auth=("ck_nobody", door.secret))[:2] == CANNOT_VIEW
    assert door.knock(auth=(door.key.upper(), door.secret))[:2] == CANNOT_VIEW
    assert door.knock(auth=(door.key, "cs_wrong")) == (*AUTH_ERROR, "Consumer secret is invalid.")


def test_the_query_outranks_the_header(door: Door) -> None:
    query = {"consumer_key": "ck_wrong", "consumer_secret": door.secret}

    assert door.knock(auth=(door.key, door.secret), params=query)[:2] == CANNOT_VIEW


@pytest.mark.parametrize(
    "header", ["Basic !!!", "Bearer abc", "Basic", "Basic " + base64.b64encode(b"\xff\xfe:x").decode()]
)
def test_a_header_that_is_no_key_is_nobody(door: Door, header: str) -> None:
    assert door.knock(headers={"Authorization": header})[:2] == CANNOT_VIEW


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/products", "woocommerce_rest_cannot_view"),
        ("POST", "/products", "woocommerce_rest_cannot_create"),
        ("GET", "/products/999", "woocommerce_rest_product_invalid_id"),
        ("GET", "/nope", "rest_no_route"),
    ],
)
def test_a_stranger_is_told_what_is_missing_before_who_is_missing(
    door: Door, method: str, path: str, code: str
) -> None:
    assert door.knock(method, path)[1] == code


@pytest.mark.parametrize(
    ("kind", "method", "message"),
    [
        ("read_only", "POST", "The API key provided does not have write permissions."),
        ("read_only", "DELETE", "The API key provided does not have write permissions."),
        ("write_only", "GET", "The API key provided does not have read permissions."),
    ],
)
def test_a_key_does_what_it_may(door: Door, kind: str, method: str, message: str) -> None:
    key = door.store[kind]

    assert door.knock(method, "/products/1", auth=(key["consumer_key"], key["consumer_secret"])) == (
        *AUTH_ERROR,
        message,
    )


def test_what_a_key_may_depends_on_the_method_that_is_meant(door: Door) -> None:
    key = (door.store["read_only"]["consumer_key"], door.store["read_only"]["consumer_secret"])

    assert door.knock("POST", auth=key, headers={"X-HTTP-Method-Override": "GET"})[0] == 200
    assert door.knock("GET", auth=key, params={"_method": "POST"})[:2] == AUTH_ERROR
    assert door.knock("OPTIONS", auth=key)[0] == 200


def test_a_key_opens_nothing_beside_woocommerce(door: Door) -> None:
    answer = requests.get(
        f"{door.store['url']}/wp-json/wp/v2/users/me",
        auth=(door.key, door.secret),
        headers={"X-Forwarded-Proto": "https"},
        timeout=30,
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "rest_not_logged_in")


def test_a_revoked_key_is_nobodys(door: Door) -> None:
    assert door.knock(auth=(door.key, door.secret))[0] == 200

    door.world.do("woocommerce", "revoke API key", consumer_key=door.key)

    assert door.knock(auth=(door.key, door.secret))[:2] == CANNOT_VIEW


def test_a_new_key_opens_at_once(door: Door) -> None:
    key = door.world.do("woocommerce", "create API key", permissions="read")

    assert door.knock(auth=(key["consumer_key"], key["consumer_secret"]))[0] == 200
    assert door.knock("POST", auth=(key["consumer_key"], key["consumer_secret"]))[:2] == AUTH_ERROR


# ---------------------------------------------------------------------------------------------- OAuth 1.0a


@pytest.mark.parametrize("algorithm", ["HMAC-SHA1", "HMAC-SHA256"])
def test_a_signature_opens_over_plain_http(door: Door, algorithm: str) -> None:
    query = door.signed(oauth_signature_method=algorithm, extra={"per_page": "3", "search": "a b"})

    assert door.knock(https=False, params=query)[0] == 200


def test_what_is_signed_is_the_address_that_the_store_gives_itself(door: Door) -> None:
    query = door.signed()
    door.api = door.api.replace("/wp-json", "//wp-json")  # the store's address with a slash at its end

    as_the_store = door.knock(https=False, params=query)
    as_it_was_called = door.knock(https=False, params=door.signed(oauth_nonce="n2"))

    assert as_the_store[0] == 200
    assert as_it_was_called[2] == "Invalid signature - provided signature does not match."


def test_a_signature_opens_from_the_header_too(door: Door) -> None:
    header = "OAuth " + ", ".join(f'{k}="{quote(v, safe="")}"' for k, v in door.signed().items())

    assert door.knock(https=False, headers={"Authorization": header})[0] == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("include%5B%5D=7&include%5B%5D=9&search=a+b~c%25d", "jKkRxyY0uHaYsLEeZAJVEvCSh/TzEznZJSrx8XwMSfU="),
        ("meta%5Bsize+x%5D%5B%C3%A9~%5D=gr%C3%B6%C3%9Fe%2F1&order=asc", "+1d1hOW87ftr8VGGmd73eTO0a2Nt2LxKTmTVeOJLtg8="),
        ("filter[a.b]=%5B+%5D&c.d=1&=x&[e]=2", "PwuNRHARY7AwF2d6mpvfI9+uTM0ENlTz23LBPBJeAjM="),
    ],
)
def test_a_signature_is_what_php_makes_of_the_query(query: str, expected: str) -> None:
    """The expected ones were made by PHP 8.2, in the way of WC_REST_Authentication."""
    parameters = php.nested(parse_qsl(query, keep_blank_values=True))
    url = "http://shop.example/wp-json/wc/v3/products"

    assert signature("GET", url, parameters, "cs_x", "HMAC-SHA256") == expected


def test_a_list_is_signed_by_its_indexes(door: Door) -> None:
    query = door.signed(extra={"include[0]": "5", "include[1]": "7"})

    assert door.knock(https=False, params=query)[0] == 200


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"oauth_signature": "AAAA"}, "Invalid signature - provided signature does not match."),
        ({"secret": "cs_wrong"}, "Invalid signature - provided signature does not match."),
        ({"oauth_consumer_key": "ck_unknown"}, "Consumer key is invalid."),
        ({"oauth_signature_method": "PLAINTEXT"}, "Invalid signature - signature method is invalid."),
        ({"oauth_timestamp": "1000000000"}, "Invalid timestamp."),
        ({"oauth_timestamp": "soon"}, "Invalid timestamp."),
        ({"oauth_nonce": None}, "Missing OAuth parameter oauth_nonce"),
        ({"oauth_nonce": None, "oauth_timestamp": None}, "Missing OAuth parameters oauth_timestamp, oauth_nonce"),
    ],
    ids=["signature", "secret", "key", "method", "old", "no time", "no nonce", "two missing"],
)
def test_a_bad_signature_is_refused_with_its_reason(door: Door, changes: dict[str, Any], message: str) -> None:
    status, _, told = door.knock(https=False, params=door.signed(**changes))

    assert (status, told) == (401, message)


def test_a_nonce_is_good_once(door: Door) -> None:
    query = door.signed()

    assert door.knock(https=False, params=query)[0] == 200
    assert door.knock(https=False, params=query)[2] == "Invalid nonce - nonce has already been used."


def test_time_is_the_worlds(door: Door) -> None:
    query = door.signed()

    door.world.clock(advance=16 * 60)

    assert door.knock(https=False, params=query)[2] == "Invalid timestamp."
    assert door.knock(https=False, params=door.signed(oauth_nonce="n2"))[0] == 200
