"""What stands in the report of a test that failed: how its world was, and what crossed the wire last."""

from __future__ import annotations

from collections.abc import Iterator

from storelab.emulators.kernel.errors import LabError

from .world import World

MOST_CALLS = 30
MOST_DELIVERIES = 10
MOST_LENGTH = 12_000  # characters in all


def account(world: World) -> str:
    """Bounded, secrets masked; what cannot be asked any more is said to be gone."""
    try:
        text = "\n".join(_lines(world))
    except LabError as gone:
        text = f"nothing can be said of this test's world any more: {gone.message}"
    return text if len(text) <= MOST_LENGTH else f"{text[:MOST_LENGTH]}\n... (there is more)"


def _lines(world: World) -> Iterator[str]:
    from storelab.scenarios.wire import shown

    clock = world.client.clock()
    yield f"world {world.url} (seed {world.seed}), {'frozen at' if clock['frozen'] else 'now'} {clock['now'][:19]}"
    exchanges = world.client.journal(limit=MOST_CALLS)
    left_out = world.journal.last - len(exchanges)
    yield "what crossed the wire:" if exchanges else "nothing crossed the wire."
    if exchanges and left_out:
        yield f"  ({left_out} exchanges before these)"
    for exchange in exchanges:
        yield f"  {shown(exchange, most=240)}"
        if (exchange["status"] or 0) >= 400:
            yield f"      answered {exchange['response']['body'][:300]}"
    missed = [d for d in world.deliveries.of() if d["status"] != "delivered"][-MOST_DELIVERIES:]
    for delivery in missed:
        error = delivery["attempts"][-1]["error"] if delivery["attempts"] else ""
        said = f": {error}" if error else ""
        yield f"webhook {delivery['number']} of {delivery['service']} is {delivery['status']}{said}"
    for fault in world.faults.active:
        yield f"fault {fault['kind']} at {fault['service']} struck {fault['hits']} times"
