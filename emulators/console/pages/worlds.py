"""Worlds and their snapshots: make, go to, compare, save, restore, take away and bring back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from ...kernel.databases import Image, checked_name
from ...kernel.errors import LabError
from ...kernel.lab import DEFAULT, Lab
from ...kernel.services import KERNEL_TABLES
from ...kernel.world import World
from ..bridge import ask, bridge
from ..compare import compared
from ..recorder import recorder

PAGES = Blueprint("worlds", __name__)
NOW = "now"


def address(world: str) -> str:
    """Of another world's console."""
    return "/" if world == DEFAULT else f"/~{world}/"


@PAGES.get("/worlds")
def page() -> str:
    return render_template("worlds.html", **_known(), changed=None)


def _known() -> dict[str, Any]:
    def look(world: World) -> dict[str, Any]:
        lab = bridge().lab
        worlds = [(name, address(name), len(lab.world(name).journal)) for name in lab.names()]
        return {"worlds": worlds, "snapshots": world.snapshots(), "here": world.name}

    return ask(look)


@PAGES.post("/worlds")
def make() -> Any:
    name, like = request.form.get("name", "").strip(), request.form.get("like", "")

    def act(world: World) -> None:
        lab: Lab = bridge().lab
        lab.copy(world, name) if like == "this" else lab.make(name)

    ask(act)
    return redirect(address(name))


@PAGES.post("/worlds/drop")
def drop() -> Any:
    name = request.form.get("name", "")
    ask(lambda world: bridge().lab.drop(name))
    recorder().drop(name)
    flash(f"World {name} is gone.", "good")
    return redirect(url_for("worlds.page") if name != g.world else address(DEFAULT))


@PAGES.post("/worlds/reset")
def reset() -> Any:
    ask(lambda world: world.reset())
    flash("As a fresh store and fresh accounts are.", "good")
    return redirect(url_for("worlds.page"))


@PAGES.post("/snapshots/save")
def save() -> Any:
    name = _name()
    ask(lambda world: world.save(name))
    flash(f"Saved as {name}.", "good")
    return redirect(url_for("worlds.page"))


@PAGES.post("/snapshots/restore")
def restore() -> Any:
    name = _name()
    ask(lambda world: world.restore(name))
    flash(f"All is as it was in {name}.", "good")
    return redirect(url_for("worlds.page"))


@PAGES.get("/snapshots/<name>.storelab")
def export(name: str) -> Response:
    image = ask(lambda world: world.exported(name))
    named = {"Content-Disposition": f'attachment; filename="{name}.storelab"'}
    return Response(image, mimetype="application/octet-stream", headers=named)


@PAGES.post("/snapshots/import")
def bring() -> Any:
    name, file = _name(), request.files.get("file")
    image = file.read() if file else b""
    if not image:
        raise LabError("choose the file of a snapshot that was exported here or elsewhere")
    ask(lambda world: world.keep(name, image))
    flash(f"Kept as {name}; restore it to see it.", "good")
    return redirect(url_for("worlds.page"))


def _name() -> str:
    return checked_name(request.form.get("name", "").strip(), "snapshot")


@PAGES.get("/worlds/compare")
def compare() -> str:
    """`before` and `after` are "now" or a snapshot of this world, or "~NAME" for another world as it is now."""
    before, after = request.args.get("before", NOW), request.args.get("after", NOW)
    changed = compared(_image(before), _image(after), bridge().lab.vocabulary.emulators, KERNEL_TABLES)
    return render_template("worlds.html", **_known(), changed=changed, before=before, after=after)


def _image(side: str) -> Image:
    if side.startswith("~"):
        return ask(lambda world: bridge().lab.world(side[1:]).image())
    return ask(lambda world: world.image() if side == NOW else world.exported(side))
