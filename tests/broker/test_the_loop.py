"""The whole way of a contract through a pipeline, with the official client's programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from storelab.broker.server import Broker

from .conftest import PACT, Run, Said, pact_with


def test_a_contract_goes_from_publication_to_production_with_the_official_client(
    broker: Broker, official: Run, pact_file: Path, acme: Callable[[dict[str, Any]], str]
) -> None:
    def verified(url: str, version: str) -> int:
        port = str(urlsplit(url).port)
        return official(
            "verifier", "--hostname", "127.0.0.1", "--port", port, "--provider-name", "acme",
            "--broker-url", broker.url, "--publish", "--provider-version", version, "--provider-branch", "main",
            "--consumer-version-selectors", '{"mainBranch": true}',
        ).returncode  # fmt: skip

    def deployable(name: str, version: str) -> tuple[int, str]:
        asked = official(
            "broker", "can-i-deploy", "--pacticipant", name, "--version", version, "--to-environment", "production"
        )
        return asked.returncode, asked.stdout

    published = official("broker", "publish", str(pact_file), "-a", "c1", "--branch", "main", "--tag", "first")
    assert published.returncode == 0, published.stdout
    code, said = deployable("shop", "c1")
    assert (code, "acme is not" in said) == (1, True)

    assert verified(acme({"amount": 3}), "p1") == 1
    assert official(*deployment("acme", "p1")).returncode == 0
    code, said = deployable("shop", "c1")
    assert (code, "failed" in said) == (1, True)

    assert verified(acme({"quantity": 7}), "p2") == 0
    assert deployable("acme", "p2")[0] == 0
    assert official(*deployment("acme", "p2")).returncode == 0
    code, said = deployable("shop", "c1")
    assert (code, "Computer says yes" in said) == (0, True)
    assert official(*deployment("shop", "c1")).returncode == 0
    assert deployable("acme", "p1")[0] == 1  # now somebody relies on what it does not do


def deployment(name: str, version: str) -> tuple[str, ...]:
    return "broker", "record-deployment", "--pacticipant", name, "--version", version, "--environment", "production"


def test_what_nobody_has_kept_yet_is_pending_and_breaks_nothing(
    broker: Broker, official: Run, tmp_path: Path, acme: Callable[[dict[str, Any]], str]
) -> None:
    port = str(urlsplit(acme({"quantity": 3})).port)
    ours = ["--hostname", "127.0.0.1", "--port", port, "--provider-name", "acme", "--broker-url", broker.url]
    ours += ["--publish", "--provider-branch", "main", "--enable-pending"]
    main = ["--consumer-version-selectors", '{"mainBranch": true}']
    (tmp_path / "old.json").write_text(json.dumps(PACT))
    (tmp_path / "new.json").write_text(json.dumps(pact_with("amount")))
    official("broker", "publish", str(tmp_path / "old.json"), "-a", "c1", "--branch", "main")
    first = official("verifier", *ours, *main, "--provider-version", "p1")
    official("broker", "publish", str(tmp_path / "new.json"), "-a", "c2", "--branch", "feat/amount")

    in_progress = official(
        "verifier", *ours, *main, "--provider-version", "p2", "--include-wip-pacts-since", "2020-01-01"
    )
    official("broker", "publish", str(tmp_path / "new.json"), "-a", "c3", "--branch", "main")
    pending = official("verifier", *ours, *main, "--provider-version", "p3")

    assert first.returncode == 0, first.stdout
    assert in_progress.returncode == 0, in_progress.stdout
    assert "work in progress on branch 'feat/amount'" in in_progress.stdout
    assert pending.returncode == 0, pending.stdout
    assert "pending" in pending.stdout
    matrix = requests.get(f"{broker.url}/matrix?q[][pacticipant]=shop&q[][pacticipant]=acme", timeout=10).json()
    seen = {(r["consumer"]["version"]["number"], r["provider"]["version"]["number"]): r["verificationResult"]["success"]
            for r in matrix["matrix"]}  # fmt: skip
    assert seen == {
        ("c1", "p1"): True, ("c1", "p2"): True,
        ("c2", "p2"): False, ("c2", "p3"): False, ("c3", "p2"): False, ("c3", "p3"): False,
    }  # fmt: skip


def test_the_same_loop_with_our_commands_and_an_emulator(storelab: Callable[..., Said], sandbox: Any) -> None:
    there = {"STORELAB_URL": sandbox.url}
    pact = Path(__file__).parents[2] / "contracts" / "pacts" / "woocommerce-sors.json"

    published = storelab("contracts", "publish", str(pact), "--version", "w1", "--branch", "main")
    before = storelab("contracts", "can-i-deploy", "woocommerce", "--version", "w1", "--to", "production", "--json")
    verified = storelab("contracts", "verify", "sors", "--version", "s1", "--branch", "main", "--publish", **there)
    placed = storelab("contracts", "record-deployment", "sors", "--version", "s1", "--to", "production")
    after = storelab("contracts", "can-i-deploy", "woocommerce", "--version", "w1", "--to", "production")
    released = storelab("contracts", "record-release", "woocommerce", "--version", "w1", "--to", "production", "--json")

    assert published.returncode == 0, published.stderr
    assert before.returncode == 1, before.stderr
    assert json.loads(before.stdout)["deployable"] is None
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert placed.returncode == 0, placed.stderr
    assert after.returncode == 0, after.stdout + after.stderr
    assert "woocommerce w1 may be deployed to production" in after.stdout
    assert json.loads(released.stdout)["recorded"] == "release"
