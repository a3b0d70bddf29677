"""`storelab verify` as somebody calls it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from storelab.cli import app
from storelab.emulators.kernel.errors import LabError
from storelab.sandbox import Sandbox, Settings


@pytest.fixture(scope="module")
def provider() -> Iterator[Sandbox]:
    """A sandbox that is asked as any vendor is: by its address, and its address for states."""
    with Sandbox(Settings(port=0, sync_port=None)) as running:
        yield running


def called(*words: str) -> Result:
    return CliRunner().invoke(app, ["verify", *words])


def at(provider: Sandbox, name: str) -> tuple[str, ...]:
    return name, "--url", f"{provider.url}/{name}", "--state-url", f"{provider.url}/_lab/services/{name}/pact-states"


def verdicts(result: Result) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


def test_an_emulator_is_kept_in_a_sandbox_of_our_own() -> None:
    result = called("stockburst", "--json")

    report = verdicts(result)
    assert (result.exit_code, report["verdict"], report["counts"]["broken"]) == (0, "kept", 0)
    assert report["counts"]["kept"] >= 20
    assert all(check["basis"]["is"] in ("documented", "assumed", "partly assumed") for check in report["checks"])


def test_a_sandbox_is_verified_by_its_address_like_anybody(provider: Sandbox) -> None:
    result = called(*at(provider, "keycrm"), "--json")

    report = verdicts(result)
    kinds = {(check["part"], check["verdict"]) for check in report["checks"]}
    kept = {("contract", "kept"), ("webhook", "kept"), ("document", "kept")}
    assert (result.exit_code, kinds) == (0, kept | {("webhook", "skipped")})
    (skipped,) = [check["why"] for check in report["checks"] if check["verdict"] == "skipped"]
    assert "--patience 240" in skipped  # three attempts, a minute apart, by a clock that nobody moves


def test_without_an_adapter_what_needs_a_state_is_skipped_with_the_reason(provider: Sandbox) -> None:
    result = called("keycrm", "--url", f"{provider.url}/keycrm", "--fuzz", "off", "--json")

    report = verdicts(result)
    assert (result.exit_code, report["verdict"]) == (2, "skipped")  # nothing at all was looked at
    assert any("'an offer in stock'" in c["why"] and "--state-url" in c["why"] for c in report["checks"])


def test_nobody_there_is_no_verdict() -> None:
    with pytest.raises(LabError, match=r"nothing listens at http://127\.0\.0\.1:9"):
        CliRunner().invoke(
            app, ["verify", "keycrm", "--url", "http://127.0.0.1:9"], catch_exceptions=False, standalone_mode=False
        )


def test_a_name_that_nobody_has_is_told_the_nearest() -> None:
    refused = called("keykrm").exception

    assert isinstance(refused, LabError)
    assert "keycrm" in refused.message


def test_reports_are_written_side_by_side(provider: Sandbox, tmp_path: Path) -> None:
    files = {form: tmp_path / f"report.{form}" for form in ("html", "junit", "sarif")}

    result = called(
        *at(provider, "golisto"),
        "--fuzz",
        "off",
        *(word for f, path in files.items() for word in (f"--{f}", str(path))),
    )

    assert result.exit_code == 0
    assert "32 kept" in result.stdout
    assert files["html"].read_text().startswith("<!doctype html>")
    assert files["junit"].read_text().startswith("<?xml")
    assert json.loads(files["sarif"].read_text())["version"] == "2.1.0"
