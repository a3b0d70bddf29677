"""The clock with what is due, and the faults."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from ...kernel.clock import ClockSetting, parsed
from ...kernel.errors import LabError
from ...kernel.faults import DELIVERY_KINDS, KINDS, Fault
from ...kernel.jobs import JOBS, Job
from ...kernel.webhooks import DELIVERIES, Delivery
from ...kernel.world import World
from ..bridge import ask, bridge
from ..recorder import recorder

PAGES = Blueprint("time", __name__)
SHOWN = 50  # of what is due
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
_NUMBERS = {
    "times": int,
    "skip": int,
    "status": int,
    "retry_after": int,
    "seconds": float,
    "chance": float,
    "copies": int,
}


@PAGES.get("/clock")
def clock() -> str:
    return render_template("clock.html", units=UNITS, **_due())


@PAGES.get("/clock/due")
def due() -> str:
    return render_template("due.html", live=True, **_due())


def _due() -> dict[str, Any]:
    def look(world: World) -> dict[str, Any]:
        d, j = DELIVERIES.c, JOBS.c
        waiting = world.store[Delivery].all(d.status == "pending", order=[d.due_at, d.id], limit=SHOWN)
        jobs = world.store[Job].all(j.status.in_(("pending", "running")), order=[j.due_at, j.id], limit=SHOWN)
        world.store.rollback()
        rows: list[tuple[datetime, str, str, str]] = []
        rows += [(d.due_at, d.service, f"webhook {d.subscription}", f"{len(d.attempts)} tried before") for d in waiting]
        rows += [(j.due_at, j.service, j.name, _pace(j)) for j in jobs]
        return {
            "due": sorted(rows)[:SHOWN],
            "held": world.postman.held,
            "now": world.now.replace(microsecond=0),
            "frozen": world.clock.frozen_at is not None,
            "ahead": world.clock.ahead,
        }

    return ask(look)


def _pace(job: Job) -> str:
    return ", ".join(filter(None, (f"every {job.every:g} s" if job.every else "once", job.error)))


@PAGES.post("/clock/<any(freeze, live, advance, idle, hold, release):what>")
def move(what: str) -> Any:
    seconds = _seconds() if what == "advance" else 0.0

    async def act(world: World) -> None:
        if what == "freeze":
            at = request_at
            world.set_clock(world.clock.frozen(at or world.now))
        elif what == "live":
            world.set_clock(ClockSetting())
        elif what == "advance":
            await world.advance(seconds)
        elif what == "idle":
            await world.run_until_idle()
        else:
            world.postman.held = what == "hold"
            world.postman.wake()

    request_at = parsed(request.form["at"]) if request.form.get("at") else None
    ask(act)
    if what == "advance":
        recorder().add(g.world, {"wait": {"seconds": int(seconds) if seconds == int(seconds) else seconds}})
    return redirect(url_for("time.clock"))


def _seconds() -> float:
    try:
        return float(request.form.get("count", "")) * UNITS[request.form.get("unit", "seconds")]
    except (ValueError, KeyError):
        raise LabError("how far to go forward is a number and seconds, minutes, hours or days") from None


# -- faults


@PAGES.get("/faults")
def faults() -> str:
    service = request.args.get("service") or next(iter(bridge().lab.services))
    bridge().lab.vocabulary[service]  # `LabError` when there is none
    operations = bridge().lab.services[service].document.operations

    def look(world: World) -> list[Fault]:
        return list(world.faults.active.values())

    return render_template(
        "faults.html",
        chosen=service,
        operations=sorted(operations.values(), key=lambda o: o.id),
        active=ask(look),
        kinds=KINDS,
        delivery_kinds=DELIVERY_KINDS,
    )


@PAGES.post("/faults")
def add() -> Any:
    given = _entered()
    service = bridge().lab.vocabulary[given["service"]].name
    known = bridge().lab.services[service].document.operations
    if given.get("operation") and given["operation"] not in known:
        raise LabError(f"{service} has no operation {given['operation']!r}; choose one of the list")
    fault = ask(lambda world: world.faults.add(given, world.now))
    recorder().add(g.world, {"fault": given})
    flash(f"Fault {fault.id} waits: {fault.kind} in {service}.", "good")
    return redirect(url_for("time.faults", service=service))


@PAGES.post("/faults/clear")
def clear() -> Any:
    number = request.form.get("number", type=int)
    ask(lambda world: world.faults.clear(number))
    if number is None:
        recorder().add(g.world, {"fault": "clear"})
    return redirect(url_for("time.faults"))


def _entered() -> dict[str, Any]:
    names = ("kind", "service", "operation", "method", "sender", "phase", *_NUMBERS)
    given: dict[str, Any] = {}
    for name in names:
        text = request.form.get(name, "").strip()
        if not text:
            continue
        try:
            given[name] = _NUMBERS[name](text) if name in _NUMBERS else text
        except ValueError:
            raise LabError(f"{name} is {text!r}; it takes a number") from None
    if "kind" not in given or "service" not in given:
        raise LabError("choose what goes wrong, and where")
    return given
