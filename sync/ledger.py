"""What sync must not forget, in SQLite or PostgreSQL: opened here, read and written by `Book`."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from .book import Book, Connection
from .errors import SyncError
from .holder import dead, elsewhere, me
from .inbox import News, together
from .spool import Spool
from .tables import METADATA, SCHEMA, connections, schema, tasks
from .vault import Vault

MEMORY = "sqlite://"
COLLECTED = 1000  # deliveries that are taken over in one transaction
LEASE = timedelta(seconds=90)  # longer than the longest call
_C = connections.c
_LEASE = sa.select(_C.lease_owner, _C.lease_until).where(_C.id == sa.bindparam("key")).with_for_update()


class Busy(SyncError):
    """Somebody else works on this connection at this moment."""


class Known:
    """Connections that were read since the ledger's file was last written to: for a webhook, SQLite is asked whether it
    was rather than for the row, which costs ten times as much."""

    def __init__(self, file: Path) -> None:
        self._lock, self._version, self._rows = threading.Lock(), -1, dict[str, Connection]()
        self._sql = sqlite3.connect(file, timeout=15, isolation_level=None, check_same_thread=False)

    def found(self, id_: str, read: Callable[[str], Connection | None]) -> Connection | None:
        with self._lock:
            version = self._sql.execute("PRAGMA data_version").fetchone()[0]
            if version != self._version:
                self._version, self._rows = version, {}
            if id_ in self._rows:
                return self._rows[id_]
        row = read(id_)  # as of this version or newer; if it is newer, nobody will find it by this version
        with self._lock:
            if version == self._version and row is not None:
                self._rows[id_] = row
        return row

    def close(self) -> None:
        self._sql.close()


def _read(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:  # its text shows the address, and with it a password
        kind = "that address"
    else:
        if parsed.get_backend_name() in ("sqlite", "postgresql"):
            return parsed
        kind = f"{parsed.get_backend_name()}://"
    raise SyncError(f"no ledger is known by {kind}: sqlite:///FILE, sqlite:// (in memory) and postgresql://... are")


class Ledger:
    """`url` is SQLAlchemy's. With a file of SQLite the key of the secrets lies beside it (`<file>.key`), unless the
    environment has it; and so does what deliveries told until it is taken over (`<file>.spool`), since there only one
    may write to the ledger at a time."""

    def __init__(self, url: str = MEMORY, *, key_file: Path | None = None) -> None:
        if url.startswith("postgresql://"):
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        parsed = _read(url)
        sqlite = parsed.get_backend_name() == "sqlite"
        self.memory = sqlite and parsed.database in (None, "", ":memory:")
        self.spool: Spool | None = None
        self._known: Known | None = None
        if sqlite and not self.memory:
            file = Path(str(parsed.database))
            try:
                file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as bad:
                raise SyncError(f"cannot keep a ledger in {file.parent}: {bad.strerror or bad}") from None
            key_file = key_file or file.with_name(file.name + ".key")
        if not sqlite and key_file is None and not os.environ.get("STORELAB_SYNC_KEY"):
            raise SyncError("a shared ledger needs its key in STORELAB_SYNC_KEY, or a key file")
        self.vault = Vault.opened(key_file)
        options: dict[str, Any] = {"poolclass": StaticPool} if self.memory else {"pool_pre_ping": not sqlite}
        options["hide_parameters"] = True  # nobody's values in what SQLAlchemy logs, and in the text of its errors
        if sqlite:
            options["connect_args"] = {"check_same_thread": False, "timeout": 15, "isolation_level": None}
        self.engine = sa.create_engine(url, **options)
        self._one_by_one = threading.RLock() if sqlite else nullcontext()
        if sqlite:
            sa.event.listen(self.engine, "connect", _fast_and_safe)
            sa.event.listen(self.engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        try:
            self._migrate()
        except (sa.exc.ProgrammingError, sa.exc.IntegrityError):  # another process is making the tables just now
            self._migrate()
        self._readers = self.engine
        if sqlite and not self.memory:
            self._readers = sa.create_engine(url, **options)  # who only reads takes no lock
            sa.event.listen(self._readers, "connect", _fast_and_safe)
            self.spool = Spool(file.with_name(file.name + ".spool"))
            self._known = Known(file)

    def _migrate(self) -> None:
        try:
            with self.engine.begin() as sql:
                there = sa.inspect(sql).has_table(schema.name)
                found = sql.execute(sa.select(schema.c.version)).scalar() if there else None
            if found is None or found <= SCHEMA:  # a newer one is left as it is
                METADATA.create_all(self.engine)
                self._brought_up(found)
        except sa.exc.OperationalError as broken:
            raise SyncError(f"the ledger {self.engine.url!r} cannot be opened: {broken.orig}") from None
        if found is not None and found > SCHEMA:
            raise SyncError(f"the ledger has schema {found}; this version of storelab knows {SCHEMA}")

    def _brought_up(self, found: int | None) -> None:
        with self.engine.begin() as sql:
            if found is None:
                sql.execute(sa.insert(schema), {"version": SCHEMA})
                return
            if found < 2:  # before connections had a stage
                sql.exec_driver_sql("ALTER TABLE sync_connections ADD COLUMN stage VARCHAR(40) DEFAULT '' NOT NULL")
            if found < 3:  # before the next tasks were found without a look at all of them
                sql.exec_driver_sql("DROP INDEX IF EXISTS sync_tasks_state")
                for index in tasks.indexes:
                    index.create(sql, checkfirst=True)
            if found < SCHEMA:
                sql.execute(sa.update(schema).values(version=SCHEMA))

    @contextmanager
    def begin(self) -> Iterator[Book]:
        """One transaction."""
        with self._one_by_one, self.engine.begin() as sql:
            yield Book(sql, self.vault)

    @contextmanager
    def look(self) -> Iterator[Book]:
        """One question, which waits for nobody who writes."""
        if self.memory:
            with self.begin() as book:
                yield book
        else:
            with self._readers.connect() as sql:
                yield Book(sql, self.vault)

    def connection(self, id_: str) -> Connection | None:
        """As it is now; waits for nobody who writes."""

        def read(id_: str) -> Connection | None:
            with self.look() as book:
                return book.connection(id_)

        return self._known.found(id_, read) if self._known else read(id_)

    def tell(self, connection: str, news: News, now: datetime) -> None:
        """Keep what a delivery told. It is safe when this returns, and seen by whoever calls `collect` first."""
        if self.spool:
            self.spool.put(connection, news, now)
        else:
            with self.begin() as book:
                book.learn(connection, news, now)

    def collect(self) -> None:
        """Take over what deliveries told before now; each once, whoever dies meanwhile."""
        more = self.spool is not None and self.spool.waiting()
        while self.spool and more:
            with self.begin() as book:
                rows = self.spool.rows(book.collected(self.spool.name), COLLECTED)
                told: dict[str, list[News]] = {}
                for row in rows:
                    told.setdefault(row.connection, []).append(row.news)
                for connection, news in told.items():
                    book.learn(connection, together(news), max(row.at for row in rows if row.connection == connection))
                if rows:
                    book.set_collected(self.spool.name, rows[-1].number)
                upto = book.collected(self.spool.name)
            self.spool.drop(upto)
            more = len(rows) == COLLECTED

    @contextmanager
    def lease(self, connection: str, *, patience: float = 0.0) -> Iterator[None]:
        """The right to work on one connection; `Busy` when another has it and keeps it for `patience` seconds.
        Real time. A process that died loses it: at once for those who can tell that it did (`holder.dead`)."""
        mine = me()
        patient_until = time.monotonic() + patience
        while not self._taken(connection, mine):
            if time.monotonic() >= patient_until:
                raise Busy(f"{connection} is being worked on")
            time.sleep(0.02)
        c = connections.c
        try:
            yield
        finally:
            give = sa.update(connections).where(c.id == connection, c.lease_owner == mine)
            self._surely(give.values(lease_owner=None, lease_until=None))

    def _surely(self, statement: sa.Update) -> None:
        """Once more over a new connection, when the database has cut this one: a lease that nobody holds any more
        keeps everybody waiting until it is over."""
        try:
            with self._one_by_one, self.engine.begin() as sql:
                sql.execute(statement)
        except sa.exc.OperationalError:
            with self._one_by_one, self.engine.begin() as sql:
                sql.execute(statement)

    def _taken(self, connection: str, mine: str) -> bool:
        with self._one_by_one, self.engine.begin() as sql:
            row = sql.execute(_LEASE, {"key": connection}).first()
            now = datetime.now(UTC)
            if row and row.lease_owner and now < row.lease_until <= now + LEASE and not dead(row.lease_owner):
                return False  # a lease of longer than we give was given before the clock was set back
            Book(sql, self.vault).set_connection(connection, lease_owner=mine, lease_until=now + LEASE)
        return True

    def renew(self, connection: str) -> None:
        """`Busy` when it was lost: another works on this connection by now."""
        c, until = connections.c, datetime.now(UTC) + LEASE
        mine = sa.update(connections).where(c.id == connection, c.lease_owner == me())
        with self._one_by_one, self.engine.begin() as sql:
            kept = sql.execute(mine.values(lease_until=until)).rowcount
        if not kept:
            raise Busy(f"{connection} was taken over by another")

    def freed(self, now: datetime, *, alone: bool = False) -> list[str]:
        """Connections whose holder died here: nobody holds them any more, and they are due, since the job died too.
        `alone`: nowhere else does anybody work with this ledger any more."""
        c = connections.c
        with self.look() as book:
            held = {i: owner for i, owner in book.holders() if dead(owner) or (alone and elsewhere(owner))}
        for id_, owner in held.items():
            free = sa.update(connections).where(c.id == id_, c.lease_owner == owner)
            with self._one_by_one, self.engine.begin() as sql:
                sql.execute(free.values(lease_owner=None, lease_until=None, next_at=now))
        return [*held]

    def close(self) -> None:
        self.engine.dispose()
        self._readers.dispose()
        if self.spool:
            self.spool.close()
        if self._known:
            self._known.close()


def _fast_and_safe(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=15000")
    cursor.close()
