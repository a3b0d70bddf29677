"""What every emulator stands on: worlds, state, clock, ids, faults, journal, deliveries. Knows no vendor."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .clock import Clock as Clock
    from .emulator import Emulation as Emulation, Emulator as Emulator, emulation as emulation
    from .errors import ApiError as ApiError, LabError as LabError, Problem as Problem
    from .http import (
        Answer as Answer,
        BadJson as BadJson,
        Outgoing as Outgoing,
        Reply as Reply,
        Request as Request,
        Written as Written,
    )
    from .ids import Ids as Ids
    from .lifecycle import Lifecycle as Lifecycle, NotAllowed as NotAllowed
    from .operations import Operation as Operation
    from .records import dataclass as dataclass, replace as replace
    from .statements import Statement as Statement
    from .store import Duplicate as Duplicate
    from .tables import Table as Table
    from .webhooks import Delivery as Delivery, Webhooks as Webhooks

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
