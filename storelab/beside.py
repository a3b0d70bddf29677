"""A `storelab sync worker` beside `storelab sync serve`: a plan for thousands of products takes a processor for
seconds, and must not take it from whoever answers webhooks."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

from storelab.sync.jobs import Jobs

log = logging.getLogger("storelab.sync")
AGAIN = 1.0  # seconds until one that died is replaced


class Beside:
    """Its standard input is a leash: a line means that there is something in the queue, its end that we are gone,
    however that came about."""

    def __init__(self, options: Sequence[str], jobs: Jobs, environment: Mapping[str, str]) -> None:
        """`environment` tells what not everybody on this machine should read, as they can a command line."""
        self._command = [sys.executable, "-m", "storelab.cli", "sync", "worker", "--leash", *options]
        self._environment = {**os.environ, **environment}
        self._jobs, self._stopping = jobs, threading.Event()
        self._process = self._started()
        self._threads = [
            threading.Thread(target=self._watch, name="sync-beside", daemon=True),
            threading.Thread(target=self._pass_on, name="sync-nudges", daemon=True),
        ]

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - ourselves
            self._command,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _watch(self) -> None:
        while True:
            code = self._process.wait()
            if self._stopping.wait(AGAIN):
                return
            log.error("the worker has ended with code %s: there is a new one", code)
            self._process = self._started()

    def _pass_on(self) -> None:
        while not self._stopping.is_set():
            self._jobs.queued.wait()
            self._jobs.queued.clear()
            with suppress(OSError, ValueError):  # one that has just died looks by itself when it is there again
                _leash(self._process).write(b"\n")
                _leash(self._process).flush()

    def __enter__(self) -> Beside:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stopping.set()
        self._jobs.queued.set()
        self._threads[1].join()
        with suppress(OSError):
            _leash(self._process).close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._threads[0].join()


def _leash(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin
