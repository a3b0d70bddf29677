"""Known failures, accepted with a reason until a day: a file that a team keeps beside its code.

    accepted:
      - check: contract/keycrm/sync/a quantity of one SKU
        where: status
        reason: answers 200, ticket 4711
        until: 2026-12-31

YAML, or TOML with `[[accepted]]`. `check` is the id that the report shows, and may end in `*`; with `where`, only a
difference there is accepted. After the day it counts again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from storelab.contracts.kit import BROKEN, KEPT
from storelab.emulators.kernel.errors import LabError

from .report import ACCEPTED, Check, Report

FOR_NOW = timedelta(days=30)  # how long a new entry holds
TO_SAY = "say why this may be so"


@dataclass(frozen=True)
class Entry:
    """`where` is empty where any difference of the check is accepted."""

    check: str
    reason: str
    until: date
    where: str = ""

    def about(self, check: Check) -> bool:
        named = check.id.startswith(self.check[:-1]) if self.check.endswith("*") else check.id == self.check
        return named and (not self.where or any(d.where == self.where for d in check.differences))

    def __str__(self) -> str:
        return f"{self.check}{f' at {self.where}' if self.where else ''}"


def read(path: Path) -> list[Entry]:
    try:
        text = path.read_text("utf-8")
    except OSError as bad:
        raise LabError(f"cannot read the baseline {path}: {bad.strerror or bad}") from None
    try:
        loaded: Any = tomllib.loads(text) if path.suffix == ".toml" else yaml.safe_load(text)
    except (tomllib.TOMLDecodeError, yaml.YAMLError) as bad:
        raise LabError(f"the baseline {path} cannot be read: {' '.join(str(bad).split())}") from None
    listed = (loaded or {}).get("accepted", []) if isinstance(loaded or {}, Mapping) else None
    if not isinstance(listed, list):
        raise LabError(f"the baseline {path} has to be a list under `accepted`")
    return [_entry(path, number, given) for number, given in enumerate(listed, start=1)]


def _entry(path: Path, number: int, given: Any) -> Entry:
    known = {"check", "reason", "until", "where"}
    if not isinstance(given, Mapping) or not {"check", "reason", "until"} <= given.keys() <= known:
        raise LabError(f"{path}, entry {number}: it takes check, reason, until, and perhaps where")
    if not str(given["reason"] or "").strip() or given["reason"] == TO_SAY:
        raise LabError(f"{path}, entry {number}: say in `reason` why {given['check']} may fail")
    if not isinstance(given["until"], date):
        raise LabError(f"{path}, entry {number}: `until` is a day, like 2026-12-31, not {given['until']!r}")
    return Entry(str(given["check"]), str(given["reason"]), given["until"], str(given.get("where", "")))


def applied(report: Report, entries: Sequence[Entry], today: date) -> Report:
    """The report with what is known accepted, and a note for each entry that is over or no longer needed."""
    good = [entry for entry in entries if entry.until >= today]
    checks = tuple(_accepted(check, good) for check in report.checks)
    return replace(report, checks=checks, notes=(*report.notes, *_notes(report.checks, entries, today)))


def _accepted(check: Check, entries: Iterable[Entry]) -> Check:
    if check.verdict != BROKEN:
        return check
    about = [entry for entry in entries if entry.about(check)]
    named = {entry.where for entry in about}
    if not about or not ("" in named or named >= {d.where for d in check.differences}):
        return check
    return replace(check, verdict=ACCEPTED, why=f"{about[0].reason} (until {min(e.until for e in about)})")


def _notes(checks: Sequence[Check], entries: Iterable[Entry], today: date) -> Iterator[str]:
    for entry in entries:
        broken = [check for check in checks if check.verdict == BROKEN and entry.about(check)]
        if broken and entry.until < today:
            yield f"was accepted until {entry.until}, and counts again: {entry}"
        elif not broken and any(check.verdict == KEPT and replace(entry, where="").about(check) for check in checks):
            yield f"no longer fails, take it out of the baseline: {entry}"


def written(report: Report, today: date) -> str:
    """A baseline with everything that is broken now; its reasons are still to be said."""
    listed = [
        {"check": check.id, "reason": TO_SAY, "until": today + FOR_NOW}
        for check in report.checks
        if check.verdict == BROKEN
    ]
    head = "# Known failures, accepted until a day. Say why in each `reason`: an entry without one is refused.\n"
    return head + yaml.safe_dump({"accepted": listed}, sort_keys=False, allow_unicode=True, width=1000)
