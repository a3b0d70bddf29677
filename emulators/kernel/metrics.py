"""What a world counts, in Prometheus' text format. `GET /_lab/metrics`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from .webhooks import DELIVERIES

if TYPE_CHECKING:
    from prometheus_client import Metric

    from .world import World


def exposed(world: World) -> tuple[bytes, str]:
    """The metrics of one world, and their content type."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

    class Collector:
        def collect(self) -> Iterator[Metric]:
            yield from _metrics(world)

    registry = CollectorRegistry()
    registry.register(Collector())
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


def _metrics(world: World) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily

    about = "Requests that services answered (in) and sent (out), with the real seconds they took"
    labels = ["service", "direction", "operation", "status"]
    exchanges = SummaryMetricFamily("storelab_exchange_seconds", about, labels=labels)
    for (service, direction, operation, status), (count, seconds) in sorted(
        world.journal.counted.items(), key=lambda one: str(one[0])
    ):
        shown = "none" if status is None else str(status)
        exchanges.add_metric([service, direction, operation, shown], count_value=int(count), sum_value=seconds)
    yield exchanges

    deliveries = GaugeMetricFamily(
        "storelab_deliveries", "Webhook deliveries that are kept", labels=["service", "status"]
    )
    c = DELIVERIES.c
    rows = world.database.connection.execute(
        select(c.service, c.status, func.count()).group_by(c.service, c.status).order_by(c.service, c.status)
    ).all()
    world.store.rollback()
    for service, status, count in rows:
        deliveries.add_metric([service, status], count)
    yield deliveries

    struck = CounterMetricFamily("storelab_fault_hits", "How often a fault has struck", labels=["service", "kind"])
    for fault in world.faults.active.values():
        struck.add_metric([fault.service, fault.kind], fault.hits)
    yield struck
    yield GaugeMetricFamily("storelab_journal_exchanges", "Exchanges that the journal keeps", len(world.journal))
    yield GaugeMetricFamily("storelab_journal_bytes", "Their size", world.journal.bytes)
    yield GaugeMetricFamily("storelab_clock_ahead_seconds", "How far the world is ahead of now", world.clock.ahead)
