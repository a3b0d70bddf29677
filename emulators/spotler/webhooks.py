"""Connect's own webhooks in a shop: made over REST, looked at, put in order, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..kernel import ApiError, Emulation, emulation
from ..shop import ShopRefused, ShopSilent
from . import alerts
from .connector import Connector, State, changed, found, shop_of
from .errors import Conflict, Gone
from .presets import EVERY_TOPIC, topics
from .work import broken

MISSING = "missing"


async def put_in_order(here: Emulation, connector: Connector) -> None:
    """One webhook for each topic that the preset needs, active, and none besides. What is in order stays as it is."""
    shop = shop_of(here, connector)
    theirs = await _ours(here, connector)
    wanted = topics(connector.preset)
    now: dict[str, dict[str, Any]] = {}
    for topic, rows in theirs.items():
        for row in rows[1:] if topic in wanted else rows:
            await shop.delete(f"/webhooks/{row['id']}", force=True)
    for topic in wanted:
        rows = theirs.get(topic, [])
        if not rows:
            body = {
                "name": f"Spotler Connect: {topic}",
                "topic": topic,
                "delivery_url": connector.hook(topic),
                "secret": connector.webhook_secret,
            }
            row = await shop.post("/webhooks", body)
        elif rows[0].get("status") != "active":
            row = {**rows[0], **await shop.put(f"/webhooks/{rows[0]['id']}", {"status": "active"})}
        else:
            row = rows[0]
        now[topic] = {"id": row["id"], "status": _status(row)}
        alerts.settled(here, connector.id, "import", "webhook", topic)
    changed(here, connector.id, webhooks=now)


async def _ours(here: Emulation, connector: Connector) -> dict[str, list[dict[str, Any]]]:
    """What the shop has of this connector's, by topic."""
    found_: dict[str, list[dict[str, Any]]] = {}
    hooks = {connector.hook(topic): topic for topic in EVERY_TOPIC}
    async for row in shop_of(here, connector).every("/webhooks"):
        if row.get("delivery_url") in hooks:
            found_.setdefault(hooks[row["delivery_url"]], []).append(row)
    return found_


def _status(row: Mapping[str, Any] | None) -> str:
    """One of WooCommerce's; what has none of them delivers nothing, as if it were not there."""
    said = row.get("status") if row is not None else None
    return said if said in ("active", "paused", "disabled") else MISSING


async def look(here: Emulation, connector: Connector) -> None:
    """See whether each webhook is still active: what it did not tell of has to be looked for when it is again."""
    theirs = await _ours(here, connector)
    now = {}
    for topic in topics(connector.preset):
        row = next(iter(theirs.get(topic, ())), None)
        status = _status(row)
        now[topic] = {"id": row["id"] if row is not None else None, "status": status}
        if status == "active":
            alerts.settled(here, connector.id, "import", "webhook", topic)
            continue
        said = f"The webhook for {topic} is {status} in the shop, so {topic.split('.')[0]}s do not come in."
        alerts.raised(here, connector, "import", "webhook", topic, f"webhook_{status}", said)
    if not all_well(changed(here, connector.id, webhooks=now)):
        missed_something(here, found(here, connector.id))


def missed_something(here: Emulation, connector: Connector) -> None:
    """What was told of since the last look may not have arrived: the next one looks for it."""
    if connector.heard_until is None:
        changed(here, connector.id, heard_until=connector.polled_at or connector.imported_at or here.clock.now)


def all_well(connector: Connector) -> bool:
    return all(connector.webhooks.get(t, {}).get("status") == "active" for t in topics(connector.preset))


async def take_away(here: Emulation, connector: Connector) -> int:
    """Delete them all in the shop; how many could not be."""
    shop, left = shop_of(here, connector), 0
    try:
        theirs = await _ours(here, connector)
    except (ShopRefused, ShopSilent):
        return len(connector.webhooks)
    for row in (row for rows in theirs.values() for row in rows):
        try:
            await shop.delete(f"/webhooks/{row['id']}", force=True)
        except (ShopRefused, ShopSilent):
            left += 1
    return left


# ---------------------------------------------------------------------------------------------- over the API


def list_all(connector_id: int) -> dict[str, Any]:
    """As they were at the last look."""
    return {"data": rendered(found(emulation(), connector_id))}


async def repair(connector_id: int) -> dict[str, Any]:
    """Make what is missing, switch on what is off, and look for what was missed. Errors: 409 while the connector is
    not at work, 410 after removal, 503 when the shop does not answer."""
    here = emulation()
    return {"data": rendered(await repaired(here, found(here, connector_id)))}


async def repaired(here: Emulation, connector: Connector) -> Connector:
    if not connector.is_alive:
        raise Gone
    if connector.state is not State.ACTIVE:
        raise Conflict(f"The connector is {connector.state.value}.", code=f"connector_{connector.state.value}")
    try:
        await look(here, connector)
        await put_in_order(here, connector)
    except ShopSilent as silent:
        raise ApiError(f"The shop does not answer: {silent}", status=503, code="shop_does_not_answer") from None
    except ShopRefused as refused:
        broken(here, connector, refused)
        here.store.commit()
        raise Conflict(f"The shop refuses it: {refused.message}", code="key_refused") from None
    if found(here, connector.id).heard_until is not None:
        here.later("poll", {"connector": connector.id}, once=True)
    return found(here, connector.id)


def rendered(connector: Connector) -> list[dict[str, Any]]:
    return [
        {"topic": topic, "webhook_id": one["id"], "status": one["status"]} for topic, one in connector.webhooks.items()
    ]
