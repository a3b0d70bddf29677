"""Product categories: a tree.

Source: KeyCRM API document v1.2.0, "products/categories". The document requires `full_name` and defines `name`:
`name` is what counts here.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Table, dataclass, emulation
from .errors import unknown
from .paging import among_ids, listed


@dataclass(frozen=True)
class Category:
    id: int
    name: str
    parent_id: int | None = None


CATEGORIES = Table(Category, "keycrm_categories", columns=("parent_id",))


def list_all(limit: int, page: int, filter: dict[str, Any] | None = None) -> dict[str, Any]:
    here, asked, c = emulation(), filter or {}, CATEGORIES.c
    where = [*among_ids(c.id, asked, "category_id"), *among_ids(c.parent_id, asked, "parent_id")]
    return listed(here, CATEGORIES, *where, limit=limit, page=page, render=lambda found: [render(one) for one in found])


def create(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    parent_id = body.get("parent_id")
    if parent_id is not None and here.store[Category].get(parent_id) is None:
        raise unknown("parent_id")
    made = here.store[Category].add(Category(here.ids.next("keycrm.category"), body["name"], parent_id))
    return render(made), 201


def render(one: Category) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "parent_id": one.parent_id}
