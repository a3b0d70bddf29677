"""The Flask application: its pages, what they share, and how errors are told."""

from __future__ import annotations

import logging
import secrets
import traceback
from typing import TYPE_CHECKING, Any

from flask import Flask, g, render_template, request
from werkzeug.exceptions import HTTPException

from ..kernel.errors import LabError
from ..kernel.lab import DEFAULT
from ..kernel.world import World
from . import filters, forms, pages
from .bridge import Bridge, ask, bridge
from .gate import Gate, guarded
from .pages import reports
from .recorder import Recorder, recorder
from .shelves import local
from .tables import cell

if TYPE_CHECKING:
    from .console import Sandbox

log = logging.getLogger("storelab")
A_DAY = 86_400


def create_app(sandbox: Sandbox, bridge: Bridge) -> Flask:
    app = Flask(__name__)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = A_DAY
    app.secret_key = secrets.token_bytes(32)  # of what is kept in cookies: baskets, messages
    app.config.update(SESSION_COOKIE_SAMESITE="Strict", SESSION_COOKIE_NAME="storelab-basket")
    app.extensions |= {"sandbox": sandbox, "bridge": bridge}
    recordings = app.extensions["recorder"] = Recorder()
    sandbox.lab.dropped.append(recordings.drop)  # another world may get its name
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    gate = app.extensions["gate"] = Gate(sandbox.token, required=sandbox.token_required)

    @app.before_request
    def whose() -> Any:
        script: str = request.environ["SCRIPT_NAME"]
        g.world = script.removeprefix("/~")
        return gate.check()

    @app.context_processor
    def shared() -> dict[str, Any]:
        return {
            "csrf": gate.csrf,
            "frame": _frame,
            "services": sandbox.lab.vocabulary.emulators,
            "sync": bool(sandbox.sync_url),
            "logged_in": gate.logged_in,
        }

    app.add_template_filter(filters.live)
    app.add_template_filter(filters.shortly)
    app.add_template_filter(filters.why)
    app.add_template_filter(filters.flat)
    app.add_template_filter(filters.capfirst)
    app.add_template_filter(filters.ticked)
    app.add_template_filter(filters.lines)
    app.add_template_filter(local)
    app.add_template_filter(filters.yaml)
    app.add_template_filter(cell)
    app.add_template_global(filters.addresses)
    app.after_request(guarded)
    app.register_error_handler(LabError, _refused)
    app.register_error_handler(HTTPException, _wrong)
    app.register_error_handler(Exception, _defect)
    for page in pages.BLUEPRINTS:
        app.register_blueprint(page)
    return app


def warmed(app: Flask) -> None:
    """What each page needs once and is the same afterwards: its template compiled, its documents read. Done when the
    first page was answered, while somebody looks at that, so that no other page takes long when it is looked at for
    the first time."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    lab = app.extensions["sandbox"].lab
    for emulator in lab.vocabulary.emulators.values():
        for vocabulary in (emulator.facts, emulator.moves, emulator.states):
            forms.words(vocabulary)
    reports.warm(lab.services)


def _frame() -> dict[str, Any]:
    """What stands at the head of every page."""

    def look(world: World) -> dict[str, Any]:
        return {
            "world": world.name,
            "default": world.name == DEFAULT,
            "now": world.now,
            "frozen": world.clock.frozen_at is not None,
            "faults": len(world.faults.active),
        }

    recording = recorder().of(g.world)
    steps = len(recording.steps) if recording is not None and recording.on else None
    return {**ask(look), "recording": steps}


def _refused(refused: LabError) -> tuple[str, int]:
    """The laboratory says no, in words for people. A part of a page is an answer all the same: the browser shows it
    where the page wants it."""
    if "hx-request" in request.headers:
        return render_template("refused.html", message=refused.message), 200
    return _told(refused.message, refused.status)


def _wrong(wrong: HTTPException) -> Any:
    if wrong.response is not None:
        return wrong.response
    return _told(wrong.description or wrong.name, wrong.code or 500)


def _defect(bug: Exception) -> tuple[str, int]:
    masked = bridge().lab.vocabulary.masked
    log.error("console %s %s: %s", request.method, request.path, masked(traceback.format_exc()))
    return _told(f"a defect of the console: {masked(f'{type(bug).__name__}: {bug}')}", 500)


def _told(message: str, status: int) -> tuple[str, int]:
    if "hx-request" in request.headers:
        return render_template("refused.html", message=message), status
    known = status != 401 and g.get("world", "") in ("", *_worlds())
    return render_template("error.html", message=message, status=status, framed=known), status


def _worlds() -> list[str]:
    return bridge().lab.names()
