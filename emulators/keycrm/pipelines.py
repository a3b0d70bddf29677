"""Pipelines of leads and their stages. Read only over the API.

Source: KeyCRM API document v1.2.0 names the operations; the fields besides id and title are assumed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..kernel import Emulation, Table, dataclass, emulation
from .dates import stamp
from .errors import NotFound
from .paging import listed


@dataclass(frozen=True)
class Pipeline:
    id: int
    title: str
    created_at: datetime
    position: int = 1


PIPELINES = Table(Pipeline, "keycrm_pipelines")


@dataclass(frozen=True)
class Stage:
    """Where a card stands in its pipeline."""

    id: int
    pipeline_id: int
    title: str
    created_at: datetime
    position: int = 1
    color: str = "#808080"


STAGES = Table(Stage, "keycrm_stages", columns=("pipeline_id",), indexes=[("pipeline_id",)])


def list_all(limit: int, page: int) -> dict[str, Any]:
    return listed(emulation(), PIPELINES, limit=limit, page=page, render=lambda found: [render(one) for one in found])


def list_statuses(pipeline_id: int, limit: int, page: int) -> dict[str, Any]:
    here = emulation()
    if here.store[Pipeline].get(pipeline_id) is None:
        raise NotFound
    return listed(
        here,
        STAGES,
        STAGES.c.pipeline_id == pipeline_id,
        limit=limit,
        page=page,
        render=lambda found: [render_stage(one) for one in found],
    )


def render(one: Pipeline) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "position": one.position,
        "is_default": one.position == 1,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
    }


def render_stage(one: Stage) -> dict[str, Any]:
    return {
        "id": one.id,
        "pipeline_id": one.pipeline_id,
        "title": one.title,
        "position": one.position,
        "color": one.color,
        "created_at": stamp(one.created_at),
        "updated_at": stamp(one.created_at),
    }


def added(here: Emulation, title: str, stages: tuple[str, ...]) -> Pipeline:
    now = here.clock.now
    position = here.store[Pipeline].count() + 1
    pipeline = here.store[Pipeline].add(Pipeline(here.ids.next("keycrm.pipeline"), title, now, position))
    for number, name in enumerate(stages, 1):
        here.store[Stage].add(Stage(here.ids.next("keycrm.stage"), pipeline.id, name, now, number))
    return pipeline


def first_stage(here: Emulation, pipeline_id: int) -> Stage | None:
    return here.store[Stage].first(STAGES.c.pipeline_id == pipeline_id, order=[STAGES.c.id])


def first_pipeline(here: Emulation) -> Pipeline:
    found = here.store[Pipeline].first(order=[PIPELINES.c.id])
    assert found is not None, "an account always has a pipeline"
    return found
