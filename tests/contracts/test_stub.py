"""A contract as a stub: each interaction's request is answered as it says, and nothing else is answered."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from hypothesis import given, strategies as st

from storelab.contracts import pactfiles, stub
from storelab.emulators.kernel.errors import LabError

FILES = pactfiles.pact_files()
EVERY = [(file.stem, i) for file in FILES for i in pactfiles.read(file)["interactions"] if i["type"] == stub.HTTP]


def request_of(interaction: dict[str, Any]) -> stub.Asked:
    request = interaction["request"]
    query = urlencode([(n, v) for n, values in (request.get("query") or {}).items() for v in values])
    headers = {n.lower(): ", ".join(v) for n, v in (request.get("headers") or {}).items()}
    body = request.get("body") or {}
    sent = json.dumps(body["content"]).encode() if "content" in body else b""
    return stub.Asked(request["method"], request["path"] + (f"?{query}" if query else ""), headers, sent)


def test_every_interaction_of_every_contract_is_answered_as_it_says() -> None:
    for name, interaction in EVERY:
        answer = stub.answered([interaction], request_of(interaction))

        assert answer.interaction == interaction["description"], (name, answer.body)
        assert answer.status == interaction["response"]["status"]
        content = (interaction["response"].get("body") or {}).get("content")
        if content is not None and b"{" in answer.body:
            assert json.loads(answer.body) == content


@given(st.sampled_from(EVERY), st.sampled_from(["method", "path", "query", "header", "body"]))
def test_a_request_that_differs_in_one_thing_is_not_taken_for_it(chosen: tuple[str, Any], where: str) -> None:
    _, interaction = chosen
    asked = request_of(interaction)
    changed = {
        "method": stub.Asked("PATCH", asked.target, asked.headers, asked.body),
        "path": stub.Asked(asked.method, "/other" + asked.target, asked.headers, asked.body),
        "query": stub.Asked(
            asked.method, f"{asked.target}{'&' if '?' in asked.target else '?'}x=1", asked.headers, asked.body
        ),
        "header": stub.Asked(asked.method, asked.target, {}, asked.body),
        "body": stub.Asked(asked.method, asked.target, asked.headers, b'{"another": 1}'),
    }[where]
    if where == "header" and not interaction["request"].get("headers"):
        return
    if where == "body" and "content" not in (interaction["request"].get("body") or {}):
        return

    answer = stub.answered([interaction], changed)

    assert (answer.status, answer.interaction) == (501, "")
    assert ("X-Storelab", "not-emulated") in answer.headers
    assert json.loads(answer.body)["closest"][0]["differs"]


def test_the_plainest_situation_answers_until_another_is_chosen() -> None:
    files = pactfiles.pact_files(provider="keycrm")
    asked = stub.Asked("GET", "/v1/users", {"authorization": "Bearer example-key"})

    plain = stub.answered(stub.chosen(files), asked)
    busy = stub.answered(stub.chosen(files, states=["a used up minute"]), asked)
    named = stub.answered(stub.chosen(files, names=["with a revoked key"]), asked)

    assert (plain.status, busy.status, named.status) == (200, 429, 401)


def test_what_is_not_there_and_what_is_not_understood_is_told() -> None:
    files = pactfiles.pact_files(provider="keycrm")

    with pytest.raises(LabError, match="a used up minute"):
        stub.chosen(files, states=["no such state"])


def with_path_rule(rule: dict[str, Any]) -> dict[str, Any]:
    request = {"method": "GET", "path": "/", "matchingRules": {"path": {"matchers": [rule]}}}
    return {"type": stub.HTTP, "description": "x", "request": request, "response": {"status": 200}}


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"match": "semver"}, "for path, the rule 'semver' is not understood"),
        ({"match": "regex", "regex": "("}, r"for path, '\(' is no pattern"),
    ],
)
def test_a_rule_that_is_not_understood_is_refused_rather_than_guessed(
    rule: dict[str, Any], why: str, tmp_path: Any
) -> None:
    pact = {"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [with_path_rule(rule)]}
    (tmp_path / "p.json").write_text(json.dumps(pact))

    with pytest.raises(LabError, match=why):
        stub.chosen([tmp_path / "p.json"])


@pytest.mark.parametrize(
    ("pattern", "differs"),
    [("(/?a+)+b", "path: / was expected"), (r"(?=/)(/|a|aa)+\1b", "takes too long")],
    ids=["answered in linear time", "given up"],
)
def test_no_pattern_takes_for_ever(pattern: str, differs: str) -> None:
    interaction = with_path_rule({"match": "regex", "regex": pattern})

    answer = stub.answered([interaction], stub.Asked("GET", "/" + "a" * 100, {}))

    assert answer.status == 501
    assert differs in json.loads(answer.body)["closest"][0]["differs"][0]


@pytest.mark.parametrize(
    ("rule", "sent", "held"),
    [
        ({"match": "regex", "regex": r"\d+"}, "12", True),
        ({"match": "regex", "regex": r"\d+"}, "12a", False),
        ({"match": "type"}, "anything", True),
        ({"match": "type"}, 3, False),
        ({"match": "integer"}, 3, True),
        ({"match": "integer"}, 3.5, False),
        ({"match": "include", "value": "mug"}, "a mug", True),
        ({"match": "equality"}, "x", True),
        ({"match": "equality"}, "y", False),
    ],
)
def test_rules_of_a_body_are_kept(rule: dict[str, Any], sent: Any, held: bool) -> None:
    body = {"contentType": "application/json", "content": {"a": "x"}}
    expected = {"method": "POST", "path": "/", "body": body, "matchingRules": {"body": {"$.a": {"matchers": [rule]}}}}

    differs = stub.differences(expected, stub.Asked("POST", "/", {}, json.dumps({"a": sent}).encode()))

    assert (not differs) is held


def test_it_is_served() -> None:
    command = [sys.executable, "-m", "storelab.cli", "stub", "keycrm", "--port", "0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url = json.loads(process.stdout.readline())["url"]
        key = {"Authorization": "Bearer example-key"}
        good = requests.get(f"{url}/v1/users", headers=key, timeout=20)
        strange = requests.get(f"{url}/v1/nothing", headers=key, timeout=20)
    finally:
        process.terminate()
        process.wait(20)

    assert good.status_code == 200
    assert good.headers["Content-Type"].startswith("application/json")
    assert (strange.status_code, strange.headers["X-Storelab"]) == (501, "not-emulated")


@pytest.mark.parametrize("target", ["//[x", "//other.example/stock", "/[x?y=["])
def test_a_path_that_looks_like_an_address_is_a_path(target: str) -> None:
    _, interaction = EVERY[0]

    answer = stub.answered([interaction], stub.Asked("GET", target, {}, b""))

    assert answer.interaction == ""
    assert json.loads(answer.body)
