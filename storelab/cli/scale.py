"""`storelab scale`: a day of many stores in minutes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from . import files, show
from .reach import Json


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: storelab scale --backend sors --stores 20 --hours 24 --plot day.svg")(scale)


def scale(
    backend: Annotated[str, typer.Option(help="What the stores are connected with.")] = "keycrm",
    stores: Annotated[int, typer.Option(min=1, max=5000, help="Stores, each with a backend of its own.")] = 3,
    skus: Annotated[int, typer.Option(min=1, max=100_000, help="Products of each.")] = 20,
    hours: Annotated[float, typer.Option(min=0.01, max=168, help="Simulated time.")] = 6.0,
    changes: Annotated[
        float, typer.Option(min=0, max=3600, help="What happens in one store and its backend in an hour, on average.")
    ] = 6.0,
    poll: Annotated[
        float,
        typer.Option(min=0, help="Seconds between two pushes of a store whose cron calls for them; 0: none."),
    ] = 300.0,
    answer: Annotated[
        float, typer.Option(min=0, max=60, help="Seconds that store and backend take for one call.")
    ] = 0.05,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Simulated workers, on one processor.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same day.")] = 42,
    plot: Annotated[Path | None, typer.Option(help="Write the plots into this SVG file.")] = None,
    json_: Json = False,
) -> None:
    """Simulate a day of traffic: throughput, lag, and calls to each side. Exit code 1: in the end they disagree."""
    from storelab import scaling, scaling_report

    plan = scaling.Plan(backend, stores, skus, hours, changes, poll, answer, workers, seed)
    files.writable(plot)
    shown = [""]

    def progress(what: str, done: float) -> None:
        said = f"{what}: {done:4.0%}"
        if sys.stderr.isatty() and said != shown[0]:
            shown[0] = said
            print(f"\r{said:<16}", end="\r", file=sys.stderr, flush=True)

    found = scaling_report.report(plan, *scaling.simulated(plan, progress))
    if plot is not None:
        files.write(plot, scaling_report.svg(found))
    if json_:
        show.as_json(found)
    else:
        busy, took = found["utilization"], found["really_took"]
        rows = [
            ("simulated", f"{stores} stores with {backend} and {skus} SKUs for {hours:g} hours, {workers} workers"),
            ("took", f"{took['live']:g} s, and {took['prepare']:g} s to prepare"),
            ("changes", f"{found['changes']}, {found['carried']} seen to arrive on the other side"),
            *((f"calls, {name}", str(number)) for name, number in found["calls"].items()),
            (
                "throughput",
                f"{found['jobs_per_second']:g} pieces of work, {found['calls_per_second']:g} calls a second",
            ),
            ("a piece of work", f"{found['cpu_ms_per_job']:g} ms of a processor"),
            ("busy", f"the processor {busy['processor']:.1%}, the workers {busy['workers']:.1%}"),
            ("lag of the workers", _seconds(found["lag"])),
            ("way of a change", _seconds(found["way"])),
            ("in the end", f"{found['converged']} of {stores} stores agree with their backend"),
        ]
        show.table("Scale", ("what", "how much"), rows)
        for line in scaling_report.lines(found):
            show.say(line)
    raise SystemExit(0 if found["converged"] == stores else 1)


def _seconds(found: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:g} s" for name, value in found.items()) or "none"
