"""`storelab scale`: a day of many stores in a minute."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from storelab.emulators.kernel.errors import LabError

from . import show
from .reach import Json


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: storelab scale --stores 20 --skus 100 --hours 24 --plot day.svg")(scale)


def scale(
    stores: Annotated[int, typer.Option(min=1, max=5000, help="Stores, each with a KeyCRM of its own.")] = 3,
    skus: Annotated[int, typer.Option(min=1, max=100_000, help="Products of each.")] = 50,
    hours: Annotated[float, typer.Option(min=0.1, max=168, help="Simulated time.")] = 6.0,
    changes: Annotated[
        float, typer.Option(min=0, max=3600, help="Sales and deliveries of one store in an hour, on average.")
    ] = 6.0,
    poll: Annotated[float, typer.Option(min=0, help="Seconds between two pushes of one store; 0: none.")] = 300.0,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Simulated workers.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same day.")] = 42,
    plot: Annotated[Path | None, typer.Option(help="Write the plots into this SVG file.")] = None,
    json_: Json = False,
) -> None:
    """Simulate a day of traffic: throughput, lag, and calls to each side. Exit code 1: in the end they disagree."""
    from storelab import scaling

    plan = scaling.Plan(stores, skus, hours, changes, poll, workers, seed)
    shown = [-1]

    def progress(done: float) -> None:
        if sys.stderr.isatty() and int(done * 100) != shown[0]:
            shown[0] = int(done * 100)
            print(f"\r{shown[0]:3} %", end="\r", file=sys.stderr, flush=True)

    found = scaling.simulated(plan, progress)
    if plot is not None:
        try:
            plot.write_text(scaling.svg(found))
        except OSError as bad:
            raise LabError(f"cannot write {plot}: {bad.strerror or bad}") from None
    if json_:
        show.as_json(found)
    else:
        rows = [
            ("simulated", f"{stores} stores with {skus} SKUs for {hours:g} hours, {workers} workers"),
            ("took", f"{found['seconds']:g} s, and {found['seconds_to_prepare']:g} s to prepare"),
            ("changes", f"{found['changes']}, {found['carried']} seen to arrive on the other side"),
            *((f"calls to {name}", str(number)) for name, number in found["calls"].items()),
            ("throughput", f"{found['calls_per_worker_second']:g} calls a second of one worker's work"),
            ("workers busy", f"{found['utilization']:.2%} of the time"),
            ("lag", _seconds(found["lag"])),
            ("wait for a worker", _seconds(found["wait"])),
            ("in the end", f"{found['converged']} of {stores} stores agree with their backend"),
        ]
        show.table("Scale", ("what", "how much"), rows)
        for line in scaling.lines(found):
            show.say(line)
    raise SystemExit(0 if found["converged"] == stores else 1)


def _seconds(found: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:g} s" for name, value in found.items()) or "none"
