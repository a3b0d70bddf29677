"""What a run has seen so far of store and backend, and what it still has to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from .model import Item, Level, Managed
from .tables import seen, slices, upsert

C = seen.c


class Sight:
    def __init__(self, sql: sa.Connection) -> None:
        self.sql = sql

    def add_items(self, run: int, items: Iterable[Item], seq: int) -> None:
        upsert(
            self.sql,
            seen,
            [
                {"run": run, "side": "item", "key": str(i.id), "sku": i.sku, "parent": i.parent, "seq": seq,
                 "quantity": i.quantity, "managed": i.managed}
                for i in items
            ],
        )  # fmt: skip

    def add_levels(self, run: int, levels: Iterable[Level], seq: int) -> None:
        upsert(
            self.sql,
            seen,
            [
                {"run": run, "side": "level", "key": lv.ref, "sku": lv.sku, "quantity": lv.quantity,
                 "reserve": lv.reserve, "note": lv.note[:120], "seq": seq}
                for lv in levels
            ],
        )  # fmt: skip

    def count(self, run: int, side: str, *, variations: bool | None = None) -> int:
        statement = sa.select(sa.func.count()).where(C.run == run, C.side == side)
        if variations is not None:
            statement = statement.where(C.parent != 0 if variations else C.parent == 0)
        return int(self.sql.execute(statement).scalar_one())

    def drop(self, run: int, side: str, *, variations: bool | None = None) -> None:
        statement = sa.delete(seen).where(C.run == run, C.side == side)
        if variations is not None:
            statement = statement.where(C.parent != 0 if variations else C.parent == 0)
        self.sql.execute(statement)

    def ask(self, run: int, wanted: Mapping[str, str], since: Mapping[str, int] | None = None) -> None:
        """SKUs (with the backend's ids, where known) that this run still has to look at; first those that were noted
        longest ago, under the numbers in `since`."""
        known = since or {}
        rows = [
            {"run": run, "side": "ask", "key": sku, "sku": ref, "seq": known.get(sku, 0)} for sku, ref in wanted.items()
        ]
        upsert(self.sql, seen, rows)

    def asked(self, run: int, limit: int) -> dict[str, str]:
        statement = sa.select(C.key, C.sku).where(C.run == run, C.side == "ask").order_by(C.seq, C.key).limit(limit)
        return {row.key: row.sku for row in self.sql.execute(statement)}

    def answered(self, run: int, skus: Iterable[str]) -> None:
        for some in slices(list(skus)):
            self.sql.execute(sa.delete(seen).where(C.run == run, C.side == "ask", C.key.in_(some)))

    def items(self, run: int) -> list[tuple[Item, int]]:
        columns = (C.sku, C.key, C.parent, C.quantity, C.managed, C.seq)
        rows = self.sql.execute(sa.select(*columns).where(C.run == run, C.side == "item").order_by(C.sku, C.key))
        return [(Item(r.sku, int(r.key), r.parent, r.quantity, _managed(r.managed)), r.seq) for r in rows]

    def levels(self, run: int) -> list[tuple[Level, int]]:
        columns = (C.sku, C.key, C.quantity, C.reserve, C.note, C.seq)
        rows = self.sql.execute(sa.select(*columns).where(C.run == run, C.side == "level").order_by(C.sku, C.key))
        return [(Level(r.sku, r.key, r.quantity, r.reserve, r.note), r.seq) for r in rows]


def _managed(value: str) -> Managed:
    return {"yes": "yes", "no": "no", "parent": "parent"}.get(value, "unknown")  # type: ignore[return-value]
