"""Where worlds live: each in a SQLite database of its own (in memory or in a file), or in a PostgreSQL schema.

A SQLite world is copied whole, as bytes: that is what makes worlds, resets and snapshots cost next to nothing.
"""

from __future__ import annotations

import os
import re
import sqlite3
import zlib
from contextlib import closing
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateIndex, CreateTable

from .errors import LabError
from .tables import METADATA

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
NAMES = "use 1 to 63 of a-z, 0-9, - and _, with a letter or digit first"


def checked_name(name: str, what: str) -> str:
    if not NAME.fullmatch(name):
        raise LabError(f"{name!r} is no name for a {what}: {NAMES}")
    return name


Image = bytes


class Database(Protocol):
    """The database of one world."""

    connection: sa.Connection
    shared: bool  # other servers may write to it
    lasting: bool  # it is there when this process has ended

    def reset(self, image: Image | None) -> None:
        """Become a copy of the image; without one, empty tables. The connection is a new one afterwards."""

    def image(self) -> Image:
        """A copy of all there is."""

    def close(self) -> None: ...


class Databases(Protocol):
    """Makes and keeps the databases of all worlds."""

    def open(self, world: str) -> tuple[Database, bool]:
        """The world's database, and whether it was there already."""

    def drop(self, world: str) -> None: ...

    def names(self) -> list[str]:
        """Worlds kept from before."""

    def save(self, world: str, snapshot: str, image: Image) -> None: ...

    def load(self, world: str, snapshot: str) -> Image: ...

    def snapshots(self, world: str) -> list[str]: ...


_RAW: ContextVar[sqlite3.Connection] = ContextVar("raw")  # what the engine is to connect with now
_ENGINE = sa.create_engine(
    "sqlite://", creator=_RAW.get, poolclass=NullPool, query_cache_size=4_000, hide_parameters=True
)


def _connected(raw: sqlite3.Connection) -> sa.Connection:
    """All worlds share one engine: with one of its own, each would compile every statement anew, which is most of what
    a new world costs."""
    token = _RAW.set(raw)
    try:
        return _ENGINE.connect()
    finally:
        _RAW.reset(token)


def create_tables(connection: sa.Connection) -> None:
    for table in METADATA.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(CreateIndex(index, if_not_exists=True))
    connection.commit()


class _Reused(sqlite3.Connection):
    """A world in memory. When it is closed, the connection waits for the next world: statements that it has prepared,
    for which it had to read three hundred definitions, are good for any world that is laid out alike."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._functions: set[str] = set()

    def create_function(self, name: str, *args: Any, **options: Any) -> None:
        """Once: SQLAlchemy makes its own whenever it connects, and then no prepared statement is good any more."""
        if name not in self._functions:
            self._functions.add(name)
            super().create_function(name, *args, **options)

    def close(self) -> None:
        if len(_IDLE) >= _MOST_IDLE or any(self is other for other in _IDLE):
            super().close()
            return
        try:
            self.rollback()
            kept = self.execute("select name from sqlite_temp_master limit 1").fetchone()
            self.deserialize(_BLANK)
        except sqlite3.Error:  # somebody still reads from it
            kept = True
        if kept:  # an index of texts goes with its world
            super().close()
        else:
            _IDLE.append(self)


_IDLE: list[_Reused] = []
_MOST_IDLE = 16


def _blank() -> Image:
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("pragma user_version = 1")
        return database.serialize()


_BLANK = _blank()


def _in_memory() -> sqlite3.Connection:
    try:
        return _IDLE.pop()
    except IndexError:
        made = sqlite3.connect(":memory:", check_same_thread=False, cached_statements=512, factory=_Reused)
        made.execute("pragma temp_store=memory")
        return made


def mark_layout(raw: sqlite3.Connection) -> None:
    """SQLite takes a prepared statement for good as long as this number is the same, whatever database has come in the
    place of the one it was prepared for. So the number says what each table and index is, and where it lies."""
    where = raw.execute("select name, rootpage, sql from sqlite_master order by rootpage, name").fetchall()
    raw.execute(f"pragma schema_version = {zlib.crc32(repr(where).encode()) & 0x7FFFFFFF}")


def is_full(bad: BaseException) -> bool:
    """Whether a database had no more room for what was to be kept."""
    return getattr(getattr(bad, "orig", bad), "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def readable(image: Image) -> Image:
    """A copy of a file says that it has a write-ahead log, which SQLite does not look for in memory: it could not be
    opened there.  Source: the documentation of sqlite3_deserialize()."""
    return image if image[18:20] == b"\1\1" else image[:18] + b"\1\1" + image[20:]


class SqliteDatabase:
    shared = False

    def __init__(self, path: Path | None) -> None:
        self._path, self.lasting = path, path is not None
        self._open()

    def _open(self) -> None:
        if self._path is None:
            self._raw = _in_memory()
        else:
            self._raw = sqlite3.connect(str(self._path), check_same_thread=False, cached_statements=512)
            self._raw.execute("pragma temp_store=memory")
            self._raw.execute("pragma journal_mode=wal")
            self._raw.execute("pragma synchronous=normal")
        self.connection = _connected(self._raw)

    def _rollback(self) -> None:
        self.connection.rollback()
        self._raw.rollback()

    def reset(self, image: Image | None) -> None:
        image = image and readable(image)
        self._rollback()
        if self._path is None:
            if image is not None:
                self._raw.deserialize(image)
                return
            self.close()
            self._open()
        else:
            source = sqlite3.connect(":memory:")
            if image is not None:
                source.deserialize(image)
            source.backup(self._raw)
            source.close()
        if image is None:
            create_tables(self.connection)
            mark_layout(self._raw)

    def image(self) -> Image:
        self._rollback()
        if self._path is None:
            return self._raw.serialize()
        copy = sqlite3.connect(":memory:")
        self._raw.backup(copy)
        image = copy.serialize()
        copy.close()
        return readable(image)

    def close(self) -> None:
        self.connection.close()  # and with it the driver's own


class SqliteDatabases:
    """One file per world under a folder, or all in memory when there is none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._memory: dict[str, dict[str, Image]] = {}
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # a shop's real keys may be told to an emulator
                for part in ("worlds", "snapshots"):
                    (folder / part).mkdir(parents=True, exist_ok=True)
                if not os.access(folder / "worlds", os.W_OK):
                    raise PermissionError(f"{folder / 'worlds'} is not writable")
            except OSError as bad:
                raise LabError(
                    f"cannot keep state in {folder}: {bad.strerror or bad}. Choose a folder you may write to."
                ) from None

    def open(self, world: str) -> tuple[Database, bool]:
        if self._folder is None:
            return SqliteDatabase(None), False
        path = self._folder / "worlds" / f"{world}.sqlite"
        existed = path.exists()
        try:
            database = SqliteDatabase(path)
            if existed:
                create_tables(database.connection)
        except (sqlite3.DatabaseError, sa.exc.DatabaseError) as bad:
            raise LabError(
                f"{path} cannot be opened as a SQLite database: {getattr(bad, 'orig', None) or bad}. "
                "Move it away to start afresh."
            ) from None
        return database, existed

    def drop(self, world: str) -> None:
        self._memory.pop(world, None)
        if self._folder is not None:
            for suffix in ("", "-wal", "-shm"):
                (self._folder / "worlds" / f"{world}.sqlite{suffix}").unlink(missing_ok=True)
            for kept in (self._folder / "snapshots").glob(f"{world}@*.sqlite"):
                kept.unlink()

    def names(self) -> list[str]:
        if self._folder is None:
            return []
        return sorted(p.stem for p in (self._folder / "worlds").glob("*.sqlite"))

    def save(self, world: str, snapshot: str, image: Image) -> None:
        if self._folder is None:
            self._memory.setdefault(world, {})[snapshot] = image
            return
        path = self._folder / "snapshots" / f"{world}@{snapshot}.sqlite"
        part = path.with_suffix(".part")
        part.write_bytes(image)
        part.replace(path)

    def load(self, world: str, snapshot: str) -> Image:
        try:
            if self._folder is None:
                return self._memory[world][snapshot]
            return (self._folder / "snapshots" / f"{world}@{snapshot}.sqlite").read_bytes()
        except (KeyError, FileNotFoundError):
            raise _no_snapshot(world, snapshot, self.snapshots(world)) from None

    def snapshots(self, world: str) -> list[str]:
        if self._folder is None:
            return sorted(self._memory.get(world, {}))
        return sorted(p.stem.split("@", 1)[1] for p in (self._folder / "snapshots").glob(f"{world}@*.sqlite"))


def _no_snapshot(world: str, snapshot: str, there: list[str]) -> LabError:
    return LabError(
        f"world {world!r} has no snapshot {snapshot!r}; it has: {', '.join(there) or 'none'}",
        status=404,
        code="unknown_snapshot",
    )
