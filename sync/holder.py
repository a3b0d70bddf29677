"""Who holds a lease: a thread of a process of a machine. And whether that process has ended, as far as one can tell."""

from __future__ import annotations

import os
import re
import socket
import threading
import uuid
from functools import cache
from hashlib import sha256
from pathlib import Path

PROC = Path("/proc")
HOLDER = re.compile(r"(?P<number>\d{1,10})\.(?P<began>\d*)-\w+@(?P<place>\w+)-\d+")


def me() -> str:
    """This thread, unlike any other there is, was or will be."""
    return f"{_process(os.getpid())}-{threading.get_ident()}"


def dead(holder: str) -> bool:
    """Whether a holder is known to have ended: only of processes of this place is that ever known."""
    told = HOLDER.fullmatch(holder)
    if told is None or told["place"] != place() or holder.startswith(f"{_process(os.getpid())}-"):
        return False
    return int(told["number"]) == os.getpid() or ended(int(told["number"]), told["began"])


def elsewhere(holder: str) -> bool:
    """Whether a holder is, or was, another machine's or another container's."""
    told = HOLDER.fullmatch(holder)
    return told is not None and told["place"] != place()


@cache
def place(proc: Path = PROC) -> str:
    """Where a process is known by its number: a machine since its last start, a container of it for itself. Two
    machines of one name are two places."""
    try:
        machine = (proc / "sys/kernel/random/boot_id").read_text().strip()
        inside = str((proc / "self/ns/pid").readlink())
    except OSError:
        machine, inside = str(uuid.getnode()), ""
    return sha256(f"{socket.gethostname()} {machine} {inside}".encode()).hexdigest()[:24]


def ended(number: int, began: str, proc: Path = PROC) -> bool:
    """Whether the process that had this number when it `began` runs no more, be it that nobody has buried it yet."""
    if os.name != "posix":  # elsewhere, to ask is to kill
        return False
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass  # somebody else's
    try:
        state, now = _state(proc / str(number))
        threads = len([*(proc / str(number) / "task").iterdir()])
    except (OSError, ValueError, IndexError):  # not shown here
        return False
    return now != began or (state in ("Z", "X") and threads <= 1)  # the first thread may end before the others


def _state(process: Path) -> tuple[str, str]:
    """The state of a process, and when it began, in ticks since the machine did. See proc(5): what follows the name,
    which may hold anything."""
    values = (process / "stat").read_text().rpartition(")")[2].split()
    return values[0], values[19]


@cache
def _process(number: int) -> str:
    """Found out anew after a fork."""
    try:
        began = _state(PROC / str(number))[1]
    except (OSError, IndexError):
        began = ""
    return f"{number}.{began}-{uuid.uuid4().hex[:8]}@{place()}"
