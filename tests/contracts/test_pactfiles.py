"""Pact files hold what the present tests agreed on, and always in the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from storelab.contracts.pactfiles import kept, known_tests, merged, pact_files, read


def an_interaction(description: str, test: str) -> dict[str, Any]:
    return {"type": "Synchronous/HTTP", "description": description, "comments": {"testname": test}}


def a_pact(*interactions: dict[str, Any]) -> dict[str, Any]:
    return {
        "consumer": {"name": "sync"},
        "provider": {"name": "acme"},
        "interactions": list(interactions),
        "metadata": {"pactSpecification": {"version": "4.0"}, "pactRust": {"ffi": "1.2.3"}},
    }


def test_what_a_test_no_longer_records_is_dropped() -> None:
    old = a_pact(an_interaction("a", "test_acme.py::test_one"), an_interaction("b", "test_acme.py::test_one"))
    new = a_pact(an_interaction("b", "test_acme.py::test_one[case]"))

    together = merged(old, new, known=["test_acme.py::test_one"])

    assert [i["description"] for i in together["interactions"]] == ["b"]


def test_what_belongs_to_a_test_that_did_not_run_now_is_kept() -> None:
    old = a_pact(an_interaction("a", "test_acme.py::test_one"))
    new = a_pact(an_interaction("b", "test_acme.py::test_two"))

    together = merged(old, new, known=["test_acme.py::test_one", "test_acme.py::test_two"])

    assert [i["description"] for i in together["interactions"]] == ["a", "b"]


def test_what_belongs_to_a_test_that_is_gone_is_dropped() -> None:
    old = a_pact(an_interaction("a", "test_acme.py::test_gone"))

    assert merged(old, a_pact(), known=[])["interactions"] == []


def test_versions_of_libraries_are_left_out() -> None:
    assert list(merged({}, a_pact(), known=[])["metadata"]) == ["pactSpecification"]


def test_a_file_that_says_the_same_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "pact.json"
    pact = merged({}, a_pact(), known=[])

    assert kept(pact, path)
    assert not kept(pact, path)


def test_every_committed_interaction_belongs_to_a_test() -> None:
    known = set(known_tests())

    for path in pact_files():
        for interaction in read(path)["interactions"]:
            assert interaction["comments"]["testname"].partition("[")[0] in known


def test_no_two_interactions_of_a_pact_have_the_same_description() -> None:
    for path in pact_files():
        descriptions = [interaction["description"] for interaction in read(path)["interactions"]]
        assert len(set(descriptions)) == len(descriptions)
