"""Which records may hold a text: an index of all threes of letters (FTS5 of SQLite), so that a search in a large table
looks at few of its records.

It is never the answer: it names too many rather than too few, and what it names is still to be looked at. It lives in
the temporary schema of a world's connection, so nothing of it is in a file, a snapshot or a copy; writing costs nothing
before the first search and next to nothing after it; and each search adds one step to it, so that none waits long.
Until it has nearly all records, searches look at all of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

LARGE = 3_000  # as many records are looked at as fast as an index is asked
STEP = 10_000  # records that one search adds, in less time than it takes to look at 100,000
MOST_CHANGED = 1_000  # records whose text changed since they were added; with more, it begins anew
_BEFORE_ALL = -(2**63)
_MADE_OF = "fts5"


class TextIndex:
    """The index of one column in one world, whose records have whole numbers as ids."""

    def __init__(self, driver: sqlite3.Connection, table: str, column: str) -> None:
        self._driver, self._table, self._column = driver, f'main."{table}"', f'"{column}"'
        self._name = f"text_of_{table}_{column}"
        self._begun = False
        self._possible = True  # there are SQLites without FTS5

    def holding(self, texts: Iterable[str]) -> Any | None:
        """A selection of the ids of all records that may hold all of these texts, whatever their case; None where each
        record is to be looked at: there are few of them, many are not indexed yet, or the texts are too short."""
        threes = sorted({text[at : at + 3] for text in texts for at in range(len(text) - 2)})
        if not threes or not self._possible or "\0" in "".join(threes):  # at which SQLite stops to read
            return None
        mark = self._mark()
        if mark is None or self._one(f"SELECT count(*) FROM temp.{self._name}_changed") > MOST_CHANGED:
            if not self._are_many(_BEFORE_ALL) or not self._begin():
                return None
            mark = _BEFORE_ALL
        if self._are_many(mark):
            mark = self._step(mark)
            if self._are_many(mark):
                return None
        name = self._name
        found = sa.text(
            f"SELECT rowid AS id FROM temp.{name} WHERE {name} MATCH :threes"
            f" UNION ALL SELECT id FROM temp.{name}_changed UNION ALL SELECT id FROM {self._table} WHERE id > :mark"
        )
        wanted = " AND ".join('"' + three.replace('"', '""') + '"' for three in threes)
        return found.bindparams(threes=wanted, mark=mark).columns(sa.column("id", sa.BigInteger()))

    def _mark(self) -> int | None:
        """Records up to this id are in it; None when it has not begun, or that was undone."""
        if not self._begun:
            return None
        try:
            mark: int | None = self._one(f"SELECT max(id) FROM temp.{self._name}_mark")
        except sqlite3.OperationalError:
            return None
        return mark

    def _one(self, question: str, *values: Any) -> Any:
        return self._driver.execute(question, values).fetchone()[0]

    def _are_many(self, after: int) -> bool:
        question = f"SELECT 1 FROM {self._table} WHERE id > ? LIMIT 1 OFFSET ?"
        return self._driver.execute(question, (after, LARGE)).fetchone() is not None

    def _begin(self) -> bool:
        """An empty index, and triggers that note what changes of what is in it. What an earlier one left behind, of
        state that was replaced as a whole, goes."""
        name, column = self._name, self._column
        # no "or ignore": a trigger takes the outer statement's way with conflicts
        noted = f"BEGIN INSERT INTO {name}_changed SELECT new.id WHERE new.id NOT IN {name}_changed; END"
        statements = (
            *(f"DROP TRIGGER IF EXISTS temp.{name}_{event}" for event in ("inserted", "updated")),
            *(f"DROP TABLE IF EXISTS temp.{part}" for part in (name, f"{name}_mark", f"{name}_changed")),
            f"CREATE VIRTUAL TABLE temp.{name} USING {_MADE_OF}"
            "(text, content='', columnsize=0, detail=none, tokenize='trigram')",
            f"CREATE TABLE temp.{name}_mark (id)",
            f"CREATE TABLE temp.{name}_changed (id INTEGER PRIMARY KEY)",
            f"CREATE TEMP TRIGGER {name}_inserted AFTER INSERT ON {self._table}"
            f" WHEN new.id <= (SELECT max(id) FROM {name}_mark) {noted}",
            f"CREATE TEMP TRIGGER {name}_updated AFTER UPDATE OF {column} ON {self._table}"
            f" WHEN new.{column} IS NOT old.{column} {noted}",
        )
        try:
            for statement in statements:
                self._driver.execute(statement)
        except sqlite3.OperationalError:
            self._possible = False
        self._begun = self._possible
        return self._begun

    def _step(self, mark: int) -> int:
        ids = f"SELECT id FROM {self._table} WHERE id > ? ORDER BY id LIMIT {STEP}"
        last: int = self._one(f"SELECT max(id) FROM ({ids})", mark)
        texts = f"SELECT id, {self._column} FROM {self._table} WHERE id > ? AND id <= ?"
        self._driver.execute(f"INSERT INTO temp.{self._name} (rowid, text) {texts}", (mark, last))
        self._driver.execute(f"INSERT INTO temp.{self._name}_mark VALUES (?)", (last,))
        return last
