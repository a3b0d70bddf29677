"""The broker as a Flask application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from . import applications, door, matrix, pacts, places
from .desk import Answer, Desk
from .ledger import Ledger
from .records import Absent, Pact, Records

MOST = 20 * 1024 * 1024  # bytes of a request
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def made(ledger: Ledger, *, token: str = "", public_url: str = "") -> Flask:
    """The application. With a token every request must bring it; without one only this machine is answered.
    `public_url` is where clients find it when something stands in front of it."""
    app = Flask("storelab.broker", template_folder="../templates", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST
    app.url_map.converters["name"] = door.Name
    app.wsgi_app = door.undecoded(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def admit() -> None:
        door.admit(request, token)

    @app.errorhandler(door.Refused)
    def refused(bad: door.Refused) -> Answer:
        notices = [{"type": "error", "text": error} for error in bad.errors]
        return {"errors": list(bad.errors), "notices": notices}, bad.status

    @app.errorhandler(matrix.Unknown)
    def unknown(bad: matrix.Unknown) -> Answer:
        return {"errors": [str(bad)]}, 400

    @app.errorhandler(Absent)
    def absent(bad: Absent) -> Answer:
        return {"errors": [str(bad)]}, 404

    @app.errorhandler(HTTPException)
    def failed(bad: HTTPException) -> Answer:
        return {"errors": [bad.description or bad.name]}, bad.code or 500

    @app.after_request
    def told(response: Response) -> Response:
        if response.mimetype == "application/json":
            response.mimetype = "application/hal+json"
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        response.headers.update(HEADERS)
        return response

    @app.get("/")
    def index() -> Any:
        if request.accept_mimetypes.best_match(["application/hal+json", "text/html"]) == "text/html":
            return render_template("broker.html", **_page(desk.records))
        return desk.hal().index()

    desk = Desk(ledger, public_url)
    for routes in (applications, pacts, places):
        routes.add(app, desk)
    return app


# -- the page


def _page(records: Records) -> dict[str, Any]:
    """What a person looks for: each contract that is the latest of its branch, who has verified it, what is where."""
    newest = {(p.consumer, p.provider, branch): p for p in records.pacts.values() for branch in _branches(records, p)}
    rows = []
    for (_, _, branch), pact in sorted(newest.items(), key=lambda each: each[0]):
        results = {v.version: v for v in records.verifications.get(pact.sha, ())}
        rows.append({"pact": pact, "branch": branch, "results": list(results.values())[-5:]})
    places = [
        (
            environment,
            [here for here in records.live.values() if here.environment == environment.uuid and not here.ended],
        )
        for environment in sorted(records.environments.values(), key=lambda each: each.name)
    ]
    return {"rows": rows, "places": places, "pacts": len(records.pacts)}


def _branches(records: Records, pact: Pact) -> Sequence[str]:
    return [*records.versions[pact.consumer, pact.version].branches] or [""]
