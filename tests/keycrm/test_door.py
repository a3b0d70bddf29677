"""Keys, the sixty requests of a minute, and input that is no request at all."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Crm


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc", "Bearer  "])
def test_without_an_open_key_nobody_comes_in(crm: Crm, header: str) -> None:
    got = crm.ask("GET", "/users", headers={"authorization": header})

    assert (got.status, got.body) == (401, {"message": "Unauthenticated."})


def test_a_revoked_key_opens_nothing_and_a_new_one_does(crm: Crm) -> None:
    old = crm.key

    crm.do("revoke key")
    new = crm.do("issue key")["api_key"]

    assert crm.ask("GET", "/users", key=old).status == 401
    assert crm.ask("GET", "/users", key=new).status == 200
    assert [key["open"] for key in crm.fact("keys")] == [False, True]
    assert crm.world.credentials("keycrm") == {"api_key": new}


def test_a_key_is_known_by_its_scheme_in_any_case(crm: Crm) -> None:
    assert crm.ask("GET", "/users", headers={"authorization": f"bearer {crm.key}"}).status == 200


def test_the_sixty_first_request_of_a_minute_waits(crm: Crm) -> None:
    codes = [crm.ask("GET", "/users").status for _ in range(60)]
    refused = crm.ask("GET", "/users")

    crm.advance(float(refused.headers["Retry-After"]))

    assert set(codes) == {200}
    assert (refused.status, refused.body) == (429, {"message": "Too Many Attempts."})
    assert (refused.headers["Retry-After"], refused.headers["X-RateLimit-Remaining"]) == ("60", "0")
    assert crm.ask("GET", "/users").headers["X-RateLimit-Remaining"] == "59"


def test_a_refused_request_uses_the_minute_as_well(crm: Crm) -> None:
    crm.do("set rate limit", per_minute=2)

    codes = [crm.ask("GET", "/order/77").status for _ in range(3)]

    assert codes == [404, 404, 429]


def test_two_keys_from_one_address_share_its_minute_and_one_key_from_two_addresses_its_own(crm: Crm) -> None:
    crm.do("set rate limit", per_minute=2)
    second = crm.do("issue key")["api_key"]

    def code(key: str, address: str) -> int:
        return crm.ask("GET", "/users", key=key, headers={"x-forwarded-for": address}).status

    assert [code(crm.key, "10.0.0.1"), code(second, "10.0.0.1"), code(second, "10.0.0.1")] == [200, 200, 429]
    assert [code(crm.key, "10.0.0.2"), code(crm.key, "10.0.0.3")] == [200, 429]


def test_a_snapshot_carries_the_minute(crm: Crm) -> None:
    crm.state("a used up minute")
    world = crm.world
    world.save("spent")
    crm.advance(60)
    assert crm.ask("GET", "/users").status == 200

    world.restore("spent")

    assert crm.ask("GET", "/users").status == 429


def test_the_limit_can_be_lifted(crm: Crm) -> None:
    crm.do("set rate limit", per_minute=0)

    assert {crm.ask("GET", "/users").status for _ in range(70)} == {200}


@pytest.mark.parametrize(
    "raw",
    [b"{", b"\xff\xfe", b"[" * 20_000, b'{"a": "\xed\xa0\x80"}', b"nonsense", b'{"a": NaN}'],
    ids=["cut", "not utf-8", "deep", "surrogate bytes", "no json", "no number"],
)
def test_a_body_that_cannot_be_read_is_a_bad_request(crm: Crm, raw: bytes) -> None:
    got = crm.ask("POST", "/order", raw)

    assert got.status == 400
    assert list(got.body) == ["message"]


@pytest.mark.parametrize(
    "quantity",
    [b"1e400", b'"x"', b"null", b"true", b"1e10", b"[]", b"9" * 400],
)
def test_a_quantity_that_is_none_is_refused_by_its_name(crm: Crm, quantity: bytes) -> None:
    crm.state("an offer in stock")
    raw = b'{"warehouse_id": 1, "stocks": [{"sku": "MUG", "quantity": ' + quantity + b"}]}"

    got = crm.ask("PUT", "/offers/stocks", raw)

    assert got.status == 422
    assert list(got.body["errors"]) == ["stocks.0.quantity"]
    assert crm.fact("available") == {"MUG": 10}


@pytest.mark.parametrize(
    "body",
    [None, [], "x", 5, {}, {"warehouse_id": 1}, {"warehouse_id": 1, "stocks": []}, {"warehouse_id": 1, "stocks": {}}],
)
def test_a_body_of_another_shape_is_refused(crm: Crm, body: Any) -> None:
    assert crm.ask("PUT", "/offers/stocks", body).status == 422


def test_null_characters_and_half_pairs_do_no_harm(crm: Crm) -> None:
    raw = b'{"full_name": "A\\u0000B", "note": "x\\u0000", "email": ["a\\u0000@b"]}'

    made = crm.ask("POST", "/buyer", raw)
    half = crm.ask("POST", "/buyer", b'{"full_name": "\\ud800"}')

    assert (made.status, made.body["full_name"], made.body["email"]) == (201, "AB", ["a@b"])
    assert half.status in (201, 400)
    assert crm.ask("GET", "/buyer", query="filter[buyer_email]=a%00@b,%ff").body["total"] in (0, 1)


def test_unknown_fields_are_ignored_however_odd(crm: Crm) -> None:
    raw = b'{"full_name": "A", "shipping": [{"x": 123456789012345678901234567890}], "y": {"z": 1e300}}'

    assert crm.ask("POST", "/buyer", raw).status == 201


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/order/0", 404),
        ("/order/99999999999999999999", 404),
        ("/order/abc", 404),
        ("/nothing", 404),
        ("/warehouses", 404),
        ("/storage/attachment/spaceship/1", 404),
    ],
)
def test_what_does_not_exist_is_not_found(crm: Crm, path: str, code: int) -> None:
    assert crm.ask("GET", path).status == code


def test_another_method_is_not_allowed_and_the_answer_names_those_that_are(crm: Crm) -> None:
    got = crm.ask("DELETE", "/offers")

    assert (got.status, got.headers["Allow"]) == (405, "GET, HEAD, PUT")


def test_seen_live_no_page_has_more_than_fifty_rows_whatever_is_asked_for(crm: Crm) -> None:
    crm.state("a catalogue", size=60)
    refused = crm.ask("GET", "/offers", query="limit=100")
    crm.state("an observed account")

    page = crm.get("/offers", "limit=100&sort=-id")

    assert refused.status == 422
    assert (len(page["data"]), page["per_page"], page["last_page"], page["data"][0]["id"]) == (50, 50, 2, 60)
    assert page["next_page_url"].endswith("/offers?limit=100&sort=-id&page=2")
    assert [crm.ask("GET", "/offers", query=query).status for query in ("limit=0", "limit=100&page=0")] == [422, 422]


@pytest.mark.parametrize("query", ["limit=0", "limit=51", "limit=x", "page=0", "page=-1", "limit=", "page=1.5"])
def test_a_page_that_cannot_be_is_refused(crm: Crm, query: str) -> None:
    assert crm.ask("GET", "/offers", query=query).status == 422
