"""What a person presses in the plugin: connect, disconnect, and the buttons between, by the sync's driver API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, request, url_for

from storelab.scenarios.driver import Refusal
from storelab.scenarios.merchant import wanted_connection

from ...kernel.errors import LabError
from ...kernel.world import World
from ..bridge import ask
from ..forms import PREFIX, Field
from ..links import Links
from ..recorder import recorder
from .map import links

PAGES = Blueprint("link", __name__)


def panel(service: str) -> dict[str, Any] | None:
    """What the page of a backend shows of its link; nothing where no sync knows it."""
    known: Links = links()
    if not known.url:
        return None
    wants = known.driver.wants(service)
    if not wants:
        return None
    rows = known.of(ask(lambda world: world.base_url), service)
    details = [_detail(known, row) for row in reversed(rows) if row["status"] != "disconnected"]
    credentials = [Field(f"credential.{n}", "text", False, "", "empty: this world's own") for n in wants["credentials"]]
    return {
        "connections": details,
        "over": sum(row["status"] == "disconnected" for row in rows),
        "buttons": wants["buttons"],
        "confirms": wants["confirms"],
        "fields": [_field(name, schema) for name, schema in wants["settings"].get("properties", {}).items()],
        "credentials": [field for field in credentials if field.name != "credential.url"],
    }


def _detail(known: Links, row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return known.driver.status(row["id"])
    except Refusal:
        return dict(row)


def _field(name: str, schema: Mapping[str, Any]) -> Field:
    default = schema.get("default")
    kind = {"boolean": "choice", "integer": "number", "number": "number"}.get(_type(schema), "text")
    shown = "" if default is None else {True: "yes", False: "no"}[default] if kind == "choice" else str(default)
    choices = ", ".join(str(c) for c in schema.get("enum", ()) if c is not None)
    return Field(name, kind, False, shown, ". ".join(filter(None, (choices, schema.get("description", "")))))


def _type(schema: Mapping[str, Any]) -> str:
    types = schema.get("type", "string")
    return str(next((t for t in types if t != "null"), "string") if isinstance(types, list) else types)


@PAGES.post("/links/<service>/connect")
def connect(service: str) -> Any:
    known = links()
    wants = known.driver.wants(service) or abort(404, f"The sync does not know {service!r}.")
    entered = _entered(wants)
    info = ask(current_app.extensions["sandbox"].info)
    try:
        made = known.driver.connect(wanted_connection(info, service, entered, wants), None)
    except Refusal as refusal:
        raise LabError(refusal.message, status=409) from None
    finally:
        known.forget()
    for todo in made.get("todo") or ():
        _done(todo)
    recorder().add(g.world, {"connect": {"backend": service, "said": entered}})
    flash(f"Connected: {made.get('stage') or made.get('status', 'asked')}.", "good")
    if made.get("open"):
        flash(str(made["open"]), "open")
    return redirect(url_for("words.page", service=service))


def _done(todo: Mapping[str, Any]) -> None:
    """What a person must do in the backend for it, as a move; it comes with the connection, and is not recorded."""

    async def do(world: World) -> None:
        await world.do(todo["service"], todo["move"], todo.get("args") or {})

    ask(do)


def _entered(wants: Mapping[str, Any]) -> dict[str, Any]:
    entered: dict[str, Any] = {}
    for name, schema in wants["settings"].get("properties", {}).items():
        text, field = request.form.get(PREFIX + name), _field(name, schema)
        if text is None or text.strip() == field.default:
            continue
        if field.kind == "number":
            try:
                entered[name] = int(text)
            except ValueError:
                raise LabError(f"{field.label} is {text!r}; it takes a whole number") from None
        else:
            entered[name] = text == "yes" if field.kind == "choice" else text
    for name in wants["credentials"]:
        if text := request.form.get(f"{PREFIX}credential.{name}", "").strip():
            entered[name] = text
    return entered


@PAGES.post("/links/<service>/<connection>/<what>")
def press(service: str, connection: str, what: str) -> Any:
    """`what` is tick, confirm, disconnect, or one of the connector's buttons."""
    driver = links().driver
    step: dict[str, Any] = {"sync": what}
    try:
        if what == "disconnect":
            driver.disconnect(connection)
            step = {"connect": {"backend": service, "said": "end"}}
        elif what == "confirm":
            driver.confirm(connection, None)
            step = {"connect": {"backend": service, "said": "confirm"}}
        elif what == "tick":
            driver.tick(connection, None)
            step = {"sync": "once"}
        else:
            driver.start(connection, what, None)
    except Refusal as refusal:
        raise LabError(refusal.message, status=409) from None
    finally:
        links().forget()
    recorder().add(g.world, step)
    flash(f"{what}: done.", "good")
    return redirect(url_for("words.page", service=service))
