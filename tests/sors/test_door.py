"""Who gets in, into which database, and how a refusal looks."""

from __future__ import annotations

import pytest

from .conftest import HOME, Sors


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer {key}", "apikey {key}", "APIKEY {key}", "ApiKey  {key}", "ApiKey{key}", "{key}", "ApiKey wrong"],
)
def test_only_the_scheme_apikey_with_one_space_opens(sors: Sors, authorization: str) -> None:
    got = sors.ask("GET", "/databases", authorization=authorization.format(key=sors.key))

    assert (got.status, got.codes, got.data) == (401, ["UNAUTHORIZED"], None)
    assert not got.body["success"]


def test_a_good_key_opens_every_database(sors: Sors) -> None:
    got = sors.ask("GET", "/databases")

    closed = {d["id"]: d["isClosed"] for d in got.data}
    assert closed == {"MyDatabase2025": True, "MyDatabase2026": False, "Demo2": False}
    assert got.body["meta"] is None


def test_a_revoked_key_opens_nothing(sors: Sors) -> None:
    sors.do("revoke key", key=sors.key)

    assert sors.ask("GET", "/databases").status == 401
    assert sors.reasons()[-1] == "key 1 was revoked"


def test_no_reason_in_the_journal_shows_a_key(sors: Sors) -> None:
    for authorization in ("ApiKey wrong-key", f"Bearer {sors.key}", f"ApiKey {sors.key}x"):
        sors.ask("GET", "/databases", authorization=authorization)

    assert not any("wrong-key" in reason or sors.key in reason for reason in sors.reasons())


@pytest.mark.parametrize("database", ["MyDatabase1999", "Demo2", "mydatabase2026", "%00"])
def test_a_database_that_is_not_granted_is_as_one_that_is_not_there(sors: Sors, database: str) -> None:
    sors.do("withdraw database", database="Demo2")

    got = sors.ask("GET", f"/databases/{database}/articles")

    assert (got.status, got.codes) == (403, ["DATABASE_FORBIDDEN"])


def test_a_database_that_is_granted_again_opens(sors: Sors) -> None:
    sors.do("withdraw database")
    assert sors.ask("GET", f"{HOME}/articles").status == 403

    sors.do("grant database", database="MyDatabase2026")

    assert sors.ask("GET", f"{HOME}/articles").status == 200


def test_a_closed_database_is_read_and_not_written(sors: Sors) -> None:
    sors.state("a closed database")

    read = sors.ask("GET", "/databases/MyDatabase2025/inventory", query="businessUnitId=1")
    written = sors.ask("POST", "/databases/MyDatabase2025/customers", {"name": "Kupac"})

    assert [row["onHand"] for row in read.data] == [10]
    assert (written.status, written.codes) == (409, ["DATABASE_CLOSED"])


def test_the_minute_of_a_key_is_counted(sors: Sors) -> None:
    sors.do("set rate limit", per_minute=2)
    statuses = [sors.ask("GET", "/databases").status for _ in range(3)]
    sors.advance(10)

    got = sors.ask("GET", "/databases")

    assert statuses == [200, 200, 429]
    assert (got.status, got.codes, got.headers["Retry-After"]) == (429, ["RATE_LIMITED"], "50")
    sors.advance(50)
    assert sors.ask("GET", "/databases").status == 200


def test_an_account_may_answer_every_error_with_200(sors: Sors) -> None:
    sors.do("envelope 200 always")

    refusals = [
        sors.ask("GET", "/databases", authorization="ApiKey wrong"),
        sors.ask("GET", "/databases/Nowhere/articles"),
        sors.ask("POST", f"{HOME}/customers", {}),
        sors.ask("GET", f"{HOME}/documents/7"),
    ]

    assert {got.status for got in refusals} == {200}
    assert not any(got.body["success"] for got in refusals)
    assert [got.codes for got in refusals] == [["UNAUTHORIZED"], ["DATABASE_FORBIDDEN"], ["VALIDATION"], ["NOT_FOUND"]]


def test_a_body_that_is_no_json_and_a_text_without_end_are_told_apart(sors: Sors) -> None:
    broken = sors.post("/customers", b"{")
    endless = sors.post("/customers", {"name": "x" * 100_000})

    assert (broken.status, broken.codes) == (400, ["BAD_REQUEST"])
    assert (endless.status, endless.codes, endless.fields) == (422, ["VALIDATION"], ["name"])


def test_an_empty_account_has_what_a_new_one_has(sors: Sors) -> None:
    sors.state("an article in stock")
    sors.state("a customer")

    sors.state("an empty account")

    assert (sors.get("/articles"), sors.get("/customers"), sors.fact("documents")) == ([], [], {})
    assert sors.ask("GET", "/databases").status == 200


def test_an_unknown_address_and_an_unknown_method(sors: Sors) -> None:
    assert sors.ask("GET", "/nothing").codes == ["NOT_FOUND"]
    got = sors.ask("DELETE", f"{HOME}/customers")
    assert (got.status, got.codes, got.headers["Allow"]) == (405, ["METHOD_NOT_ALLOWED"], "GET, POST")


def test_what_is_wrong_is_named_by_its_field(sors: Sors) -> None:
    body = {"type": "gift", "businessUnitId": "x", "items": [{"code": "MUG", "quantity": 0}]}

    got = sors.post("/documents", body)

    assert got.status == 422
    assert set(got.fields) == {"type", "businessUnitId", "customerId", "items[0].quantity", "items[0].unitPrice"}
