"""Webhooks that nobody answers, and what merchants do with them."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import pytest

from storelab.emulators.kernel.errors import LabError
from storelab.emulators.woocommerce.deliveries import counted
from storelab.emulators.woocommerce.webhooks import Webhook

from .receiver import Receiver, hooked
from .shop import Shop


def test_the_seventh_failure_in_a_row_disables_and_a_success_starts_anew() -> None:
    webhook = Webhook(1, "product.updated")
    at = Any

    for _ in range(6):
        webhook = counted(webhook, accepted=False, at=at)
    assert (webhook.status, webhook.failures) == ("active", 6)
    assert counted(webhook, accepted=True, at=at).failures == 0
    disabled = counted(webhook, accepted=False, at=at)
    assert (disabled.status, disabled.failures) == ("disabled", 6)


def test_a_webhook_nobody_answers_is_disabled_and_one_more_failure_disables_it_again(
    shop: Shop, receiver: Receiver
) -> None:
    product = shop.product("MUG")
    [webhook] = hooked(shop, receiver, "product.updated", path="/status/500")

    def touched() -> str:
        shop.put(f"products/{product['id']}")
        shop.world.settle()
        status: str = shop.get(f"webhooks/{webhook}")["status"]
        return status

    assert [touched() for _ in range(8)] == ["active"] * 6 + ["disabled"] * 2
    assert len(receiver.got) == 7  # never tried again, and silent once disabled
    shop.world.do("woocommerce", "enable webhook", webhook=webhook)
    assert touched() == "disabled"
    shop.world.do("woocommerce", "enable webhook", webhook=webhook)
    shop.put(f"webhooks/{webhook}", {"delivery_url": receiver.url})
    assert touched() == "active"
    [believed] = shop.world.fact("woocommerce", "webhooks")
    assert believed["failures"] == 0


def test_a_merchant_disables_a_webhook(shop: Shop, receiver: Receiver) -> None:
    [webhook] = hooked(shop, receiver, "product.created")

    shop.world.do("woocommerce", "disable webhook", webhook=webhook)
    shop.product("MUG")
    shop.world.settle()

    assert receiver.got == []
    with pytest.raises(LabError, match="no webhook 99"):
        shop.world.do("woocommerce", "enable webhook", webhook=99)


def test_a_doubled_webhook_tells_twice_with_the_same_secret(shop: Shop, receiver: Receiver) -> None:
    [webhook] = hooked(shop, receiver, "product.created")
    copied = shop.world.do("woocommerce", "copy webhook", webhook=webhook)["id"]

    shop.product("MUG")
    shop.world.settle()

    signed = [got.header("X-WC-Webhook-Signature") for got in receiver.got]
    assert sorted(got.header("X-WC-Webhook-ID") for got in receiver.got) == sorted(map(str, (webhook, copied)))
    assert len(set(signed)) == 1
    with pytest.raises(LabError, match="no status of a webhook"):
        shop.world.do("woocommerce", "copy webhook", webhook=webhook, status="asleep")


def test_another_secret_is_kept_with_its_entities_decoded(shop: Shop, receiver: Receiver) -> None:
    [webhook] = hooked(shop, receiver, "product.created")
    shop.world.do("woocommerce", "change webhook secret", webhook=webhook, secret="a&lt;b&amp;c")

    shop.product("MUG")
    shop.world.settle()

    [got] = receiver.got
    wanted = base64.b64encode(hmac.digest(b"a<b&c", got.body, "sha256")).decode()
    assert got.header("X-WC-Webhook-Signature") == wanted
