"""What docs/container.md and the Dockerfile say, held against the command line and what the wheel is made of."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from storelab.cli import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "container.md").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = re.findall(r"```yaml[^\n]*\n(.*?)```", PAGE, re.S)
SERVICES = {name: each for text in COMPOSE for name, each in yaml.safe_load(text)["services"].items()}


def written() -> Iterator[list[str]]:
    """Each command of storelab's that a container runs: what follows the word storelab."""
    yield json.loads(re.search(r"^CMD (.+)$", DOCKERFILE, re.M)[1])  # type: ignore[index]
    yield from (each["command"] for each in SERVICES.values() if "command" in each)
    yield from (
        shlex.split(each["healthcheck"]["test"][1].split(">")[0])[1:]
        for each in SERVICES.values()
        if "healthcheck" in each
    )
    for text in (PAGE, (ROOT / "action.yml").read_text()):
        yield from (
            shlex.split(words) for words in re.findall(r"\bstorelab ([a-z]+(?: --?[a-z][^`)>|]*)?)(?=[`)>|])", text)
        )
    yield from (
        shlex.split(words) for words in re.findall(r"docker (?:run|exec)[^\n`]*? storelab ([a-z][^\n`]*)", PAGE)
    )


def refused(words: list[str]) -> str:
    """What the command line says of words that it does not know; nothing when it does. Options are read before it is
    asked for help."""
    result = CliRunner().invoke(app, [*words, "--help"])
    return result.output if result.exit_code else ""


@pytest.mark.parametrize("words", list(written()), ids=" ".join)
def test_the_command_line_knows_each_command_of_a_container(words: list[str]) -> None:
    assert refused(words) == ""


def test_what_it_does_not_know_would_be_told() -> None:
    assert "--pubic-host" in refused(["up", "--pubic-host", "storelab"])


@pytest.mark.parametrize("text", COMPOSE, ids=["sandbox", "sync"])
def test_each_file_is_as_its_schema_says(text: str, tmp_path: Path) -> None:
    (tmp_path / "file.yaml").write_text(text)
    check = [str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]

    run = subprocess.run([*check, str(tmp_path / "file.yaml")], capture_output=True, text=True)

    assert run.returncode == 0, run.stdout


def test_the_image_is_made_of_all_that_the_wheel_is_made_of() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    links = {each.readlink().name for each in (ROOT / "storelab").iterdir() if each.is_symlink()}
    wanted = {project["project"]["readme"], *project["project"]["license-files"], "pyproject.toml", "storelab", *links}

    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert kept == wanted | project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"].keys()


def test_the_image_has_the_extras_that_there_are() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    installed = set(re.findall(r"more\['(\w+)'\]", DOCKERFILE))

    assert installed == {"otel", "postgresql", "redis", "verify"}
    assert not any("storelab[" in need for extra in installed for need in extras[extra])


def test_nothing_in_the_image_runs_as_root() -> None:
    steps = [line.split()[0] for line in DOCKERFILE.splitlines() if re.match(r"[A-Z]+ ", line)]

    assert "RUN" not in steps[steps.index("USER") :]
    assert re.search(r"^USER (\w+)$", DOCKERFILE, re.M)[1] == "storelab"  # type: ignore[index]
