"""The broker over HTTP: who may ask, what is refused, and many who write at once."""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path
from typing import Any

import pytest
import requests

from storelab.broker.ledger import Ledger
from storelab.broker.server import Broker
from storelab.contracts import client
from storelab.emulators.kernel.errors import LabError

from .conftest import PACT, Run, Said, pact_with

HTML = {"Accept": "text/html"}


def published(url: str, number: str, pact: dict[str, Any] = PACT, **more: Any) -> requests.Response:
    contract = {
        "consumerName": pact["consumer"]["name"],
        "providerName": pact["provider"]["name"],
        "specification": "pact",
        "contentType": "application/json",
        "content": base64.b64encode(json.dumps(pact).encode()).decode(),
        **more.pop("contract", {}),
    }
    body = {"pacticipantName": "shop", "pacticipantVersionNumber": number, "contracts": [contract], **more}
    return requests.post(f"{url}/contracts/publish", json=body, timeout=20)


def test_a_version_says_one_thing(broker: Broker) -> None:
    assert published(broker.url, "c1").status_code == 200
    assert published(broker.url, "c1").status_code == 200
    refused = published(broker.url, "c1", pact_with("amount"))

    assert refused.status_code == 409
    assert "a number of its own" in refused.json()["errors"][0]


def test_merging_adds_interactions_and_replaces_those_of_the_same_name(broker: Broker) -> None:
    other = {**PACT, "interactions": [{**PACT["interactions"][0], "description": "another"}]}
    published(broker.url, "c1")

    for pact in (other, pact_with("amount")):
        assert published(broker.url, "c1", pact, contract={"onConflict": "merge"}).status_code == 200

    kept = requests.get(f"{broker.url}/pacts/provider/acme/consumer/shop/version/c1", timeout=20).json()
    assert sorted(i["description"] for i in kept["interactions"]) == ["another", "the stock of a mug"]
    assert "amount" in json.dumps(kept["interactions"])


def test_many_writers_in_two_brokers_on_one_file_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "shared.sqlite"
    pact = {**PACT, "interactions": []}
    with Broker(file, port=0) as one, Broker(file, port=0) as other:

        def write(part: int) -> None:
            url = (one, other)[part % 2].url
            more = {**pact, "interactions": [{**PACT["interactions"][0], "description": f"part {part}"}]}
            assert published(url, "c1", more, contract={"onConflict": "merge"}, branch=f"b{part}").status_code == 200

        threads = [threading.Thread(target=write, args=(part,)) for part in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        merged = requests.get(f"{one.url}/pacts/provider/acme/consumer/shop/latest", timeout=20).json()
        told = requests.get(f"{other.url}/pacticipants/shop/versions/c1", timeout=20).json()

    assert sorted(i["description"] for i in merged["interactions"]) == sorted(f"part {n}" for n in range(12))
    assert {b["name"] for b in told["_embedded"]["branchVersions"]} == {f"b{n}" for n in range(12)}


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    with Broker(tmp_path / "b.sqlite", port=0) as first:
        published(first.url, "c1", branch="main")
        environments = requests.get(f"{first.url}/environments", timeout=20).json()["_embedded"]["environments"]
    with Broker(tmp_path / "b.sqlite", port=0) as second:
        told = requests.get(f"{second.url}/pacts/latest", timeout=20).json()
        again = requests.get(f"{second.url}/environments", timeout=20).json()["_embedded"]["environments"]

    assert len(told["pacts"]) == 1
    assert [e["uuid"] for e in again] == [e["uuid"] for e in environments]


def test_names_may_hold_slashes_spaces_and_signs(broker: Broker, official: Run) -> None:
    name, branch = "shop / één %2F", "feat/ü & more"
    made = official(
        "broker", "create-or-update-version", "--pacticipant", name, "--version", "1/2", "--branch", branch, "-t", "a/b"
    )
    seen = official("broker", "describe-version", "--pacticipant", name, "--version", "1/2", "-o", "json")
    gone = official("broker", "delete-version-tag", "--pacticipant", name, "--version", "1/2", "--tag", "a/b")

    assert made.returncode == 0, made.stdout
    told = json.loads(seen.stdout)
    assert told["number"] == "1/2"
    assert [b["name"] for b in told["_embedded"]["branchVersions"]] == [branch]
    assert "Successfully deleted" in gone.stdout


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"pacticipantName": 7}', "pacticipantName must be a text"),
        (b'{"pacticipantName": "\\ud800"}', "half a character"),
        (b'{"pacticipantName": "shop"}', "pacticipantVersionNumber is missing"),
        (b'{"pacticipantName": "shop", "pacticipantVersionNumber": "1", "contracts": [1]}', "list of objects"),
        (b'{"pacticipantName": "shop", "pacticipantVersionNumber": "1", "contracts": [{}]}', "JSON in base64"),
        (b'{"pacticipantName": "shop", "pacticipantVersionNumber": "1", "branch": ["x"]}', "branch must be a text"),
    ],
)
def test_what_cannot_be_understood_is_refused_and_leaves_no_trace(broker: Broker, body: bytes, said: str) -> None:
    refused = requests.post(f"{broker.url}/contracts/publish", data=body, timeout=20)

    assert refused.status_code == 400
    assert said in refused.json()["errors"][0]
    assert requests.get(f"{broker.url}/pacticipants", timeout=20).json()["pacticipants"] == []


@pytest.mark.parametrize("content", [{}, {"consumer": {"name": "shop"}}, {**PACT, "interactions": 7}, [], 3])
def test_what_is_no_pact_is_refused(broker: Broker, content: Any) -> None:
    encoded = base64.b64encode(json.dumps(content).encode()).decode()

    assert published(broker.url, "c1", contract={"content": encoded}).status_code == 400


def test_pages_of_other_sites_and_other_names_of_this_machine_may_not_ask(broker: Broker) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}):
        assert requests.get(f"{broker.url}/", headers=headers, timeout=20).status_code == 403
    assert requests.get(f"{broker.url}/", headers={"Origin": broker.url}, timeout=20).status_code == 200


def test_beyond_loopback_a_token_is_wanted(tmp_path: Path) -> None:
    with Broker(tmp_path / "b.sqlite", host="0.0.0.0", port=0) as open_:
        without = requests.get(f"{open_.url}/", timeout=20)
        wrong = requests.get(f"{open_.url}/", headers={"Authorization": "Bearer nö".encode()}, timeout=20)
        bearer = requests.get(f"{open_.url}/", headers={"Authorization": f"Bearer {open_.token}"}, timeout=20)
        basic = requests.get(f"{open_.url}/", auth=("anybody", open_.token), timeout=20)

    assert [r.status_code for r in (without, wrong, bearer, basic)] == [401, 401, 200, 200]
    assert len(open_.token) > 20


def test_the_page_shows_who_keeps_what_and_runs_nothing(broker: Broker) -> None:
    nasty = json.loads(json.dumps(PACT).replace('"shop"', '"<script>x</script>"'))
    body = {"pacticipantName": "<script>x</script>"}
    published(broker.url, "c1", branch="main")
    refused = published(broker.url, "c2", nasty, **body)

    page = requests.get(f"{broker.url}/", headers=HTML, timeout=20)

    assert refused.status_code == 200
    assert "nobody yet" in page.text
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_file_that_is_no_ledger_is_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("mine, and not a database at all" * 40)

    with pytest.raises(LabError, match="cannot keep contracts in"):
        Ledger(file)
    assert file.read_text().startswith("mine")


def test_our_commands_say_what_is_missing(storelab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_SHA", "CI_COMMIT_SHA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))  # no revision of a repository around it
    ask = ("contracts", "can-i-deploy", "shop", "--to", "production")
    cases: list[tuple[Said, str]] = [
        (storelab(*ask), "name it with --version"),
        (storelab(*ask, "--version", "1"), "no application 'shop'"),
        (storelab(*ask, "--version", "1", PACT_BROKER_BASE_URL=""), "which broker?"),
        (storelab(*ask, "--version", "1", "--broker", "http://me:secret@127.0.0.1:1"), "leave credentials out"),
        (storelab("contracts", "publish", "none.json", "--version", "1"), "there is no pact file none.json"),
    ]

    for said, expected in cases:
        assert said.returncode == 2
        assert expected in said.stderr
        assert "secret" not in said.stderr


def test_a_token_is_in_no_list_of_processes_and_in_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spy = tmp_path / "pact"
    spy.write_text('#!/bin/sh\necho "$@" "$PACT_BROKER_TOKEN" "$PACT_DO_NOT_TRACK"\nexit 1\n')
    spy.chmod(0o755)
    monkeypatch.setattr(client, "program", lambda: str(spy))

    ran = client.ran(client.Account("http://127.0.0.1:1", token="hunter2"), "publish", "x.json")

    assert ran.output.strip() == "broker publish x.json *** true"
    assert "hunter2" not in repr(client.Account("http://127.0.0.1:1", token="hunter2"))
