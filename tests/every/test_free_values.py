"""A snapshot from elsewhere may hold any JSON where a record is free to: whatever is asked then is answered."""

from __future__ import annotations

import json
import re
import sqlite3
import typing
from contextlib import suppress
from random import Random
from typing import Annotated, Any

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel import LabError
from storelab.emulators.kernel.tables import METADATA

from .conftest import DOCUMENTS, Caller

PLAIN = (None, True, 0, -1, 2**63, 10**30, 1.5e300, "", "x", "12.5", "\0é<b>", [], {})
SITUATIONS_ASIDE = re.compile("revoked|down|expired|disabled|suspended|without|closed|limit|blocked")


def anything(chance: Random, depth: int = 0) -> Any:
    kind = chance.randrange(len(PLAIN) + 3)
    if kind < len(PLAIN) or depth > 3:
        return PLAIN[kind % len(PLAIN)]
    some = [anything(chance, depth + 1) for _ in range(2)]
    return {"a": some[0], "id": some[1]} if kind == len(PLAIN) else some


def spoiled(value: Any, hint: Any, chance: Random) -> Any:
    """The value with anything in place of what may be anything, as the types of its record say."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return value if inner[0] is Any else spoiled(value, inner[1], chance)
    if hint is Any:
        return anything(chance)
    if typing.is_typeddict(hint):
        hints = typing.get_type_hints(hint)
        return {name: spoiled(one, hints.get(name), chance) for name, one in value.items()}
    if origin is dict:
        return {name: spoiled(one, inner[1], chance) for name, one in value.items() if chance.random() < 0.9}
    return [spoiled(one, inner[0], chance) for one in value] if origin is list else value


def with_anything(image: bytes, chance: Random) -> bytes:
    database = sqlite3.connect(":memory:")
    database.deserialize(image)
    for table in METADATA.sorted_tables:
        hints = typing.get_type_hints(table.info["records"].record, include_extras=True)
        keys = [column.name for column in table.primary_key]
        where = " and ".join(f"{key} = ?" for key in keys)
        for *key, rest in database.execute(f"select {', '.join(keys)}, rest from {table.name}").fetchall():
            kept = {name: spoiled(value, hints[name], chance) for name, value in json.loads(rest).items()}
            database.execute(f"update {table.name} set rest = ? where {where}", (json.dumps(kept), *key))
    database.commit()
    return database.serialize()


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_a_snapshot_holds_is_answered(world: LabClient, service: str, seed: int) -> None:
    for state in world.vocabulary[service]["states"]:
        if not SITUATIONS_ASIDE.search(state):
            with suppress(LabError):
                world.state(service, state)
    world.call("PUT", "/snapshots/own")
    world.call("PUT", "/snapshots/strange", with_anything(world.call("GET", "/snapshots/own"), Random(seed)))
    world.call("POST", "/snapshots/strange/restore")
    call = Caller(world, service)
    call.headers["X-Forwarded-Proto"] = "https"

    broken = []
    for operation in DOCUMENTS[service].operations.values():
        if operation.method == "GET" and operation.emulated:
            for number in (1, 5) if "{" in operation.path else (1,):
                answer = call("GET", re.sub(r"\{\w+\}", str(number), operation.path))
                if answer.headers.get("X-Storelab") == "error":
                    broken.append(f"{operation.name}: {answer.text[:200]}")
    assert broken == []
