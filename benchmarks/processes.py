"""Servers in processes of their own, and what they cost. Linux: read from /proc."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any


@dataclass
class Process:
    """`told` is the JSON object that it printed when it was ready."""

    told: dict[str, Any]
    running: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return str(self.told["url"])

    def cpu(self) -> float:
        """Seconds of a processor that it has used."""
        return time.clock_gettime(_clock_of(self.running.pid))

    def most_memory(self) -> float:
        """The most MB that it has held at once (resident); 0 of one that was killed just now."""
        found = []
        with suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{self.running.pid}/status") as file:
            found = [line for line in file if line.startswith("VmHWM")]
        return int(found[0].split()[1]) / 1024 if found else 0.0

    def kill(self) -> None:
        """As `kill -9` does."""
        self.running.kill()
        self.running.wait(20)


def _clock_of(pid: int) -> int:
    """The clock that counts the processor's nanoseconds of a process, as clock_getcpuclockid(3) names it on Linux."""
    return (~pid << 3) | 2


@contextmanager
def process(*command: str, **environment: str) -> Iterator[Process]:
    """`python -m COMMAND`, once it has printed what to know about it."""
    running = subprocess.Popen(
        [sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    assert running.stdout is not None
    try:
        yield Process(json.loads(running.stdout.readline()), running)
    finally:
        running.terminate()
        running.wait(30)
