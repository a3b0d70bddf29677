"""Who does the work, and when: jobs on huey, one at a time for each connection.

`memory:` does each job at once where it is asked for (tests). A path or `sqlite:///path` keeps the jobs in a file,
done by threads of this process; that needs nothing installed. What huey offers besides (`redis://`) works by URL.
A job is only a nudge: everything that must survive is in the ledger, so a lost or doubled job does no harm.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from huey import Huey, MemoryHuey, SqliteHuey

from .ledger import Busy

log = logging.getLogger("storelab.sync")
POLL = 0.25  # seconds between two looks at what has fallen due


def queue(url: str) -> Huey:
    if url in ("", "memory:"):
        return MemoryHuey("storelab-sync", immediate=True, immediate_use_memory=False)
    if url.startswith("redis://"):
        from huey import RedisHuey  # needs the redis package

        return RedisHuey("storelab-sync", url=url)
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("storelab-sync", filename=str(path), fsync=False, timeout=10)


class Jobs:
    """`work` does all that is due for one connection; `Busy` from it means that another is at it already."""

    def __init__(self, url: str, work: Callable[[str], Any]) -> None:
        self.huey = queue(url)
        self.queued = threading.Event()
        self._waiting: set[str] = set()
        self._lock = threading.Lock()

        def job(connection: str) -> None:
            with self._lock:
                self._waiting.discard(connection)
            try:
                work(connection)
            except Busy:
                log.debug("%s is busy", connection)

        self._job = self.huey.task(name="advance")(job)

    def nudge(self, connection: str) -> None:
        """Have the work of this connection done soon; once is enough."""
        with self._lock:
            if connection in self._waiting:
                return
            self._waiting.add(connection)
        self._job(connection)
        self.queued.set()


class Background:
    """Live mode: nudges what has fallen due, and works the queue in threads of this process."""

    def __init__(self, jobs: Jobs, due: Callable[[], list[str]], *, workers: int = 2) -> None:
        self.jobs, self._due = jobs, due
        self._stop, self._wake = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._watch, name="sync-due", daemon=True)]
        if not jobs.huey.immediate:
            self._threads += [
                threading.Thread(target=self._work, name=f"sync-{n}", daemon=True) for n in range(workers)
            ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        self.jobs.queued.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def wake(self) -> None:
        """Something has come in: look at once."""
        self._wake.set()

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                for connection in self._due():
                    self.jobs.nudge(connection)
            except Exception:  # a ledger that is down for a moment must not end the watch
                log.exception("cannot see what is due")
                self._stop.wait(5)
            self._wake.wait(POLL)
            self._wake.clear()

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                task = self.jobs.huey.dequeue()
                if task is None:
                    self.jobs.queued.wait(1.0)  # other processes may put jobs into the same queue
                    self.jobs.queued.clear()
                else:
                    self.jobs.huey.execute(task)
            except Exception:
                log.exception("a job failed")
                self._stop.wait(1)
