"""Reports: what is emulated and proven, the contracts, failures from the field, and what leaves a store."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for

from storelab.contracts.pactfiles import pact_files, read as read_pact
from storelab.coverage import asked, counted, proven, total
from storelab.disclosure.report import rows
from storelab.disclosure.table import tables
from storelab.scenarios.story import FAILURES, read, stories

from ..bridge import bridge
from ..rounds import Rounds
from .stories import plays

PAGES = Blueprint("reports", __name__)
ON_A_PAGE = 100


def rounds() -> Rounds:
    found = current_app.extensions.get("rounds")
    if found is None:
        found = current_app.extensions["rounds"] = Rounds(plays().client, current_app.extensions["ring"])
    assert isinstance(found, Rounds)
    return found


@cache
def _contracts() -> list[dict[str, Any]]:
    """The pacts as they are committed; they do not change while a sandbox runs."""
    return [
        {
            "name": path.stem,
            "consumer": pact["consumer"]["name"],
            "provider": pact["provider"]["name"],
            "interactions": pact["interactions"],
        }
        for path in pact_files()
        for pact in [read_pact(path)]
    ]


def warm(services: Iterable[str]) -> None:
    """Read what is read once."""
    _contracts(), _failures(), tables()
    for name in services:
        _asked(name)


@cache
def _asked(provider: str) -> list[tuple[str, str]]:
    return asked(provider)


@PAGES.get("/reports/parts")
def overview() -> str:
    return render_template("reports_parts.html", live=True, **_overview())


def _overview() -> dict[str, Any]:
    """What is told of the rounds."""
    return {
        "failures": len(stories(FAILURES)),
        "round": rounds().failures,
        "tables": tables(),
        "lived": rounds().lives.lived,
    }


@PAGES.get("/reports")
def page() -> str:
    services = bridge().lab.services
    covered = [counted(name, proven(service.covered(), _asked(name))) for name, service in services.items()]
    return render_template(
        "reports.html",
        covered=[*covered, total(covered)],
        contracts=_contracts(),
        **_overview(),
    )


@PAGES.get("/reports/coverage/<service>")
def coverage(service: str) -> str:
    found = bridge().lab.services.get(service) or abort(404, f"There is no service {service!r}.")
    operations = proven(found.covered(), _asked(service))
    number = max(1, request.args.get("page", 1, type=int))
    begin = (number - 1) * ON_A_PAGE
    return render_template(
        "coverage.html",
        emulator=found.emulator,
        operations=operations[begin : begin + ON_A_PAGE],
        page=number,
        pages=-(-len(operations) // ON_A_PAGE),
    )


@PAGES.get("/reports/contracts/<name>")
def contract(name: str) -> str:
    found = next((c for c in _contracts() if c["name"] == name), None) or abort(404, f"There is no contract {name!r}.")
    return render_template("contract.html", contract=found)


@PAGES.get("/reports/failures")
def failures() -> str:
    return render_template("failures.html", stories=_failures(), round=rounds().failures)


@PAGES.get("/reports/failures/parts")
def failures_parts() -> str:
    return render_template("failures_parts.html", live=True, stories=_failures(), round=rounds().failures)


@cache
def _failures() -> list[Any]:
    return [read(path) for path in stories(FAILURES)]


@PAGES.post("/reports/failures/play")
def play_failures() -> Any:
    speaks = bridge().lab.base_url.partition("://")[0]
    rounds().play_failures([story.path for story in _failures() if story.needs in ("", speaks)])
    return redirect(url_for("reports.failures"))


@PAGES.get("/reports/disclosure/<backend>")
def disclosure(backend: str) -> str:
    return render_template("disclosure.html", **_life(backend))


@PAGES.get("/reports/disclosure/<backend>/parts")
def disclosure_parts(backend: str) -> str:
    return render_template("disclosure_parts.html", live=True, **_life(backend))


def _life(backend: str) -> dict[str, Any]:
    (table,) = tables([backend])
    lived = rounds().lives.lived.get(backend, "")
    seen = rows(lived) if lived and not isinstance(lived, str) else []
    return {"table": table, "lived": lived, "rows": seen, "doing": rounds().lives.doing.get(backend, "")}


@PAGES.post("/reports/disclosure/<backend>/live")
def live(backend: str) -> Any:
    (table,) = tables([backend])
    rounds().live(table)
    return redirect(url_for("reports.disclosure", backend=backend))
