"""What comes by WooCommerce's webhooks: who is believed, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from storelab.sync.inbox import (
    Inbox,
    Malformed,
    NotSigned,
    check_signature,
    is_ping,
    same_store,
    signature_of,
    told,
)
from storelab.sync.ledger import Ledger
from storelab.sync.twins import Twin

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
ORDER = {"x-wc-webhook-topic": "order.updated"}


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    found = Ledger()
    with found.begin() as book:
        for name in ("con_1", "con_2"):
            book.add_connection(
                id=name, backend="acme", store_url=f"https://{name}.example", backend_url="", status="active",
                settings={}, learned={}, secrets=found.vault.sealed({}), created_at=NOW,
            )  # fmt: skip
    yield found
    found.close()


@given(secret=st.text(min_size=1), body=st.binary(), other=st.binary())
def test_only_the_very_bytes_fit_a_signature(secret: str, body: bytes, other: bytes) -> None:
    headers = {"x-wc-webhook-signature": signature_of(secret, body)}

    check_signature(["not this one", secret], headers, body)
    if other != body:
        with pytest.raises(NotSigned):
            check_signature([secret], headers, other)


@pytest.mark.parametrize(
    ("secrets", "given_"),
    [(["s"], ""), ([""], signature_of("", b"{}")), ([], "x"), (["s"], signature_of("t", b"{}")), (["s"], "é")],
    ids=["no-signature", "empty-secret", "no-secret", "other-secret", "not-ascii"],
)
def test_what_is_not_signed_with_our_secret_is_refused(secrets: list[str], given_: str) -> None:
    with pytest.raises(NotSigned):
        check_signature(secrets, {"x-wc-webhook-signature": given_}, b"{}")


def test_a_secret_is_taken_as_wordpress_decodes_it() -> None:
    assert signature_of("a&amp;b", b"{}") == signature_of("a&b", b"{}")


@pytest.mark.parametrize(
    ("headers", "body", "ping"),
    [
        ({"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=7", True),
        ({"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=7&order=1", False),
        ({"content-type": "application/json"}, b"webhook_id=7", False),
    ],
)
def test_a_ping_is_the_number_of_the_webhook_and_nothing_else(headers: dict[str, str], body: bytes, ping: bool) -> None:
    assert is_ping(headers, body) is ping


@pytest.mark.parametrize(
    ("source", "ours"),
    [
        ("https://shop.example/", True),
        ("https://SHOP.example", True),
        ("http://shop.example/", True),
        ("https://staging.shop.example/", False),
        ("https://shop.example/staging/", False),
        ("", False),
        ("http://[x", False),
    ],
)
def test_a_copy_of_the_store_is_told_from_the_store(source: str, ours: bool) -> None:
    assert same_store(source, "https://shop.example") is ours


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "not JSON"),
        (b"[]", "not an object"),
        (b"{}", "no id"),
        (b'{"id": true}', "no id"),
        (b'{"code": "woocommerce_rest_cannot_view", "message": "Sorry"}', "woocommerce_rest_cannot_view"),
    ],
)
def test_an_error_in_place_of_the_thing_is_malformed(body: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        told(ORDER, body)


def test_a_delivery_tells_of_a_kind_and_a_number() -> None:
    found = told(ORDER, json.dumps({"id": 17, "status": "processing"}).encode())

    assert (found.topic, found.kind, found.id) == ("order.updated", "order", 17)


def test_what_is_told_twice_waits_once_and_in_its_order(ledger: Ledger) -> None:
    with ledger.begin() as book:
        for key in ("17", "18", "17"):
            book.inbox.add("con_1", "order", key, NOW, topic="order.updated")
        book.inbox.add("con_2", "order", "99", NOW)

        waiting = [entry.key for entry in book.inbox.waiting("con_1", "order")]

    assert waiting == ["18", "17"]


def test_what_is_told_while_it_is_looked_at_stays(ledger: Ledger) -> None:
    with ledger.begin() as book:
        book.inbox.add("con_1", "order", "17", NOW)
        looked_at = book.inbox.waiting("con_1", "order")
    with ledger.begin() as book:
        book.inbox.add("con_1", "order", "17", NOW)

        book.inbox.done(looked_at)

        assert [entry.key for entry in book.inbox.waiting("con_1", "order")] == ["17"]


def test_what_is_quarantined_sets_nothing_in_motion(ledger: Ledger) -> None:
    with ledger.begin() as book:
        book.inbox.add("con_1", "order", "17", NOW, state="quarantined")

        assert not book.inbox.has("con_1", "order")
        assert book.inbox.count("con_1", "quarantined") == 1
        assert book.due_connections(NOW) == []


def test_an_entry_makes_its_connection_due(ledger: Ledger) -> None:
    with ledger.begin() as book:
        book.inbox.add("con_1", "order", "17", NOW)

        assert book.due_connections(NOW) == ["con_1"]


def test_the_timetable_tells_what_is_due_and_what_comes_next(ledger: Ledger) -> None:
    with ledger.begin() as book:
        book.timetable.set("con_1", "health", NOW + timedelta(hours=1))
        book.timetable.set("con_1", "poll", NOW)
        book.timetable.set("con_1", "poll", NOW + timedelta(minutes=5))

        assert book.timetable.due("con_1", NOW) == []
        assert book.timetable.due("con_1", NOW + timedelta(hours=2)) == ["poll", "health"]
        assert book.timetable.next("con_1") == NOW + timedelta(minutes=5)


def test_mappings_outlive_a_disconnect_and_hints_do_not(ledger: Ledger) -> None:
    with ledger.begin() as book:
        book.twins.put("con_1", [Twin("order", "17", "doc-1", "exported", {"number": "A1"})], NOW)
        book.inbox.add("con_1", "order", "18", NOW)
        book.timetable.set("con_1", "health", NOW)

        book.forget("con_1")

        assert book.twins.get("con_1", "order", "17") == Twin("order", "17", "doc-1", "exported", {"number": "A1"})
        assert book.twins.count("con_1") == {"order exported": 1}
        assert not book.inbox.has("con_1", "order")
        assert book.timetable.next("con_1") is None


def test_what_was_settled_long_ago_is_not_read_again(ledger: Ledger) -> None:
    with ledger.begin() as book:
        for key, state, minute in (("1", "done", 0), ("2", "done", 10), ("3", "new", 0), ("4", "over", 0)):
            book.twins.put("con_1", [Twin("order", key, state=state)], NOW + timedelta(minutes=minute))

        moving = book.twins.moving("con_1", "order", settled=("done", "over"), since=NOW + timedelta(minutes=5))

    assert [twin.key for twin in moving] == ["2", "3"]


def test_the_inbox_is_of_its_connection_alone(ledger: Ledger) -> None:
    with ledger.begin() as book:
        inbox = Inbox(book.sql)
        inbox.add("con_1", "order", "17", NOW)

        inbox.forget("con_2")

        assert inbox.has("con_1", "order")
