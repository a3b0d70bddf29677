"""Between the threads in which pages are made and the event loop in which worlds live."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

from flask import current_app, g

from ..kernel.lab import Lab
from ..kernel.world import World

T = TypeVar("T")
PATIENCE = 300.0  # seconds that a page waits for a move, or for a clock that is put forward


class Bridge:
    """Runs functions in the loop that serves the laboratory. Never call it from that loop: it waits."""

    def __init__(self, lab: Lab, loop: asyncio.AbstractEventLoop) -> None:
        self.lab, self.loop = lab, loop

    def ask(self, world: str, function: Callable[[World], Any]) -> Any:
        """What the function makes of the world, awaited if need be."""

        async def asked() -> Any:
            result = function(self.lab.world(world))
            return await result if inspect.isawaitable(result) else result

        return asyncio.run_coroutine_threadsafe(asked(), self.loop).result(PATIENCE)


def bridge() -> Bridge:
    """The one of the page being made."""
    found: Bridge = current_app.extensions["bridge"]
    return found


@overload
def ask(function: Callable[[World], Awaitable[T]]) -> T: ...
@overload
def ask(function: Callable[[World], T]) -> T: ...
def ask(function: Callable[[World], Any]) -> Any:
    """Of the world that the page is about."""
    return bridge().ask(g.world, function)
