"""What came of a simulated day: figures, and plots for a terminal and as a picture."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from storelab.scaling import BUCKETS, Plan, Tally


def report(plan: Plan, tally: Tally, took: Mapping[str, float]) -> dict[str, Any]:
    seconds = plan.hours * 3600
    return {
        "backend": plan.backend,
        "stores": plan.stores,
        "skus": plan.skus,
        "hours": plan.hours,
        "workers": plan.workers,
        "answer": plan.answer,
        "changes": tally.changes,
        "carried": len(tally.ways),
        "jobs": tally.jobs,
        "jobs_per_second": round(tally.jobs / seconds, 2),
        "cpu_ms_per_job": round(tally.cpu / tally.jobs * 1000, 1) if tally.jobs else 0.0,
        "calls": dict(sorted(tally.calls.items())),
        "calls_per_second": round(sum(tally.calls.values()) / seconds, 2),
        "utilization": {
            "processor": round(tally.cpu / seconds, 4),
            "workers": round(tally.busy / (seconds * plan.workers), 4),
        },
        "lag": quantiles([lag for _, lag in tally.lags]),
        "way": quantiles([way for _, way in tally.ways]),
        "converged": tally.converged,
        "really_took": dict(took),
        "plots": {"calls": tally.calls_at, "lag": _worst(tally.lags, plan), "way": _worst(tally.ways, plan)},
    }


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """Seconds."""
    if not values:
        return {}
    cuts = statistics.quantiles(values, n=100) if len(values) > 1 else [values[0]] * 99
    named = {"median": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(values)}
    return {name: round(min(value, max(values)), 2) for name, value in named.items()}


def _worst(when: Sequence[tuple[float, float]], plan: Plan) -> list[float]:
    """The greatest of each part of the day."""
    found = [0.0] * BUCKETS
    for at, value in when:
        place = min(BUCKETS - 1, int(at / (plan.hours * 3600) * BUCKETS))
        found[place] = round(max(found[place], value), 2)
    return found


BLOCKS = " ▁▂▃▄▅▆▇█"
UNITS: Mapping[str, str] = {"calls": "", "lag": " s", "way": " s"}


def lines(found: Mapping[str, Any]) -> list[str]:
    """One row of blocks for each plot, with its greatest value."""
    drawn = []
    for name, values in found["plots"].items():
        top = max(values) or 1
        blocks = "".join(BLOCKS[math.ceil(value / top * (len(BLOCKS) - 1))] for value in values)
        drawn.append(f"{name:<6}|{blocks}| {max(values):g}{UNITS[name]}")
    return drawn


def svg(found: Mapping[str, Any]) -> str:
    """The same as a picture: bars over the simulated hours."""
    width, height, gap = 960, 120, 40
    plots = found["plots"]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 80} {len(plots) * (height + gap) + 50}" '
        'font-family="sans-serif" font-size="12">',
        f'<text x="40" y="20" font-size="14">{found["stores"]} stores with {found["backend"]}, {found["skus"]} SKUs '
        f"each, {found['hours']:g} hours, {found['workers']} workers</text>",
    ]
    for row, (name, values) in enumerate(plots.items()):
        base, top = 40 + row * (height + gap) + height, max(values) or 1
        parts.append(f'<text x="40" y="{base - height - 4}">{name}: at most {max(values):g}{UNITS[name]}</text>')
        parts.append(f'<line x1="40" y1="{base}" x2="{40 + width}" y2="{base}" stroke="#888"/>')
        for place, value in enumerate(values):
            tall = value / top * (height - 12)
            wide = width / len(values)
            parts.append(
                f'<rect x="{40 + place * wide:.1f}" y="{base - tall:.1f}" width="{wide - 2:.1f}" '
                f'height="{tall:.1f}" fill="#3b6ea5"/>'
            )
        for quarter in range(5):
            x, hour = 40 + width * quarter / 4, found["hours"] * quarter / 4
            parts.append(f'<text x="{x:.0f}" y="{base + 14}" text-anchor="middle" fill="#555">{hour:g} h</text>')
    return "\n".join([*parts, "</svg>", ""])
