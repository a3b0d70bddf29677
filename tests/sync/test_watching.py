"""Webhooks that fell ill in the store are found, and mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, strategies as st

from storelab.sync.errors import Skip
from storelab.sync.watching import Ailing, ailing, mended, said, strays

URL = "http://sync.example/hooks/con_1/orders"
EXPECTED = {"order.created": 1, "order.updated": 2}


class Shelf:
    """Keeps webhooks as a store does."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = {row["id"]: row for row in rows}

    def webhooks(self) -> list[dict[str, Any]]:
        return list(self.rows.values())

    def make_webhooks(self, topics: Sequence[str], delivery_url: str, secret: str, *, status: str) -> dict[str, int]:
        made = {}
        for topic in topics:
            made[topic] = number = max(self.rows, default=0) + 1
            self.rows[number] = webhook(number, topic, status=status, delivery_url=delivery_url)
        return made

    def set_webhook(self, webhook: int, **values: Any) -> None:
        if webhook not in self.rows:
            raise Skip("no such webhook", status=404)
        self.rows[webhook] |= {name: value for name, value in values.items() if name != "secret"}

    def delete_webhook(self, webhook: int) -> None:
        self.rows.pop(webhook, None)


def webhook(number: int, topic: str, *, status: str = "active", delivery_url: str = URL) -> dict[str, Any]:
    return {"id": number, "topic": topic, "status": status, "delivery_url": delivery_url}


def test_what_is_well_is_left_alone() -> None:
    shelf = Shelf(webhook(1, "order.created"), webhook(2, "order.updated"))

    assert ailing(EXPECTED, URL, shelf.webhooks()) == []


def test_missing_switched_off_and_bent_webhooks_are_told_apart() -> None:
    shelf = Shelf(
        webhook(2, "order.updated", status="disabled"), webhook(3, "product.updated", delivery_url="http://x")
    )

    found = ailing({**EXPECTED, "product.updated": 3}, URL, shelf.webhooks())

    assert found == [
        Ailing("order.created", 0, "missing"),
        Ailing("order.updated", 2, "off"),
        Ailing("product.updated", 3, "elsewhere"),
    ]
    assert said(found[:2]) == "the webhook for order.created is missing; the webhook for order.updated is switched off"


def test_what_an_earlier_connection_left_behind_is_a_stray() -> None:
    shelf = Shelf(webhook(1, "order.created"), webhook(2, "order.updated"), webhook(9, "order.updated"))
    shelf.rows[10] = webhook(10, "order.created", delivery_url="http://somebody.example")

    assert strays(EXPECTED, URL, shelf.webhooks()) == [9]


@given(
    there=st.sets(st.sampled_from([1, 2])),
    status=st.sampled_from(["active", "paused", "disabled"]),
    url=st.sampled_from([URL, "http://elsewhere.example"]),
)
def test_after_mending_nothing_ails(there: set[int], status: str, url: str) -> None:
    topics = {number: topic for topic, number in EXPECTED.items()}
    shelf = Shelf(*(webhook(n, topics[n], status=status, delivery_url=url) for n in there))
    expected = dict(EXPECTED)

    for ill in ailing(expected, URL, shelf.webhooks()):
        expected[ill.topic] = mended(shelf, ill, URL, "s")

    assert ailing(expected, URL, shelf.webhooks()) == []
    assert strays(expected, URL, shelf.webhooks()) == []
