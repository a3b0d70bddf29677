"""The address at which a provider brings states about, as a vendor writes it (docs/verify.md).

Pact's own words are enough: POST {state, action: setup or teardown, params}, answered with the values that the contract
refers to. What an adapter can do it tells when it is asked {action: offers}: which states it knows, moves (what a
person does behind the API, so that webhooks are sent and stories played) and facts (what the vendor now believes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import requests

from storelab.emulators.kernel.errors import LabError

PATIENCE = 30.0  # seconds
MOST_SHOWN = 200  # characters of an answer


@dataclass(frozen=True)
class Offers:
    """What an adapter can do. `states` it can bring about (None: it does not say); `values` hold without any state,
    such as {"api_key": "..."}."""

    states: frozenset[str] | None = None
    moves: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    values: Mapping[str, Any] = field(default_factory=dict)


class Adapter:
    """One adapter. What it refuses is a `LabError` in its own words."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False

    @cached_property
    def offers(self) -> Offers:
        """Asked once. One that knows states only may answer this with any refusal."""
        try:
            told = self.told({"action": "offers", "state": "", "params": {}})
        except NotDone:
            return Offers()
        names = {kind: told.get(kind) for kind in ("states", "moves", "facts")}
        listed: dict[str, Any] = {
            kind: frozenset(map(str, found)) for kind, found in names.items() if isinstance(found, list | dict)
        }
        values = told.get("values")
        return Offers(**listed, values=values if isinstance(values, dict) else {})

    def setup(self, state: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The values that it made."""
        return self.told({"state": state, "action": "setup", "params": params})

    def teardown(self, state: str = "", params: Mapping[str, Any] | None = None) -> None:
        """An interaction is over, or (without a state) the first is about to begin."""
        self.told({"state": state, "action": "teardown", "params": params or {}})

    def move(self, name: str, params: Mapping[str, Any]) -> Any:
        return self.told({"action": "move", "move": name, "params": params}).get("result")

    def fact(self, name: str, params: Mapping[str, Any]) -> Any:
        return self.told({"action": "fact", "fact": name, "params": params}).get("result")

    def facts(self) -> dict[str, Any]:
        """All that need no argument, by their names."""
        found = self.told({"action": "facts"}).get("result")
        return found if isinstance(found, dict) else {}

    def told(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """What it answers to a question. `NotDone` when it refuses."""
        try:
            answer = self._session.post(self.url, json=asked, timeout=PATIENCE)
        except (requests.RequestException, ValueError) as bad:
            raise LabError(f"the state adapter at {self.url} does not answer: {type(bad).__name__}") from None
        if answer.status_code >= 400:
            said = " ".join(answer.text.split())[:MOST_SHOWN]
            raise NotDone(f"the state adapter answered {answer.status_code}: {said}")
        try:
            made = answer.json() if answer.content else {}
        except (ValueError, RecursionError):
            raise LabError(f"the state adapter at {self.url} answered something that is not JSON") from None
        return made if isinstance(made, dict) else {}


class NotDone(LabError):
    """The adapter answered, and did not do it."""
