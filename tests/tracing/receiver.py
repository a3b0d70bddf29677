"""A collector that keeps what it gets: OTLP over HTTP, protobuf, as the specification has it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

KINDS = {1: "internal", 2: "server", 3: "client"}


@dataclass(frozen=True)
class Span:
    service: str
    name: str
    kind: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]
    events: dict[str, str]
    failed: bool
    began: int
    ended: int
    links: list[str]


@dataclass
class Receiver:
    """`status` is what it answers."""

    status: int = 200
    paths: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def __enter__(self) -> Receiver:
        self._came = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._take(self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        told = ExportTraceServiceRequest.FromString(body)
        with self._came:
            self.paths.append(path)
            self.headers.append(headers)
            for of_one in told.resource_spans:
                about = _values(of_one.resource.attributes)
                self.resources.append(about)
                self.spans += [_span(about, span) for scope in of_one.scope_spans for span in scope.spans]
            self._came.notify_all()

    def wait_for(self, wanted: Callable[[list[Span]], Any], seconds: float = 20) -> Any:
        """What `wanted` finds in all that has come, as soon as that is something."""
        with self._came:
            assert self._came.wait_for(lambda: wanted(self.spans), seconds), "\n".join(map(_shown, self.spans))
            return wanted(self.spans)

    def one(self, **wanted: Any) -> Span:
        """The first with these values."""

        def first(spans: list[Span]) -> Span | None:
            return next((s for s in spans if all(getattr(s, name) == value for name, value in wanted.items())), None)

        found: Span = self.wait_for(first)
        return found


def path(spans: list[Span], last: Span) -> list[tuple[str, str]]:
    """From the beginning of a trace to this span: services and names."""
    by_id = {span.id: span for span in spans}

    def up(span: Span | None) -> Iterator[tuple[str, str]]:
        if span:
            yield from up(by_id.get(span.parent))
            yield span.service, span.name

    return list(up(last))


def _shown(span: Span) -> str:
    return f"{span.trace[:6]} {span.parent[:6] or '-':6} {span.id[:6]} {span.service} {span.kind} {span.name}"


def _span(resource: dict[str, Any], span: Any) -> Span:
    return Span(
        service=resource["service.name"],
        name=span.name,
        kind=KINDS[span.kind],
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        attributes=_values(span.attributes),
        events={event.name: _values(event.attributes).get("storelab.reason", "") for event in span.events},
        failed=span.status.code == 2,
        began=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        links=[link.span_id.hex() for link in span.links],
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in attributes}
