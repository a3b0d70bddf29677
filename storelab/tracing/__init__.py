"""Traces: every exchange of the journal as a span of OpenTelemetry, sent to a collector that somebody named.

Nothing of it is imported unless it was asked for (`storelab up --otlp`). `spans` turns plain values into spans,
`places` knows where in a trace something stands, `collector` sends; `services` and `reference` are what is told of: the
sandbox, and the reference sync.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from storelab.emulators.kernel.errors import LabError

if TYPE_CHECKING:
    from . import reference, services


def of_sandbox(address: str) -> services.Tracing:
    """What follows a sandbox, for the collector at this address. `LabError` if it is none, or the libraries miss."""
    with _installed():
        from .collector import Collector
        from .services import Tracing
    return Tracing(Collector(address))


def of_sync(address: str) -> reference.Tracing:
    """What follows a sync that stands by itself."""
    with _installed():
        from .collector import Collector
        from .reference import Tracing
    return Tracing(Collector(address))


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith("opentelemetry"):
            raise
        raise LabError("--otlp needs OpenTelemetry: pip install 'storelab[otel]'", code="no_opentelemetry") from None
