"""Values of the contracts: plain examples while sync is tested, the provider's own when it is verified."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pact import generate
from pact.match.matcher import GenericMatcher

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
API_KEY = "example-key"
CONSUMER_KEY, CONSUMER_SECRET = "ck_example", "cs_example"


def given_value(example: Any, expression: str) -> GenericMatcher[Any]:
    """Exactly the example when sync sends it; at verification what the provider state answered: "${offer_id}"."""
    return GenericMatcher("equality", example, generator=generate.provider_state(expression))
