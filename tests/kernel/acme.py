"""A backend made up for the tests of the kernel: items with a level, one webhook, one key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from storelab.emulators.kernel import (
    Answer,
    ApiError,
    Delivery,
    Emulation,
    Emulator,
    LabError,
    Operation,
    Outgoing,
    Reply,
    Request,
    Table,
    Webhooks,
    emulation,
)


@dataclass(frozen=True)
class Item:
    id: int
    sku: str
    level: int = 0
    note: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hook:
    id: int
    url: str


ITEMS = Table(Item, "acme_items", columns=("sku", "level"), unique=[("sku",)], indexes=[("level",)])
HOOKS = Table(Hook, "acme_hooks")


class Unknown(ApiError):
    status, code = 404, "unknown"


def list_items(limit: int, below: int | None = None) -> list[dict[str, Any]]:
    where = [] if below is None else [ITEMS.c.level < below]
    return [rendered(item) for item in emulation().store[Item].all(*where, order=[ITEMS.c.id], limit=limit)]


def create_item(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    item = here.store[Item].add(Item(here.ids.next("item"), body["sku"], body.get("level", 0)))
    tell(here, item)
    return rendered(item), 201


def read_item(id: int) -> dict[str, Any]:
    item = emulation().store[Item].get(id)
    if item is None:
        raise Unknown(f"no item {id}")
    return rendered(item)


async def check_item(id: int) -> dict[str, Any]:
    here = emulation()
    here.store[Item].put(replace(item_of(here, id), note="checking"))
    answer = await here.fetch(Outgoing("GET", f"{here.root}/items/{id}"))
    return {"status": answer.status, "note": item_of(here, id).note}


def item_of(here: Emulation, id: int) -> Item:
    item = here.store[Item].get(id)
    assert item is not None
    return item


def rendered(item: Item) -> dict[str, Any]:
    return {"id": item.id, "sku": item.sku, "level": item.level}


def tell(here: Emulation, item: Item) -> None:
    for hook in here.store[Hook].all():
        here.deliver(str(hook.id), {"item": item.id}, once=True)


def built(here: Emulation, delivery: Delivery) -> Outgoing | None:
    hook = here.store[Hook].get(int(delivery.subscription))
    if hook is None:
        return None
    body = here.emulator.encode(rendered(item_of(here, delivery.event["item"])))
    return Outgoing("POST", hook.url, (("Content-Type", "application/json"), ("X-Signature", "good")), body, timeout=5)


def outcome(here: Emulation, delivery: Delivery, answer: Answer) -> float | None:
    return 60.0 if answer.status != 200 and len(delivery.attempts) < 3 else None


def authenticate(here: Emulation, request: Request, operation: Operation | None) -> None:
    if request.headers.get("x-key") != "sesame":
        here.explain("no key, or a wrong one")
        raise ApiError("who are you?", status=401, code="denied")


def count(here: Emulation, event: dict[str, Any]) -> None:
    """A job: note it in item 1, and tell those who listen; with `enough`, not again."""
    item = item_of(here, 1)
    here.store[Item].put(replace(item, note=item.note + event.get("mark", "x"), level=item.level + 1))
    tell(here, item)
    if event.get("enough"):
        here.cancel("count", event)
    if event.get("broken"):
        raise ValueError("no way to http://user:hunter2@elsewhere/?token=hunter2")


async def ask(here: Emulation, event: dict[str, Any]) -> None:
    """A job: ask elsewhere, note the answer in item 1, and ask `again` so many times, a minute later."""
    count(here, {"mark": "?"})
    answer = await here.fetch(Outgoing("GET", event["url"]))
    item = item_of(here, 1)
    here.store[Item].put(replace(item, note=f"{item.note}{answer.status}"))
    if again := event.get("again"):
        here.later("ask", {**event, "again": again - 1}, after=60)


def plan(
    here: Emulation,
    event: dict[str, Any] | None = None,
    job: str = "count",
    after: float = 0,
    every: float = 0,
    once: bool = False,
) -> None:
    """Queue a job."""
    here.later(job, event, after=after, every=every, once=once)


def drop(here: Emulation, event: dict[str, Any] | None = None) -> int:
    """Take a job out of the queue."""
    return here.cancel("count", event)


def set_level(here: Emulation, sku: str, level: int = 0) -> dict[str, Any]:
    """Set an item's level."""
    item = here.store[Item].first(ITEMS.c.sku == sku)
    if item is None:
        raise LabError(f"there is no item {sku!r}")
    here.store[Item].put(replace(item, level=level))
    tell(here, item)
    return {"id": item.id}


def an_item(here: Emulation, sku: str = "MUG", level: int = 3) -> dict[str, Any]:
    """An item that is there."""
    item = here.store[Item].first(ITEMS.c.sku == sku) or Item(here.ids.next("item"), sku)
    here.store[Item].put(replace(item, level=level))
    return {"id": item.id}


def a_hook(here: Emulation, url: str = "http://127.0.0.1:9/") -> None:
    """A webhook."""
    here.store[Hook].put(Hook(1, url))


EMULATOR = Emulator(
    name="acme",
    package="tests.kernel",
    title="Acme",
    tables=[ITEMS, HOOKS],
    states={"an item": an_item, "a hook": a_hook},
    moves={"set level": set_level, "plan": plan, "drop": drop},
    jobs={"count": count, "ask": ask},
    facts={"levels": lambda here: {item.sku: item.level for item in here.store[Item].all()}},
    authenticate=authenticate,
    render_error=lambda e: Reply(e.status, {"error": e.code, "message": e.message}),
    not_found=lambda request: Unknown("no such page"),
    refusal=lambda problems: ApiError(problems[0].message, status=422, code="invalid"),
    server_error=lambda status: ApiError("out of order", status=status, code="broken"),
    webhooks=Webhooks(built, outcome),
    credentials=lambda here: {"key": "sesame"},
    secrets=frozenset({"x-key"}),
)

_ITEM = {"$ref": "#/components/schemas/Item"}
_ERROR = {
    "description": "error",
    "content": {"application/json": {"schema": {"type": "object", "required": ["error"]}}},
}


def _answers(status: str, schema: Any) -> dict[str, Any]:
    return {
        status: {"description": "ok", "content": {"application/json": {"schema": schema}}},
        "default": _ERROR,
    }


_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Acme", "version": "1"},
    "paths": {
        "/items": {
            "get": {
                "operationId": "acme.list_items",
                "parameters": [
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "default": 10, "maximum": 50},
                    },
                    {"name": "below", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": _answers("200", {"type": "array", "items": _ITEM}),
            },
            "post": {
                "operationId": "acme.create_item",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["sku"],
                                "properties": {"sku": {"type": "string"}, "level": {"type": "integer"}},
                            }
                        }
                    },
                },
                "responses": _answers("201", _ITEM),
            },
        },
        "/items/{id}": {
            "get": {"operationId": "acme.read_item", "parameters": [_ID], "responses": _answers("200", _ITEM)}
        },
        "/items/{id}/check": {
            "post": {
                "operationId": "acme.check_item",
                "parameters": [_ID],
                "responses": _answers("200", {"type": "object"}),
            }
        },
        "/pictures": {"get": {"operationId": "acme.pictures", "x-not-emulated": True, "responses": {}}},
    },
    "components": {
        "schemas": {
            "Item": {
                "type": "object",
                "required": ["id", "sku", "level"],
                "properties": {
                    "id": {"type": "integer"},
                    "sku": {"type": "string"},
                    "level": {"type": "integer"},
                },
            }
        }
    },
}
