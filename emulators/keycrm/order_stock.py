"""What an order does to stock: its status reserves, writes off, or lets go.

Source: KeyCRM API document v1.2.0 (`is_reserved`, `is_closing_order` of a status), KeyCRM help, stock webhook
(statuses that reserve or write off, and their undoing). Assumed: of the closing statuses those of the group
"completed" write off and the others let go; a line is shipped from the account's main warehouse.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum

from ..kernel import Emulation
from ..quantities import Thousandths
from .movements import move
from .order import Line
from .references import COMPLETED, Status
from .stock import Change, Kind


class Hold(Enum):
    """What a status does to the stock of the orders in it."""

    NOTHING = "nothing"
    RESERVED = "reserved"
    WRITTEN_OFF = "written off"


def hold_of(status: Status) -> Hold:
    if status.is_closing_order:
        return Hold.WRITTEN_OFF if status.group_id == COMPLETED else Hold.NOTHING
    return Hold.RESERVED if status.is_reserved else Hold.NOTHING


def wanted(line: Line, hold: Hold) -> tuple[Thousandths, Thousandths]:
    """What this line should have reserved and written off."""
    if line.offer_id is None or hold is Hold.NOTHING:
        return 0, 0
    return (line.quantity, 0) if hold is Hold.RESERVED else (0, line.quantity)


def held(line: Line, hold: Hold) -> tuple[Line, Change | None]:
    """The line holding what it should, and the change that this is for stock; none when it already does."""
    reserved, written_off = wanted(line, hold)
    if (reserved, written_off) == (line.reserved, line.written_off) or line.offer_id is None:
        return line, None
    assert line.warehouse_id is not None
    change = Change(
        line.offer_id,
        line.warehouse_id,
        quantity=line.written_off - written_off,
        reserve=reserved - line.reserved,
    )
    return replace(line, reserved=reserved, written_off=written_off), change


def all_held(lines: Iterable[Line], hold: Hold) -> tuple[list[Line], list[Change]]:
    pairs = [held(line, hold) for line in lines]
    return [line for line, _ in pairs], [change for _, change in pairs if change is not None]


def settle(here: Emulation, order_id: int, lines: Sequence[Line], status: Status, *, quiet: bool = False) -> list[Line]:
    """Make these lines hold what the status asks for, and keep them."""
    after, changes = all_held(lines, hold_of(status))
    here.store[Line].put_all(after)
    move(here, changes, Kind.ORDER, order_id, quiet=quiet)
    return after
