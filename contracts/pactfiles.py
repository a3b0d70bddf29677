"""Pact files as they are committed: the same tests always write the same bytes, and nothing stale stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent
PACTS = HOME / "pacts"


def pact_files(folder: Path = PACTS, *, provider: str = "", consumer: str = "") -> list[Path]:
    """The pact files of a provider, of a consumer, or all."""
    found = []
    for path in sorted(folder.glob("*.json")):
        pact = read(path)
        if provider in ("", pact["provider"]["name"]) and consumer in ("", pact["consumer"]["name"]):
            found.append(path)
    return found


def read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def test_of(interaction: Mapping[str, Any]) -> str:
    """The test that wrote it: "test_keycrm.py::test_a_page", also when it has parameters."""
    return str(interaction.get("comments", {}).get("testname", "")).partition("[")[0]


def merged(old: Mapping[str, Any], new: Mapping[str, Any], *, known: Iterable[str]) -> dict[str, Any]:
    """What was recorded now, and of the old what belongs to a test that still exists and did not run now.

    `known` are the tests that exist.
    """
    ran = {test_of(i) for i in new["interactions"]}
    exists = set(known)
    kept = [i for i in old.get("interactions", ()) if test_of(i) not in ran and test_of(i) in exists]
    interactions = sorted([*new["interactions"], *kept], key=lambda i: (i["type"], i["description"]))
    return {
        "consumer": new["consumer"],
        "provider": new["provider"],
        "interactions": interactions,
        "metadata": {"pactSpecification": new["metadata"]["pactSpecification"]},
    }


def known_tests(folder: Path = HOME) -> list[str]:
    """Every contract test that exists, as `test_of` names them."""
    return [
        f"{path.name}::{name}"
        for path in sorted(folder.glob("test_*.py"))
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE)
    ]


def kept(pact: Mapping[str, Any], path: Path) -> bool:
    """Write the file if it says something new; whether it did."""
    text = json.dumps(pact, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return True
