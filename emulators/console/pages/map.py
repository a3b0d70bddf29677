"""The map: store, sync and backends, their links, and what passes between them."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from flask import Blueprint, current_app, render_template

from ...kernel.journal import Exchange
from ...kernel.lab import Lab
from ...kernel.world import World
from .. import picture
from ..bridge import ask, bridge
from ..links import Links, standing
from ..traffic import Traffic, Way

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
    return render_template("map.html", info=_info(), **_parts())


@PAGES.get("/map/parts")
def parts() -> str:
    return render_template("map_parts.html", live=True, **_parts())


def _info() -> dict[str, Any]:
    sandbox = current_app.extensions["sandbox"]
    found: dict[str, Any] = ask(sandbox.info)
    return found


def _parts() -> dict[str, Any]:
    lab, sync = bridge().lab, current_app.extensions["sandbox"].sync_url
    titles = {name: emulator.title for name, emulator in lab.vocabulary.emulators.items()}

    def look(world: World) -> tuple[str, dict[tuple[str, str], Way], list[tuple[Exchange, Any]], Any]:
        traffic = _watched(world, lab, sync)
        recent = [(e, traffic.ends(e)) for e in reversed(world.journal.find(limit=SHOWN))]
        return world.base_url, dict(traffic.ways), recent, list(world.faults.active.values())

    base_url, ways, recent, faults = ask(look)
    rows = links().of(base_url)
    standings = standing(rows)
    drawn = {
        size: draw(titles, ways, standings, sync=bool(sync))
        for size, draw in (("wide", picture.wide), ("narrow", picture.narrow))
    }
    return {"pictures": drawn, "links": standings, "recent": recent, "faults": faults, "titles": titles, "ways": ways}


def _watched(world: World, lab: Lab, sync_url: str) -> Traffic:
    """Counted from now on; what came before is read from the journal once. In the event loop only."""
    traffic = _WATCHED.get(world)
    if traffic is None or traffic.base_url != world.base_url:
        traffic = _WATCHED[world] = Traffic(tuple(lab.services), sync_url, world.base_url)
        traffic.watch(world)
    traffic.forget(world.journal.cleared)
    return traffic
