"""What only its owner may read: command lines, files and folders."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from benchmarks.processes import process
from storelab.recording.file import Writer
from storelab.sandbox import Sandbox, Settings
from storelab.sync.ledger import Ledger
from storelab.tls import certificates

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")


def of_others(path: Path) -> int:
    """What anybody but the owner may do with it."""
    return stat.S_IMODE(path.stat().st_mode) & 0o077


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_what_holds_keys_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Sandbox(Settings(port=0, sync_port=0, data=tmp_path / "lab")):
            pass
        Ledger(f"sqlite:///{tmp_path / 'sync' / 'ledger.sqlite'}").close()
        made = certificates(tmp_path / "tls")
        Writer(tmp_path / "calls.jsonl", "https://api.example", masked=False)
    finally:
        os.umask(before)

    for name in ("lab", "sync", "sync/ledger.sqlite.key", "tls", "calls.jsonl"):
        assert of_others(tmp_path / name) == 0, name
    assert of_others(made.key) == 0


def lines_of_children(parent: int) -> list[str]:
    """Command lines of a process and of all that it has started."""
    lines, known = [], {parent}
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda one: int(one.name)):
        try:
            above = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            line = (folder / "cmdline").read_text()
        except OSError:
            continue
        if int(folder.name) in known or above in known:
            known.add(int(folder.name))
            lines.append(line)
    return lines


@LINUX
def test_no_command_line_holds_the_password_of_a_ledger(tmp_path: Path) -> None:
    """SQLite takes a query as PostgreSQL an address with a password."""
    secret = "s3cr3t-of-a-ledger"
    places = {
        "STORELAB_SYNC_LEDGER": f"sqlite:///{tmp_path}/ledger.sqlite?cache={secret}",
        "STORELAB_SYNC_JOBS": f"sqlite:///{tmp_path}/jobs.sqlite",
    }
    with process("storelab.cli", "sync", "serve", "--port", "0", "--json", **places) as serving:
        lines: list[str] = []
        for _ in range(100):
            lines = lines_of_children(serving.running.pid)
            if any("worker" in line for line in lines):
                break
            time.sleep(0.1)

    assert any("worker" in line for line in lines)
    assert not [line for line in lines if secret in line]
    assert (tmp_path / "ledger.sqlite.key").exists() or list(tmp_path.glob("ledger.sqlite*"))
