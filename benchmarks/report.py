"""The results for people: tables, a plot, and what README.md quotes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from .asking import OPERATIONS

HOME = Path(__file__).parent
README = HOME.parent / "README.md"
BEGIN, END = "<!-- made by `python -m benchmarks --write` -->", "<!-- end of what is measured -->"
SHOWN = "8"  # connections in the tables
_GREEN, _GREY, _INK = "#2f7d4f", "#9aa3ad", "#2b2f36"


def ours(result: dict[str, Any]) -> str:
    """The contestant that all are compared with: storelab with the smallest store."""
    return next(name for name in result["servers"] if name.startswith("storelab"))


def cpu(result: dict[str, Any], server: str, operation: str, connections: str = SHOWN) -> float | None:
    """Milliseconds of the processor per answer."""
    figures = result["servers"][server]["operations"].get(operation, {}).get(connections)
    return None if figures is None else float(figures["cpu_ms"])


def rows(result: dict[str, Any]) -> list[list[str]]:
    """A row per server: CPU per answer of each operation, and how many times ours that is."""
    out = []
    for name, server in result["servers"].items():
        row = [name, server["works"]]
        for operation in OPERATIONS:
            value, own = cpu(result, name, operation), cpu(result, ours(result), operation)
            row.append("-" if value is None or own is None else f"{value:.2f} ({value / own:.1f})")
        row += [f"{server['cold_start_s']:.1f}", f"{server['cold_start_cpu_s']:.1f}", f"{server['idle_mb']}"]
        out.append(row)
    return out


def tables(result: dict[str, Any]) -> list[Table]:
    """Each fits a terminal of 80 columns."""
    spent = _table("CPU, ms per answer (times storelab's), 8 connections", ["server", *OPERATIONS])
    for row in rows(result):
        spent.add_row(row[0], *row[2 : 2 + len(OPERATIONS)])
    out = [spent]
    for connections in ("1", "8"):
        title = f"answers a second / 99th percentile in ms, connections: {connections}"
        rates = _table(title, ["server", *OPERATIONS])
        for name, server in result["servers"].items():
            figures = [server["operations"].get(operation, {}).get(connections) for operation in OPERATIONS]
            rates.add_row(name, *("{per_second:.0f} / {p99_ms:.1f}".format(**f) if f else "-" for f in figures))
        out.append(rates)
    servers = _table("the servers", ["server", "does", "cold start, s", "CPU, s", "idle, MB"])
    for row in rows(result):
        servers.add_row(row[0], row[1], *row[-3:])
    out.append(servers)
    if "own" in result:
        alone = _table("storelab alone", ["what", "figures"])
        for what, figures in result["own"].items():
            alone.add_row(what, told(figures))
        out.append(alone)
    return out


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column)
    return table


def told(figures: Any) -> str:
    if isinstance(figures, dict):
        return ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in figures.items())
    return f"not measured: {figures}"


def written(result: dict[str, Any]) -> None:
    """JSON and plot by date into benchmarks/results, the table into README.md."""
    folder = HOME / "results"
    folder.mkdir(exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(result, indent=1) + "\n")
    (folder / "latest.svg").write_text(plot(result))
    text = README.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    if rest:
        README.write_text(f"{before}{BEGIN}\n\n{markdown(result)}\n\n{END}{after}")


def markdown(result: dict[str, Any]) -> str:
    """The first rows of the comparison, as README.md has them."""
    head = ["CPU, ms per answer", *OPERATIONS.values(), "cold start, s", "idle, MB"]
    lines = [head, ["---"] * len(head)]
    for row in rows(result):
        lines.append([row[0], *row[2 : 2 + len(OPERATIONS)], row[-3], row[-1]])
    machine = result["machine"]
    below = (
        f"In brackets: times storelab's. Medians of {result['rounds']} rounds in turn, 8 connections; "
        f"{machine['date']}, {machine['processors']}, load {machine['load'][0]}, Python {machine['python']}."
    )
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n\n" + below


def plot(result: dict[str, Any]) -> str:
    """Bars of CPU per answer, on a logarithmic scale, one panel for reading a page and one for making a product."""
    from math import log10

    panels = [("list", "GET ten products"), ("create", "POST a product")]
    names = list(result["servers"])
    width, line, left, panel = 900, 24, 210, 330
    height = 70 + line * len(names)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="12" fill="{_INK}"><rect width="100%" height="100%" fill="white"/>',
        '<text x="12" y="20" font-size="14">CPU per answer, milliseconds (logarithmic; shorter is better)</text>',
    ]
    for at, name in enumerate(names):
        out.append(f'<text x="{left - 8}" y="{62 + at * line}" text-anchor="end">{name}</text>')
    for column, (operation, title) in enumerate(panels):
        x = left + column * (panel + 10)
        out.append(f'<text x="{x}" y="42" font-weight="bold">{title}</text>')
        for at, name in enumerate(names):
            value = cpu(result, name, operation)
            if value is None:
                continue
            length = max(3.0, (log10(value) + 1.6) / 3.2 * (panel - 60))
            fill = _GREEN if name.startswith("storelab") else _GREY
            y = 49 + at * line
            out.append(f'<rect x="{x}" y="{y}" width="{length:.0f}" height="{line - 8}" fill="{fill}"/>')
            out.append(f'<text x="{x + length + 5:.0f}" y="{y + 13}">{value:.2f}</text>')
    return "\n".join([*out, "</svg>", ""])
