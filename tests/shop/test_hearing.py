"""What a store sends: reading a delivery's headers, and whether its signature fits."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.kernel import Request
from storelab.emulators.shop import Webhook, signature_fits, webhook


def came(headers: Mapping[str, str], body: bytes = b"{}") -> Request:
    return Request("POST", "/hooks", "http://acme", headers=headers, body=body)


def test_a_delivery_is_read_from_its_headers() -> None:
    headers = {
        "x-wc-webhook-source": "https://shop.example/",
        "x-wc-webhook-topic": "order.updated",
        "x-wc-webhook-resource": "order",
        "x-wc-webhook-event": "updated",
        "x-wc-webhook-signature": "c2ln",
        "x-wc-webhook-id": "7",
        "x-wc-webhook-delivery-id": "d34d",
    }

    assert webhook(came(headers)) == Webhook(
        "order.updated", "order", "updated", "https://shop.example/", "d34d", 7, "c2ln"
    )


def test_a_ping_is_recognised_by_its_form() -> None:
    form = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}

    assert webhook(came(form, b"webhook_id=12")) == Webhook(webhook_id=12, ping=True)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"webhook_id=12"),
        ("application/x-www-form-urlencoded", b"webhook_id=x"),
        ("application/x-www-form-urlencoded", b"webhook_id=" + b"9" * 5000),
        ("application/x-www-form-urlencoded", b"\xff\xfe"),
        ("", b""),
    ],
)
def test_anything_else_is_no_webhook(content_type: str, body: bytes) -> None:
    assert webhook(came({"content-type": content_type}, body)) is None


def signature(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


@given(secret=st.text(alphabet=st.characters(exclude_characters="&", exclude_categories=["Cs"])), body=st.binary())
def test_what_was_signed_fits_and_nothing_else_does(secret: str, body: bytes) -> None:
    right = signature(secret, body)

    assert signature_fits(secret, body, right)
    assert not signature_fits(secret + "x", body, right)
    assert not signature_fits(secret, body + b" ", right)
    assert not signature_fits(secret, body, right[::-1])


@pytest.mark.parametrize(
    ("kept", "used"),
    [
        ("a&amp;b", "a&b"),
        ("&lt;&gt;&quot;&#039;", "<>\"'"),
        ("&#38;&#0060;&#x27;&#X0022;", "&<'\""),
        ("&amp;lt;", "&lt;"),
        ("&eacute;&apos;&amp", "&eacute;&apos;&amp"),
    ],
)
def test_a_secret_is_used_with_its_special_characters_decoded_once(kept: str, used: str) -> None:
    assert signature_fits(kept, b"{}", signature(used, b"{}"))


@pytest.mark.parametrize("nonsense", ["", "é", "=" * 44])
def test_nonsense_is_no_signature(nonsense: str) -> None:
    assert not signature_fits("s", b"{}", nonsense)
