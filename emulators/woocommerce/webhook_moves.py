"""What a merchant and other plugins do to webhooks behind the API, and what the store says of them."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

from ..kernel import Emulation, LabError, replace
from . import dates, topics
from .webhooks import STATUSES, C, Webhook, default_name


def a_webhook(
    here: Emulation,
    topic: str = "order.created",
    delivery_url: str = "http://127.0.0.1:9/webhook",
    secret: str = "secret",  # noqa: S107
    status: str = "active",
) -> dict[str, int]:
    """A webhook of this topic and address, not pinged. Answers {"id"}."""
    if not topics.is_valid(topic):
        raise LabError(f"{topic!r} is not a topic of a webhook")
    _check_status(status)
    for webhook in here.store[Webhook].all(C.topic == topic, order=[C.id]):
        if webhook.delivery_url == delivery_url:
            here.store[Webhook].put(replace(webhook, secret=secret, status=status))
            return {"id": webhook.id}
    now = dates.second(here)
    webhook = Webhook(
        id=here.ids.next("webhook"),
        topic=topic,
        status=status,
        name=default_name(dates.local_moment(here, now)),
        delivery_url=delivery_url,
        secret=secret,
        user_id=1,
        created_at=now,
        modified_at=now,
    )
    here.store[Webhook].add(webhook)
    return {"id": webhook.id}


def disable(here: Emulation, webhook: int = 0, topic: str = "", to: str = "") -> dict[str, Any]:
    """What the merchant does under Advanced > Webhooks. Without its number, the webhook of this topic whose address has
    `to` in it."""
    return _switched(here, _meant(here, webhook, topic, to), "disabled")


def enable(here: Emulation, webhook: int = 0, topic: str = "", to: str = "") -> dict[str, Any]:
    """The count of failures stays: one more failure disables a webhook that was disabled for failing. Without its
    number, the webhook of this topic whose address has `to` in it."""
    return _switched(here, _meant(here, webhook, topic, to), "active")


def _meant(here: Emulation, number: int, topic: str, to: str) -> Webhook:
    if number:
        return _known(here, number)
    found = [w for w in here.store[Webhook].all(order=[C.id]) if w.topic == topic and to in w.delivery_url]
    if len(found) != 1:
        raise LabError(f"{len(found)} webhooks of the topic {topic!r} have {to!r} in their address; name one by number")
    return found[0]


def _switched(here: Emulation, webhook: Webhook, status: str) -> dict[str, Any]:
    here.store[Webhook].put(replace(webhook, status=status, modified_at=dates.second(here)))
    return {"id": webhook.id, "status": status}


def _known(here: Emulation, number: int) -> Webhook:
    webhook = here.store[Webhook].get(number)
    if webhook is None:
        raise LabError(f"there is no webhook {number}", status=404, code="unknown_webhook")
    return webhook


def copy(here: Emulation, webhook: int, status: str = "active") -> dict[str, Any]:
    """A plugin that moves or restores sites doubles a webhook: the same topic, address, secret and owner under a new
    number."""
    kept = _known(here, webhook)
    _check_status(status)
    return {"id": here.store[Webhook].add(replace(kept, id=here.ids.next("webhook"), status=status)).id}


def _check_status(status: str) -> None:
    if status not in STATUSES:
        raise LabError(f"{status!r} is no status of a webhook; there are {', '.join(STATUSES)}")


def change_secret(here: Emulation, webhook: int, secret: str) -> dict[str, Any]:
    """Somebody saves the webhook's screen with another secret, kept with its entities decoded."""
    kept = replace(_known(here, webhook), secret=unescape(secret), modified_at=dates.second(here))
    return {"id": here.store[Webhook].put(kept).id}


def facts(here: Emulation) -> list[dict[str, Any]]:
    """All webhooks as the store sees them, without their secrets."""
    return [
        {
            "id": w.id,
            "topic": w.topic,
            "status": w.status,
            "delivery_url": w.delivery_url,
            "failures": w.failures,
        }
        for w in here.store[Webhook].all(order=[C.id])
    ]


def by_topic(here: Emulation) -> dict[str, dict[str, int]]:
    """How many webhooks of each topic have which status, whoever made them in which order."""
    counted: dict[str, dict[str, int]] = {}
    for webhook in here.store[Webhook].all(order=[C.id]):
        statuses = counted.setdefault(webhook.topic, {})
        statuses[webhook.status] = statuses.get(webhook.status, 0) + 1
    return counted


STATES: dict[str, Callable[..., Any]] = {"a webhook": a_webhook}
MOVES: dict[str, Callable[..., Any]] = {
    "change webhook secret": change_secret,
    "copy webhook": copy,
    "disable webhook": disable,
    "enable webhook": enable,
}
FACTS: dict[str, Callable[..., Any]] = {"webhooks": facts, "webhooks by topic": by_topic}
