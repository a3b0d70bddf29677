"""Everything the README shows works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from storelab.cli.up import variables
from storelab.client import LabClient
from storelab.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)
SETUP = re.compile(r"python3 -m venv \.venv && \.venv/bin/pip install -q (\S+) && \.venv/bin/(.+)")
LINES = [
    line.split("  #")[0].strip()
    for language, text in BLOCKS
    if language == "sh"
    for line in text.splitlines()
    if line.startswith("storelab ")
]


def environment(sandbox: Sandbox, world: LabClient) -> dict[str, str]:
    """As after `eval "$(storelab env)"`, with the programs of this environment first."""
    return {
        **os.environ,
        **variables(world.info()),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def setups() -> Iterator[tuple[str, str]]:
    for language, text in BLOCKS:
        if language == "sh" and (found := SETUP.search(text)):
            yield found[1], found[2]


def test_the_first_screen_has_the_two_commands() -> None:
    first = README.split("## The sandbox")[0]

    assert [command for _, command in setups()] == ["storelab demo", "tox -p"]
    assert len(SETUP.findall(first)) == 2
    assert len(first.splitlines()) < 30


def test_ci_runs_the_command_that_passes_the_tests() -> None:
    script = (ROOT / ".ci" / "run").read_text()

    assert "pip install --quiet --disable-pip-version-check tox" in script
    assert re.search(r"exec \S+/tox -p", script)


def test_the_demo_holds(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "storelab.cli", "demo", "--port", "0", "--exit"],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "broken" not in run.stdout
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("line", [line for line in LINES if line not in ("storelab up", "storelab demo")])
def test_each_command_works(line: str, sandbox: Sandbox, world: LabClient, tmp_path: Path) -> None:
    known = environment(sandbox, world)
    world.state("keycrm", "an offer in stock", sku="MUG", quantity=3)
    world.call("PUT", "/snapshots/before")

    run = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=120, env=known, cwd=tmp_path)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "Traceback" not in run.stderr


def test_the_python_example_works(sandbox: Sandbox, world: LabClient) -> None:
    (example,) = [text for language, text in BLOCKS if language == "python"]

    run = subprocess.run(
        [sys.executable, "-c", example],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(sandbox, world),
    )

    assert run.returncode == 0, run.stderr


def test_the_story_holds(sandbox: Sandbox, tmp_path: Path) -> None:
    (example,) = [text for language, text in BLOCKS if language == "yaml"]
    story: Any = tmp_path / "story.yaml"
    story.write_text(example)

    run = subprocess.run(
        [sys.executable, "-m", "storelab.cli", "run", str(story), "--url", sandbox.url],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert yaml.safe_load(example)["backend"] == "keycrm"
    assert run.returncode == 0, run.stdout + run.stderr
