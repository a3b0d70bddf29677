"""Who does the work, and when: jobs on huey, one at a time for each connection.

`memory:` keeps the jobs in this process, a path or `sqlite:///path` in a file; both need nothing installed. By
`redis://host` and `postgresql://host/name` several processes, also of several machines, work on one queue.
A job is only a nudge: everything that must survive is in the ledger, so a lost or doubled job does no harm.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from huey import Huey, MemoryHuey, SqliteHuey
from huey.exceptions import ConfigurationError

from .errors import SyncError
from .ledger import Busy

log = logging.getLogger("storelab.sync")
POLL = 0.25  # seconds between two looks at what has fallen due, and into a queue that cannot call
GATHER = 0.02  # seconds in which what comes together is seen to together
PARTING = 8.0  # seconds for what is at work when it is to stop: a container is killed after ten
NAME = "storelab-sync"


def queue(url: str) -> Huey:
    """`SyncError` when it cannot be had."""
    scheme = url.split(":")[0] if ":" in url else ""
    if url in ("", "memory:"):
        return MemoryHuey(NAME)
    try:
        found = _queue(scheme, url)
        found.pending_count()  # whether it answers
    except ConfigurationError:
        package = "postgresql" if scheme.startswith("postgres") else "redis"
        raise SyncError(f"jobs in {scheme}:// need a package more: pip install 'storelab[{package}]'") from None
    except SyncError:
        raise
    except Exception as down:
        raise SyncError(f"the queue of jobs in {scheme or 'a file'} does not answer: {_plain(down)}") from None
    return found


def _queue(scheme: str, url: str) -> Huey:
    if scheme in ("redis", "rediss", "unix"):
        from huey import RedisHuey

        return RedisHuey(NAME, url=url)
    if scheme in ("postgresql", "postgres"):
        from huey import PostgresHuey

        return PostgresHuey(NAME, dsn=url)
    if scheme in ("", "sqlite") or len(scheme) == 1:  # a letter is a drive
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(NAME, filename=str(path), fsync=False, timeout=10)
    raise SyncError(f"no queue is known by {scheme}://: redis://, postgresql://, sqlite:/// or memory: are")


def _plain(error: Exception) -> str:
    """Its first line, without an address that could hold a password."""
    return (str(error).splitlines() or [type(error).__name__])[0].split("://")[0][:200]


class Jobs:
    """`work` does what is due for one connection, and tells whether the far end was in the way; `Busy` from it means
    that another is at it already. `later` is told of a connection whose turn comes a moment later. Once `stopping`,
    work that is under way should come to an end where another can go on."""

    def __init__(
        self, url: str, work: Callable[[str], bool], later: Callable[[str], None] = lambda connection: None
    ) -> None:
        self.huey = queue(url)
        self.queued, self.stopping = threading.Event(), threading.Event()
        self._work, self._later = work, later
        self._ailing: set[str] = set()
        self.spare = threading.BoundedSemaphore(1)
        self._job = self.huey.task(name="advance")(self._advance)

    def nudge(self, connection: str) -> None:
        """Have the work of this connection done soon."""
        self._job(connection)
        self.queued.set()

    def _advance(self, connection: str) -> None:
        """A connection whose far end was in the way may hang for as long as a call lasts; such ones never take all
        workers at once, so that the others do not wait for them."""
        ailing = connection in self._ailing
        if ailing and not self.spare.acquire(blocking=False):
            self._later(connection)
            return
        try:
            (self._ailing.add if self._work(connection) else self._ailing.discard)(connection)
        except Busy:
            log.debug("%s is busy", connection)
        finally:
            if ailing:
                self.spare.release()


class Background:
    """Live mode: nudges what has fallen due (`due` names it; None: another process does that), and works the queue in
    threads of this process."""

    def __init__(self, jobs: Jobs, due: Callable[[], list[str]] | None, *, workers: int = 4) -> None:
        self.jobs, self._due = jobs, due
        self._stop, self._wake = jobs.stopping, threading.Event()
        jobs.spare = threading.BoundedSemaphore(max(1, workers // 2))
        watches = [threading.Thread(target=self._watch, name="sync-due", daemon=True)] if due else []
        works = [threading.Thread(target=self._work, name=f"sync-{n}", daemon=True) for n in range(workers)]
        self._threads = watches + works

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        self.jobs.queued.set()
        over = time.monotonic() + PARTING
        for thread in self._threads:
            thread.join(max(0.0, over - time.monotonic()))

    def wake(self) -> None:
        """Something has come in: look at once."""
        self._wake.set()

    def _watch(self) -> None:
        assert self._due is not None
        while not self._stop.is_set():
            looked = time.monotonic()
            try:
                for connection in self._due():
                    self.jobs.nudge(connection)
            except Exception as down:  # a ledger or a queue that is down for a moment must not end the watch
                log.error("cannot see to what is due: %s", _plain(down))
                self._stop.wait(1)
            if self._wake.wait(POLL):
                often = time.monotonic() - looked < POLL  # a look writes to the ledger, for which a flood must not wait
                self._stop.wait(POLL if often else GATHER)
            self._wake.clear()

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                task = self.jobs.huey.dequeue()
                if task is None:
                    self.jobs.queued.wait(POLL)  # other processes may put jobs into the same queue
                    self.jobs.queued.clear()
                else:
                    self.jobs.huey.execute(task)
            except Exception as down:  # of the queue: a job's own is caught and told by huey
                log.error("cannot work the queue: %s", _plain(down))
                self._stop.wait(1)
