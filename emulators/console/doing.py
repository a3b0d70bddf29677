"""Says a state or a move to a service, and lets the recorder know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g

from ..kernel.world import World
from .bridge import ask
from .recorder import recorder


def say(service: str, kind: str, name: str, arguments: Mapping[str, Any]) -> Any:
    """What came of it. `kind` is states or moves. What it set off is on its way, not waited for."""

    async def said(world: World) -> Any:
        speak = world.set_state if kind == "states" else world.do
        return await speak(service, name, arguments)

    result = ask(said)
    recorder().said(g.world, service, kind, name, arguments)
    return result
