"""A process that only works the queue: as many as are wanted, on as many machines, with one ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .clock import Clock
from .engine import Engine
from .in_time import Adapter
from .jobs import Background
from .ledger import MEMORY, Ledger
from .service import jobs_of


class Worker:
    """`public_url` is where the routes of the connectors can be reached: at `serve`."""

    def __init__(
        self,
        *,
        ledger_url: str,
        jobs: str,
        public_url: str = "",
        key_file: Path | None = None,
        ca: str | Path | None = None,
        workers: int = 4,
        carrier: Callable[[str], Adapter] | None = None,
    ) -> None:
        self.engine = Engine(
            Ledger(ledger_url, key_file=key_file),
            public_url=public_url,
            ca=str(ca) if ca else None,
            carrier=carrier,
        )
        self.background = Background(jobs_of(self.engine, Clock(), jobs), None, workers=workers)

    def start(self) -> Worker:
        self.background.start()
        return self

    def stop(self) -> None:
        self.background.stop()
        self.engine.ledger.close()

    def __enter__(self) -> Worker:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()


def alone(ledger_url: str, jobs: str) -> list[str]:
    """What several processes cannot share, for people."""
    said = []
    if ledger_url == MEMORY:
        said.append("a ledger in memory is seen by one process only: give --ledger sqlite:///FILE or postgresql://...")
    if jobs in ("", "memory:"):
        said.append("jobs in memory are seen by one process only: give --jobs redis://..., postgresql://... or a file")
    return said
