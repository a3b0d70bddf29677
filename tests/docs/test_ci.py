"""What docs/ci.md shows is valid, and its commands do what it says, in their order."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from storelab.broker.server import Broker

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text()
WORKFLOW, CONNECTOR, GITLAB = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
BIN = str(Path(sys.executable).parent)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ("github-workflows", WORKFLOW),
        ("github-workflows", CONNECTOR),
        ("gitlab-ci", GITLAB),
        ("github-actions", (ROOT / "action.yml").read_text()),
        ("compose-spec", (ROOT / "compose.yaml").read_text()),
    ],
    ids=["workflow", "connector", "gitlab", "action", "compose"],
)
def test_each_file_is_as_its_schema_says(schema: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_text(text)

    run = subprocess.run(
        [f"{BIN}/check-jsonschema", "--builtin-schema", f"vendor.{schema}", str(file)], capture_output=True, text=True
    )

    assert run.returncode == 0, run.stdout


def test_compose_opens_nothing_to_the_network_and_invents_no_password() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]

    assert [port for s in services.values() for port in s.get("ports", ())] == ["127.0.0.1:9292:9292"]
    secrets = [v for s in services.values() for n, v in s["environment"].items() if "PASSWORD" in n]
    assert len(secrets) == 3
    assert all(":?" in value for value in secrets)


def commands(text: str) -> Iterator[str]:
    """Each `storelab ...` that the file runs, in order."""

    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, each in value.items():
                if name in ("run", "script"):
                    yield from each if isinstance(each, list) else [each]
                else:
                    yield from strings(each)
        elif isinstance(value, list):
            for each in value:
                yield from strings(each)

    return (line for line in strings(yaml.safe_load(text)) if line.startswith("storelab "))


@pytest.mark.parametrize("text", [WORKFLOW, GITLAB], ids=["github", "gitlab"])
def test_the_pipeline_goes_through(
    text: str, broker: Broker, sandbox: Any, storelab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    there = {"STORELAB_URL": sandbox.url, "GITHUB_SHA": "c1", "GITHUB_REF_NAME": "main"}
    lines = list(commands(text))
    assert len(lines) >= 6

    for line in lines:
        if "origin/main" in line:
            line = line.replace("origin/main", "HEAD")
        ran = storelab(*shlex.split(line)[1:], **there)

        assert ran.returncode == 0, (line, ran.stdout, ran.stderr)


def step(name: str) -> dict[str, Any]:
    (found,) = [each for each in ACTION["runs"]["steps"] if each.get("name") == name]
    return found


def test_the_action_puts_no_input_into_a_script() -> None:
    for each in ACTION["runs"]["steps"]:
        assert "${{" not in each.get("run", "")


def test_the_action_starts_a_sandbox_and_runs_commands(tmp_path: Path) -> None:
    there = tmp_path / "environment"
    there.touch()
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_ENV": str(there),
    }
    start = step("Start the sandbox")["run"].replace("storelab up --json", "storelab up --port 0 --no-sync --json")
    start = start.replace("storelab env", 'storelab env --url "$(cut -d\\" -f4 "$RUNNER_TEMP/storelab.json")"')
    started = subprocess.run(
        ["bash", "-e", "-c", f"{start}\necho $sandbox"], capture_output=True, text=True, timeout=60, env=environment
    )
    try:
        assert started.returncode == 0, started.stderr
        known = dict(line.split("=", 1) for line in there.read_text().splitlines())
        wanted = yaml.safe_load(CONNECTOR)["jobs"]["test"]["steps"][1]["with"]["run"]
        ran = subprocess.run(
            ["bash", "-e", "-c", step("Run")["run"]], capture_output=True, text=True, timeout=120,
            env={**environment, **known, "COMMANDS": wanted.replace("contracts keycrm", "fact keycrm stock")},
        )  # fmt: skip
        broken = subprocess.run(
            ["bash", "-e", "-c", step("Run")["run"]], capture_output=True, text=True, timeout=60,
            env={**environment, **known, "COMMANDS": "fact keycrm nothing; touch pwned"}, cwd=tmp_path,
        )  # fmt: skip
    finally:
        os.kill(int(started.stdout.strip().splitlines()[-1]), signal.SIGTERM)

    assert {"STORELAB_URL", "WOOCOMMERCE_URL", "KEYCRM_API_KEY"} <= known.keys()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "MUG" in ran.stdout
    assert broken.returncode != 0
    assert not (tmp_path / "pwned").exists()
