"""Scenarios: play them, at once or step by step, and record what is clicked as a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, g, redirect, render_template, request, url_for

from storelab.client import LabClient
from storelab.scenarios.scene import PIECES
from storelab.scenarios.story import FAILURES, HOME, read, stories

from ...kernel.errors import LabError
from ...kernel.world import World
from ..bridge import ask, bridge
from ..plays import Play, Plays
from ..recorder import recorder, story
from ..traffic import STORE

PAGES = Blueprint("stories", __name__)
MOST_EXPECTED = 50  # SKUs that an `expect` names


def plays() -> Plays:
    sandbox = current_app.extensions["sandbox"]
    found = current_app.extensions.get("plays")
    if found is None:

        def client() -> LabClient:
            return LabClient(sandbox.lab.base_url, sandbox.token, verify=sandbox.authority or True)

        found = current_app.extensions["plays"] = Plays(client, current_app.extensions["ring"])
    assert isinstance(found, Plays)
    return found


@PAGES.get("/scenarios")
def page() -> str:
    told: dict[str, list[tuple[str, str]]] = {}
    for path in [*stories(), *stories(FAILURES)]:
        inside = path.relative_to(HOME)
        told.setdefault(inside.parts[0], []).append((inside.with_suffix("").as_posix(), _title(path)))
    verdicts = {play.name: play for play in plays().known.values()}
    recording = recorder().of(g.world)
    backends = [name for name in bridge().lab.services if name != STORE]
    return render_template("scenarios.html", told=told, verdicts=verdicts, recording=recording, backends=backends)


def _title(path: Path) -> str:
    """Without reading the whole of it: there are hundreds."""
    with path.open(encoding="utf-8") as file:
        line = next((line for line in file if line.startswith("title:")), "")
    return line.partition(":")[2].strip().strip("\"'")


@PAGES.get("/scenarios/<path:name>")
def one(name: str) -> str:
    path = _path(name)
    return render_template("scenario.html", story=read(path), name=name, text=path.read_text(encoding="utf-8"))


def _path(name: str) -> Path:
    path = (HOME / f"{name}.yaml").resolve()
    if not path.is_relative_to(HOME) or not path.is_file():
        abort(404, f"There is no story {name!r}.")
    return path


@PAGES.post("/plays")
def play() -> Any:
    stepwise = request.form.get("how") == "steps"
    started = plays().start(_path(request.form.get("story", "")), stepwise=stepwise)
    return redirect(url_for("stories.watch", number=started.id))


@PAGES.get("/plays/<int:number>")
def watch(number: int) -> str:
    return render_template("play.html", play=_found(number))


@PAGES.get("/plays/<int:number>/parts")
def parts(number: int) -> str:
    return render_template("play_parts.html", play=_found(number), live=True)


@PAGES.post("/plays/<int:number>/on")
def go_on(number: int) -> Any:
    _found(number).go_on(to_the_end=request.form.get("how") == "end")
    return redirect(url_for("stories.watch", number=number))


def _found(number: int) -> Play:
    return plays().known.get(number) or abort(404, f"There is no play {number}, or not any more.")


# -- recording


@PAGES.post("/recording/<any(start, stop, drop):what>")
def record(what: str) -> Any:
    if what == "start":
        if request.form.get("fresh") == "yes":
            ask(lambda world: world.reset())
        recorder().start(g.world)
        flash("Recording: what you press from now on becomes a story.", "good")
        return redirect(url_for("map.page"))
    recorder().stop(g.world) if what == "stop" else recorder().drop(g.world)
    return redirect(url_for("stories.page"))


@PAGES.get("/recording/story.yaml")
def download() -> Response:
    named = {"Content-Disposition": 'attachment; filename="story.yaml"'}
    return Response(_recorded(), mimetype="application/yaml", headers=named)


@PAGES.get("/recording/story")
def show() -> str:
    return render_template("recorded.html", text=_recorded(), asked=request.args.to_dict())


@PAGES.post("/recording/play")
def play_recorded() -> Any:
    started = plays().start_text(_recorded(), stepwise=request.form.get("how") == "steps")
    return redirect(url_for("stories.watch", number=started.id))


def _recorded() -> str:
    """As a scenario file: title, backend, whether the sync works between the steps, and whether what is so now is what
    is expected at the end."""
    asked, recording = request.values, recorder().of(g.world)
    if recording is None or not recording.steps:
        raise LabError("nothing was recorded in this world: press record, and then something else", status=409)
    backend = asked.get("backend", "")
    if backend not in bridge().lab.services or backend == STORE:
        raise LabError(f"a story is about one backend; {backend or 'nothing'!r} is none")
    steps = list(recording.steps)
    if asked.get("expect") == "yes":
        steps.append({"expect": _now(backend)})
    return story(asked.get("title", "").strip() or "What was clicked", backend, steps, sync=asked.get("sync") == "yes")


def _now(backend: str) -> dict[str, Any]:
    """What store and backend believe, as far as a story compares it."""
    facts = bridge().lab.vocabulary[backend].facts
    name = next((name for name in PIECES if name in facts), "")

    async def look(world: World) -> dict[str, Any]:
        shelf = await world.fact(STORE, "stock", {})
        received = await world.fact(backend, name, {}) if name else {}
        return {"shelf": shelf, "received": received}

    return {side: _pieces(known) for side, known in ask(look).items() if _pieces(known)}


def _pieces(known: Any) -> dict[str, Any]:
    return {sku: n for sku, n in list(known.items())[:MOST_EXPECTED] if isinstance(n, int | float)}
