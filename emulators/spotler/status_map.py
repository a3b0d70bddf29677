"""The map of order statuses over the control API."""

from __future__ import annotations

from typing import Any

from .statuses import FROM_SHOP, KNOWN


def read() -> dict[str, Any]:
    """How the shop's statuses become Connect's. What is not in it is an import error until a rule maps it."""
    return {
        "data": [{"shop": shop, "connect": ours} for shop, ours in FROM_SHOP.items()],
        "known": list(KNOWN),
    }
