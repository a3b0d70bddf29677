"""A sandbox in a process of its own: what asks and what answers share no interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from storelab.client import LabClient


@pytest.fixture(scope="session")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    """Its default world. Every answer of ours is held against the documents; what it logs is in its folder."""
    folder = tmp_path_factory.mktemp("sandbox")
    with (folder / "log").open("w") as log:
        command = [sys.executable, "-m", "storelab.cli", "up", "--port", "0", "--json"]
        environment = {**os.environ, "STORELAB_CHECK": "1"}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
        try:
            assert process.stdout is not None
            info = json.loads(process.stdout.readline())
            yield LabClient(info["url"], token=info["control"]["token"])
        finally:
            process.terminate()
            process.wait(20)
