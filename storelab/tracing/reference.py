"""Traces of the reference sync: what it is asked, and each run with its calls."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import requests
from opentelemetry.trace import SpanContext, SpanKind

from storelab.sync.in_time import Adapter

from . import places, spans
from .collector import Collector
from .spans import Http, Lasted, Place

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask

    from storelab.sync.book import Run

SERVICE = "sync"
MOST = 1_000  # connections of which is known what was heard for them, and runs of which is known how they began
MOST_HEARD = 20  # of each connection, until somebody works on it
_OF_ONE = re.compile(r"/(hooks|connections)/([^/]+)(.*)", re.DOTALL)


class Tracing:
    """What one process of the sync has to remember: a webhook leads to the next run of its connection, and a run that
    goes on later is still the same."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self._heard: dict[str, list[SpanContext]] = {}
        self._runs: dict[tuple[str, int, datetime], SpanContext] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Tracing:
        return self

    def __exit__(self, *exc: object) -> None:
        self.collector.close()

    def carrier(self, connection: str) -> Adapter:
        """For the calls of one go at this connection ("": of something else)."""
        return _Carrier(self, connection)

    def stand_before(self, app: Flask) -> None:
        """Follow what this service is asked."""
        app.wsgi_app = partial(self._answered, app.wsgi_app)  # type: ignore[method-assign]

    def _answered(
        self, within: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        found = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
        place, began, status = places.within(places.received(found)), time.time_ns(), 500
        path = environ["PATH_INFO"]

        def started(line: str, *args: Any) -> Any:
            nonlocal status
            status = int(line.split(" ", 1)[0])
            return start_response(line, *args)

        one = _OF_ONE.match(path)
        heard = one[2] if one and one[1] == "hooks" else ""
        if heard:  # before: somebody may be at work on it before it is answered
            self._hear(heard, place.own)
        token = places.current.set(place)
        try:
            return within(environ, started)
        finally:
            places.current.reset(token)
            if heard and status >= 300:
                self._forget(heard, place.own)
            address = f"{environ['wsgi.url_scheme']}://{found.get('host', '')}{path}"  # a query may hold a token
            self.collector.take(
                spans.served(
                    SERVICE,
                    Http(environ["REQUEST_METHOD"], address, status),
                    place,
                    Lasted(began, time.time_ns()),
                    route="" if status == 404 else f"/{one[1]}/{{connection}}{one[3]}" if one else path,
                    agent=found.get("user-agent", ""),
                    more={"storelab.connection": one[2] if one else ""},
                )
            )

    def _hear(self, connection: str, cause: SpanContext) -> None:
        with self._lock:
            heard = self._heard.setdefault(connection, [])
            if len(heard) < MOST_HEARD:
                heard.append(cause)
            if len(self._heard) > MOST:
                del self._heard[next(iter(self._heard))]

    def _forget(self, connection: str, cause: SpanContext) -> None:
        """It was no news, but somebody who was refused."""
        with self._lock:
            heard = [one for one in self._heard.pop(connection, []) if one is not cause]
            if heard:
                self._heard[connection] = heard

    def begin(self, connection: str, run: Run | None) -> Place:
        """A piece of a run: within the first piece of it, or what was heard, or whoever asked for it now; all others
        led to it too."""
        with self._lock:
            key = run and (connection, run.id, run.started_at)  # numbers are used again
            known = self._runs.get(key) if key else None
            causes = [*([known] if known else []), *self._heard.pop(connection, [])]
            if asking := places.here():
                causes.append(asking)
            place = places.within(*causes) if causes else places.within(None)
            if key and not known:
                self._runs[key] = place.own
                if len(self._runs) > MOST:
                    del self._runs[next(iter(self._runs))]
        return place


class _Carrier(Adapter):
    """Calls are parts of the run that is worked on; a piece of it begins with a call, and ends when another is worked
    on or all is over."""

    def __init__(self, tracing: Tracing, connection: str) -> None:
        super().__init__()
        self._tracing, self._connection = tracing, connection
        self._run: Run | None = None
        self._piece: tuple[Place, int] | None = None

    def at_work_on(self, run: Run) -> None:
        if self._run is None or run.id != self._run.id:
            self._end()
        self._run = run

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        began = time.time_ns()
        if self._piece is None:
            self._piece = self._tracing.begin(self._connection, self._run), began
        place = places.within(self._piece[0].own)
        request.headers.update(places.headers(place.own))
        status: int | None = None
        try:
            answer = super().send(request, *args, **options)
            status = answer.status_code
            return answer
        finally:
            address = (request.url or "").partition("?")[0]  # a query may hold a key
            http, lasted = Http(request.method or "", address, status), Lasted(began, time.time_ns())
            self._tracing.collector.take(spans.asked(SERVICE, http, place, lasted, more=self._about()))

    def _end(self) -> None:
        if self._piece is not None:
            place, began = self._piece
            self._piece = None
            name, lasted = f"run {self._run.kind}" if self._run else "connect", Lasted(began, time.time_ns())
            span = spans.span(SERVICE, name, SpanKind.INTERNAL, place, lasted, self._about())
            self._tracing.collector.take(span)

    def _about(self) -> dict[str, spans.Value]:
        return {"storelab.connection": self._connection, "storelab.run": self._run.kind if self._run else ""}

    def close(self) -> None:
        super().close()
        self._end()
