"""What becomes of an exchange: a span with the attributes of OpenTelemetry's semantic conventions for HTTP (stable
since 1.23), and our own, which begin with `storelab.`. Plain values in, a span out; no credential in any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode

from storelab import __version__
from storelab.emulators.kernel.journal import Exchange, masked_url

Value = str | int | bool
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"})
LONGEST = 2_000  # characters of a value
SCOPE = InstrumentationScope("storelab", __version__)


@dataclass(frozen=True)
class Place:
    """Where in a trace something stands: what it is itself, what it is a part of, and what else led to it."""

    own: SpanContext
    parent: SpanContext | None = None
    others: tuple[SpanContext, ...] = ()


@dataclass(frozen=True)
class Lasted:
    """In real time, nanoseconds since 1970."""

    began: int
    ended: int


@dataclass(frozen=True)
class Http:
    """A request and what came of it. The URL has no credentials in it. No status: there was no answer, and why."""

    method: str
    url: str
    status: int | None
    error: str = ""

    def attributes(self) -> dict[str, Value]:
        parts = _parts(self.url)
        known = self.method in METHODS
        out: dict[str, Value] = {"http.request.method": self.method if known else "_OTHER"}
        if not known:
            out["http.request.method_original"] = self.method
        if parts.hostname:
            out["server.address"] = parts.hostname
            out["server.port"] = _port(parts)
        if self.status is not None:
            out["http.response.status_code"] = self.status
        return out

    def name(self, of: str) -> str:
        return f"{self.method if self.method in METHODS else 'HTTP'} {of}".rstrip()


def of_exchange(exchange: Exchange, place: Place, lasted: Lasted, *, world: str, route: str) -> ReadableSpan:
    """The span of an entry of the journal: of a server for what a service was asked, of a client for what it sent.
    `route` is the path as the document has it, "" where no operation was found."""
    http = Http(
        exchange.method,
        masked_url(exchange.url, exchange.secret_names),
        exchange.status,
        masked_url(exchange.reason, exchange.secret_names),
    )
    more: dict[str, Value] = {
        "storelab.world": world,
        "storelab.service": exchange.service,
        "storelab.operation": exchange.operation,
        "storelab.journal.entry": exchange.number,
        "storelab.time": exchange.at.isoformat(),
    }
    if exchange.fault:
        more["storelab.fault"] = exchange.fault
    if not exchange.emulated:
        more["storelab.emulated"] = False
    events = []
    if http.error:
        events.append(("storelab.refused" if exchange.direction == "in" else "storelab.failed", http.error))
    if exchange.direction == "in":
        agent = next((value for name, value in exchange.request_headers if name.lower() == "user-agent"), "")
        return served(exchange.service, http, place, lasted, route=route, agent=agent, more=more, events=events)
    return asked(exchange.service, http, place, lasted, of=exchange.operation, more=more, events=events)


def served(
    service: str,
    http: Http,
    place: Place,
    lasted: Lasted,
    *,
    route: str = "",
    agent: str = "",
    more: Mapping[str, Value] | None = None,
    events: Sequence[tuple[str, str]] = (),
) -> ReadableSpan:
    """A request that a service answered."""
    parts = _parts(http.url)
    attributes = http.attributes() | {"url.scheme": parts.scheme, "url.path": parts.path or "/"}
    attributes |= {"url.query": parts.query} if parts.query else {}
    attributes |= {"http.route": route} if route else {}
    attributes |= {"user_agent.original": agent} if agent else {}
    failed = "no_answer" if http.status is None else str(http.status) if http.status >= 500 else ""
    return span(
        service, http.name(route), SpanKind.SERVER, place, lasted, attributes | dict(more or {}), failed, events
    )


def asked(
    service: str,
    http: Http,
    place: Place,
    lasted: Lasted,
    *,
    of: str = "",
    more: Mapping[str, Value] | None = None,
    events: Sequence[tuple[str, str]] = (),
) -> ReadableSpan:
    """A request that a service sent; `of` is what for, in a word."""
    attributes = http.attributes() | {"url.full": http.url}
    failed = "no_answer" if http.status is None else str(http.status) if http.status >= 400 else ""
    return span(service, http.name(of), SpanKind.CLIENT, place, lasted, attributes | dict(more or {}), failed, events)


def span(
    service: str,
    name: str,
    kind: SpanKind,
    place: Place,
    lasted: Lasted,
    attributes: Mapping[str, Value],
    failed: str = "",
    events: Sequence[tuple[str, str]] = (),
) -> ReadableSpan:
    """`failed` is the kind of error, "" for none; an event has a name and says a reason."""
    found = {key: _short(value) for key, value in attributes.items() if value != ""}
    return ReadableSpan(
        name=str(_short(name)),
        context=place.own,
        parent=place.parent,
        resource=_resource(service),
        attributes={**found, "error.type": failed} if failed else found,
        events=[Event(name, {"storelab.reason": _short(why)}, lasted.ended) for name, why in events],
        links=[Link(other) for other in place.others],
        kind=kind,
        status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
        start_time=lasted.began,
        end_time=lasted.ended,
        instrumentation_scope=SCOPE,
    )


_resources: dict[str, Resource] = {}


def _resource(service: str) -> Resource:
    """Each service is one of its own, as it is to whoever calls it; OTEL_RESOURCE_ATTRIBUTES adds to what is told."""
    if service not in _resources:
        about = {"service.name": service, "service.namespace": "storelab", "service.version": __version__}
        _resources[service] = Resource.create(about)
    return _resources[service]


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return 0


def _short(value: Value) -> Value:
    """As much of a text as is worth sending, in UTF-8 as the protocol wants it."""
    return value[:LONGEST].encode("utf-8", "replace").decode() if isinstance(value, str) else value
