"""What the demo makes of the contracts, which another process verifies meanwhile."""

from __future__ import annotations

import json
from typing import Any

import pytest

from storelab.cli.demo import _verified
from storelab.emulators.kernel.errors import LabError


class Child:
    def __init__(self, out: str, trouble: str = "") -> None:
        self.said = out, trouble

    def poll(self) -> int | None:
        return None

    def communicate(self) -> tuple[str, str]:
        return self.said


def verdict(provider: str, verdict: str) -> dict[str, Any]:
    differences = [{"message": "status is 500"}] if verdict == "broken" else []
    return {
        "provider": provider,
        "description": "a look",
        "verdict": verdict,
        "differences": differences,
        "milliseconds": 40,
    }


def verified(*verdicts: dict[str, Any]) -> list[dict[str, Any]]:
    child: Any = Child(json.dumps({"interactions": list(verdicts)}))
    return list(_verified([child], quiet=False))


def test_each_provider_has_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    rows = verified(verdict("keycrm", "kept"), verdict("sors", "kept"), verdict("keycrm", "broken"))

    assert [(r["with"], r["what"], r["held"], r["seconds"]) for r in rows] == [
        ("keycrm", "1 of 2 interactions of its contracts", False, 0.08),
        ("sors", "1 of 1 interactions of its contracts", True, 0.04),
    ]
    said = capsys.readouterr().out
    assert "still being verified" in said
    assert "broken: a look: status is 500" in said


def test_a_provider_of_which_nothing_was_verified_does_not_hold() -> None:
    assert [r["held"] for r in verified(verdict("keycrm", "skipped"))] == [False]


def test_contracts_that_could_not_be_verified_are_told_with_the_reason() -> None:
    child: Any = Child("", "storelab: no pact verifier is installed")

    with pytest.raises(LabError, match="no pact verifier is installed"):
        list(_verified([child], quiet=True))
