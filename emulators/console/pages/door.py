"""Logging in and out, where the token is wanted."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for

from ..gate import Gate, inside

PAGES = Blueprint("gate", __name__)


def gate() -> Gate:
    found: Gate = current_app.extensions["gate"]
    return found


@PAGES.route("/login", methods=["GET", "POST"])
def login() -> Any:
    to = inside(request.values.get("to", ""))
    if request.method == "GET":
        return render_template("login.html", to=to, wrong=False)
    answer = make_response(redirect(to or url_for("map.page")))
    if gate().log_in(request.form.get("token", ""), answer):
        return answer
    return render_template("login.html", to=to, wrong=True), 403


@PAGES.post("/logout")
def logout() -> Any:
    answer = make_response(redirect(url_for("gate.login")))
    gate().log_out(answer)
    return answer
