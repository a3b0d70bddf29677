"""A lab to play in, and a story written in a test."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from storelab.client import LabClient
from storelab.sandbox import Sandbox

Write = Callable[[str], Path]


@pytest.fixture
def lab(sandbox: Sandbox) -> LabClient:
    return sandbox.client


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a story; its first line is line 1."""

    def written(text: str) -> Path:
        path = tmp_path / "story.yaml"
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    return written
