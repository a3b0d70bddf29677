"""One change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """Breaking: somebody who kept to the old one may fail with the new one. `whom`: consumers that it concerns."""

    where: str
    what: str
    breaking: bool
    whom: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"where": self.where, "what": self.what, "breaking": self.breaking, "whom": list(self.whom)}


def breaking(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.breaking]
