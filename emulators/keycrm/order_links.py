"""Tags and files on orders.

Source: KeyCRM API document v1.2.0: attaching answers 202, taking a tag off 204, taking a file off 201, and 400 where
there is nothing to take off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..kernel import Reply, emulation
from .errors import BadRequest, NotFound
from .order import Order
from .order_book import found
from .order_view import shown
from .references import known
from .storage import File


def attach_tag(order_id: int, tag_id: int) -> tuple[dict[str, Any], int]:
    here = emulation()
    order = found(here, order_id)
    if known(here, "tag", tag_id) is None:
        raise NotFound
    if tag_id not in order.tags:
        order = here.store[Order].put(replace(order, tags=(*order.tags, tag_id), updated_at=here.clock.now))
    return shown(here, [order], frozenset({"tags"}))[0], 202


def detach_tag(order_id: int, tag_id: int) -> Reply:
    here = emulation()
    order = found(here, order_id)
    if tag_id not in order.tags:
        raise BadRequest("The tag is not attached to the order.")
    rest = tuple(tag for tag in order.tags if tag != tag_id)
    here.store[Order].put(replace(order, tags=rest, updated_at=here.clock.now))
    return Reply(204, b"")


def attach_file(order_id: int, file_id: int) -> tuple[dict[str, Any], int]:
    here = emulation()
    order = found(here, order_id)
    if here.store[File].get(file_id) is None:
        raise NotFound
    if file_id not in order.files:
        here.store[Order].put(replace(order, files=(*order.files, file_id), updated_at=here.clock.now))
    return {"status": True}, 202


def detach_file(order_id: int, file_id: int) -> tuple[dict[str, Any], int]:
    here = emulation()
    order = found(here, order_id)
    if file_id not in order.files:
        raise BadRequest("The file is not attached to the order.")
    rest = tuple(file for file in order.files if file != file_id)
    here.store[Order].put(replace(order, files=rest, updated_at=here.clock.now))
    return {"status": True}, 201
