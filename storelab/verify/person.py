"""A person in the place of a state adapter: told what to do, and asked what came of it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any

from storelab.contracts.adapter import Adapter
from storelab.emulators.kernel.lab import found_emulators

Ask = Callable[[str], str]


class Person(Adapter):
    """`ask` shows a text and gives back what was typed: Enter when it is done, or NAME=VALUE words that the contract
    refers to."""

    def __init__(self, provider: str, ask: Ask) -> None:
        super().__init__("a person")
        self._provider, self._ask = provider, ask

    def told(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        action, said = asked["action"], _in_words(asked.get("params") or {})
        if action == "offers":
            return {"moves": [*found_emulators()[self._provider].moves]}
        if action == "setup":
            return _typed(self._ask(f"In {self._provider}, see that there is: {asked['state']}{said}\n"))
        if action == "move":
            return {"result": _typed(self._ask(f"In {self._provider}, now do: {asked['move']}{said}\n"))}
        return {}


def _in_words(params: Mapping[str, Any]) -> str:
    return f" ({', '.join(f'{name} {value}' for name, value in params.items())})" if params else ""


def _typed(line: str) -> dict[str, Any]:
    return dict(word.split("=", 1) for word in shlex.split(line) if "=" in word)
