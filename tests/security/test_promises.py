"""What docs/security.md promises and no other test holds: nobody is called, pages are strict, masking takes no time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from storelab.broker.server import Broker
from storelab.contracts import client
from storelab.emulators.kernel.journal import masked_body
from storelab.sandbox import Sandbox, Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
CALLS = re.compile(r"connect\(\d+, (\{.*?\}), \d+\)")


SECRETS = {"a-token-of-the-broker"}  # and the keys of the default seed


@pytest.fixture(autouse=True, scope="module")
def _keys_of_the_default_seed() -> None:
    with Sandbox(Settings(port=0, sync_port=None)) as sandbox:
        info = sandbox.client.info()
    for account in (info["store"], info["store"]["admin"], *info["backends"].values()):
        SECRETS.update(v for n, v in account.items() if re.search("key|secret|token", n) and len(v) > 8)
    assert len(SECRETS) > 6


def called(tmp_path: Path, *command: str, **environment: str) -> list[str]:
    """Whom a program and all its children connect to, but for this machine. None of them has a key in its command
    line, which everybody on the machine may read."""
    log = tmp_path / "calls"
    tracing = ["strace", "-f", "--seccomp-bpf", "-s", "4096", "-e", "trace=connect,execve", "-o", str(log)]
    known = {n: v for n, v in os.environ.items() if n not in ("PACT_DO_NOT_TRACK", "STORELAB_URL")}
    run = subprocess.run(
        [*tracing, *command], capture_output=True, text=True, timeout=300, env={**known, **environment}, cwd=tmp_path
    )
    if "ptrace" in run.stderr or not log.exists():
        pytest.skip("system calls cannot be watched here")
    calls = log.read_text()
    found = CALLS.findall(calls)
    assert found, run.stderr
    assert "execve(" in calls
    assert not [secret for secret in SECRETS if secret in calls]
    return [one for one in found if not re.search(r'AF_UNIX|AF_UNSPEC|AF_NETLINK|"127\.0\.0\.1"|"::1"', one)]


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_nobody_is_called(tmp_path: Path) -> None:
    elsewhere = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('198.51.100.1', 53))"
    pact = str(ROOT / "contracts" / "pacts" / "woocommerce-sors.json")
    storelab = (sys.executable, "-m", "storelab.cli")

    assert called(tmp_path, sys.executable, "-c", elsewhere)  # it would be seen
    assert called(tmp_path, *storelab, "contracts", "sors", "--json") == []
    with Broker(tmp_path / "b.sqlite", port=0) as broker:
        there = {client.URL: broker.url, client.TOKEN: "a-token-of-the-broker"}
        assert called(tmp_path, *storelab, "contracts", "publish", pact, "--version", "1", **there) == []


@pytest.mark.skipif("STORELAB_LONG" not in os.environ, reason="the whole of each command takes long (STORELAB_LONG)")
@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize(
    "command",
    [
        ["demo", "--exit", "--port", "0"],
        ["verify", "sors"],
        ["fuzz", "sors", "--state", "a database", "--phases", "examples", "--max-time", "5"],
        ["run", "keycrm/connect_to_sync"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_nobody_is_called_by_the_commands_of_a_first_hour(tmp_path: Path, command: list[str]) -> None:
    assert called(tmp_path, sys.executable, "-m", "storelab.cli", *command) == []


def test_pages_of_ours_are_strict(sandbox: Any, tmp_path: Path) -> None:
    with Broker(tmp_path / "b.sqlite", port=0) as broker:
        pages = [
            requests.get(url, headers={"Accept": "text/html"}, timeout=20)
            for url in (f"{sandbox.url}/", f"{broker.url}/", f"{sandbox.url}/golisto/woocommerce/connect")
        ]

    for page in pages:
        assert page.headers["Content-Type"].startswith("text/html"), page.url
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "'unsafe-eval'" not in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] in ("no-referrer", "same-origin")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/_lab/clock", 200),
        ("/_lab/metrics", 200),
        ("/_lab/snapshots/there-is-none", 404),
        ("/_lab/there-is-none", 404),
        ("/~there-is-none/_lab/clock", 404),
        ("/journal.har", 200),
        ("/events/map/parts", 200),
        ("/there-is-none", 404),
        ("/static/there-is-none.css", 404),
        ("/snapshots/there-is-none.storelab", 404),
        ("/~there-is-none/", 404),
    ],
)
def test_answers_of_the_laboratory_are_kept_nowhere_and_taken_for_what_they_are(
    sandbox: Any, path: str, status: int
) -> None:
    with requests.get(sandbox.url + path, timeout=20, stream=True) as answer:
        assert answer.status_code == status
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_files_of_pages_are_strict_too_and_lead_to_no_other_files(sandbox: Any) -> None:
    names = sorted(path.name for path in (ROOT / "emulators" / "console" / "static").iterdir() if path.is_file())
    assert "console.js" in names

    for name in names:
        answer = requests.get(f"{sandbox.url}/static/{name}", timeout=20)
        assert (answer.status_code, answer.headers["X-Content-Type-Options"]) == (200, "nosniff"), name
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], name
    for way in (
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "..%5capp.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "a%00.css",
    ):
        with requests.Session() as session:
            asked = requests.Request("GET", f"{sandbox.url}/static/").prepare()
            asked.url = f"{sandbox.url}/static/{way}"  # as it is, dots and all
            assert session.send(asked, timeout=20).status_code == 404, way


@pytest.mark.parametrize(
    "part",
    [
        '"a',
        '"a" ',
        "'a':",
        "://a:",
        "://",
        "?a",
        "&a=b",
        "a=",
        "{",
        '{"token":"',
        "\\",
        " ",
        "token=",
        '"secret" : "\\',
        "<input ",
        "<input name=token value=",
        " value=",
        "&amp;",
    ],
)
def test_to_mask_a_body_takes_no_longer_than_it_is_long(part: str) -> None:
    body = (part * (300_000 // len(part))).encode()
    started = time.process_time()

    masked_body(b"{" + body)
    masked_body(body)

    assert time.process_time() - started < 10  # what grows with the square of the length takes many minutes


def test_the_pipeline_of_the_page_is_valid(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    (tmp_path / "audit.yaml").write_text(text)
    program = str(Path(sys.executable).parent / "check-jsonschema")

    run = subprocess.run(
        [program, "--builtin-schema", "vendor.github-workflows", str(tmp_path / "audit.yaml")], capture_output=True
    )

    assert run.returncode == 0, run.stdout
    assert "[testenv:audit]" in (ROOT / "tox.ini").read_text()
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
