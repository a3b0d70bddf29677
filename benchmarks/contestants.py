"""A server that takes part: how it is started, what it is asked, and what it costs."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .load import filled

START_LIMIT = 60.0  # seconds
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Unmeasured(Exception):
    """Why a contestant, or one of its figures, could not be measured."""


@dataclass
class Contestant:
    """`requests` are raw bytes by the name of the operation; what it has no like of is left out. `first` is the request
    whose first good answer ends the cold start."""

    name: str
    command: Sequence[str]
    port: int
    requests: Mapping[str, bytes]
    first: bytes = b""
    prepare: Callable[[Contestant], None] | None = None  # puts its records into it, once it runs
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    works: str = ""  # what it does of the work, for the table
    warm_up: float = 1.0  # seconds
    process: subprocess.Popen[bytes] | None = None
    cold_seconds: float = 0.0
    cold_cpu: float = 0.0
    idle_megabytes: float = 0.0

    def start(self) -> None:
        started = time.perf_counter()
        self.process = subprocess.Popen(
            self.command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self.environment},
            cwd=self.folder,
            start_new_session=True,
        )
        request = filled(self.first or self.requests["list"])
        while not _good(self.port, request):
            if self.process.poll() is not None:
                raise Unmeasured(f"it ended with {self.process.returncode} when it was started")
            if time.perf_counter() - started > START_LIMIT:
                raise Unmeasured(f"it does not answer within {START_LIMIT:.0f} s")
            time.sleep(0.004)
        self.cold_seconds = time.perf_counter() - started
        self.cold_cpu = self.cpu_seconds()
        time.sleep(1)
        self.idle_megabytes = self.megabytes()
        if self.prepare is not None:
            self.prepare(self)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)

    def cpu_seconds(self) -> float:
        """User and system time of it and its descendants so far."""
        return sum(int(fields[11]) + int(fields[12]) for fields in self._family().values()) / _TICKS

    def megabytes(self) -> float:
        """Resident memory of it and its descendants."""
        return sum(int(fields[21]) for fields in self._family().values()) * _PAGE / 1e6

    def _family(self) -> dict[int, list[str]]:
        assert self.process is not None
        stats: dict[int, list[str]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    stats[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
        mine = {self.process.pid}
        grown = True
        while grown:
            more = {pid for pid, fields in stats.items() if int(fields[1]) in mine} - mine
            mine |= more
            grown = bool(more)
        return {pid: stats[pid] for pid in mine if pid in stats}


@dataclass(frozen=True)
class Figure:
    """One window of one operation. `cpu` is milliseconds of the server's processors for each answer."""

    cpu: float
    per_second: float
    median: float  # milliseconds
    slowest: float  # the 99th percentile


def measured(contestant: Contestant, operation: str, connections: int, seconds: float) -> Figure:
    before, started = contestant.cpu_seconds(), time.perf_counter()
    arguments = ["127.0.0.1", str(contestant.port), str(connections), str(seconds)]
    command, request = [sys.executable, "-m", "benchmarks.load", *arguments], contestant.requests[operation]
    try:
        run = subprocess.run(command, input=request, capture_output=True, timeout=seconds + 30, check=False)
    except subprocess.TimeoutExpired:
        raise Unmeasured(f"{operation}: an answer did not come within half a minute") from None
    spent, took = contestant.cpu_seconds() - before, time.perf_counter() - started
    if run.returncode:
        raise Unmeasured(f"{operation}: {run.stderr.decode().strip().splitlines()[-1][:120]}")
    good, bad, median, slowest = (float(word) for word in run.stdout.split())
    if bad or not good:
        raise Unmeasured(f"{operation}: {bad:.0f} answers were no 2xx, {good:.0f} were")
    return Figure(spent / good * 1000, good / took, median, slowest)


def answer_to(port: int, request: bytes, timeout: float = 10.0) -> bytes:
    """Everything that comes back over a connection that is then closed."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(request.replace(b"Host: 127.0.0.1\r\n", b"Host: 127.0.0.1\r\nConnection: close\r\n", 1))
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def _good(port: int, request: bytes) -> bool:
    try:
        return answer_to(port, request, 5)[9:10] == b"2"
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])
