"""Lists: the page, the envelope, comma lists and date ranges of filters.

Source: KeyCRM API document v1.2.0 (limit 1..50, default 15; the envelope); public clients rely on `last_page` and
on `next_page_url: null`. The other fields, their order and that page addresses keep the query are those of an answer
of 2023 to GET /offers that a public client keeps in its source; the links between pages, and that orders come newest
first, are those of one of August 2026 to GET /order among another client's tests; that products do as well is what a
third one says (all read 2026-12-01). The document is silent about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa

from ..kernel import Emulation, Table
from .account import observed
from .dates import between

R = TypeVar("R")
Filters = Mapping[str, Any]

MOST_ID = 9_007_199_254_740_991


def listed(
    here: Emulation,
    table: Table[R],
    *where: Any,
    limit: int,
    page: int,
    sort: str | None = None,
    render: Callable[[list[R]], list[Any]],
) -> dict[str, Any]:
    """One page of a table, by id unless `sort` names another column ("-" for descending)."""
    order = ordered(table, sort)
    total = here.store[table.record].count(*where, memo=None if where else "all")
    start = (page - 1) * limit
    records = here.store[table.record].all(*where, order=order, limit=limit, offset=start) if start < total else []
    return envelope(here, render(records), total, limit=limit, page=page)


def newest_first(here: Emulation, sort: str | None) -> str | None:
    return "-id" if sort is None and observed(here) else sort


def ordered(table: Table[Any], sort: str | None, allowed: Iterable[str] = ("id",)) -> list[Any]:
    """What to order by; a sort that the list does not know is ignored, as an unknown filter is."""
    name = (sort or "").removeprefix("-")
    if name not in allowed:
        return [table.c.id]
    column = table.c[name]
    by = [column.desc() if (sort or "").startswith("-") else column]
    return by if name == "id" else [*by, table.c.id]


def envelope(here: Emulation, data: Sequence[Any], total: int, *, limit: int, page: int) -> dict[str, Any]:
    last = max(1, -(-total // limit))
    start = (page - 1) * limit

    def address(number: int) -> str:
        return f"{path}?{urlencode([*kept, ('page', number)])}"

    request = here.request
    path = f"{here.root}{request.path if request else ''}"
    kept = [(k, v) for k, v in (request.query if request else []) if k != "page"]
    answer = {
        "current_page": page,
        "data": data,
        "first_page_url": address(1),
        "from": start + 1 if data else None,
        "last_page": last,
        "last_page_url": address(last),
        "next_page_url": address(page + 1) if page < last else None,
        "path": path,
        "per_page": limit,
        "prev_page_url": address(page - 1) if page > 1 else None,
        "to": start + len(data) if data else None,
        "total": total,
    }
    if observed(here):
        answer["links"] = [
            {"url": answer["prev_page_url"], "label": "&laquo; Previous", "active": False},
            *(
                {"url": number and address(number), "label": str(number or "..."), "active": number == page}
                for number in numbers(page, last)
            ),
            {"url": answer["next_page_url"], "label": "Next &raquo;", "active": False},
        ]
    return answer


def numbers(page: int, last: int) -> list[int | None]:
    """The pages that a page links to, None for those left out, as Laravel's paginator chooses them: all of a few, else
    both ends, and three on each side of the page."""
    if last < 14:
        return list(range(1, last + 1))
    if page <= 7:
        return [*range(1, 11), None, last - 1, last]
    if page > last - 7:
        return [1, 2, None, *range(last - 9, last + 1)]
    return [1, 2, None, *range(page - 3, page + 4), None, last - 1, last]


def among_ids(column: Any, filters: Filters, key: str) -> list[Any]:
    """The condition of a comma list of ids; words in it match nothing. No condition without the filter."""
    if (text := filters.get(key)) is None:
        return []
    numbers = [int(part) for part in _parts(text) if part.isascii() and part.isdigit() and len(part) < 17]
    return [column.in_([n for n in numbers if n <= MOST_ID])]


def among(column: Any, filters: Filters, key: str) -> list[Any]:
    """The condition of a comma list of words."""
    text = filters.get(key)
    return [] if text is None else [column.in_(_parts(text))]


def inside(column: Any, filters: Filters, key: str) -> list[Any]:
    """The condition of a date range; a range that cannot be read is ignored."""
    if (text := filters.get(key)) is None or (ends := between(str(text))) is None:
        return []
    return [column.between(*ends)]


def is_true(filters: Filters, key: str) -> bool | None:
    """What a yes-or-no filter says; None when it is absent or says something else."""
    return {"true": True, "1": True, "false": False, "0": False}.get(str(filters.get(key, "")).lower())


def flagged(column: Any, filters: Filters, key: str) -> list[Any]:
    said = is_true(filters, key)
    return [] if said is None else [column == sa.literal(said)]


def included(include: str | None) -> frozenset[str]:
    """The associations asked for: "products.offer" asks for "products" as well."""
    names = [name.strip() for name in (include or "").split(",") if name.strip()]
    return frozenset(part for name in names for part in (name, name.split(".")[0]))


def _parts(text: Any) -> list[str]:
    return [part.strip() for part in str(text).split(",")]
