"""Traces of a sandbox: what its services were asked, what they sent, and what they did by themselves in between."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from opentelemetry.trace import SpanContext, SpanKind

from storelab.emulators.kernel.app import App
from storelab.emulators.kernel.following import Spoken
from storelab.emulators.kernel.http import Outgoing
from storelab.emulators.kernel.jobs import Job
from storelab.emulators.kernel.journal import Exchange
from storelab.emulators.kernel.webhooks import Delivery
from storelab.emulators.kernel.world import World

from . import places, spans
from .collector import Collector
from .spans import Lasted

MOST = 10_000  # deliveries and jobs of a world of which is known what led to them

Routes = Mapping[tuple[str, str, str], str]
"""Service, operation and method -> the path as the document has it, below the sandbox's own address."""


class Tracing:
    """Of one sandbox."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.routes: Routes = {}

    def follow(self, world: World) -> Follower:
        return Follower(world, self)

    def entrance(self, app: App) -> Entrance:
        self.routes = {
            (service, operation.name, operation.method): f"/{service}{operation.path}"
            for service, it in app.lab.services.items()
            for operation in it.document.operations.values()
        }
        return Entrance(app)


class Entrance:
    """In front of the application: where a request stands in a trace is known before anybody looks at it."""

    def __init__(self, app: App) -> None:
        self._app, self._services = app, app.lab.services

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        found = {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in scope["headers"]}
        parent = places.received(found)
        if self._is_of_a_service(scope["path"]):
            token = places.current.set(places.within(parent))
        else:  # no span of ours: what it leads to is the caller's
            token = places.current.set(spans.Place(parent) if parent else None)
        try:
            await self._app(scope, receive, send)
        finally:
            places.current.reset(token)

    def _is_of_a_service(self, path: str) -> bool:
        first, _, rest = path.lstrip("/").partition("/")
        return (rest.partition("/")[0] if first.startswith("~") else first) in self._services


class Follower:
    """Makes the spans of one world."""

    def __init__(self, world: World, tracing: Tracing) -> None:
        self._world, self._tracing = world, tracing
        self._causes: dict[tuple[int, type, int], SpanContext] = {}

    def told(self, exchange: Exchange) -> None:
        ended = time.time_ns()
        if exchange.direction == "in":
            place = places.current.get() or places.within(None)
        else:
            sent = places.received({name.lower(): value for name, value in exchange.request_headers})
            place = spans.Place(sent, places.here()) if sent else places.within(places.here())
        self._tracing.collector.take(
            spans.of_exchange(
                exchange,
                place,
                Lasted(ended - int(exchange.seconds * 1e9), ended),
                world=self._world.name,
                route=self._tracing.routes.get((exchange.service, exchange.operation, exchange.method), ""),
            )
        )

    def marked(self, outgoing: Outgoing) -> Outgoing:
        others = (header for header in outgoing.headers if header[0].lower() not in places.NAMES)
        mark = places.headers(places.within(places.here()).own)
        return replace(outgoing, headers=(*others, *mark.items()))

    def queued(self, record: Delivery | Job) -> None:
        if cause := places.here():
            self._causes[self._key(record)] = cause
            if len(self._causes) > MOST:
                del self._causes[next(iter(self._causes))]

    def _key(self, record: Delivery | Job) -> tuple[int, type, int]:
        return self._world.generation, type(record), record.id

    @contextmanager
    def during(self, what: Delivery | Job | Spoken) -> Iterator[None]:
        if isinstance(what, Delivery):
            cause = self._causes.get(self._key(what))
            token = places.current.set(spans.Place(cause) if cause else None)
            try:
                yield
            finally:
                places.current.reset(token)
        elif isinstance(what, Job):  # one that stands has one cause, and after that only itself
            key = self._key(what)
            cause = self._causes.pop(key, None) if what.standing else self._causes.get(key)
            with self._done(what.service, "job", what.name, cause):
                yield
        elif what.kind == "fact":  # somebody looks, nothing is done
            yield
        else:
            with self._done(what.service, what.kind, what.words, places.here()):
                yield

    @contextmanager
    def _done(self, service: str, kind: str, name: str, parent: SpanContext | None) -> Iterator[None]:
        """A span of what no exchange tells of."""
        place, began, failed = places.within(parent), time.time_ns(), "failed"
        token = places.current.set(place)
        try:
            yield
            failed = ""
        except Exception as bad:
            failed = type(bad).__name__
            raise
        finally:
            places.current.reset(token)
            about: dict[str, spans.Value] = {
                "storelab.world": self._world.name,
                "storelab.service": service,
                f"storelab.{kind}": name,
                "storelab.time": self._world.now.isoformat(),
            }
            lasted = Lasted(began, time.time_ns())
            self._tracing.collector.take(
                spans.span(service, f"{kind} {name}", SpanKind.INTERNAL, place, lasted, about, failed)
            )
