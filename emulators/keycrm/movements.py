"""The one door to stock: what changes a level leaves a movement and tells the stock webhooks."""

from __future__ import annotations

from collections.abc import Iterable

from ..kernel import Emulation
from .stock import Change, Kind, Level, Movement, applied, levels_of, merged
from .webhooks import stock_changed


def move(
    here: Emulation, changes: Iterable[Change], kind: Kind, order_id: int | None = None, *, quiet: bool = False
) -> list[Movement]:
    """Change stock: writes levels and movements, and tells the stock webhooks unless it is to be quiet."""
    wanted = merged(changes)
    if not wanted:
        return []
    offer_ids = list(dict.fromkeys(change.offer_id for change in wanted))
    before = {(x.offer_id, x.warehouse_id): x for x in levels_of(here, offer_ids)}
    first_id = here.ids.next("keycrm.movement", len(wanted))
    after, movements = applied(before, wanted, kind=kind, first_id=first_id, at=here.clock.now, order_id=order_id)
    here.store[Level].put_all(after)
    here.store[Movement].put_all(movements)
    if not quiet:
        stock_changed(here, movements)
    return movements
