"""How the sync stands with the backends, and what a person can press: its driver API (`openapi/connector.yaml`)."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from storelab.scenarios.driver import Driver, NoConnector, Refusal

from ..kernel.errors import LabError
from .picture import Link

FRESH = 1.0  # seconds for which an answer about all connections is good enough for a picture
_TONES = {"active": "good", "pending": "waiting", "connecting": "waiting", "reconnect_required": "bad"}


class Links:
    """`url` is empty where no sync runs: then there is nothing to see, and nothing to press."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._driver = Driver(url, token=token) if url else None
        self._lock = threading.Lock()
        self._known: tuple[float, list[dict[str, Any]]] = (float("-inf"), [])

    @property
    def driver(self) -> Driver:
        if self._driver is None:
            raise LabError("this sandbox runs without its sync: start it without --no-sync", code="no_sync")
        return self._driver

    def every(self) -> list[dict[str, Any]]:
        """All connections of all worlds, newest last. A sync that does not answer has none."""
        if self._driver is None:
            return []
        with self._lock:
            at, rows = self._known
            if time.monotonic() - at > FRESH:
                try:
                    rows = self._driver.connections()
                except (NoConnector, Refusal):
                    rows = []
                self._known = time.monotonic(), rows
            return rows

    def of(self, world_url: str, service: str = "") -> list[dict[str, Any]]:
        """Those of the store at this address of a world, with one backend or with any."""
        rows = [row for row in self.every() if row["store"]["url"].startswith(f"{world_url}/woocommerce")]
        return [row for row in rows if not service or row["backend"] == service]

    def forget(self) -> None:
        """Something was pressed: ask again."""
        self._known = (float("-inf"), [])


def standing(rows: Sequence[Mapping[str, Any]]) -> dict[str, Link]:
    """The newest connection with each backend, those that are over only where there is no other."""
    links: dict[str, Link] = {}
    for row in sorted(rows, key=lambda row: row["status"] != "disconnected"):
        words = row["stage"] or row["status"].replace("_", " ")
        links[row["backend"]] = Link(words, _TONES.get(row["status"], ""))
    return links
