"""Custom fields: defined in the cabinet, filled over the API by uuid.

Source: KeyCRM API document v1.2.0 (a plain array; the value of a select is an array of strings). Public clients
also send `id` in place of `uuid`; that works in the observed profile. Assumed: a field that does not exist is
ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from ..kernel import Emulation, Table, dataclass, emulation
from .account import observed
from .paging import among, included

MODELS = ("lead", "order", "client", "crm_product")
PREFIXES = {"lead": "LD", "order": "OR", "client": "CL", "crm_product": "CT"}


@dataclass(frozen=True)
class CustomField:
    id: int
    uuid: str
    model: str
    name: str
    position: int = 1
    type: str = "text"
    required: bool = False
    is_multiple: bool = False
    options: list[dict[str, Any]] = field(default_factory=list)


CUSTOM_FIELDS = Table(CustomField, "keycrm_custom_fields", columns=("uuid", "model", "position"), unique=[("uuid",)])


def list_all(
    filter: dict[str, Any] | None = None, include: str | None = None, sort: str | None = None
) -> list[dict[str, Any]]:
    here, c = emulation(), CUSTOM_FIELDS.c
    order = {"position": c.position, "-position": c.position.desc()}.get(sort or "", c.id)
    found = here.store[CustomField].all(*among(c.model, filter or {}, "model"), order=[order, c.id])
    with_options = "options" in included(include)
    return [render(one, options=with_options) for one in found]


def render(one: CustomField, *, options: bool) -> dict[str, Any]:
    answer = {
        "id": one.id,
        "name": one.name,
        "uuid": one.uuid,
        "model": one.model,
        "type": one.type,
        "required": one.required,
        "position": one.position,
        "is_multiple": one.is_multiple,
    }
    return {**answer, "options": one.options} if options else answer


def filled(
    here: Emulation, model: str, rows: Sequence[Mapping[str, Any]] | None, before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Values by uuid after these rows."""
    values = dict(before or {})
    if not rows:
        return values
    known = here.store[CustomField].all(CUSTOM_FIELDS.c.model == model)
    uuids = {one.uuid: one.uuid for one in known}
    ids = {one.id: one.uuid for one in known} if observed(here) else {}
    for given in rows:
        uuid = uuids.get(given.get("uuid") or "") or ids.get(given.get("id") or 0)
        if uuid is not None and "value" in given:
            values[uuid] = given["value"]
    return values


def shown(here: Emulation, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The filled fields as an entity shows them, in the order of their definition."""
    if not values:
        return []
    known = here.store[CustomField].all(CUSTOM_FIELDS.c.uuid.in_(list(values)), order=[CUSTOM_FIELDS.c.id])
    return [
        {"id": one.id, "uuid": one.uuid, "name": one.name, "type": one.type, "value": values[one.uuid]} for one in known
    ]
