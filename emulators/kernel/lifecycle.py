"""A lifecycle is a table: (state, event) leads to a state, and nothing else does."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from enum import Enum
from typing import Generic, TypeVar

S = TypeVar("S", bound=Hashable)


class NotAllowed(ValueError):
    """The event does not exist in this state. The message names both and what is possible."""


class Lifecycle(Generic[S]):
    def __init__(self, table: Mapping[tuple[S, str], S]) -> None:
        self.table = dict(table)

    def events(self, state: S) -> set[str]:
        return {event for from_state, event in self.table if from_state == state}

    def after(self, state: S, event: str) -> S:
        try:
            return self.table[state, event]
        except KeyError:
            possible = ", ".join(sorted(self.events(state))) or "nothing"
            named = state.value if isinstance(state, Enum) else state
            raise NotAllowed(f"{event!r} is not possible in state {named!r}; possible: {possible}") from None
