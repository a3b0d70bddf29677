"""The report on failures as one page of HTML that needs nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from .failures import Verdict


def page(verdicts: Sequence[Verdict], connector: str, at: datetime, seconds: float) -> str:
    """`connector` is how it is called; `seconds` is how long all took together."""
    from jinja2 import Environment, PackageLoader

    template = Environment(loader=PackageLoader("storelab"), autoescape=True).get_template("failures.html")
    counts = Counter(verdict.word for verdict in verdicts)
    return template.render(
        verdicts=verdicts,
        connector=connector,
        at=at.strftime("%Y-%m-%d %H:%M UTC"),
        seconds=seconds,
        counts=[(word, counts[word]) for word in ("held", "broken", "not played") if counts[word]],
    )
