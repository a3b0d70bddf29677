"""A broker of its own for each test, and a provider that keeps its contract or not."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from storelab.broker.server import Broker
from storelab.cli import main
from storelab.contracts import client
from storelab.contracts.provider import Answering

Run = Callable[..., subprocess.CompletedProcess[str]]

PACT: dict[str, Any] = {
    "consumer": {"name": "shop"},
    "provider": {"name": "acme"},
    "interactions": [
        {
            "type": "Synchronous/HTTP",
            "description": "the stock of a mug",
            "request": {"method": "GET", "path": "/stock/MUG"},
            "response": {
                "status": 200,
                "headers": {"Content-Type": ["application/json"]},
                "body": {"contentType": "application/json", "encoded": False, "content": {"quantity": 3}},
                "matchingRules": {"body": {"$.quantity": {"combine": "AND", "matchers": [{"match": "integer"}]}}},
            },
        }
    ],
    "metadata": {"pactSpecification": {"version": "4.0"}},
}


def pact_with(field: str) -> dict[str, Any]:
    """The same, but it reads another field."""
    text = json.dumps(PACT).replace('"quantity"', f'"{field}"').replace("$.quantity", f"$.{field}")
    made: dict[str, Any] = json.loads(text)
    return made


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker.sqlite", port=0) as running:
        yield running


@pytest.fixture
def pact_file(tmp_path: Path) -> Path:
    file = tmp_path / "shop-acme.json"
    file.write_text(json.dumps(PACT))
    return file


@pytest.fixture
def official(broker: Broker) -> Run:
    """The official client, unchanged: official("broker", "publish", ...)."""
    environment = {**os.environ, "PACT_DO_NOT_TRACK": "true", "PACT_BROKER_BASE_URL": broker.url, "NO_COLOR": "1"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [client.program(), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)

    return run


@dataclass(frozen=True)
class Said:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def storelab(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """Our commands: storelab("contracts", "publish", ..., STORELAB_URL=...)."""
    monkeypatch.setenv("PACT_BROKER_BASE_URL", broker.url)

    def run(*arguments: str, **environment: str) -> Said:
        capsys.readouterr()
        with monkeypatch.context() as there:
            there.setattr("sys.argv", ["storelab", *arguments])
            for name, value in environment.items():
                there.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main()
        written = capsys.readouterr()
        return Said(int(ended.value.code or 0), written.out, written.err)

    return run


@pytest.fixture
def acme() -> Iterator[Callable[[dict[str, Any]], str]]:
    """acme({"quantity": 3}) is the address of a provider that answers this to everything."""
    made: list[Answering] = []

    def serving(answer: dict[str, Any]) -> str:
        made.append(Answering(lambda body: (200, answer)))
        return made[-1].url

    yield serving
    for one in made:
        one.close()
