"""The README and the documentation are true: everything in them that is for a computer is given to one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storelab.cli.up import variables
from storelab.client import LabClient
from storelab.sandbox import Sandbox

from .pages import SETUP, Block, Running, blocks

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [
    README,
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
    ROOT / "scenarios" / "README.md",
]
WORDS_A_MINUTE = 250  # of somebody who reads prose; commands and tables are looked at


@pytest.fixture
def running(sandbox: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """A folder and a world for one page, and the environment as after `eval "$(storelab env)"`."""
    lab = LabClient(sandbox.url, sandbox.token)
    before = set(lab.call("GET", "/worlds")["worlds"])
    (tmp_path / "pytest.ini").write_text("[pytest]\n")  # the settings of a project around it are not the reader's
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    world = lab.make_world()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    running = Running(tmp_path, lab, {**os.environ, **variables(world.info()), "PATH": path})
    yield running
    running.end()
    for name in set(lab.call("GET", "/worlds")["worlds"]) - before:
        lab.beside(name).drop()


def setups() -> Iterator[tuple[str, str]]:
    for block in blocks(README):
        if found := SETUP.search(block.text):
            yield found[1], found[2]


def test_the_first_screen_has_the_two_commands() -> None:
    first = README.read_text().split("## A sandbox")[0]

    assert [command for _, command in setups()] == ["storelab demo", "tox -p"]
    assert len(SETUP.findall(first)) == 2
    assert len(first.splitlines()) < 30


def test_the_readme_is_read_in_two_minutes() -> None:
    prose = re.sub(r"```.*?```|<!--.*?-->|^\|.*?$|\]\([^)]*\)", "", README.read_text(), flags=re.M | re.S)

    assert len(prose.split()) < 2 * WORDS_A_MINUTE


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


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_every_block_of_a_page_does_what_it_says(page: Path, running: Running) -> None:
    for block in blocks(page):
        if block.runs:
            running.run(block)
    if running.missing:
        pytest.skip(f"all but this was run, since it is not installed: {'; '.join(running.missing)}")


def test_no_block_is_hidden_by_being_indented() -> None:
    """What stands between fences is run; what is only indented is read as a block too, and was run by nobody."""
    for page in PAGES:
        text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)

        assert not re.search(r"(?:^|\n\n)    \S", text), page


def test_a_block_that_is_not_run_says_why() -> None:
    idle: list[Block] = [block for page in PAGES for block in blocks(page) if not block.runs]

    for block in idle:
        after = block.page.read_text().partition(block.text)[2]
        assert re.match(r"```\n+\*Not run by the tests[^:\n]*: [^*]{10,}\*", after), block.where
    assert len(idle) < 14
