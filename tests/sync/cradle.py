"""Makes syncs that are killed: a process that forks one after another, each killed with SIGKILL at its n-th point.

A line on standard input, {"ledger", "port", "kill_at", "points"}, ends the one that runs and makes the next; it
answers with the process's number when the service is up. `kill_at` 0: it lives. In the file `points` is a line for
each point that was passed. Only what takes long to import is imported before the fork: what the sync knows of its own
process it has to find out in it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

import cryptography.fernet  # noqa: F401
import flask  # noqa: F401
import huey  # noqa: F401
import jsonschema_rs  # noqa: F401
import requests  # noqa: F401
import waitress  # type: ignore[import-untyped]  # noqa: F401
import yaml  # noqa: F401


def live(port: int, ledger: str, kill_at: int, points: str) -> None:
    from storelab.sync.service import Server

    passed = 0
    file = os.open(points, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def point(where: str) -> None:
        nonlocal passed
        passed += 1
        os.write(file, f"{where}\n".encode())
        if passed == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with Server(port=port, ledger_url=ledger, point=point) as server:
        print(json.dumps({"pid": os.getpid()}), flush=True)
        server.join()


def main() -> None:
    child = 0
    for line in sys.stdin:
        told: dict[str, Any] = json.loads(line)
        if child:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        child = os.fork()
        if not child:
            live(told["port"], told["ledger"], told["kill_at"], told["points"])
            os._exit(0)
    if child:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
