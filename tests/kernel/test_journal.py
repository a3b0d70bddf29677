"""The journal keeps what happened, and no secret."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from storelab.emulators.kernel.journal import Exchange, Journal, as_har, masked_body, masked_url

from .conftest import Acme


def exchange(number: int = 1, **changed: Any) -> Exchange:
    values: dict[str, Any] = {
        "number": number,
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "direction": "in",
        "service": "acme",
        "operation": "acme.list",
        "method": "GET",
        "url": "http://x/acme/items?consumer_secret=cs_1&page=2",
        "request_headers": (("Authorization", "Bearer sk_1"), ("Accept", "*/*")),
        "request_body": b'{"api_key": "sk_1", "sku": "MUG"}',
        "status": 200,
        "response_headers": (),
        "response_body": b"[]",
        "seconds": 0.1,
    }
    return Exchange(**{**values, **changed})


def test_no_secret_is_ever_shown() -> None:
    shown = str(exchange().as_json()) + str(as_har([exchange()], "1"))

    assert "sk_1" not in shown
    assert "cs_1" not in shown
    assert "MUG" in shown
    assert "page=2" in shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"consumer_secret=cs_1&name=x", "consumer_secret=***&name=x"),
        (b'{"a": [{"password": "p"}]}', '{"a": [{"password": "***"}]}'),
        (b'{"url": "http://h/?token=abc"}', '{"url": "http://h/?token=***"}'),
        (b'{"secret": "s", "broken": ', '{"secret": "***", "broken": '),
        (
            b'{"secret": "two \\"words", "quantity": 5, "password": 12',
            '{"secret": "***", "quantity": 5, "password": ***',
        ),
        (b' \n{"secret": "two words"}', '{"secret": "***"}'),
        (b"name=x&meta[secret]=s&consumer%5Fsecret=cs", "name=x&meta[secret]=***&consumer%5Fsecret=***"),
        (b'<a href="/?x=1&amp;token=abc">', '<a href="/?x=1&amp;token=***">'),
        (b'<input name="token" value="abc"> abc', '<input name="token" value="***"> abc'),
        (b"<INPUT type=hidden value=abc name='token'>", "<INPUT type=hidden value=*** name='token'>"),
        (b'<input name="woocommerce-login-nonce" value="abc">', '<input name="woocommerce-login-nonce" value="***">'),
        (b'<input name="sku" value="abc">', '<input name="sku" value="abc">'),
        (b"see http://me:pass@h/", "see http://me:***@h/"),
        (b"\xff\xfe", "��"),
    ],
)
def test_bodies_are_masked_also_when_they_are_broken(body: bytes, shown: str) -> None:
    assert masked_body(body) == shown


def test_tokens_in_addresses_are_masked() -> None:
    assert masked_url("http://h/hook?token=abc&x=1") == "http://h/hook?token=***&x=1"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://h/?consumer_secret[]=cs_1", "http://h/?consumer_secret[]=***"),
        ("http://h/?consumer%5Fsecret=cs_1&x=1", "http://h/?consumer%5Fsecret=***&x=1"),
        ("http://h/?consumer.secret=cs_1", "http://h/?consumer.secret=***"),
        ("http://me:pass@h:80/?x=me:you@h", "http://me:***@h:80/?x=me:you@h"),
        ("http://h:80/a@b?secretary=1", "http://h:80/a@b?secretary=1"),
    ],
)
def test_a_secret_is_masked_however_its_name_is_written(url: str, shown: str) -> None:
    assert masked_url(url) == shown


def test_what_a_reason_says_of_an_address_is_masked() -> None:
    shown = exchange(reason="ftp://h/?token=abc is not an http or https address")

    assert shown.as_json()["reason"] == "ftp://h/?token=*** is not an http or https address"
    assert "abc" not in str(as_har([shown], "1"))


def test_it_is_bounded_by_count_and_by_bytes() -> None:
    journal = Journal(most=5, most_bytes=10_000)

    for number in range(1, 10):
        journal.add(exchange(number))
    assert [e.number for e in journal] == [5, 6, 7, 8, 9]

    journal.add(exchange(10, response_body=b"x" * 9_000))
    assert [e.number for e in journal] == [10]


@pytest.mark.parametrize("large", [{"url": "http://x/?" + "a" * 9_000}, {"request_headers": (("X", "a" * 9_000),)}])
def test_long_addresses_and_headers_count_too(large: dict[str, Any]) -> None:
    journal = Journal(most=5, most_bytes=15_000)

    journal.add(exchange(1, **large))
    journal.add(exchange(2, **large))

    assert [e.number for e in journal] == [2]


def test_it_finds_by_service_status_text_and_order(backend: Acme) -> None:
    backend.call("POST", "/items", {"sku": "MUG"})
    backend.call("GET", "/items/9")
    journal = backend.lab.world().journal

    assert [e.status for e in journal.find(text="MUG")] == [201]
    assert [e.status for e in journal.find(status=404)] == [404]
    assert [e.number for e in journal.find(after=1)] == [2]
    assert [e.status for e in journal.find(limit=1)] == [404]
    assert [e.operation for e in journal.find(method="post")] == ["acme.create_item"]
