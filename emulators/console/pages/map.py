"""The map: store, sync and backends, their links, and what passes between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from flask import Blueprint, current_app, render_template, url_for

from ...kernel.journal import Exchange
from ...kernel.lab import Lab
from ...kernel.world import World
from .. import picture
from ..bridge import ask, bridge
from ..links import Links, standing
from ..traffic import CLIENTS, STORE, SYNC, Traffic, Way

PAGES = Blueprint("map", __name__)
SHOWN = 12  # exchanges
_WATCHED: WeakKeyDictionary[World, Traffic] = WeakKeyDictionary()


def links() -> Links:
    sandbox, found = current_app.extensions["sandbox"], current_app.extensions.get("links")
    if found is None:
        found = current_app.extensions["links"] = Links(sandbox.sync_url, sandbox.token)
    assert isinstance(found, Links)
    return found


@PAGES.get("/")
def page() -> str:
    shown = _parts()
    return render_template("map.html", info=_info(), next=_next(shown["links"]), **shown)


@PAGES.get("/map/parts")
def parts() -> str:
    return render_template("map_parts.html", live=True, **_parts())


def _next(standings: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What somebody who has just come can do: where, in which words, and what comes of it."""
    services, sync = bridge().lab.services, current_app.extensions["sandbox"].sync_url
    apart = [name for name in services if name != STORE and name not in standings]
    things = []
    if STORE in services:
        fill = url_for("words.page", service=STORE) + "#states-a-believable-store"
        things.append((fill, "Fill the store", "with products, customers and orders."))
    if sync and apart:
        title = services[apart[0]].emulator.title
        connect = url_for("words.page", service=apart[0]) + "#connect"
        things.append((connect, f"Connect {title}", "or another backend, as a merchant would."))
    if STORE in services:
        things.append((url_for("shop.page"), "Place an order", "in the shop front, and see who hears of it."))
    return [
        *things,
        (url_for("time.faults"), "Break something", "Let an API refuse, stall or lose what it is asked."),
        (url_for("stories.page"), "Play a story", "step by step, or record one by clicking."),
        ("#h-addresses", "Bring your own client", "Addresses and keys are below."),
    ]


def _info() -> dict[str, Any]:
    sandbox = current_app.extensions["sandbox"]
    found: dict[str, Any] = ask(sandbox.info)
    return found


def _parts() -> dict[str, Any]:
    lab, sync = bridge().lab, current_app.extensions["sandbox"].sync_url
    titles = {name: emulator.title for name, emulator in lab.vocabulary.emulators.items()}

    def look(world: World) -> tuple[str, dict[tuple[str, str], Way], list[tuple[Exchange, Any]], Any]:
        traffic = _watched(world, lab, sync)
        told = ((e, traffic.ends(e)) for e in reversed(world.journal.find(limit=4 * SHOWN)))
        recent = [(e, ends) for e, ends in told if ends is not None]  # once, though both sides write it down
        return world.base_url, dict(traffic.ways), recent[:SHOWN], list(world.faults.active.values())

    base_url, ways, recent, faults = ask(look)
    rows = links().of(base_url)
    standings = standing(rows)
    drawn = {
        size: draw(titles, ways, standings, sync=bool(sync))
        for size, draw in (("wide", picture.wide), ("narrow", picture.narrow))
    }
    parties = {**titles, SYNC: "Sync", CLIENTS: "Your clients"}
    return {
        "pictures": drawn,
        "links": standings,
        "recent": recent,
        "faults": faults,
        "titles": titles,
        "parties": parties,
    }


def _watched(world: World, lab: Lab, sync_url: str) -> Traffic:
    """Counted from now on; what came before is read from the journal once. In the event loop only."""
    traffic = _WATCHED.get(world)
    if traffic is None or traffic.base_url != world.base_url:
        traffic = _WATCHED[world] = Traffic(tuple(lab.services), sync_url, world.base_url)
        traffic.watch(world)
    traffic.forget(world.journal.cleared)
    return traffic
