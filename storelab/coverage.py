"""What shows that an operation is emulated as it should be: recorded calls of the real service, and interactions of
contracts. Counted from the documents and the pacts, never by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storelab.contracts.pactfiles import PACTS, pact_files, read

RECORDING, CONTRACT = "recording", "contract"
Operations = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Counted:
    """The operations of one service, or of all. `proven` counts each once, whatever it is proven by."""

    service: str
    documented: int
    emulated: int
    proven: int
    by_contract: int
    by_recording: int
    recorded_calls: int
    assumed: int


def asked(provider: str, folder: Path = PACTS) -> list[tuple[str, str]]:
    """Method and path of every request in the contracts with this provider, without a slash at the end."""
    pacts = (read(path) for path in pact_files(folder, provider=provider))
    requests = (i["request"] for pact in pacts for i in pact["interactions"] if "request" in i)
    return [(str(r["method"]).upper(), str(r["path"]).rstrip("/") or "/") for r in requests]


def proven(operations: Operations, requests: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """The operations, each with how many interactions use it (`contracts`) and by what it is `proven`."""
    ranked = sorted(operations, key=lambda o: o["path"].count("{"))  # a path as it stands before one with variables
    patterns = [(o["method"], re.compile(_pattern(o["path"])), o["operation"]) for o in ranked]
    used = Counter(
        next((name for m, pattern, name in patterns if m == method and pattern.fullmatch(path.rstrip("/"))), "")
        for method, path in requests
    )
    found = []
    for operation in operations:
        contracts = used[operation["operation"]]
        by = [name for name, count in ((RECORDING, operation["recorded"]), (CONTRACT, contracts)) if count]
        found.append({**operation, "contracts": contracts, "proven": by if operation["emulated"] else []})
    return found


def _pattern(path: str) -> str:
    return "".join(
        "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", path.rstrip("/") or "/")
    )


def counted(service: str, operations: Operations) -> Counted:
    """`operations` as `proven` tells them."""
    emulated = [o for o in operations if o["emulated"]]
    return Counted(
        service,
        documented=len(operations),
        emulated=len(emulated),
        proven=sum(bool(o["proven"]) for o in emulated),
        by_contract=sum(CONTRACT in o["proven"] for o in emulated),
        by_recording=sum(RECORDING in o["proven"] for o in emulated),
        recorded_calls=sum(o["recorded"] for o in emulated),
        assumed=sum(bool(o["assumed"]) for o in emulated),
    )


def total(rows: Iterable[Counted]) -> Counted:
    numbers = [vars(row) for row in rows]
    names = [name for name in Counted.__dataclass_fields__ if name != "service"]
    return Counted("all", **{name: sum(row[name] for row in numbers) for name in names})


def routes(operations: Operations) -> dict[str, bool]:
    """The paths that the vendor lists, and whether all methods of each are emulated."""
    listed: dict[str, bool] = {}
    for o in operations:
        if o["listed"]:
            listed[o["path"]] = listed.get(o["path"], True) and o["emulated"]
    return listed
