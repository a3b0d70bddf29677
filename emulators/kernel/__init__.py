"""What every emulator stands on: worlds, state, clock, ids, faults, journal, deliveries. Knows no vendor."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clock import Clock
    from .emulator import Emulation, Emulator, emulation
    from .errors import ApiError, LabError, Problem
    from .http import Answer, BadJson, Outgoing, Reply, Request, Written
    from .ids import Ids
    from .lifecycle import Lifecycle, NotAllowed
    from .operations import Operation
    from .records import dataclass, replace
    from .statements import Statement
    from .store import Duplicate
    from .tables import Table
    from .webhooks import Delivery, Webhooks

__all__ = [
    "Answer",
    "ApiError",
    "BadJson",
    "Clock",
    "Delivery",
    "Duplicate",
    "Emulation",
    "Emulator",
    "Ids",
    "LabError",
    "Lifecycle",
    "NotAllowed",
    "Operation",
    "Outgoing",
    "Problem",
    "Reply",
    "Request",
    "Statement",
    "Table",
    "Webhooks",
    "Written",
    "dataclass",
    "emulation",
    "replace",
]

_HOMES = {
    "Answer": "http",
    "ApiError": "errors",
    "BadJson": "http",
    "Clock": "clock",
    "Delivery": "webhooks",
    "Duplicate": "store",
    "Emulation": "emulator",
    "Emulator": "emulator",
    "Ids": "ids",
    "LabError": "errors",
    "Lifecycle": "lifecycle",
    "NotAllowed": "lifecycle",
    "Operation": "operations",
    "Outgoing": "http",
    "Problem": "errors",
    "Reply": "http",
    "Request": "http",
    "Statement": "statements",
    "Table": "tables",
    "Webhooks": "webhooks",
    "Written": "http",
    "dataclass": "records",
    "emulation": "emulator",
    "replace": "records",
}


def __getattr__(name: str) -> Any:
    """Imported when it is first asked for: a command that needs one error must not wait for the database layer."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    return found
