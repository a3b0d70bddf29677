"""A site that is no store, or a broken one, in the place of the store that a backend was connected to: it is said
and tried again, and nothing of it is a defect."""

from __future__ import annotations

import asyncio
import json
import os
from random import Random
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.disclosure.play import life_of
from storelab.emulators.kernel import Answer, Outgoing
from storelab.emulators.kernel.worker import Worker
from storelab.sandbox import Sandbox
from storelab.scenarios.driver import Driver
from storelab.scenarios.events import Started
from storelab.scenarios.player import play

LIVES = 40 if os.environ.get("STORELAB_LONG") else 2  # of each backend
BACKENDS = ["golisto", "spotler", "stockburst"]  # those whose own workers ask a store
DEEP = b"[" * 60_000
VALUES: list[Any] = [
    *(None, True, 0, -1, 2**63, 10**30, 1.5, 1e308, "", "x", "9" * 5000, "²", "-1", "nan", "1e400", "\0", "x" * 10_000),
    *("2026-13-45", "9999-12-31T23:59:59", "Europe", "../../etc/passwd", "/etc/passwd", "UTC", "http://["),
    *([], {}, [None], [1, "a"], {"id": [1]}, {"id": {}}, [[]]),
]
BODIES = [b"", b"\xff", b"<html>", b"[", DEEP, b"null", b"[]", b"{}", b'"x"', b"17", b"[null]", b"[[]]", b"NaN"]
COUNTS = ["", "x", "²", "9" * 5000, "-1", "0", "3", "1e9", "http://[", "//x"]
WAITS = ["²", "9" * 400, "Mon, 99 Foo 2026", "Mon, 01 Jan 99999999999 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +9959"]
STATUSES = [200, 201, 204, 301, 304, 400, 401, 403, 404, 408, 410, 418, 429, 500, 503, 599]


def changed(value: Any, chance: Random, share: float) -> Any:
    """The value with some of what is in it exchanged or gone."""
    if chance.random() < share:
        return chance.choice(VALUES)
    if isinstance(value, dict):
        return {k: changed(v, chance, share) for k, v in value.items() if chance.random() > share / 2}
    return [changed(one, chance, share) for one in value] if isinstance(value, list) else value


def spoiled(answer: Answer, chance: Random, share: float) -> Answer:
    if chance.random() < 0.2 or answer.status is None:
        return answer
    status, body, headers = answer.status, answer.body, list(answer.headers)
    if chance.random() < 0.1:
        status = chance.choice(STATUSES)
        headers.append(("Retry-After", chance.choice(WAITS)))
    if chance.random() < 0.1:
        counts = ("x-wp-total", "x-wp-totalpages")
        headers = [(name, chance.choice(COUNTS) if name.lower() in counts else value) for name, value in headers]
    if chance.random() < 0.1:
        body = chance.choice(BODIES)
    elif body[:1] in (b"{", b"["):
        body = json.dumps(changed(json.loads(body), chance, share)).encode()
    return Answer(status, tuple(headers), body)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_store_that_answers_anything_is_no_defect(
    backend: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert sandbox.loop is not None
    chance, failed = Random(backend), []
    as_ever = Worker._failed
    monkeypatch.setattr(Worker, "_failed", lambda self, job, bad: (failed.append(repr(bad)), as_ever(self, job, bad)))

    async def spoil(name: str, share: float) -> None:
        world = sandbox.lab.world(name)
        honest = world.send

        async def send(outgoing: Outgoing) -> Answer:
            answer = await honest(outgoing)
            return spoiled(answer, chance, share) if "/woocommerce" in outgoing.url else answer

        world.send = send

    for _ in range(LIVES):
        for event in play(life_of(backend), LabClient(sandbox.url), Driver(sandbox.sync_url)):
            if isinstance(event, Started):
                name, share = event.world.rpartition("/~")[2], chance.choice([0.02, 0.05, 0.15])
                asyncio.run_coroutine_threadsafe(spoil(name, share), sandbox.loop).result(30)

    assert failed == []
    assert "Traceback" not in caplog.text
