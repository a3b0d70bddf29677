"""The report for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from storelab.contracts.kit import BROKEN, KEPT, SKIPPED

from .report import ACCEPTED, VERDICTS, Check, Report

COLORS = {KEPT: "green", BROKEN: "bold red", SKIPPED: "yellow", ACCEPTED: "magenta"}
MOST_IN_FULL = 20
SIDE_BY_SIDE = 100  # columns of a terminal from which on two texts stand beside each other


def show(report: Report, console: Console) -> None:
    broken = report.of(BROKEN)
    for check in broken[:MOST_IN_FULL]:
        console.print(Group(*_told(check, console.width)))
        if check.curl:
            console.print(Text(check.curl, style="dim"), soft_wrap=True)  # to be copied in one piece
        console.print()
    if len(broken) > MOST_IN_FULL:
        console.print(f"... and {len(broken) - MOST_IN_FULL} more that broke: --html or --json has them all\n")
    for why, checks in _reasons(report.of(SKIPPED)):
        console.print(Text(f"skipped: {len(checks)}, the first is {checks[0].name!r}: {why}", style="yellow"))
    for check in report.of(ACCEPTED):
        console.print(Text(f"accepted: {check.name}: {check.why}", style=COLORS[ACCEPTED]))
    for note in report.notes:
        console.print(Text(note, style="bold"))
    console.print(_table(report))
    counts = report.counts()
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    console.print(Text(f"{said} in {report.seconds:.1f} s"))
    if unproven := report.unproven_said:
        console.print(Text(unproven, style=COLORS[BROKEN if report.strict else SKIPPED]))


def _told(check: Check, width: int) -> Iterator[RenderableType]:
    who = f"{check.consumer} relies on {check.provider}: " if check.consumer else f"{check.provider}: "
    yield Text.assemble((f"{check.verdict} ", COLORS[check.verdict]), (f"{who}{check.name}", "bold"))
    for difference in check.differences:
        yield Padding(Text.assemble((f"{difference.where}: ", "bold"), difference.message), (0, 0, 0, 2))
    if check.affects:
        yield Padding(Text(f"Breaks {', '.join(check.affects)}."), (0, 0, 0, 2))
    if check.advice:
        yield Padding(Text(f"What to do: {check.advice}"), (0, 0, 0, 2))
    if basis := check.basis:
        said = "; ".join(filter(None, (basis.source, f"assumed: {basis.guess}" if basis.guess else "")))
        yield Padding(Text(f"{basis.word} ({basis.operation}): {said}", style="dim"), (0, 0, 0, 2))
    if check.request:
        yield Padding(Text(check.request, style="cyan"), (1, 0, 0, 2))
    if check.actual and not check.expected:
        yield Padding(Text(check.actual), (1, 0, 0, 2))
    elif check.expected:
        yield Padding(_beside(check, width), (1, 0, 0, 2))


def _beside(check: Check, width: int) -> RenderableType:
    expected, actual = Text(check.expected or "-"), Text(check.actual or "-")
    if width < SIDE_BY_SIDE:
        return Group(Text("expected", style="green"), expected, Text("\nactual", style="red"), actual)
    table = Table(box=None, expand=True, padding=(0, 2, 0, 0))
    table.add_column("expected", header_style="green", ratio=1, overflow="fold")
    table.add_column("actual", header_style="red", ratio=1, overflow="fold")
    table.add_row(expected, actual)
    return table


def _reasons(checks: Sequence[Check]) -> list[tuple[str, list[Check]]]:
    """Skipped checks by their reasons, the most frequent first."""
    found: dict[str, list[Check]] = {}
    for check in checks:
        found.setdefault(check.why, []).append(check)
    return sorted(found.items(), key=lambda item: -len(item[1]))


def _table(report: Report) -> Table:
    table = Table(title="Verdicts", title_justify="left", header_style="bold")
    for column in ("what", "provider", "consumer"):
        table.add_column(column)
    for column in VERDICTS:
        table.add_column(column, justify="right")
    for (part, provider, consumer), counts in report.rows().items():
        numbers = [Text(str(counts[v] or ""), style=COLORS[v]) for v in VERDICTS]
        table.add_row(part, provider, consumer or "-", *numbers)
    return table
