"""Health of the webhooks that a connection needs: which are missing or switched off in the store, and mending that.

WooCommerce switches a webhook off by itself after a row of failures, people do it by hand, and cloned or restored
stores lose them. Nothing tells a connector: it has to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from .errors import Skip

Trouble = Literal["missing", "off", "elsewhere"]


class Keeper(Protocol):
    """Where webhooks are kept: the inside of the store (`Site`), or its REST API (`Store`)."""

    def webhooks(self) -> list[dict[str, Any]]: ...

    def make_webhooks(
        self, topics: Sequence[str], delivery_url: str, secret: str, *, status: str
    ) -> dict[str, int]: ...

    def set_webhook(self, webhook: int, **values: Any) -> None: ...

    def delete_webhook(self, webhook: int) -> None: ...


@dataclass(frozen=True)
class Ailing:
    """`id` is 0 where there is no such webhook any more."""

    topic: str
    id: int
    trouble: Trouble


def ailing(expected: Mapping[str, int], delivery_url: str, found: Iterable[Mapping[str, Any]]) -> list[Ailing]:
    """What is wrong with the webhooks that there should be (topic -> id), by topic."""
    there = {row["id"]: row for row in found}
    troubles = []
    for topic, number in sorted(expected.items()):
        row = there.get(number)
        if row is None or row.get("topic") != topic:
            troubles.append(Ailing(topic, 0, "missing"))
        elif row.get("delivery_url") != delivery_url:
            troubles.append(Ailing(topic, number, "elsewhere"))
        elif row.get("status") != "active":
            troubles.append(Ailing(topic, number, "off"))
    return troubles


def strays(expected: Mapping[str, int], delivery_url: str, found: Iterable[Mapping[str, Any]]) -> list[int]:
    """Webhooks to our own address that nobody counts on: left by an earlier connection, or made twice."""
    wanted = set(expected.values())
    return sorted(row["id"] for row in found if row.get("delivery_url") == delivery_url and row["id"] not in wanted)


def mended(keeper: Keeper, ill: Ailing, delivery_url: str, secret: str) -> int:
    """Switch it on, or make it anew; its id."""
    if ill.id:
        try:
            keeper.set_webhook(ill.id, status="active", delivery_url=delivery_url, secret=secret)
            return ill.id
        except Skip as gone:
            if gone.status not in (400, 404):
                raise
    return keeper.make_webhooks([ill.topic], delivery_url, secret, status="active")[ill.topic]


def said(troubles: Sequence[Ailing]) -> str:
    """For the status page."""
    words = {"missing": "is missing", "off": "is switched off", "elsewhere": "delivers to another address"}
    return "; ".join(f"the webhook for {ill.topic} {words[ill.trouble]}" for ill in troubles)
