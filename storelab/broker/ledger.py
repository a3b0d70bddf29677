"""The broker's file: what happened, in its order, and each pact's content once, under its digest.

Many threads and processes may write: a decision is taken on what is true while nobody else can write, and what follows
from it is kept with it or not at all.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storelab.emulators.kernel.errors import LabError

from .records import Event, Records, after

Happening = tuple[str, Mapping[str, Any]]
"""A kind of event (see records.py) and its data; a pact also with its content."""

PATIENCE = 30  # seconds to wait for another process that writes

_TABLES = """
create table if not exists happened (number integer primary key autoincrement, at text not null, kind text not null,
    data text not null);
create table if not exists content (sha text primary key, pact text not null);
"""


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Ledger:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._records = Records()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as database:
                database.executescript(_TABLES)
        except (OSError, sqlite3.Error) as bad:
            raise LabError(f"cannot keep contracts in {file}: {bad}. Choose another file with --data.") from None

    def records(self) -> Records:
        """What is true now, also when another process wrote it."""
        with self._lock, self._open() as database:
            return self._read(database)

    def decide(self, decision: Callable[[Records], list[Happening]]) -> Records:
        """Keep what the decision says happened; it may refuse by raising. A pact brings its content along, which is
        kept once."""
        with self._lock, self._open() as database:
            database.execute("begin immediate")
            for kind, data in decision(self._read(database)):
                said = {name: value for name, value in data.items() if name != "content"}
                if kind == "pact":
                    row = (said["sha"], json.dumps(data["content"]))
                    database.execute("insert or ignore into content values (?, ?)", row)
                database.execute(
                    "insert into happened (at, kind, data) values (?, ?, ?)", (now(), kind, json.dumps(said))
                )
            database.execute("commit")
            return self._read(database)

    def content(self, sha: str) -> dict[str, Any]:
        """The pact with this digest; LookupError when there is none."""
        with self._open() as database:
            found = database.execute("select pact from content where sha = ?", (sha,)).fetchone()
        if found is None:
            raise LookupError(sha)
        pact: dict[str, Any] = json.loads(found[0])
        return pact

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=PATIENCE, isolation_level=None)) as database:
            yield database

    def _read(self, database: sqlite3.Connection) -> Records:
        news = database.execute("select * from happened where number > ? order by number", (self._records.order,))
        events = [Event(order, at, kind, json.loads(data)) for order, at, kind, data in news]
        if events:
            self._records = after(self._records, events)
        return self._records
