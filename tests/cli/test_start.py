"""A command waits for nothing that it does not need: what is imported, told by Python itself. No test here takes the
time, which depends on the machine; `python -m benchmarks` does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile

import pytest
import requests

import storelab.openapi
from storelab.cli import _asked, app
from storelab.emulators.kernel import documents

DATABASE = {"sqlalchemy", "sqlite3"}
SERVERS = {"asyncio", "uvicorn", "flask", "waitress", "huey", "redis", "psycopg"}
OTHERS = {
    "connexion",
    "cryptography",
    "faker",
    "h11",
    "hypothesis",
    "jinja2",
    "opentelemetry",
    "pact",
    "prometheus_client",
    "pydantic",
    "pytest",
    "requests",
    "rich",
    "schemathesis",
    "trustme",
    "urllib3",
}
DIALECT = "sqlalchemy.dialects.postgresql"


def imported(*words: str, then: Callable[[str], object] = lambda line: None) -> set[str]:
    """Every module that this command imports until it ends or has printed a line and something was done with that, and
    the packages they are in."""
    command = [sys.executable, "-X", "importtime", "-m", "storelab.cli", *words]
    with (
        TemporaryFile("w+") as errors,  # a pipe would be full before there is a line to read
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line or words[0] == "env"
            then(line)
        finally:
            process.terminate()
            process.wait(30)
        errors.seek(0)
        told = errors.read()
    modules = {line.rpartition("|")[2].strip() for line in told.splitlines() if line.startswith("import time:")}
    assert "storelab.cli" in modules
    return {".".join(m.split(".")[:n]) for m in modules for n in range(1, m.count(".") + 2)}


def test_help_needs_neither_database_nor_servers() -> None:
    assert not imported("--help") & (DATABASE | SERVERS | OTHERS)


def test_a_command_that_asks_a_sandbox_needs_only_what_asks() -> None:
    found = imported("env", "--url", "http://127.0.0.1:9")

    assert not found & (DATABASE | SERVERS | OTHERS - {"requests", "urllib3"})
    assert "requests" in found


def test_a_sandbox_answers_before_anything_is_imported_that_only_some_need() -> None:
    found = imported("up", "--port", "0", "--no-sync", "--json")

    assert "uvicorn" in found
    assert not found & (OTHERS | SERVERS - {"asyncio", "uvicorn"} | {DIALECT, "storelab.emulators.console"})


@pytest.fixture
def read_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not the first start: the documents are known, in a cache that nobody else writes to."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for document in Path(storelab.openapi.__path__[0]).glob("*.yaml"):
        documents.load_document(document.stem)


@pytest.mark.usefixtures("read_before")
def test_the_sync_comes_when_it_is_asked_for_the_first_time() -> None:
    assert not imported("up", "--port", "0", "--json") & {"flask", "huey", "waitress", "storelab.sync.service"}


def test_the_sync_brings_no_more_than_it_needs() -> None:
    def ask(line: str) -> None:
        answer = requests.get(f"{json.loads(line)['sync']['url']}/connections", timeout=60)
        assert answer.json() == []

    found = imported("up", "--port", "0", "--json", then=ask)

    assert {"flask", "huey"} <= found
    assert not found & {"faker", "pytest", "rich", "storelab.emulators.console", "trustme", "yaml", DIALECT}


def test_a_command_is_read_by_a_parser_of_its_own() -> None:
    names = [command.callback.__name__ for command in _asked(["up"]).registered_commands if command.callback]

    assert names == ["up"]
    assert [group.name for group in _asked(["contracts", "keycrm"]).registered_groups] == ["contracts"]
    assert _asked(["upp"]) is app
    assert _asked(["--help"]) is app
    assert _asked([]) is app
