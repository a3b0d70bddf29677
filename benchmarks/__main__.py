"""storelab beside what a user would pick instead, in one run on one machine.

    python -m benchmarks                      # everything, in some fifteen minutes
    python -m benchmarks --peers prism starlette --rounds 3 --seconds 0.5
    python -m benchmarks --write              # also into benchmarks/results and the table of README.md

The servers take turns, round by round, forwards and backwards; of each figure the median is taken. Quoted first is
user and system time of the whole server for each answer: the steadiest figure on a machine that does other things too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from . import own, peers, report
from .contestants import Contestant, Figure, Unmeasured, measured
from .storelabs import storelab

Figures = dict[str, dict[str, dict[int, list[Figure]]]]  # by contestant, operation and connections


def started(names: list[str], sizes: Sequence[int], folder: Path, missing: dict[str, str]) -> list[Contestant]:
    """All of them, running; who cannot take part is noted with the reason."""
    ours = []
    for size in sizes:
        made = storelab(name=f"storelab, {size:,} products")
        made.begin(size)
        ours.append(made)
    running: list[Contestant] = list(ours)
    for name, contestant in peers.chosen(names, ours[0].bodies(), folder):
        if isinstance(contestant, Unmeasured):
            missing[name] = str(contestant)
            continue
        try:
            contestant.start()
            running.append(contestant)
        except Unmeasured as why:
            missing[contestant.name] = str(why)
            contestant.stop()
    return running


def played(contestants: list[Contestant], given: argparse.Namespace, missing: dict[str, str]) -> Figures:
    """What each turn measured; no round is begun when the minutes are over."""
    figures: Figures = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    turns = [(c, o, n) for c in contestants for o in c.requests for n in given.connections]
    broken: set[tuple[str, str]] = set()
    end = time.monotonic() + given.minutes * 60
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=len(turns) * given.rounds + len(contestants))
        for contestant in contestants:
            progress.update(bar, description=f"warming up {contestant.name}", advance=1)
            for operation in contestant.requests:
                progress.update(bar, description=f"warming up {contestant.name}, {operation}")
                try:
                    measured(contestant, operation, 4, contestant.warm_up / 2)
                except Unmeasured as why:
                    missing[f"{contestant.name}, {operation}"] = str(why)
                    broken.add((contestant.name, operation))
        for number in range(given.rounds):
            if time.monotonic() > end:
                break
            for contestant, operation, connections in turns if number % 2 else reversed(turns):
                progress.update(bar, description=f"round {number + 1}: {contestant.name}, {operation}", advance=1)
                if (contestant.name, operation) in broken:
                    continue
                try:
                    figure = measured(contestant, operation, connections, given.seconds)
                    figures[contestant.name][operation][connections].append(figure)
                except Unmeasured as why:
                    missing[f"{contestant.name}, {operation}, {connections} connections"] = str(why)
    return figures


def medians(found: list[Figure]) -> dict[str, float]:
    def median(name: str) -> float:
        return statistics.median(getattr(figure, name) for figure in found)

    return {
        "cpu_ms": round(median("cpu"), 4),
        "per_second": round(median("per_second"), 1),
        "p50_ms": round(median("median"), 3),
        "p99_ms": round(median("slowest"), 3),
    }


def machine() -> dict[str, Any]:
    """What it was measured on."""
    processor = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    commit = ["git", "rev-parse", "--short", "HEAD"]
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processors": f"{os.cpu_count()} x {processor or platform.processor()}",
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": [round(value, 1) for value in os.getloadavg()],
        "commit": subprocess.run(commit, capture_output=True, text=True, check=False).stdout.strip(),
    }


def _lines(file: str) -> list[str]:
    return Path(file).read_text().splitlines() if Path(file).exists() else []


def compared(given: argparse.Namespace) -> dict[str, Any]:
    """Everything that was measured, as JSON."""
    missing: dict[str, str] = {}
    result: dict[str, Any] = {"machine": machine(), "rounds": given.rounds, "seconds": given.seconds}
    with tempfile.TemporaryDirectory() as folder:
        contestants = started(given.peers, given.sizes, Path(folder), missing)
        try:
            figures = played(contestants, given, missing)
            result["rounds"] = max(len(f) for o in figures.values() for n in o.values() for f in n.values())
            result["servers"] = {
                c.name: {
                    "works": c.works,
                    "cold_start_s": round(c.cold_seconds, 3),
                    "cold_start_cpu_s": round(c.cold_cpu, 2),
                    "idle_mb": round(c.idle_megabytes),
                    "operations": {
                        operation: {str(n): medians(found) for n, found in by_connections.items()}
                        for operation, by_connections in figures[c.name].items()
                    },
                }
                for c in contestants
            }
        finally:
            for contestant in contestants:
                contestant.stop()
    result["machine"]["load_after"] = [round(value, 1) for value in os.getloadavg()]
    if not given.only_beside:
        result["own"] = own.measured()
    result["missing"] = missing
    return result


def main() -> None:
    described = (__doc__ or "").split("\n\n")
    parser = argparse.ArgumentParser("python -m benchmarks", description=described[0], epilog=described[1])
    parser.formatter_class = argparse.RawTextHelpFormatter
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="how long one window of one operation is")
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no round after so many")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 10_000, 100_000], help="products in the store")
    parser.add_argument("--peers", nargs="*", default=list(peers.EVERY), choices=list(peers.EVERY), metavar="PEER")
    parser.add_argument("--only-beside", action="store_true", help="leave out what no peer has")
    parser.add_argument("--write", action="store_true", help="into benchmarks/results and README.md")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # and stop what was started
    result = compared(given)
    if given.write:
        report.written(result)
    if given.json:
        print(json.dumps(result, indent=1))
        return
    for table in report.tables(result):
        Console().print(table)
    for name, why in result["missing"].items():
        print(f"not measured: {name}: {why}", file=sys.stderr)


if __name__ == "__main__":
    main()
