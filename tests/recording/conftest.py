"""Emulators, recorded through the proxy and asked again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from storelab.client import LabClient
from storelab.recording.file import Recording, read
from storelab.recording.masking import Masker
from storelab.recording.recorder import Recorder
from storelab.recording.replay import How, Outcome, replayed
from storelab.sandbox import Sandbox

from .sessions import SESSIONS

Record = Callable[..., Recording]
Replay = Callable[..., list[Outcome]]


@pytest.fixture
def record(sandbox: Sandbox, tmp_path: Path) -> Record:
    """Records a backend's session in a world of its own."""

    def recorded(backend: str, *, masked: bool = True) -> Recording:
        world = sandbox.client.make_world(seed="recorded")
        session = SESSIONS[backend]
        told = session.prepare(world, backend)
        file = tmp_path / f"{backend}-{len(list(tmp_path.iterdir()))}.jsonl"
        with Recorder(told["url"], file, Masker() if masked else None) as recorder:
            session.play(recorder.url, told)
        world.drop()
        return read(file)

    return recorded


@pytest.fixture
def replay(sandbox: Sandbox) -> Replay:
    """Asks a backend in a fresh world; `before` does something in it first."""

    def asked(
        recording: Recording, backend: str, before: Callable[[LabClient], object] = lambda world: None
    ) -> list[Outcome]:
        world = sandbox.client.make_world(seed="recorded")
        before(world)
        told = SESSIONS[backend].prepare(world, backend)
        how = How(headers={"Authorization": SESSIONS[backend].header(told)})
        outcomes = list(replayed(recording, told["url"], how))
        world.drop()
        return outcomes

    return asked
