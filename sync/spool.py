"""Where deliveries lie until the ledger has them: a file that is only ever held for as long as one row takes.

Whoever sends webhooks gives up on a slow receiver. A ledger in SQLite lets one write at a time, and a plan for
thousands of products writes for long; a row here waits for no plan.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from .inbox import News, Notice
from .model import Heard

TIDY = 1000  # deliveries until what was written is moved from SQLite's log to its place
TABLES = """
CREATE TABLE IF NOT EXISTS name (name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS told (
    number INTEGER PRIMARY KEY AUTOINCREMENT, connection TEXT NOT NULL, at TEXT NOT NULL, news TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class Row:
    number: int
    connection: str
    at: datetime
    news: News


class Spool:
    """Numbers only grow. `name` is this file's own: in another one they begin anew."""

    def __init__(self, file: Path) -> None:
        self._lock, self._collecting = threading.Lock(), threading.Lock()
        self._sql, self._out, self._tidy = _opened(file), _opened(file), 0
        self._sql.executescript(TABLES)
        self._sql.execute("INSERT INTO name SELECT ? WHERE NOT EXISTS (SELECT * FROM name)", [uuid4().hex])
        self.name: str = self._sql.execute("SELECT name FROM name").fetchone()[0]

    def put(self, connection: str, news: News, now: datetime) -> None:
        row = (connection, now.isoformat(), json.dumps(asdict(news)))
        with self._lock:
            self._sql.execute("INSERT INTO told (connection, at, news) VALUES (?, ?, ?)", row)

    def waiting(self) -> bool:
        with self._collecting:
            return self._out.execute("SELECT 1 FROM told LIMIT 1").fetchone() is not None

    def rows(self, after: int, most: int) -> list[Row]:
        asked = "SELECT number, connection, at, news FROM told WHERE number > ? ORDER BY number LIMIT ?"
        with self._collecting:
            found = self._out.execute(asked, (after, most)).fetchall()
        return [Row(number, of, datetime.fromisoformat(at), _news(text)) for number, of, at, text in found]

    def drop(self, upto: int) -> None:
        with self._collecting:
            self._out.execute("DELETE FROM told WHERE number <= ?", [upto])
            if upto >= self._tidy:  # waits for the disk, so whoever brings news must not do it
                self._out.execute("PRAGMA wal_checkpoint(PASSIVE)")
                self._tidy = upto + TIDY

    def close(self) -> None:
        with self._lock, self._collecting:
            self._sql.close()
            self._out.close()


def _opened(file: Path) -> sqlite3.Connection:
    sql = sqlite3.connect(file, timeout=15, isolation_level=None, check_same_thread=False)
    for setting in ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=0"):
        sql.execute(f"PRAGMA {setting}")
    return sql


def _news(text: str) -> News:
    told = json.loads(text)
    heard, notices = (Heard(**row) for row in told["heard"]), (Notice(**row) for row in told["notices"])
    return News(tuple(heard), tuple(notices), told["unusable"])
