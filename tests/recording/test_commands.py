"""`storelab record` and `storelab replay`, as they are typed; and the page about them."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storelab.recording.file import read
from storelab.sandbox import Sandbox

from .conftest import Record
from .sessions import SESSIONS

DOC = (Path(__file__).parents[2] / "docs" / "record-replay.md").read_text(encoding="utf-8")
LINES = re.findall(r"^storelab replay .*$", DOC, re.M)
COMMAND = (sys.executable, "-m", "storelab.cli")


def replay(*words: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {**os.environ, **environment}
    return subprocess.run([*COMMAND, "replay", *words], capture_output=True, text=True, timeout=60, cwd=cwd, env=known)


def prepared(sandbox: Sandbox, backend: str = "keycrm") -> dict[str, str]:
    return SESSIONS[backend].prepare(sandbox.client.make_world(seed="recorded"), backend)


@pytest.mark.parametrize("line", LINES)
def test_what_the_page_shows_works(line: str, record: Record, sandbox: Sandbox, tmp_path: Path) -> None:
    for name in ("calls.jsonl", "later.jsonl"):
        file = record("keycrm").path
        assert file is not None
        file.rename(tmp_path / name)
    told = prepared(sandbox)
    words = shlex.split(line.replace("$KEYCRM_URL/v1", told["url"]))

    ran = replay(*words[2:], cwd=tmp_path, KEYCRM_API_KEY=told["api_key"])

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "100 %" in ran.stdout
    assert told["api_key"] not in ran.stdout + ran.stderr
    assert ("nobody has moved" in ran.stdout) == ("--drift" in line)


def test_what_is_recorded_by_the_command_is_in_the_file_when_it_is_interrupted(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    told, file = prepared(sandbox), tmp_path / "calls.jsonl"
    command = [*COMMAND, "record", "--upstream", told["url"], "--to", str(file), "--keep", "city"]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as recording:
        assert recording.stdout is not None
        url = recording.stdout.readline().split()[0]
        SESSIONS["keycrm"].play(url, told)
        recording.send_signal(signal.SIGINT)
        out, err = recording.communicate(timeout=20)

    assert recording.returncode == 0, err
    assert f"{len(SESSIONS['keycrm'].calls)} calls in" in out
    assert len(read(file).calls) == len(SESSIONS["keycrm"].calls)
    assert told["api_key"] not in file.read_text(encoding="utf-8") + out + err
    assert "quibble.example" not in out + err
    again = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


def test_another_situation_is_not_alike_unless_less_is_asked_for(
    record: Record, sandbox: Sandbox, tmp_path: Path
) -> None:
    file, world = record("keycrm").path, sandbox.client.make_world(seed="recorded")
    told = SESSIONS["keycrm"].prepare(world, "keycrm")
    world.state("keycrm", "an offer in stock", sku="CAP", quantity=99)
    words = (str(file), "--url", told["url"], "--header", f"Authorization: Bearer {told['api_key']}")

    strict = replay(*words, "--json")
    score = json.loads(strict.stdout)["scores"][-1]

    assert strict.returncode == 1
    assert (score["l3"], score["l4"] < 100) == (100.0, True)
    assert [d["where"] for call in json.loads(strict.stdout)["calls"] for d in call["differences"]][:1] == [
        "data[0].quantity"
    ]


def test_a_file_that_is_no_recording_cannot_be_run(tmp_path: Path) -> None:
    file = tmp_path / "other.jsonl"
    file.write_text('{"recording": 1, "upstream": "http://x"}\n{"number": 1}\n', encoding="utf-8")

    broken, none = replay(str(file), "--url", "http://127.0.0.1:9"), replay("none.jsonl", "--url", "http://127.0.0.1:9")

    assert (broken.returncode, none.returncode) == (2, 2)
    assert "other.jsonl:2: is not a recorded call" in broken.stderr
    assert "cannot read none.jsonl" in none.stderr
