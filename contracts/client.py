"""The official Pact client, as a program: what talks to any Pact broker, ours or another.

Credentials reach it by its environment only, so that no list of processes shows them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storelab.emulators.kernel.errors import LabError

URL, TOKEN, USER, PASSWORD = "PACT_BROKER_BASE_URL", "PACT_BROKER_TOKEN", "PACT_BROKER_USERNAME", "PACT_BROKER_PASSWORD"
TRIES = "3"  # of a broker that fails; the client's own 8 take two minutes
PATIENCE = 600  # seconds for one command


@dataclass(frozen=True)
class Account:
    """Where the broker is, and what opens it: a bearer's token, or a name and a password."""

    url: str
    token: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def environment(self) -> dict[str, str]:
        known = {URL: self.url, TOKEN: self.token, USER: self.user, PASSWORD: self.password}
        return {name: value for name, value in known.items() if value}

    def masked(self, text: str) -> str:
        for secret in filter(None, (self.token, self.password)):
            text = text.replace(secret, "***")
        return text


def account(url: str = "", environment: Mapping[str, str] = os.environ) -> Account:
    """The broker that is named, or the one in the environment that the Pact clients share."""
    address = (url or environment.get(URL, "")).rstrip("/")
    if not address:
        raise LabError(f"which broker? Name it with --broker URL or {URL}; `storelab broker` starts one")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise LabError("the broker's address must begin with http:// or https://")
    if parts.username or parts.password:
        raise LabError(f"leave credentials out of the broker's address: set {TOKEN}, or {USER} and {PASSWORD}")
    return Account(address, *(environment.get(name, "") for name in (TOKEN, USER, PASSWORD)))


@dataclass(frozen=True)
class Ran:
    code: int
    output: str

    @property
    def json(self) -> Any:
        """The last line that is a JSON document; None when there is none. The client talks before it answers."""
        for line in reversed(self.output.splitlines()):
            if line.startswith(("{", "[")):
                try:
                    return json.loads(line)
                except ValueError:
                    return None
        return None

    @property
    def said(self) -> str:
        """What it said, without its ornaments."""
        lines = (line.strip(" \t❌✅📨") for line in self.output.splitlines())
        return "; ".join(dict.fromkeys(line for line in lines if line and not line.startswith(("{", "Details"))))


def ran(account: Account, *arguments: str) -> Ran:
    """Run `pact broker ...`. What it writes comes back, masked."""
    own = {"PACT_DO_NOT_TRACK": "true", "NO_COLOR": "1"}
    environment = {"PACT_BROKER_HTTP_RETRIES": TRIES, **os.environ, **own}
    for name in (URL, TOKEN, USER, PASSWORD):
        environment.pop(name, None)
    try:
        run = subprocess.run(
            [program(), "broker", *arguments],
            env={**environment, **account.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LabError(f"the Pact client has not answered for {PATIENCE} s") from None
    return Ran(run.returncode, account.masked(run.stdout))


def program() -> str:
    """The client's file, first the one of this environment."""
    found = shutil.which("pact", path=sysconfig.get_path("scripts")) or shutil.which("pact")
    if not found:
        raise LabError("the Pact client is not installed: pip install 'storelab[verify]'")
    return str(Path(found))
