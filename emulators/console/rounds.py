"""What takes a minute and is done in the background for a report: all failures, and a whole life for a disclosure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from storelab.client import LabClient
from storelab.disclosure.play import Played, played
from storelab.disclosure.table import Table
from storelab.scenarios import player

from ..kernel.errors import LabError


@dataclass
class Round:
    """Failures by name: held or not, and why not. `of` is how many there are to play; 0: none was begun."""

    of: int = 0
    verdicts: dict[str, tuple[bool, str]] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        return len(self.verdicts) < self.of


@dataclass
class Lives:
    """What became of the whole life with each backend: None while it is lived, a text when it could not be."""

    lived: dict[str, Played | str | None] = field(default_factory=dict)


@dataclass
class Rounds:
    client: Callable[[], LabClient]
    failures: Round = field(default_factory=Round)
    lives: Lives = field(default_factory=Lives)

    def play_failures(self, paths: Sequence[Path]) -> None:
        if self.failures.running:
            raise LabError("they are being played already", status=409)
        round_ = self.failures = Round(len(paths))
        client = self.client()

        def go() -> None:
            for path in paths:
                try:
                    result = player.result(path, client)
                    said = "; ".join(result.failure.said) if result.failure else ""
                    round_.verdicts[path.stem] = (result.held, said)
                except LabError as bad:
                    round_.verdicts[path.stem] = (False, f"could not be played: {bad.message}")

        threading.Thread(target=go, name="failures", daemon=True).start()

    def live(self, table: Table) -> None:
        if self.lives.lived.get(table.backend, "") is None:
            raise LabError("it is being lived already", status=409)
        self.lives.lived[table.backend] = None
        client = self.client()

        def go() -> None:
            try:
                self.lives.lived[table.backend] = played(table, client)
            except LabError as bad:
                self.lives.lived[table.backend] = bad.message

        threading.Thread(target=go, name=f"life-{table.backend}", daemon=True).start()
