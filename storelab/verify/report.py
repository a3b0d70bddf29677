"""What a verification found: one check for each thing that was looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storelab.contracts.kit import BROKEN, KEPT, SKIPPED, Difference

ACCEPTED = "accepted"  # broken, and known (see `baseline`)
VERDICTS = (BROKEN, ACCEPTED, SKIPPED, KEPT)
CONTRACT, DOCUMENT, WEBHOOK, STORY, STORE = "contract", "document", "webhook", "story", "store"
MOST_REASONS = 5
DOCUMENTED, ASSUMED, PARTLY = "documented", "assumed", "partly assumed"


@dataclass(frozen=True)
class Basis:
    """Where it is known from that an operation is as it is wanted: `source` says which document, `guess` what had to be
    guessed of it."""

    operation: str
    source: str = ""
    guess: str = ""

    @property
    def word(self) -> str:
        if self.source:
            return PARTLY if self.guess else DOCUMENTED
        return ASSUMED


@dataclass(frozen=True)
class Check:
    """One interaction, operation, webhook, story or trait of a store.

    `request`, `expected` and `actual` are texts to stand beside each other, and `curl` repeats it; no secret is in any
    of them. `why`: of what was skipped or accepted. `advice`: what to do about it. `test`: what wrote the expectation
    down. `affects`: the connectors that a trait of a store breaks.
    """

    part: str
    provider: str
    consumer: str
    name: str
    verdict: str
    differences: tuple[Difference, ...] = ()
    request: str = ""
    expected: str = ""
    actual: str = ""
    curl: str = ""
    basis: Basis | None = None
    why: str = ""
    advice: str = ""
    test: str = ""
    affects: tuple[str, ...] = ()
    milliseconds: int = 0

    @property
    def id(self) -> str:
        """The same in every run: what a baseline knows it by."""
        return "/".join(filter(None, (self.part, self.provider, self.consumer, self.name)))

    @property
    def summary(self) -> str:
        """What is wrong, in one line."""
        return "; ".join(f"{d.where}: {d.message}" for d in self.differences) or self.why

    def as_json(self) -> dict[str, Any]:
        basis = self.basis
        return {
            "id": self.id,
            "part": self.part,
            "provider": self.provider,
            "consumer": self.consumer,
            "name": self.name,
            "verdict": self.verdict,
            "differences": [vars(difference) for difference in self.differences],
            "basis": basis and {"is": basis.word, **vars(basis)},
            "request": self.request,
            "expected": self.expected,
            "actual": self.actual,
            "curl": self.curl,
            "why": self.why,
            "advice": self.advice,
            "test": self.test,
            "affects": list(self.affects),
            "milliseconds": self.milliseconds,
        }


@dataclass(frozen=True)
class Report:
    """`targets`: which provider was asked at which address. `notes` are sentences about the run itself. `strict`: what
    was not proven does not hold."""

    checks: tuple[Check, ...]
    targets: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    strict: bool = False

    @property
    def verdict(self) -> str:
        """broken, kept, or skipped when nothing at all could be looked at."""
        counts = self.counts()
        return BROKEN if counts[BROKEN] else KEPT if counts[KEPT] + counts[ACCEPTED] else SKIPPED

    @property
    def exit_code(self) -> int:
        if self.verdict == KEPT and self.strict and self.unproven:
            return 1
        return {KEPT: 0, BROKEN: 1, SKIPPED: 2}[self.verdict]

    @property
    def unproven(self) -> list[Check]:
        """Interactions of contracts that were not played: nobody knows whether they are kept."""
        return [check for check in self.of(SKIPPED) if check.consumer and check.part in (CONTRACT, WEBHOOK)]

    @property
    def unproven_said(self) -> str:
        """How many these are, and why, the most frequent reason first; nothing when there are none."""
        reasons = Counter(check.why for check in self.unproven).most_common()
        if not reasons:
            return ""
        played = [check for check in self.checks if check.consumer and check.part in (CONTRACT, WEBHOOK)]
        said = "; ".join(f"{count} {why}" for why, count in reasons[:MOST_REASONS])
        more = len(reasons) - MOST_REASONS
        return (
            f"{len(self.unproven)} of {len(played)} interactions of contracts were not proven: {said}"
            f"{f'; and {more} more reasons' if more > 0 else ''}."
        )

    def counts(self) -> Counter[str]:
        return Counter(check.verdict for check in self.checks)

    def of(self, *verdicts: str) -> list[Check]:
        return [check for check in self.checks if check.verdict in verdicts]

    def rows(self) -> dict[tuple[str, str, str], Counter[str]]:
        """How many of each verdict, by part, provider and consumer."""
        counted: dict[tuple[str, str, str], Counter[str]] = {}
        for check in self.checks:
            row = counted.setdefault((check.part, check.provider, check.consumer), Counter())
            row[check.verdict] += 1
        return counted

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "counts": {verdict: self.counts()[verdict] for verdict in VERDICTS},
            "targets": dict(self.targets),
            "at": self.at.isoformat() if self.at else None,
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
            "unproven": len(self.unproven),
            "checks": [check.as_json() for check in self.checks],
        }
