"""The report as one page of HTML that needs nothing else, and stays under a megabyte whatever is in it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from storelab.contracts.kit import BROKEN, KEPT, SKIPPED

from .report import ACCEPTED, VERDICTS, Check, Report

LARGEST = 950_000  # bytes of the page
BUDGETS = (500_000, 150_000, 40_000, 0)  # characters for all exchanges together: the first with which it fits
FULL = 5_000  # characters that one text of an exchange has at most
TEXTS = 4  # of a check: request, expected, actual, curl
LEAST = 300  # characters; a check whose texts would be shorter is shown without them
MOST_CHECKS = 300  # of a verdict that are shown one by one


def html(report: Report) -> str:
    for budget in BUDGETS:
        page = _rendered(report, budget)
        if len(page.encode()) <= LARGEST:
            break
    return page


def _rendered(report: Report, budget: int) -> str:
    from jinja2 import Environment, PackageLoader

    shown = min(len(report.of(BROKEN, ACCEPTED)), 2 * MOST_CHECKS)
    each = max(LEAST, min(FULL, budget // (TEXTS * max(1, shown))))
    environment = Environment(loader=PackageLoader("storelab"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["cut"] = lambda text: text if len(text) <= each else f"{text[:each]}\n..."
    counts = report.counts()
    return environment.get_template("verify.html").render(
        report=report,
        title=title(report),
        sentence=sentence(report),
        share=share(report),
        at=report.at.strftime("%Y-%m-%d %H:%M UTC") if report.at else "",
        counts=[(verdict, counts[verdict]) for verdict in VERDICTS],
        rows=list(report.rows().items()),
        failed=[(word, report.of(word)) for word in (BROKEN, ACCEPTED)],
        most=MOST_CHECKS,
        in_full=budget // (TEXTS * LEAST),
        skipped=_by(report.of(SKIPPED), lambda check: check.why),
        kept=_by(report.of(KEPT), lambda check: (check.part, check.provider, check.consumer)),
    )


def _by(checks: list[Check], key: Callable[[Check], Any]) -> list[tuple[Any, list[str]]]:
    found = sorted(checks, key=key)
    return [(name, [check.name for check in group]) for name, group in groupby(found, key)]


def title(report: Report) -> str:
    names = list(report.targets)
    return (
        f"{', '.join(names)}: does it keep what its consumers rely on?" if len(names) == 1 else "All that is relied on"
    )


def sentence(report: Report) -> str:
    """The verdict in words."""
    broken, kept = report.of(BROKEN), report.counts()[KEPT]
    if not broken:
        unproven = f" {report.unproven_said}" if report.unproven else ""
        return f"All that was looked at holds: {kept} checks.{unproven}" if kept else "Nothing could be looked at."
    hurt = sorted({name for check in broken for name in (check.consumer, *check.affects) if name})
    for_whom = f" It hurts {', '.join(hurt)}." if hurt else ""
    unproven = f" {report.unproven_said}" if report.unproven else ""
    return f"{len(broken)} of {len(broken) + kept} checks do not hold.{for_whom}{unproven}"


def share(report: Report) -> str:
    """A few lines for a chat or a ticket."""
    lines = [f"{title(report)} {report.verdict.upper()}", sentence(report)]
    for check in report.of(BROKEN)[:10]:
        who = f" (for {check.consumer})" if check.consumer else ""
        lines.append(f"- {check.name}{who}: {check.summary}"[:300])
    if (more := len(report.of(BROKEN)) - 10) > 0:
        lines.append(f"- and {more} more")
    return "\n".join(lines)
