"""A service from the inside: its facts, and every move and state of its vocabulary, found from it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, flash, make_response, redirect, render_template, request, url_for

from ...kernel.emulator import Emulator
from ...kernel.journal import masked
from .. import forms
from ..bridge import ask, bridge
from ..doing import say
from ..gate import inside
from ..large import is_large, told
from ..tables import sheet
from .link import panel

PAGES = Blueprint("words", __name__)
CHANGED = "changed"  # what a page listens to, to show its facts anew


@PAGES.get("/services/<service>")
def page(service: str) -> str:
    emulator = _emulator(service)
    fact = request.args.get("fact") or next((w.name for w in forms.words(emulator.facts) if w.ready), "")
    return render_template(
        "service.html",
        service=emulator,
        about=_about(service),
        link=panel(service),
        large=ask(lambda world: is_large(world, emulator)),
        fact=fact,
        facts=forms.words(emulator.facts),
        moves=forms.grouped(forms.words(emulator.moves)),
        states=forms.grouped(forms.words(emulator.states)),
    )


def _about(service: str) -> dict[str, Any]:
    info = ask(current_app.extensions["sandbox"].info)
    told: dict[str, Any] = info["store"] if service == "woocommerce" else info["backends"][service]
    return told


@PAGES.get("/services/<service>/facts/<path:name>")
def fact(service: str, name: str) -> str:
    emulator = _emulator(service)
    function = emulator.facts.get(name) or abort(404, f"{emulator.title} has no fact {name!r}.")
    words = forms.one(name, function)
    given = forms.arguments(function, request.args)
    text, number = request.args.get("text", ""), max(1, request.args.get("page", 1, type=int))
    value = told(emulator, name, given)
    shown = sheet(masked(value, emulator.secrets), text=text, page=number)
    entered = {field.name: request.args.get(forms.PREFIX + field.name, field.default) for field in words.fields}
    return render_template(
        "fact.html",
        service=emulator,
        words=words,
        sheet=shown,
        text=text,
        entered=entered,
        asked=request.args.to_dict(),
    )


@PAGES.post("/services/<service>/<any(states, moves):kind>/<path:name>")
def do(service: str, kind: str, name: str) -> Any:
    emulator = _emulator(service)
    function = getattr(emulator, kind).get(name) or abort(404, f"{emulator.title} has no {kind[:-1]} {name!r}.")
    result = say(service, kind, name, forms.arguments(function, request.form))
    if "hx-request" in request.headers:
        told = sheet(result) if result not in (None, {}, []) else None
        answer = make_response(render_template("done.html", name=name, sheet=told))
        answer.headers["HX-Trigger"] = CHANGED
        return answer
    flash(f"{name}: done.", "good")
    return redirect(inside(request.form.get("back", "")) or url_for("words.page", service=service))


def _emulator(service: str) -> Emulator:
    emulators = bridge().lab.vocabulary.emulators
    if service not in emulators:
        abort(404, f"There is no service {service!r}; there are: {', '.join(emulators)}.")
    return emulators[service]
