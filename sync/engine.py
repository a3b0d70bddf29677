"""Looks, decides, acts: step by step, never sleeping. A step is at most one call and one note in the ledger.

What is about to be done is in the ledger before the call, so that after a crash at any point the same run goes on
from where it was. Waiting is a time in the ledger, kept on the clock of whoever calls `advance`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from .book import Book, Connection, Run
from .connector import Kind, connectors
from .desk import Desk
from .errors import GiveUp, Retry, SyncError
from .in_time import Adapter
from .ledger import Ledger
from .pace import pace_key, permitted
from .transport import Http

log = logging.getLogger("storelab.sync")
PATIENCE = (2.0, 4.0, 8.0, 16.0, 30.0, 60.0, 120.0, 300.0)  # seconds between tries, when nobody says how long
LONGEST = timedelta(hours=1)  # nobody is believed who wants us to wait longer
RENEW = 10.0  # seconds of real time after which a lease is renewed
SOON = timedelta(minutes=5)  # until a first look that failed is tried again
AT_WORK = ("active", "pending")  # what a connection is while there may be something to do


@dataclass
class Progress:
    """`next_at`: when it may go on, or when the next look is due; None: never by itself. `idle`: nothing is left to
    do but to wait for that look. `hindered`: the far end was in the way of the last step."""

    did: list[dict[str, Any]] = field(default_factory=list)
    next_at: datetime | None = None
    idle: bool = True
    hindered: bool = False


class Engine:
    """`public_url` is where the routes of the connectors can be reached. `point` is told before each call, after each
    answer and after each note: there the tests let it crash. `carrier` makes what carries the calls of one go at a
    connection, whose id it is told."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        public_url: str = "",
        ca: str | None = None,
        point: Callable[[str], None] | None = None,
        carrier: Callable[[str], Adapter] | None = None,
    ) -> None:
        self.ledger, self.public_url, self.point, self.ca = ledger, public_url.rstrip("/"), point, ca
        self._carrier = carrier

    def http(self, connection: str = "") -> Http:
        """What makes the calls of one go at a connection, or of something else in one piece. To be closed."""
        adapter = self._carrier(connection) if self._carrier else None
        return Http(ca=self.ca, point=self.point, adapter=adapter)

    def advance(
        self,
        connection: str,
        now: datetime,
        *,
        clock: Callable[[], datetime] | None = None,
        enough: Callable[[dict[str, Any]], bool] | None = None,
        patience: float = 0.0,
    ) -> Progress:
        """All that is due at this time, as far as the permitted pace allows; until `enough`, if given. `clock` tells
        what time it is by then, where time goes on meanwhile.

        `Busy` when another works on this connection, for longer than `patience` seconds.
        """
        progress, at = Progress(), clock or (lambda: now)
        http = self.http(connection)
        try:
            with self.ledger.lease(connection, patience=patience):
                renewed = monotonic()
                self.ledger.collect()
                self._swept(connection)  # what one who died left
                with self.ledger.begin() as book:
                    if book.set_back(connection, now):
                        log.warning("%s: the clock was set back to %s", connection, now)
                while step := self._step(connection, at, http):
                    did, desk = step
                    progress.did.append(did)
                    progress.hindered = desk.hindered
                    if desk.outcome is not None:
                        self._swept(connection)
                    if monotonic() - renewed > RENEW:
                        self.ledger.renew(connection)
                        renewed = monotonic()
                    if enough and enough(did):
                        break
                with self.ledger.begin() as book:
                    book.hold(connection)  # what comes in meanwhile says when to go on, after us
                    progress.next_at, progress.idle = self._outlook(book, connection, at)
                    book.set_connection(connection, next_at=progress.next_at)
        finally:
            http.close()
        return progress

    def _swept(self, connection: str) -> None:
        """Little by little: whoever brings news does not wait for it."""
        left = True
        while left:
            with self.ledger.begin() as book:
                left = book.sweep(connection)

    def _outlook(self, book: Book, connection: str, at: Callable[[], datetime]) -> tuple[datetime | None, bool]:
        found = book.connection(connection)
        if found is None or found.status not in AT_WORK:
            return None, True
        connector, now = connectors()[found.backend], at()
        open_runs = book.open_runs(connection)
        due = connector.due(book, found, {run.kind for run in open_runs}, now)
        going = [run for run in open_runs if may_go(run, found)]
        alone = [run for run in going if run.cursor.get("alone")]
        times = [self._ready(book, found, run, at) for run in alone or going]
        if due and not alone:
            times.append(now)
        if found.look_at and found.look_at > now:
            times.append(found.look_at)
        if (scheduled := book.timetable.next(connection)) and scheduled > now:
            times.append(scheduled)
        return (max(now, min(times)) if times else None), not open_runs and not due

    def _step(self, id_: str, at: Callable[[], datetime], http: Http) -> tuple[dict[str, Any], Desk] | None:
        """What it did, and at which desk; None when there is nothing to do now."""
        now = at()
        with self.ledger.begin() as book:
            connection = book.connection(id_)
            if connection is None or connection.status not in AT_WORK:
                return None
            connector = connectors()[connection.backend]
            open_runs = book.open_runs(id_)
            due = connector.due(book, connection, {run.kind for run in open_runs}, now)
            for kind in due:
                book.start(id_, kind, connector.kinds[kind].first, now)
                _schedule_again(book, connection, connector.kinds[kind], kind, now)
            run = self._chosen(book, connection, book.open_runs(id_) if due else open_runs, at)
            if run is None:
                return None
            now = at()  # others may have had a turn meanwhile, which was waited for
            if connector.phases[run.phase].service == "backend":
                book.set_pace(pace_key(connection), last_at=now)
            desk = Desk(self.ledger, http, connector, connection, run, now, book.next_seq(id_), self.public_url)
        http.adapter.at_work_on(run)
        did: dict[str, Any] = {"run": run.kind, "step": run.phase, "what": self._done(desk, at)}
        if self.point:
            self.point(f"noted {run.kind} {run.phase}")
        if desk.sent:
            did["sent"] = desk.sent
        if desk.outcome:
            did["outcome"] = desk.outcome
        log.info("%s %s %s: %s", id_, run.kind, run.phase, did["what"])
        return did, desk

    def _done(self, desk: Desk, at: Callable[[], datetime]) -> str:
        """What the step did, or what came in its way."""
        try:
            what = desk.connector.phases[desk.run.phase].do(desk)
        except Retry as retry:
            return self._postponed(desk, retry, at())
        except GiveUp as over:
            with self.ledger.begin() as book:
                book.set_connection(desk.connection.id, status="reconnect_required", reason=str(over))
            return f"gave up: {over}"
        except SyncError as failed:
            return self._failed(desk, str(failed))
        except Exception:  # a mistake of ours must not stop the other connections
            log.exception("step %s of %s", desk.run.phase, desk.connection.id)
            if desk.run.tries >= len(PATIENCE):
                return self._failed(desk, "an error of the sync itself; see its log")
            return self._postponed(desk, Retry("an error of the sync itself; see its log"), at())
        if learned := desk.learned():
            with self.ledger.begin() as book:
                book.set_connection(desk.connection.id, learned=learned)
        return what

    def _postponed(self, desk: Desk, retry: Retry, answered: datetime) -> str:
        """Who tells us to wait counts from when it told us, which may be long after we asked."""
        desk.hindered = True
        tries = desk.run.tries + 1
        seconds = PATIENCE[min(tries, len(PATIENCE)) - 1] if retry.after is None else retry.after
        until = answered + min(timedelta(seconds=seconds), LONGEST)
        with self.ledger.begin() as book:
            book.set_run(desk.run.id, tries=tries, next_at=until, outcome=str(retry))
            if retry.after is not None and desk.connector.phases[desk.run.phase].service == "backend":
                book.set_pace(pace_key(desk.connection), until=until)
        return f"waits {seconds:g} s: {retry}"

    def _failed(self, desk: Desk, reason: str) -> str:
        with self.ledger.begin() as book:
            book.finish(desk.run, desk.now, f"failed: {reason}")
            look_at = desk.connection.look_at
            if look_at is not None and look_at <= desk.now:
                look_at = desk.now + (LONGEST if desk.connection.looked_at else SOON)
            book.set_connection(desk.connection.id, look_at=look_at, reason=reason)
        desk.outcome = f"failed: {reason}"
        return desk.outcome

    def _chosen(
        self, book: Book, connection: Connection, open_runs: list[Run], at: Callable[[], datetime]
    ) -> Run | None:
        """The run that goes on now."""
        kinds = connectors()[connection.backend].kinds
        runs = [run for run in open_runs if may_go(run, connection)]
        runs = [run for run in runs if run.cursor.get("alone")] or runs
        runs.sort(key=lambda run: (kinds[run.kind].rank, run.id))
        return next((run for run in runs if self._ready(book, connection, run, at) <= at()), None)

    def _ready(self, book: Book, connection: Connection, run: Run, at: Callable[[], datetime]) -> datetime:
        connector = connectors()[connection.backend]
        paced = connector.phases[run.phase].service == "backend"
        last, until = book.pace(pace_key(connection)) if paced else (None, None)  # waits for who has a turn
        now = at()
        return max(now, run.next_at or now, permitted(last, until, connector.gap, now))


def _schedule_again(book: Book, connection: Connection, kind: Kind, name: str, now: datetime) -> None:
    """A run that has begun is not due any more until its time comes again."""
    if name in book.timetable.due(connection.id, now):
        every = kind.every(connection.settings)
        book.timetable.set(connection.id, name, now + timedelta(seconds=every) if every else None)


def may_go(run: Run, connection: Connection) -> bool:
    """Nothing is pushed before the first look: until then nobody knows which side has what."""
    return run.kind != "push" or connection.looked_at is not None
