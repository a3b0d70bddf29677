"""Which connectors rely on what of a store: read from their contracts and stories, never listed by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from storelab.contracts.pactfiles import pact_files, read
from storelab.contracts.uses import TOPIC
from storelab.matrix import backends, cells

STORE, SYNC = "woocommerce", "sync"
Interaction = Mapping[str, Any]


@cache
def _interactions() -> tuple[tuple[str, Interaction], ...]:
    """Every interaction with the store, and whose it is."""
    pacts = [read(path) for path in pact_files(provider=STORE)]
    return tuple((pact["consumer"]["name"], i) for pact in pacts for i in pact["interactions"])


def reliers(test: Callable[[Interaction], bool]) -> tuple[str, ...]:
    """The connectors with an interaction of this kind. The reference sync speaks for the backends that have no worker
    of their own in the store."""
    found = {consumer for consumer, interaction in _interactions() if test(interaction)}
    if SYNC in found:
        found |= set(backends()) - {consumer for consumer, _ in _interactions()}
    return tuple(sorted(found - {SYNC}))


def carriers(data: str) -> tuple[str, ...]:
    """The connectors between which and a store this data travels ("orders", "stock"), by what stories show."""
    return tuple(sorted({cell.backend for cell in cells(list(backends())) if cell.data == data and cell.stories}))


def everyone() -> tuple[str, ...]:
    return tuple(sorted(backends()))


def asks(interaction: Interaction) -> bool:
    return "request" in interaction


def asks_with_header(interaction: Interaction) -> bool:
    """With a key in the Authorization header."""
    return asks(interaction) and any(
        name.lower() == "authorization" for name in interaction["request"].get("headers", {})
    )


def reads(interaction: Interaction) -> bool:
    return asks(interaction) and interaction["request"]["method"] == "GET"


def pretty(interaction: Interaction) -> bool:
    """At an address that exists with pretty permalinks only."""
    return asks(interaction) and str(interaction["request"]["path"]).startswith("/wp-json")


def hears(topic: str) -> Callable[[Interaction], bool]:
    """What waits for this topic: by a message of the contracts, or because it makes such a webhook."""

    def test(interaction: Interaction) -> bool:
        if not asks(interaction):
            return str(interaction.get("metadata", {}).get(TOPIC, "")) == topic
        body = interaction["request"].get("body", {}).get("content")
        made = body if isinstance(body, Mapping) else {}
        return any(row.get("topic") == topic for row in (made, *made.get("create", ())) if isinstance(row, Mapping))

    return test
