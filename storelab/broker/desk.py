"""What every route of the broker works with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, request

from . import sent
from .hal import Hal, Json
from .ledger import Happening, Ledger
from .records import Pact, Records

Answer = tuple[Json, int]


class Desk:
    def __init__(self, ledger: Ledger, public_url: str) -> None:
        self.ledger, self._public_url = ledger, public_url

    @property
    def records(self) -> Records:
        """What was true when the request came; after a decision, what is true since."""
        if "records" not in g:
            g.records = self.ledger.records()
        found: Records = g.records
        return found

    def decided(self, decision: Callable[[Records], list[Happening]]) -> Hal:
        g.records = self.ledger.decide(decision)
        return self.hal()

    def hal(self) -> Hal:
        return Hal(self._public_url or request.host_url, self.records)

    def body(self, *, empty: bool = False) -> dict[str, Any]:
        return sent.body(request.get_data(), empty=empty)

    def pact(self, pact: Pact) -> Json:
        return self.hal().pact(pact, self.ledger.content(pact.sha))
