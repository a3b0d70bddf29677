"""Where a trace goes on: what is under way here, and the header that tells it to others (W3C Trace Context)."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar

from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from .spans import Place

LONGEST_STATE = 512  # characters of a `tracestate` that are passed on, which is what everybody has to be able to
NAMES = frozenset({"traceparent", "tracestate"})
_IDS = RandomIdGenerator()
_HEADERS = TraceContextTextMapPropagator()

current: ContextVar[Place | None] = ContextVar("storelab-trace", default=None)


def here() -> SpanContext | None:
    """What is under way."""
    place = current.get()
    return place.own if place else None


def within(parent: SpanContext | None, *others: SpanContext) -> Place:
    """A new place within this one, or at the beginning of a trace of its own."""
    trace = parent.trace_id if parent else _IDS.generate_trace_id()
    flags = parent.trace_flags if parent else TraceFlags(TraceFlags.SAMPLED)
    own = SpanContext(trace, _IDS.generate_span_id(), False, flags, parent.trace_state if parent else None)
    return Place(own, parent, others)


def received(headers: Mapping[str, str]) -> SpanContext | None:
    """What the sender of these headers was at. Names are lower case."""
    if "traceparent" not in headers:
        return None
    carried = {name: headers[name] for name in NAMES & headers.keys()}
    if len(carried.get("tracestate", "")) > LONGEST_STATE:
        del carried["tracestate"]
    found = get_current_span(_HEADERS.extract(carried)).get_span_context()
    return found if found.is_valid else None


def headers(of: SpanContext) -> dict[str, str]:
    """What tells others that this is what led to them."""
    carried: dict[str, str] = {}
    _HEADERS.inject(carried, set_span_in_context(NonRecordingSpan(of)))
    return carried
