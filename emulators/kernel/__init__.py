"""What every emulator stands on: worlds, state, clock, ids, faults, journal, deliveries. Knows no vendor."""

from .clock import Clock
from .emulator import Emulation, Emulator, emulation
from .errors import ApiError, LabError, Problem
from .http import Answer, BadJson, Outgoing, Reply, Request, Written
from .ids import Ids
from .lifecycle import Lifecycle, NotAllowed
from .operations import Operation
from .records import replace
from .statements import Statement
from .store import Duplicate, Table
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
    "emulation",
    "replace",
]
