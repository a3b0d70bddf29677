"""Webhooks: the subscriptions themselves, the ping, and queueing what happened. Sending is in `deliveries`.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import re
import string
from dataclasses import field
from datetime import datetime
from typing import Any

from ..kernel import Emulation, Outgoing, Reply, Table, dataclass, emulation, replace
from . import auth, dates, php, respond, texts, topics, versions
from .errors import WooError
from .params import Params

STATUSES = ("active", "paused", "disabled")
_SECRET = string.ascii_letters + string.digits + "!@#$%^&*()-_ []{}<>~`+=,.;:/?|"
_URL = re.compile(r"https?://[^\s/?#]+([/?#]\S*)?", re.I)


@dataclass(frozen=True)
class Webhook:
    """One subscription. `failures` counts the deliveries in a row that were not accepted, and stops at six."""

    id: int
    topic: str
    status: str = "active"
    name: str = ""
    delivery_url: str = ""
    secret: str = field(default="", repr=False)
    user_id: int = 0  # whose eyes see what is delivered: the owner of the key that made it
    created_at: datetime | None = None
    modified_at: datetime | None = None  # never set: not even a ping was answered yet
    failures: int = 0


WEBHOOKS = Table(
    Webhook, "woo_webhooks", columns=("topic", "status", "name", "created_at"), indexes=[("status", "topic")]
)
TABLES = (WEBHOOKS,)
C = WEBHOOKS.c


class InvalidTopic(WooError):
    """The topic is none of the sixteen, nor an action of WooCommerce."""

    def __init__(self, message: str) -> None:
        super().__init__("woocommerce_rest_shop_webhook_invalid_topic", message)


class InvalidUrl(WooError):
    def __init__(self) -> None:
        super().__init__(
            "woocommerce_rest_shop_webhook_invalid_delivery_url",
            "Webhook delivery URL must be a valid URL starting with http:// or https://.",
        )


class UnknownWebhook(WooError):
    """Reading says 404, changing 400, and deleting has words of its own."""

    def __init__(self, message: str = "ID is invalid.", status: int = 404) -> None:
        super().__init__("woocommerce_rest_shop_webhook_invalid_id", message, status)


def list_all(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    where = _filters(here, params)
    descending = params["order"] == "desc"
    column = {"id": C.id, "title": C.name}.get(params["orderby"], C.created_at)
    order = [column.desc() if descending else column.asc(), C.id.desc() if column is C.id and descending else C.id]
    webhooks = here.store[Webhook]
    start = respond.start(params)
    page = webhooks.all(*where, order=order, limit=params["per_page"], offset=start)
    return respond.page([rendered(here, w) for w in page], webhooks.count(*where), params, "webhooks", begins=start)


def _filters(here: Emulation, params: Params) -> list[Any]:
    where: list[Any] = []
    if params.get("status", "all") != "all":
        where.append(C.status == params["status"])
    if params.get("search"):
        where.append(C.name.icontains(params["search"], autoescape=True))
    if params.get("include"):
        where.append(C.id.in_(params["include"]))
    if params.get("exclude"):
        where.append(C.id.not_in(params["exclude"]))
    if after := dates.parsed(here, params.get("after")):
        where.append(C.created_at > after)
    if before := dates.parsed(here, params.get("before")):
        where.append(C.created_at < before)
    return where


async def create(params: Params) -> Reply:
    """Keep a webhook and ping it.

    A `status` that was sent is checked but not kept: a new webhook is active. A ping that fails changes nothing
    but `date_modified`, which then stays null.
    """
    here = emulation()
    auth.require("create", here)
    if params.get("id"):
        raise WooError("woocommerce_rest_shop_webhook_exists", "Cannot create existing shop webhook.")
    topic = str(params.get("topic") or "")
    if not topics.is_valid(topic.lower()):
        raise InvalidTopic("Webhook topic is required and must be valid.")
    now = dates.second(here)
    webhook = Webhook(
        id=here.ids.next("webhook"),
        topic=topics.kept(topic),
        name=texts.plain(params.get("name")) or default_name(dates.local_moment(here, now)),
        delivery_url=checked_url(params.get("delivery_url")),
        secret=str(params.get("secret") or here.ids.token(50, _SECRET)),
        user_id=auth.user_id(here),
        created_at=now,
    )
    here.store[Webhook].add(webhook)
    body = rendered(here, webhook)
    await pinged(here, webhook)
    return respond.one(body, 201, location=respond.self_url(body))


def made_inside(
    here: Emulation,
    topic: str,
    delivery_url: str,
    *,
    secret: str = "",
    name: str = "",
    status: str = "active",
    user_id: int = auth.ADMIN_ID,
) -> Webhook:
    """A webhook as PHP makes it: not pinged, and in any status from the start. Errors: those of `create`."""
    if not topics.is_valid(topic):
        raise InvalidTopic("Webhook topic is required and must be valid.")
    now = dates.second(here)
    return here.store[Webhook].add(
        Webhook(
            here.ids.next("webhook"),
            topic,
            status=status,
            name=texts.plain(name) or default_name(dates.local_moment(here, now)),
            delivery_url=checked_url(delivery_url),
            secret=secret or here.ids.token(50),
            user_id=user_id,
            created_at=now,
        )
    )


def read(params: Params) -> Reply:
    here = emulation()
    webhook = found(here, params["id"], UnknownWebhook())
    auth.require("view", here, single=True)
    return respond.one(rendered(here, webhook))


async def update(params: Params) -> Reply:
    """Change what was sent. A new address is pinged; a new status is not."""
    here = emulation()
    webhook = found(here, params["id"], UnknownWebhook(status=400))
    auth.require("edit", here)
    changed = updated(webhook, params, at=dates.second(here))
    here.store[Webhook].put(changed)
    body = rendered(here, changed)
    if changed.delivery_url != webhook.delivery_url:
        await pinged(here, changed)
    return respond.one(body)


def delete(params: Params) -> Reply:
    here = emulation()
    webhook = found(here, params["id"], UnknownWebhook("Invalid ID."))
    auth.require("delete", here)
    if not params.get("force"):
        raise WooError("woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.", 501)
    here.store[Webhook].delete(webhook.id)
    return respond.one(rendered(here, webhook))


def found(here: Emulation, webhook_id: Any, missing: UnknownWebhook) -> Webhook:
    webhook = here.store[Webhook].get(php.integer(webhook_id))
    if webhook is None:
        raise missing
    return webhook


def updated(webhook: Webhook, params: Params, *, at: datetime) -> Webhook:
    """The webhook after a request. What is empty says nothing. Source: update_item() of WooCommerce's webhooks."""
    changes: dict[str, Any] = {}
    if params.get("status") in STATUSES:
        changes["status"] = params["status"]
    if topic := str(params.get("topic") or ""):
        if not topics.is_valid(topic.lower()):
            raise InvalidTopic("Webhook topic must be valid.")
        changes["topic"] = topics.kept(topic)
    if params.get("delivery_url"):
        changes["delivery_url"] = checked_url(params["delivery_url"])
    if params.get("secret"):
        changes["secret"] = params["secret"]
    if params.get("name"):
        changes["name"] = texts.plain(params["name"])
    return replace(webhook, modified_at=at, **changes)


def checked_url(url: Any) -> str:
    if not isinstance(url, str) or not _URL.fullmatch(url.strip()):
        raise InvalidUrl
    return url.strip()


def default_name(local: datetime) -> str:
    return f"Webhook created on {local:%b %d, %Y @ %I:%M %p}"


def rendered(here: Emulation, webhook: Webhook) -> dict[str, Any]:
    """Never the secret."""
    resource, event = topics.split(webhook.topic)
    return {
        "id": webhook.id,
        "name": webhook.name,
        "status": webhook.status,
        "topic": webhook.topic,
        "resource": resource,
        "event": event,
        "hooks": topics.hooks(webhook.topic),
        "delivery_url": webhook.delivery_url,
        "date_created": dates.local(here, webhook.created_at),
        "date_created_gmt": dates.gmt(webhook.created_at),
        "date_modified": dates.local(here, webhook.modified_at),
        "date_modified_gmt": dates.gmt(webhook.modified_at),
        "_links": respond.links(here, "webhooks", webhook.id),
    }


async def pinged(here: Emulation, webhook: Webhook) -> bool:
    """Whether the address answered 200, redirects followed. Sent like a form, without the headers of a delivery."""
    body = f"webhook_id={webhook.id}".encode()
    answer = await here.fetch(
        Outgoing(
            "POST",
            webhook.delivery_url,
            headers=(
                ("User-Agent", versions.user_agent(here)),
                ("Accept", "*/*"),
                ("Accept-Encoding", "deflate, gzip, br, zstd"),
                ("Connection", "close"),
                ("Content-Length", str(len(body))),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ),
            body=body,
            timeout=5.0,
            http="1.0",
            redirects=5,
        )
    )
    kept = here.store[Webhook].get(webhook.id)  # others may have changed it meanwhile
    if answer.status == 200 and kept is not None:
        here.store[Webhook].put(replace(kept, modified_at=dates.second(here)))
    return answer.status == 200


def happened(here: Emulation, topic: str, resource_id: int) -> None:
    """Queue a delivery for every active webhook of this topic, and of the action behind it.

    What is already waiting for the same webhook and thing is not queued twice: the body is made when it is sent.
    """
    if not _any_active(here):
        return
    _queue(here, topic, resource_id)
    if action := topics.ACTIONS.get(topic):
        _queue(here, f"action.{action}", resource_id)


def acted(here: Emulation, action: str, argument: Any) -> None:
    """Queue for every webhook of `action.<name>`: "woocommerce_order_status_completed", 48."""
    if _any_active(here):
        _queue(here, f"action.{action}", argument)


_ACTIVE = C.status == "active"


def _any_active(here: Emulation) -> bool:
    return here.store[Webhook].count(_ACTIVE, memo="active") > 0


def _queue(here: Emulation, topic: str, argument: Any) -> None:
    for webhook in here.store[Webhook].all(C.status == "active", C.topic == topic, order=[C.id]):
        here.deliver(str(webhook.id), {"topic": topic, "arg": argument}, once=True)
