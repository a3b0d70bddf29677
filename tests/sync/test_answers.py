"""What an answer of a store or a backend means for the work that waits for it."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from storelab.sync.errors import GiveUp, Retry, Skip
from storelab.sync.transport import Answer, Http, checked
from storelab.sync.woocommerce import Store


def answered(status: int, **headers: str) -> Answer:
    return Answer("GET /orders", status, {name.replace("_", "-"): value for name, value in headers.items()}, b"{}")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_success_is_what_was_waited_for(status: int) -> None:
    assert checked(answered(status)).status == status


@pytest.mark.parametrize(
    ("wanted", "status"),
    [(Retry, n) for n in (408, 429, 500, 502, 503, 504, 599)]
    + [(GiveUp, n) for n in (300, 301, 302, 307, 308, 399, 401, 403)]
    + [(Skip, n) for n in (400, 404, 405, 409, 410, 413, 422, 428, 430, 451, 499)],
)
def test_a_refusal_means_later_never_or_not_this_one(wanted: type[Exception], status: int) -> None:
    with pytest.raises(wanted) as told:
        checked(answered(status))

    assert type(told.value) is wanted
    assert status == 429 or str(status) in str(told.value)


def test_what_was_refused_for_its_number_was_not_done() -> None:
    with pytest.raises(Retry) as many:
        checked(answered(429, retry_after="7"))
    with pytest.raises(Retry) as down:
        checked(answered(500))

    assert (many.value.sent, many.value.after) == (False, 7)
    assert (down.value.sent, down.value.after) == (True, None)


def test_an_address_that_moved_is_named_without_what_it_was_asked_with() -> None:
    with pytest.raises(GiveUp, match=r"moved to https://new\.example/api; connect") as told:
        checked(answered(301, location="https://u:p@new.example/api?key=secret"))

    assert "secret" not in str(told.value)


@pytest.mark.parametrize("total", ["", "many", "-1", "1.5", "²", "9" * 5000])
def test_a_list_that_does_not_say_how_long_it_is_is_asked_again(total: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store("http://127.0.0.1:9", "ck", "cs", Http())
    monkeypatch.setattr(store, "call", lambda *_, **__: Answer("GET /orders", 200, {"x-wp-total": total}, b"[]"))

    with pytest.raises(Retry, match="X-WP-Total"):
        store.rows("/orders")


headers = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40) | st.sampled_from(
    ["http://[x", "http://h:99999999/", "//", "²", "9" * 400, "-1", "Fri, 31 Dec 9999 23:59:59 -9999", "1e999", "nan"]
)


@given(st.integers(100, 999), headers, headers, st.binary(max_size=30))
def test_whatever_a_far_end_says_is_a_success_or_one_of_the_three(
    status: int, location: str, retry_after: str, body: bytes
) -> None:
    answer = Answer("GET /orders", status, {"location": location, "retry-after": retry_after, "date": location}, body)

    later: Retry | None = None
    try:
        assert 200 <= checked(answer).status < 300
    except Retry as told:
        later = told
    except (Skip, GiveUp):
        pass

    assert later is None or later.after is None or 0 <= later.after < float("inf")
