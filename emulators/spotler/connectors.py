"""Connectors over the control API: onboarding, settings, pause and removal."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ..kernel import Emulation, emulation
from ..shop import ShopRefused, ShopSilent
from . import alerts, checkouts, contacts, goods, looking, onboarding, orders, platforms, shipments, webhooks
from .connector import Connector, State, alive, changed, found, moved
from .errors import Conflict, Gone, Invalid, NotFound
from .hooks import same_place
from .moments import is_zone, iso
from .presets import FLOWS, Preset
from .work import FIRST, C as WORK, Work, ask, ask_again

MOST = 50
SETTINGS = ("name", "timezone", "opt_in_strategy", "checkout_abandon_minutes")


def list_all(shop_url: str | None = None) -> dict[str, Any]:
    """Those that were not removed."""
    here = emulation()
    there = [c for c in alive(here) if shop_url is None or same_place(c.shop_url, shop_url)]
    return {"data": [rendered(here, connector) for connector in there]}


def read(connector_id: int) -> dict[str, Any]:
    here = emulation()
    return rendered(here, found(here, connector_id))


async def create(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Connect a shop. Each thing that was entered is tried first; what is refused leaves nothing behind.

    Errors: 422 with a code for each thing that can be wrong, 409 for a shop that is connected already.
    """
    here = emulation()
    return rendered(here, await onboarded(here, body)), 201


async def onboarded(here: Emulation, body: dict[str, Any]) -> Connector:
    url = onboarding.clean_url(body["shop_url"])
    timezone = body["timezone"]
    if not is_zone(timezone):
        raise Invalid({"timezone": f"there is no time zone {timezone!r}"}, code="timezone_unknown")
    there = alive(here)
    if same := next((c for c in there if same_place(c.shop_url, url)), None):
        said = f"This shop is connected already, as connector {same.id}."
        raise Conflict(said, code="connected_already", detail={"connector_id": same.id})
    if len(there) >= MOST:
        raise Conflict(f"An account has at most {MOST} connectors.", code="too_many_connectors")
    number = here.ids.next("spotler.connector")
    here.store[Connector].add(
        Connector(
            number,
            State.VALIDATING,
            url,
            body["name"],
            timezone,
            Preset(body["preset"]),
            body["api_key"],
            body["api_secret"],
            here.ids.token(48),
            here.root,
            body.get("opt_in_strategy", "both"),
            body.get("checkout_abandon_minutes", 30),
            created_at=here.clock.now,
        )
    )
    try:
        version = await onboarding.checked(here, url, body["api_key"], body["api_secret"], timezone)
    except BaseException:
        here.store[Connector].delete(number)
        here.store.commit()  # what is refused takes back only what came after this
        raise
    moved(here, number, "accept", version=version)
    looking.keep_looking(here, number)
    ask(here, number, "import", FIRST, "import")
    return found(here, number)


async def update(connector_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Change settings, the preset, or the key with its secret, which are tried first. Errors: 410, 422."""
    here = emulation()
    return rendered(here, await updated(here, found(here, connector_id), body))


async def updated(here: Emulation, connector: Connector, body: dict[str, Any]) -> Connector:
    if not connector.is_alive:
        raise Gone
    timezone = body.get("timezone", connector.timezone)
    if not is_zone(timezone):
        raise Invalid({"timezone": f"there is no time zone {timezone!r}"}, code="timezone_unknown")
    if ("api_key" in body) != ("api_secret" in body):
        missing = "api_secret" if "api_key" in body else "api_key"
        raise Invalid({missing: "key and secret are entered together"})
    if "api_key" in body or timezone != connector.timezone:
        key = body.get("api_key", connector.consumer_key), body.get("api_secret", connector.consumer_secret)
        version = await onboarding.checked(here, connector.shop_url, *key, timezone)
        connector = changed(here, connector.id, consumer_key=key[0], consumer_secret=key[1], version=version)
        if "api_key" in body:  # a webhook sees with the eyes of the key that made it
            webhooks.missed_something(here, connector)
            with suppress(ShopRefused, ShopSilent):  # the next look finds what is missing
                await webhooks.take_away(here, connector)
                await webhooks.put_in_order(here, connector)
            here.later("poll", {"connector": connector.id}, once=True)
        if found(here, connector.id).state is State.ERROR:
            looking.recovered(here, connector.id)
    changed(here, connector.id, **{name: body[name] for name in SETTINGS if name in body})
    if "checkout_abandon_minutes" in body:
        checkouts.wait_anew(here, found(here, connector.id))
    preset = Preset(body.get("preset", connector.preset.value))
    if preset is not connector.preset:
        changed(here, connector.id, preset=preset)
        ask(here, connector.id, "import", FIRST, "import")  # its webhooks, and what the new preset takes in
    return found(here, connector.id)


def pause(connector_id: int) -> dict[str, Any]:
    """Errors: 409 while it is being validated or is paused, 410 after removal."""
    here = emulation()
    return rendered(here, paused(here, found(here, connector_id)))


def paused(here: Emulation, connector: Connector) -> Connector:
    """Nothing is imported or exported; from where it stopped it goes on when it is resumed."""
    if not connector.is_alive:
        raise Gone
    if connector.state not in (State.IMPORTING, State.ACTIVE, State.ERROR):
        raise Conflict(f"The connector is {connector.state.value}.", code=f"connector_{connector.state.value}")
    here.cancel("poll", {"connector": connector.id})
    gap = connector.heard_until or connector.polled_at or here.clock.now
    return moved(here, connector.id, "pause", heard_until=gap)


def resume(connector_id: int) -> dict[str, Any]:
    """Go on after a pause, or try again after an error. Errors: 409 while it is at work, 410 after removal."""
    here = emulation()
    return rendered(here, resumed(here, found(here, connector_id)))


def resumed(here: Emulation, connector: Connector) -> Connector:
    if not connector.is_alive:
        raise Gone
    if connector.state not in (State.PAUSED, State.ERROR):
        raise Conflict(f"The connector is {connector.state.value}.", code=f"connector_{connector.state.value}")
    now = looking.recovered(here, connector.id)
    looking.keep_looking(here, connector.id)
    here.later("poll", {"connector": connector.id}, once=True)
    return now


async def remove(connector_id: int) -> dict[str, Any]:
    """Take the connector away, and its webhooks in the shop with it. Twice is once."""
    here = emulation()
    return rendered(here, await removed(here, found(here, connector_id)))


async def removed(here: Emulation, connector: Connector) -> Connector:
    """The key and everything of this shop are forgotten; master products and contacts stay, which others know too."""
    if not connector.is_alive:
        return connector
    number = connector.id
    moved(here, number, "remove", removed_at=here.clock.now)
    here.cancel("poll", {"connector": number})
    here.store[Work].delete_where(WORK.connector == number)
    for part in (orders, goods, contacts, checkouts, platforms):
        part.forget(here, number)
    here.store[shipments.Shipment].delete_where(shipments.C.connector == number)
    alerts.all_settled(here, number)
    left = await webhooks.take_away(here, connector)
    return changed(
        here,
        number,
        consumer_key="",
        consumer_secret="",
        webhook_secret="",
        webhooks={},
        problem={"code": "webhooks_left", "message": f"{left} webhooks are still in the shop"} if left else None,
    )


def try_again(connector_id: int, alert_id: int) -> tuple[dict[str, Any], int]:
    """A person has mended what an alert told of, and has the object tried again. Errors: 404, 409 when it is closed."""
    here = emulation()
    connector = found(here, connector_id)
    alert = here.store[alerts.Alert].get(alert_id)
    if alert is None or alert.connector != connector.id:
        raise NotFound(f"Connector {connector_id} has no alert {alert_id}.")
    if alert.closed_at is not None:
        raise Conflict("This alert is closed.", code="alert_closed")
    key = f"{connector.id}/{alert.direction}/{alert.kind}/{alert.ref}"
    if not ask_again(here, WORK.key == key):
        here.later("poll", {"connector": connector.id}, once=True)  # products and webhooks are looked at, not asked for
    return alerts.rendered(alert), 202


def rendered(here: Emulation, connector: Connector) -> dict[str, Any]:
    """Never the key, the secret, or that of the webhooks."""
    return {
        "id": connector.id,
        "name": connector.name,
        "state": connector.state.value,
        "problem": connector.problem,
        "shop_url": connector.shop_url,
        "key_ends_in": connector.consumer_key[-7:] or None,
        "woocommerce_version": connector.version or None,
        "timezone": connector.timezone,
        "preset": connector.preset.value,
        "flows": [{"object": kind, "direction": way} for kind, way in sorted(FLOWS[connector.preset])],
        "opt_in_strategy": connector.opt_in_strategy,
        "checkout_abandon_minutes": connector.checkout_abandon_minutes,
        "webhooks": webhooks.rendered(connector),
        "open_alerts": alerts.count_open(here, connector.id),
        "created_at": iso(connector.created_at),
        "imported_at": iso(connector.imported_at),
        "polled_at": iso(connector.polled_at),
        "removed_at": iso(connector.removed_at),
    }
