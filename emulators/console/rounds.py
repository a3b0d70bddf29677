"""What takes a minute and is done in the background for a report: all failures, and a whole life for a disclosure.

Whoever looks at the report is told of each step (`tell`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from storelab.client import LabClient
from storelab.disclosure.play import Played, played
from storelab.disclosure.table import Table
from storelab.scenarios import player
from storelab.scenarios.events import Doing, Event

from ..kernel.errors import LabError


@dataclass
class Round:
    """Failures by name: held or not, and why not. `of` is how many there are to play; 0: none was begun. `now` is the
    one that is being played."""

    of: int = 0
    now: str = ""
    verdicts: dict[str, tuple[bool, str]] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return len(self.verdicts) < self.of

    @property
    def held(self) -> int:
        return sum(held for held, _ in self.verdicts.values())


@dataclass
class Lives:
    """What became of the whole life with each backend: None while it is lived, a text when it could not be. `doing` is
    the step that is being taken."""

    lived: dict[str, Played | str | None] = field(default_factory=dict)
    doing: dict[str, str] = field(default_factory=dict)


@dataclass
class Rounds:
    client: Callable[[], LabClient]
    tell: Callable[[], None] = lambda: None
    failures: Round = field(default_factory=Round)
    lives: Lives = field(default_factory=Lives)

    def play_failures(self, paths: Sequence[Path]) -> None:
        if self.failures.running:
            raise LabError("they are being played already", status=409)
        round_ = self.failures = Round(len(paths))
        client = self.client()

        def go() -> None:
            for path in paths:
                round_.now = path.stem
                self.tell()
                try:
                    result = player.result(path, client)
                    said = "; ".join(result.failure.said) if result.failure else ""
                    round_.verdicts[path.stem] = (result.held, said)
                except LabError as bad:
                    round_.verdicts[path.stem] = (False, f"could not be played: {bad.message}")
            round_.now = ""
            self.tell()

        threading.Thread(target=go, name="failures", daemon=True).start()

    def live(self, table: Table) -> None:
        if self.lives.lived.get(table.backend, "") is None:
            raise LabError("it is being lived already", status=409)
        self.lives.lived[table.backend] = None
        client = self.client()

        def heard(event: Event) -> None:
            if isinstance(event, Doing):
                self.lives.doing[table.backend] = event.text
                self.tell()

        def go() -> None:
            try:
                self.lives.lived[table.backend] = played(table, client, tell=heard)
            except LabError as bad:
                self.lives.lived[table.backend] = bad.message
            self.lives.doing.pop(table.backend, None)
            self.tell()

        threading.Thread(target=go, name=f"life-{table.backend}", daemon=True).start()
