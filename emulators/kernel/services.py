"""The services of a laboratory, and all that is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .clock import CLOCKS
from .emulator import Emulator
from .errors import LabError
from .jobs import JOBS
from .journal import masked_body
from .sequences import SEQUENCES
from .spelling import unknown
from .tables import Table
from .webhooks import DELIVERIES

KERNEL_TABLES: tuple[Table[Any], ...] = (CLOCKS, DELIVERIES, JOBS, SEQUENCES)


@dataclass(frozen=True)
class Services:
    """The emulators of a laboratory and their tables."""

    emulators: Mapping[str, Emulator]

    @property
    def tables(self) -> dict[type[Any], Table[Any]]:
        own = [table for emulator in self.emulators.values() for table in emulator.tables]
        return {table.record: table for table in (*KERNEL_TABLES, *own)}

    def masked(self, text: str) -> str:
        """A text, such as a traceback, without what any of them keeps secret."""
        secrets = (emulator.secrets for emulator in self.emulators.values())
        return masked_body(text.encode("utf-8", "replace"), frozenset().union(*secrets))

    def __getitem__(self, name: str) -> Emulator:
        try:
            return self.emulators[name]
        except KeyError:
            told = unknown("there is no service", name, self.emulators)
            raise LabError(told, status=404, code="unknown_service") from None
