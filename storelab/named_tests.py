"""Runs many tests in one pytest, and says of each name whether it holds.

This module is also the plugin that this pytest runs with (`-p storelab.named_tests`): it picks the tests that are
wanted and writes down what became of each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MOST_SECONDS = 900.0  # for all of them
WANTED, REPORTS = "STORELAB_WANTED_TESTS", "STORELAB_TEST_REPORTS"  # environment of the pytest that is started
LONGEST_REASON = 300

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """Whether all tests of a name passed, how long they took, and in a sentence why not."""

    held: bool
    seconds: float = 0.0
    why: str = ""


def run(names: Iterable[str], *, tell: Tell = lambda line: None, root: Path = ROOT) -> dict[str, Outcome]:
    """What became of each name: `tests/a.py::test_it`, with all its parameters, or a whole file. A test that is
    skipped, or is not there, proves nothing and does not hold. `tell` hears of every test when it is over."""
    wanted = list(dict.fromkeys(names))
    files = list(dict.fromkeys(name.split("::")[0] for name in wanted))
    there = [file for file in files if (root / file).exists()]
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder) / "reports.jsonl"
        trouble = _run(wanted, there, reports, Path(folder) / "tmp", tell, root) if there else ""
        found = [json.loads(line) for line in reports.read_text().splitlines()] if reports.exists() else []
    return {name: _judged(name, found, trouble) for name in wanted}


def _run(wanted: Sequence[str], files: Sequence[str], reports: Path, folder: Path, tell: Tell, root: Path) -> str:
    """Runs pytest to its end; what is wrong with the run as a whole, else nothing."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--verbosity=1",
        "--no-header",
        "-p",
        "no:cacheprovider",
        "-p",
        "storelab.named_tests",
    ]
    command += ["--continue-on-collection-errors", f"--basetemp={folder}", *files]
    known = {**os.environ, WANTED: json.dumps(wanted), REPORTS: str(reports)}
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    last = "it said nothing"
    with subprocess.Popen(command, cwd=root, env=known, **pipes) as child:  # noqa: S603 (our own command)
        overdue = Timer(MOST_SECONDS, child.kill)
        overdue.start()
        assert child.stdout is not None
        for line in child.stdout:
            last = line.strip() or last
            if "::" in line and line.rstrip().endswith("%]"):
                tell(line.strip())
        code = child.wait()
        overdue.cancel()
    if code < 0:
        return f"pytest was stopped, after {MOST_SECONDS:g} s at the latest"
    return "" if code in (0, 1) else f"pytest could not run: {last[:LONGEST_REASON]}"


def belongs(test: str, name: str) -> bool:
    """Whether a test, as pytest calls it, is one of those that this name means."""
    return test == name or test.startswith((f"{name}[", f"{name}::"))


def _judged(name: str, reports: Sequence[Mapping[str, Any]], trouble: str) -> Outcome:
    mine = [r for r in reports if belongs(r["test"], name) or (r["outcome"] == "broken" and belongs(name, r["test"]))]
    seconds = sum(r["seconds"] for r in mine)
    bad = next((r for r in mine if r["outcome"] != "passed"), None)
    if bad is not None:
        return Outcome(False, seconds, f"{bad['test']}: {bad['outcome']}: {bad['why']}"[:LONGEST_REASON])
    if not mine:
        return Outcome(False, 0.0, f"{name} is not there: {trouble or 'tests are run from the project itself'}")
    return Outcome(True, seconds)


# -- the plugin


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    if WANTED not in os.environ:
        return
    wanted = json.loads(os.environ[WANTED])
    kept = [item for item in items if any(belongs(item.nodeid, name) for name in wanted)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_collectreport(report: Any) -> None:
    if report.failed:
        _write(report.nodeid, "broken", 0.0, report)


def pytest_runtest_logreport(report: Any) -> None:
    if report.when == "call" or report.outcome != "passed":
        _write(report.nodeid, report.outcome, report.duration, report)


def _write(test: str, outcome: str, seconds: float, report: Any) -> None:
    if REPORTS not in os.environ:
        return
    with Path(os.environ[REPORTS]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"test": test, "outcome": outcome, "seconds": seconds, "why": _why(report)}) + "\n")


def _why(report: Any) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    said = crash.message if crash else str(report.longrepr or "")
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[0] if crash and lines else (lines[-1] if lines else "")
